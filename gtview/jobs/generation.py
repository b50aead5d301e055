"""Starts the job that makes a dataset from a recipe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.folders import log_folder

if TYPE_CHECKING:
    from .runner import JobProcess

GENERATE_TASK = "gtview.jobs.tasks.generate:generate_dataset"


def start_generation(
    recipe: dict[str, Any], folder: Path, n_workers: int | None = None
) -> JobProcess:
    """Start it; what it prints goes to `generate.log`.

    Raises
    ------
    OSError
        The process cannot be started.
    """
    from .runner import JobProcess

    spec = {"folder": str(folder), "recipe": recipe, "n_workers": n_workers}
    return JobProcess(GENERATE_TASK, spec, _log())


def _log() -> Path | None:
    path = log_folder() / "generate.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError:
        return None
    return path
