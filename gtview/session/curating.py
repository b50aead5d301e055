"""Curation as named operations: what menus, keys and snippets call; publishes what changed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.errors import UsageError
from ..base.types import Int32Array
from ..curation import commands
from ..curation.changes import Change
from ..curation.history import Entry, History
from ..curation.labels import GROUP, Labels
from ..curation.opening import Started, start_in_memory
from .events import ClusteringChanged, HistoryChanged, LabelsChanged
from .keeping import Keeping
from .saving import Saving

if TYPE_CHECKING:
    from ..data.backups import Snapshot
    from ..data.dataset import Dataset
    from ..data.tables import ClusterProperties, PropertyValue
    from .session import Session

# Selected clusters and similar clusters.
Chosen = tuple[tuple[int, ...], tuple[int, ...]]


class Curation:
    """What can be done to the clusters of a session, and what was done.

    Each operation is applied at once, announced once, and written to the journal by another
    thread. Operations raise `UsageError` with a sentence when they cannot be done; `why_not`
    gives that sentence beforehand. `plan_...` return the `Change` that an operation would be, for
    a preview.

    Attributes
    ----------
    keeping
        The journal and the lock.
    saving
        Saving, and earlier saves.
    messages
        What opening found, for the user.
    question
        What the user has to decide before anything can be changed; see `Started`.
    """

    def __init__(self, session: Session, started: Started | None) -> None:
        self._session = session
        if started is None:
            started = start_in_memory(session.dataset, session.clustering)
        self._state = started.state
        self.history: History = started.history
        self.messages = started.messages
        self.question = started.question
        self.keeping = Keeping(session, started)
        self.saving = Saving(session, started)
        self.labelled: Dataset = session.dataset
        self.refresh_dataset()

    # What there is ---------------------------------------------------------------------------

    @property
    def labels(self) -> Labels:
        """Labels of all clusters."""
        return self._state.labels

    @property
    def is_dirty(self) -> bool:
        """Whether there is something to save."""
        return self.history.is_dirty

    def why_not(self, operation: str) -> str:
        """Return why an operation cannot be done now; "" when it can.

        `operation` is `merge`, `split`, `discard`, `label`, `rename`, `undo`, `redo` or `save`.
        """
        chosen = self._session.selection.state.shown_ids
        if self.keeping.read_only_reason:
            return self.keeping.read_only_reason
        reasons = {
            "merge": "" if len(chosen) > 1 else "Select at least two clusters to merge.",
            "split": "" if chosen else "Select a cluster first.",
            "label": "" if chosen else "Select a cluster first.",
            "undo": "" if self.history.undo_name else "There is nothing to undo.",
            "redo": "" if self.history.redo_name else "There is nothing to do again.",
            "save": "" if self.is_dirty else "Everything is saved.",
        }
        return reasons.get(operation, "")

    @property
    def can_save(self) -> bool:
        """Whether there is something to save."""
        return not self.why_not("save")

    # What it would be ------------------------------------------------------------------------

    def plan_merge(self, cluster_ids: Iterable[int]) -> Change:
        """Return what merging some clusters would be."""
        return commands.merge(self._state, cluster_ids)

    def plan_split(self, groups: Int32Array | Sequence[Int32Array]) -> Change:
        """Return what splitting off one or several sets of spikes would be."""
        return commands.split(self._state, groups)

    # Operations ------------------------------------------------------------------------------

    def merge_selected(self) -> Change:
        """Merge the selected and similar clusters; the new one is selected."""
        return self.merge(self._session.selection.state.shown_ids)

    def merge(self, cluster_ids: Iterable[int]) -> Change:
        """Merge clusters; the new one is selected."""
        return self.do(commands.merge(self._state, cluster_ids))

    def split(self, groups: Int32Array | Sequence[Int32Array]) -> Change:
        """Split off one or several sets of spikes, of any clusters; all parts are selected."""
        return self.do(commands.split(self._state, groups))

    def split_by_labels(self, cluster_id: int, labels: Int32Array) -> Change:
        """Split a cluster by a label of each of its spikes (by time); all parts are selected."""
        return self.do(commands.split_by_labels(self._state, cluster_id, labels))

    def split_by_template(self, cluster_ids: Iterable[int] | None = None) -> Change:
        """Split clusters, or the selected ones, by the template of each spike."""
        ids = self._session.selection.state.shown_ids if cluster_ids is None else cluster_ids
        templates = self._session.dataset.spike_templates
        return self.do(commands.split_by_template(self._state, ids, templates))

    def discard(self, spike_ids: Int32Array) -> Change:
        """Put spikes into a new cluster of the group noise; the rests are selected."""
        change = commands.discard(self._state, spike_ids)
        noise = {d.cluster_id for d in change.labels if d.field == GROUP and d.after == "noise"}
        rests = tuple(i for i in change.added if i not in noise) or change.added
        return self.do(change, (rests, ()))

    def label(
        self, cluster_ids: Iterable[int], value: PropertyValue | None, field: str = GROUP
    ) -> Change:
        """Give clusters a label (None: take it from them); the selection stays."""
        return self.do(commands.set_label(self._state, cluster_ids, field, value))

    def rename_field(self, old: str, new: str) -> Change:
        """Give a field another name."""
        return self.do(commands.rename_field(self._state, old, new))

    def go_back(
        self, snapshot: Snapshot, read: tuple[Int32Array, ClusterProperties] | None = None
    ) -> Change:
        """Go to an earlier state of the files, as an action that can be undone; save it then.

        `read` is what `saving.read_snapshot` has read of it; None: read it now.
        """
        clusters, properties = read or self.saving.read_snapshot(snapshot)
        keep_ids = snapshot.clusters_hash in self.saving.known_hashes
        name = f"Return to {snapshot.name[0].lower()}{snapshot.name[1:]}"
        change = commands.restore(self._state, clusters, properties, name, keep_ids=keep_ids)
        return self.do(change, ((), ()))

    def to_spikeinterface(self) -> dict[str, Any]:
        """Return what was done as SpikeInterface's `SequentialCuration`, for a JSON file."""
        from ..curation.exchange import to_spikeinterface

        return to_spikeinterface(self.history, self._session.dataset.time_order)

    def from_spikeinterface(self, value: dict[str, Any]) -> list[str]:
        """Do what a curation of SpikeInterface says; return what has no place here."""
        from ..curation.exchange import from_spikeinterface

        self.keeping.prepare()
        with self._session.bus.hold():
            return from_spikeinterface(value, self._state, self.do)

    def do(self, change: Change, chosen: Chosen | None = None) -> Change:
        """Apply a change, remember it and announce it.

        Parameters
        ----------
        change
            Of `commands`, for the state as it is; an empty one is only returned.
        chosen
            What is selected then; None: the new clusters, or what is selected where none is new.

        Raises
        ------
        UsageError
            Nothing can be changed now.
        """
        self.keeping.prepare()
        if change.is_empty:
            return change
        before = self._chosen()
        entry = self.history.do(change, time_s=time.time(), by=self.keeping.by, before=before)
        if chosen is None:
            chosen = (change.added, ()) if change.added else before
        self._announce(change, chosen)
        self.history.note_selection(self._chosen())
        self.keeping.write_action(entry)
        return change

    def undo(self) -> Change | None:
        """Take the last action back; return it, None when there is none."""
        return self._step("undo")

    def redo(self) -> Change | None:
        """Do again what was taken back last; return it, None when there is none."""
        return self._step("redo")

    def go_to(self, position: int) -> None:
        """Undo or redo until a position of the history."""
        if not 0 <= position <= len(self.history.entries):
            raise UsageError("There is no such place in the history.")
        with self._session.bus.hold():
            while self.history.position > position:
                self.undo()
            while self.history.position < position:
                self.redo()

    def _step(self, step: str) -> Change | None:
        self.keeping.prepare()
        entry = self.history.undo() if step == "undo" else self.history.redo()
        if entry is None:
            return None
        is_undo = step == "undo"
        change = entry.change.reversed() if is_undo else entry.change
        self._announce(change, self._remembered(entry, change, is_undo=is_undo))
        self.keeping.write_step(step, entry)
        return entry.change

    def _remembered(self, entry: Entry, change: Change, *, is_undo: bool) -> Chosen:
        kept = entry.before if is_undo else entry.after
        if isinstance(kept, tuple):
            return kept
        return (change.added or self._chosen()[0], ())

    # Telling ---------------------------------------------------------------------------------

    def refresh_dataset(self) -> None:
        """Take over a dataset of which more is known."""
        self.labelled = replace(self._session.dataset, properties=self.labels.properties)

    def _chosen(self) -> Chosen:
        state = self._session.selection.state
        return state.cluster_ids, state.similar_ids

    def _announce(self, change: Change, chosen: Chosen) -> None:
        session = self._session
        with session.bus.hold():
            if change.labels:
                self.refresh_dataset()
            if change.spikes is not None:
                session.measurements.follow(change.added, change.removed)
                session.bus.publish(ClusteringChanged(change.added, change.removed))
            if change.labels:
                ids = np.unique([d.cluster_id for d in change.labels]).tolist()
                fields = tuple(dict.fromkeys(d.field for d in change.labels))
                session.bus.publish(LabelsChanged(tuple(ids), fields))
            session.select_clusters(*chosen)
            session.bus.publish(HistoryChanged())
