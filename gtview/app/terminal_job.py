"""Follows a job in the terminal: a progress bar, and Ctrl+C stops it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click

from ..base.errors import CancelledError, GtviewError
from ..jobs.events import JobCancelled, JobDone, JobFailed, JobProgress
from ..jobs.runner import JobProcess


def follow_in_terminal(job: JobProcess, doing: str, when_failed: str = "") -> Mapping[str, Any]:
    """Show how far a job is until it ends; return its result.

    Parameters
    ----------
    job
        The job.
    doing
        What it does, such as "exporting".
    when_failed
        Stands before what went wrong, such as "the demo could not be made: ".

    Raises
    ------
    GtviewError
        The job failed.
    CancelledError
        It was stopped.
    """
    try:
        with click.progressbar(length=100, label=doing, file=sys.stderr) as bar:
            for event in job.events():
                if isinstance(event, JobProgress):
                    bar.label = event.message or bar.label
                    bar.update(max(0, round(100 * event.fraction) - bar.pos))
                elif isinstance(event, JobFailed):
                    raise GtviewError(when_failed + event.error)
                elif isinstance(event, JobDone):
                    return event.result
                elif isinstance(event, JobCancelled):
                    break
    except KeyboardInterrupt:
        job.cancel()
    raise CancelledError(f"{doing} was cancelled; nothing was left behind")
