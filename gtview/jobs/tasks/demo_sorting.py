"""Sorts the demo with SpikeInterface's `simple`, and exports the result in phy's format."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from ...base.errors import GtviewError
from ...base.progress import Reporter

_SEED = 0
_N_COMPONENTS = 3


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
    report(0.55, "exporting")
    _export(recording, sorting, folder / "phy", report)
    _write_params(folder / "phy", recording_folder, recording)
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
    # A copy in memory: the files of the sorter are removed. An empty cluster would shift the
    # templates of all later ones in the export.
    sorting = NumpySorting.from_sorting(sorting).remove_empty_units()
    if len(sorting.unit_ids) == 0:
        raise GtviewError("The sorter found no clusters in the demo recording.")
    (work / "spikeinterface_log.json").replace(folder / "log.json")
    spec = {"sorter": "simple", "params": params, "spikeinterface": spikeinterface.__version__}
    (folder / "spec.json").write_text(json.dumps(spec, indent=1), encoding="utf-8")
    shutil.rmtree(work, ignore_errors=True)
    return sorting


def _export(recording: Any, sorting: Any, folder: Path, report: Reporter) -> None:
    from spikeinterface.core import create_sorting_analyzer
    from spikeinterface.exporters import export_to_phy
    from spikeinterface.postprocessing import template_similarity
    from spikeinterface.preprocessing import bandpass_filter

    filtered = bandpass_filter(recording, freq_min=300.0, freq_max=6000.0, dtype="float32")
    analyzer = create_sorting_analyzer(sorting, filtered, sparse=False)
    analyzer.compute("random_spikes", seed=_SEED)
    analyzer.compute(["waveforms", "templates"])
    report(0.7, "exporting")
    # The library's plain version: compiling the other takes 15 s, for a dozen clusters.
    plain = getattr(template_similarity, "_compute_similarity_matrix_numpy", None)
    with _replaced(template_similarity, "_compute_similarity_matrix", plain):
        analyzer.compute("template_similarity")
    analyzer.compute("spike_amplitudes")
    report(0.8, "exporting")
    analyzer.compute("principal_components", n_components=_N_COMPONENTS, mode="by_channel_local")
    report(0.9, "exporting")
    export_to_phy(analyzer, folder, copy_binary=False, verbose=False)


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


def _write_params(export: Path, recording_folder: Path, recording: Any) -> None:
    # The exporter can only name files below the export, or by absolute paths.
    raw = recording_folder / "traces_cached_seg0.raw"
    if not raw.is_file():
        raise GtviewError("The recording of the demo was written in an unknown form.")
    lines = {
        "dat_path": Path(os.path.relpath(raw, export)).as_posix(),
        "n_channels_dat": int(recording.get_num_channels()),
        "dtype": str(recording.get_dtype()),
        "offset": 0,
        "sample_rate": float(recording.sampling_frequency),
        "hp_filtered": False,
    }
    text = "".join(f"{name} = {value!r}\n" for name, value in lines.items())
    (export / "params.py").write_text(text, encoding="utf-8")
