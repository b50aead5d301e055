"""Predicts how long a recipe takes, and how much memory and disk it needs, before any work."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .probes import build_probe
from .recipe import GenerationRecipe
from .recipe_motion import ExplicitMotion, FileMotion
from .recipe_probe import LibraryProbe, NamedProbe, ProbeChoice
from .values import Amount, Range, Values, middle

# Measured on one core of an ordinary machine; see docs/benchmarks.md.
_S_PER_SAMPLE_CHANNEL = 3.5e-9
_S_PER_SPIKE_VALUE = 1.0e-9
_S_PER_TEMPLATE_VALUE = 4.0e-9
_S_TO_BEGIN = 3.0
_MB_OF_PROGRAM = 300.0
_MB_OF_CHUNKS = 200.0
_N_DRAWN = 400


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a recipe costs; times are for one worker.

    Attributes
    ----------
    time_s
        To write everything that is asked.
    memory_mb
        At the most.
    disk_mb
        Of the whole dataset.
    n_channels, n_spikes, duration_s
        What it comes from.
    """

    time_s: float
    memory_mb: float
    disk_mb: float
    n_channels: int
    n_spikes: int
    duration_s: float


def predict(recipe: GenerationRecipe, n_workers: int = 1) -> Prediction:
    """Predict the cost of a recipe, within a factor of about two.

    Raises
    ------
    RecipeError
        Its probe does not exist.
    """
    n_channels, pitch = _probe_facts(recipe.probe)
    n_samples = round(recipe.duration_s * recipe.sample_rate_hz)
    if recipe.hybrid is not None and recipe.hybrid.recording:
        n_channels, pitch, n_samples, rate = _recording_facts(recipe.hybrid.recording)
        known = {"duration_s": n_samples / rate, "sample_rate_hz": rate}
        recipe = recipe.model_copy(update=known)
    n_recordings = 2 if recipe.output.has_static else 1
    n_spikes = _count_spikes(recipe)
    n_times = round((recipe.templates.ms_before + recipe.templates.ms_after) * per_ms(recipe))
    n_seen = _count_seen(recipe, n_channels, pitch)
    n_steps = _count_steps(recipe)
    n_values = recipe.n_units * n_steps * n_seen * n_times
    far = recipe.noise.far_units
    if far is not None:
        n_values += far.n_units * n_steps * min(n_channels, 2 * n_seen) * n_times
    traces_s = n_samples * n_channels * _S_PER_SAMPLE_CHANNEL
    spikes_s = n_spikes * n_seen * n_times * _S_PER_SPIKE_VALUE
    time_s = (traces_s + spikes_s) * n_recordings / n_workers
    bytes_each = 2 if recipe.output.dtype == "int16" else 4
    disk = n_samples * n_channels * bytes_each * n_recordings + 24 * n_spikes
    disk += 4 * recipe.n_units * n_seen * n_times
    memory = 4 * n_values + 60 * n_spikes
    return Prediction(
        time_s=_S_TO_BEGIN + n_values * _S_PER_TEMPLATE_VALUE + time_s,
        memory_mb=_MB_OF_PROGRAM + _MB_OF_CHUNKS * n_workers + memory / 1e6,
        disk_mb=disk / 1e6,
        n_channels=n_channels,
        n_spikes=n_spikes,
        duration_s=recipe.duration_s,
    )


def per_ms(recipe: GenerationRecipe) -> float:
    """Return samples a millisecond."""
    return recipe.sample_rate_hz / 1000


@lru_cache(maxsize=64)
def _probe_facts(choice: ProbeChoice) -> tuple[int, float]:
    """Return the number of channels, and micrometres of depth for each channel."""
    is_named = isinstance(choice, NamedProbe) and bool({"/", "#"} & set(choice.name))
    if isinstance(choice, LibraryProbe) or is_named:
        # Asking the network is no part of a prediction.
        return getattr(choice, "n_contacts", None) or 64, 20.0
    probe = build_probe(choice)
    n = int(probe.get_contact_count())
    return n, max(1.0, float(np.ptp(probe.contact_positions[:, 1])) / n)


@lru_cache(maxsize=16)
def _recording_facts(path: str) -> tuple[int, float, int, float]:
    """Return channels, micrometres of depth for each, samples, and samples a second."""
    from .sources import open_recording

    recording = open_recording(path, "hybrid.recording")
    n, pitch = int(recording.get_num_channels()), 20.0
    if recording.has_probe():
        pitch = max(1.0, float(np.ptp(recording.get_channel_locations()[:, 1])) / n)
    rate = float(recording.get_sampling_frequency())
    return n, pitch, int(recording.get_total_samples()), rate


def _count_spikes(recipe: GenerationRecipe) -> int:
    spikes = recipe.spikes
    n = recipe.n_units * middle(spikes.rates_hz) * recipe.duration_s
    if spikes.synchrony is not None:
        n *= 1 + spikes.synchrony.ratio
    if recipe.noise.far_units is not None:
        far = recipe.noise.far_units
        n += far.n_units * middle(far.rates_hz) * recipe.duration_s
    return round(n)


def _count_seen(recipe: GenerationRecipe, n_channels: int, pitch_um: float) -> int:
    """Return how many channels see a unit, on average."""
    params = recipe.templates.unit_params
    decay, z = _some(params.spatial_decay), _some(recipe.locations.z_um)
    if recipe.templates.spatial_profile == "power":
        reach = decay * 1000 ** (1 / max(0.1, middle(params.spatial_power)))
    else:
        reach = np.sqrt((z + 6.9 * decay) ** 2 - z**2)
    # An ellipsoid is narrower, in a direction that is drawn.
    if recipe.templates.mode == "ellipsoid":
        reach = reach * (1 + middle(params.ellipse_shrink)) / 2
    return int(max(1, min(n_channels, float(np.mean(2 * reach / pitch_um)))))


def _some(amount: Amount) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    if isinstance(amount, Range):
        return np.linspace(amount.low, amount.high, _N_DRAWN)
    if isinstance(amount, Values):
        return np.resize(np.asarray(amount.numbers, np.float64), _N_DRAWN)
    return np.full(_N_DRAWN, float(amount))


def _count_steps(recipe: GenerationRecipe) -> int:
    """Return how many steps a unit visits at the most."""
    motion = recipe.motion
    width = 0.0
    for part in motion.motions:
        if isinstance(part, ExplicitMotion):
            width += max(part.values_um) - min(0.0, *part.values_um)
        elif isinstance(part, FileMotion):
            width += 50.0
        else:
            width += abs(part.amplitude_factor) * (motion.range_um.high - motion.range_um.low)
    return int(width / motion.step_um) + 1
