"""What the files that saving writes looked like when they were read, to notice other writers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..base.errors import DatasetError
from .arrays import ArrayError
from .diagnostics import DiagnosticLog
from .packed_ids import content_hash
from .spikes import read_clusters

CLUSTERS = "spike_clusters.npy"
INFO = "cluster_info.tsv"
_ABSENT = (-1, -1, -1)


@dataclass(frozen=True, slots=True)
class ExportStamp:
    """State of `spike_clusters.npy` and of the tables of an export.

    Attributes
    ----------
    clusters_hash
        `content_hash` of the assignment as it is read ("<i4"); "" while nobody has asked for it.
    clusters_stat
        Size, time and inode of the file.
    tables
        Hash of each table by its name; `cluster_info.tsv`, which nobody reads, is not there.
    """

    clusters_hash: str
    clusters_stat: tuple[int, int, int]
    tables: Mapping[str, str]

    @classmethod
    def of(cls, folder: Path, clusters_hash: str = "") -> ExportStamp:
        """Look at an export.

        Raises
        ------
        OSError
            The folder cannot be read.
        """
        tables = {p.name: hash_file(p) for p in find_tables(folder) if p.name != INFO}
        return cls(clusters_hash, _stat(folder / CLUSTERS), tables)

    def with_hash(self, clusters_hash: str) -> ExportStamp:
        """Return the same with the hash of the assignment."""
        return replace(self, clusters_hash=clusters_hash)

    def changed_files(self, folder: Path, n_spikes: int) -> list[str]:
        """Return the names of the files that are not as they were, sorted.

        A file that was only touched, and holds what it held, has not changed.

        Parameters
        ----------
        folder
            The export.
        n_spikes
            Its number of spikes.
        """
        now = ExportStamp.of(folder)
        both = {*self.tables, *now.tables}
        names = {n for n in both if self.tables.get(n) != now.tables.get(n)}
        was_touched = now.clusters_stat != self.clusters_stat
        # Only a file that was touched is read.
        if was_touched and self.clusters_hash != (hash_clusters(folder, n_spikes) or None):
            names.add(CLUSTERS)
        return sorted(names)


def find_tables(folder: Path) -> list[Path]:
    """Return the TSV and CSV files of a folder, by name."""
    return sorted(
        p
        for p in folder.iterdir()
        if p.suffix.lower() in (".tsv", ".csv") and not p.name.startswith(".") and p.is_file()
    )


def hash_clusters(folder: Path, n_spikes: int) -> str:
    """Return the hash of the assignment of an export as it is read; "" when it cannot be."""
    try:
        clusters = read_clusters(folder / CLUSTERS, n_spikes, DiagnosticLog())
    except (ArrayError, DatasetError):
        return ""
    return content_hash(clusters, "<i4")


def hash_file(path: Path) -> str:
    """Return a hash of the bytes of a small file."""
    return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()


def _stat(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return _ABSENT
    return found.st_size, found.st_mtime_ns, found.st_ino
