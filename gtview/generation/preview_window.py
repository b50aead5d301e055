"""What of a recording a preview shows: a moment, some channels, and the units that they see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..base.types import Float64Array, Int32Array, Int64Array
from .bank import DriftingBank
from .plan import PlanMotion
from .preview import LENGTH_S, MotionCurves, choose_channels, choose_start
from .preview_scene import Scene
from .templates import build_templates, measure_heights

# A unit that is smaller on every shown channel is not seen in the noise.
LEAST_UV = 0.2


@dataclass(frozen=True, slots=True)
class Window:
    """What is shown: some channels, for some time.

    Attributes
    ----------
    start, stop
        Samples.
    channels : int32 array, (n_channels,)
    rows
        First and last (exclusive) row of the motion that is needed.
    """

    start: int
    stop: int
    channels: Int32Array
    rows: tuple[int, int]


def choose_window(scene: Scene, curves: MotionCurves, unit: int, at_s: float | None) -> Window:
    """Return a moment in which much moves, and the channels around a unit.

    Parameters
    ----------
    scene, curves
        What is generated, and how it moves.
    unit
        Whose place at rest is in the middle of the channels.
    at_s
        When it begins; None: where the motion is largest.
    """
    rate, motion = scene.recipe.sample_rate_hz, scene.motion
    start_s = choose_start(curves, motion.sampling_hz, scene.recipe.duration_s, at_s)
    start = round(start_s * rate)
    stop = min(start + round(LENGTH_S * rate), scene.n_samples)
    channels = choose_channels(scene.contacts.positions_um, scene.places_um[unit])
    last = len(motion.vectors_um)
    # One row more on both sides: spikes that begin before the window reach into it.
    first_row = max(0, min(int(start_s * motion.sampling_hz) - 1, last - 1))
    last_row = min(last, int(stop / rate * motion.sampling_hz) + 2)
    return Window(start, stop, channels, (first_row, last_row))


def find_near_units(scene: Scene, window: Window, samples: Int64Array) -> Int64Array:
    """Return the units that the shown channels see, there or at rest, and the samples.

    Parameters
    ----------
    scene, window
        What is generated, and what is shown of it.
    samples : int64 array, (n_samples,)
        Units that are returned in any case.

    Returns
    -------
    units : int64 array, (n_near,)
        Increasing.
    """
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
    return np.union1d(np.flatnonzero(seen >= LEAST_UV), samples).astype(np.int64)


def params_of(params: dict[str, Float64Array | None], units: Int64Array) -> dict[str, Any]:
    """Return the parameters of some units."""
    return {name: None if values is None else values[units] for name, values in params.items()}


def restricted(motion: PlanMotion, units: Int64Array, rows: tuple[int, int]) -> PlanMotion:
    """Return the motion of some units, in some of its rows."""
    vectors = motion.vectors_um[slice(*rows)]
    return replace(motion, vectors_um=vectors, unit_factors=motion.unit_factors[units])


def build_bank(scene: Scene, units: Int64Array, window: Window) -> DriftingBank:
    """Make the templates of some units, at rest and where they are in the window."""
    return build_templates(
        scene.places_um[units],
        scene.contacts.positions_um,
        params_of(scene.params, units),
        scene.recipe.templates,
        scene.recipe.sample_rate_hz,
        restricted(scene.motion, units, window.rows),
        scene.recipe.motion.step_um,
    )
