"""The sorter's originals and the last saves of an export, kept in its `.gtview`."""

from __future__ import annotations

import json
import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..base.errors import DatasetError
from ..base.types import Int32Array
from .diagnostics import DiagnosticLog
from .export_stamp import CLUSTERS, find_tables
from .npy_stream import NpyStream
from .packed_ids import content_hash
from .spikes import read_clusters
from .tables import ClusterProperties, read_cluster_tables

ORIGINALS = "originals"
SAVES = "saves"
KEPT_SAVES = 10
_MANIFEST = "manifest.json"
_PHY_CACHES = ("new_cluster_id.json", "spikes_per_cluster.pkl")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An earlier state of an export.

    Attributes
    ----------
    folder
        Where its files are. Its `spike_clusters.npy` may be missing there: then a later snapshot,
        or the export itself, still holds the same.
    time_s
        When the state was put away, in seconds since 1970.
    clusters_hash
        `content_hash` of its assignment.
    is_original
        Whether it is what was there before the first save.
    """

    folder: Path
    time_s: float
    clusters_hash: str
    is_original: bool

    @property
    def name(self) -> str:
        """What to call it in a list."""
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.time_s))
        return "Before the first save" if self.is_original else f"Until the save of {when}"


def list_snapshots(store: Path) -> list[Snapshot]:
    """Return the originals, then the states before the last saves, the oldest first."""
    folders = [store / ORIGINALS]
    if (store / SAVES).is_dir():
        folders += sorted(f for f in (store / SAVES).iterdir() if f.name.isdigit())
    return [s for s in map(_read_manifest, folders) if s is not None]


def _read_manifest(folder: Path) -> Snapshot | None:
    try:
        values = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        return Snapshot(
            folder,
            float(values["time_s"]),
            str(values["clusters_hash"]),
            folder.name == ORIGINALS,
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None


def take_snapshot(
    store: Path, export: Path, read_hash: str, disk_hash: str, as_read: Int32Array | None
) -> Snapshot:
    """Put away the tables of an export as they are now; the first time as its originals, too.

    Parameters
    ----------
    store
        The `.gtview` folder.
    export
        Folder of the export.
    read_hash, disk_hash
        `content_hash` of its assignment as it was read when the export was opened, and of what
        the disk holds now: another one where another program wrote in between.
    as_read : int32 array, (n_spikes,), or None
        The assignment that was read; kept as the original where no file holds it any more.

    Raises
    ------
    OSError
        The disk is full, or does not want.
    """
    if not (store / ORIGINALS / _MANIFEST).exists():
        is_gone = read_hash != disk_hash or not (export / CLUSTERS).exists()
        _put_away(store / ORIGINALS, export, read_hash, as_read if is_gone else None)
    saves = store / SAVES
    numbers = [int(f.name) for f in saves.iterdir() if f.name.isdigit()] if saves.is_dir() else []
    folder = saves / f"{max(numbers, default=0) + 1:06d}"
    _put_away(folder, export, disk_hash, None)
    return Snapshot(folder, time.time(), disk_hash, is_original=False)


def _put_away(folder: Path, export: Path, clusters_hash: str, clusters: Int32Array | None) -> None:
    draft = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        for table in find_tables(export):
            shutil.copy2(table, draft / table.name)
        if clusters is not None:
            NpyStream.save(draft / CLUSTERS, clusters)
        manifest = {"time_s": time.time(), "clusters_hash": clusters_hash}
        (draft / _MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        draft.rename(folder)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def keep_clusters(store: Path, snapshot: Snapshot, export: Path) -> None:
    """Keep the `spike_clusters.npy` of an export that is about to be replaced by renaming.

    It costs no copy where the file system knows links: the old file simply stays.
    """
    source = export / CLUSTERS
    if not source.exists():
        return
    for kept in (_read_manifest(store / ORIGINALS), snapshot):
        if kept is not None and kept.clusters_hash == snapshot.clusters_hash:
            target = kept.folder / CLUSTERS
            if not target.exists():
                _link_or_copy(source, target)


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copy2(source, target)


def move_phy_caches(snapshot: Snapshot, export: Path) -> None:
    """Move what phy remembers of its clusters into a snapshot: it would not fit any more."""
    for name in _PHY_CACHES:
        source = export / ".phy" / name
        if source.exists():
            target = snapshot.folder / "phy" / name
            target.parent.mkdir(exist_ok=True)
            with suppress(OSError):
                source.replace(target)


def tidy(store: Path, export: Path) -> None:
    """Remove saves beyond the last ten, and links to the very file that is in use.

    Such a link is left by a program that was ended while it saved; somebody who writes the file
    in place would change the backup with it.
    """
    snapshots = list_snapshots(store)
    for snapshot in snapshots:
        kept = snapshot.folder / CLUSTERS
        with suppress(OSError):
            if kept.exists() and kept.samefile(export / CLUSTERS):
                kept.unlink()
    for old in [s for s in snapshots if not s.is_original][:-KEPT_SAVES]:
        shutil.rmtree(old.folder, ignore_errors=True)


def remove_snapshot(snapshot: Snapshot) -> None:
    """Remove the snapshot of a save that failed."""
    shutil.rmtree(snapshot.folder, ignore_errors=True)


def find_clusters(store: Path, export: Path, clusters_hash: str, n_spikes: int) -> Int32Array:
    """Return the assignment with a hash: from a snapshot, or from the export.

    Returns
    -------
    int32 array, (n_spikes,), read-only

    Raises
    ------
    DatasetError
        It is not kept.
    """
    folders = [s.folder for s in list_snapshots(store) if s.clusters_hash == clusters_hash]
    for folder in [*folders, export]:
        with suppress(DatasetError):
            clusters = read_clusters(folder / CLUSTERS, n_spikes, DiagnosticLog())
            if content_hash(clusters, "<i4") == clusters_hash:
                return clusters
    raise DatasetError("The clusters of that time are not kept any more.")


def read_snapshot(
    store: Path, snapshot: Snapshot, export: Path, n_spikes: int
) -> tuple[Int32Array, ClusterProperties]:
    """Return the assignment and the tables of an earlier state.

    Raises
    ------
    DatasetError
        Its clusters are not kept any more.
    """
    clusters = find_clusters(store, export, snapshot.clusters_hash, n_spikes)
    return clusters, read_cluster_tables(snapshot.folder, DiagnosticLog())
