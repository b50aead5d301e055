"""Writes what is true of a simulated recording; the layout is described in docs/formats.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .demo_recording import SAMPLE_RATE_HZ, Simulation, share_of_drift

_DEPTH_STEP_UM = 20.0


def write_truth(simulation: Simulation, folder: Path) -> None:
    """Write sorting, units, templates, motion and spikes of a simulation."""
    folder.mkdir(parents=True)
    simulation.sorting.save(folder=folder / "sorting")
    _write_units(simulation, folder / "units.npz")
    _write_templates(simulation, folder / "templates.npz")
    _write_motion(simulation, folder / "motion")
    np.savez(folder / "spikes.npz", amplitude_factors=simulation.amplitude_factors)


def _write_units(simulation: Simulation, path: Path) -> None:
    arrays: dict[str, Any] = {
        "unit_ids": np.asarray(simulation.sorting.unit_ids, dtype=np.int64),
        "locations_um": simulation.locations_um.astype(np.float32),
        "rates_hz": simulation.rates_hz,
        "is_partial": np.bool_(False),
    }
    np.savez(path, **{**arrays, **simulation.unit_params})


def _write_templates(simulation: Simulation, path: Path) -> None:
    templates = simulation.templates
    np.savez(
        path,
        unit_ids=np.asarray(simulation.sorting.unit_ids, dtype=np.int64),
        templates_array=templates.templates_array.astype(np.float32),
        nbefore=np.int64(templates.nbefore),
        sample_rate_hz=np.float64(SAMPLE_RATE_HZ),
        channel_positions_um=templates.probe.contact_positions.astype(np.float32),
    )


def _write_motion(simulation: Simulation, folder: Path) -> None:
    from spikeinterface.core.motion import Motion

    channel_depths_um = simulation.templates.probe.contact_positions[:, 1]
    low, high = float(channel_depths_um.min()), float(channel_depths_um.max())
    n_depths = max(2, round((high - low) / _DEPTH_STEP_UM) + 1)
    depths_um = np.linspace(low, high, n_depths)
    displacement_um = np.outer(
        simulation.drift_um, share_of_drift(depths_um, channel_depths_um)
    ).astype(np.float32)
    motion = Motion([displacement_um], [simulation.drift_times_s], depths_um, direction="y")
    motion.save(folder)
