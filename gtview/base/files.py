"""Files and folders that are written whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; sync and rename it when the block ends well.

    The file keeps the permissions that it had; a new one gets the usual ones. Where `path` is a
    link, the file that it leads to is written.

    Raises
    ------
    OSError
        The folder cannot be written, or the disk is full; `path` is then as it was.
    """
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".partial")
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.chmod(_mode_of(path))
        partial.replace(path)
        sync_folder(path.parent)
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()


def _mode_of(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        # A temporary file is for its owner alone; a dataset is often shared.
        return 0o666 & ~_umask()


def _umask() -> int:
    # The only way to ask; all that is created in between is ours to read and write.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk: else a power cut may undo a renaming."""
    # Windows cannot open folders.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_text_whole(path: Path, text: str) -> None:
    """Write a text file in UTF-8, whole or not at all."""
    with written_whole(path) as partial:
        partial.write_text(text, encoding="utf-8")
