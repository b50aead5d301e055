"""Runs the steps of one job, one child process after the other."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from ..base.failures import describe
from .durations import remember_duration
from .events import JobCancelled, JobDone, JobEvent, JobFailed, JobLog, JobProgress
from .queue_file import log_path
from .queued import JobSpec, QueuedJob
from .runner import JobProcess

_log = logging.getLogger(__name__)


class Chain:
    """The steps of a job; the first that does not end well ends it.

    Parameters
    ----------
    job
        Its steps are run from `job.step` on.
    tell
        Called with fields of `QueuedJob` that changed.
    add_line
        Called with each line that a step prints.
    """

    def __init__(
        self, job: QueuedJob, tell: Callable[..., None], add_line: Callable[[str], None]
    ) -> None:
        self._job = job
        self._tell = tell
        self._add_line = add_line
        self._lock = threading.Lock()
        self._process: JobProcess | None = None
        self._is_cancelled = False

    def run(self) -> JobEvent:
        """Run the steps; return `JobDone`, `JobFailed` or `JobCancelled`."""
        last: JobEvent = JobCancelled()
        result: dict[str, Any] = dict(self._job.result)
        for index in range(self._job.step, len(self._job.steps)):
            step, began = self._job.steps[index], time.time()
            self._tell(step=index, step_fraction=0.0, step_started=began, message="starting")
            last = self._run_safely(index, step)
            if not isinstance(last, JobDone):
                break
            remember_duration(step.speed_key, step.expected_s, time.time() - began)
            result.update(last.result)
            self._tell(result=dict(result))
        return last

    def cancel(self) -> None:
        """End the processes of the step that is running, and begin no other; may take seconds."""
        with self._lock:
            self._is_cancelled = True
            process = self._process
        if process is not None:
            process.cancel()

    def _run_safely(self, index: int, step: JobSpec) -> JobEvent:
        try:
            return self._run_step(index, step)
        except Exception as error:  # noqa: BLE001  (whatever it is, it is told)
            _log.exception("a step of a job could not be run")
            failure = describe(error)
            return JobFailed(failure.sentence, failure.details)

    def _run_step(self, index: int, step: JobSpec) -> JobEvent:
        with self._lock:
            if self._is_cancelled:
                return JobCancelled()
            process = JobProcess(step.task, step.spec, log_path(self._job.id, index))
            self._process = process
        last: JobEvent = JobCancelled()
        for event in process.events():
            last = event
            if isinstance(event, JobLog):
                if event.text.strip():
                    self._add_line(event.text)
            elif isinstance(event, JobProgress) and not self._is_cancelled:
                self._tell(step_fraction=event.fraction, message=event.message)
        with self._lock:
            self._process = None
        return last
