"""Pairs of spikes of two clusters at short lags: those of one neuron keep a refractory period."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..base.types import Int64Array
from ..kernels.correlograms import crosscorrelogram

# Nearer than this, two spikes are one that was found twice: no word on a refractory period.
CENSORED_MS = 0.3
REFRACTORY_MS = 2.0
SHOULDER_MS = (10.0, 50.0)
# Coincidences that a single neuron may have, as a share of those of independent ones.
CONTAMINATION = 0.1

_BIN_MS = 0.1


def compute_dip(n_coincident: int, expected: float) -> float:
    """Return the chance that so few coincidences are those of one neuron, at even odds before.

    Pairs of independent neurons are counted with the mean `expected`, those of one neuron with a
    tenth of it (spikes of others among them), both as a Poisson process. Then the ratio of the
    two likelihoods is ``0.1^n exp(0.9 expected)``. Where few pairs are expected, as of clusters
    that fire at other times, it is near 1 and the chance near 0.5: nothing is known.

    Parameters
    ----------
    n_coincident
        Pairs that were counted.
    expected
        Pairs of independent neurons.

    Returns
    -------
    float
        From 0 to 1; NaN when the expected number is not known.
    """
    if not math.isfinite(expected):
        return math.nan
    log_ratio = n_coincident * math.log(CONTAMINATION) + (1 - CONTAMINATION) * expected
    return 1 / (1 + math.exp(-min(max(log_ratio, -700.0), 700.0)))


@dataclass(frozen=True, slots=True)
class Coincidences:
    """Pairs of spikes of two clusters at short lags; see `MergeLikelihood`."""

    n_coincident: int
    expected: float
    n_twice: int


def count_coincidences(
    first: Int64Array, second: Int64Array, sample_rate_hz: float
) -> Coincidences:
    """Count the pairs of spikes within 0.3 ms, and from there to 2 ms, of two trains.

    Expected are as many as in the same time at lags of 10 to 50 ms: rates that rise and fall, and
    clusters that fire at other times, are in both.

    Parameters
    ----------
    first, second : int64 arrays, (n,) and (m,), samples
        Not decreasing.
    sample_rate_hz
        Samples a second.
    """
    bin_samples = max(1, round(_BIN_MS * sample_rate_hz / 1000))
    bin_ms = 1000 * bin_samples / sample_rate_hz
    n_half = max(1, round(SHOULDER_MS[1] / bin_ms))
    counts = crosscorrelogram(first, second, bin_samples, n_half)
    # In a tenth of a bin: 3 bins of 0.1 ms are a little more than 0.3 ms in floating point.
    lags = 10 * np.abs(np.arange(-n_half, n_half + 1))
    is_twice = lags <= round(10 * CENSORED_MS / bin_ms)
    is_close = ~is_twice & (lags < round(10 * REFRACTORY_MS / bin_ms))
    is_shoulder = lags >= round(10 * SHOULDER_MS[0] / bin_ms)
    per_bin = float(counts[is_shoulder].mean())
    expected = per_bin * int(is_close.sum())
    return Coincidences(int(counts[is_close].sum()), expected, int(counts[is_twice].sum()))
