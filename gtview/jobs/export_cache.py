"""Exports that were made only to open a sorting: kept in the user's cache folder, bounded."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..base.folders import cache_folder
from .partial import SUFFIX

_log = logging.getLogger(__name__)

DEFAULT_MAX_BYTES = 20_000_000_000
_SOURCE = "gtview_source.json"
# Raised when exports are made differently.
_VERSION = "1"
# What SpikeInterface writes into the folder of a sorting or an analyzer.
_MARKS = (
    "si_folder.json",
    "numpysorting_info.json",
    "spikeinterface_info.json",
    "spikeinterface_log.json",
    "sorting_cached.npz",
    "cached.json",
)


def is_for_spikeinterface(path: Path) -> bool:
    """Return whether a path looks like a sorting or a SortingAnalyzer of SpikeInterface."""
    if path.is_file():
        return path.suffix == ".json"
    return path.suffix == ".zarr" or any((path / name).is_file() for name in _MARKS)


@dataclass(frozen=True, slots=True)
class ExportCache:
    """Where such exports are kept.

    Attributes
    ----------
    folder
        Holds exports and nothing else.
    max_bytes
        All together are at most so large; those that were curated are never deleted.
    """

    folder: Path
    max_bytes: int = DEFAULT_MAX_BYTES

    @classmethod
    def of_user(cls) -> ExportCache:
        """Return the one in the user's cache folder."""
        return cls(cache_folder() / "exports")

    def path_for(self, sorting: Path, recording: Path | None) -> Path:
        """Return where the export of exactly these files is, or would be."""
        name = re.sub(r"[^A-Za-z0-9_\-]+", "_", sorting.name)[:40] or "sorting"
        return self.folder / f"{name}-{fingerprint(sorting, recording)}"

    def last_recording(self, sorting: Path) -> Path | None:
        """Return the recording with which a sorting was opened last, if it still exists."""
        for folder, _, _ in sorted(self._entries(), key=lambda entry: -entry[2]):
            source = _read_source(folder)
            recording = source.get("recording")
            if source.get("sorting") == str(sorting.resolve()) and recording:
                return Path(recording) if Path(recording).exists() else None
        return None

    def remember(self, export: Path, sorting: Path, recording: Path | None) -> None:
        """Note what an export is of."""
        source = {
            "sorting": str(sorting.resolve()),
            "recording": None if recording is None else str(recording.resolve()),
        }
        (export / _SOURCE).write_text(json.dumps(source, indent=1), encoding="utf-8")

    def mark_used(self, export: Path) -> None:
        """Note that an export was wanted just now: it is thrown away last."""
        with suppress(OSError):
            os.utime(export)

    def shrink(self, kept: Path) -> None:
        """Delete exports, the longest unused first, until all together are small enough.

        Parameters
        ----------
        kept
            Never deleted.
        """
        entries = sorted(self._entries(), key=lambda entry: entry[2])
        total = sum(size for _, size, _ in entries)
        for folder, size, _ in entries:
            if total <= self.max_bytes:
                return
            # What the user did there exists nowhere else.
            if folder != kept and not (folder / ".gtview").exists():
                _log.info("deleting the export %s: all together they are too large", folder.name)
                shutil.rmtree(folder, ignore_errors=True)
                total -= size

    def _entries(self) -> Iterator[tuple[Path, int, float]]:
        """Yield folder, size and time of last use of every export."""
        if not self.folder.is_dir():
            return
        for folder in self.folder.iterdir():
            if folder.suffix != SUFFIX and (folder / "params.py").is_file():
                size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
                yield folder, size, folder.stat().st_mtime


def fingerprint(sorting: Path, recording: Path | None) -> str:
    """Return a name for these files as they are now: paths, sizes and times of change."""
    hashed = hashlib.blake2b(_VERSION.encode(), digest_size=8)
    for path in (sorting, recording):
        if path is None:
            continue
        path = path.resolve()
        hashed.update(str(path).encode())
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                state = file.stat()
                name = file.relative_to(path).as_posix()
                hashed.update(f"{name}{state.st_size},{state.st_mtime_ns};".encode())
    return hashed.hexdigest()


def _read_source(folder: Path) -> dict[str, str | None]:
    try:
        source = json.loads((folder / _SOURCE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return source if isinstance(source, dict) else {}
