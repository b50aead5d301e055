"""The queue of jobs: one heavy job at a time, in a child process; knows no Qt."""

from __future__ import annotations

import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..base.errors import UsageError
from .chain import Chain
from .events import JobCancelled, JobDone, JobEvent, JobFailed
from .listeners import Listeners
from .queue_file import JobFile, read_logs, remove_logs
from .queued import JobSpec, JobState, QueuedJob

Listener = Callable[[QueuedJob], None]

_N_LOG_LINES = 2000
_CLOSE_S = 5.0


class JobQueue:
    """Runs jobs one after the other; all methods may be called from any thread, none waits.

    Parameters
    ----------
    file
        Where jobs that are over are kept; None: nowhere.
    """

    def __init__(self, file: JobFile | None = None) -> None:
        self._file = file
        self._lock = threading.RLock()
        self._jobs: dict[str, QueuedJob] = {}
        self._lines: dict[str, deque[str]] = {}
        self._listeners: Listeners[QueuedJob] = Listeners()
        self._cancel_asked: set[str] = set()
        self._chain: Chain | None = None
        self._thread: threading.Thread | None = None
        self._is_closed = self._is_loaded = False

    def load(self) -> None:
        """Add the jobs of former times, once; they are over."""
        with self._lock:
            former = [] if self._file is None or self._is_loaded else self._file.read()
            self._is_loaded = True
            old = {job.id: job for job in former if job.id not in self._jobs}
            self._jobs = {**old, **self._jobs}

    # What is there -----------------------------------------------------------------------------

    @property
    def jobs(self) -> tuple[QueuedJob, ...]:
        """All jobs, in the order in which they were added."""
        with self._lock:
            return tuple(self._jobs.values())

    @property
    def n_unfinished(self) -> int:
        """How many jobs are running or waiting."""
        return sum(not job.state.is_over for job in self.jobs)

    @property
    def running(self) -> QueuedJob | None:
        """The job that is running."""
        return next((job for job in self.jobs if job.state is JobState.RUNNING), None)

    def job(self, job_id: str) -> QueuedJob:
        """Return a job as it is now.

        Raises
        ------
        KeyError
            There is none of that name.
        """
        with self._lock:
            return self._jobs[job_id]

    def log_of(self, job_id: str) -> tuple[str, ...]:
        """Return the last lines that a job printed; those of former times are read from disk."""
        with self._lock:
            lines, job = self._lines.get(job_id), self._jobs.get(job_id)
            if lines is not None:
                return tuple(lines)
        return () if job is None else read_logs(job)[-_N_LOG_LINES:]

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have a function called with each job that changed; return what ends that.

        It is called in the thread of whatever changed the job, without any lock, and must be
        quick. A job that was removed is told once more: `jobs` has it no longer.
        """
        return self._listeners.add(listener)

    # What can be done --------------------------------------------------------------------------

    def add(
        self,
        spec: JobSpec,
        title: str = "",
        *,
        then: Sequence[JobSpec] = (),
        opens: Path | None = None,
        then_open: bool = False,
    ) -> QueuedJob:
        """Add a job to the end of the queue; it starts when those before it are over.

        Parameters
        ----------
        spec
            Its first step.
        title
            What the user calls it; default: what the first step does.
        then
            Further steps; the first step that fails ends the job.
        opens
            What "open the result" opens; default: the folder of the last step that makes one.
        then_open
            Whether the window opens that when the job has finished.

        Raises
        ------
        UsageError
            The queue is closed.
        """
        steps = (spec, *then)
        made = [step.folder for step in steps if step.folder is not None]
        job = QueuedJob(
            id=uuid.uuid4().hex[:12],
            title=title or spec.title,
            steps=steps,
            opens=opens or (made[-1] if made else None),
            then_open=then_open,
            added=time.time(),
        )
        self._put(job)
        return job

    def cancel(self, job_id: str) -> None:
        """Stop a job: its processes end within two seconds, and nothing half-written is left.

        Does nothing with a job that is over.
        """
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None or job.state.is_over:
                return
            self._cancel_asked.add(job_id)
            chain = self._chain if job.state is JobState.RUNNING else None
        if job.state is JobState.WAITING:
            self._end(job_id, JobCancelled())
            return
        self._change(job_id, message="stopping")
        if chain is not None:
            threading.Thread(target=chain.cancel, name="gtview-cancel", daemon=True).start()

    def retry(self, job_id: str) -> QueuedJob:
        """Put a job that failed or was cancelled into the queue again, at the step that ended it.

        Raises
        ------
        KeyError
            There is no such job.
        UsageError
            It did not fail, or the queue is closed.
        """
        job = self.job(job_id)
        if not job.can_retry:
            raise UsageError(f"{job.title} did not fail.")
        again = replace(
            job,
            state=JobState.WAITING,
            error="",
            details="",
            message="",
            step_fraction=0.0,
            started=None,
            step_started=None,
            ended=None,
        )
        self.remove(job_id)
        self._put(again)
        return again

    def remove(self, job_id: str) -> None:
        """Take a job that is over, or waits, from the list; its results stay.

        Raises
        ------
        UsageError
            It is running.
        """
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None:
                return
            if job.state is JobState.RUNNING:
                raise UsageError(f"{job.title} is running: cancel it first.")
            del self._jobs[job_id]
            self._lines.pop(job_id, None)
            self._cancel_asked.discard(job_id)
        remove_logs(job)
        if self._file is not None and job.state.is_over:
            self._file.keep((), forgotten=(job_id,))
        self._listeners.tell(job)

    def close(self) -> None:
        """Stop all jobs and wait until their processes are gone; nothing can be added any more."""
        with self._lock:
            self._is_closed = True
            thread = self._thread
        for job in self.jobs:
            self.cancel(job.id)
        if thread is not None:
            thread.join(_CLOSE_S)

    # Behind it ---------------------------------------------------------------------------------

    def _put(self, job: QueuedJob) -> None:
        with self._lock:
            if self._is_closed:
                raise UsageError("The window is being closed: no job can be added.")
            self._jobs[job.id] = job
            self._lines[job.id] = deque(maxlen=_N_LOG_LINES)
        # Before it can begin: what is told is told in order.
        self._listeners.tell(job)
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="gtview-queue", daemon=True
                )
                self._thread.start()

    def _work(self) -> None:
        while (job := self._take()) is not None:
            self._listeners.tell(job)
            self._run(job)

    def _take(self) -> QueuedJob | None:
        with self._lock:
            for job in self._jobs.values():
                if job.state is JobState.WAITING and job.id not in self._cancel_asked:
                    taken = replace(job, state=JobState.RUNNING, started=time.time())
                    self._jobs[job.id] = taken
                    return taken
            self._thread = None
            return None

    def _run(self, job: QueuedJob) -> None:
        def tell(**changes: Any) -> None:
            self._change(job.id, **changes)

        def add_line(line: str) -> None:
            with self._lock:
                self._lines[job.id].append(line)

        chain = Chain(job, tell, add_line)
        with self._lock:
            self._chain = chain
            is_cancelled = job.id in self._cancel_asked
        last = JobCancelled() if is_cancelled else chain.run()
        with self._lock:
            self._chain = None
        self._end(job.id, last)

    def _end(self, job_id: str, last: JobEvent) -> None:
        changes: dict[str, Any] = {"ended": time.time(), "message": ""}
        if isinstance(last, JobDone):
            changes["state"] = JobState.FINISHED
        elif isinstance(last, JobFailed):
            changes.update(state=JobState.FAILED, error=last.error, details=last.traceback)
        else:
            changes["state"] = JobState.CANCELLED
        job = replace(self.job(job_id), **changes)
        if self._file is not None:
            # First: who sees that it is over may end the program.
            self._file.keep((job,))
        with self._lock:
            self._cancel_asked.discard(job_id)
            self._jobs[job_id] = job
        self._listeners.tell(job)

    def _change(self, job_id: str, **changes: Any) -> None:
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None:
                return
            job = replace(job, **changes)
            self._jobs[job_id] = job
        self._listeners.tell(job)
