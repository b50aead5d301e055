"""What the correlogram view says of what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..analysis.correlograms import CorrelogramBins, LogLagBins
from ..qt.ticks import MINUS
from .correlogram_values import UNITS, counts_of, expected_of, exposure_of
from .wording import percent_text, seconds_text

if TYPE_CHECKING:
    from ..analysis.correlograms import Correlograms

ARROW = "\N{RIGHTWARDS ARROW}"
DOT = " \N{MIDDLE DOT} "


def name_of(result: Correlograms, row: int, column: int) -> str:
    """Return what a correlogram is of."""
    ids = result.cluster_ids
    if row == len(ids):
        return " + ".join(str(i) for i in ids) if len(ids) <= 3 else f"{len(ids)} clusters as one"
    return f"{ids[row]}" if row == column else f"{ids[row]} {ARROW} {ids[column]}"


def summary(
    result: Correlograms, time_window_s: tuple[float, float] | None, unit: str = UNITS[0]
) -> str:
    """Say what is shown: bins, window, spikes, and what is left out."""
    bins = result.bins
    n_spikes = int(result.n_spikes.sum())
    spikes = f"all {n_spikes:,} spikes"
    if time_window_s is not None:
        spikes = f"{n_spikes:,} spikes, {seconds_text(time_window_s)}"
    if isinstance(bins, CorrelogramBins):
        width = f"{bins.bin_ms:.3g} ms bins"
    else:
        width = f"{bins.n_half} logarithmic bins a side"
    parts = [width, f"{2 * bins.reach_ms:.4g} ms window", spikes]
    if unit != UNITS[0]:
        parts.insert(0, {"rate": "rate in Hz", "ratio": "ratio to constant rates"}[unit])
    if result.n_left_out:
        n = len(result.cluster_ids)
        parts.insert(0, f"first {n} of {n + result.n_left_out} clusters")
    if result.merged is not None:
        one = violation_text(result, len(result.cluster_ids))
        parts.append(f"as one: {one}" if one else "as one")
    return DOT.join(parts)


def bin_text(result: Correlograms, row: int, column: int, index: int) -> str:
    """Say what is in one bin."""
    count = int(counts_of(result, row, column)[index])
    name = name_of(result, row, column)
    lag = _lag_text(result, index)
    text = f"{name}{DOT}lag {lag}{DOT}{count:,} {'pair' if count == 1 else 'pairs'}"
    exposure_s = float(exposure_of(result, row)[index])
    if exposure_s > 0:
        text += f"{DOT}{count / exposure_s:.3g} Hz"
        expected = float(expected_of(result, row, column)[index])
        if np.isfinite(expected):
            text += f" (expected {expected / exposure_s:.3g} Hz)"
    return text


def _lag_text(result: Correlograms, index: int) -> str:
    bins = result.bins
    if not isinstance(bins, LogLagBins):
        return f"{bins.centres_ms[index] + 0.0:g} ms".replace("-", MINUS)
    edges, step = bins.edges_ms, index - bins.n_half
    if step == 0:
        return f"within {edges[0]:.3g} ms"
    sign = MINUS if step < 0 else ""
    low, high = edges[abs(step) - 1], edges[abs(step)]
    return f"{sign}{low:.4g} to {sign}{high:.4g} ms"


def violation_text(result: Correlograms, index: int) -> str:
    """Return the share of a cluster's intervals within the refractory period.

    At the index behind the last cluster, that of the selection as one.
    """
    n_spikes, n_violations = result.n_spikes, result.n_violations
    if result.merged is not None and index == len(n_spikes):
        merged = result.merged
        return share_text(merged.n_violations, merged.n_spikes - 1, result.refractory_ms)
    return share_text(int(n_violations[index]), int(n_spikes[index]) - 1, result.refractory_ms)


def share_text(n_violations: int, n_intervals: int, refractory_ms: float) -> str:
    """Return "0.7 % < 2 ms"; "" without intervals."""
    if n_intervals < 1:
        return ""
    return f"{percent_text(n_violations / n_intervals)} < {refractory_ms:g} ms"
