"""`gtview export`: a sorting of SpikeInterface in phy's format, from the terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ..base.errors import CancelledError, GtviewError
from ..jobs.events import JobCancelled, JobDone, JobFailed, JobProgress
from ..jobs.export import start_export


def run_export(sorting: Path, recording: Path, folder: Path, **options: Any) -> None:
    """Export with a progress bar in the terminal.

    Raises
    ------
    GtviewError
        It could not be exported.
    """
    result = _follow(sorting, recording, folder.absolute(), options)
    for note in result.get("notes", ()):
        click.echo(f"note: {note}", err=True)
    click.echo(f"{result['n_spikes']:,} spikes of {result['n_clusters']} clusters", err=True)
    click.echo(result["folder"])


def _follow(
    sorting: Path, recording: Path, folder: Path, options: Mapping[str, Any]
) -> Mapping[str, Any]:
    job = start_export(sorting.absolute(), recording.absolute(), folder, **options)
    try:
        with click.progressbar(length=100, label="exporting", file=sys.stderr) as bar:
            for event in job.events():
                if isinstance(event, JobProgress):
                    bar.label = event.message or bar.label
                    bar.update(max(0, round(100 * event.fraction) - bar.pos))
                elif isinstance(event, JobFailed):
                    raise GtviewError(event.error)
                elif isinstance(event, JobDone):
                    return event.result
                elif isinstance(event, JobCancelled):
                    break
    except KeyboardInterrupt:
        job.cancel()
    raise CancelledError("exporting was cancelled; nothing was left behind")
