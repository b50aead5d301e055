"""Places units around the contacts of a probe."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..base.types import Float32Array, Float64Array, Int32Array, Int64Array
from .problems import Problem, RecipeError
from .recipe_units import Locations
from .seeds import Seeds
from .values import Range, draw

# Of the curve that layers are drawn from.
_N_BINS = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """Where units are at rest.

    Attributes
    ----------
    locations_um : float32 array, (n_units, 3)
        x, depth, distance from the plane of the probe.
    warnings
        Sentences on what could not be kept.
    """

    locations_um: Float32Array
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Boxes:
    """The area of each unit; float64, (n_units,)."""

    x_low: Float64Array
    x_high: Float64Array
    y_low: Float64Array
    y_high: Float64Array


def place_units(
    n_units: int, positions_um: Float32Array, shanks: Int32Array, wish: Locations, seeds: Seeds
) -> Placement:
    """Place units as a recipe asks.

    Parameters
    ----------
    n_units
        At least 1.
    positions_um : float32 array, (n_channels, 2)
        Places of the contacts.
    shanks : int32 array, (n_channels,)
        Shank of each contact.
    wish
        What is asked.
    seeds
        Streams of random numbers.

    Raises
    ------
    RecipeError
        The area is empty, or the distance is strict and cannot be kept.
    """
    if wish.explicit_um is not None:
        return Placement(np.array(wish.explicit_um, np.float32))
    boxes = _boxes(n_units, positions_um, shanks, wish, seeds)
    places = np.empty((n_units, 3), np.float64)
    every = np.arange(n_units)
    _draw_places(places, every, boxes, wish, (seeds.rng("x"), seeds.rng("depths")))
    places[:, 2] = draw(wish.z_um, n_units, seeds.rng("z"))
    if wish.minimum_distance_um is None:
        return Placement(places.astype(np.float32))
    n_near = _keep_apart(places, boxes, wish, seeds.rng("replaced"))
    return Placement(places.astype(np.float32), _tell_near(n_near, n_units, wish))


def _boxes(
    n_units: int, positions: Float32Array, shanks: Int32Array, wish: Locations, seeds: Seeds
) -> _Boxes:
    n_shanks = int(shanks.max()) + 1
    is_per_shank = n_shanks > 1 if wish.per_shank is None else wish.per_shank
    groups = [shanks == shank for shank in range(n_shanks)] if is_per_shank else [shanks >= 0]
    own = _shares(n_units, np.array([group.sum() for group in groups]), seeds)
    low = np.array([positions[group].min(axis=0) for group in groups], np.float64) - wish.margin_um
    high = np.array([positions[group].max(axis=0) for group in groups], np.float64)
    high += wish.margin_um
    if (low > high).any():
        extent = float((high - low).min()) + 2 * wish.margin_um
        raise RecipeError(
            [
                Problem(
                    "locations.margin_um",
                    f"must be at least {-extent / 2:g} um for this probe, whose contacts span "
                    f"{extent:g} um (it is {wish.margin_um:g})",
                )
            ]
        )
    return _Boxes(low[own, 0], high[own, 0], low[own, 1], high[own, 1])


def _shares(n_units: int, n_contacts: Int64Array, seeds: Seeds) -> Int64Array:
    """Give each unit a shank: as many as the shank has contacts, relative to all."""
    bounds = np.cumsum(n_contacts) / n_contacts.sum() * n_units
    own = np.searchsorted(bounds, np.arange(n_units) + 0.5)
    return seeds.rng("shanks").permutation(np.minimum(own, len(n_contacts) - 1))


def _draw_places(
    places: Float64Array,
    units: Int64Array,
    boxes: _Boxes,
    wish: Locations,
    rngs: tuple[np.random.Generator, np.random.Generator],
) -> None:
    x_low, x_high = boxes.x_low[units], boxes.x_high[units]
    y_low, y_high = boxes.y_low[units], boxes.y_high[units]
    places[units, 0] = x_low + (x_high - x_low) * rngs[0].random(len(units))
    if wish.distribution == "multimodal":
        parts = _draw_layers(len(units), wish.n_modes, rngs[1])
    else:
        parts = rngs[1].random(len(units))
    places[units, 1] = y_low + (y_high - y_low) * parts


def _draw_layers(n: int, n_modes: int, rng: np.random.Generator) -> Float64Array:
    """Draw from 0 to 1, in layers at even distances whose width is a fifth of that.

    The same layers as those of SpikeInterface's `generate_unit_locations`.
    """
    edges = np.linspace(0, 1, _N_BINS + 1)
    step = 1 / (n_modes + 1)
    centres = step * np.arange(1, n_modes + 1)
    density = np.exp(-0.5 * ((edges[:, None] - centres) / (step / 5)) ** 2).sum(axis=1)
    cumulated = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return np.interp(rng.random(n), cumulated / cumulated[-1], edges)


def _keep_apart(
    places: Float64Array, boxes: _Boxes, wish: Locations, rng: np.random.Generator
) -> int:
    """Place units that are too near anew; return how many still are."""
    distance = float(wish.minimum_distance_um or 0)
    for _ in range(wish.max_iterations):
        near = find_near(places, distance)
        if not len(near):
            return 0
        _draw_places(places, near, boxes, wish, (rng, rng))
        if isinstance(wish.z_um, Range):
            # A range is drawn anew, a list stays as it is.
            places[near, 2] = draw(wish.z_um, len(near), rng)
    return len(find_near(places, distance))


def find_near(places: Float64Array, distance_um: float) -> Int64Array:
    """Return the units that are nearer than a distance to one before them, increasing."""
    from scipy.spatial import cKDTree

    tree = cKDTree(places)
    pairs = tree.query_pairs(np.nextafter(distance_um, 0), output_type="ndarray")
    return np.unique(pairs.max(axis=1)) if len(pairs) else np.empty(0, np.int64)


def _tell_near(n_near: int, n_units: int, wish: Locations) -> tuple[str, ...]:
    if not n_near:
        return ()
    distance = wish.minimum_distance_um
    if wish.is_distance_strict:
        raise RecipeError(
            [
                Problem(
                    "locations.minimum_distance_um",
                    f"cannot be kept by {n_near} of {n_units} units at {distance:g} um: use fewer "
                    "units, a smaller distance, or a larger area",
                )
            ]
        )
    return (f"{n_near} of {n_units} units are nearer than {distance:g} um to another one.",)
