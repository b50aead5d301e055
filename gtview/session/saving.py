"""Saves what was curated: a snapshot first, the work in a thread, the news at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..base.errors import DatasetError, UsageError
from ..base.progress import Reporter, ignore_progress, part_of
from ..base.types import Int32Array
from ..curation.started import Started
from ..data.backups import Snapshot, list_snapshots, read_snapshot
from ..data.export_stamp import ExportStamp
from ..data.journal_file import is_writable
from ..data.packed_ids import content_hash
from ..data.phy_writer import SaveReport, SaveRequest, copy_export, save_export
from .events import SaveChanged
from .tables import TableSource, cluster_table

if TYPE_CHECKING:
    from ..base.table import Column
    from ..curation.journal import Journal
    from ..data.cluster_files import Rows
    from ..data.tables import ClusterProperties
    from .session import Session

# Names that phy gives the columns of cluster_info.tsv.
_NAMES_OF_PHY = {"rate": "fr", "spikes": "n_spikes"}


@dataclass(frozen=True, slots=True, eq=False)
class SaveJob:
    """What is saved, as it was when it was asked for; `run_save` does it in any thread.

    Attributes
    ----------
    folder
        The export.
    source
        Where its files are copied from first; None: they are there.
    request, store
        See `save_export`.
    position, number
        Of the history.
    overwrite
        Whether files that another program changed may be replaced.
    """

    folder: Path
    source: Path | None
    request: SaveRequest
    store: Path
    position: int
    number: int
    raw_paths: tuple[Path, ...]
    journal: Journal | None
    overwrite: bool = False


def run_save(job: SaveJob, report: Reporter = ignore_progress) -> SaveReport:
    """Do a save; in any thread.

    Raises
    ------
    ExportChangedError
        Another program changed the export; save again with `overwrite`, or open it again.
    DatasetError
        It cannot be written; the old files are whole.
    """
    request, journal = job.request, job.journal
    if not request.known.clusters_hash and request.as_read is not None:
        known = request.known.with_hash(content_hash(request.as_read, "<i4"))
        request = replace(request, known=known)
    if job.source is not None:
        copy_export(job.source, job.folder, list(job.raw_paths), part_of(report, 0.0, 0.7))
        known = ExportStamp.of(job.folder, request.known.clusters_hash)
        request = replace(request, known=known)

    def announce(clusters_hash: str) -> None:
        if journal is not None and job.source is None:
            journal.write_saving(job.number, clusters_hash)
            if not journal.writer.wait(60.0):
                raise DatasetError("Nothing was saved: the journal cannot be written.")

    done = save_export(
        job.folder,
        request,
        job.store,
        overwrite=job.overwrite,
        announce=announce,
        report=part_of(report, 0.7 if job.source else 0.0, 1.0),
    )
    if journal is not None and job.source is None:
        journal.write_saved(job.number, done.stamp.clusters_hash, done.stamp.tables)
        journal.writer.wait(60.0)
    return done


class Saving:
    """Saving of a session; see `Curation.saving`.

    Attributes
    ----------
    is_busy
        Whether a save is under way.
    known_hashes
        Assignments whose ids name what they name here.
    """

    def __init__(self, session: Session, started: Started) -> None:
        self._session = session
        self._started = started
        self._stamp = started.stamp
        self._as_read = session.dataset.spike_clusters
        self.is_busy = False
        self.known_hashes = set(started.known_hashes)

    @property
    def is_possible_here(self) -> bool:
        """Whether the export can be written; else a save needs another folder."""
        return is_writable(self._session.dataset.folder)

    def start(self, folder: Path | None = None, *, overwrite: bool = False) -> SaveJob:
        """Return what `run_save` has to do, for a thread; then call `finish` or `fail`.

        Parameters
        ----------
        folder
            A new or empty folder for a complete export; None: save into the export.
        overwrite
            Whether files that another program changed may be replaced (they are kept).

        Raises
        ------
        UsageError
            A save is under way, or nothing can be changed here.
        """
        session, history = self._session, self._session.curation.history
        reason = session.curation.keeping.read_only_reason
        if self.is_busy or (reason and folder is None):
            raise UsageError(reason or "A save is under way.")
        here = session.dataset.folder
        request = SaveRequest(
            spike_clusters=session.clustering.snapshot(),
            cluster_ids=tuple(session.clustering.cluster_ids),
            properties=session.curation.labels.properties,
            info=self._info(),
            known=self._stamp,
            as_read=self._as_read,
        )
        self.is_busy = True
        session.bus.publish(SaveChanged())
        return SaveJob(
            folder=folder or here,
            source=None if folder is None else here,
            request=request,
            store=self._started.store if folder is None else folder / ".gtview",
            position=history.position,
            number=history.number_at(history.position),
            raw_paths=() if session.dataset.raw is None else session.dataset.raw.paths,
            journal=self._started.journal,
            overwrite=overwrite,
        )

    def finish(self, job: SaveJob, done: SaveReport) -> None:
        """Take over that a save is done, in the thread of the session, and tell it."""
        self._end()
        if job.source is None:
            history = self._session.curation.history
            # The stack may have changed while it was saved: only its number tells the place.
            history.mark_saved(history.position_of(job.number))
            self._stamp = done.stamp
            self.known_hashes |= {done.hash_before, done.stamp.clusters_hash}
        self._session.bus.publish(SaveChanged())

    def fail(self) -> None:
        """Tell that a save failed; nothing has changed."""
        self._end()
        self._session.bus.publish(SaveChanged())

    def _end(self) -> None:
        self.is_busy = False
        self._session.clustering.end_snapshot()

    def save(self, folder: Path | None = None, *, overwrite: bool = False) -> SaveReport:
        """Save and wait: `start`, `run_save` and `finish` in one."""
        job = self.start(folder, overwrite=overwrite)
        try:
            done = run_save(job)
        except BaseException:
            self.fail()
            raise
        self.finish(job, done)
        return done

    def changed_files(self) -> list[str]:
        """Return the files that another program changed since they were read or saved here."""
        dataset = self._session.dataset
        stamp = self._stamp
        if not stamp.clusters_hash:
            stamp = stamp.with_hash(content_hash(self._as_read, "<i4"))
        return stamp.changed_files(dataset.folder, dataset.n_spikes)

    # Earlier states --------------------------------------------------------------------------

    def snapshots(self) -> list[Snapshot]:
        """Return the originals and the states before the last saves; see `Curation.go_back`."""
        return list_snapshots(self._started.store)

    def read_snapshot(self, snapshot: Snapshot) -> tuple[Int32Array, ClusterProperties]:
        """Return the clusters and the labels of an earlier state."""
        dataset = self._session.dataset
        return read_snapshot(self._started.store, snapshot, dataset.folder, dataset.n_spikes)

    def _info(self) -> Mapping[str, Rows]:
        session = self._session
        if session.stats is None:
            return {}
        source = TableSource.of(session)
        # What belongs to the ground truth has no place in a sorter's export.
        table = cluster_table(replace(source, truth=None, scores=None, quality=None, pc={}))
        ids = [int(i) for i in table.row_ids]  # type: ignore[call-overload]
        return {
            _NAMES_OF_PHY.get(column.name, column.name): _rows(ids, column)
            for column in table.columns
            if column.name != "id"
        }


def _rows(ids: list[int], column: Column) -> Rows:
    values = column.values.tolist()
    is_whole = column.kind in ("id", "integer")
    return {
        i: int(value) if is_whole else value
        for i, value in zip(ids, values, strict=True)
        if value is not None and not (isinstance(value, float) and np.isnan(value))
    }
