"""The single pieces of work of a study: datasets to make, and sortings of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.errors import UsageError

if TYPE_CHECKING:
    from ..generation.recipe import GenerationRecipe
    from .definition import RecipeChoice, SorterChoice, Study

MAX_CELLS = 100_000


@dataclass(frozen=True, slots=True)
class DatasetCell:
    """A dataset to make; its id changes with whatever changes the recording.

    Attributes
    ----------
    id
        Name of its folder.
    recipe_name, seed, values
        Where it stands in the study; `values` are those of the grid.
    recipe
        As JSON.
    """

    id: str
    recipe_name: str
    seed: int
    values: Mapping[str, Any]
    recipe: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SortCell:
    """One sorting of one dataset, and its scores.

    Attributes
    ----------
    id
        Name of its file of results.
    dataset
        What is sorted.
    sorter_name
        The user's name.
    sorter, params, recording
        What is run on what.
    delta_ms
        For the scores.
    """

    id: str
    dataset: DatasetCell
    sorter_name: str
    sorter: str
    params: Mapping[str, Any]
    recording: str
    delta_ms: float

    @property
    def folder_name(self) -> str:
        """Name of the folder of the sorting; scoring otherwise does not sort again."""
        told = {"sorter": self.sorter, "params": self.params, "recording": self.recording}
        return f"{self.sorter_name}-{_digest(told)}"


def make_cells(study: Study, folder: Path) -> list[SortCell]:
    """Return every cell of a study, those of one dataset side by side.

    Parameters
    ----------
    study
        What is wanted.
    folder
        Where files of recipes are looked for.

    Raises
    ------
    UsageError
        A recipe does not exist or is impossible with some values, or it is too much.
    """
    recipes = {name: _read_recipe(name, choice, folder) for name, choice in study.recipes.items()}
    sizes = [len(recipes), len(study.seeds), len(study.sorters), *map(len, study.grid.values())]
    n_cells = 1
    for size in sizes:
        n_cells *= size
    if n_cells > MAX_CELLS:
        raise UsageError(f"The study has {n_cells:,} cells; at most {MAX_CELLS:,} are possible.")
    datasets = [
        _make_dataset(name, recipe, dict(zip(study.grid, values, strict=True)), seed)
        for name, recipe in recipes.items()
        for values in product(*study.grid.values())
        for seed in study.seeds
    ]
    return [
        _make_cell(dataset, name, choice, study.delta_ms)
        for dataset in datasets
        for name, choice in study.sorters.items()
    ]


def _read_recipe(name: str, choice: RecipeChoice, folder: Path) -> GenerationRecipe:
    from ..generation.presets import read_preset
    from ..generation.recipe import read_recipe

    try:
        if choice.preset is not None:
            recipe = read_preset(choice.preset)
        else:
            recipe = read_recipe(folder / (choice.file or ""))
        return recipe.changed(choice.set) if choice.set else recipe
    except UsageError as error:
        raise UsageError(f"recipes.{name}: {error}") from error


def _make_dataset(
    name: str, recipe: GenerationRecipe, values: dict[str, Any], seed: int
) -> DatasetCell:
    try:
        changed = recipe.changed({**values, "seed": seed}).to_json()
    except UsageError as error:
        told = ", ".join(f"{key} = {value}" for key, value in values.items())
        raise UsageError(f"recipes.{name} with {told or f'seed {seed}'}: {error}") from error
    return DatasetCell(f"{name}-seed{seed}-{_digest(changed)}", name, seed, values, changed)


def _make_cell(dataset: DatasetCell, name: str, choice: SorterChoice, delta_ms: float) -> SortCell:
    sorter = choice.sorter or name
    told = [sorter, choice.params, choice.recording, delta_ms]
    cell_id = f"{dataset.id}-{name}-{_digest(told)}"
    return SortCell(cell_id, dataset, name, sorter, choice.params, choice.recording, delta_ms)


def _digest(values: Any) -> str:
    text = json.dumps(values, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:8]
