"""From a recipe to a recording with known truth; computes, and knows no window or process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .dataset import GeneratedDataset, generate
    from .displacement import make_one_displacement_vector
    from .drifting import generate_drifting_recording
    from .prediction import Prediction, predict
    from .presets import preset_names, read_preset
    from .problems import Problem, RecipeError
    from .recipe import GenerationRecipe, read_recipe, write_recipe
    from .resolution import resolve
    from .values import Range, Values

__all__ = [
    "GeneratedDataset",
    "GenerationRecipe",
    "Prediction",
    "Problem",
    "Range",
    "RecipeError",
    "Values",
    "generate",
    "generate_drifting_recording",
    "make_one_displacement_vector",
    "predict",
    "preset_names",
    "read_preset",
    "read_recipe",
    "resolve",
    "write_recipe",
]

_HOMES = {
    "GeneratedDataset": "dataset",
    "GenerationRecipe": "recipe",
    "Prediction": "prediction",
    "Problem": "problems",
    "Range": "values",
    "RecipeError": "problems",
    "Values": "values",
    "generate": "dataset",
    "generate_drifting_recording": "drifting",
    "make_one_displacement_vector": "displacement",
    "predict": "prediction",
    "preset_names": "presets",
    "read_preset": "presets",
    "read_recipe": "recipe",
    "resolve": "resolution",
    "write_recipe": "recipe",
}


def __getattr__(name: str) -> Any:
    # A window that never generates should not pay for the import of all this.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
