"""Sums of waveforms at many places, filtered as traces are, and their size in raw waveforms."""

from __future__ import annotations

import numpy as np

from ..base.types import Float32Array, Float64Array, Int64Array
from ..kernels.filters import high_pass, high_pass_margin
from .trace_blocks import EDGE_TIME_CONSTANTS


def filter_alone(waveform: Float32Array, cutoff_hz: float, sample_rate_hz: float) -> Float32Array:
    """Filter a waveform that is 0 outside of its window; (n_samples, n_channels)."""
    margin = high_pass_margin(cutoff_hz, sample_rate_hz)
    padded = np.pad(waveform, ((margin, margin), (0, 0)))
    filtered = high_pass(padded[None], cutoff_hz, sample_rate_hz)[0]
    return np.ascontiguousarray(filtered[margin : margin + len(waveform)])


def filter_margin(cutoff_hz: float | None, sample_rate_hz: float) -> int:
    """Return the samples that a sum needs on each side before it is filtered; 0 without."""
    if cutoff_hz is None:
        return 0
    return high_pass_margin(cutoff_hz, sample_rate_hz, EDGE_TIME_CONSTANTS)


def filter_sum(
    total: Float32Array, margin: int, cutoff_hz: float | None, sample_rate_hz: float
) -> Float32Array:
    """Filter a sum (n_samples + 2 * margin, n_channels) as traces are, and cut its margins."""
    if cutoff_hz is None:
        return total
    filtered = high_pass(total[None], cutoff_hz, sample_rate_hz, 0)[0]
    return np.ascontiguousarray(filtered[margin : len(total) - margin])


def add_waveform(
    total: Float32Array, waveform: Float32Array, places: Int64Array, factors: Float64Array
) -> None:
    """Add a waveform times a factor at each of some places, as far as it lies inside."""
    n = len(waveform)
    for place, factor in zip(places.tolist(), factors.tolist(), strict=True):
        first, last = max(place, 0), min(place + n, len(total))
        if first < last:
            total[first:last] += np.float32(factor) * waveform[first - place : last - place]


def fit_median(values: Float32Array, template: Float32Array, factors: Float64Array) -> float:
    """Return the median over waveforms of the factor that brings the template closest to each."""
    energy = float(np.square(template, dtype=np.float64).sum())
    if not len(values) or energy <= 0:
        return 1.0
    products = np.tensordot(values.astype(np.float64), template.astype(np.float64), 2)
    is_usable = np.abs(factors) > 0
    if not is_usable.any():
        return 1.0
    scale = float(np.median(products[is_usable] / (factors[is_usable] * energy)))
    # Upside down or without size it would be no prediction at all.
    return scale if np.isfinite(scale) and scale > 0 else 1.0
