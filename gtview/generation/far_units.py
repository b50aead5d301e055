"""Many small units far from the probe: the background that no sorter can take apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.types import Float32Array, Float64Array
from .locations import place_units
from .motion import TissueMotion
from .plan import Injection, PlanMotion
from .probes import probe_positions_um, probe_shanks
from .recipe import GenerationRecipe
from .recipe_spikes import Trains
from .recipe_units import Locations
from .seeds import Seeds
from .templates import build_templates, draw_unit_params
from .trains import draw_trains
from .values import Values, draw


@dataclass(frozen=True, slots=True, eq=False)
class FarUnits:
    """Far units before their templates are made and their spikes are drawn.

    Attributes
    ----------
    locations_um : float32 array, (n_units, 3)
    motion
        How they move.
    params
        Shape parameters, float64, (n_units,) each.
    rates_hz : float64 array, (n_units,)
    """

    locations_um: Float32Array
    motion: PlanMotion
    params: dict[str, Float64Array | None]
    rates_hz: Float64Array


def draw_far_units(
    recipe: GenerationRecipe, probe: Any, tissue: TissueMotion, seeds: Seeds
) -> FarUnits:
    """Draw where far units are, what they look like, and how fast they fire.

    Parameters
    ----------
    recipe
        With `noise.far_units`.
    probe
        A probeinterface `Probe`.
    tissue
        How everything moves.
    seeds
        Streams of their own.
    """
    wish = recipe.noise.far_units
    assert wish is not None
    places = Locations(
        margin_um=wish.margin_um, z_um=wish.z_um, minimum_distance_um=None, per_shank=None
    )
    positions, shanks = probe_positions_um(probe), probe_shanks(probe)
    placed = place_units(wish.n_units, positions, shanks, places, seeds).locations_um
    # Lists are for the units of the truth, and are of their length.
    shapes = recipe.templates.unit_params
    lists = {
        name: default.default
        for name, default in type(shapes).model_fields.items()
        if isinstance(getattr(shapes, name), Values)
    }
    params = draw_unit_params(shapes.model_copy(update=lists), wish.n_units, seeds)
    rates = draw(wish.rates_hz, wish.n_units, seeds.rng("rates"))
    return FarUnits(placed, tissue.of_units(placed), params, rates)


def resolve_far_units(
    recipe: GenerationRecipe, probe: Any, tissue: TissueMotion, n_samples: int, seeds: Seeds
) -> Injection:
    """Draw the far units of a recipe with their spikes; they move as the others do.

    Parameters
    ----------
    recipe, probe, tissue, seeds
        As for `draw_far_units`.
    n_samples
        Length of the recording.
    """
    units = draw_far_units(recipe, probe, tissue, seeds)
    bank = build_templates(
        units.locations_um,
        probe_positions_um(probe),
        units.params,
        recipe.templates,
        recipe.sample_rate_hz,
        units.motion,
        recipe.motion.step_um,
    )
    trains = draw_trains(units.rates_hz, n_samples, recipe.sample_rate_hz, Trains(), seeds)
    factors = np.ones(len(trains.samples), np.float32)
    return Injection(bank, trains.samples, trains.units, factors, units.motion)
