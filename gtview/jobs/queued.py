"""What a job in the queue is: its steps, how far it is, and how it ended; all of it is frozen."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

# A step that is only timed is never shown as done before it is.
_MOST_BY_TIME = 0.95
# From that part on the speed that was seen says how much time is left.
_TRUSTED_FRACTION = 0.3


class JobState(StrEnum):
    """Where a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self not in (JobState.WAITING, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class JobSpec:
    """One step of a job: a task in a child process.

    Attributes
    ----------
    task
        `module:function`, see `gtview.jobs.worker`.
    spec
        What the task is given; JSON values and paths.
    title
        What it does, in a few words: "Sort with simple".
    folder
        Where its result will be; None: it makes no folder.
    expected_s
        How long it is expected to take, in seconds; gives its share of the whole job.
    speed_key
        Under which name the machine's speed at it is remembered; "": it is not.
    is_timed
        The task tells no progress: how far it is follows from the time that is expected.
    """

    task: str
    spec: Mapping[str, Any]
    title: str
    folder: Path | None = None
    expected_s: float = 10.0
    speed_key: str = ""
    is_timed: bool = False


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """One job of the queue at one moment; ask the queue again for a newer one.

    Attributes
    ----------
    id
        Its name in the queue.
    title
        What the user called it.
    steps
        What is done, one after the other; the first that fails ends the job.
    opens
        What "open the result" opens; None: there is nothing to open.
    then_open
        Whether the user asked for it to be opened at the end.
    state
        Where it is.
    step
        Index of the step that is running, or would be the next one.
    step_fraction
        Part of that step that is done, 0 to 1.
    message
        What is being done.
    error, details
        Why it failed, in one sentence, and what somebody who repairs it wants to read.
    result
        What the tasks handed back, joined.
    added, started, step_started, ended
        Seconds since 1970; None before it happened.
    """

    id: str
    title: str
    steps: tuple[JobSpec, ...]
    opens: Path | None = None
    then_open: bool = False
    state: JobState = JobState.WAITING
    step: int = 0
    step_fraction: float = 0.0
    message: str = ""
    error: str = ""
    details: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)
    added: float = 0.0
    started: float | None = None
    step_started: float | None = None
    ended: float | None = None

    @property
    def current(self) -> JobSpec:
        """The step that is running, or was the last one."""
        return self.steps[min(self.step, len(self.steps) - 1)]

    @property
    def folder(self) -> Path | None:
        """Where the newest result is; None: there is none yet."""
        n_done = len(self.steps) if self.state is JobState.FINISHED else self.step
        made = [step.folder for step in self.steps[:n_done] if step.folder is not None]
        return made[-1] if made else None

    @property
    def can_retry(self) -> bool:
        """Whether it can be tried again, from the step that did not end well."""
        return self.state in (JobState.FAILED, JobState.CANCELLED)

    def fraction(self, now: float | None = None) -> float:
        """Return the part of the whole job that is done, 0 to 1."""
        if self.state is JobState.FINISHED:
            return 1.0
        done = sum(step.expected_s for step in self.steps[: self.step])
        running = self.current.expected_s * self._step_fraction(now)
        return (done + running) / max(1e-9, sum(step.expected_s for step in self.steps))

    def seconds_left(self, now: float | None = None) -> float | None:
        """Return how long it will go on; None: that cannot be said."""
        if self.state is not JobState.RUNNING or self.step_started is None:
            return None
        left = self._step_seconds_left(time.time() if now is None else now)
        coming = self.steps[self.step + 1 :]
        return None if left is None else left + sum(step.expected_s for step in coming)

    def seconds_taken(self, now: float | None = None) -> float | None:
        """Return how long it took or has taken; None: it has not begun."""
        if self.started is None:
            return None
        end = self.ended if self.ended is not None else time.time() if now is None else now
        return max(0.0, end - self.started)

    def _step_fraction(self, now: float | None) -> float:
        if not self.current.is_timed or self.state is not JobState.RUNNING:
            return self.step_fraction
        now = time.time() if now is None else now
        elapsed = now - (now if self.step_started is None else self.step_started)
        return max(0.0, min(_MOST_BY_TIME, elapsed / max(1e-9, self.current.expected_s)))

    def _step_seconds_left(self, now: float) -> float | None:
        assert self.step_started is not None
        elapsed = max(0.0, now - self.step_started)
        if self.current.is_timed:
            left = self.current.expected_s - elapsed
            return left if left > 0 else None
        by_plan = max(0.0, self.current.expected_s - elapsed)
        if self.step_fraction <= 0:
            return by_plan
        # The plan counts at first, what was seen later.
        trust = min(1.0, self.step_fraction / _TRUSTED_FRACTION)
        as_seen = elapsed * (1 - self.step_fraction) / self.step_fraction
        return trust * as_seen + (1 - trust) * by_plan


def time_in_words(seconds: float) -> str:
    """Return "8 s", "2 min 10 s" or "1 h 5 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    hours, rest = divmod(whole, 3600)
    return f"{hours} h {rest // 60} min" if rest >= 60 else f"{hours} h"
