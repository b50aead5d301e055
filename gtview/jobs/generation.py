"""The job that makes a dataset from a recipe, and the steps that may follow it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .durations import speed_ratio
from .logs import log_file
from .queued import JobSpec
from .sorting import SortChoice, sorting_steps

if TYPE_CHECKING:
    from ..generation.recipe import GenerationRecipe
    from .runner import JobProcess

GENERATE_TASK = "gtview.jobs.tasks.generate:generate_dataset"
_SPEED_KEY = "generate"


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
    return JobProcess(GENERATE_TASK, spec, log_file("generate"))


def generation_steps(
    recipe: GenerationRecipe,
    folder: Path,
    sorts: Sequence[SortChoice] = (),
    n_workers: int | None = None,
) -> tuple[JobSpec, ...]:
    """Return the steps that make a dataset and sort it; `JobQueue.add(first, then=rest)`.

    Parameters
    ----------
    recipe
        What to make.
    folder
        Where; must not exist.
    sorts
        How to sort it then; each sorts the drifting recording, the static one, or both.
    n_workers
        Threads; None: one for each core.

    Raises
    ------
    RecipeError
        The probe of the recipe does not exist.
    """
    from ..generation.prediction import predict

    cost = predict(recipe, n_workers or os.cpu_count() or 1)
    spec = {"folder": str(folder.absolute()), "recipe": recipe.to_json(), "n_workers": n_workers}
    first = JobSpec(
        GENERATE_TASK,
        spec,
        "Generate",
        folder.absolute(),
        cost.time_s * speed_ratio(_SPEED_KEY),
        _SPEED_KEY,
    )
    size = cost.n_channels * cost.duration_s
    then = [step for choice in sorts for step in sorting_steps(folder.absolute(), choice, size)]
    return (first, *then)
