"""The recording of the demo: units under a Neuropixels probe in tissue that moves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...base.progress import Reporter
from ...base.types import Float32Array, Float64Array, FloatArray

N_CHANNELS = 32
PROBE = "NP1000"
SAMPLE_RATE_HZ = 30_000.0
UV_PER_BIT = 0.195
DRIFT_UM = 16.0
# Units near the tip move by all of it, those at the top of the 32 channels by this share.
_SHARE_AT_THE_TOP = 0.6
_DRIFT_RATE_HZ = 5.0
_MS_BEFORE, _MS_AFTER = 1.5, 3.0
_CHUNK_S = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Simulation:
    """A recording that can be computed, and all that is true of it.

    Attributes
    ----------
    duration_s
        Length.
    recording, sorting, templates
        SpikeInterface's objects: the drifting recording in microvolts, the spikes of all units,
        and the templates at rest.
    spikes : structured array, (n_spikes,)
        The spike vector of `sorting`; the order of `amplitude_factors`.
    locations_um : float32 array, (n_units, 3)
        x, depth, and distance from the probe's plane, at rest.
    rates_hz : float64 array, (n_units,)
    unit_params : mapping of name to float64 array, (n_units,)
        Shape parameters of SpikeInterface's `generate_templates`.
    amplitude_factors : float32 array, (n_spikes,)
        Size of each spike, relative to its template.
    drift_um : float64 array, (n_times,)
        How far a unit at the tip of the probe is moved up, at `_DRIFT_RATE_HZ`.
    noise_uv : float64 array, (n_channels,)
        Standard deviation of the noise.
    """

    duration_s: float
    recording: Any
    sorting: Any
    templates: Any
    spikes: NDArray[Any]
    locations_um: Float32Array
    rates_hz: Float64Array
    unit_params: dict[str, Float64Array]
    amplitude_factors: Float32Array
    drift_um: Float64Array
    noise_uv: Float64Array

    @property
    def drift_times_s(self) -> Float64Array:
        """Times of `drift_um`."""
        return np.arange(len(self.drift_um)) / _DRIFT_RATE_HZ

    def facts(self) -> dict[str, Any]:
        """Return what a recipe says besides the arrays of the units."""
        return {
            "probe": PROBE,
            "n_channels": N_CHANNELS,
            "sample_rate_hz": SAMPLE_RATE_HZ,
            "uv_per_bit": UV_PER_BIT,
            "drift_range_um": DRIFT_UM,
            "drift_share_at_the_top": _SHARE_AT_THE_TOP,
            "ms_before": _MS_BEFORE,
            "ms_after": _MS_AFTER,
            "noise_uv": [round(float(level), 4) for level in self.noise_uv],
        }


def share_of_drift(depths_um: FloatArray, channel_depths_um: FloatArray) -> Float64Array:
    """Return how much of the drift reaches each depth, float64, 1 at the tip, less above."""
    low, high = float(channel_depths_um.min()), float(channel_depths_um.max())
    return np.interp(depths_um, [low, high], [1.0, _SHARE_AT_THE_TOP]).astype(np.float64)


def simulate(n_units: int, duration_s: float, seed: int) -> Simulation:
    """Draw everything that is random, each from a stream of its own, and join it.

    SpikeInterface's generator draws rates, amplitudes and places from one and the same stream,
    which makes large units always the fastest ones; so everything is drawn here and handed over.
    """
    from spikeinterface.generation import generate_drifting_recording

    names = ("trains", "rates", "places", "shapes", "noise", "amplitudes", "library")
    seeds = dict(zip(names, np.random.SeedSequence(seed).spawn(len(names)), strict=True))
    rngs = {name: np.random.default_rng(child) for name, child in seeds.items()}
    probe = _make_probe()
    rates_hz = np.exp(rngs["rates"].uniform(np.log(2.0), np.log(20.0), n_units))
    sorting = _make_sorting(rates_hz, duration_s, _plain_seed(rngs["trains"]))
    locations_um = _draw_places(n_units, probe, _plain_seed(rngs["places"]))
    unit_params = _draw_shapes(n_units, rngs["shapes"])
    noise_uv = rngs["noise"].uniform(6.0, 8.0, N_CHANNELS)
    spikes = sorting.to_spike_vector()
    factors = rngs["amplitudes"].normal(1.0, 0.08, len(spikes)).clip(0.5, 1.5)
    drift_um = DRIFT_UM * _drift_shape(duration_s)
    shares = share_of_drift(locations_um[:, 1], probe.contact_positions[:, 1])
    _, recording, sorting, extra = generate_drifting_recording(
        probe=probe,
        sorting=sorting,
        duration=duration_s,
        unit_locations=locations_um,
        displacement_data=_displacement(drift_um, shares),
        generate_templates_kwargs={
            "ms_before": _MS_BEFORE,
            "ms_after": _MS_AFTER,
            "mode": "ellipsoid",
            "unit_params": unit_params,
        },
        generate_noise_kwargs={"noise_levels": list(noise_uv), "spatial_decay": 25.0},
        amplitude_factor=factors,
        extra_outputs=True,
        seed=_plain_seed(rngs["library"]),
    )
    templates = extra["templates"]
    # The library turns some wrong parameters into silent NaN.
    if not np.isfinite(templates.templates_array).all():
        raise ValueError("the simulated templates are not finite")
    return Simulation(
        duration_s=duration_s,
        recording=recording,
        sorting=sorting,
        templates=templates,
        spikes=spikes,
        locations_um=locations_um,
        rates_hz=rates_hz,
        unit_params=unit_params,
        amplitude_factors=factors.astype(np.float32),
        drift_um=drift_um,
        noise_uv=noise_uv,
    )


def write_recording(simulation: Simulation, folder: Path, report: Reporter) -> None:
    """Compute the recording, and write it as a SpikeInterface binary folder in int16 with gain."""
    from spikeinterface.core import NumpyRecording

    lazy = simulation.recording
    n_samples, chunk = lazy.get_num_samples(), int(_CHUNK_S * SAMPLE_RATE_HZ)
    traces = np.empty((n_samples, N_CHANNELS), dtype=np.int16)
    for start in range(0, n_samples, chunk):
        report(start / n_samples, "making the recording")
        stop = min(start + chunk, n_samples)
        traces_uv = lazy.get_traces(start_frame=start, end_frame=stop)
        # Rounded: a cast alone cuts towards zero and makes the noise smaller.
        traces[start:stop] = np.rint(traces_uv / UV_PER_BIT).clip(-32768, 32767)
    recording = NumpyRecording([traces], SAMPLE_RATE_HZ)
    recording.set_probe(lazy.get_probe())
    recording.set_channel_gains(UV_PER_BIT)
    recording.set_channel_offsets(0.0)
    recording.save(folder=folder, n_jobs=1, progress_bar=False, verbose=False)


def _plain_seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))


def _make_probe() -> Any:
    # `get_probe` would ask the network; this table comes with the library.
    from probeinterface.neuropixels_tools import build_neuropixels_probe

    probe = build_neuropixels_probe(PROBE).get_slice(np.arange(N_CHANNELS))
    probe.set_device_channel_indices(np.arange(N_CHANNELS))
    return probe


def _make_sorting(rates_hz: Float64Array, duration_s: float, seed: int) -> Any:
    from spikeinterface.core import NumpySorting
    from spikeinterface.core.generate import generate_sorting

    sorting = generate_sorting(
        num_units=len(rates_hz),
        sampling_frequency=SAMPLE_RATE_HZ,
        durations=[duration_s],
        firing_rates=list(rates_hz),
        refractory_period_ms=4.0,
        seed=seed,
    )
    # Its ids are text.
    return NumpySorting(sorting.to_spike_vector(), SAMPLE_RATE_HZ, np.arange(len(rates_hz)))


def _draw_places(n_units: int, probe: Any, seed: int) -> Float32Array:
    from spikeinterface.core.generate import generate_unit_locations

    places: Float32Array = generate_unit_locations(
        n_units,
        probe.contact_positions,
        margin_um=5.0,
        minimum_z=5.0,
        maximum_z=40.0,
        minimum_distance=18.0,
        seed=seed,
    )
    return places


def _draw_shapes(n_units: int, rng: np.random.Generator) -> dict[str, Float64Array]:
    shapes = {"alpha": np.exp(rng.uniform(np.log(70.0), np.log(450.0), n_units))}
    ranges = {
        "depolarization_ms": (0.09, 0.14),
        "repolarization_ms": (0.5, 0.8),
        "recovery_ms": (1.0, 1.5),
        "positive_amplitude": (0.1, 0.25),
        "smooth_ms": (0.03, 0.07),
        "spatial_decay": (20.0, 45.0),
        "propagation_speed": (250.0, 350.0),
        "ellipse_shrink": (0.4, 1.0),
        "ellipse_angle": (0.0, 2 * np.pi),
    }
    return shapes | {name: rng.uniform(*limits, n_units) for name, limits in ranges.items()}


def _drift_shape(duration_s: float) -> Float64Array:
    from spikeinterface.generation.drifting_generator import make_one_displacement_vector

    shape = make_one_displacement_vector(
        drift_mode="zigzag",
        duration=duration_s,
        displacement_sampling_frequency=_DRIFT_RATE_HZ,
        t_start_drift=0.1 * duration_s,
        period_s=0.9 * duration_s,
    )
    return np.asarray(shape, dtype=np.float64)


def _displacement(drift_um: Float64Array, shares: Float64Array) -> tuple[Any, ...]:
    """Return what SpikeInterface's `generate_displacement_vector` would."""
    vectors = np.zeros((len(drift_um), 2, 1))
    vectors[:, 1, 0] = drift_um
    of_units = np.zeros((len(drift_um), len(shares), 2))
    of_units[:, :, 1] = drift_um[:, None] * shares[None, :]
    # One template a micrometer; the odd number has one exactly at rest.
    steps = np.zeros((2 * round(DRIFT_UM / 2) + 1, 2))
    steps[:, 1] = np.linspace(-DRIFT_UM / 2, DRIFT_UM / 2, len(steps))
    return of_units, vectors, shares[:, None], _DRIFT_RATE_HZ, steps
