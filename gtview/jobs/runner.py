"""Runs a job in a child process and reads its events; the command line and the window share it."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import psutil

from ..base.threads import single_threaded_algebra
from .events import (
    LAST_EVENTS,
    JobCancelled,
    JobDone,
    JobEvent,
    JobFailed,
    JobLog,
    JobPartial,
    parse_event,
    shortened,
)
from .partial import remove_partial
from .processes import JOB_VARIABLE, descendants_of, end_processes, members_of_job

_MAX_EVENT_BYTES = 64 * 1024 * 1024
_MAX_LOG_BYTES = 64 * 1024
_N_KEPT_LINES = 60
# Pipes that a grandchild holds open, and a process that hangs while it ends, are not waited for.
_LINGER_S = 1.0
_EXIT_S = 10.0
_N_PIPES = 2


class JobProcess:
    """One task in a child process of its own, started at once.

    Parameters
    ----------
    task
        `module:function`, see `gtview.jobs.worker`.
    spec
        What the task is given; anything that JSON can hold, and paths.
    log_path
        File that gets all that the job and its children print, besides the `JobLog` events.

    Raises
    ------
    OSError
        The process cannot be started, or the log not be written.
    TypeError
        The spec has no form in JSON.
    """

    def __init__(self, task: str, spec: Mapping[str, Any], log_path: Path | None = None) -> None:
        self._token = uuid.uuid4().hex
        self._items: queue.SimpleQueue[JobEvent | None] = queue.SimpleQueue()
        self._last: JobEvent | None = None
        self._last_at = self._closed_at = 0.0
        self._partials: list[Path] = []
        self._lines: deque[str] = deque(maxlen=_N_KEPT_LINES)
        self._was_cancelled = False
        self._is_read = False
        self._log = None if log_path is None else _open_log(log_path)
        self._spec_path = _write_spec(spec)
        try:
            self._process = self._start(task)
        except OSError:
            self._spec_path.unlink(missing_ok=True)
            raise
        self._threads = [
            threading.Thread(target=target, name=f"job-{name}", daemon=True)
            for name, target in (("events", self._read_events), ("log", self._read_log))
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """Id of the child process."""
        return self._process.pid

    def events(self) -> Iterator[JobEvent]:
        """Yield the events, once; the last one is always Done, Failed or Cancelled.

        When it is yielded, no process of the job lives any more, and unless it is Done the
        partial results are deleted. Leaving the loop early cancels the job.

        Raises
        ------
        RuntimeError
            Called a second time.
        """
        if self._is_read:
            raise RuntimeError("the events of a job are read once")
        self._is_read = True
        return self._events()

    def cancel(self, grace_s: float = 2.0) -> None:
        """End the child and all its descendants within `grace_s` seconds; from any thread.

        A job that ended before, or has just told that it is done, stays as it is.
        """
        if self._process.poll() is None:
            self._was_cancelled = True
            self._end_all(grace_s)

    def _end_all(self, grace_s: float) -> None:
        with suppress(psutil.NoSuchProcess):
            tree = [psutil.Process(self.pid), *descendants_of(self.pid)]
            end_processes(tree, grace_s * 0.5)
        # Whoever was born between the listing and the end.
        end_processes(members_of_job(self._token), grace_s * 0.25)

    def _start(self, task: str) -> subprocess.Popen[bytes]:
        flags: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            flags = {
                "creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
            }
        return subprocess.Popen(
            # -P: a file numpy.py in the current folder must not become a part of the job.
            [sys.executable, "-P", "-m", "gtview.jobs.worker", task, str(self._spec_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment(),
            **flags,
        )

    def _environment(self) -> dict[str, str]:
        own = {JOB_VARIABLE: self._token, "PYTHONFAULTHANDLER": "1", "PYTHONUTF8": "1"}
        return {**os.environ, **single_threaded_algebra(), **own}

    def _events(self) -> Iterator[JobEvent]:
        try:
            yield from self._until_end()
        except BaseException:
            # The reader left its loop, or was interrupted.
            self.cancel()
            raise
        finally:
            last = self._finish()
        yield last

    def _until_end(self) -> Iterator[JobEvent]:
        n_open = _N_PIPES
        ended_at: float | None = None
        while n_open or ended_at is None:
            with suppress(queue.Empty):
                item = self._items.get(timeout=0.1 if n_open else 0.01)
                if item is not None:
                    yield item
                else:
                    n_open -= 1
                    self._closed_at = time.monotonic()
            now = time.monotonic()
            if ended_at is None and self._process.poll() is not None:
                ended_at = now
            if now - (ended_at or now) > _LINGER_S or self._is_stuck(n_open, now):
                return

    def _is_stuck(self, n_open: int, now: float) -> bool:
        """Tell whether the child lives on, but has told its last event or cannot tell any."""
        told_at = self._last_at if self._last is not None else now
        closed_at = now if n_open else self._closed_at
        return now - min(told_at, closed_at) > _EXIT_S

    def _read_events(self) -> None:
        for line in _lines_of(self._process.stdout, _MAX_EVENT_BYTES):
            event = parse_event(line)
            if isinstance(event, JobPartial):
                self._partials.append(Path(event.path))
            elif isinstance(event, LAST_EVENTS):
                self._last, self._last_at = event, time.monotonic()
            else:
                self._items.put(event)
        self._items.put(None)

    def _read_log(self) -> None:
        for line in _lines_of(self._process.stderr, _MAX_LOG_BYTES):
            if self._log is not None:
                # A full disk must not stop the reading, and with it the job.
                with suppress(OSError, ValueError):
                    self._log.write(line)
                    self._log.flush()
            text = shortened(line)
            self._lines.append(text)
            self._items.put(JobLog(text))
        self._items.put(None)

    def _finish(self) -> JobEvent:
        if self._process.poll() is None:
            self._end_all(_LINGER_S)
        code = self._process.wait()
        end_processes(members_of_job(self._token), _LINGER_S)
        self._close_files()
        if isinstance(self._last, JobDone):
            return self._last
        for path in self._partials:
            remove_partial(path)
        if self._was_cancelled:
            return JobCancelled()
        return self._last or JobFailed(_sentence_for_code(code), "\n".join(self._lines))

    def _close_files(self) -> None:
        self._spec_path.unlink(missing_ok=True)
        for thread in self._threads:
            thread.join(timeout=_LINGER_S)
        if any(thread.is_alive() for thread in self._threads):
            # Closing a pipe that is being read would wait for its end.
            return
        for file in (self._process.stdin, self._process.stdout, self._process.stderr, self._log):
            if file is not None:
                with suppress(OSError):
                    file.close()


def _lines_of(pipe: IO[bytes] | None, limit: int) -> Iterator[str]:
    assert pipe is not None
    while data := pipe.readline(limit):
        yield data.decode("utf-8", errors="replace")


def _open_log(path: Path) -> IO[str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("w", encoding="utf-8")


def _write_spec(spec: Mapping[str, Any]) -> Path:
    text = json.dumps(dict(spec), default=os.fspath)
    handle, name = tempfile.mkstemp(prefix="gtview-job-", suffix=".json")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    return Path(name)


def _sentence_for_code(code: int) -> str:
    if code >= 0:
        return f"The job stopped without a result (exit code {code})."
    if -code == getattr(signal, "SIGKILL", None):
        return "The job was killed by the system, perhaps because the memory was full."
    with suppress(ValueError):
        return f"The job crashed ({signal.Signals(-code).name})."
    return f"The job crashed (signal {-code})."
