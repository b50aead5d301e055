"""What a recipe leads to: every number that a recording is computed from, as explicit arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from ..base.types import Float32Array, Float64Array, Int32Array, Int64Array

if TYPE_CHECKING:
    from .bank import DriftingBank

NoiseKind = Literal["gaussian", "pink", "band", "none"]


class TraceSource(Protocol):
    """Traces that spikes are added to: a real recording, or a slice of one that is repeated."""

    def read_uv(self, start: int, stop: int) -> Float32Array:
        """Return samples `start` to `stop` in microvolts, float32, (n, n_channels)."""


@dataclass(frozen=True, slots=True, eq=False)
class PlanMotion:
    """How far each unit is from its place at rest, at any time.

    The displacement of unit u at time t is the sum over motions m of
    `vectors_um[floor((t - start_s) * sampling_hz), m] * unit_factors[u, m]`, along `direction`;
    times before the first and after the last row use that row. It is rounded to the nearest step
    of the templates.

    Attributes
    ----------
    sampling_hz
        Rows of `vectors_um` a second.
    vectors_um : float32 array, (n_times, n_motions)
        Micrometres along `direction`.
    unit_factors : float32 array, (n_units, n_motions)
    direction : float64 array, (2,)
        Unit vector, x and depth.
    start_s
        Time of the first row.
    """

    sampling_hz: float
    vectors_um: Float32Array
    unit_factors: Float32Array
    direction: Float64Array
    start_s: float = 0.0

    def displacement_um(self, unit: int) -> Float32Array:
        """Return the displacement of one unit, float32, (n_times,), along `direction`."""
        values = np.zeros(len(self.vectors_um), np.float32)
        # Term by term: a matrix product adds in another order on another processor.
        for vector, factor in zip(self.vectors_um.T, self.unit_factors[unit], strict=True):
            values += vector * factor
        return values


@dataclass(frozen=True, slots=True, eq=False)
class NoisePlan:
    """The noise of every channel.

    Attributes
    ----------
    kind
        "gaussian": white in time; "pink": power falls as 1 / f ** `exponent`; "band": white
        between the two frequencies of `band_hz`; "none": no noise.
    levels_uv : float32 array, (n_channels,)
        Standard deviation of each channel.
    spatial_decay_um
        Correlation of two channels at a distance d is exp(-d / decay); None: independent.
    seed : uint64 array, (2,)
        Key of the random numbers.
    exponent
        Of "pink".
    band_hz
        Of "band", and the limits of "pink" where given.
    """

    kind: NoiseKind
    levels_uv: Float32Array
    spatial_decay_um: float | None
    seed: np.ndarray[Any, np.dtype[np.uint64]]
    exponent: float = 1.0
    band_hz: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Injection:
    """Spikes of some units, with all that is needed to add them to traces.

    Attributes
    ----------
    templates
        Waveforms of each unit at each displacement that it visits.
    spike_samples : int64 array, (n_spikes,)
        Not decreasing; the sample of the trough.
    spike_units : int32 array, (n_spikes,)
        Row of the unit in `templates` and in `motion.unit_factors`.
    amplitude_factors : float32 array, (n_spikes,)
    motion
        How the units move; ignored for a static recording, where all are at displacement 0.
    """

    templates: DriftingBank
    spike_samples: Int64Array
    spike_units: Int32Array
    amplitude_factors: Float32Array
    motion: PlanMotion


@dataclass(frozen=True, slots=True, eq=False)
class UnitReport:
    """What one unit looks like at rest.

    Attributes
    ----------
    unit
        Row of the unit.
    peak_uv
        Largest absolute value of its template at rest.
    peak_channel
        Channel of that value.
    snr
        `peak_uv` over the noise of that channel; infinite without noise.
    problem
        A sentence where the unit is hardly or not seen by the probe, else empty.
    """

    unit: int
    peak_uv: float
    peak_channel: int
    snr: float
    problem: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class GenerationPlan:
    """Everything that a static and a drifting recording are computed from.

    Attributes
    ----------
    sample_rate_hz, n_samples
        Of the recordings.
    channel_positions_um : float32 array, (n_channels, 2)
    n_before
        Samples of a template before the sample of its spike.
    templates
        Waveforms in microvolts.
    unit_locations_um : float32 array, (n_units, 3)
        x, depth, distance from the plane of the probe, at rest.
    spike_samples : int64 array, (n_spikes,)
        Not decreasing.
    spike_units : int32 array, (n_spikes,)
    amplitude_factors : float32 array, (n_spikes,)
    displacement
        Motion of the units.
    noise
        Noise of the channels; added to `parent` where both are given.
    gain_uv
        Microvolts per bit of an integer recording.
    dtype
        "int16" or "float32" (microvolts).
    probe
        The wired probeinterface `Probe`.
    rates_hz : float64 array, (n_units,)
        Rates that were asked.
    unit_params
        Shape parameters of each unit, float64, (n_units,).
    reports
        What each unit looks like.
    warnings
        Sentences for the person who asked.
    background
        Units that are in the recording but not in its truth.
    parent
        Traces that spikes are added to (hybrid recordings, real noise).
    is_partial
        Whether the recording holds real neurons too.
    unit_ids
        Ids of the units in the truth.
    """

    sample_rate_hz: float
    n_samples: int
    channel_positions_um: Float32Array
    n_before: int
    templates: DriftingBank
    unit_locations_um: Float32Array
    spike_samples: Int64Array
    spike_units: Int32Array
    amplitude_factors: Float32Array
    displacement: PlanMotion
    noise: NoisePlan
    gain_uv: float
    dtype: Literal["int16", "float32"]
    probe: Any = None
    rates_hz: Float64Array = field(default_factory=lambda: np.empty(0))
    unit_params: Mapping[str, Any] = field(default_factory=dict)
    reports: tuple[UnitReport, ...] = ()
    warnings: tuple[str, ...] = ()
    background: Injection | None = None
    parent: TraceSource | None = None
    is_partial: bool = False
    unit_ids: Int64Array = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def n_channels(self) -> int:
        """Number of channels."""
        return len(self.channel_positions_um)

    @property
    def n_units(self) -> int:
        """Number of units of the truth."""
        return len(self.unit_locations_um)

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.n_samples / self.sample_rate_hz

    @property
    def injections(self) -> tuple[Injection, ...]:
        """All spikes to add to the noise: those of the truth, then those of the background."""
        own = Injection(
            self.templates,
            self.spike_samples,
            self.spike_units,
            self.amplitude_factors,
            self.displacement,
        )
        return (own,) if self.background is None else (own, self.background)
