"""The folder of compact copies: bounded in bytes, oldest out first; it knows no dataset."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..base.errors import DatasetError
from ..base.folders import cache_folder
from .features import FeatureFile
from .positional import OpenedFile

_log = logging.getLogger(__name__)

DEFAULT_MAX_BYTES = 20_000_000_000
# Left free on the disk for everybody else.
SPARE_BYTES = 2_000_000_000
_ENDING = ".features"
_ABANDONED_S = 24 * 3600.0
# Part of every fingerprint: another layout of the file is another copy.
_VERSION = "3"
_N_PIECES, _PIECE_BYTES = 64, 4096
_HASHED_AT_ONCE = 1 << 20


class NoRoomError(DatasetError):
    """A copy that would not fit: the sentence says where and why."""


def hash_numbers(array: np.ndarray) -> bytes:
    """Return the hash of the numbers of an array, of its type and of its shape."""
    hashed = hashlib.blake2b(f"{array.dtype.str}{array.shape}".encode(), digest_size=16)
    for start in range(0, len(array), _HASHED_AT_ONCE):
        hashed.update(np.ascontiguousarray(array[start : start + _HASHED_AT_ONCE]).data)
    return hashed.digest()


def fingerprint(file: FeatureFile, templates_hash: bytes) -> str:
    """Return a name for exactly these features in exactly this order.

    From size, time of change and layout of the file, 64 pieces of it, the template of every
    spike, and the spike of every row. The assignment to clusters has no part in it, so curation
    does not make a copy stale.

    Parameters
    ----------
    file
        Features with `has_increasing_spikes`.
    templates_hash
        `hash_numbers` of the template of each spike.

    Raises
    ------
    DatasetError
        The file cannot be read.
    """
    header = file.header
    stamp = header.stamp
    try:
        changed_ns = stamp.path.stat().st_mtime_ns
    except OSError as error:
        raise DatasetError(f"The file {stamp.path.name} cannot be looked at.") from error
    hashed = hashlib.blake2b(digest_size=16)
    layout = (header.shape, header.dtype.str, header.is_fortran, header.offset_bytes)
    hashed.update(repr((_VERSION, stamp.size_bytes, changed_ns, layout)).encode())
    piece = bytearray(min(_PIECE_BYTES, stamp.size_bytes))
    with OpenedFile(stamp) as opened:
        for offset in np.linspace(0, stamp.size_bytes - len(piece), _N_PIECES, dtype=np.int64):
            opened.read_into(memoryview(piece), int(offset))
            hashed.update(piece)
    hashed.update(templates_hash)
    # Row k of a file with all spikes is spike k: nothing more to say about that.
    if not file.has_all_spikes:
        hashed.update(hash_numbers(file.spikes_of_rows()))
    return hashed.hexdigest()


@dataclass(frozen=True, slots=True)
class CopyStore:
    """Where copies are kept.

    Attributes
    ----------
    folder
        Holds copies and nothing else.
    max_bytes
        All copies together are at most so large; 0: none are made.
    """

    folder: Path
    max_bytes: int = DEFAULT_MAX_BYTES

    @classmethod
    def of_user(cls, max_bytes: int = DEFAULT_MAX_BYTES) -> CopyStore:
        """Return the one in the user's cache folder."""
        return cls(cache_folder() / "features", max_bytes)

    def path_of(self, key: str) -> Path:
        """Return where the copy of this fingerprint is, or would be."""
        return self.folder / f"{key}{_ENDING}"

    def size_bytes(self) -> int:
        """Return how much all copies take."""
        return sum(size for _, size, _ in self._entries())

    def clear(self) -> None:
        """Delete all copies; those in use are read from their files from then on."""
        for path, _, _ in self._entries():
            remove(path)

    def mark_used(self, path: Path) -> None:
        """Remember that a copy was wanted just now: it is thrown away last."""
        with suppress(OSError):
            os.utime(path)

    def shrink(self, max_bytes: int | None = None) -> None:
        """Delete copies, the longest unused first, until all are at most so large together."""
        limit = self.max_bytes if max_bytes is None else max_bytes
        entries = sorted(self._entries(), key=lambda entry: entry[2])
        total = sum(size for _, size, _ in entries)
        for path, size, _ in entries:
            if total <= limit:
                break
            total -= size
            _log.info("deleting the copy %s: all together they are too large", path.name)
            remove(path)

    def make_room(self, n_bytes: int) -> None:
        """Delete copies, the longest unused first, until another one fits.

        Raises
        ------
        NoRoomError
            It is larger than all copies may be, or the disk is too full.
        """
        self._delete_abandoned()
        if n_bytes > self.max_bytes:
            raise NoRoomError(
                f"The compact copy of the features needs {_gb(n_bytes)}, "
                f"and all copies may take {_gb(self.max_bytes)}."
            )
        self.shrink(self.max_bytes - n_bytes)
        self.folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.folder).free
        if free < n_bytes + SPARE_BYTES:
            raise NoRoomError(
                f"The compact copy of the features needs {_gb(n_bytes)}, "
                f"and the disk of {self.folder} has only {_gb(free)} left."
            )

    @contextmanager
    def written(self, key: str) -> Iterator[Path]:
        """Give a path to write a copy to; it takes its place when the block ends well.

        It is not synced: after a power cut its checksums tell that it is not whole, and a sync of
        gigabytes would hold up whoever reads from the same disk.

        Raises
        ------
        OSError
            The folder cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = self.folder / f"{key}-{os.getpid()}{_ENDING}.partial"
        try:
            yield partial
            partial.replace(self.path_of(key))
        finally:
            remove(partial)

    def _entries(self) -> list[tuple[Path, int, float]]:
        """Return path, size and time of last use of every copy."""
        entries = []
        for path in self.folder.glob(f"*{_ENDING}"):
            with suppress(OSError):
                status = path.stat()
                entries.append((path, status.st_size, status.st_mtime))
        return entries

    def _delete_abandoned(self) -> None:
        for path in self.folder.glob(f"*{_ENDING}.partial"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _ABANDONED_S:
                    remove(path)


def remove(path: Path) -> None:
    """Delete a file if it is there and the system lets us."""
    with suppress(OSError):
        path.unlink()


def _gb(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:,.1f} GB"
