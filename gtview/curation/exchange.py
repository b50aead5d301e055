"""Curation in the words of SpikeInterface: its JSON, written and read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from ..base.errors import UsageError
from ..base.types import Int32Array, Int64Array
from ..data.tables import PropertyValue
from ..kernels.grouping import group_by_value
from . import commands
from .changes import Change
from .clustering import Clustering
from .history import History
from .labels import GROUP, NOISE, UNSORTED, Labels
from .state import CurationState

_VERSION = "2"
_SI_IDS = ("si_unit_id", "si_unit_ids")
_QUALITY = "quality"

Json = dict[str, Any]


def to_spikeinterface(history: History, time_order: Int64Array | None = None) -> Json:
    """Return what was done as SpikeInterface's `SequentialCuration`, checked by its own model.

    Every merge and split is a step, from the first clusters on; labels are in the last step. A
    split over several clusters is one step of splits, and one of merges of what was cut out.

    Parameters
    ----------
    history
        Up to its position.
    time_order : int64 array, (n_spikes,), or None
        See `Clustering`.

    Raises
    ------
    UsageError
        An action has no words there, such as going back to an earlier save.
    """
    clustering = Clustering(history.first_assignment(), time_order)
    taken = history.state.clustering.next_id
    steps: list[Json] = []
    names: dict[int, int] = {}
    for entry in history.entries[: history.position]:
        change = entry.change
        if change.spikes is None:
            continue
        if change.operation == "restore":
            raise UsageError(
                f"{change.name!r} cannot be said in SpikeInterface's curation: it only knows "
                "merges, splits and labels."
            )
        found, taken = _steps_of(change, clustering, names, taken)
        steps += found
        clustering.apply(change.spikes)
    named = {i: names.get(i, i) for i in clustering.cluster_ids}
    definitions, labels = _label_words(history.state.labels, named)
    last = _step(named.values())
    last["label_definitions"], last["manual_labels"] = definitions, labels
    return _validated({"curation_steps": [*steps, last]})


def _validated(value: Json) -> Json:
    from spikeinterface.curation.curation_model import SequentialCuration

    try:
        model = SequentialCuration(**value)
    except ValueError as error:
        raise UsageError(f"SpikeInterface does not accept this curation: {error}") from error
    plain: Json = model.model_dump(mode="json", exclude_none=True)
    return plain


def _step(unit_ids: Iterable[int], **parts: Any) -> Json:
    empty: Json = {"label_definitions": {}, "manual_labels": [], "removed": []}
    empty |= {"merges": [], "splits": []}
    return {"format_version": _VERSION, "unit_ids": list(unit_ids), **empty, **parts}


def _steps_of(
    change: Change, clustering: Clustering, names: dict[int, int], taken: int
) -> tuple[list[Json], int]:
    """Return the steps of one change; parts that are joined again get ids from `taken` on.

    A cluster that is only given another id keeps its own there: `names` holds such ids.
    """
    parts, parents = _cut_up(change, clustering)
    ids = [names.get(i, i) for i in clustering.cluster_ids]
    splits: list[Json] = []
    name_of: dict[tuple[int, int], int] = {}
    current = set(ids)
    for old, pieces in parts.items():
        old_name = names.get(old, old)
        if len(pieces) == 1:
            new = pieces[0][0]
            name_of[new, old] = old_name
            if len(parents[new]) == 1:
                names[new] = old_name
            continue
        for new, _ in pieces:
            is_joined = len(parents[new]) > 1
            name_of[new, old] = taken if is_joined else new
            taken += is_joined
        new_names = [name_of[new, old] for new, _ in pieces]
        indices = [rows.tolist() for _, rows in pieces]
        split = {"unit_id": old_name, "mode": "indices", "indices": indices}
        splits.append({**split, "new_unit_ids": new_names})
        current = (current - {old_name}) | set(new_names)
    merges = [
        {"unit_ids": [name_of[new, old] for old in of], "new_unit_id": new}
        for new, of in parents.items()
        if len(of) > 1
    ]
    steps = [_step(ids, splits=splits)] if splits else []
    if merges:
        steps.append(_step(sorted(current), merges=merges))
    return steps, taken


Pieces = list[tuple[int, Int32Array]]


def _cut_up(
    change: Change, clustering: Clustering
) -> tuple[dict[int, Pieces], dict[int, list[int]]]:
    """Return the parts of each old cluster, as places in its train, and each new one's parents."""
    assert change.spikes is not None
    parts: dict[int, Pieces] = {}
    parents: dict[int, list[int]] = {}
    for old in change.removed:
        own = np.searchsorted(change.spikes.spike_ids, clustering.spikes_of(old))
        found, offsets, order = group_by_value(change.spikes.after[own])
        for k, new in enumerate(found.tolist()):
            parents.setdefault(new, []).append(old)
            parts.setdefault(old, []).append((new, order[offsets[k] : offsets[k + 1]]))
    return parts, parents


def _label_words(labels: Labels, named: Mapping[int, int]) -> tuple[Json, list[Json]]:
    definitions: Json = {}
    of: dict[int, dict[str, list[str]]] = {}
    for field in labels.fields:
        if field in labels.metrics:
            continue
        values = labels.properties.values(field)
        own = {named[i]: str(values[i]) for i in named if i in values}
        own = {i: v for i, v in own.items() if not (field == GROUP and v == UNSORTED)}
        if not own:
            continue
        name = _QUALITY if field == GROUP else field
        options = ["good", "mua", NOISE] if field == GROUP else []
        options += sorted(set(own.values()) - set(options))
        # Its model wants at least two words to choose from.
        options += [""] if len(options) < 2 else []
        definitions[name] = {"label_options": options, "exclusive": True}
        for i, value in own.items():
            of.setdefault(i, {})[name] = [value]
    return definitions, [{"unit_id": i, "labels": of[i]} for i in sorted(of)]


def from_spikeinterface(
    value: Json, state: CurationState, do: Callable[[Change], object]
) -> list[str]:
    """Do what a curation of SpikeInterface says: `Curation` of any version, or a sequence.

    Its unit ids are cluster ids, or those of the export's column `si_unit_id`. Removed units
    are labelled as noise: no spike is thrown away.

    Parameters
    ----------
    value
        Content of its JSON file.
    state
        What is curated; every action is made for it as it is then.
    do
        Applies one action to it.

    Returns
    -------
    list of sentences about what has no place here.

    Raises
    ------
    UsageError
        It is no curation, or not one of these clusters; nothing was done then.
    """
    steps = _read_steps(value)
    names = _names(state)
    wanted = {str(i) for i in steps[0].unit_ids}
    unknown = sorted(wanted - names.keys())
    if unknown:
        raise UsageError(
            f"The curation is of other clusters: unit {unknown[0]} does not exist here."
        )
    notes: list[str] = []
    for step in steps:
        _do_step(step, state, do, names, notes)
    return notes


def check_curation(value: Json) -> None:
    """Check a curation of SpikeInterface by its own model; loads SpikeInterface, for a thread.

    Raises
    ------
    UsageError
        It is none.
    """
    _read_steps(value)


def _read_steps(value: Json) -> list[Any]:
    from spikeinterface.curation.curation_model import Curation, SequentialCuration

    try:
        if "curation_steps" in value:
            return list(SequentialCuration(**value).curation_steps)
        return [Curation(**value)]
    except (ValueError, TypeError, KeyError, StopIteration) as error:
        raise UsageError(f"This is no curation of SpikeInterface: {error}") from error


def _names(state: CurationState) -> dict[str, int]:
    ids = state.clustering.cluster_ids
    names: dict[str, int] = {}
    for column in _SI_IDS:
        values: Mapping[int, PropertyValue] = state.labels.properties.values(column)
        names |= {str(values[i]): i for i in ids if i in values}
    # A number without a name of its own is a cluster id.
    return {str(i): i for i in ids if not names} | names


def _do_step(
    step: Any,
    state: CurationState,
    do: Callable[[Change], object],
    names: dict[str, int],
    notes: list[str],
) -> None:
    for label in step.manual_labels:
        for field, words in label.labels.items():
            if not words:
                continue
            if len(words) > 1:
                notes.append(f"Unit {label.unit_id} has several labels {field}: {words[0]} taken.")
            name = GROUP if field == _QUALITY else field
            word = {"MUA": "mua"}.get(words[0], words[0]) if name == GROUP else words[0]
            do(commands.set_label(state, [names[str(label.unit_id)]], name, word))
    for unit_id in step.removed:
        do(commands.set_label(state, [names[str(unit_id)]], GROUP, NOISE))
    for merge in step.merges:
        change = commands.merge(state, [names[str(i)] for i in merge.unit_ids])
        do(change)
        _name(names, merge.new_unit_id, change.added[0])
    for split in step.splits:
        _do_split(split, state, do, names)


def _do_split(
    split: Any, state: CurationState, do: Callable[[Change], object], names: dict[str, int]
) -> None:
    cluster_id = names[str(split.unit_id)]
    n = state.clustering.n_spikes_of(cluster_id)
    labels = np.full(n, -1, np.int32)
    if split.mode == "labels":
        if len(split.labels) != n:
            raise UsageError(f"Unit {split.unit_id} has {n:,} spikes here: labels do not fit.")
        labels[:] = np.unique(split.labels, return_inverse=True)[1]
    else:
        for k, rows in enumerate(split.indices):
            if len(rows) and not 0 <= min(rows) <= max(rows) < n:
                raise UsageError(f"Unit {split.unit_id} has {n:,} spikes: indices do not fit.")
            labels[rows] = k
    change = commands.split_by_labels(state, cluster_id, labels)
    do(change)
    for name, new_id in zip(split.new_unit_ids or (), change.added, strict=False):
        _name(names, name, new_id)


def _name(names: dict[str, int], name: int | str | None, cluster_id: int) -> None:
    names[str(cluster_id if name is None else name)] = cluster_id


__all__ = ["check_curation", "from_spikeinterface", "to_spikeinterface"]
