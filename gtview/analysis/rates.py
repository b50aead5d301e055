"""The firing rate of clusters over the recording, from all of their spikes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..base.types import Float64Array, Int32Array, Int64Array
from .train_query import MAX_CLUSTERS, TrainQuery

MAX_BINS = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class RateQuery(TrainQuery):
    """What is asked; see `TrainQuery` for whose spikes.

    Attributes
    ----------
    is_in_order
        Whether the samples of the dataset increase with the spike ids.
    sample_rate_hz
        Samples a second.
    duration_s
        Length of the recording.
    bin_s
        Width of a bin; no more than `MAX_BINS` are used.
    window_s
        Part of the recording whose mean rate is told; None: all of it.
    """

    is_in_order: bool
    sample_rate_hz: float
    duration_s: float
    bin_s: float
    window_s: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Rates of n clusters.

    Attributes
    ----------
    cluster_ids
        Those that were computed.
    edges_s : float64 array, (n_bins + 1,)
        From 0 to the end; the last bin may be shorter than the others.
    counts : int64 array, (n, n_bins)
        Spikes in each bin.
    n_spikes : int64 array, (n,)
        Within the window.
    window_s
        The window, or the whole recording.
    n_left_out
        Clusters beyond the largest number.
    """

    cluster_ids: tuple[int, ...]
    edges_s: Float64Array
    counts: Int64Array
    n_spikes: Int64Array
    window_s: tuple[float, float]
    n_left_out: int = 0

    @property
    def rates_hz(self) -> Float64Array:
        """Spikes a second in each bin, by its own width, float64, (n, n_bins)."""
        rates: Float64Array = self.counts / np.diff(self.edges_s)
        return rates

    @property
    def means_hz(self) -> Float64Array:
        """Mean rate of each cluster within the window, float64, (n,)."""
        length = self.window_s[1] - self.window_s[0]
        return self.n_spikes / length if length > 0 else np.full(len(self.n_spikes), np.nan)


def compute_rates(query: RateQuery) -> Rates:
    """Count the spikes of each cluster in bins over the whole recording.

    Where spike ids are in order of time, the edges are looked up among the ids: the cost grows
    with the bins, not with the spikes.
    """
    edges = rate_edges(query.duration_s, query.bin_s)
    window = _window(query)
    limits = np.concatenate([edges, window]) * query.sample_rate_hz
    # The last bin holds what is at the very end, too.
    limits[len(edges) - 1] = np.inf
    counts, n_spikes = [], []
    for spike_ids in query.spike_ids[:MAX_CLUSTERS]:
        places = _places(query, spike_ids, limits)
        counts.append(np.diff(places[: len(edges)]))
        n_spikes.append(max(int(places[-1] - places[-2]), 0))
    return Rates(
        query.answered_ids,
        edges,
        np.array(counts, np.int64).reshape(-1, len(edges) - 1),
        np.array(n_spikes, np.int64),
        window,
        query.n_left_out,
    )


def rate_edges(duration_s: float, bin_s: float) -> Float64Array:
    """Return the edges of bins from 0 to the end of a recording, float64, (n_bins + 1,)."""
    duration_s = duration_s if duration_s > 0 else 1.0
    bin_s = max(bin_s, duration_s / MAX_BINS)
    # A remainder that is only rounding is no bin of its own.
    n_bins = max(1, int(np.ceil(duration_s / bin_s - 1e-6)))
    edges: Float64Array = np.arange(n_bins + 1, dtype=np.float64) * bin_s
    edges[-1] = duration_s
    return edges


def _window(query: RateQuery) -> tuple[float, float]:
    if query.window_s is None:
        return 0.0, query.duration_s
    start, stop = query.window_s
    return max(start, 0.0), min(stop, query.duration_s)


def _places(query: RateQuery, spike_ids: Int32Array, limits: Float64Array) -> Int64Array:
    """Return how many spikes of a cluster are before each limit, given in samples."""
    if query.is_in_order:
        first_ids = np.searchsorted(query.spike_samples, _as_samples(limits))
        return np.searchsorted(spike_ids, first_ids.astype(np.int32))
    return np.searchsorted(query.spike_samples[spike_ids], _as_samples(limits))


def _as_samples(limits: Float64Array) -> Int64Array:
    """Return limits as whole samples: NumPy would convert all samples of the dataset instead."""
    largest = float(np.iinfo(np.int64).max // 2)
    return np.minimum(np.ceil(limits), largest).astype(np.int64)
