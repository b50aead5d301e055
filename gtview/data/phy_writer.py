"""Saves clusters and labels into an export exactly as phy reads them, whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..base.errors import DatasetError, GtviewError
from ..base.files import written_whole
from ..base.progress import Reporter, ignore_progress
from ..base.types import Int32Array
from . import backups
from .cluster_files import Rows, TablePlan, info_text, plan_tables
from .diagnostics import DiagnosticLog
from .export_stamp import CLUSTERS, INFO, ExportStamp, hash_clusters
from .npy_stream import NpyStream
from .packed_ids import content_hash
from .tables import ClusterProperties, read_cluster_tables


class ExportChangedError(GtviewError):
    """Another program changed the export since it was read; `files` are their names."""

    def __init__(self, files: list[str]) -> None:
        super().__init__(
            f"Another program changed {', '.join(files)} since the export was opened. Nothing was "
            "saved."
        )
        self.files = files


@dataclass(frozen=True, slots=True, eq=False)
class SaveRequest:
    """What to save.

    Attributes
    ----------
    spike_clusters : int32 array, (n_spikes,), read-only
        Cluster of each spike.
    cluster_ids
        The clusters that exist, increasing.
    properties
        Labels and other properties; those of clusters that do not exist are not written.
    info
        Columns of `cluster_info.tsv` by name, each by cluster id.
    known
        What was on the disk when the export was read, or last saved.
    as_read : int32 array, (n_spikes,), or None
        The assignment that was read, to be kept as the original where no file holds it.
    """

    spike_clusters: Int32Array
    cluster_ids: tuple[int, ...]
    properties: ClusterProperties
    info: Mapping[str, Rows]
    known: ExportStamp
    as_read: Int32Array | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SaveReport:
    """What saving did.

    Attributes
    ----------
    files
        Names of the files that were written or removed; empty when nothing had changed.
    stamp
        What is on the disk now.
    hash_before
        Hash of the assignment that the export was read with, or last saved.
    notes
        Sentences for the user.
    """

    files: tuple[str, ...]
    stamp: ExportStamp
    hash_before: str
    notes: tuple[str, ...] = ()


def save_export(
    folder: Path,
    request: SaveRequest,
    store: Path,
    *,
    overwrite: bool = False,
    announce: Callable[[str], None] | None = None,
    report: Reporter = ignore_progress,
) -> SaveReport:
    """Save clusters and labels; what is on the disk already is not written again.

    All files are written aside and synced first, then renamed one after another; the earlier
    ones are kept in `store`. The result is read back.

    Parameters
    ----------
    folder
        Folder of the export.
    request
        What to save.
    store
        Folder of the backups, see `journal_folder`.
    overwrite
        Whether files that another program changed meanwhile may be replaced (they are kept).
    announce
        Called with the hash of the new assignment before the first file is replaced.
    report
        Told how far it is.

    Raises
    ------
    ExportChangedError
        Another program changed a file that would be replaced.
    DatasetError
        The disk is full or refuses; the files are as they were, or it says which are not.
    """
    try:
        return _Save(folder, request, store, overwrite=overwrite).run(announce, report)
    except OSError as error:
        raise DatasetError(_why(error)) from error


def _why(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full: nothing was saved, and the old files are whole."
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return "The export cannot be written (it is read-only). Save it into another folder."
    return f"Nothing was saved: {error.strerror or error}."


class _Save:
    """One save; holds what its steps share."""

    def __init__(
        self, folder: Path, request: SaveRequest, store: Path, *, overwrite: bool
    ) -> None:
        self.folder = folder
        self.request = request
        self.store = store
        self.overwrite = overwrite
        self.new_hash = ""
        self.disk_hash = request.known.clusters_hash

    def run(self, announce: Callable[[str], None] | None, report: Reporter) -> SaveReport:
        report(0.0, "Looking at what has changed")
        request, known = self.request, self.request.known
        changed = known.changed_files(self.folder, len(request.spike_clusters))
        self.new_hash = content_hash(request.spike_clusters, "<i4")
        old = read_cluster_tables(self.folder, DiagnosticLog())
        plan = plan_tables(request.properties, old, request.cluster_ids)
        texts = self._texts(plan)
        if CLUSTERS in changed:
            self.disk_hash = hash_clusters(self.folder, len(request.spike_clusters))
        has_clusters = self.new_hash != self.disk_hash
        touched = {*texts, *plan.removed} | ({CLUSTERS} if has_clusters else set())
        if not self.overwrite and (CLUSTERS in changed or touched & set(changed)):
            raise ExportChangedError(changed)
        if touched:
            self._write(texts, plan.removed, has_clusters, announce, report)
            self._check(plan)
        report(1.0, "Saved")
        stamp = ExportStamp.of(self.folder, self.new_hash)
        return SaveReport(tuple(sorted(touched)), stamp, known.clusters_hash, plan.notes)

    def _texts(self, plan: TablePlan) -> dict[str, bytes]:
        texts = {name: text.encode() for name, text in plan.texts.items()}
        info = info_text(self.request.cluster_ids, self.request.info).encode()
        path = self.folder / INFO
        # A summary that says the same already is not written again.
        if not path.exists() or path.read_bytes() != info:
            texts[INFO] = info
        return texts

    def _write(
        self,
        texts: Mapping[str, bytes],
        removed: tuple[str, ...],
        has_clusters: bool,
        announce: Callable[[str], None] | None,
        report: Reporter,
    ) -> None:
        backups.tidy(self.store, self.folder)
        report(0.1, "Writing")
        with ExitStack() as stack:
            # The first ones entered are renamed last: the clusters decide.
            clusters = None
            if has_clusters:
                clusters = stack.enter_context(written_whole(self.folder / CLUSTERS))
                self._write_clusters(clusters)
            for name, data in texts.items():
                _write_synced(stack.enter_context(written_whole(self.folder / name)), data)
            report(0.7, "Keeping the earlier files")
            snapshot = backups.take_snapshot(
                self.store,
                self.folder,
                self.request.known.clusters_hash,
                self.disk_hash,
                self.request.as_read,
            )
            try:
                if announce is not None:
                    announce(self.new_hash)
                if has_clusters:
                    backups.keep_clusters(self.store, snapshot, self.folder)
            except BaseException:
                backups.remove_snapshot(snapshot)
                raise
            report(0.8, "Replacing the files")
        for name in removed:
            (self.folder / name).unlink(missing_ok=True)
        if has_clusters:
            backups.move_phy_caches(snapshot, self.folder)
        backups.tidy(self.store, self.folder)

    def _write_clusters(self, partial: Path) -> None:
        NpyStream.save(partial, np.asarray(self.request.spike_clusters, np.int32))
        back = np.load(partial, mmap_mode="r")
        if not np.array_equal(back, self.request.spike_clusters):
            raise OSError(errno.EIO, "the disk does not give back what was written")

    def _check(self, plan: TablePlan) -> None:
        back = read_cluster_tables(self.folder, DiagnosticLog())
        again = plan_tables(self.request.properties, back, self.request.cluster_ids)
        wrong = sorted(again.texts.keys() & plan.texts.keys())
        if wrong:
            raise DatasetError(
                f"{', '.join(wrong)} was written, but does not read back as it should. The "
                "earlier files are in the list of saves."
            )


def _write_synced(partial: Path, data: bytes) -> None:
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def copy_export(
    source: Path, target: Path, raw_paths: list[Path], report: Reporter = ignore_progress
) -> None:
    """Copy an export into a new folder; its params.py names the raw files where they are.

    Parameters
    ----------
    source, target
        Folders; `target` must be empty or not exist.
    raw_paths
        Raw files; they are not copied.
    report
        Told how far it is.

    Raises
    ------
    DatasetError
        The folder is not empty, or cannot be written; nothing is left behind then.
    """
    if target.exists() and any(target.iterdir()):
        raise DatasetError(f"{target} is not empty: choose a new folder.")
    raw = {p.resolve() for p in raw_paths}
    files = [p for p in sorted(source.iterdir()) if p.is_file() and p.resolve() not in raw]
    total = sum(p.stat().st_size for p in files) or 1
    made = not target.exists()
    done = 0
    try:
        target.mkdir(parents=True, exist_ok=True)
        for path in files:
            report(done / total, f"Copying {path.name}")
            copy = target / path.name
            shutil.copyfile(path, copy)
            done += path.stat().st_size
        _point_to(target / "params.py", raw_paths)
    except BaseException as error:
        for path in files:
            (target / path.name).unlink(missing_ok=True)
        if made and target.exists():
            target.rmdir()
        if isinstance(error, OSError):
            raise DatasetError(_why(error)) from error
        raise


def _point_to(params: Path, raw_paths: list[Path]) -> None:
    if not raw_paths:
        return
    names = [str(p.resolve()) for p in raw_paths]
    value = repr(names[0]) if len(names) == 1 else repr(names)
    text = params.read_text(encoding="utf-8")
    # The last assignment counts, for phy (which runs the file) and for us.
    params.write_text(f"{text.rstrip()}\ndat_path = {value}\n", encoding="utf-8")
