"""The traces of a preview: a moment of the recording, static and drifting."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from ..base.types import Float32Array, Int32Array, Int64Array
from .amplitudes import draw_amplitudes
from .bank import DriftingBank
from .far_units import draw_far_units
from .plan import GenerationPlan, Injection
from .preview import TracePair
from .preview_scene import N_KEPT, Scene, given_spikes, rates_of
from .preview_window import LEAST_UV, Window, params_of, restricted
from .recipe import GenerationRecipe
from .recipe_spikes import Trains
from .resolution import with_synchrony
from .seeds import Seeds
from .signal import SignalMaker
from .templates import build_templates, measure_heights
from .trains import SpikeTrains, draw_trains
from .values import Amount, Values, middle

# More spikes are drawn for units near the shown channels only.
MOST_SPIKES = 200_000


def make_traces(
    scene: Scene,
    window: Window,
    units: Int64Array,
    bank: DriftingBank,
    noise: Any,
    parent: Any,
) -> TracePair:
    """Return what the shown channels record, and the spikes in it.

    Parameters
    ----------
    scene, window
        What is generated, and what is shown of it.
    units : int64 array, (n_units of the bank,)
        Increasing numbers of the units in the recording.
    bank
        Their templates.
    noise, parent
        Noise of the recording, and traces that it is added to or None.
    """
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
    window: Window,
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


def _far(scene: Scene, window: Window) -> Injection:
    """Return the far units that the shown channels see, while they are shown."""
    recipe, seeds = scene.recipe, scene.seeds.part("far_units")
    far = draw_far_units(recipe, scene.contacts.probe, scene.tissue, seeds)
    shown = scene.contacts.positions_um[window.channels]
    heights = measure_heights(far.locations_um, shown, far.params, recipe.templates)
    units = np.flatnonzero(heights.max(axis=1) >= LEAST_UV)
    units = units if len(units) else np.zeros(1, np.int64)
    bank = build_templates(
        far.locations_um[units],
        scene.contacts.positions_um,
        params_of(far.params, units),
        recipe.templates,
        recipe.sample_rate_hz,
        restricted(far.motion, units, window.rows),
        recipe.motion.step_um,
    )
    rate = recipe.sample_rate_hz
    trains = draw_trains(far.rates_hz, scene.n_samples, rate, Trains(), seeds, units.tolist())
    factors = np.ones(len(trains.samples), np.float32)
    samples, rows, factors = _cut(trains, factors, window, bank, units)
    motion = replace(far.motion, unit_factors=far.motion.unit_factors[units])
    return Injection(bank, samples, rows, factors, motion)
