"""Histograms of the intervals between consecutive spikes of clusters, from all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..base.types import Float64Array, Int64Array
from ..kernels.correlograms import count_refractory_violations
from ..kernels.intervals import count_intervals
from .train_query import TrainQuery

MAX_BINS = 2000
# Where a logarithmic axis starts.
SHORTEST_LOG_MS = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class IntervalBins:
    """Bins of intervals.

    Attributes
    ----------
    edges_samples : float64 array, (n_bins + 1,), samples
        Bin k holds the intervals from edge k, included, to edge k + 1, not included.
    is_log
        Whether bins grow with the interval.
    sample_rate_hz
        Samples a second.
    """

    edges_samples: Float64Array
    is_log: bool
    sample_rate_hz: float

    @classmethod
    def linear(cls, n_bins: int, longest_ms: float, sample_rate_hz: float) -> IntervalBins:
        """Return n bins of one width from 0 to the longest interval."""
        n_bins = min(max(n_bins, 1), MAX_BINS)
        longest = max(longest_ms * sample_rate_hz / 1000, 1.0)
        edges = np.arange(n_bins + 1, dtype=np.float64) * (longest / n_bins)
        return cls(edges, False, sample_rate_hz)

    @classmethod
    def logarithmic(cls, n_bins: int, longest_ms: float, sample_rate_hz: float) -> IntervalBins:
        """Return up to n bins that grow by about the same factor, to the longest interval.

        Their edges are whole samples, so that no bin is empty only because no interval falls
        into it; where that would join edges there are fewer.
        """
        n_bins = min(max(n_bins, 1), MAX_BINS)
        first = max(1.0, np.rint(SHORTEST_LOG_MS * sample_rate_hz / 1000))
        last = max(first + 1, np.rint(longest_ms * sample_rate_hz / 1000))
        edges = np.unique(np.rint(np.geomspace(first, last, n_bins + 1)))
        return cls(edges, True, sample_rate_hz)

    @property
    def n_bins(self) -> int:
        """Number of bins."""
        return len(self.edges_samples) - 1

    @property
    def edges_ms(self) -> Float64Array:
        """Edges, float64, (n_bins + 1,), ms."""
        return self.edges_samples * (1000 / self.sample_rate_hz)


@dataclass(frozen=True, slots=True, eq=False)
class IntervalQuery(TrainQuery):
    """What is asked; see `TrainQuery` for whose spikes.

    Attributes
    ----------
    bins
        Which intervals are counted together.
    refractory_ms
        Intervals shorter than this count as violations.
    """

    bins: IntervalBins
    refractory_ms: float = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class IntervalCounts:
    """The intervals of one cluster.

    Attributes
    ----------
    counts : int64 array, (n_bins,)
    n_intervals
        All of them, in a bin or not.
    n_shorter, n_longer
        Those before the first bin, and from the end of the last.
    n_violations
        Those shorter than the refractory period.
    """

    cluster_id: int
    counts: Int64Array
    n_intervals: int
    n_shorter: int
    n_longer: int
    n_violations: int

    @property
    def violation_share(self) -> float:
        """Violations among all intervals; NaN without intervals."""
        return self.n_violations / self.n_intervals if self.n_intervals else float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """The intervals of some clusters; see `IntervalQuery` for the fields."""

    clusters: tuple[IntervalCounts, ...]
    bins: IntervalBins
    refractory_ms: float
    n_left_out: int = 0


def compute_intervals(query: IntervalQuery) -> Intervals:
    """Count every interval between consecutive spikes of each cluster."""
    refractory = query.refractory_ms * query.bins.sample_rate_hz / 1000
    clusters = []
    for cluster_id, train in zip(query.answered_ids, query.trains(), strict=True):
        counts, n_shorter, n_longer = count_intervals(train, query.bins.edges_samples)
        n_violations = count_refractory_violations(train, refractory)
        n = max(len(train) - 1, 0)
        clusters.append(IntervalCounts(cluster_id, counts, n, n_shorter, n_longer, n_violations))
    return Intervals(tuple(clusters), query.bins, query.refractory_ms, query.n_left_out)
