"""Ends processes with all their descendants, on every system."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import suppress

import psutil

# Inherited by every descendant of a job, also by those whose parent is dead.
JOB_VARIABLE = "GTVIEW_JOB"


def descendants_of(pid: int) -> list[psutil.Process]:
    """Return all living descendants of a process."""
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def members_of_job(token: str) -> list[psutil.Process]:
    """Return all living processes, other than this one, that carry the token of a job."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(JOB_VARIABLE) == token:
                found.append(process)
    return found


def end_processes(processes: Iterable[psutil.Process], grace_s: float) -> None:
    """Ask processes to end, wait, and kill what is left; at most about `grace_s` seconds.

    The wait does not collect exit codes of the caller's own child: do that with its `Popen`.
    """
    living = [process for process in processes if _tell(process, "terminate")]
    living = _wait(living, grace_s)
    for process in living:
        _tell(process, "kill")
    _wait(living, 0.5)


def _tell(process: psutil.Process, order: str) -> bool:
    try:
        getattr(process, order)()
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        # On Windows the answer of a process that is already ending.
        return bool(process.is_running())
    return True


def _wait(processes: list[psutil.Process], timeout_s: float) -> list[psutil.Process]:
    # Not psutil.wait_procs: it would take the exit code that the Popen of a child waits for.
    end = time.monotonic() + timeout_s
    living = [process for process in processes if _is_living(process)]
    while living and time.monotonic() < end:
        time.sleep(0.02)
        living = [process for process in living if _is_living(process)]
    return living


def _is_living(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running()) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
