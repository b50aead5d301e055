"""Starts the compilation of the kernels beside the window, after an installation."""

from __future__ import annotations

import logging
import threading

from ..kernels.stamp import is_compiled

COMPILE_TASK = "gtview.jobs.tasks.compiling:compile_kernels"

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_threads: list[threading.Thread] = []


def start_compiling() -> None:
    """Compile all kernels in a child process where that was never done; returns at once.

    A compiler in a thread would hold up the window's own for half a second at a time. One child
    is enough for all windows of a process; it ends with the process, and the next one goes on
    where it stopped. Where it fails each kernel is compiled when it is first needed.
    """
    with _lock:
        if not _threads and not is_compiled():
            thread = threading.Thread(target=_compile, name="gtview-compiling", daemon=True)
            _threads.append(thread)
            thread.start()


def is_compiling() -> bool:
    """Return whether the child is at work."""
    return any(thread.is_alive() for thread in _threads)


def _compile() -> None:
    from .events import JobDone
    from .runner import JobProcess

    try:
        *_, last = JobProcess(COMPILE_TASK, {}).events()
    except OSError as error:
        _log.warning("the kernels cannot be compiled ahead: %s", error)
        return
    if not isinstance(last, JobDone):
        _log.warning("the kernels were not compiled ahead: %s", last)
