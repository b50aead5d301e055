"""The demo: a dataset from a preset, sorted once; where it is kept, and what is missing of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.errors import UsageError
from ..base.folders import data_folder
from .queued import JobSpec

if TYPE_CHECKING:
    from ..generation.recipe import GenerationRecipe

DEMO_PRESET = "quick"
DEMO_NAME = "demo"
DEMO_SORTER = "simple"
# A seed: everybody sees the same demo.
DEMO_PARAMS = {"clusterer_kwargs": {"min_cluster_size": 40}, "seed": 0}
# What the first versions of gtview called theirs.
_OLD_KIND = "gtview demo"
_KIND = "gtview dataset"


def demo_folder() -> Path:
    """Return the folder of the demo dataset."""
    return data_folder() / "demo"


def demo_export(folder: Path) -> Path:
    """Return the folder of the sorter's export in a demo dataset."""
    return folder / "sortings" / DEMO_SORTER / "phy"


def demo_recipe() -> GenerationRecipe:
    """Return what the demo is made from."""
    from ..generation.presets import read_preset

    return read_preset(DEMO_PRESET).changed({"name": DEMO_NAME})


def demo_steps(folder: Path) -> tuple[JobSpec, ...]:
    """Return the steps that are missing of a demo; () when it is whole.

    Parameters
    ----------
    folder
        Of the demo; `make_room` was called for it.
    """
    from .generation import generation_steps
    from .sorting import SortChoice

    steps = generation_steps(
        demo_recipe(), folder, [SortChoice(DEMO_SORTER, DEMO_PARAMS, of_drifting=True)]
    )
    if is_demo_ready(folder):
        return ()
    return steps[1:] if _is_generated(folder) else steps


def make_room(folder: Path) -> None:
    """Remove a demo of another version, a sorting that is not whole, or an empty folder.

    Raises
    ------
    UsageError
        The folder holds something else.
    OSError
        It cannot be removed.
    """
    if not folder.exists():
        return
    if _is_generated(folder):
        if not is_demo_ready(folder):
            shutil.rmtree(folder / "sortings" / DEMO_SORTER, ignore_errors=True)
    elif is_demo(folder) and not folder.is_symlink():
        shutil.rmtree(folder)
    elif folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
    else:
        raise UsageError(f"{folder} exists and is no demo of gtview; choose another folder.")


def is_demo(folder: Path) -> bool:
    """Return whether a folder holds a demo dataset, of whatever version."""
    recipe = _read_recipe(folder)
    asked = recipe.get("asked")
    is_ours = recipe.get("kind") == _KIND and isinstance(asked, dict)
    is_named = is_ours and asked.get("name") == DEMO_NAME  # type: ignore[union-attr]
    return is_named or recipe.get("kind") == _OLD_KIND


def is_demo_ready(folder: Path) -> bool:
    """Return whether a folder holds a whole demo dataset of this version."""
    return _is_generated(folder) and (demo_export(folder) / "params.py").is_file()


def _is_generated(folder: Path) -> bool:
    """Return whether everything but the sorting is there, as this version makes it."""
    if not is_demo(folder) or not (folder / "ground_truth" / "units.npz").is_file():
        return False
    recipe = _read_recipe(folder)
    return recipe.get("kind") == _KIND and bool(recipe.get("asked") == demo_recipe().to_json())


def _read_recipe(folder: Path) -> dict[str, Any]:
    try:
        recipe = json.loads((folder / "recipe.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return recipe if isinstance(recipe, dict) else {}
