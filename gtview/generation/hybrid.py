"""Puts spikes of known units into a real recording, which is only read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..base.progress import Reporter, part_of
from ..base.types import Float32Array, Float64Array
from .amplitudes import draw_amplitudes
from .bank import DriftingBank, join_entries
from .checks import check
from .locations import find_near, place_units
from .motion import TissueMotion, resolve_motion
from .plan import GenerationPlan, NoisePlan, PlanMotion
from .probes import probe_positions_um, probe_shanks
from .problems import Problem, RecipeError
from .recipe import GenerationRecipe
from .recipe_hybrid import HybridChoice, SyntheticTemplates
from .recipe_motion import FileMotion
from .recipe_units import Locations
from .relocation import Mover, RealTemplate, move_along, resampled, same_window
from .seeds import Seeds
from .sources import RecordingTraces, open_recording, take_recording
from .template_sources import find_templates
from .templates import build_templates, draw_unit_params, report_units, visited_steps
from .trains import draw_trains
from .unit_checks import tell_silent
from .values import draw

_N_CHUNKS = 10
_CHUNK_S = 1.0
# A template that is as good as gone cannot be made as large as is asked.
_LEAST_PEAK_UV = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """The recording that spikes are put into, and how it moves."""

    recipe: GenerationRecipe
    probe: Any
    positions_um: Float32Array
    traces: RecordingTraces
    noise_uv: Float32Array


@dataclass(frozen=True, slots=True, eq=False)
class _Units:
    """The units that are put in."""

    bank: DriftingBank
    locations_um: Float32Array
    motion: PlanMotion
    params: dict[str, Float64Array | None]
    warnings: tuple[str, ...] = ()


def resolve_hybrid(
    recipe: GenerationRecipe, report: Reporter, recording: Any = None
) -> GenerationPlan:
    """Resolve a hybrid recipe; the truth of its plan is partial.

    The length, the sampling rate and the probe are those of the recording. The units follow the
    motion that `hybrid.motion_path` names, and else stay where they are.

    Parameters
    ----------
    recipe
        With `hybrid`.
    report
        Told how far it is.
    recording
        A SpikeInterface recording that is open already.

    Raises
    ------
    RecipeError
        The recording, the templates or the motion cannot be used.
    """
    wish = recipe.hybrid
    assert wish is not None
    scene = _open_scene(recipe, wish, recording)
    recipe, seeds = scene.recipe, Seeds(recipe.seed)
    report(0.2, "making templates")
    if isinstance(wish.templates, SyntheticTemplates):
        units = _synthetic(scene, seeds, part_of(report, 0.2, 0.8))
    else:
        templates = find_templates(wish.templates, recipe.n_units, seeds.rng("hybrid"))
        units = _relocated(scene, wish, templates, seeds)
    bank = _scaled(units.bank, wish, scene.noise_uv, seeds)
    report(0.8, "drawing spikes")
    n_samples = scene.traces.n_samples
    rates = draw(recipe.spikes.rates_hz, recipe.n_units, seeds.rng("rates"))
    trains = draw_trains(rates, n_samples, recipe.sample_rate_hz, recipe.spikes, seeds)
    factors = draw_amplitudes(
        trains,
        recipe.n_units,
        recipe.sample_rate_hz,
        recipe.amplitudes,
        recipe.spikes.bursts,
        seeds,
    )
    reports = report_units(bank, scene.noise_uv)
    is_integer = np.dtype(scene.traces.recording.dtype).kind in "iu"
    return GenerationPlan(
        sample_rate_hz=recipe.sample_rate_hz,
        n_samples=n_samples,
        channel_positions_um=scene.positions_um,
        n_before=bank.n_before,
        templates=bank,
        unit_locations_um=units.locations_um,
        spike_samples=trains.samples,
        spike_units=trains.units,
        amplitude_factors=factors,
        displacement=units.motion,
        noise=_no_noise(scene.noise_uv, seeds),
        gain_uv=float(scene.traces.gains_uv.min()),
        dtype="int16" if is_integer else "float32",
        probe=scene.probe,
        rates_hz=rates,
        unit_params=units.params,
        reports=reports,
        warnings=(*units.warnings, *trains.warnings, *tell_silent(reports)),
        parent=scene.traces,
        is_partial=True,
        unit_ids=np.arange(recipe.n_units),
    )


def _open_scene(recipe: GenerationRecipe, wish: HybridChoice, recording: Any) -> _Scene:
    field = "hybrid.recording"
    if recording is None:
        if not wish.recording:
            raise RecipeError([Problem(field, "must name a recording")])
        recording = open_recording(wish.recording, field)
    traces = take_recording(recording, field)
    if not recording.has_probe():
        raise RecipeError([Problem(field, "has no probe: the places of its channels are needed")])
    if len(recording.get_probegroup().probes) > 1:
        raise RecipeError([Problem(field, "has several probes: select the channels of one")])
    probe = recording.get_probe()
    rate = float(recording.get_sampling_frequency())
    duration = traces.n_samples / rate
    own = recipe.model_copy(update={"duration_s": duration, "sample_rate_hz": rate})
    own = own.model_copy(update={"motion": _motion_of(own, wish)})
    problems = check(own)
    if problems:
        raise RecipeError(problems)
    return _Scene(own, probe, probe_positions_um(probe), traces, measure_noise_uv(traces))


def _motion_of(recipe: GenerationRecipe, wish: HybridChoice) -> Any:
    """Return the motion of the recording, as the part of a recipe."""
    parts = () if wish.motion_path is None else (FileMotion(path=wish.motion_path),)
    # A file tells displacements in depth.
    return recipe.motion.model_copy(update={"motions": parts, "direction": (0.0, 1.0)})


def measure_noise_uv(traces: RecordingTraces) -> Float32Array:
    """Return the noise of each channel, float32, (n_channels,).

    The median absolute deviation of some seconds, which spikes hardly change, over 0.6745.
    """
    rate = float(traces.recording.get_sampling_frequency())
    n = min(traces.n_samples, max(2, round(_CHUNK_S * rate)))
    starts = np.unique(np.linspace(0, traces.n_samples - n, _N_CHUNKS).astype(np.int64))
    levels = [_deviation(traces.read_uv(int(start), int(start) + n)) for start in starts]
    noise: Float32Array = np.median(levels, axis=0).astype(np.float32)
    return noise


def _deviation(chunk: Float32Array) -> Float32Array:
    deviations = np.abs(chunk - np.median(chunk, axis=0))
    spread: Float32Array = (np.median(deviations, axis=0) / 0.6745).astype(np.float32)
    return spread


def _no_noise(levels_uv: Float32Array, seeds: Seeds) -> NoisePlan:
    # None is added; the levels that are there tell how large units are.
    return NoisePlan("none", levels_uv, None, seeds.words("noise"))


def _synthetic(scene: _Scene, seeds: Seeds, report: Reporter) -> _Units:
    recipe = scene.recipe
    shanks = probe_shanks(scene.probe)
    placement = place_units(recipe.n_units, scene.positions_um, shanks, recipe.locations, seeds)
    tissue = _tissue(scene, placement.locations_um, seeds)
    motion = tissue.of_units(placement.locations_um)
    params = draw_unit_params(recipe.templates.unit_params, recipe.n_units, seeds)
    bank = build_templates(
        placement.locations_um,
        scene.positions_um,
        params,
        recipe.templates,
        recipe.sample_rate_hz,
        motion,
        recipe.motion.step_um,
        report,
    )
    return _Units(bank, placement.locations_um, motion, params, placement.warnings)


def _tissue(scene: _Scene, places: Float32Array, seeds: Seeds) -> TissueMotion:
    recipe = scene.recipe
    return resolve_motion(recipe.motion, recipe.duration_s, places, scene.positions_um, seeds)


def _relocated(
    scene: _Scene, wish: HybridChoice, templates: list[RealTemplate], seeds: Seeds
) -> _Units:
    """Put real templates where they are wanted, at every step that they visit."""
    recipe = scene.recipe
    templates = same_window([resampled(t, recipe.sample_rate_hz) for t in templates])
    centres: Float64Array = np.stack([template.centre_um for template in templates])
    starts = _starts(scene, wish, templates, centres, seeds)
    places: Float32Array = np.zeros((len(templates), 3), np.float32)
    places[:, :2] = (centres + starts).astype(np.float32)
    tissue = _tissue(scene, places, seeds)
    motion, step = tissue.of_units(places), recipe.motion.step_um
    units = []
    for u, template in enumerate(templates):
        steps = visited_steps(motion, u, step)
        mover = Mover(template, scene.positions_um, starts[u])
        units.append(move_along(mover, starts[u], steps, step, motion.direction))
    bank = join_entries(
        units,
        n_channels=len(scene.positions_um),
        n_before=templates[0].n_before,
        step_um=step,
    )
    return _Units(bank, places, motion, {})


def _starts(
    scene: _Scene,
    wish: HybridChoice,
    templates: list[RealTemplate],
    centres: Float64Array,
    seeds: Seeds,
) -> Float64Array:
    """Return how far each template is moved at rest, float64, (n_units, 2)."""
    low, high = scene.positions_um.min(axis=0), scene.positions_um.max(axis=0)
    # Across the probe a unit keeps its distance from the middle, whatever the probe.
    middles = [(t.positions_um.min(axis=0) + t.positions_um.max(axis=0)) / 2 for t in templates]
    starts: Float64Array = np.zeros_like(centres)
    starts[:, 0] = (low[0] + high[0]) / 2 - np.array(middles)[:, 0]
    if wish.is_relocated:
        places = centres + starts
        _draw_depths(places, (float(low[1]), float(high[1])), scene.recipe.locations, seeds)
        starts[:, 1] = places[:, 1] - centres[:, 1]
    else:
        # A unit of a longer probe would be beside this one.
        starts[:, 1] = np.clip(centres[:, 1], low[1], high[1]) - centres[:, 1]
    return starts


def _draw_depths(
    places: Float64Array, ends: tuple[float, float], wish: Locations, seeds: Seeds
) -> None:
    """Draw the depths of units, (n_units, 2), and those that are too near to others anew."""
    rng = seeds.rng("relocation")
    places[:, 1] = rng.uniform(*ends, len(places))
    for _ in range(wish.max_iterations if wish.minimum_distance_um else 0):
        near = find_near(places, float(wish.minimum_distance_um or 0))
        places[near, 1] = rng.uniform(*ends, len(near))


def _scaled(
    bank: DriftingBank, wish: HybridChoice, noise_uv: Float32Array, seeds: Seeds
) -> DriftingBank:
    """Return templates whose peak at rest is as large as is asked."""
    if wish.scale_to == "as is":
        return bank
    reports = report_units(bank, noise_uv)
    targets = draw(wish.scale_range, bank.n_units, seeds.rng("alpha"))
    factors = np.ones(bank.n_units, np.float32)
    for report, target in zip(reports, targets, strict=True):
        if report.peak_uv > _LEAST_PEAK_UV:
            level = float(noise_uv[report.peak_channel]) if wish.scale_to == "snr" else 1.0
            factors[report.unit] = target * level / report.peak_uv
    rows = np.diff(bank.row_starts[bank.unit_starts])
    return replace(bank, waveforms=bank.waveforms * np.repeat(factors, rows)[:, None])
