"""The stages of a preview; what is asked again with the same values is not computed again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from ..base.types import Float32Array, Float64Array, Int32Array, Int64Array
from .amplitudes import draw_amplitudes
from .bank import DriftingBank
from .far_units import draw_far_units
from .noise_plan import resolve_noise
from .plan import GenerationPlan, Injection, PlanMotion
from .preview import (
    LENGTH_S,
    MotionCurves,
    Preview,
    SampleTemplate,
    TracePair,
    choose_channels,
    choose_samples,
    choose_start,
    make_curves,
)
from .preview_scene import N_KEPT, Scene, given_spikes, make_scene, rates_of
from .recipe import GenerationRecipe
from .recipe_noise import RealNoise
from .recipe_spikes import Trains
from .resolution import with_synchrony
from .seeds import Seeds
from .signal import SignalMaker
from .templates import build_templates, measure_heights
from .trains import SpikeTrains, draw_trains
from .values import Amount, Values, middle

# More spikes are drawn for units near the shown channels only.
MOST_SPIKES = 200_000
# A unit that is smaller on every shown channel is not seen in the noise.
_LEAST_UV = 0.2


@dataclass(frozen=True, slots=True)
class _Window:
    """What is shown: some channels, for some time."""

    start: int
    stop: int
    channels: Int32Array
    rows: tuple[int, int]


def preview_synthetic(recipe: GenerationRecipe, at_s: float | None) -> Preview:
    """Compute the preview of a recipe that is no hybrid.

    Raises
    ------
    RecipeError
        The recipe is impossible.
    """
    scene = make_scene(recipe)
    peaks = scene.heights_uv.max(axis=1)
    n_columns = tuple(factor(np.zeros((1, 2))).shape[1] for factor in scene.tissue.factors)
    samples = choose_samples(peaks)
    curves = make_curves(scene.motion, scene.places_um, n_columns, samples)
    window = _choose_window(scene, curves, int(samples[0]), at_s)
    near = _near_units(scene, window, samples)
    bank = _bank(scene, near, window)
    noise, parent = _noise(scene)
    traces = _make_traces(scene, window, near, bank, noise, parent)
    return Preview(
        recipe=recipe,
        positions_um=scene.contacts.positions_um,
        shanks=scene.contacts.shanks,
        locations_um=scene.places_um,
        rates_hz=scene.rates_hz,
        peaks_uv=peaks,
        noise_uv=noise.levels_uv,
        motion=curves,
        samples=tuple(
            take_sample(bank, row, int(near[row]), scene, window)
            for row in np.searchsorted(near, samples)
        ),
        traces=traces,
        warnings=(*scene.placement.warnings, *scene.tissue.warnings, *_tell_hidden(peaks, noise)),
    )


def _tell_hidden(peaks_uv: Float64Array, noise: Any) -> tuple[str, ...]:
    level = float(np.median(noise.levels_uv))
    n = int((peaks_uv < max(level, 1e-9)).sum())
    verb = "is" if n == 1 else "are"
    return (f"{n} of {len(peaks_uv)} units {verb} smaller than the noise.",) if n else ()


# What is seen ------------------------------------------------------------------------------


def _choose_window(scene: Scene, curves: MotionCurves, unit: int, at_s: float | None) -> _Window:
    rate, motion = scene.recipe.sample_rate_hz, scene.motion
    start_s = choose_start(curves, motion.sampling_hz, scene.recipe.duration_s, at_s)
    start = round(start_s * rate)
    stop = min(start + round(LENGTH_S * rate), scene.n_samples)
    channels = choose_channels(scene.contacts.positions_um, scene.places_um[unit])
    last = len(motion.vectors_um)
    # One row more on both sides: spikes that begin before the window reach into it.
    first_row = max(0, min(int(start_s * motion.sampling_hz) - 1, last - 1))
    last_row = min(last, int(stop / rate * motion.sampling_hz) + 2)
    return _Window(start, stop, channels, (first_row, last_row))


def _near_units(scene: Scene, window: _Window, samples: Int64Array) -> Int64Array:
    """Return the units that the shown channels see, there or at rest, and the samples."""
    recipe, contacts = scene.recipe, scene.contacts
    shown = contacts.positions_um[window.channels]
    seen = scene.heights_uv[:, window.channels].max(axis=1)
    rows = slice(*window.rows)
    moved = scene.motion.unit_factors @ scene.motion.vectors_um[rows].T
    for extreme in (moved.min(axis=1), moved.max(axis=1)):
        places = scene.places_um.copy()
        places[:, :2] += extreme[:, None] * scene.motion.direction.astype(np.float32)
        heights = measure_heights(places, shown, scene.params, recipe.templates)
        seen = np.maximum(seen, heights.max(axis=1))
    return np.union1d(np.flatnonzero(seen >= _LEAST_UV), samples).astype(np.int64)


def _some(params: dict[str, Float64Array | None], units: Int64Array) -> dict[str, Any]:
    return {name: None if values is None else values[units] for name, values in params.items()}


def _restricted(motion: PlanMotion, units: Int64Array, rows: tuple[int, int]) -> PlanMotion:
    vectors = motion.vectors_um[slice(*rows)]
    return replace(motion, vectors_um=vectors, unit_factors=motion.unit_factors[units])


def _bank(scene: Scene, units: Int64Array, window: _Window) -> DriftingBank:
    """Make the templates of some units, at rest and where they are in the window."""
    return build_templates(
        scene.places_um[units],
        scene.contacts.positions_um,
        _some(scene.params, units),
        scene.recipe.templates,
        scene.recipe.sample_rate_hz,
        _restricted(scene.motion, units, window.rows),
        scene.recipe.motion.step_um,
    )


def take_sample(
    bank: DriftingBank, row: int, unit: int, scene: Scene, window: _Window
) -> SampleTemplate:
    """Return the template of one unit on the channels near to it."""
    step = scene.recipe.motion.step_um
    middle_row = (window.rows[0] + window.rows[1]) // 2
    vectors = scene.motion.vectors_um[min(middle_row, len(scene.motion.vectors_um) - 1)]
    moved = round(float(vectors @ scene.motion.unit_factors[unit]) / step)
    positions = scene.contacts.positions_um
    return sample_of(bank, row, unit, moved, positions, scene.places_um[unit])


def sample_of(
    bank: DriftingBank,
    row: int,
    unit: int,
    step: int,
    positions_um: Float32Array,
    place_um: Float32Array,
) -> SampleTemplate:
    """Return a unit's template at rest and at a step, on the channels near to its place."""
    rest, moved = bank.dense(row), bank.dense(row, step)
    heights = np.abs(rest).max(axis=0)
    peak = int(heights.argmax())
    distances = np.hypot(*(positions_um - place_um[:2]).T)
    channels = np.argsort(distances, kind="stable")[:8].astype(np.int32)
    return SampleTemplate(
        unit, channels, rest[:, channels].T, moved[:, channels].T, float(heights[peak]), peak
    )


# Traces ------------------------------------------------------------------------------------


def _noise(scene: Scene) -> Any:
    """Return the noise of the recipe, and the traces it is added to."""
    recipe = scene.recipe
    plain = recipe.noise.model_copy(update={"real": None})
    noise, _ = resolve_noise(
        recipe.model_copy(update={"noise": plain}),
        scene.contacts.positions_um,
        scene.n_samples,
        scene.seeds,
    )
    real = recipe.noise.real
    if real is None:
        return noise, None
    n = len(scene.contacts.positions_um)
    return noise, _real_noise(real, n, recipe.sample_rate_hz)


@lru_cache(1)
def _real_noise(wish: RealNoise, n_channels: int, sample_rate_hz: float) -> Any:
    from .sources import real_noise

    return real_noise(wish, n_channels, sample_rate_hz)


def _make_traces(
    scene: Scene,
    window: _Window,
    units: Int64Array,
    bank: DriftingBank,
    noise: Any,
    parent: Any,
) -> TracePair:
    trains, is_exact = _trains(scene, units)
    factors = _factors(scene, trains)
    spikes = _cut(trains, factors, window, bank, units)
    far = scene.recipe.noise.far_units
    plan = GenerationPlan(
        sample_rate_hz=scene.recipe.sample_rate_hz,
        n_samples=scene.n_samples,
        channel_positions_um=scene.contacts.positions_um,
        n_before=bank.n_before,
        templates=bank,
        unit_locations_um=scene.places_um[units],
        spike_samples=spikes[0],
        spike_units=spikes[1],
        amplitude_factors=spikes[2],
        displacement=replace(scene.motion, unit_factors=scene.motion.unit_factors[units]),
        noise=noise,
        gain_uv=scene.recipe.output.gain_uv,
        dtype=scene.recipe.output.dtype,
        background=None if far is None else _far(scene, window),
        parent=parent,
    )
    pair = read_pair(plan, window.start, window.stop, window.channels, units)
    return replace(pair, is_exact=is_exact)


def read_pair(
    plan: GenerationPlan, start: int, stop: int, channels: Int32Array, units: Int64Array
) -> TracePair:
    """Compute a moment of the static and the drifting recording of a plan.

    Parameters
    ----------
    plan
        What it is made of.
    start, stop
        Samples.
    channels : int32 array, (n,)
        That are returned.
    units : int64 array, (n_units of the plan,)
        Their numbers in the recording.
    """
    scale = plan.gain_uv if plan.dtype == "int16" else 1.0
    static, drifting = (
        (SignalMaker(plan, drifting=moves).make(start, stop)[:, channels] * scale).astype(
            np.float32
        )
        for moves in (False, True)
    )
    first, last = np.searchsorted(plan.spike_samples, [start, stop])
    return TracePair(
        start / plan.sample_rate_hz,
        plan.sample_rate_hz,
        channels,
        static,
        drifting,
        plan.spike_samples[first:last] - start,
        units[plan.spike_units[first:last]].astype(np.int32),
    )


def _trains(scene: Scene, units: Int64Array) -> tuple[SpikeTrains, bool]:
    """Return spikes of at least some units, and whether they are those of the recording."""
    recipe, rate = scene.recipe, scene.recipe.sample_rate_hz
    given = given_spikes(recipe.spikes.given, rate, scene.n_samples)
    if given is not None:
        return with_synchrony(given, scene.n_samples, rate, recipe.spikes, scene.seeds), True
    is_all = _n_spikes(scene) <= MOST_SPIKES
    only = None if is_all else tuple(units.tolist())
    asked = (recipe.spikes.rates_hz, scene.n_units, scene.n_samples, rate)
    trains = _drawn(*asked, recipe.spikes, recipe.seed, only)
    changes_others = recipe.spikes.synchrony is not None or _is_spread(recipe)
    return trains, is_all or not changes_others


def _n_spikes(scene: Scene) -> float:
    n = float(scene.rates_hz.sum()) * scene.recipe.duration_s
    synchrony = scene.recipe.spikes.synchrony
    return n if synchrony is None else n * (1 + synchrony.ratio)


def _is_spread(recipe: GenerationRecipe) -> bool:
    std = recipe.amplitudes.std
    return any(std.numbers) if isinstance(std, Values) else middle(std) > 0


@lru_cache(N_KEPT)
def _drawn(
    rates: Amount,
    n_units: int,
    n_samples: int,
    sample_rate_hz: float,
    wish: Trains,
    seed: int,
    only: tuple[int, ...] | None,
) -> SpikeTrains:
    rates_hz = rates_of(rates, n_units, seed)
    return draw_trains(rates_hz, n_samples, sample_rate_hz, wish, Seeds(seed), only)


def _factors(scene: Scene, trains: SpikeTrains) -> Float32Array:
    recipe = scene.recipe
    return draw_amplitudes(
        trains,
        scene.n_units,
        recipe.sample_rate_hz,
        recipe.amplitudes,
        recipe.spikes.bursts,
        scene.seeds,
    )


def _cut(
    trains: SpikeTrains,
    factors: Float32Array,
    window: _Window,
    bank: DriftingBank,
    units: Int64Array,
) -> tuple[Int64Array, Int32Array, Float32Array]:
    """Return the spikes of some units that reach into a window, with rows in their bank."""
    first, last = np.searchsorted(
        trains.samples, [window.start - bank.n_samples, window.stop + bank.n_before]
    )
    own = trains.units[first:last]
    is_near = np.isin(own, units)
    rows = np.searchsorted(units, own[is_near]).astype(np.int32)
    return trains.samples[first:last][is_near], rows, factors[first:last][is_near]


def _far(scene: Scene, window: _Window) -> Injection:
    """Return the far units that the shown channels see, while they are shown."""
    recipe, seeds = scene.recipe, scene.seeds.part("far_units")
    far = draw_far_units(recipe, scene.contacts.probe, scene.tissue, seeds)
    shown = scene.contacts.positions_um[window.channels]
    heights = measure_heights(far.locations_um, shown, far.params, recipe.templates)
    units = np.flatnonzero(heights.max(axis=1) >= _LEAST_UV)
    units = units if len(units) else np.zeros(1, np.int64)
    bank = build_templates(
        far.locations_um[units],
        scene.contacts.positions_um,
        _some(far.params, units),
        recipe.templates,
        recipe.sample_rate_hz,
        _restricted(far.motion, units, window.rows),
        recipe.motion.step_um,
    )
    rate = recipe.sample_rate_hz
    trains = draw_trains(far.rates_hz, scene.n_samples, rate, Trains(), seeds, units.tolist())
    factors = np.ones(len(trains.samples), np.float32)
    samples, rows, factors = _cut(trains, factors, window, bank, units)
    motion = replace(far.motion, unit_factors=far.motion.unit_factors[units])
    return Injection(bank, samples, rows, factors, motion)
