"""The jobs of former times, in the user's state folder; several windows share the file."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..base.files import write_text_whole
from ..base.folders import log_folder, state_folder
from .queued import JobSpec, JobState, QueuedJob

_log = logging.getLogger(__name__)

MOST_KEPT = 50
_MOST_DETAILS = 20_000


class JobFile:
    """Keeps jobs that are over, the newest ones, with the folders of their results.

    Parameters
    ----------
    path
        A JSON file; a damaged one counts as empty.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of_user(cls) -> JobFile:
        """Return the one in the user's state folder."""
        return cls(state_folder() / "jobs.json")

    def read(self) -> list[QueuedJob]:
        """Return the jobs, the oldest first."""
        try:
            entries = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            _log.warning("the list of jobs %s cannot be read: %s", self.path, error)
            return []
        read = [_parse(entry) for entry in entries] if isinstance(entries, list) else []
        return sorted((job for job in read if job is not None), key=lambda job: job.ended or 0.0)

    def keep(self, jobs: Iterable[QueuedJob], forgotten: Iterable[str] = ()) -> None:
        """Add jobs that are over to what is there, and forget others by their ids."""
        # Read again: another window may have written meanwhile.
        kept = {job.id: job for job in self.read()}
        kept.update({job.id: job for job in jobs if job.state.is_over})
        for job_id in forgotten:
            kept.pop(job_id, None)
        newest = sorted(kept.values(), key=lambda job: job.ended or 0.0)[-MOST_KEPT:]
        for job in kept.values():
            if job not in newest:
                remove_logs(job)
        try:
            write_text_whole(self.path, json.dumps([_dump(job) for job in newest], indent=1))
        except (OSError, TypeError) as error:
            _log.warning("the list of jobs %s cannot be written: %s", self.path, error)


def log_path(job_id: str, step: int) -> Path:
    """Return the file that gets all that a step of a job prints."""
    return log_folder() / "jobs" / f"{job_id}-{step}.log"


def read_logs(job: QueuedJob) -> tuple[str, ...]:
    """Return the lines that the steps of a job printed."""
    lines: list[str] = []
    for step in range(len(job.steps)):
        with suppress(OSError):
            text = log_path(job.id, step).read_text(encoding="utf-8", errors="replace")
            lines += text.splitlines()
    return tuple(lines)


def remove_logs(job: QueuedJob) -> None:
    """Delete what the steps of a job printed."""
    for step in range(len(job.steps)):
        with suppress(OSError):
            log_path(job.id, step).unlink()


def _dump(job: QueuedJob) -> dict[str, Any]:
    return {
        "id": job.id,
        "title": job.title,
        "steps": [
            {
                "task": step.task,
                # Written and read once: paths become text.
                "spec": json.loads(json.dumps(dict(step.spec), default=os.fspath)),
                "title": step.title,
                "folder": None if step.folder is None else str(step.folder),
                "expected_s": step.expected_s,
                "speed_key": step.speed_key,
                "is_timed": step.is_timed,
            }
            for step in job.steps
        ],
        "opens": None if job.opens is None else str(job.opens),
        "then_open": job.then_open,
        "state": job.state.value,
        "step": job.step,
        "error": job.error,
        "details": job.details[-_MOST_DETAILS:],
        "result": dict(job.result),
        "added": job.added,
        "started": job.started,
        "ended": job.ended,
    }


def _parse(entry: Any) -> QueuedJob | None:
    try:
        steps = tuple(
            JobSpec(**{**step, "folder": _path(step["folder"])}) for step in entry["steps"]
        )
        state = JobState(entry["state"])
        if not steps or not state.is_over:
            return None
        changed = {"steps": steps, "state": state, "opens": _path(entry["opens"])}
        return QueuedJob(**{**entry, **changed})
    except (KeyError, TypeError, ValueError):
        return None


def _path(text: Any) -> Path | None:
    return None if text is None else Path(text)
