"""Many small units far from the probe: the background that no sorter can take apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from .locations import place_units
from .motion import TissueMotion
from .plan import Injection
from .probes import probe_positions_um, probe_shanks
from .recipe import GenerationRecipe
from .recipe_spikes import Trains
from .recipe_units import Locations
from .seeds import Seeds
from .templates import build_templates, draw_unit_params
from .trains import draw_trains
from .values import Values, draw


def resolve_far_units(
    recipe: GenerationRecipe, probe: Any, tissue: TissueMotion, n_samples: int, seeds: Seeds
) -> Injection:
    """Draw the far units of a recipe; they move as the others do.

    Parameters
    ----------
    recipe
        With `noise.far_units`.
    probe
        A probeinterface `Probe`.
    tissue
        How everything moves.
    n_samples
        Length of the recording.
    seeds
        Streams of their own.
    """
    wish = recipe.noise.far_units
    assert wish is not None
    positions = probe_positions_um(probe)
    places = Locations(
        margin_um=wish.margin_um, z_um=wish.z_um, minimum_distance_um=None, per_shank=None
    )
    locations = place_units(wish.n_units, positions, probe_shanks(probe), places, seeds)
    motion = tissue.of_units(locations.locations_um)
    # Lists are for the units of the truth, and are of their length.
    shapes = recipe.templates.unit_params
    lists = {
        name: default.default
        for name, default in type(shapes).model_fields.items()
        if isinstance(getattr(shapes, name), Values)
    }
    params = draw_unit_params(shapes.model_copy(update=lists), wish.n_units, seeds)
    bank = build_templates(
        locations.locations_um,
        positions,
        params,
        recipe.templates,
        recipe.sample_rate_hz,
        motion,
        recipe.motion.step_um,
    )
    rates = draw(wish.rates_hz, wish.n_units, seeds.rng("rates"))
    trains = draw_trains(rates, n_samples, recipe.sample_rate_hz, Trains(), seeds)
    factors = np.ones(len(trains.samples), np.float32)
    return Injection(bank, trains.samples, trains.units, factors, motion)
