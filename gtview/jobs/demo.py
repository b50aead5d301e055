"""Where the demo dataset is kept, and whether it is there; making it is a task of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.folders import data_folder, log_folder

if TYPE_CHECKING:
    from .runner import JobProcess

DEMO_TASK = "gtview.jobs.tasks.demo:make_demo"
DEMO_KIND = "gtview demo"
# Raised when the demo of an older gtview should be made anew.
DEMO_SCHEMA = 2
DEMO_SORTING = "simple"


def demo_folder() -> Path:
    """Return the folder of the demo dataset."""
    return data_folder() / "demo"


def demo_export(folder: Path) -> Path:
    """Return the folder of the sorter's export in a demo dataset."""
    return folder / "sortings" / DEMO_SORTING / "phy"


def demo_spec(folder: Path, **changes: Any) -> dict[str, Any]:
    """Return the spec of the task that makes the demo; see `gtview.jobs.tasks.demo.DemoSpec`."""
    return {"folder": str(folder), **changes}


def start_demo(folder: Path, **changes: Any) -> JobProcess:
    """Start the job that makes the demo in a folder; what it prints goes to `demo.log`.

    Raises
    ------
    OSError
        The process cannot be started.
    """
    from .runner import JobProcess

    return JobProcess(DEMO_TASK, demo_spec(folder, **changes), _demo_log())


def _demo_log() -> Path | None:
    path = log_folder() / "demo.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError:
        return None
    return path


def is_demo(folder: Path) -> bool:
    """Return whether a folder holds a demo dataset, of whatever version."""
    return _read_recipe(folder).get("kind") == DEMO_KIND


def is_demo_ready(folder: Path) -> bool:
    """Return whether a folder holds a whole demo dataset of this version."""
    recipe = _read_recipe(folder)
    return (
        recipe.get("kind") == DEMO_KIND
        and recipe.get("schema_version") == DEMO_SCHEMA
        and (demo_export(folder) / "params.py").is_file()
        and (folder / "ground_truth" / "units.npz").is_file()
    )


def _read_recipe(folder: Path) -> dict[str, Any]:
    try:
        recipe = json.loads((folder / "recipe.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return recipe if isinstance(recipe, dict) else {}
