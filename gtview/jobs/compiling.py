"""Starts the compilation of the kernels beside the window, after an installation."""

from __future__ import annotations

import logging
import threading

from ..kernels.stamp import Part, is_compiled

COMPILE_TASK = "gtview.jobs.tasks.compiling:compile_kernels"

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_threads: dict[Part, threading.Thread] = {}
_turn = threading.Lock()


def start_compiling(part: Part = "window") -> None:
    """Compile a part of the kernels in a child process where that was not done; returns at once.

    A compiler in a thread would hold up the window's own for half a second at a time. One child
    is enough for all windows of a process; it ends with the process, and the next one goes on
    where it stopped. Where it fails each kernel is compiled when it is first needed.
    """
    with _lock:
        if part not in _threads and not is_compiled(part):
            name = f"gtview-compiling-{part}"
            thread = threading.Thread(target=_compile, args=(part,), name=name, daemon=True)
            _threads[part] = thread
            thread.start()


def is_compiling() -> bool:
    """Return whether the child is at work."""
    return any(thread.is_alive() for thread in _threads.values())


def _compile(part: Part) -> None:
    with _turn:
        _run(part)


def _run(part: Part) -> None:
    from .events import JobDone
    from .runner import JobProcess

    try:
        *_, last = JobProcess(COMPILE_TASK, {"part": part}).events()
    except OSError as error:
        _log.warning("the kernels cannot be compiled ahead: %s", error)
        return
    if not isinstance(last, JobDone):
        _log.warning("the kernels were not compiled ahead: %s", last)
