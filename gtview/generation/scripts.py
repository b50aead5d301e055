"""Writes a recipe as a Python script, to be run with gtview."""

from __future__ import annotations

import pprint
from typing import Any

from .fields import FieldSpec, defaults_of, fields_of
from .recipe import GenerationRecipe

_GTVIEW = '''"""{title}"""

from gtview.generation import generate, read_recipe

recipe = read_recipe(
{values}
)
made = generate(recipe)

# Lazy recordings of SpikeInterface: traces are computed when they are read.
drifting, static = made.recording, made.static_recording
sorting, extra_infos = made.sorting, made.extra_infos
for warning in made.plan.warnings:
    print("note:", warning)
print(drifting)
print(sorting)
'''


def shorten(recipe: GenerationRecipe) -> dict[str, Any]:
    """Return a recipe as JSON, without the values that are the defaults.

    `read_recipe` makes the same recipe of it again.
    """
    return _without_defaults(recipe.to_json(), type(recipe))


def gtview_script(recipe: GenerationRecipe) -> str:
    """Return a script that makes the recordings of a recipe with gtview."""
    values = pprint.pformat(shorten(recipe), sort_dicts=False, width=90)
    indented = "\n".join(f"    {line}" for line in values.splitlines())
    return _GTVIEW.format(title=title_of(recipe), values=indented)


def title_of(recipe: GenerationRecipe) -> str:
    """Return a first line for a script, which cannot end the text it stands in."""
    text = f"{recipe.name}: {recipe.description}" if recipe.name else recipe.description
    safe = " ".join(text.replace("\\", "/").replace('"', "'").split())
    return safe or "A recording with known truth."


def _without_defaults(data: dict[str, Any], model: Any) -> dict[str, Any]:
    defaults = defaults_of(model)
    kept: dict[str, Any] = {"kind": data["kind"]} if "kind" in data else {}
    for spec in fields_of(model):
        value = data[spec.name]
        if value != defaults[spec.name] or spec.is_required:
            kept[spec.name] = _shortened(value, spec)
    return kept


def _shortened(value: Any, spec: FieldSpec) -> Any:
    if value is None:
        return None
    if spec.kind == "section":
        return _without_defaults(value, spec.models[""])
    if spec.kind == "alternatives":
        return _without_defaults(value, spec.models[value["kind"]])
    if spec.kind == "list":
        return [_without_defaults(item, spec.models[item["kind"]]) for item in value]
    return value
