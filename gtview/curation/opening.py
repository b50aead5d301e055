"""Begins curation of an export: finds its journal, and goes on where it ends."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..base.errors import DatasetError
from ..base.types import Int32Array, frozen
from ..base.wording import count_text
from ..data.backups import ORIGINALS, find_clusters
from ..data.dataset import Dataset
from ..data.diagnostics import DiagnosticLog
from ..data.export_stamp import ExportStamp
from ..data.journal_file import (
    FOLDER,
    NAME,
    JournalLines,
    JournalWriter,
    is_writable,
    journal_folder,
    read_journal,
)
from ..data.packed_ids import content_hash
from ..data.tables import ClusterProperties, read_cluster_tables
from .clustering import Clustering
from .commands import set_properties
from .fingerprint import Fingerprint
from .history import History
from .journal import ASIDE, DAMAGED, Journal, first_line
from .labels import Labels
from .replay import Replay, highest_id, is_journal, replay
from .started import (
    CHANGED,
    OnChange,
    Started,
    find_saved_position,
    free_in_tables,
    known_hashes_of,
    read_phy_next_id,
    start_in_memory,
)
from .state import CurationState


def start_curation(
    dataset: Dataset, on_change: OnChange = "ask", *, use_journal: bool = True
) -> Started:
    """Begin curation of an export that was just read.

    Nothing is written, unless `on_change` is "file" and there was a question.

    Parameters
    ----------
    dataset
        What was read.
    on_change
        Answer to the question of a `Started`.
    use_journal
        False: look at the saved state only, as commands without a window do.

    Raises
    ------
    OSError
        The journal cannot be read.
    """
    return _Start(dataset, on_change).run(use_journal=use_journal)


def start_replay(dataset: Dataset, path: Path) -> Started:
    """Do again what a journal says, wherever that file is; nothing is written.

    Raises
    ------
    DatasetError
        It is no journal, is of another sorting, or cannot be replayed to its end.
    OSError
        It cannot be read.
    """
    lines = read_journal(path)
    if lines is None or not is_journal(lines):
        raise DatasetError(f"{path} is no journal of curation.")
    return _Start(dataset, "journal").replay(lines, path.name)


class _Start:
    """Begins one curation; holds what its steps share."""

    def __init__(self, dataset: Dataset, on_change: OnChange) -> None:
        self.dataset = dataset
        self.on_change = on_change
        self.store = journal_folder(dataset.folder)
        self.stamp = ExportStamp.of(dataset.folder)
        self.found_bytes = 0
        self.messages: list[str] = []

    def run(self, *, use_journal: bool) -> Started:
        if not use_journal:
            return replace(self._fresh(aside=False), journal=None)
        lines = self._find_lines()
        if lines is None:
            return self._fresh(aside=False)
        if not is_journal(lines):
            return self._set_aside("The journal of this export cannot be read.", lines)
        try:
            fingerprint = Fingerprint.from_json(lines.records[0].get("fingerprint") or {})
        except DatasetError as error:
            return self._set_aside(str(error), lines)
        if not fingerprint.is_same_sorting(self.dataset):
            return self._set_aside("The journal here belongs to another sorting.", lines)
        return self._continue(lines, fingerprint)

    def replay(self, lines: JournalLines, name: str) -> Started:
        fingerprint = Fingerprint.from_json(lines.records[0].get("fingerprint") or {})
        if not fingerprint.is_same_sorting(self.dataset):
            raise DatasetError(f"{name} belongs to another sorting than {self.dataset.folder}.")
        hash_now = content_hash(self.dataset.spike_clusters, "<i4")
        self.stamp = self.stamp.with_hash(hash_now)
        first = self._first_clusters(fingerprint.spike_clusters, hash_now)
        state = self._first_state(first, self._first_properties())
        history = History(state)
        done = replay(lines, history)
        if done.problem:
            raise DatasetError(f"{name} cannot be replayed: {done.problem}")
        return self._started(state, history, None)

    def _find_lines(self) -> JournalLines | None:
        """Read the journal: of the store, or, for a first time, of a read-only export."""
        lines = read_journal(self.store / NAME)
        if lines is None and not is_writable(self.dataset.folder):
            inside = self.dataset.folder / FOLDER / NAME
            lines = read_journal(inside)
            if lines is not None:
                self.store.mkdir(parents=True, exist_ok=True)
                (self.store / NAME).write_bytes(inside.read_bytes())
        self.found_bytes = 0 if lines is None else lines.n_bytes
        return lines

    # Without a journal that counts ----------------------------------------------------------

    def _fresh(self, *, aside: bool, first_free: int = 0) -> Started:
        state = self._first_state(self.dataset.spike_clusters, self.dataset.properties)
        state.clustering.reserve_ids(first_free)
        journal = self._new_journal(state, aside=aside)
        return self._started(state, History(state), journal)

    def _set_aside(self, why: str, lines: JournalLines) -> Started:
        self.messages.append(f"{why} It is put aside with your first action, and not used.")
        return self._fresh(aside=True)

    def _new_journal(self, state: CurationState, *, aside: bool) -> Journal:
        writer = JournalWriter(
            self.store / NAME, aside=ASIDE if aside else None, found_bytes=self.found_bytes
        )
        dataset, tables = self.dataset, self.stamp.tables
        first_free = state.clustering.next_id
        return Journal(
            writer, lambda: first_line(dataset, dataset.spike_clusters, first_free, tables)
        )

    def _first_state(
        self, clusters: Int32Array, properties: ClusterProperties | None
    ) -> CurationState:
        # Nobody writes into the first assignment.
        first = frozen(np.asarray(clusters, np.int32).view())
        clustering = Clustering(first, self.dataset.time_order)
        labels = Labels(properties)
        clustering.reserve_ids(free_in_tables(labels.properties))
        clustering.reserve_ids(read_phy_next_id(self.dataset.folder))
        return CurationState(clustering, labels)

    # With one -------------------------------------------------------------------------------

    def _continue(self, lines: JournalLines, fingerprint: Fingerprint) -> Started:
        hash_now = content_hash(self.dataset.spike_clusters, "<i4")
        self.stamp = self.stamp.with_hash(hash_now)
        known = known_hashes_of(lines, fingerprint)
        if hash_now not in known and self.on_change != "journal":
            return self._changed(lines)
        try:
            first = self._first_clusters(fingerprint.spike_clusters, hash_now)
        except DatasetError:
            return self._set_aside(
                "The clusters that the journal of this export began with are not kept any more.",
                lines,
            )
        state = self._first_state(first, self._first_properties())
        history = History(state)
        done = replay(lines, history)
        # Only now: the journal's own ids are checked against those given before.
        state.clustering.reserve_ids(highest_id(lines))
        self._tell(done, history)
        history.mark_saved(find_saved_position(done, history, hash_now, fingerprint))
        journal = self._continued_journal(lines, done)
        started = self._started(state, history, journal, known | {fingerprint.spike_clusters})
        return self._take_tables(started, done)

    def _first_clusters(self, first_hash: str, hash_now: str) -> Int32Array:
        if first_hash == hash_now:
            return self.dataset.spike_clusters
        folder, n_spikes = self.dataset.folder, self.dataset.n_spikes
        try:
            return find_clusters(self.store, folder, first_hash, n_spikes)
        except DatasetError:
            # A read-only export that was curated when it could be written.
            return find_clusters(folder / FOLDER, folder, first_hash, n_spikes)

    def _first_properties(self) -> ClusterProperties:
        for store in (self.store, self.dataset.folder / FOLDER):
            if (store / ORIGINALS).is_dir():
                return read_cluster_tables(store / ORIGINALS, DiagnosticLog())
        return self.dataset.properties

    def _changed(self, lines: JournalLines) -> Started:
        started = self._fresh(aside=True, first_free=highest_id(lines))
        if self.on_change == "file":
            if started.journal is not None:
                started.journal.begin()
            return started
        return replace(started, journal=None, question=CHANGED)

    def _continued_journal(self, lines: JournalLines, done: Replay) -> Journal:
        path = self.store / NAME
        keep = lines.ends[done.n_lines - 1]
        is_whole = keep == lines.n_bytes
        writer = JournalWriter(
            path,
            keep_bytes=None if is_whole else keep,
            copy=DAMAGED if done.problem else None,
            found_bytes=self.found_bytes,
        )
        return Journal(writer, None)

    def _tell(self, done: Replay, history: History) -> None:
        if done.n_actions:
            steps = count_text(history.position, "action")
            self.messages.append(
                f"The curation of this export goes on: {steps} of its journal, from the sorter's "
                "first clusters, can be undone."
            )
        if done.problem:
            self.messages.append(
                f"The journal is damaged behind action {history.number_at(history.position)}: "
                f"{done.problem} The rest is not used; a copy is kept with your next action."
            )

    def _take_tables(self, started: Started, done: Replay) -> Started:
        """Take over labels that another program wrote after the last save."""
        changed = self._foreign_tables(done)
        if not changed:
            return started
        theirs = self.dataset.properties
        change = set_properties(started.state, theirs, "Labels of another program")
        labels = tuple(d for d in change.labels if theirs.source(d.field) in changed)
        if not labels:
            return started
        entry = started.history.do(replace(change, labels=labels), time_s=time.time())
        if started.journal is not None:
            started.journal.defer_action(entry, self.stamp.tables)
        files = ", ".join(sorted(changed))
        return replace(
            started,
            messages=(*started.messages, f"Another program has changed {files}: taken over."),
        )

    def _foreign_tables(self, done: Replay) -> set[str]:
        # After a save that was cut short, any table may be the one before or the one after.
        if done.saves and not done.saves[-1].is_done:
            return set()
        return {n for n, digest in self.stamp.tables.items() if done.tables.get(n) != digest}

    def _started(
        self,
        state: CurationState,
        history: History,
        journal: Journal | None,
        known: frozenset[str] | set[str] = frozenset(),
    ) -> Started:
        return Started(
            state=state,
            history=history,
            journal=journal,
            stamp=self.stamp,
            store=self.store,
            messages=tuple(self.messages),
            known_hashes=frozenset(known),
        )


__all__ = ["OnChange", "Started", "start_curation", "start_in_memory", "start_replay"]
