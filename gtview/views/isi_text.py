"""What the view of intervals draws and says of what was counted."""

from __future__ import annotations

import numpy as np

from ..analysis.intervals import IntervalBins, IntervalCounts, Intervals
from ..base.types import Float64Array
from .wording import count_text, percent_text, seconds_text

DOT = " \N{MIDDLE DOT} "


def positions(bins: IntervalBins) -> Float64Array:
    """Return the edges of bins on the axis: ms, or the logarithm of ms to the base of ten."""
    return np.log10(bins.edges_ms) if bins.is_log else bins.edges_ms


def heights(one: IntervalCounts, bins: IntervalBins) -> Float64Array:
    """Return the heights of bars: counts, on a logarithmic axis those of bins of one width."""
    if not bins.is_log:
        return one.counts.astype(np.float64)
    widths = np.diff(positions(bins))
    # Short intervals are few samples apart: their bins are of different widths.
    scaled: Float64Array = one.counts * (np.median(widths) / widths)
    return scaled


def notes(one: IntervalCounts, refractory_ms: float) -> tuple[str, ...]:
    """Return what is written of a cluster, the longest text first."""
    if not one.n_intervals:
        return ("no intervals",)
    share = percent_text(one.violation_share)
    violations = f"{one.n_violations:,} of {one.n_intervals:,} < {refractory_ms:g} ms, {share}"
    return (
        f"{violations}{DOT}max {one.counts.max(initial=0):,}",
        violations,
        f"< {refractory_ms:g} ms: {share}",
        share,
    )


def summary(found: Intervals, time_window_s: tuple[float, float] | None) -> str:
    """Say which intervals are shown, of how many, and what lies outside."""
    bins = found.bins
    n = sum(one.n_intervals for one in found.clusters)
    all_of_them = "all " if time_window_s is None else ""
    parts = [
        f"{bins.n_bins} logarithmic bins"
        if bins.is_log
        else f"{bins.edges_ms[1] - bins.edges_ms[0]:.3g} ms bins",
        f"{all_of_them}{count_text(n, 'interval')}",
    ]
    if time_window_s is not None:
        parts[-1] += f", {seconds_text(time_window_s)}"
    n_longer = sum(one.n_longer for one in found.clusters)
    n_shorter = sum(one.n_shorter for one in found.clusters)
    if n_longer:
        parts.append(f"{n_longer:,} longer than {bins.edges_ms[-1]:,.6g} ms")
    if n_shorter:
        parts.append(f"{n_shorter:,} shorter than {bins.edges_ms[0]:.3g} ms")
    if found.n_left_out:
        n_shown = len(found.clusters)
        parts.insert(0, f"first {n_shown} of {n_shown + found.n_left_out} clusters")
    return DOT.join(parts)
