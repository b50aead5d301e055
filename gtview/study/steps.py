"""What a worker of a study does, each step in a child process: none can stop the others."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..base.errors import UsageError
from ..jobs.events import JobCancelled, JobDone, JobEvent, JobFailed
from ..jobs.generation import GENERATE_TASK
from ..jobs.runner import JobProcess
from ..jobs.sorting import SORT_TASK

SCORE_TASK = "gtview.study.scoring:score_sorting"

_running: set[JobProcess] = set()
_lock = threading.Lock()
_is_stopped = threading.Event()


def cancel_steps() -> None:
    """End the steps that run in this process; those that begin later end at once."""
    _is_stopped.set()
    with _lock:
        jobs = list(_running)
    for job in jobs:
        job.cancel()


def allow_steps() -> None:
    """Let steps begin (again)."""
    _is_stopped.clear()


def make_dataset(task: Mapping[str, Any]) -> dict[str, Any]:
    """Make a dataset where it is not there yet.

    Parameters
    ----------
    task
        `folder`, `recipe` as JSON, `n_workers`, `log`, a file.

    Returns
    -------
    `state` (finished, failed or cancelled), `error`, `took_s`.
    """
    if Path(task["folder"]).is_dir():
        return _finished(0.0)
    spec = {name: task[name] for name in ("folder", "recipe", "n_workers")}
    return _tell(*_run(GENERATE_TASK, spec, task["log"]))


def sort_and_score(task: Mapping[str, Any]) -> dict[str, Any]:
    """Sort a dataset where that is not done yet, and score what came out.

    Parameters
    ----------
    task
        `dataset`, `folder`, `recording`, `sorter`, `params`, `delta_ms`, `log`.

    Returns
    -------
    `state`, `error`, `took_s` of sorting, and `scores`, see `scoring.score_sorting`.
    """
    took_s = 0.0
    if not Path(task["folder"]).is_dir():
        name = "recording_static" if task["recording"] == "static" else "recording"
        spec = {
            "recording": str(Path(task["dataset"]) / name),
            "folder": task["folder"],
            "sorter": task["sorter"],
            "params": dict(task["params"]),
            "n_jobs": 1,
        }
        last, took_s = _run(SORT_TASK, spec, task["log"])
        if not isinstance(last, JobDone):
            return _tell(last, took_s)
    spec = {"export": str(Path(task["folder"]) / "phy"), "delta_ms": task["delta_ms"]}
    last, _ = _run(SCORE_TASK, spec, task["log"])
    told = _tell(last, took_s)
    if isinstance(last, JobDone):
        told["scores"] = last.result
    return told


def _run(task: str, spec: Mapping[str, Any], log: str) -> tuple[JobEvent, float]:
    began = time.monotonic()
    try:
        job = _start(task, spec, Path(log))
    except (OSError, UsageError) as error:
        return JobFailed(f"The step could not be started: {error}"), 0.0
    if job is None:
        return JobCancelled(), 0.0
    try:
        *_, last = job.events()
    finally:
        with _lock:
            _running.discard(job)
    return last, time.monotonic() - began


def _start(task: str, spec: Mapping[str, Any], log: Path) -> JobProcess | None:
    log.parent.mkdir(parents=True, exist_ok=True)
    with _lock:
        # Under the lock: a job cannot slip in behind `cancel_steps`.
        if _is_stopped.is_set():
            return None
        job = JobProcess(task, spec, log)
        _running.add(job)
    return job


def _tell(last: JobEvent, took_s: float) -> dict[str, Any]:
    if isinstance(last, JobDone):
        return _finished(took_s)
    if isinstance(last, JobFailed):
        return {"state": "failed", "error": last.error, "took_s": round(took_s, 2)}
    return {"state": "cancelled", "error": "", "took_s": round(took_s, 2)}


def _finished(took_s: float) -> dict[str, Any]:
    return {"state": "finished", "error": "", "took_s": round(took_s, 2)}
