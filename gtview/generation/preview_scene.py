"""All units of a recipe, without templates and spikes; the last ones asked for are kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ..base.types import Float32Array, Float64Array, Int32Array
from .given import GivenSpikes, read_given_spikes
from .locations import Placement, place_units
from .motion import TissueMotion, resolve_motion
from .plan import PlanMotion
from .probes import build_probe, probe_positions_um, probe_shanks
from .recipe import GenerationRecipe
from .recipe_motion import MotionChoice
from .recipe_probe import ProbeChoice
from .recipe_units import Locations, TemplateShapes, UnitParams
from .resolution import mean_rates
from .seeds import Seeds
from .templates import draw_unit_params, measure_heights
from .trains import SpikeTrains
from .unit_checks import refuse_doubled, refuse_length, require_length
from .values import Amount, draw

# Results of each stage that are kept: of the recipe as it is, and as it was before.
N_KEPT = 3


@dataclass(frozen=True, slots=True, eq=False)
class _Contacts:
    probe: Any
    positions_um: Float32Array
    shanks: Int32Array


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """All units, without their templates and spikes."""

    recipe: GenerationRecipe
    seeds: Seeds
    contacts: _Contacts
    placement: Placement
    tissue: TissueMotion
    motion: PlanMotion
    params: dict[str, Float64Array | None]
    rates_hz: Float64Array
    heights_uv: Float64Array
    n_samples: int

    @property
    def places_um(self) -> Float32Array:
        """Places at rest, float32, (n_units, 3)."""
        return self.placement.locations_um

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.places_um)


def make_scene(recipe: GenerationRecipe) -> Scene:
    """Return all units of a recipe.

    Raises
    ------
    RecipeError
        The recipe is impossible.
    """
    seed, n_samples = recipe.seed, round(recipe.duration_s * recipe.sample_rate_hz)
    contacts = _contacts(recipe.probe)
    given = given_spikes(recipe.spikes.given, recipe.sample_rate_hz, n_samples)
    n_units = recipe.n_units if given is None else given.n_units
    _check_lengths(recipe, n_units)
    placement = _placement(recipe.probe, recipe.locations, n_units, seed)
    asked = (recipe.probe, recipe.locations, n_units)
    tissue = _tissue(*asked, recipe.motion, recipe.duration_s, seed)
    params = _params(recipe.templates.unit_params, n_units, seed)
    if given is None:
        rates = rates_of(recipe.spikes.rates_hz, n_units, seed)
    else:
        trains = SpikeTrains(given.samples, given.units, np.zeros(len(given.units), np.int32))
        rates = mean_rates(trains, n_units, recipe.duration_s)
    shapes = recipe.templates
    heights = _heights(*asked, shapes.unit_params, shapes.mode, shapes.spatial_profile, seed)
    return Scene(
        recipe=recipe,
        seeds=Seeds(seed),
        contacts=contacts,
        placement=placement,
        tissue=tissue,
        motion=tissue.of_units(placement.locations_um),
        params=params,
        rates_hz=rates,
        heights_uv=heights,
        n_samples=n_samples,
    )


def _check_lengths(recipe: GenerationRecipe, n_units: int) -> None:
    """Refuse lists that `check` cannot judge: the number of units is that of a file."""
    shapes = recipe.templates.unit_params
    for name in type(shapes).model_fields:
        require_length(f"templates.unit_params.{name}", getattr(shapes, name), n_units)
    require_length("locations.z_um", recipe.locations.z_um, n_units)
    require_length("amplitudes.std", recipe.amplitudes.std, n_units)
    explicit = recipe.locations.explicit_um
    if explicit is not None and len(explicit) != n_units:
        refuse_length("locations.explicit_um", len(explicit), n_units)


@lru_cache(N_KEPT)
def _contacts(choice: ProbeChoice) -> _Contacts:
    probe = build_probe(choice)
    positions = probe_positions_um(probe)
    refuse_doubled(positions)
    return _Contacts(probe, positions, probe_shanks(probe))


@lru_cache(N_KEPT)
def _placement(choice: ProbeChoice, wish: Locations, n_units: int, seed: int) -> Placement:
    contacts = _contacts(choice)
    return place_units(n_units, contacts.positions_um, contacts.shanks, wish, Seeds(seed))


@lru_cache(N_KEPT)
def _tissue(
    choice: ProbeChoice,
    places: Locations,
    n_units: int,
    wish: MotionChoice,
    duration_s: float,
    seed: int,
) -> TissueMotion:
    placed = _placement(choice, places, n_units, seed).locations_um
    return resolve_motion(wish, duration_s, placed, _contacts(choice).positions_um, Seeds(seed))


@lru_cache(N_KEPT)
def _params(wish: UnitParams, n_units: int, seed: int) -> dict[str, Float64Array | None]:
    return draw_unit_params(wish, n_units, Seeds(seed))


@lru_cache(N_KEPT)
def rates_of(wish: Amount, n_units: int, seed: int) -> Float64Array:
    """Return the rates of all units, float64, (n_units,), Hz."""
    return draw(wish, n_units, Seeds(seed).rng("rates"))


@lru_cache(N_KEPT)
def _heights(
    choice: ProbeChoice,
    places: Locations,
    n_units: int,
    wish: UnitParams,
    mode: Any,
    profile: Any,
    seed: int,
) -> Float64Array:
    placed = _placement(choice, places, n_units, seed).locations_um
    shapes = TemplateShapes(mode=mode, spatial_profile=profile, unit_params=wish)
    params = _params(wish, n_units, seed)
    return measure_heights(placed, _contacts(choice).positions_um, params, shapes)


@lru_cache(1)
def given_spikes(path: str | None, sample_rate_hz: float, n_samples: int) -> GivenSpikes | None:
    """Return the spike trains of a folder; None where none is named.

    Raises
    ------
    RecipeError
        They cannot be read, or do not fit in the recording.
    """
    if path is None:
        return None
    spikes = read_given_spikes(Path(path).expanduser(), sample_rate_hz)
    spikes.check(n_samples, sample_rate_hz)
    return spikes
