"""Measures how fast recordings are made, beside SpikeInterface in the same run."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..base.progress import Reporter, ignore_progress
from ..kernels.generation_warmup import warm_up_generation
from .dataset import GeneratedDataset, generate
from .presets import read_preset
from .probes import probe_positions_um
from .recipe import GenerationRecipe, read_recipe
from .templates import build_templates
from .writer import write_recording

_N_CHANNELS, _N_UNITS, _PERIOD_S = 384, 100, 10.0
_NOISE_UV, _DECAY_UM, _RATES_HZ = (6.0, 8.0), 25.0, (2.0, 8.0)
_N_LOOKS, _LOOK_S = 20, 0.05
# SpikeInterface's own default, which is also what most people write.
_CHUNK = "1s"


def run_bench(
    seconds: float = 10.0,
    n_workers: int = 2,
    n_repeats: int = 2,
    folder: Path | None = None,
    report: Reporter = ignore_progress,
) -> dict[str, Any]:
    """Write the same kind of recording with gtview and with SpikeInterface, in turns.

    384 channels, 100 units, a drift of 40 um; the best of several turns counts for both. Before
    the first, code is compiled and gtview writes once (the operating system gives out memory for
    files slowly when it does so for the first time).

    Parameters
    ----------
    seconds
        Length of the recordings.
    n_workers
        Threads here, processes there.
    n_repeats
        Turns.
    folder
        Where the recordings are written for a moment; default: where temporary files are.
    report
        Told what is measured now.

    Returns
    -------
    `speedup` (SpikeInterface's time over gtview's), `realtime_factor` (seconds of recording a
    second), `s_per_s` and `spikeinterface_s_per_s` (seconds for each recorded second, to disk),
    `peak_rss_mb` (memory of the process until after gtview wrote), `templates_s` and
    `templates_mb` (250 units at 61 steps), `look_50ms_ms`, `load` (of the machine, before), and
    what was measured: `seconds`, `n_workers`, `n_channels`, `n_units`.
    """
    load = _load()
    report(0.0, "preparing")
    warm_up_generation()
    dataset = generate(_recipe(seconds))
    with tempfile.TemporaryDirectory(dir=folder) as name:
        place = Path(name)
        own = _own_writing(dataset, place, n_workers)
        first = own()
        peak_mb = peak_memory_mb()
        report(0.2, "templates")
        templates_s, templates_mb = _measure_templates()
        look_ms = _measure_look(dataset)
        report(0.4, "SpikeInterface")
        theirs = _their_writing(dataset, seconds, place, n_workers)
        times = []
        for turn in range(n_repeats):
            report(0.5 + 0.5 * turn / n_repeats, "writing in turns")
            times.append((own(), theirs()))
    report(1.0, "")
    own_s = min(first, *(mine for mine, _ in times)) / seconds
    their_s = min(their for _, their in times) / seconds
    return {
        "speedup": round(their_s / own_s, 2),
        "realtime_factor": round(1 / own_s, 1),
        "s_per_s": round(own_s, 4),
        "spikeinterface_s_per_s": round(their_s, 4),
        "peak_rss_mb": round(peak_mb),
        "templates_s": round(templates_s, 2),
        "templates_mb": round(templates_mb),
        "look_50ms_ms": round(look_ms, 2),
        "load": load,
        "seconds": seconds,
        "n_workers": n_workers,
        "n_channels": _N_CHANNELS,
        "n_units": _N_UNITS,
    }


def peak_memory_mb() -> float:
    """Return the most memory that this process has had so far."""
    if sys.platform == "win32":
        import psutil

        return float(psutil.Process().memory_info().peak_wset) / 1e6
    import resource

    # Kilobytes, but bytes on a Mac.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _load() -> list[float]:
    """Return the load of the machine in the last 1, 5 and 15 minutes; empty where unknown."""
    if not hasattr(os, "getloadavg"):
        return []
    return [round(load, 2) for load in os.getloadavg()]


def _recipe(seconds: float) -> GenerationRecipe:
    as_range = [
        ("spikes.rates_hz", _RATES_HZ),
        ("noise.levels_uv", _NOISE_UV),
        ("motion.range_um", (-20.0, 20.0)),
    ]
    base = read_recipe(
        {
            "seed": 1,
            "duration_s": seconds,
            "n_units": _N_UNITS,
            "probe": {"kind": "neuropixels", "part_number": "NP1000", "n_contacts": _N_CHANNELS},
            "motion": {"motions": [{"kind": "zigzag", "period_s": _PERIOD_S}]},
            "noise": {"spatial_decay_um": _DECAY_UM},
        }
    )
    return base.changed({name: {"range": list(values)} for name, values in as_range})


def _timed(work: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _own_writing(dataset: GeneratedDataset, place: Path, n_workers: int) -> Callable[[], float]:
    turns = iter(range(1000))

    def write() -> float:
        folder = place / f"own_{next(turns)}"
        taken = _timed(
            lambda: write_recording(dataset.plan, folder, drifting=True, n_workers=n_workers)
        )
        _remove(folder)
        return taken

    return write


def _their_writing(
    dataset: GeneratedDataset, seconds: float, place: Path, n_workers: int
) -> Callable[[], float]:
    """Return what writes SpikeInterface's recording of the same size; makes its templates now."""
    from spikeinterface.generation import generate_drifting_recording

    _, recording, _ = generate_drifting_recording(
        num_units=_N_UNITS,
        duration=seconds,
        probe=dataset.plan.probe,
        generate_displacement_vector_kwargs={
            "displacement_sampling_frequency": 5.0,
            "drift_start_um": [0, 20],
            "drift_stop_um": [0, -20],
            "drift_step_um": 1,
            "motion_list": [
                {
                    "drift_mode": "zigzag",
                    "non_rigid_gradient": None,
                    "t_start_drift": 0.0,
                    "t_end_drift": None,
                    "period_s": _PERIOD_S,
                }
            ],
        },
        generate_sorting_kwargs={"firing_rates": _RATES_HZ, "refractory_period_ms": 4.0},
        generate_noise_kwargs={"noise_levels": _NOISE_UV, "spatial_decay": _DECAY_UM},
        seed=1,
    )
    turns = iter(range(1000))

    def write() -> float:
        folder = place / f"theirs_{next(turns)}"
        settings = {"n_jobs": n_workers, "chunk_duration": _CHUNK, "progress_bar": False}
        with warnings.catch_warnings():
            # That the recording cannot be made again from its folder does not matter here.
            warnings.simplefilter("ignore")
            taken = _timed(lambda: recording.save(folder=folder, verbose=False, **settings))
        _remove(folder)
        return taken

    return write


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def _measure_templates() -> tuple[float, float]:
    """Return seconds and megabytes of the templates of 250 units at 61 steps."""
    recipe = read_preset("finer control")
    plan = generate(recipe).plan
    taken = _timed(
        lambda: build_templates(
            plan.unit_locations_um,
            probe_positions_um(plan.probe),
            plan.unit_params,
            recipe.templates,
            plan.sample_rate_hz,
            plan.displacement,
            recipe.motion.step_um,
        )
    )
    return taken, plan.templates.n_bytes / 1e6


def _measure_look(dataset: GeneratedDataset) -> float:
    """Return the usual time of reading 50 ms of a lazy recording, in ms."""
    recording, plan = dataset.recording, dataset.plan
    n = round(_LOOK_S * plan.sample_rate_hz)
    starts = np.random.default_rng(0).integers(0, plan.n_samples - n, _N_LOOKS)
    recording.get_traces(start_frame=0, end_frame=n)
    looks = [
        _timed(lambda s=int(start): recording.get_traces(start_frame=s, end_frame=s + n))  # type: ignore[misc]
        for start in starts
    ]
    return 1000 * statistics.median(looks)
