"""Correlograms of all pairs of some clusters, from all of their spikes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..base.types import Float64Array, Int32Array, Int64Array
from ..kernels.correlograms import (
    autocorrelogram,
    count_refractory_violations,
    crosscorrelogram,
)

# More pairs than that could not be read, and would take seconds.
MAX_CLUSTERS = 20
MAX_HALF_BINS = 1000


@dataclass(frozen=True, slots=True)
class CorrelogramBins:
    """Bins of a correlogram: 2 n_half + 1 of them, centred on the multiples of their width.

    A lag of exactly half a width counts in the bin further from 0, so that the two sides mirror
    each other (and the centre bin of an even width holds one lag less than the others).
    """

    bin_samples: int
    n_half: int
    sample_rate_hz: float

    @classmethod
    def nearest(cls, bin_ms: float, window_ms: float, sample_rate_hz: float) -> CorrelogramBins:
        """Return the bins that come closest to what was asked.

        Parameters
        ----------
        bin_ms
            Width of a bin; at least one sample is used.
        window_ms
            Width of the whole correlogram, both sides together; at least three bins are used,
            and no more than 2,001.
        sample_rate_hz
            Samples a second.
        """
        per_ms = sample_rate_hz / 1000
        bin_samples = max(1, round(bin_ms * per_ms)) if math.isfinite(bin_ms) else 1
        half = window_ms * per_ms / 2 / bin_samples
        n_half = round(half) if math.isfinite(half) else MAX_HALF_BINS
        return cls(bin_samples, min(max(1, n_half), MAX_HALF_BINS), sample_rate_hz)

    @property
    def n_bins(self) -> int:
        """Number of bins; odd."""
        return 2 * self.n_half + 1

    @property
    def bin_ms(self) -> float:
        """Width of a bin."""
        return 1000 * self.bin_samples / self.sample_rate_hz

    @property
    def centres_ms(self) -> Float64Array:
        """Middle of each bin, float64, (n_bins,)."""
        return np.arange(-self.n_half, self.n_half + 1, dtype=np.float64) * self.bin_ms


@dataclass(frozen=True, slots=True, eq=False)
class CorrelogramQuery:
    """What is asked.

    Attributes
    ----------
    cluster_ids
        At most `MAX_CLUSTERS`; what comes after is left out.
    spike_ids : tuple of int32 arrays, (n_spikes,)
        Spikes of each cluster by increasing time.
    spike_samples : int64 array, (n_all_spikes,), samples
        Sample of every spike of the dataset.
    bins
        Width and number of bins.
    duration_s
        Length of the recording.
    refractory_ms
        Intervals shorter than this count as violations.
    """

    cluster_ids: tuple[int, ...]
    spike_ids: tuple[Int32Array, ...]
    spike_samples: Int64Array
    bins: CorrelogramBins
    duration_s: float
    refractory_ms: float = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Correlograms:
    """Correlograms of n clusters.

    Attributes
    ----------
    cluster_ids
        Those that were computed.
    bins
        Width and number of bins.
    counts : int64 array, (n, n, n_bins)
        Pairs of a spike of cluster i and one of cluster j by lag, j minus i: `counts[j, i]` is
        `counts[i, j]` reversed. A spike is not paired with itself.
    expected : float64 array, (n, n)
        Pairs expected in one bin if the clusters fired at constant rates, independently.
    n_spikes : int64 array, (n,)
    n_violations : int64 array, (n,)
        Intervals between consecutive spikes shorter than the refractory period.
    refractory_ms
        That period.
    n_left_out
        Clusters beyond the largest number.
    """

    cluster_ids: tuple[int, ...]
    bins: CorrelogramBins
    counts: Int64Array
    expected: Float64Array
    n_spikes: Int64Array
    n_violations: Int64Array
    refractory_ms: float
    n_left_out: int = 0


def compute_correlograms(query: CorrelogramQuery) -> Correlograms:
    """Count every pair of spikes within the window, for every pair of clusters."""
    bins = query.bins
    trains = [query.spike_samples[ids] for ids in query.spike_ids[:MAX_CLUSTERS]]
    n_spikes = np.array([len(train) for train in trains], np.int64)
    refractory_samples = query.refractory_ms * bins.sample_rate_hz / 1000
    return Correlograms(
        cluster_ids=query.cluster_ids[:MAX_CLUSTERS],
        bins=bins,
        counts=_count_all_pairs(trains, bins),
        expected=expected_counts(n_spikes, bins.bin_ms / 1000, query.duration_s),
        n_spikes=n_spikes,
        n_violations=np.array(
            [count_refractory_violations(t, refractory_samples) for t in trains], np.int64
        ),
        refractory_ms=query.refractory_ms,
        n_left_out=max(0, len(query.cluster_ids) - MAX_CLUSTERS),
    )


def expected_counts(n_spikes: Int64Array, bin_s: float, duration_s: float) -> Float64Array:
    """Return the pairs expected in a bin at constant rates: n_i n_j bin / duration.

    With itself a cluster of n spikes has n (n - 1) ordered pairs, as no spike is paired with
    itself. The slight loss at the ends of the recording (lag / duration) is not counted.

    Parameters
    ----------
    n_spikes : int64 array, (n,)
    bin_s, duration_s
        Width of a bin and length of the recording.

    Returns
    -------
    float64 array, (n, n)
        NaN when the length is not known (0).
    """
    n = n_spikes.astype(np.float64)
    pairs = np.outer(n, n)
    np.fill_diagonal(pairs, n * (n - 1))
    return pairs * bin_s / duration_s if duration_s > 0 else np.full_like(pairs, np.nan)


def _count_all_pairs(trains: list[Int64Array], bins: CorrelogramBins) -> Int64Array:
    counts = np.zeros((len(trains), len(trains), bins.n_bins), np.int64)
    for i, first in enumerate(trains):
        counts[i, i] = autocorrelogram(first, bins.bin_samples, bins.n_half)
        for j in range(i + 1, len(trains)):
            counts[i, j] = crosscorrelogram(first, trains[j], bins.bin_samples, bins.n_half)
            counts[j, i] = counts[i, j, ::-1]
    return counts
