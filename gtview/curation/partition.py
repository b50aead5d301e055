"""How spikes are dealt out to new clusters, and what these inherit; shared by the commands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ..base.errors import UsageError
from ..base.types import Int32Array
from ..base.wording import listed
from ..data.spikes import MAX_CLUSTER_ID
from ..kernels.grouping import count_values, find_places
from ..kernels.inputs import as_input
from .changes import Change, clusters_in
from .clustering import ClusterDiff
from .state import CurationState

# Of clusters before and after, that are counted in a table.
_MAX_PAIRS = 1 << 22


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
    touched = {i for s in sets for i in clusters_in(state.clustering.clusters_of(s))}
    return sorted(touched), sets


def cut(
    state: CurationState, cluster_ids: Sequence[int], sets: Sequence[Int32Array]
) -> tuple[Int32Array, Int32Array, Int32Array]:
    """Return the spikes of some clusters, their clusters, and those after cutting sets out."""
    spike_ids = spikes_of(state, cluster_ids)
    before = state.clustering.clusters_of(spike_ids)
    owner = np.full(len(spike_ids), -1, np.int32)
    for k, spikes in enumerate(sets):
        places = find_places(as_input(spike_ids, np.int32), as_input(spikes, np.int32))
        if (owner[places] >= 0).any():
            raise UsageError("A spike is in two of the new clusters.")
        owner[places] = k
    rest = owner < 0
    rests = clusters_in(before[rest]) if rest.any() else ()
    new = new_ids(state, len(sets) + len(rests))
    # One table for both: what is cut out, and the rest of each cluster.
    first = int(before.min())
    new_of = np.zeros(len(sets) + int(before.max()) - first + 1, np.int32)
    new_of[: len(sets)] = new[: len(sets)]
    new_of[len(sets) + np.array(rests, np.int64) - first] = new[len(sets) :]
    after = new_of[np.where(rest, before + np.int32(len(sets) - first), owner)]
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
    new, old = clusters_in(after), clusters_in(before)
    if len(new) == 1:
        return {new[0]: list(old)}
    if len(old) == 1:
        return {i: list(old) for i in new}
    place = np.zeros(old[-1] - old[0] + 1, np.int32)
    place[np.array(old) - old[0]] = np.arange(len(old))
    # One number for both: there are few new clusters and few old ones, however large their ids.
    pairs = (after - np.int32(new[0])) * np.int32(len(old)) + place[before - np.int32(old[0])]
    is_small = len(new) * len(old) <= _MAX_PAIRS
    found = count_values(pairs)[0] if is_small else np.unique(pairs)
    parents: dict[int, list[int]] = {}
    for pair in found.tolist():
        parents.setdefault(new[0] + pair // len(old), []).append(old[pair % len(old)])
    return parents
