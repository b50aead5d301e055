"""`gtview sort`: a sorter of SpikeInterface on a recording, from the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from ..base.errors import UsageError
from ..jobs.logs import log_file
from ..jobs.runner import JobProcess
from ..jobs.sorting import SortChoice, find_sorters, sorting_job, sorting_steps
from .terminal_job import follow_in_terminal


def run_sort(
    path: Path, sorter: str, settings: Iterable[str], *, is_static: bool, out: Path | None
) -> None:
    """Sort with a progress bar in the terminal.

    Raises
    ------
    GtviewError
        It could not be sorted.
    """
    path = path.expanduser().absolute()
    params = _nested(settings)
    is_dataset = (path / "recipe.json").is_file() and (path / "recording").is_dir()
    if is_static and not (path / "recording_static").is_dir():
        raise UsageError(f"{path} holds no static recording.")
    if not is_dataset and out is None:
        raise UsageError(f"{path} is no generated dataset: name the folder of the result: --out.")
    if out is not None:
        name = "recording_static" if is_static else "recording"
        step = sorting_job(path / name if is_dataset else path, out.absolute(), sorter, params)
    else:
        choice = SortChoice(sorter, params, of_drifting=not is_static, of_static=is_static)
        (step,) = sorting_steps(path, choice)
    job = JobProcess(step.task, step.spec, log_file("sort"))
    result = follow_in_terminal(job, "sorting")
    for note in result.get("notes", ()):
        click.echo(f"note: {note}", err=True)
    click.echo(f"{result['n_spikes']:,} spikes of {result['n_clusters']} clusters", err=True)
    click.echo(str(Path(result["folder"]) / "phy"))


def list_sorters() -> str:
    """Return the names of the sorters, and how to get those that are not installed."""
    infos = find_sorters()
    width = max(len(info.name) for info in infos)
    return "\n".join(
        f"{info.name:{width}}  {'installed' if info.is_installed else info.how_to_get}"
        for info in infos
    )


def _nested(settings: Iterable[str]) -> dict[str, Any]:
    """Return "detection.radius_um=50" as parameters in dictionaries."""
    params: dict[str, Any] = {}
    for text in settings:
        name, found, value = text.partition("=")
        if not found:
            raise UsageError(f"{text!r} is no parameter: write name=value.")
        *above, last = name.strip().split(".")
        inner = params
        for part in above:
            inner = inner.setdefault(part, {})
        try:
            inner[last] = json.loads(value)
        except ValueError:
            # Text needs no quotes in a terminal.
            inner[last] = value
    return params
