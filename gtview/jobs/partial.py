"""Result folders that are there whole or not at all: `<name>.partial`, renamed at the end."""

from __future__ import annotations

import gc
import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from ..base.errors import CancelledError, UsageError

SUFFIX = ".partial"
_WRITER = "writer.json"
_announcers: list[Callable[[Path], None]] = []
_open: set[Path] = set()
_abandoned = threading.Event()


def announce_partials(announce: Callable[[Path], None]) -> None:
    """Have a function called with each partial folder before it is made."""
    _announcers.append(announce)


def abandon() -> None:
    """Let no result of this process become whole any more: the process is about to end.

    Without it, work whose children were ended could take that for their success.
    """
    _abandoned.set()


def is_abandoned() -> bool:
    """Return whether `abandon` was called."""
    return _abandoned.is_set()


def remove_open_partials() -> None:
    """Delete the folders that this process is writing, as far as that is possible."""
    for path in list(_open):
        remove_partial(path)


def partial_path(target: Path) -> Path:
    """Return where a result is written before it is whole."""
    return target.with_name(target.name + SUFFIX)


@contextmanager
def whole_folder(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """Give an empty folder beside `target`, renamed to it when the block ends well.

    What an interrupted run left there is removed first. On an error everything is removed.
    With `replace`, a target that exists stays as it is until then.
    Nothing inside may be open at the end of the block (Windows renames no open files).

    Raises
    ------
    UsageError
        The target exists, or a living process is writing it.
    OSError
        The folder cannot be written.
    """
    target = target.absolute()
    if target.exists() and not replace:
        raise UsageError(f"{target} exists already.")
    partial = partial_path(target)
    _refuse_if_being_written(partial)
    for announce in _announcers:
        announce(partial)
    remove_partial(partial)
    partial.mkdir(parents=True)
    _open.add(partial)
    (partial / _WRITER).write_text(json.dumps(_this_process()), encoding="utf-8")
    try:
        yield partial
        if _abandoned.is_set():
            raise CancelledError("The job was stopped.")
        (partial / _WRITER).unlink()
        if replace and target.exists():
            _swap(partial, target)
        else:
            _rename(partial, target)
    except BaseException:
        remove_partial(partial)
        raise
    finally:
        _open.discard(partial)


@contextmanager
def announced(partial: Path) -> Iterator[None]:
    """Let a partial file be deleted by whoever ends this process during the block."""
    for announce in _announcers:
        announce(partial)
    _open.add(partial)
    try:
        yield
    finally:
        _open.discard(partial)


def remove_partial(path: Path) -> bool:
    """Delete a partial folder or file; return whether it is gone. Refuses any other name."""
    if not path.name.endswith(SUFFIX) or path.is_symlink():
        return False
    for wait_s in (0.0, 0.1, 0.4):
        # A file that was just being written may hold on for a moment (Windows).
        time.sleep(wait_s)
        if path.is_file():
            with suppress(OSError):
                path.unlink()
        shutil.rmtree(path, ignore_errors=True)
        if not path.exists():
            return True
    return False


def _swap(partial: Path, target: Path) -> None:
    """Put a new folder in the place of an old one, which comes back if that fails."""
    old = partial_path(target.with_name(f"{target.name}.old"))
    remove_partial(old)
    _rename(target, old)
    try:
        _rename(partial, target)
    except BaseException:
        _rename(old, target)
        raise
    remove_partial(old)


def _rename(partial: Path, target: Path) -> None:
    for wait_s in (0.1, 0.5, None):
        # Memory maps that nobody uses any more keep a folder from being renamed on Windows.
        gc.collect()
        try:
            partial.rename(target)
        except PermissionError:
            if wait_s is None:
                raise
            time.sleep(wait_s)
        else:
            return


def _this_process() -> dict[str, float]:
    return {"pid": os.getpid(), "started": psutil.Process().create_time()}


def _refuse_if_being_written(partial: Path) -> None:
    with suppress(OSError, ValueError, KeyError, TypeError, psutil.Error):
        writer = json.loads((partial / _WRITER).read_text(encoding="utf-8"))
        process = psutil.Process(int(writer["pid"]))
        if abs(process.create_time() - float(writer["started"])) < 1.0:
            raise UsageError(f"{partial} is being written by another gtview.")
