"""Makes a dataset folder from a recipe: recordings, and what is true of them."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...base.errors import UsageError
from ...base.files import write_text_whole
from ...base.progress import Reporter, part_of
from ...generation.plan import GenerationPlan
from ...generation.prediction import predict
from ...generation.recipe import GenerationRecipe, read_recipe
from ...generation.resolution import resolve
from ..partial import whole_folder

DATASET_KIND = "gtview dataset"
# Left free whatever is written: a full disk stops more than this program.
_SPARE_MB = 200.0


class GenerateSpec(BaseModel):
    """What the task is asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path
    recipe: dict[str, Any]
    n_workers: int | None = Field(default=None, ge=1, le=256)


def generate_dataset(spec: dict[str, Any], report: Reporter) -> dict[str, Any]:
    """Make a dataset folder as docs/formats.md describes it.

    Parameters
    ----------
    spec
        Fields of `GenerateSpec`: `folder`, which must not exist; `recipe`, as JSON; `n_workers`.
    report
        Gets the part done and what is being done.

    Returns
    -------
    `folder`, `n_units`, `n_spikes`, and `warnings`, sentences on what could not be kept.

    Raises
    ------
    UsageError
        The recipe is impossible, the folder exists, or the disk is too small.
    OSError
        The folder cannot be written.
    """
    try:
        wish = GenerateSpec.model_validate(spec)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"The dataset cannot be made: {field}: {first['msg']}.") from error
    recipe = read_recipe(wish.recipe)
    folder = wish.folder.absolute()
    refuse_small_disk(recipe, folder)
    with whole_folder(folder) as partial:
        plan = resolve(recipe, report=part_of(report, 0.0, 0.1))
        write_dataset(recipe, plan, partial, wish.n_workers, part_of(report, 0.1, 1.0))
    report(1.0, "ready")
    return {
        "folder": str(folder),
        "n_units": plan.n_units,
        "n_spikes": len(plan.spike_samples),
        "warnings": list(plan.warnings),
    }


def refuse_small_disk(recipe: GenerationRecipe, folder: Path) -> None:
    """Refuse a dataset for which the disk has no room.

    Raises
    ------
    UsageError
        It would not fit.
    """
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    free_mb = shutil.disk_usage(place).free / 1e6
    needed_mb = predict(recipe).disk_mb
    if needed_mb + _SPARE_MB > free_mb:
        raise UsageError(
            f"The dataset needs {needed_mb / 1e3:.1f} GB, but the disk of {place} has only "
            f"{free_mb / 1e3:.1f} GB left."
        )


def write_dataset(
    recipe: GenerationRecipe,
    plan: GenerationPlan,
    folder: Path,
    n_workers: int | None,
    report: Reporter,
) -> None:
    """Write everything that a plan leads to into an existing folder."""
    from ...generation.truth import write_truth
    from ...generation.writer import write_recording

    workers = n_workers or os.cpu_count() or 1
    report(0.0, "writing the truth")
    write_truth(plan, folder / "ground_truth")
    kinds = [("recording", True)] + (
        [("recording_static", False)] if recipe.output.has_static else []
    )
    for i, (name, is_drifting) in enumerate(kinds):
        start, stop = 0.02 + 0.98 * i / len(kinds), 0.02 + 0.98 * (i + 1) / len(kinds)
        write_recording(
            plan,
            folder / name,
            drifting=is_drifting,
            n_workers=workers,
            report=part_of(report, start, stop),
        )
    text = json.dumps(describe_dataset(recipe, plan), indent=1)
    write_text_whole(folder / "recipe.json", text + "\n")


def describe_dataset(recipe: GenerationRecipe, plan: GenerationPlan) -> dict[str, Any]:
    """Return what `recipe.json` of a dataset says: asked, resolved, versions."""
    noise = plan.noise
    return {
        "kind": DATASET_KIND,
        "schema_version": recipe.schema_version,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "master_seed": recipe.seed,
        "asked": recipe.to_json(),
        "resolved": {
            "n_units": plan.n_units,
            "n_channels": plan.n_channels,
            "n_samples": plan.n_samples,
            "n_spikes": len(plan.spike_samples),
            "sample_rate_hz": plan.sample_rate_hz,
            "uv_per_bit": plan.gain_uv if plan.dtype == "int16" else 1.0,
            "noise_levels_uv": [float(level) for level in noise.levels_uv],
            "motion_direction": [float(part) for part in plan.displacement.direction],
            "warnings": list(plan.warnings),
            "units": "ground_truth/units.npz",
            "templates": "ground_truth/templates.npz",
            "motion": "ground_truth/motion",
            "spikes": "ground_truth/spikes.npz",
        },
        "versions": _versions(),
    }


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    from ... import __version__

    names = ("numpy", "numba", "scipy", "probeinterface", "spikeinterface")
    return {"gtview": __version__, **{name: version(name) for name in names}}
