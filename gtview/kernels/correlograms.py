"""Exact correlograms of sorted spike trains: every pair of spikes within the window is counted.

Bins are centred on the lags ``k * bin``, k from -h to h, and mirror each other: a lag of exactly
half a bin counts in the bin that is further from 0. So bin 0 holds |lag| < bin / 2, bin k > 0
holds [k * bin - bin / 2, k * bin + bin / 2), and bin -k the same lags with the other sign.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.types import Int64Array
from ._jit import kernel
from .inputs import as_input


@kernel
def _correlate_with_itself(samples: Any, bin_samples: int, n_half: int) -> Any:
    counts = np.zeros(2 * n_half + 1, np.int64)
    half = bin_samples // 2
    limit = (n_half + 1) * bin_samples - half
    # (lag + half) // bin without a division: the 0.5 keeps the product off whole numbers, so
    # that rounding cannot change its integer part (exact below 2**51 samples).
    per_bin = 1.0 / bin_samples
    for i in range(len(samples)):
        for j in range(i + 1, len(samples)):
            lag = samples[j] - samples[i]
            if lag >= limit:
                break
            counts[n_half + int((lag + half + 0.5) * per_bin)] += 1
    for k in range(1, n_half + 1):
        counts[n_half - k] = counts[n_half + k]
    # Both orders of a pair lie in the centre bin.
    counts[n_half] *= 2
    return counts


@kernel
def _correlate(first: Any, second: Any, bin_samples: int, n_half: int) -> Any:
    counts = np.zeros(2 * n_half + 1, np.int64)
    half = bin_samples // 2
    limit = (n_half + 1) * bin_samples - half
    per_bin = 1.0 / bin_samples
    start = 0
    for i in range(len(first)):
        while start < len(second) and second[start] - first[i] <= -limit:
            start += 1
        for j in range(start, len(second)):
            lag = second[j] - first[i]
            if lag >= limit:
                break
            step = int((abs(lag) + half + 0.5) * per_bin)
            counts[n_half + (step if lag >= 0 else -step)] += 1
    return counts


def autocorrelogram(samples: Int64Array, bin_samples: int, n_half: int) -> Int64Array:
    """Count the ordered pairs of different spikes of one train by their lag.

    Parameters
    ----------
    samples : int64 array, (n,), samples
        Not decreasing.
    bin_samples
        Width of a bin, at least 1.
    n_half
        Bins on each side of the centre one, at least 0.

    Returns
    -------
    int64 array, (2 * n_half + 1,)
        Symmetric; a spike is not paired with itself, two spikes at one sample count twice.

    Raises
    ------
    ValueError
        A bin of less than a sample, or a negative number of bins.
    """
    _check_bins(bin_samples, n_half)
    counts: Int64Array = _correlate_with_itself(as_input(samples, np.int64), bin_samples, n_half)
    return counts


def crosscorrelogram(
    first: Int64Array, second: Int64Array, bin_samples: int, n_half: int
) -> Int64Array:
    """Count the pairs of a spike of one train and a spike of another by lag, second minus first.

    Parameters
    ----------
    first, second : int64 arrays, (n,) and (m,), samples
        Not decreasing.
    bin_samples, n_half
        As in `autocorrelogram`.

    Returns
    -------
    int64 array, (2 * n_half + 1,)
        The reverse of what the swapped trains give.

    Raises
    ------
    ValueError
        A bin of less than a sample, or a negative number of bins.
    """
    _check_bins(bin_samples, n_half)
    counts: Int64Array = _correlate(
        as_input(first, np.int64), as_input(second, np.int64), bin_samples, n_half
    )
    return counts


def count_refractory_violations(samples: Int64Array, refractory_samples: float) -> int:
    """Count the intervals between consecutive spikes that are shorter than a refractory period.

    Parameters
    ----------
    samples : int64 array, (n,), samples
        Not decreasing.
    refractory_samples
        Length of the period; an interval of just this length is allowed.
    """
    return int(np.count_nonzero(np.diff(samples) < refractory_samples))


def _check_bins(bin_samples: int, n_half: int) -> None:
    if bin_samples < 1 or n_half < 0:
        raise ValueError(f"{2 * n_half + 1} bins of {bin_samples} samples")
