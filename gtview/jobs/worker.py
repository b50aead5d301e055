"""The child process of a job: `python -m gtview.jobs.worker TASK SPEC.json`.

TASK is `module:function` inside of gtview; the function takes the spec (a dictionary) and a
reporter of progress, and returns a dictionary. Packages named in the environment variable
`GTVIEW_TASK_PACKAGES` (separated by commas) may hold tasks too: the tests use that.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..base.errors import CancelledError, UsageError
from ..base.failures import describe
from ..base.progress import Reporter
from ..base.threads import single_threaded_algebra
from .events import JobDone, JobEvent, JobFailed, JobPartial, JobProgress, dump_event
from .partial import abandon, announce_partials, is_abandoned, remove_open_partials
from .processes import descendants_of, end_processes

Task = Callable[[dict[str, Any], Reporter], dict[str, Any]]

PACKAGES_VARIABLE = "GTVIEW_TASK_PACKAGES"
_MIN_INTERVAL_S = 0.05


class EventChannel:
    """Writes events to a file descriptor that nothing else in the process knows."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._last_progress = (-1.0, "")

    def send(self, event: JobEvent) -> None:
        """Write one event; from any thread."""
        data = memoryview((dump_event(event) + "\n").encode())
        with self._lock:
            while data:
                data = data[os.write(self._descriptor, data) :]

    def report(self, fraction: float, message: str = "") -> None:
        """Tell progress; drops what comes too fast to be seen and says nothing new.

        Raises
        ------
        CancelledError
            The process is about to end.
        """
        if is_abandoned():
            raise CancelledError("The job was stopped.")
        now = time.monotonic()
        last, last_message = self._last_progress
        if message == last_message and now - last < _MIN_INTERVAL_S and fraction < 1:
            return
        self._last_progress = (now, message)
        self.send(JobProgress(min(1.0, max(0.0, float(fraction))), message))


def main(arguments: list[str]) -> int:
    """Run one task; the last event is always Done or Failed."""
    os.environ.update(single_threaded_algebra())
    channel = EventChannel(_take_standard_output())
    _end_with_parent()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    logging.captureWarnings(True)
    announce_partials(lambda path: channel.send(JobPartial(str(path))))
    last = _run(arguments, channel)
    if is_abandoned():
        # Another thread ends the process with all its children; nobody listens any more.
        time.sleep(60)
    channel.send(last)
    return 0 if isinstance(last, JobDone) else 1


def _run(arguments: list[str], channel: EventChannel) -> JobEvent:
    try:
        name, spec_path = arguments
        spec = json.loads(Path(spec_path).read_text(encoding="utf-8"))
        done = JobDone(find_task(name)(spec, channel.report) or {})
        # Found out here, while it can still be told as a failure.
        dump_event(done)
    except (Exception, SystemExit) as error:  # noqa: BLE001  (whatever it is, it is told)
        failure = describe(error)
        return JobFailed(failure.sentence, failure.details)
    return done


def find_task(name: str) -> Task:
    """Return the function that a task's name means.

    Raises
    ------
    UsageError
        No name of a task, or one outside of the packages that may hold tasks.
    ImportError
        Its module cannot be imported.
    """
    module_name, _, function_name = name.partition(":")
    packages = ("gtview", *filter(None, os.environ.get(PACKAGES_VARIABLE, "").split(",")))
    if not any(f"{module_name}.".startswith(f"{package}.") for package in packages):
        raise UsageError(f"{name} is not a task of gtview.")
    task = getattr(importlib.import_module(module_name), function_name or "?", None)
    if not callable(task):
        raise UsageError(f"gtview has no task {name}.")
    return task  # type: ignore[no-any-return]


def _take_standard_output() -> int:
    # C code and grandchildren print to descriptor 1 whatever Python's sys.stdout is.
    private = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return private


def _end_with_parent() -> None:
    # The parent holds the other end and never writes: end of file means that it is gone.
    private = os.dup(0)
    with open(os.devnull, "rb") as nothing:
        # A grandchild that reads its input gets an end of file, and not our signal.
        os.dup2(nothing.fileno(), 0)
    threading.Thread(target=_watch, args=(private,), name="parent", daemon=True).start()


def _watch(descriptor: int) -> None:
    try:
        while os.read(descriptor, 1024):
            continue
    finally:
        abandon()
        end_processes(descendants_of(os.getpid()), grace_s=0.5)
        remove_open_partials()
        os._exit(3)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
