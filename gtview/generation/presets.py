"""The recipes that come with gtview."""

from __future__ import annotations

from pathlib import Path

from ..base.errors import UsageError
from ..base.resources import resource
from .recipe import GenerationRecipe, read_recipe


def preset_names() -> tuple[str, ...]:
    """Return the names of all presets, the simplest first."""
    return tuple(sorted(_files(), key=lambda name: (name != "quick", name)))


def read_preset(name: str) -> GenerationRecipe:
    """Read a preset by its name.

    Raises
    ------
    UsageError
        There is none of that name.
    """
    files = _files()
    path = files.get(name) or files.get(name.replace("_", " ").replace("-", " "))
    if path is None:
        raise UsageError(f"There is no preset {name!r}; there are {', '.join(preset_names())}.")
    return read_recipe(path)


def _files() -> dict[str, Path]:
    return {path.stem: path for path in resource("presets").glob("*.json")}
