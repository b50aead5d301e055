"""What a study is: the file STUDY.toml, checked before anything is run."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..base.errors import UsageError

# Becomes part of the names of folders, on every system.
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_. -]{0,40}$")]
Value = float | int | bool | str | list[Any] | dict[str, Any]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RecipeChoice(_Part):
    """Where a recipe comes from, and what is different in it.

    Attributes
    ----------
    preset
        Name of a preset.
    file
        Or a file of JSON, relative to the study's.
    set
        Other values, by their dotted names.
    """

    preset: str | None = None
    file: Path | None = None
    set: dict[str, Value] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_one_source(self) -> RecipeChoice:
        if (self.preset is None) == (self.file is None):
            raise ValueError("name either a preset or a file")
        return self


class SorterChoice(_Part):
    """How recordings are sorted.

    Attributes
    ----------
    sorter
        Its name in SpikeInterface; None: the name of this choice.
    params
        Parameters that are not at their defaults.
    recording
        Which of the two recordings of a dataset.
    """

    sorter: str | None = None
    params: dict[str, Value] = Field(default_factory=dict)
    recording: Literal["drifting", "static"] = "drifting"


class Study(_Part):
    """Every recipe, with every combination of the grid and every seed, sorted by every sorter.

    Attributes
    ----------
    name
        Stands above its results.
    recipes
        By names of the user's.
    grid
        Values to try of settings of the recipes, by their dotted names.
    seeds
        Master seeds; each makes another recording of the same kind.
    sorters
        By names of the user's.
    delta_ms
        Largest distance of two spikes that count as the same.
    """

    schema_version: Literal[1] = 1
    name: str = Field(default="Study", min_length=1, max_length=200)
    recipes: dict[Name, RecipeChoice] = Field(min_length=1)
    grid: dict[str, Annotated[list[Value], Field(min_length=1)]] = Field(default_factory=dict)
    seeds: list[Annotated[int, Field(ge=0)]] = Field(default=[0], min_length=1)
    sorters: dict[Name, SorterChoice] = Field(min_length=1)
    delta_ms: float = Field(default=0.4, gt=0, le=100)


def read_study(path: Path) -> Study:
    """Read and check a study.

    Raises
    ------
    UsageError
        The file cannot be read, or says something that is not possible.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise UsageError(f"{path} cannot be read: {reason}.") from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is no TOML: {error}.") from error
    return check_study(data, str(path))


def check_study(data: Mapping[str, Any], where: str = "The study") -> Study:
    """Check what a file says.

    Raises
    ------
    UsageError
        With the name of what is wrong.
    """
    try:
        return Study.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"] if part != "[key]") or "it"
        message = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{where}: {name}: {message[0].lower()}{message[1:]}.") from None
