"""Ticks of the lag axis of a correlogram, and its line of expectation; knows pixels, no Qt."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..analysis.correlogram_bins import LagBins, LogLagBins
from ..base.types import Float64Array
from ..qt.ticks import MINUS, next_step, tick_step, tick_texts, ticks_between
from .correlogram_layout import Box

GAP = 8.0
# More lines than this along one correlogram would only be slower.
MOST_STEPS = 200

Ticks = tuple[list[float], list[str]]
Line = tuple[float, float, float, float]


def widest_lag(bins: LagBins) -> str:
    """Return the longest text below an axis."""
    return f"{MINUS}{bins.reach_ms:g}"


def lag_ticks(bins: LagBins, width: float, measure: Callable[[str], float]) -> Ticks:
    """Return lags in ms that are written below an axis, and their texts; none without room.

    Parameters
    ----------
    bins
        Which lags there are.
    width
        Pixels of the axis.
    measure
        Returns the width of a text.
    """
    if isinstance(bins, LogLagBins):
        return _log_ticks(bins, width, measure)
    reach = bins.reach_ms
    step = tick_step(2 * reach, 8)
    while step <= reach:
        values = ticks_between(-reach, reach, step)
        texts = tick_texts(values, step)
        if max(measure(t) for t in texts) + GAP <= step / (2 * reach) * width:
            return values.tolist(), texts
        step = next_step(step)
    return [], []


def _log_ticks(bins: LogLagBins, width: float, measure: Callable[[str], float]) -> Ticks:
    low, high = bins.edges_ms[[0, -1]]
    last = math.floor(math.log10(high) + 1e-9)
    powers = np.arange(last, math.ceil(math.log10(low) - 1e-9) - 1, -1)
    for stride in range(1, len(powers) + 1):
        side = 10.0 ** powers[::stride][::-1]
        values = np.concatenate([-side[::-1], [0.0], side])
        texts = [f"{v:,g}".replace("-", MINUS) for v in values]
        places = bins.positions(values) * width / bins.n_bins
        widths = np.array([measure(t) for t in texts])
        # Texts at the ends are moved into the width.
        room = np.maximum((width - widths) / 2, 0.0)
        places = np.clip(places, -room, room)
        if (np.diff(places) >= (widths[1:] + widths[:-1]) / 2 + GAP).all():
            return values.tolist(), texts
    return [], []


def expected_lines(shares: Float64Array, box: Box) -> list[Line]:
    """Return the lines of what is expected in each bin, as shares of the height of a box.

    What is higher than the box, or not known, has none.
    """
    bottom, right = box.top + box.height, box.left + box.width
    if len(shares) and (shares == shares[0]).all():
        shares = shares[:1]
    if len(shares) > MOST_STEPS:
        return []
    edges = np.linspace(box.left, right, len(shares) + 1)
    lines = []
    for share, left, end in zip(shares.tolist(), edges, edges[1:], strict=False):
        if share <= 1:
            y = round(bottom - share * box.height) + 0.5
            lines.append((float(left), y, float(end), y))
    return lines
