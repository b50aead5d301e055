"""How spikes are dealt out to new clusters, and what these inherit; shared by the commands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ..base.errors import UsageError
from ..base.types import Int32Array
from ..data.spikes import MAX_CLUSTER_ID
from ..kernels.grouping import group_by_value
from .changes import Change, clusters_in, listed
from .clustering import ClusterDiff
from .state import CurationState


def existing(state: CurationState, cluster_ids: Iterable[int]) -> list[int]:
    """Return different clusters, increasing.

    Raises
    ------
    UsageError
        There is none, or one that does not exist.
    """
    ids = sorted({int(i) for i in cluster_ids})
    gone = [i for i in ids if i not in state.clustering]
    if gone:
        raise UsageError(f"There is no cluster {listed(gone)}.")
    if not ids:
        raise UsageError("Select a cluster first.")
    return ids


def spikes_of(state: CurationState, cluster_ids: Sequence[int]) -> Int32Array:
    """Return the increasing spike ids of some clusters, int32, (n,)."""
    parts = [state.clustering.spikes_of(i) for i in cluster_ids]
    return np.sort(np.concatenate(parts))


def new_ids(state: CurationState, n: int) -> Int32Array:
    """Return the ids that the next new clusters get, without using them up, int32, (n,).

    Raises
    ------
    UsageError
        There are not so many left.
    """
    first = state.clustering.next_id
    if first + n - 1 > MAX_CLUSTER_ID:
        raise UsageError(f"No free cluster ids are left: the largest is {MAX_CLUSTER_ID:,}.")
    return np.arange(first, first + n, dtype=np.int32)


def spike_sets(
    state: CurationState, groups: Int32Array | Sequence[Int32Array]
) -> tuple[list[int], list[Int32Array]]:
    """Return the clusters that sets of spikes touch, and the sets, sorted.

    Raises
    ------
    UsageError
        A set is empty, or a spike does not exist or is given twice.
    """
    arrays = [groups] if isinstance(groups, np.ndarray) and groups.ndim == 1 else list(groups)
    sets = [np.sort(np.asarray(g, np.int32)) for g in arrays]
    if not sets or not all(len(s) for s in sets):
        raise UsageError("Select some spikes first.")
    for spikes in sets:
        if spikes[0] < 0 or spikes[-1] >= state.clustering.n_spikes:
            raise UsageError("There is no such spike.")
        if len(spikes) > 1 and (spikes[1:] == spikes[:-1]).any():
            raise UsageError("A spike was given twice.")
    touched = {
        i for s in sets for i in group_by_value(state.clustering.clusters_of(s))[0].tolist()
    }
    return sorted(touched), sets


def cut(
    state: CurationState, cluster_ids: Sequence[int], sets: Sequence[Int32Array]
) -> tuple[Int32Array, Int32Array, Int32Array]:
    """Return the spikes of some clusters, their clusters, and those after cutting sets out."""
    spike_ids = spikes_of(state, cluster_ids)
    before = state.clustering.clusters_of(spike_ids)
    owner = np.full(len(spike_ids), -1, np.int32)
    for k, spikes in enumerate(sets):
        places = np.searchsorted(spike_ids, spikes)
        if (owner[places] >= 0).any():
            raise UsageError("A spike is in two of the new clusters.")
        owner[places] = k
    rest = owner < 0
    rests = clusters_in(before[rest]) if rest.any() else ()
    new = new_ids(state, len(sets) + len(rests))
    after = new[np.maximum(owner, 0)]
    for cluster_id, new_id in zip(rests, new[len(sets) :], strict=True):
        # Nearly always there is one cluster: no comparison is needed then.
        own = rest if len(cluster_ids) == 1 else rest & (before == cluster_id)
        after[own] = new_id
    return spike_ids, before, after


def reassign(
    state: CurationState,
    operation: str,
    name: str,
    spike_ids: Int32Array,
    before: Int32Array,
    after: Int32Array,
) -> Change:
    """Return the change that gives some whole clusters' spikes other clusters.

    The new ones inherit labels. `spike_ids`, `before` and `after` as in `ClusterDiff`.
    """
    parents = _parents(before, after)
    removed = tuple(sorted({i for of in parents.values() for i in of}))
    sizes = {i: state.clustering.n_spikes_of(i) for i in removed}
    labels, clashes = state.labels.inherit(parents, sizes)
    diff = ClusterDiff(spike_ids, before, after)
    return Change(operation, name, diff, labels, tuple(sorted(parents)), removed, clashes)


def _parents(before: Int32Array, after: Int32Array) -> Mapping[int, list[int]]:
    """Return the clusters before of each cluster after."""
    new, offsets, order = group_by_value(after)
    old_of = before[order]
    return {
        int(new_id): group_by_value(old_of[offsets[k] : offsets[k + 1]])[0].tolist()
        for k, new_id in enumerate(new)
    }
