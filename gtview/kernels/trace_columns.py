"""Draws traces of many samples into an image, one span a channel and pixel column; no Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.types import Float32Array
from ._jit import kernel
from .inputs import as_input
from .lines import UInt8Array
from .trace_extremes import Columns, column_extremes


def draw_columns(
    image: UInt8Array,
    low: Float32Array,
    high: Float32Array,
    zero_y: ArrayLike,
    px_per_unit: float,
    rgba: tuple[int, int, int, int],
    width: float = 1.0,
) -> None:
    """Draw the spans of `column_extremes`, anti-aliased.

    Parameters
    ----------
    image : uint8 array, (height, n_columns, 4), premultiplied red, green, blue, alpha
        Changed in place.
    low, high : float32 arrays, (n_traces, n_columns)
        NaN: nothing is drawn.
    zero_y : float array, (n_traces,), pixels
        Where the value 0 of each trace is, downwards.
    px_per_unit
        Pixels upwards for a value of 1.
    rgba
        Colour and opacity, 0 to 255 each.
    width
        Thickness of the line in pixels.
    """
    _draw_columns(
        image,
        as_input(low, np.float32),
        as_input(high, np.float32),
        as_input(zero_y, np.float32),
        np.float32(px_per_unit),
        as_input(rgba, np.float32),
        np.float32(width),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Pieces of traces, each with its own colour.

    Attributes
    ----------
    starts, stops : int64 arrays, (n,)
        First sample, and the one after the last; parts that do not exist are left out.
    traces : int32 array, (n,)
        Column of the values.
    rgba : uint8 array, (n, 4)
        Colour and opacity.
    """

    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    traces: NDArray[np.int32]
    rgba: NDArray[np.uint8]


def draw_segments(
    image: UInt8Array,
    values: Float32Array,
    columns: Columns,
    segments: Segments,
    zero_y: ArrayLike,
    px_per_unit: float,
    width: float = 1.0,
    dash: int = 0,
) -> None:
    """Draw pieces of traces over an image, the later ones on top.

    Parameters
    ----------
    image, zero_y, px_per_unit, width
        As for `draw_columns`.
    values : float32 array, (n_samples, n_traces)
    columns
        Place of the samples in the image.
    segments
        What is drawn.
    dash
        Pixels of a dash, and of the gap after it; 0: solid.
    """
    _draw_segments(
        image,
        as_input(values, np.float32),
        float(columns.first),
        float(columns.per_column),
        as_input(segments.starts, np.int64),
        as_input(segments.stops, np.int64),
        as_input(segments.traces, np.int32),
        as_input(segments.rgba, np.float32),
        as_input(zero_y, np.float32),
        np.float32(px_per_unit),
        np.float32(width),
        dash,
    )


def draw_heat(
    image: UInt8Array,
    low: Float32Array,
    high: Float32Array,
    tops: ArrayLike,
    limit: float,
    table: UInt8Array,
) -> None:
    """Fill a band for each trace with the colour of the larger of its extremes.

    Parameters
    ----------
    image : uint8 array, (height, n_columns, 4)
        Changed in place.
    low, high : float32 arrays, (n_traces, n_columns)
        See `column_extremes`; nothing is drawn where they are NaN.
    tops : float array, (n_traces, 2), pixels
        Upper and lower edge of each band.
    limit
        Value of the last colour; minus it has the first.
    table : uint8 array, (n_colours, 4)
    """
    _draw_heat(
        image,
        as_input(low, np.float32),
        as_input(high, np.float32),
        as_input(np.round(np.asarray(tops, np.float64)), np.int64),
        np.float32(limit),
        as_input(table, np.uint8),
    )


def warm_up() -> None:
    """Compile all of this, or load it from the cache."""
    image, values = np.zeros((2, 2, 4), np.uint8), np.zeros((2, 1), np.float32)
    columns = Columns(0.0, 1.0, 2)
    low, high = column_extremes(values, columns)
    draw_columns(image, low, high, [1.0], 1.0, (0, 0, 0, 255))
    one = np.zeros(1, np.int64)
    segments = Segments(one, one + 2, one.astype(np.int32), np.zeros((1, 4), np.uint8))
    draw_segments(image, values, columns, segments, [1.0], 1.0)
    draw_heat(image, low, high, [[0, 1]], 1.0, np.zeros((2, 4), np.uint8))


@kernel
def _paint_span(image: Any, column: int, top: Any, bottom: Any, colour: Any, width: Any) -> None:
    """Lay a colour over the pixels from `top` to `bottom`, as thick as a line of that slope."""
    height = image.shape[0]
    span = bottom - top
    reach = min(width * math.sqrt(1 + span * span), span + width)
    middle = (top + bottom) / 2
    upper = max(middle - reach / 2, 0.0)
    lower = min(middle + reach / 2, height * 1.0)
    # Also false for NaN.
    if not upper < lower:
        return
    alpha = colour[3] / 255
    for row in range(int(upper), min(math.ceil(lower), height)):
        opacity = alpha * (min(lower, row + 1.0) - max(upper, row * 1.0))
        rest = 1 - opacity
        for k in range(3):
            image[row, column, k] = np.uint8(
                image[row, column, k] * rest + colour[k] * opacity + 0.5
            )
        image[row, column, 3] = np.uint8(image[row, column, 3] * rest + 255 * opacity + 0.5)


@kernel
def _draw_columns(
    image: Any, low: Any, high: Any, zero_y: Any, per_unit: Any, colour: Any, width: Any
) -> None:
    n_traces, n_columns = low.shape
    for c in range(n_traces):
        for k in range(n_columns):
            top = zero_y[c] - high[c, k] * per_unit
            bottom = zero_y[c] - low[c, k] * per_unit
            _paint_span(image, k, top, bottom, colour, width)


@kernel
def _draw_segments(  # noqa: PLR0913 - kernels take arrays, not objects
    image: Any, values: Any, first: float, per_column: float, starts: Any, stops: Any,
    traces: Any, rgba: Any, zero_y: Any, per_unit: Any, width: Any, dash: int,
) -> None:  # fmt: skip
    n_samples = values.shape[0]
    n_columns = image.shape[1]
    for s in range(len(starts)):
        begin = max(starts[s], 0) * 1.0
        end = min(stops[s], n_samples) - 1.0
        if not begin < end:
            continue
        c = traces[s]
        k0 = max(math.floor((begin - first) / per_column), 0)
        k1 = min(math.floor((end - first) / per_column), n_columns - 1)
        for k in range(k0, k1 + 1):
            if dash > 0 and k % (2 * dash) >= dash:
                continue
            a = max(first + k * per_column, begin)
            b = min(first + (k + 1) * per_column, end)
            if not a <= b:
                continue
            i = int(a)
            j = min(i + 1, n_samples - 1)
            lo = values[i, c] + np.float32(a - i) * (values[j, c] - values[i, c])
            hi = lo
            for t in range(math.ceil(a), int(b) + 1):
                lo = min(lo, values[t, c])
                hi = max(hi, values[t, c])
            i = int(b)
            j = min(i + 1, n_samples - 1)
            last = values[i, c] + np.float32(b - i) * (values[j, c] - values[i, c])
            lo, hi = min(lo, last), max(hi, last)
            top, bottom = zero_y[c] - hi * per_unit, zero_y[c] - lo * per_unit
            _paint_span(image, k, top, bottom, rgba[s], width)


@kernel
def _draw_heat(image: Any, low: Any, high: Any, tops: Any, limit: Any, table: Any) -> None:
    height, n_columns = image.shape[0], image.shape[1]
    n_colours = len(table)
    for c in range(len(low)):
        upper, lower = max(tops[c, 0], 0), min(tops[c, 1], height)
        for k in range(n_columns if upper < lower else 0):
            value = high[c, k] if high[c, k] > -low[c, k] else low[c, k]
            share = 0.5 + 0.5 * value / limit
            if not (share >= 0 or share < 0):
                continue
            level = min(max(int(share * n_colours), 0), n_colours - 1)
            for row in range(upper, lower):
                for p in range(4):
                    image[row, k, p] = table[level, p]
