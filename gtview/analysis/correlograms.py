"""Correlograms of all pairs of some clusters, from all of their spikes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..base.types import Float64Array, Int64Array
from ..kernels.correlograms import count_refractory_violations
from .correlogram_bins import CorrelogramBins, LagBins, LogLagBins
from .train_query import TrainQuery


@dataclass(frozen=True, slots=True, eq=False)
class CorrelogramQuery(TrainQuery):
    """What is asked; see `TrainQuery` for whose spikes.

    Attributes
    ----------
    bins
        Which lags are counted together.
    duration_s
        Length of the recording.
    refractory_ms
        Intervals shorter than this count as violations.
    has_merged
        Whether it is told what the clusters would be as one.
    """

    bins: LagBins
    duration_s: float
    refractory_ms: float = 2.0
    has_merged: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class MergedTrain:
    """What some clusters would be if they were one.

    Attributes
    ----------
    counts : int64 array, (n_bins,)
        Its autocorrelogram.
    expected : float64 array, (n_bins,)
        Pairs expected in each bin at a constant rate.
    n_spikes
    n_violations
        Intervals between consecutive spikes shorter than the refractory period.
    """

    counts: Int64Array
    expected: Float64Array
    n_spikes: int
    n_violations: int


@dataclass(frozen=True, slots=True, eq=False)
class Correlograms:
    """Correlograms of n clusters.

    Attributes
    ----------
    cluster_ids
        Those that were computed.
    bins
        Which lags are counted together.
    counts : int64 array, (n, n, n_bins)
        Pairs of a spike of cluster i and one of cluster j by lag, j minus i: `counts[j, i]` is
        `counts[i, j]` reversed. A spike is not paired with itself.
    expected : float64 array, (n, n, n_bins)
        Pairs expected in each bin if the clusters fired at constant rates, independently.
    n_spikes : int64 array, (n,)
    n_violations : int64 array, (n,)
        Intervals between consecutive spikes shorter than the refractory period.
    refractory_ms
        That period.
    n_left_out
        Clusters beyond the largest number.
    merged
        What they would be as one; None: not asked, or there is only one.
    """

    cluster_ids: tuple[int, ...]
    bins: LagBins
    counts: Int64Array
    expected: Float64Array
    n_spikes: Int64Array
    n_violations: Int64Array
    refractory_ms: float
    n_left_out: int = 0
    merged: MergedTrain | None = None


def compute_correlograms(query: CorrelogramQuery) -> Correlograms:
    """Count every pair of spikes within the window, for every pair of clusters."""
    bins = query.bins
    trains = query.trains()
    n_spikes = np.array([len(train) for train in trains], np.int64)
    refractory_samples = query.refractory_ms * bins.sample_rate_hz / 1000
    counts = _count_all_pairs(trains, bins)
    per_s = expected_per_second(n_spikes, query.duration_s)
    merged = None
    if query.has_merged and len(trains) > 1:
        merged = _merge(trains, counts, query, refractory_samples)
    return Correlograms(
        cluster_ids=query.answered_ids,
        bins=bins,
        counts=counts,
        expected=per_s[:, :, None] * bins.widths_s,
        n_spikes=n_spikes,
        n_violations=np.array(
            [count_refractory_violations(t, refractory_samples) for t in trains], np.int64
        ),
        refractory_ms=query.refractory_ms,
        n_left_out=query.n_left_out,
        merged=merged,
    )


def expected_per_second(n_spikes: Int64Array, duration_s: float) -> Float64Array:
    """Return the pairs expected in a second of lag at constant rates: n_i n_j / duration.

    With itself a cluster of n spikes has n (n - 1) ordered pairs, as no spike is paired with
    itself. The slight loss at the ends of the recording (lag / duration) is not counted.

    Parameters
    ----------
    n_spikes : int64 array, (n,)
    duration_s
        Length of the recording.

    Returns
    -------
    float64 array, (n, n)
        NaN when the length is not known (0).
    """
    n = n_spikes.astype(np.float64)
    pairs = np.outer(n, n)
    np.fill_diagonal(pairs, n * (n - 1))
    return pairs / duration_s if duration_s > 0 else np.full_like(pairs, np.nan)


def _count_all_pairs(trains: list[Int64Array], bins: LagBins) -> Int64Array:
    counts = np.zeros((len(trains), len(trains), bins.n_bins), np.int64)
    for i, first in enumerate(trains):
        counts[i, i] = bins.count(first, None)
        for j in range(i + 1, len(trains)):
            counts[i, j] = bins.count(first, trains[j])
            counts[j, i] = counts[i, j, ::-1]
    return counts


def _merge(
    trains: list[Int64Array], counts: Int64Array, query: CorrelogramQuery, refractory: float
) -> MergedTrain:
    # Sorted runs one after another: what a stable sort is fast at.
    together = np.sort(np.concatenate(trains), kind="stable")
    n_spikes = np.array([len(together)], np.int64)
    per_s = expected_per_second(n_spikes, query.duration_s)[0, 0]
    return MergedTrain(
        # Every ordered pair of spikes of the merged train is one of these pairs of clusters'.
        counts=counts.sum(axis=(0, 1)),
        expected=per_s * query.bins.widths_s,
        n_spikes=len(together),
        n_violations=count_refractory_violations(together, refractory),
    )


__all__ = [
    "CorrelogramBins",
    "CorrelogramQuery",
    "Correlograms",
    "LogLagBins",
    "MergedTrain",
    "compute_correlograms",
]
