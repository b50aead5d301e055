"""`gtview export`: a sorting of SpikeInterface in phy's format, from the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..jobs.export import start_export
from .terminal_job import follow_in_terminal


def run_export(sorting: Path, recording: Path, folder: Path, **options: Any) -> None:
    """Export with a progress bar in the terminal.

    Raises
    ------
    GtviewError
        It could not be exported.
    """
    job = start_export(sorting.absolute(), recording.absolute(), folder.absolute(), **options)
    result = follow_in_terminal(job, "exporting")
    for note in result.get("notes", ()):
        click.echo(f"note: {note}", err=True)
    click.echo(f"{result['n_spikes']:,} spikes of {result['n_clusters']} clusters", err=True)
    click.echo(result["folder"])
