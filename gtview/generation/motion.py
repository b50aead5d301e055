"""Turns the motions of a recipe into displacements of every unit, at even times."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from ..base.types import Float32Array, Float64Array
from .displacement import make_one_displacement_vector
from .plan import PlanMotion
from .problems import Problem, RecipeError
from .recipe_motion import ExplicitMotion, FileMotion, MotionChoice
from .seeds import Seeds
from .values import Range

# From places, float64, (n, 2), to the part of each curve that they move by, (n, n_curves).
Factors: TypeAlias = Callable[[Float64Array], Float64Array]


@dataclass(frozen=True, slots=True, eq=False)
class TissueMotion:
    """How tissue moves at any place.

    Attributes
    ----------
    sampling_hz
        Rows of `vectors_um` a second; the first is at 0 s.
    vectors_um : float32 array, (n_times, n_curves)
        Along `direction`.
    direction : float64 array, (2,)
        Unit vector, x and depth.
    factors
        For each part, from places to the part of its curves that they move by.
    warnings
        Sentences for the person who asked.
    """

    sampling_hz: float
    vectors_um: Float32Array
    direction: Float64Array
    factors: tuple[Factors, ...]
    warnings: tuple[str, ...] = ()

    def factors_at(self, places_um: Float64Array) -> Float32Array:
        """Return the factors of places, (n, 2 or more), as float32, (n, n_curves)."""
        places = np.asarray(places_um, np.float64)[:, :2]
        parts = [factor(places) for factor in self.factors]
        if not parts:
            return np.ones((len(places), 1), np.float32)
        return np.ascontiguousarray(np.concatenate(parts, axis=1), dtype=np.float32)

    def of_units(self, locations_um: Float32Array) -> PlanMotion:
        """Return the motion of units at these places, float32, (n_units, 3)."""
        return PlanMotion(
            sampling_hz=self.sampling_hz,
            vectors_um=self.vectors_um,
            unit_factors=self.factors_at(np.asarray(locations_um, np.float64)),
            direction=self.direction,
        )

    def displacement_at(self, places_um: Float64Array) -> Float32Array:
        """Return displacements along `direction`, float32, (n_times, n)."""
        moved: Float32Array = (self.vectors_um @ self.factors_at(places_um).T).astype(np.float32)
        return moved


def resolve_motion(
    wish: MotionChoice,
    duration_s: float,
    places_um: Float32Array,
    positions_um: Float32Array,
    seeds: Seeds,
) -> TissueMotion:
    """Resolve all motions of a recipe; their sum is what units do.

    A shape of 0.5 means the upper end of the range, one of -0.5 the lower end, and 0 is rest;
    so a range need not be symmetric, and the tissue begins at rest.

    Parameters
    ----------
    wish
        What is asked.
    duration_s
        Of the recording.
    places_um : float32 array, (n_units, 2 or 3)
        Units, between whose ends a gradient runs.
    positions_um : float32 array, (n_channels, 2)
        Contacts; used in their place where all units are at one place.
    seeds
        Streams of random numbers.

    Raises
    ------
    RecipeError
        A motion is impossible.
    """
    direction = np.array(wish.direction, np.float64) / math.hypot(*wish.direction)
    n_times = math.ceil(wish.sampling_hz * duration_s)
    ends = _ends(_along(np.asarray(places_um, np.float64), direction))
    if ends is None:
        ends = _ends(_along(np.asarray(positions_um, np.float64), direction))
    curves: list[Float64Array] = []
    factors: list[Factors] = []
    for i, part in enumerate(wish.motions):
        name = f"motion.motions[{i}]"
        if isinstance(part, FileMotion):
            curve, factor = _from_file(part, wish.sampling_hz, n_times, direction, name)
        else:
            curve = _one_curve(part, wish, duration_s, seeds.child("motion", i))
            factor = _gradient(part.non_rigid_gradient, direction, ends)
        curves.append(_within(curve, part, wish.sampling_hz))
        factors.append(factor)
    vectors = np.concatenate(curves, axis=1) if curves else np.zeros((max(1, n_times), 1))
    still = tuple(
        f"Motion {i + 1} does not move anything: its intervals do not fit in its time."
        for i, curve in enumerate(curves)
        if not curve.any() and wish.motions[i].amplitude_factor
    )
    return TissueMotion(
        wish.sampling_hz,
        np.ascontiguousarray(vectors, dtype=np.float32),
        direction,
        tuple(factors),
        still,
    )


def _one_curve(
    part: Any, wish: MotionChoice, duration_s: float, seed: np.random.SeedSequence
) -> Float64Array:
    """Return one motion in micrometres, float64, (n_times, 1)."""
    n_times = math.ceil(wish.sampling_hz * duration_s)
    if isinstance(part, ExplicitMotion):
        times = np.arange(n_times) / wish.sampling_hz
        known = np.arange(len(part.values_um)) / part.values_hz
        values = np.interp(times, known, part.values_um) * part.amplitude_factor
        return values[:, None]
    shape = make_one_displacement_vector(
        part.kind,
        duration_s,
        part.amplitude_factor,
        wish.sampling_hz,
        part.t_start_s,
        part.t_end_s,
        period_s=getattr(part, "period_s", 200.0),
        bump_interval_s=_pair(getattr(part, "bump_interval_s", Range(30.0, 90.0))),
        seed=seed if part.seed is None else part.seed,
    )
    return stretch(shape, wish.range_um.low, wish.range_um.high)[:, None]


def _pair(value: Range) -> tuple[float, float]:
    return value.low, value.high


def stretch(shape: Float64Array, low_um: float, high_um: float) -> Float64Array:
    """Map -0.5, 0 and 0.5 of a shape to the lower end of a range, rest, and its upper end."""
    return np.where(shape > 0, 2 * shape * high_um, -2 * shape * low_um)


def _within(curve: Float64Array, part: Any, rate: float) -> Float64Array:
    """Let a listed motion begin and end when the recipe says; shapes know it already."""
    if isinstance(part, (ExplicitMotion, FileMotion)):
        curve = curve.copy()
        if part.t_start_s is not None:
            curve[: int(part.t_start_s * rate)] = 0
        last = len(curve) if part.t_end_s is None else int(part.t_end_s * rate)
        if 0 < last < len(curve):
            curve[last:] = curve[last - 1]
    return curve


def _along(places: Float64Array, direction: Float64Array) -> Float64Array:
    # No matrix product: it adds in another order on another processor.
    along: Float64Array = places[:, 0] * direction[0] + places[:, 1] * direction[1]
    return along


def _ends(along: Float64Array) -> tuple[float, float] | None:
    low, high = float(along.min()), float(along.max())
    return (low, high) if high > low else None


def _gradient(
    gradient: float | None, direction: Float64Array, ends: tuple[float, float] | None
) -> Factors:
    """Return the factor of a non-rigid motion: 1 at the end that the direction points to."""
    if gradient is None or ends is None:
        return lambda places: np.ones((len(places), 1))
    low, high = ends
    least = abs(gradient)

    def factor(places: Float64Array) -> Float64Array:
        part = np.clip((_along(places, direction) - low) / (high - low), 0, 1)
        part = 1 - part if gradient < 0 else part
        return (part * (1 - least) + least)[:, None]

    return factor


def _from_file(
    part: FileMotion, rate: float, n_times: int, direction: Float64Array, name: str
) -> tuple[Float64Array, Factors]:
    from ..data.diagnostics import DiagnosticLog
    from ..data.gt_parts import read_motion_folder

    motion = read_motion_folder(Path(part.path).expanduser(), DiagnosticLog())
    if motion is None:
        message = f"names no motion that SpikeInterface saved ({part.path})"
        raise RecipeError([Problem(f"{name}.path", message)])
    if abs(direction[0]) > 1e-9:
        message = "must be along the depth for a motion from a file"
        raise RecipeError([Problem("motion.direction", message)])
    times = np.arange(n_times) / rate
    scale = part.amplitude_factor * float(np.sign(direction[1]))
    known = motion.displacement_um.astype(np.float64) * scale
    curves = np.stack([np.interp(times, motion.times_s, column) for column in known.T], axis=1)
    return curves, _between(motion.depths_um)


def _between(depths_um: Float64Array) -> Factors:
    """Return the weights of curves that are known at some depths: linear between them."""
    corners = np.eye(len(depths_um))

    def factor(places: Float64Array) -> Float64Array:
        depths = places[:, 1]
        return np.stack([np.interp(depths, depths_um, corner) for corner in corners], axis=1)

    return factor
