"""Which cluster each spike belongs to; the only place where that may change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..base.types import Int32Array, Int64Array, frozen
from ..kernels.grouping import (
    count_labels,
    count_values,
    group_by_value,
    order_by_label,
    order_by_label_in,
)
from ..kernels.inputs import as_input


@dataclass(frozen=True, slots=True, eq=False)
class ClusterDiff:
    """Reversible change of the assignment of some spikes.

    Attributes
    ----------
    spike_ids : int32 array, (n_changed,)
        Increasing ids of the spikes that change cluster; whole clusters, as ids are never reused.
    before, after : int32 arrays, (n_changed,)
        Their clusters before and after.
    """

    spike_ids: Int32Array
    before: Int32Array
    after: Int32Array

    def reversed(self) -> ClusterDiff:
        """Return the change that takes this one back."""
        return ClusterDiff(self.spike_ids, self.after, self.before)


class Clustering:
    """The cluster of every spike, with the spikes of every cluster at hand.

    Spike lists are read-only arrays that are replaced, never written in place: a thread may go on
    reading an old one without a lock. Within a cluster, spikes are in order of time.

    Parameters
    ----------
    spike_clusters : int32 array, (n_spikes,)
        First assignment; not negative. It is not copied until something changes.
    time_order : int64 array, (n_spikes,), or None
        Spike ids by increasing time where that is not the order of ids.
    """

    def __init__(self, spike_clusters: Int32Array, time_order: Int64Array | None = None) -> None:
        self._spike_clusters = spike_clusters
        self._is_own = False
        self._lent: Int32Array | None = None
        self._rank: Int32Array | None = None
        if time_order is not None:
            self._rank = np.empty(len(time_order), np.int32)
            self._rank[time_order] = np.arange(len(time_order), dtype=np.int32)
        self._spikes = _split_by_cluster(spike_clusters, time_order)
        self._next_id = max(self._spikes, default=-1) + 1
        self.version = 0

    @property
    def cluster_ids(self) -> list[int]:
        """Ids of the clusters that have spikes, increasing."""
        return sorted(self._spikes)

    @property
    def n_clusters(self) -> int:
        """Number of clusters that have spikes."""
        return len(self._spikes)

    def __contains__(self, cluster_id: object) -> bool:
        return cluster_id in self._spikes

    def spikes_of(self, cluster_id: int) -> Int32Array:
        """Return the spike ids of a cluster by increasing time, read-only int32, (n,).

        Raises
        ------
        KeyError
            There is no such cluster now.
        """
        return self._spikes[cluster_id]

    def n_spikes_of(self, cluster_id: int) -> int:
        """Return the number of spikes of a cluster."""
        return len(self._spikes[cluster_id])

    def clusters_of(self, spike_ids: Int32Array) -> Int32Array:
        """Return the cluster of each of some spikes, int32, (n,)."""
        return self._spike_clusters[spike_ids]

    def assignment(self) -> Int32Array:
        """Return the cluster of every spike as it is now, read-only int32, (n_spikes,).

        A later change is made in a copy, so that a thread may go on reading this one.
        """
        self._is_own = False
        return as_input(self._spike_clusters, np.int32)

    @property
    def n_spikes(self) -> int:
        """Number of spikes of all clusters."""
        return len(self._spike_clusters)

    @property
    def next_id(self) -> int:
        """The id that the next new cluster gets; it never named a cluster here."""
        return self._next_id

    def reserve_ids(self, first_free: int) -> None:
        """Give no new cluster an id below this one."""
        self._next_id = max(self._next_id, first_free)

    def copied(self) -> Int32Array:
        """Return a copy of the whole assignment, int32, (n_spikes,)."""
        return self._spike_clusters.copy()

    def snapshot(self) -> Int32Array:
        """Return the whole assignment as it is now, int32, (n_spikes,), read-only.

        It is not copied until something changes; a copy of 20 million takes a while, so whoever
        is done with it may say so by `end_snapshot`.
        """
        self._lent = self._spike_clusters if self._is_own else None
        self._is_own = False
        return frozen(self._spike_clusters.view())

    def end_snapshot(self) -> None:
        """Say that the last snapshot is not used any more; earlier ones must not be, either."""
        if self._lent is self._spike_clusters:
            self._is_own = True
        self._lent = None

    def new_id(self) -> int:
        """Return an id that never named a cluster here, and use it up."""
        self._next_id += 1
        return self._next_id - 1

    def apply(self, diff: ClusterDiff) -> None:
        """Assign the spikes of a diff; the cost grows with the spikes that change, not with all.

        Raises
        ------
        ValueError
            A touched cluster is not changed as a whole: it would keep its id for other spikes.
        """
        touched, counts = count_values(diff.before)
        for cluster_id, count in zip(touched.tolist(), counts.tolist(), strict=True):
            if len(self._spikes.get(cluster_id, ())) != count:
                raise ValueError(f"the change touches only a part of cluster {cluster_id}")
        if not len(touched):
            return
        if not self._is_own:
            self._spike_clusters = self._spike_clusters.copy()
            self._is_own = True
        self._spike_clusters[diff.spike_ids] = diff.after
        for cluster_id in touched.tolist():
            del self._spikes[cluster_id]
        self._add(diff.spike_ids, diff.after)
        self.version += 1

    def _add(self, spike_ids: Int32Array, clusters: Int32Array) -> None:
        if self._rank is not None:
            by_time = np.argsort(self._rank[spike_ids])
            spike_ids, clusters = spike_ids[by_time], clusters[by_time]
        ids, offsets, order = group_by_value(clusters)
        # A cluster alone, as after a merge, shares the array of the change.
        ordered = spike_ids.view() if len(ids) == 1 else spike_ids[order]
        parts = frozen(ordered.astype(np.int32, copy=False))
        for k, cluster_id in enumerate(ids.tolist()):
            self._spikes[cluster_id] = parts[offsets[k] : offsets[k + 1]]
        self._next_id = max(self._next_id, int(ids[-1]) + 1)

    def concatenated(self, cluster_ids: Iterable[int]) -> tuple[Int32Array, Int64Array]:
        """Return the spikes of some clusters one after another.

        Returns
        -------
        order : int32 array, (n,), read-only or an own copy
        offsets : int64 array, (n_clusters + 1,)
        """
        return joined([self._spikes[i] for i in cluster_ids])


def joined(parts: Sequence[Int32Array]) -> tuple[Int32Array, Int64Array]:
    """Return arrays of spikes, int32, one after another; see `Clustering.concatenated`."""
    offsets = np.concatenate([[0], np.cumsum([len(p) for p in parts])]).astype(np.int64)
    order = _stretch_of(parts, int(offsets[-1]))
    if order is None:
        order = np.concatenate(parts) if parts else np.empty(0, np.int32)
    return order, offsets


def _stretch_of(parts: Sequence[Int32Array], n: int) -> Int32Array | None:
    """Return parts that follow one another in one array as a slice of it, not as a copy.

    All clusters as they were read do: 20 million ids, just while a dataset is being opened.
    """
    whole = parts[0].base if parts else None
    if not isinstance(whole, np.ndarray) or whole.ndim != 1 or whole.dtype != np.int32:
        return None
    start = place = _address(parts[0])
    for part in parts:
        if part.base is not whole or _address(part) != place:
            return None
        place += part.nbytes
    first = (start - _address(whole)) // whole.itemsize
    stretch: Int32Array = whole[first : first + n]
    return stretch


def _address(array: np.ndarray) -> int:
    return int(array.__array_interface__["data"][0])


def _split_by_cluster(
    spike_clusters: Int32Array, time_order: Int64Array | None
) -> dict[int, Int32Array]:
    if not len(spike_clusters):
        return {}
    spike_clusters = as_input(spike_clusters, np.int32)
    counts = count_labels(spike_clusters, int(spike_clusters.max()) + 1)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    if time_order is None:
        order = order_by_label(spike_clusters, offsets)
    else:
        order = order_by_label_in(spike_clusters, offsets, as_input(time_order, np.int64))
    frozen(order)
    used = np.flatnonzero(counts).tolist()
    # Slices of one array: read-only as it is, and no copy of 20 million ids.
    return {i: order[offsets[i] : offsets[i + 1]] for i in used}
