"""`gtview generate` and `gtview recipe`: a dataset from a recipe, in the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from ..base.errors import UsageError
from ..generation.prediction import predict
from ..generation.presets import preset_names, read_preset
from ..generation.recipe import GenerationRecipe, read_recipe
from ..jobs.generation import start_generation
from .terminal_job import follow_in_terminal


def run_generate(
    source: str, folder: Path, settings: Iterable[str], n_workers: int | None
) -> None:
    """Make a dataset with a progress bar in the terminal.

    Raises
    ------
    GtviewError
        The recipe is impossible, or the dataset could not be made.
    """
    recipe = _with_settings(_find_recipe(source), settings)
    if folder.exists():
        raise UsageError(f"{folder} exists already.")
    cost = predict(recipe)
    click.echo(
        f"{recipe.n_units} units, {cost.n_channels} channels, {cost.duration_s:g} s: about "
        f"{cost.disk_mb / 1e3:.2f} GB",
        err=True,
    )
    job = start_generation(recipe.to_json(), folder.absolute(), n_workers)
    result = follow_in_terminal(job, "generating")
    for warning in result.get("warnings", ()):
        click.echo(f"note: {warning}", err=True)
    click.echo(result["folder"])


def print_recipe(preset: str, settings: Iterable[str]) -> str:
    """Return a preset with other values, as JSON."""
    return json.dumps(_with_settings(read_preset(preset), settings).to_json(), indent=1)


def list_presets() -> str:
    """Return the names of all presets and what they are."""
    rows = [(name, read_preset(name).description) for name in preset_names()]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:{width}}  {text}" for name, text in rows)


def _find_recipe(source: str) -> GenerationRecipe:
    """Read a file, or else a preset of that name."""
    path = Path(source).expanduser()
    if path.exists() or path.suffix == ".json":
        return read_recipe(path)
    return read_preset(source)


def _with_settings(recipe: GenerationRecipe, settings: Iterable[str]) -> GenerationRecipe:
    changes = dict(_parse_setting(text) for text in settings)
    return recipe.changed(changes) if changes else recipe


def _parse_setting(text: str) -> tuple[str, Any]:
    name, found, value = text.partition("=")
    if not found:
        raise UsageError(f"{text!r} is no setting: write name=value, such as duration_s=60.")
    try:
        return name.strip(), json.loads(value)
    except ValueError:
        # Text needs no quotes in a terminal.
        return name.strip(), value
