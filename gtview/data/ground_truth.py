"""What is true of a recording: unit trains, templates, places, motion."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..base.types import Float32Array, Float64Array, Int32Array, Int64Array

UnitId = int | str


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """How far the tissue moved along the probe.

    Attributes
    ----------
    times_s : float64 array, (n_times,)
        Increasing.
    depths_um : float64 array, (n_depths,)
        Depths at which it is given; one for a rigid motion.
    displacement_um : float32 array, (n_times, n_depths)
    """

    times_s: Float64Array
    depths_um: Float64Array
    displacement_um: Float32Array


@dataclass(frozen=True, slots=True, eq=False)
class TrueTemplates:
    """Waveforms of the units where they are when nothing moves.

    Attributes
    ----------
    waveforms_uv : float32 array, (n_units, n_samples, n_channels)
    n_before : int
        Samples before the sample at which a spike is counted.
    channel_positions_um : float32 array, (n_channels, 2), or None
        To join them with the channels of an export; None: the same channels in the same order.
    """

    waveforms_uv: Float32Array
    n_before: int
    channel_positions_um: Float32Array | None


@dataclass(frozen=True, slots=True, eq=False)
class GroundTruth:
    """The truth of one recording.

    Attributes
    ----------
    source
        Where it was read.
    unit_ids
        Integers where the source has integers, else text.
    sample_rate_hz
        None where the source does not say: that of the export.
    spike_samples : int64 array, (n_spikes,)
        Increasing within each unit: the spikes of unit i are
        `spike_samples[offsets[i]:offsets[i + 1]]`.
    offsets : int64 array, (n_units + 1,)
    locations_um : float32 array, (n_units, 2), or None
        x and depth of the units at rest.
    is_partial
        Whether the recording holds neurons that are not in here (hybrid recordings).
    amplitude_factors : float32 array, (n_spikes,), or None
        Size of each spike relative to its unit's template, in the order of `spike_samples`.
    """

    source: Path
    unit_ids: tuple[UnitId, ...]
    sample_rate_hz: float | None
    spike_samples: Int64Array
    offsets: Int64Array
    locations_um: Float32Array | None = None
    templates: TrueTemplates | None = None
    motion: Motion | None = None
    is_partial: bool = False
    amplitude_factors: Float32Array | None = None

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.unit_ids)

    @property
    def unit_sizes(self) -> Int64Array:
        """Number of spikes of each unit, int64, (n_units,)."""
        return np.diff(self.offsets)

    def train(self, index: int) -> Int64Array:
        """Return the increasing spike samples of the unit at a position of `unit_ids`."""
        return self.spike_samples[self.offsets[index] : self.offsets[index + 1]]


def order_by_unit(
    spike_samples: Int64Array, spike_units: Int32Array, n_units: int
) -> tuple[Int64Array, Int64Array]:
    """Return which spike comes where when they are sorted by unit, then by time.

    Parameters
    ----------
    spike_samples : int64 array, (n_spikes,)
    spike_units : int32 array, (n_spikes,)
        Position of each spike's unit.
    n_units
        Number of units.

    Returns
    -------
    order : int64 array, (n_spikes,)
    offsets : int64 array, (n_units + 1,)
    """
    if len(spike_samples) and (np.diff(spike_samples) < 0).any():
        order = np.lexsort((spike_samples, spike_units))
    else:
        # By far the usual case. NumPy sorts 16-bit numbers in linear time.
        narrow = spike_units.astype(np.uint16) if n_units <= 1 << 16 else spike_units
        order = np.argsort(narrow, kind="stable")
    counts = np.bincount(spike_units, minlength=n_units)
    return order, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
