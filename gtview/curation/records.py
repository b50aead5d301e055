"""Changes as the lines of a journal say them, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..base.errors import DatasetError
from ..base.types import Int32Array
from ..data.packed_ids import hash_ids, pack_ids, unpack_ids
from ..kernels.grouping import group_by_value
from .changes import Change, Clash, LabelDiff
from .clustering import ClusterDiff
from .state import CurationState

Record = dict[str, Any]


def change_to_record(change: Change) -> Record:
    """Return a change as JSON values; for a thread: the spikes of a large split take a while.

    Each new cluster says which clusters it has spikes of, how many, and their hash; and its
    spikes, unless these are all that no other new cluster takes from those clusters.
    """
    record: Record = {
        "op": change.operation,
        "name": change.name,
        "before": list(change.removed),
        "after": list(change.added),
        "labels": [[d.field, d.cluster_id, d.before, d.after] for d in change.labels],
    }
    if change.clashes:
        record["clashes"] = [
            [c.field, c.cluster_id, c.value, c.taken_from, list(c.values)] for c in change.clashes
        ]
    if change.spikes is not None:
        record["moves"] = _moves(change.spikes)
    return record


def _moves(diff: ClusterDiff) -> list[Record]:
    new, offsets, order = group_by_value(diff.after)
    moves = []
    for k, new_id in enumerate(new.tolist()):
        rows = order[offsets[k] : offsets[k + 1]]
        parents = group_by_value(diff.before[rows])[0].tolist()
        moves.append((new_id, parents, diff.spike_ids[rows]))
    rests = _find_rests(moves)
    records = []
    for new_id, parents, spikes in moves:
        move: Record = {"to": new_id, "from": parents, "n": len(spikes), "hash": hash_ids(spikes)}
        if new_id not in rests:
            move["spikes"] = pack_ids(spikes)
        records.append(move)
    # The rests last: they are what is left.
    return sorted(records, key=lambda move: "spikes" not in move)


def _find_rests(moves: Sequence[tuple[int, list[int], Int32Array]]) -> set[int]:
    """Return the new clusters whose spikes need not be written: at most one for each parent."""
    rests: set[int] = set()
    taken: set[int] = set()
    for new_id, parents, _ in sorted(moves, key=lambda move: (-len(move[2]), move[0])):
        if not taken & set(parents):
            rests.add(new_id)
            taken |= set(parents)
    return rests


def change_from_record(record: Record, state: CurationState) -> Change:
    """Return the change that a line of a journal says, checked against the state it is for.

    Raises
    ------
    DatasetError
        The line is damaged, or belongs to another state.
    """
    try:
        return Change(
            operation=str(record["op"]),
            name=str(record["name"]),
            spikes=_read_moves(record["moves"], state) if record.get("moves") else None,
            labels=tuple(LabelDiff(*diff) for diff in record.get("labels", ())),
            added=tuple(int(i) for i in record.get("after", ())),
            removed=tuple(int(i) for i in record.get("before", ())),
            clashes=tuple(
                Clash(field, i, value, of, tuple((j, v) for j, v in values))
                for field, i, value, of, values in record.get("clashes", ())
            ),
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise DatasetError(f"An action in the journal is damaged: {error}.") from error


def _read_moves(moves: Sequence[Record], state: CurationState) -> ClusterDiff:
    touched = sorted({int(i) for move in moves for i in move["from"]})
    spike_ids = np.sort(np.concatenate([state.clustering.spikes_of(i) for i in touched]))
    before = state.clustering.clusters_of(spike_ids)
    after = np.full(len(spike_ids), -1, np.int32)
    for move in moves:
        if "spikes" in move:
            spikes = unpack_ids(move["spikes"])
            places = np.minimum(np.searchsorted(spike_ids, spikes), len(spike_ids) - 1)
            if not np.array_equal(spike_ids[places], spikes):
                raise ValueError(f"the spikes of cluster {move['to']} are not there")
            after[places] = move["to"]
        else:
            after[(after < 0) & np.isin(before, move["from"])] = move["to"]
        _check(move, spike_ids[after == move["to"]])
    if (after < 0).any():
        raise ValueError("some spikes got no cluster")
    return ClusterDiff(spike_ids, before, after)


def _check(move: Record, spikes: Int32Array) -> None:
    if len(spikes) != move["n"] or hash_ids(spikes) != move["hash"]:
        raise ValueError(f"cluster {move['to']} has other spikes than it had")
