"""How many spikes each unit shares with each cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..kernels.inputs import as_input
from ..kernels.matching import is_increasing, label_spikes
from ..kernels.pair_counts import count_matches

if TYPE_CHECKING:
    from ..base.types import Float64Array, Int32Array, Int64Array


@dataclass(frozen=True, slots=True, eq=False)
class TrueTrains:
    """Trains of the units, as a ground truth keeps them.

    Attributes
    ----------
    samples : int64 array, (n_spikes,)
        Unit i has `samples[offsets[i]:offsets[i + 1]]`, increasing.
    offsets : int64 array, (n_units + 1,)
    """

    samples: Int64Array
    offsets: Int64Array

    @property
    def sizes(self) -> Int64Array:
        """Spikes of each unit, int64, (n_units,)."""
        return np.diff(self.offsets)

    def train(self, unit: int) -> Int64Array:
        """Return the increasing samples of a unit, by its position."""
        return self.samples[self.offsets[unit] : self.offsets[unit + 1]]


@dataclass(frozen=True, slots=True, eq=False)
class ClusterTrains:
    """Trains of the clusters, as a clustering keeps them.

    Attributes
    ----------
    spike_samples : int64 array, (n_all_spikes,)
        Sample of each spike by its id, in any order.
    order : int32 array, (n_spikes,)
        Cluster j has the spike ids `order[offsets[j]:offsets[j + 1]]`, by increasing time.
    offsets : int64 array, (n_clusters + 1,)
    """

    spike_samples: Int64Array
    order: Int32Array
    offsets: Int64Array

    @property
    def sizes(self) -> Int64Array:
        """Spikes of each cluster, int64, (n_clusters,)."""
        return np.diff(self.offsets)

    def train(self, cluster: int, step: int = 1) -> Int64Array:
        """Return a copy of every so many of the increasing samples of a cluster, by its place."""
        ids = self.order[self.offsets[cluster] : self.offsets[cluster + 1]]
        return self.spike_samples[ids[::step]]


@dataclass(frozen=True, slots=True, eq=False)
class SortedTrains(ClusterTrains):
    """Trains of the clusters, and all of them in one sequence.

    Attributes
    ----------
    samples : int64 array, (n_all_spikes,)
        The samples, increasing.
    labels : int32 array, (n_all_spikes,)
        Position of the cluster of each entry of `samples`; -1 for spikes of no cluster.
    """

    samples: Int64Array
    labels: Int32Array


def true_trains(samples: Int64Array, offsets: Int64Array) -> TrueTrains:
    """Take the trains of a ground truth; see `TrueTrains`."""
    return TrueTrains(as_input(samples, np.int64), as_input(offsets, np.int64))


def cluster_trains(
    spike_samples: Int64Array, order: Int32Array, offsets: Int64Array
) -> ClusterTrains:
    """Take the trains of a clustering, one by one; see `ClusterTrains`."""
    samples = as_input(spike_samples, np.int64)
    return ClusterTrains(samples, as_input(order, np.int32), as_input(offsets, np.int64))


def sorted_trains(
    spike_samples: Int64Array, order: Int32Array, offsets: Int64Array
) -> SortedTrains:
    """Take the trains of a clustering; see `SortedTrains`.

    Where the samples already increase, as in nearly every export, nothing is sorted.
    """
    spike_samples = as_input(spike_samples, np.int64)
    order, offsets = as_input(order, np.int32), as_input(offsets, np.int64)
    labels = label_spikes(order, offsets, len(spike_samples))
    samples = spike_samples
    if not is_increasing(samples):
        by_time = np.argsort(samples, kind="stable")
        samples, labels = samples[by_time], labels[by_time]
    return SortedTrains(spike_samples, order, offsets, samples, labels)


def count_pairs(truth: TrueTrains, found: SortedTrains, delta_samples: int) -> Int64Array:
    """Count the matched spikes of every pair of a unit and a cluster.

    Within a pair each spike has at most one partner, at most `delta_samples` away, and as many
    spikes as possible have one. A spike may count in several pairs.

    Returns
    -------
    int64 array, (n_units, n_clusters)
    """
    return count_matches(
        truth.samples,
        truth.offsets,
        found.samples,
        found.labels,
        len(found.offsets) - 1,
        delta_samples,
    )


def compute_agreement(
    counts: Int64Array, unit_sizes: Int64Array, cluster_sizes: Int64Array
) -> Float64Array:
    """Divide the matched spikes of each pair by the spikes that either of the two has.

    Parameters
    ----------
    counts : int64 array, (n_units, n_clusters)
    unit_sizes, cluster_sizes : int64 arrays, (n_units,), (n_clusters,)

    Returns
    -------
    float64 array, (n_units, n_clusters)
        n / (n_unit + n_cluster - n); 0 where neither has spikes. The Jaccard index, as in
        SpikeInterface's comparison.
    """
    either = unit_sizes[:, None] + cluster_sizes[None, :] - counts
    agreement: Float64Array = counts / np.maximum(either, 1)
    return agreement
