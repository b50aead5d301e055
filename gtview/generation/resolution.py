"""Resolves a recipe into a plan: everything is drawn and computed here, except the traces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..base.progress import Reporter, ignore_progress, part_of
from ..base.types import Float32Array, Float64Array
from .amplitudes import draw_amplitudes
from .bank import DriftingBank
from .checks import check
from .far_units import resolve_far_units
from .given import GivenSpikes, read_given_spikes
from .locations import Placement, place_units
from .motion import TissueMotion, resolve_motion
from .noise_plan import resolve_noise
from .plan import GenerationPlan, PlanMotion, TraceSource
from .probes import build_probe, probe_positions_um, probe_shanks
from .problems import Problem, RecipeError
from .recipe import GenerationRecipe
from .recipe_spikes import Trains
from .seeds import Seeds
from .templates import build_templates, draw_unit_params, report_units
from .trains import SpikeTrains, draw_trains, in_order
from .unit_checks import (
    checked_locations,
    refuse_doubled,
    refuse_length,
    refuse_silent,
    require_length,
    tell_silent,
)
from .values import draw


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """Objects that stand in for what a recipe would lead to; None: the recipe decides.

    Attributes
    ----------
    probe
        A probeinterface `Probe`, wired or not.
    spikes
        Trains, whose units are the units.
    locations_um : float32 array, (n_units, 3)
    motion
        Of the units.
    amplitude_factors : float32 array, (n_spikes,)
        In the order in which the spikes were given.
    traces
        To which the spikes are added, in place of the recipe's noise.
    templates
        In place of the model's; then `unit_params` are none.
    recording
        A SpikeInterface recording, in place of the one that `hybrid` names.
    """

    probe: Any = None
    spikes: GivenSpikes | None = None
    locations_um: Float32Array | None = None
    motion: PlanMotion | None = None
    amplitude_factors: Float32Array | None = None
    traces: TraceSource | None = None
    templates: DriftingBank | None = None
    recording: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class _Units:
    """Where the units are and how they move."""

    positions_um: Float32Array
    placement: Placement
    tissue: TissueMotion | None
    motion: PlanMotion


def resolve(
    recipe: GenerationRecipe, given: Given | None = None, report: Reporter = ignore_progress
) -> GenerationPlan:
    """Resolve a recipe.

    The same recipe gives the same plan, to the last bit, with one gtview and one NumPy.

    Parameters
    ----------
    recipe
        What is asked.
    given
        Objects that a script has already.
    report
        Told how far it is.

    Raises
    ------
    RecipeError
        The recipe is impossible.
    """
    given = Given() if given is None else given
    problems = check(recipe)
    if problems:
        raise RecipeError(problems)
    if recipe.hybrid is not None:
        from .hybrid import resolve_hybrid

        return resolve_hybrid(recipe, report, given.recording)
    seeds = Seeds(recipe.seed)
    probe = _wired(given.probe) if given.probe is not None else build_probe(recipe.probe)
    n_samples = round(recipe.duration_s * recipe.sample_rate_hz)
    spikes = _given_spikes(recipe, given, n_samples)
    n_units = recipe.n_units if spikes is None else spikes.n_units
    report(0.0, "placing units")
    units = _resolve_units(recipe, given, probe, n_units, seeds)
    params = {} if given.templates is not None else _draw_params(recipe, n_units, seeds)
    bank = given.templates or build_templates(
        units.placement.locations_um,
        units.positions_um,
        params,
        recipe.templates,
        recipe.sample_rate_hz,
        units.motion,
        recipe.motion.step_um,
        part_of(report, 0.05, 0.6),
    )
    report(0.6, "drawing spikes")
    rates = draw(recipe.spikes.rates_hz, n_units, seeds.rng("rates")) if spikes is None else None
    trains = _trains(recipe, spikes, rates, n_samples, seeds)
    noise, parent = resolve_noise(recipe, units.positions_um, n_samples, seeds)
    reports = report_units(bank, noise.levels_uv)
    if recipe.templates.is_silent_unit_refused:
        refuse_silent(reports)
    background = None
    if recipe.noise.far_units is not None:
        report(0.8, "placing far units")
        tissue = units.tissue or _same_for_all(units.motion)
        background = resolve_far_units(recipe, probe, tissue, n_samples, seeds.part("far_units"))
    told = (
        *units.placement.warnings,
        *(units.tissue.warnings if units.tissue else ()),
        *trains.warnings,
        *tell_silent(reports),
    )
    return GenerationPlan(
        sample_rate_hz=recipe.sample_rate_hz,
        n_samples=n_samples,
        channel_positions_um=units.positions_um,
        n_before=bank.n_before,
        templates=bank,
        unit_locations_um=units.placement.locations_um,
        spike_samples=trains.samples,
        spike_units=trains.units,
        amplitude_factors=_amplitudes(recipe, given, trains, n_units, seeds),
        displacement=units.motion,
        noise=noise,
        gain_uv=recipe.output.gain_uv,
        dtype=recipe.output.dtype,
        probe=probe,
        rates_hz=mean_rates(trains, n_units, recipe.duration_s) if rates is None else rates,
        unit_params=params,
        reports=reports,
        warnings=told,
        background=background,
        parent=given.traces or parent,
        unit_ids=np.arange(n_units) if spikes is None else spikes.unit_ids,
    )


def _wired(probe: Any) -> Any:
    if getattr(probe, "ndim", 2) != 2:
        raise RecipeError([Problem("probe", "must have contacts in a plane, not in space")])
    probe = probe.copy()
    probe.set_device_channel_indices(np.arange(probe.get_contact_count()))
    return probe


def _given_spikes(recipe: GenerationRecipe, given: Given, n_samples: int) -> GivenSpikes | None:
    spikes = given.spikes
    if spikes is None and recipe.spikes.given is not None:
        path = Path(recipe.spikes.given).expanduser()
        spikes = read_given_spikes(path, recipe.sample_rate_hz)
    if spikes is not None:
        spikes.check(n_samples, recipe.sample_rate_hz)
    return spikes


def _resolve_units(
    recipe: GenerationRecipe, given: Given, probe: Any, n_units: int, seeds: Seeds
) -> _Units:
    positions = probe_positions_um(probe)
    refuse_doubled(positions)
    if given.locations_um is not None:
        placement = Placement(checked_locations(given.locations_um, n_units))
    else:
        shanks = probe_shanks(probe)
        wish = recipe.locations
        if wish.explicit_um is not None and len(wish.explicit_um) != n_units:
            refuse_length("locations.explicit_um", len(wish.explicit_um), n_units)
        require_length("locations.z_um", wish.z_um, n_units)
        placement = place_units(n_units, positions, shanks, wish, seeds)
    places = placement.locations_um
    if given.motion is not None:
        if len(given.motion.unit_factors) != n_units:
            refuse_length("displacement_data", len(given.motion.unit_factors), n_units)
        return _Units(positions, placement, None, given.motion)
    tissue = resolve_motion(recipe.motion, recipe.duration_s, places, positions, seeds)
    return _Units(positions, placement, tissue, tissue.of_units(places))


def _draw_params(
    recipe: GenerationRecipe, n_units: int, seeds: Seeds
) -> Mapping[str, Float64Array | None]:
    wish = recipe.templates.unit_params
    for name in type(wish).model_fields:
        require_length(f"templates.unit_params.{name}", getattr(wish, name), n_units)
    return draw_unit_params(wish, n_units, seeds)


def _trains(
    recipe: GenerationRecipe,
    spikes: GivenSpikes | None,
    rates_hz: Float64Array | None,
    n_samples: int,
    seeds: Seeds,
) -> SpikeTrains:
    if spikes is None and rates_hz is not None:
        rate = recipe.sample_rate_hz
        return draw_trains(rates_hz, n_samples, rate, recipe.spikes, seeds)
    assert spikes is not None
    return with_synchrony(spikes, n_samples, recipe.sample_rate_hz, recipe.spikes, seeds)


def with_synchrony(
    spikes: GivenSpikes, n_samples: int, sample_rate_hz: float, wish: Trains, seeds: Seeds
) -> SpikeTrains:
    """Return trains that are given, with the synchronous events that are asked for."""
    from .trains import add_events

    trains = in_order(spikes.samples, spikes.units)
    return add_events(trains, spikes.n_units, n_samples, sample_rate_hz, wish, seeds)


def _amplitudes(
    recipe: GenerationRecipe, given: Given, trains: SpikeTrains, n_units: int, seeds: Seeds
) -> Float32Array:
    require_length("amplitudes.std", recipe.amplitudes.std, n_units)
    if given.amplitude_factors is None:
        return draw_amplitudes(
            trains,
            n_units,
            recipe.sample_rate_hz,
            recipe.amplitudes,
            recipe.spikes.bursts,
            seeds,
        )
    factors = np.asarray(given.amplitude_factors, np.float32)
    if factors.shape != trains.samples.shape or not np.isfinite(factors).all():
        message = f"must hold one finite factor for each of {len(trains.samples)} spikes"
        raise RecipeError([Problem("amplitude_factor", message)])
    # What was given may not have been in the order of time.
    return factors if given.spikes is None else factors[given.spikes.order]


def mean_rates(trains: SpikeTrains, n_units: int, duration_s: float) -> Float64Array:
    """Return the rates that trains have, float64, (n_units,)."""
    counts: Float64Array = np.bincount(trains.units, minlength=n_units) / duration_s
    return counts


def _same_for_all(motion: PlanMotion) -> TissueMotion:
    """Return a motion that is known for units only as that of all tissue: their mean."""
    mean = motion.unit_factors.mean(axis=0, keepdims=True).astype(np.float64)
    return TissueMotion(
        motion.sampling_hz,
        motion.vectors_um,
        motion.direction,
        (lambda places: np.repeat(mean, len(places), axis=0),),
    )
