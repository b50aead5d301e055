"""Hands what is true of a plan to the writers of `data`: units, templates, motion, spikes."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from ..base.types import BoolArray, Float32Array, Float64Array
from ..data.truth_writer import write_motion, write_spikes, write_templates, write_units
from .dataset import make_sorting
from .plan import GenerationPlan

_DEPTH_STEP_UM = 20.0


def write_truth(plan: GenerationPlan, folder: Path) -> None:
    """Write the truth of a plan as docs/formats.md describes it.

    `sorting/`, `motion/` and `templates.zarr` open with `spikeinterface.load`.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    folder.mkdir(parents=True)
    with warnings.catch_warnings():
        # What is made in memory has no file that it comes from; the recipe says what it is.
        warnings.filterwarnings("ignore", message=".*not serializable.*")
        make_sorting(plan).save(folder=folder / "sorting")
    facts = {
        "peak_uv": np.array([report.peak_uv for report in plan.reports]),
        "snr": np.array([report.snr for report in plan.reports]),
        "peak_channel": np.array([report.peak_channel for report in plan.reports], np.int64),
    }
    write_units(
        folder / "units.npz",
        plan.unit_ids,
        plan.unit_locations_um,
        plan.rates_hz,
        plan.unit_params,
        is_partial=plan.is_partial,
        facts=facts,
    )
    packed, mask = pack_at_rest(plan)
    write_templates(
        folder / "templates.npz",
        plan.unit_ids,
        packed,
        mask,
        plan.n_before,
        plan.sample_rate_hz,
        plan.channel_positions_um,
    )
    _sparse_templates(plan, packed, mask).to_zarr(folder / "templates.zarr")
    displacement, depths = displacement_by_depth(plan)
    times = plan.displacement.start_s + (
        np.arange(len(displacement)) / plan.displacement.sampling_hz
    )
    write_motion(folder / "motion", displacement, times, depths)
    write_spikes(folder / "spikes.npz", plan.amplitude_factors)


def _sparse_templates(plan: GenerationPlan, packed: Float32Array, mask: BoolArray) -> Any:
    from spikeinterface.core import Templates

    return Templates(
        templates_array=packed,
        sampling_frequency=plan.sample_rate_hz,
        nbefore=plan.n_before,
        sparsity_mask=mask,
        unit_ids=plan.unit_ids,
        probe=plan.probe,
        is_in_uV=True,
    )


def pack_at_rest(plan: GenerationPlan) -> tuple[Float32Array, BoolArray]:
    """Return templates at rest, packed to the left, and the channels that they are on.

    Returns
    -------
    packed : float32 array, (n_units, n_samples, n_most)
    mask : bool array, (n_units, n_channels)
    """
    bank = plan.templates
    entries = bank.find_entries(np.arange(bank.n_units), np.zeros(bank.n_units, np.int64))
    starts, stops = bank.row_starts[entries], bank.row_starts[entries + 1]
    n_most = max(1, int((stops - starts).max(initial=0)))
    packed = np.zeros((bank.n_units, bank.n_samples, n_most), np.float32)
    mask = np.zeros((bank.n_units, bank.n_channels), np.bool_)
    for unit, (start, stop) in enumerate(zip(starts, stops, strict=True)):
        packed[unit, :, : stop - start] = bank.waveforms[start:stop].T
        mask[unit, bank.channels[start:stop]] = True
    return packed, mask


def displacement_by_depth(plan: GenerationPlan) -> tuple[Float32Array, Float64Array]:
    """Return the displacement in depth, as a function of depth, along the probe.

    Where the motion is rigid, one depth; else factors are interpolated between those of the
    units, at even depths.

    Returns
    -------
    displacement_um : float32 array, (n_times, n_depths)
        Positive towards larger depths.
    depths_um : float64 array, (n_depths,)
    """
    motion = plan.displacement
    contact_depths = plan.channel_positions_um[:, 1]
    low, high = float(contact_depths.min()), float(contact_depths.max())
    factors = motion.unit_factors.astype(np.float64)
    is_rigid = len(factors) < 2 or bool(np.allclose(factors, factors[0]))
    n = 1 if is_rigid or high <= low else max(2, round((high - low) / _DEPTH_STEP_UM) + 1)
    depths = np.linspace(low, high, n) if n > 1 else np.array([(low + high) / 2])
    order = np.argsort(plan.unit_locations_um[:, 1], kind="stable")
    unit_depths = plan.unit_locations_um[order, 1].astype(np.float64)
    at_depths = np.stack(
        [np.interp(depths, unit_depths, column[order]) for column in factors.T], axis=1
    )
    moved = motion.vectors_um.astype(np.float64) @ at_depths.T * float(motion.direction[1])
    return moved.astype(np.float32), depths
