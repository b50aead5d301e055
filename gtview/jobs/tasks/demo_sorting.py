"""Sorts the demo with SpikeInterface's `simple`, and exports the result in phy's format."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from ...base.errors import GtviewError
from ...base.progress import Reporter, part_of
from .export import export_objects

_SEED = 0


def sort_and_export(
    recording_folder: Path, folder: Path, min_cluster_size: int, report: Reporter
) -> int:
    """Sort a recording and write `spec.json`, `log.json` and `phy/`; return how many clusters.

    The export uses the recording's own file: nothing is copied.

    Raises
    ------
    GtviewError
        The sorter found nothing.
    """
    import spikeinterface.core as si

    folder.mkdir(parents=True)
    # One process: the job can be ended as a whole, and the recording is small.
    si.set_global_job_kwargs(n_jobs=1, progress_bar=False)
    recording = si.load(recording_folder)
    report(0.0, "sorting")
    sorting = _sort(recording, folder, min_cluster_size)
    report(0.85, "exporting")
    (folder / "phy").mkdir()
    exporting = part_of(report, 0.85, 1.0)
    export_objects(
        recording, sorting, folder / "phy", lambda part, _="": exporting(part, "exporting")
    )
    return len(sorting.unit_ids)


def _sort(recording: Any, folder: Path, min_cluster_size: int) -> Any:
    import spikeinterface
    from spikeinterface.core import NumpySorting
    from spikeinterface.preprocessing import zscore
    from spikeinterface.sorters import run_sorter
    from spikeinterface.sorters.internal import simplesorter

    params: dict[str, Any] = {
        "clusterer_kwargs": {"min_cluster_size": min_cluster_size},
        "seed": _SEED,
    }
    work = folder / "work"
    # Its seed does not reach the pieces from which it takes the noise; so no two runs were equal.
    with _replaced(simplesorter, "zscore", partial(zscore, seed=_SEED)):
        sorting = run_sorter("simple", recording, folder=work, verbose=False, **params)
    # A copy in memory: the files of the sorter are removed.
    sorting = NumpySorting.from_sorting(sorting).remove_empty_units()
    if len(sorting.unit_ids) == 0:
        raise GtviewError("The sorter found no clusters in the demo recording.")
    (work / "spikeinterface_log.json").replace(folder / "log.json")
    spec = {"sorter": "simple", "params": params, "spikeinterface": spikeinterface.__version__}
    (folder / "spec.json").write_text(json.dumps(spec, indent=1), encoding="utf-8")
    shutil.rmtree(work, ignore_errors=True)
    return sorting


@contextmanager
def _replaced(module: Any, name: str, value: Any) -> Iterator[None]:
    """Let a module of the library use something else; does nothing where there is no such name."""
    usual = getattr(module, name, None)
    if usual is None or value is None:
        yield
        return
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, usual)
