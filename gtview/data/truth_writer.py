"""Writes a ground truth in the form that docs/formats.md describes; knows arrays, no recipes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.types import BoolArray, Float32Array, Float64Array, FloatArray, Int64Array


def write_units(
    path: Path,
    unit_ids: Int64Array,
    locations_um: Float32Array,
    rates_hz: FloatArray,
    params: Mapping[str, FloatArray | None],
    *,
    is_partial: bool = False,
    facts: Mapping[str, NDArray[Any]] | None = None,
) -> None:
    """Write `units.npz`.

    Parameters
    ----------
    path
        The file.
    unit_ids : int64 array, (n_units,)
    locations_um : float32 array, (n_units, 3)
        x, depth, distance from the plane of the probe, at rest.
    rates_hz : float array, (n_units,)
    params
        Shape parameters, float, (n_units,); those that are None are left out.
    is_partial
        Whether the recording holds neurons that are not listed.
    facts
        More arrays of n_units values.
    """
    arrays: dict[str, Any] = {
        "unit_ids": np.asarray(unit_ids, np.int64),
        "locations_um": np.asarray(locations_um, np.float32),
        "rates_hz": np.asarray(rates_hz, np.float64),
        "is_partial": np.bool_(is_partial),
    }
    shapes = {
        name: np.asarray(values, np.float64)
        for name, values in params.items()
        if values is not None
    }
    np.savez(path, **{**arrays, **shapes, **(facts or {})})


def write_templates(
    path: Path,
    unit_ids: Int64Array,
    packed: Float32Array,
    mask: BoolArray,
    n_before: int,
    sample_rate_hz: float,
    positions_um: Float32Array,
) -> None:
    """Write `templates.npz`, sparse.

    Parameters
    ----------
    path
        The file.
    unit_ids : int64 array, (n_units,)
    packed : float32 array, (n_units, n_samples, n_most)
        Microvolts at rest, on the channels of `mask`, packed to the left.
    mask : bool array, (n_units, n_channels)
    n_before
        Samples before the sample of the spike.
    sample_rate_hz
        Samples a second.
    positions_um : float32 array, (n_channels, 2)
    """
    np.savez(
        path,
        unit_ids=np.asarray(unit_ids, np.int64),
        templates_array=np.asarray(packed, np.float32),
        sparsity_mask=np.asarray(mask, np.bool_),
        nbefore=np.int64(n_before),
        sample_rate_hz=np.float64(sample_rate_hz),
        channel_positions_um=np.asarray(positions_um, np.float32),
    )


def write_motion(
    folder: Path, displacement_um: Float32Array, times_s: Float64Array, depths_um: Float64Array
) -> None:
    """Write a SpikeInterface `Motion`.

    Parameters
    ----------
    folder
        New.
    displacement_um : float32 array, (n_times, n_depths)
        Positive towards larger depths.
    times_s : float64 array, (n_times,)
    depths_um : float64 array, (n_depths,)
    """
    from spikeinterface.core.motion import Motion

    Motion([displacement_um], [times_s], depths_um, direction="y").save(folder)


def write_spikes(path: Path, amplitude_factors: Float32Array) -> None:
    """Write `spikes.npz`: float32 factors, (n_spikes,), in the order of the sorting."""
    np.savez(path, amplitude_factors=np.asarray(amplitude_factors, np.float32))
