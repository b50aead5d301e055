"""The actions of curation: each looks at the state and returns the change that it would be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ..base.errors import UsageError
from ..base.types import Int32Array
from ..base.wording import listed
from ..data.tables import ClusterProperties, PropertyValue
from ..kernels.grouping import group_by_value
from .changes import Change, LabelDiff, clusters_in
from .clustering import ClusterDiff
from .labels import GROUP, NOISE, check_field, check_value
from .partition import cut, existing, new_ids, reassign, spike_sets, spikes_of
from .state import CurationState


def merge(state: CurationState, cluster_ids: Iterable[int]) -> Change:
    """Join clusters into a new one.

    Raises
    ------
    UsageError
        There are fewer than two, or one does not exist.
    """
    ids = existing(state, cluster_ids)
    if len(ids) < 2:
        raise UsageError("Select at least two clusters to merge.")
    spike_ids = spikes_of(state, ids)
    before = state.clustering.clusters_of(spike_ids)
    after = np.full(len(spike_ids), new_ids(state, 1)[0], np.int32)
    return reassign(state, "merge", f"Merge of {listed(ids)}", spike_ids, before, after)


def split(state: CurationState, groups: Int32Array | Sequence[Int32Array]) -> Change:
    """Give one or more sets of spikes new clusters; each touched cluster's rest gets one, too.

    Numbered as phy does it: first the sets in their order, then the rests by cluster.

    Parameters
    ----------
    state
        What is split.
    groups : int32 array, or several, (n,)
        Spikes of each new cluster, of any clusters, in any order; no spike in two sets.

    Raises
    ------
    UsageError
        A set is empty, two overlap, or nothing would change.
    """
    ids, sets = spike_sets(state, groups)
    spike_ids, before, after = cut(state, ids, sets)
    n_before, n_after = len(ids), len(clusters_in(after))
    if n_before == n_after == 1:
        raise UsageError(f"These are all spikes of cluster {ids[0]}: nothing would be split off.")
    n = sum(map(len, sets))
    name = f"Split of {listed(ids)}"
    name += f" ({n:,} spikes)" if len(sets) == 1 else f" into {n_after} clusters"
    return reassign(state, "split", name, spike_ids, before, after)


def split_by_labels(state: CurationState, cluster_id: int, labels: Int32Array) -> Change:
    """Split a cluster into as many as there are labels (k-way).

    Parameters
    ----------
    state, cluster_id
        What is split.
    labels : int32 array, (n_spikes of the cluster,)
        Of each of its spikes by increasing time; negative ones stay together as the rest.

    Raises
    ------
    UsageError
        The cluster does not exist, or there is only one label.
    """
    (cluster_id,) = existing(state, [cluster_id])
    spikes = state.clustering.spikes_of(cluster_id)
    if len(labels) != len(spikes):
        raise UsageError(f"Cluster {cluster_id} has {len(spikes):,} spikes; labels do not fit.")
    found, offsets, order = group_by_value(np.asarray(labels, np.int32))
    groups = [
        spikes[order[offsets[k] : offsets[k + 1]]] for k, label in enumerate(found) if label >= 0
    ]
    if len(found) < 2:
        raise UsageError(f"All spikes of cluster {cluster_id} have one label: nothing to split.")
    return split(state, groups)


def split_by_template(
    state: CurationState, cluster_ids: Iterable[int], spike_templates: Int32Array
) -> Change:
    """Split clusters by the template that found each spike: take merges of the sorter back.

    Parameters
    ----------
    state, cluster_ids
        What is split; together, as phy does it.
    spike_templates : int32 array, (n_spikes,)
        Template of each spike.

    Raises
    ------
    UsageError
        Their spikes all have one template, or none is given.
    """
    ids = existing(state, cluster_ids)
    spikes = spikes_of(state, ids)
    found, offsets, order = group_by_value(spike_templates[spikes])
    if len(found) < 2:
        raise UsageError("All these spikes have one template: nothing to split.")
    groups = [spikes[order[offsets[k] : offsets[k + 1]]] for k in range(len(found))]
    return split(state, groups)


def discard(state: CurationState, spike_ids: Int32Array) -> Change:
    """Put spikes into a new cluster of the group noise, in one step.

    Parameters
    ----------
    state
        What is changed.
    spike_ids : int32 array, (n,)
        Of any clusters; each touched cluster's rest gets a new id, as in a split.

    Raises
    ------
    UsageError
        There are none.
    """
    ids, sets = spike_sets(state, spike_ids)
    spike_ids, before, after = cut(state, ids, sets)
    name = f"Discard of {len(sets[0]):,} spikes of {listed(ids)}"
    change = reassign(state, "discard", name, spike_ids, before, after)
    noise = state.clustering.next_id
    labels = [d for d in change.labels if (d.field, d.cluster_id) != (GROUP, noise)]
    labels.append(LabelDiff(GROUP, noise, None, NOISE))
    clashes = tuple(c for c in change.clashes if (c.field, c.cluster_id) != (GROUP, noise))
    return Change(
        "discard", name, change.spikes, tuple(labels), change.added, change.removed, clashes
    )


def set_label(
    state: CurationState, cluster_ids: Iterable[int], field: str, value: PropertyValue | None
) -> Change:
    """Give clusters a label, or take it from them.

    Parameters
    ----------
    state, cluster_ids
        What is labelled.
    field
        `group`, or any other name.
    value
        Read as a file is read: "3" is the number 3. None: clear it.

    Raises
    ------
    UsageError
        The field or the value cannot be in a table, or a cluster does not exist.
    """
    ids = existing(state, cluster_ids)
    field = check_field(field)
    value = None if value is None else check_value(value)
    diffs = [state.labels.diff(field, i, value) for i in ids]
    of = "group" if field == GROUP else field
    name = f"Clear {of} of {listed(ids)}" if value is None else f"Label {listed(ids)} {of} {value}"
    return Change("label", name, labels=tuple(d for d in diffs if d is not None))


def rename_field(state: CurationState, old: str, new: str) -> Change:
    """Give a field another name.

    Raises
    ------
    UsageError
        It does not exist, is a sorter's, or there is one of the new name.
    """
    new = check_field(new)
    if old not in state.labels.fields:
        raise UsageError(f"There is no label {old!r}.")
    if old in state.labels.metrics or old == GROUP:
        raise UsageError(f"{old} cannot be renamed: other programs look for it.")
    if new in state.labels.fields:
        raise UsageError(f"There is a label {new!r} already.")
    values = state.labels.properties.values(old)
    diffs = [LabelDiff(old, i, value, None) for i, value in values.items()]
    diffs += [LabelDiff(new, i, None, value) for i, value in values.items()]
    return Change("rename", f"Rename {old} to {new}", labels=tuple(diffs))


def restore(
    state: CurationState,
    spike_clusters: Int32Array,
    properties: ClusterProperties,
    name: str,
    *,
    keep_ids: bool,
) -> Change:
    """Go to another assignment and other labels, such as those of an earlier save.

    Parameters
    ----------
    state
        What is changed.
    spike_clusters : int32 array, (n_spikes,)
    properties
        Labels of its clusters.
    name
        For "Undo ...".
    keep_ids
        Whether its ids are known to name now what they named then; else every cluster that is
        not there as it is gets a new id.
    """
    now = state.clustering.copied()
    is_other = now != spike_clusters
    if not is_other.any():
        labels = _label_diffs(state, properties, state.clustering.cluster_ids)
        return Change("restore", name, labels=labels)
    touched = {*clusters_in(now[is_other])}
    shared = {i for i in clusters_in(spike_clusters[is_other]) if i in state.clustering}
    spike_ids = np.flatnonzero(np.isin(now, [*touched, *shared])).astype(np.int32)
    before, after = now[spike_ids], spike_clusters[spike_ids]
    if shared or not keep_ids or touched & {*clusters_in(after)}:
        found, offsets, order = group_by_value(after)
        new = new_ids(state, len(found))
        after = np.empty_like(after)
        after[order] = np.repeat(new, np.diff(offsets))
        properties = properties.renumbered(dict(zip(found.tolist(), new.tolist(), strict=True)))
    added, removed = clusters_in(after), clusters_in(before)
    ids = sorted(({*state.clustering.cluster_ids} - {*removed}) | {*added})
    diff = ClusterDiff(spike_ids, before, after)
    return Change("restore", name, diff, _label_diffs(state, properties, ids), added, removed)


def set_properties(state: CurationState, properties: ClusterProperties, name: str) -> Change:
    """Take over what the tables of an export say of the clusters that exist."""
    labels = _label_diffs(state, properties, state.clustering.cluster_ids)
    return Change("label", name, labels=labels)


def _label_diffs(
    state: CurationState, properties: ClusterProperties, cluster_ids: Iterable[int]
) -> tuple[LabelDiff, ...]:
    fields = dict.fromkeys((*state.labels.fields, *properties.names))
    ids = list(cluster_ids)
    diffs = [
        state.labels.diff(field, i, properties.get(field, i)) for field in fields for i in ids
    ]
    return tuple(d for d in diffs if d is not None)


__all__ = [
    "discard",
    "merge",
    "rename_field",
    "restore",
    "set_label",
    "set_properties",
    "split",
    "split_by_labels",
    "split_by_template",
]
