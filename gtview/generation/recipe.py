"""The recipe of a recording: all that can be asked, as JSON, checked before any work."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from ..base.errors import UsageError
from ..base.files import write_text_whole
from .problems import Problem, RecipeError, Section, explain
from .recipe_hybrid import HybridChoice
from .recipe_motion import MotionChoice
from .recipe_noise import NoiseChoice
from .recipe_probe import NamedProbe, ProbeChoice
from .recipe_spikes import Amplitudes, Trains
from .recipe_units import Locations, TemplateShapes
from .values import Limits

SCHEMA_VERSION = 1


class Output(Section):
    """What is written."""

    dtype: Literal["int16", "float32"] = "int16"
    gain_uv: Annotated[float, Limits(0.0001, 1000, "uV")] = Field(
        default=0.195, description="Microvolts per bit of int16."
    )
    has_static: bool = Field(
        default=False, description="Whether the static recording is written too."
    )


class GenerationRecipe(Section):
    """Everything that a recording with known truth is made from."""

    schema_version: Annotated[int, Limits(1, SCHEMA_VERSION)] = SCHEMA_VERSION
    name: str = ""
    description: str = ""
    seed: Annotated[int, Limits(0, 2**63 - 1)] = Field(
        default=0, description="Seed of everything."
    )
    duration_s: Annotated[float, Limits(0.1, 360_000, "s")] = 600.0
    sample_rate_hz: Annotated[float, Limits(8_000, 200_000, "Hz")] = 30_000.0
    n_units: Annotated[int, Limits(1, 20_000)] = 250
    probe: ProbeChoice = NamedProbe()
    locations: Locations = Locations()
    templates: TemplateShapes = TemplateShapes()
    motion: MotionChoice = MotionChoice()
    spikes: Trains = Trains()
    amplitudes: Amplitudes = Amplitudes()
    noise: NoiseChoice = NoiseChoice()
    hybrid: HybridChoice | None = None
    output: Output = Output()

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values; `read_recipe` gives the same recipe again."""
        return self.model_dump(mode="json")

    def changed(self, changes: Mapping[str, Any]) -> GenerationRecipe:
        """Return a recipe with other values, by their dotted names.

        Parameters
        ----------
        changes
            Such as `{"templates.unit_params.alpha": {"range": [50, 100]}, "motion.motions.0.kind":
            "bump"}`.

        Raises
        ------
        RecipeError
            A name does not exist, or a value is impossible.
        """
        data = self.to_json()
        for name, value in changes.items():
            _set(data, name, value)
        return read_recipe(data)


def read_recipe(source: Mapping[str, Any] | Path | str) -> GenerationRecipe:
    """Read and check a recipe: a mapping, a file of JSON, or the folder of a generated dataset.

    Raises
    ------
    RecipeError
        A key is unknown, or a value is impossible; each is told with its name.
    UsageError
        The file cannot be read, or a newer gtview wrote it.
    """
    from .checks import check

    data = source if isinstance(source, Mapping) else _read_file(Path(source).expanduser())
    if isinstance(data.get("asked"), Mapping) and "resolved" in data:
        # The recipe.json of a dataset tells more than what was asked.
        data = data["asked"]
    _refuse_newer(data.get("schema_version", SCHEMA_VERSION))
    try:
        recipe = GenerationRecipe.model_validate(data)
    except ValidationError as error:
        raise explain(error, data) from None
    problems = check(recipe)
    if problems:
        raise RecipeError(problems)
    return recipe


def write_recipe(recipe: GenerationRecipe, path: Path) -> None:
    """Write a recipe as a file of JSON, whole or not at all."""
    write_text_whole(path, json.dumps(recipe.to_json(), indent=1) + "\n")


def _read_file(path: Path) -> Mapping[str, Any]:
    path = path / "recipe.json" if path.is_dir() else path
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UsageError(f"{path} is no JSON file: {error}.") from error
    if not isinstance(data, dict):
        raise UsageError(f"{path} holds no recipe: it must be an object with named fields.")
    return data


def _refuse_newer(version: Any) -> None:
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise UsageError(
            f"The recipe was written by a newer gtview (its version is {version}, this gtview "
            f"knows up to {SCHEMA_VERSION}). Update gtview to use it."
        )


def _set(data: Any, name: str, value: Any) -> None:
    *path, last = name.split(".")
    here = data
    for depth, part in enumerate((*path, last)):
        is_last = depth == len(path)
        key: Any = int(part) if isinstance(here, list) and part.isdigit() else part
        is_known = key in here if isinstance(here, dict) else _is_index(here, key)
        if is_last and (is_known or isinstance(here, dict)):
            here[key] = value
        elif is_known:
            # A part that is switched off is switched on by setting something in it.
            here[key] = {} if here[key] is None else here[key]
            here = here[key]
        else:
            raise RecipeError([Problem(name, "is no field of a recipe")])


def _is_index(items: Any, key: Any) -> bool:
    return isinstance(items, list) and isinstance(key, int) and key < len(items)
