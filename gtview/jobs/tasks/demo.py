"""Makes the demo: a short drifting recording with its truth, sorted and exported."""

from __future__ import annotations

import json
import shutil
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...base.errors import UsageError
from ...base.files import write_text_whole
from ...base.progress import Reporter, part_of
from ..demo import DEMO_KIND, DEMO_SCHEMA, DEMO_SORTING, demo_export, is_demo, is_demo_ready
from ..partial import whole_folder
from .demo_recording import Simulation, simulate, write_recording
from .demo_sorting import sort_and_export
from .demo_truth import write_truth


class DemoSpec(BaseModel):
    """What can be asked of the demo."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path
    n_units: int = Field(12, ge=2, le=64)
    duration_s: float = Field(60.0, ge=5.0, le=600.0)
    seed: int = Field(10, ge=0)


def make_demo(spec: dict[str, Any], report: Reporter) -> dict[str, Any]:
    """Make a dataset folder with a recording, its ground truth, and one sorting.

    The recording has 32 channels of a Neuropixels 1.0 probe at 30 kHz, in int16; it drifts, and
    is sorted with SpikeInterface's `simple`, which needs nothing else. One seed gives the same
    recording and the same sorting (on another processor up to rounding). A folder that holds a
    demo of this version is left as it is; one of another version is replaced.

    Parameters
    ----------
    spec
        Fields of `DemoSpec`: `folder`, and `n_units`, `duration_s`, `seed`.
    report
        Gets the part done and what is being done.

    Returns
    -------
    `folder`, and `export` with the folder to open; then `n_units`, `n_clusters`, `n_spikes` (of
    the truth), unless the demo was there already.

    Raises
    ------
    UsageError
        The spec makes no sense, or the folder holds something else.
    OSError
        The folder cannot be written.
    """
    wish = _read_spec(spec)
    folder = wish.folder.absolute()
    where = {"folder": str(folder), "export": str(demo_export(folder))}
    if is_demo_ready(folder):
        return where
    _make_room(folder)
    with whole_folder(folder) as partial, warnings.catch_warnings():
        # What is made in memory has no file that it comes from; the recipe says what it is.
        warnings.filterwarnings("ignore", message=".*not serializable.*")
        counts = _fill(partial, wish, report)
    report(1.0, "ready")
    return {**where, **counts}


def _fill(folder: Path, wish: DemoSpec, report: Reporter) -> dict[str, int]:
    report(0.0, "loading the simulator")
    simulation = simulate(wish.n_units, wish.duration_s, wish.seed)
    report(0.1, "making the recording")
    write_recording(simulation, folder / "recording", part_of(report, 0.1, 0.3))
    write_truth(simulation, folder / "ground_truth")
    n_clusters = sort_and_export(
        folder / "recording",
        folder / "sortings" / DEMO_SORTING,
        min_cluster_size=max(10, round(40 * wish.duration_s / 60.0)),
        report=part_of(report, 0.3, 1.0),
    )
    write_text_whole(folder / "recipe.json", json.dumps(_recipe(wish, simulation), indent=1))
    n_spikes = len(simulation.spikes)
    return {"n_units": wish.n_units, "n_clusters": n_clusters, "n_spikes": n_spikes}


def _read_spec(spec: dict[str, Any]) -> DemoSpec:
    try:
        return DemoSpec.model_validate(spec)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"The demo cannot be made: {field}: {first['msg']}.") from error


def _make_room(folder: Path) -> None:
    """Remove a demo of another version, or an empty folder; refuse anything else."""
    if not folder.exists():
        return
    if is_demo(folder) and not folder.is_symlink():
        shutil.rmtree(folder)
    elif folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
    else:
        raise UsageError(f"{folder} exists and is no demo of gtview; choose another folder.")


def _recipe(wish: DemoSpec, simulation: Simulation) -> dict[str, Any]:
    import numpy as np
    import probeinterface
    import spikeinterface

    from ... import __version__

    return {
        "kind": DEMO_KIND,
        "schema_version": DEMO_SCHEMA,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "master_seed": wish.seed,
        "asked": wish.model_dump(mode="json", exclude={"folder"}),
        "resolved": {
            **simulation.facts(),
            "units": "ground_truth/units.npz",
            "motion": "ground_truth/motion",
            "spikes": "ground_truth/spikes.npz",
        },
        "versions": {
            "gtview": __version__,
            "spikeinterface": spikeinterface.__version__,
            "probeinterface": probeinterface.__version__,
            "numpy": np.__version__,
        },
    }
