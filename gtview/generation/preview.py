"""A quick look at what a recipe leads to: exact where it is cheap, and only as much as is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..base.types import Float32Array, Float64Array, Int32Array, Int64Array
from .checks import check
from .plan import PlanMotion
from .problems import RecipeError
from .recipe import GenerationRecipe

LENGTH_S = 0.2
N_SAMPLES_SHOWN = 6
N_CHANNELS_SHOWN = 16
N_TRAJECTORIES = 60
# Times of a curve that are kept: more than a plot has pixels.
_MOST_TIMES = 4000


@dataclass(frozen=True, slots=True, eq=False)
class SampleTemplate:
    """The template of one unit around it.

    Attributes
    ----------
    unit
        Row of the unit.
    channels : int32 array, (n,)
        Nearest to it first.
    rest_uv, moved_uv : float32 arrays, (n, n_samples)
        At rest, and where the unit is in the traces.
    peak_uv, peak_channel
        Of the template at rest.
    """

    unit: int
    channels: Int32Array
    rest_uv: Float32Array
    moved_uv: Float32Array
    peak_uv: float
    peak_channel: int


@dataclass(frozen=True, slots=True, eq=False)
class TracePair:
    """A moment of both recordings.

    Attributes
    ----------
    start_s
        Of the first sample.
    sample_rate_hz
        Samples a second.
    channels : int32 array, (n,)
        From the deepest to the highest.
    static_uv, drifting_uv : float32 arrays, (n_samples, n)
    spike_samples : int64 array, (n_spikes,)
        Of `spike_units`, relative to the first sample.
    spike_units : int32 array, (n_spikes,)
    is_exact
        Whether each spike is as large, and where, as it will be in the recording.
    """

    start_s: float
    sample_rate_hz: float
    channels: Int32Array
    static_uv: Float32Array
    drifting_uv: Float32Array
    spike_samples: Int64Array
    spike_units: Int32Array
    is_exact: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class MotionCurves:
    """How units move, at fewer times than the recipe has where these are many.

    Attributes
    ----------
    times_s : float64 array, (n_times,)
    vectors_um : float32 array, (n_times, n_motions)
        Of each motion, where it moves the tissue most.
    total_um : float32 array, (n_times,)
        Their sum.
    units : int64 array, (n,)
        Units whose depth is shown.
    depths_um : float32 array, (n_times, n)
    """

    times_s: Float64Array
    vectors_um: Float32Array
    total_um: Float32Array
    units: Int64Array
    depths_um: Float32Array


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """What a recipe leads to, as far as it is shown.

    Attributes
    ----------
    recipe
        What was asked; its length is that of the recording it is put into, if any.
    positions_um : float32 array, (n_channels, 2)
    shanks : int32 array, (n_channels,)
    locations_um : float32 array, (n_units, 3)
        x, depth, distance from the probe, at rest.
    rates_hz, peaks_uv : float64 arrays, (n_units,)
        How fast each unit fires, and its largest value on any channel at rest.
    noise_uv : float32 array, (n_channels,)
        Standard deviation of the noise.
    motion, samples, traces
        See there.
    warnings
        Sentences for the person who asked.
    """

    recipe: GenerationRecipe
    positions_um: Float32Array
    shanks: Int32Array
    locations_um: Float32Array
    rates_hz: Float64Array
    peaks_uv: Float64Array
    noise_uv: Float32Array
    motion: MotionCurves
    samples: tuple[SampleTemplate, ...]
    traces: TracePair
    warnings: tuple[str, ...] = ()

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.locations_um)


def make_preview(recipe: GenerationRecipe, at_s: float | None = None) -> Preview:
    """Compute what is shown of a recipe.

    Places, motions, rates, shapes and noise are those of the recording. Of large recipes only
    the spikes of units near the shown channels are drawn; see `TracePair.is_exact`. What the
    last recipes had in common with this one is not computed again.

    Parameters
    ----------
    recipe
        What is asked.
    at_s
        When the traces begin; None: when the tissue is farthest from rest.

    Raises
    ------
    RecipeError
        The recipe is impossible.
    """
    problems = check(recipe)
    if problems:
        raise RecipeError(problems)
    if recipe.hybrid is not None:
        from .preview_hybrid import preview_hybrid

        return preview_hybrid(recipe, at_s)
    from .preview_stages import preview_synthetic

    return preview_synthetic(recipe, at_s)


def choose_samples(peaks_uv: Float64Array, n: int = N_SAMPLES_SHOWN) -> Int64Array:
    """Return units from the largest to the smallest, evenly in their order, int64."""
    order = np.argsort(-peaks_uv, kind="stable")
    places = np.unique(np.linspace(0, len(order) - 1, min(n, len(order))).round().astype(np.int64))
    return order[places]


def choose_channels(
    positions_um: Float32Array, place_um: Float32Array, n: int = N_CHANNELS_SHOWN
) -> Int32Array:
    """Return the channels nearest to a place, from the deepest to the highest, int32."""
    distances = np.hypot(*(positions_um - place_um[:2]).T)
    nearest = np.argsort(distances, kind="stable")[:n]
    order = np.lexsort((positions_um[nearest, 0], positions_um[nearest, 1]))
    return nearest[order].astype(np.int32)


def choose_start(
    curves: MotionCurves, sampling_hz: float, duration_s: float, at_s: float | None
) -> float:
    """Return when the traces begin, in seconds, at a sample of the motion where it is not said."""
    last = max(0.0, duration_s - LENGTH_S)
    if at_s is not None:
        return min(max(0.0, at_s), last)
    if not curves.total_um.any():
        return last / 2
    farthest = float(curves.times_s[np.abs(curves.total_um).argmax()])
    return min(round(farthest * sampling_hz) / sampling_hz, last)


def make_curves(
    motion: PlanMotion,
    locations_um: Float32Array,
    n_columns: tuple[int, ...],
    samples: Int64Array,
) -> MotionCurves:
    """Return the curves of a motion, thinned out.

    Parameters
    ----------
    motion
        Of units at `locations_um`, float32, (n_units, 3).
    n_columns
        How many columns of its vectors each motion of the recipe has: a motion of a file has one
        for each depth, of which the mean over units is shown.
    samples : int64 array, (n_samples,)
        Units that are among those shown.
    """
    step = max(1, -(-len(motion.vectors_um) // _MOST_TIMES))
    seen, factors = motion.vectors_um[::step], motion.unit_factors
    curves, first = np.zeros((len(seen), len(n_columns)), np.float32), 0
    for i, n in enumerate(n_columns):
        own = slice(first, first + n)
        mean = factors[:, own].mean(axis=0) if n > 1 else np.ones(1, np.float32)
        curves[:, i] = seen[:, own] @ mean
        first += n
    by_depth = np.argsort(locations_um[:, 1], kind="stable")
    places = np.linspace(0, len(by_depth) - 1, min(N_TRAJECTORIES, len(by_depth)))
    units = np.union1d(by_depth[np.unique(places.round().astype(np.int64))], samples)
    depths = locations_um[units, 1] + (seen @ factors[units].T) * motion.direction[1]
    times = np.arange(0, len(motion.vectors_um), step) / motion.sampling_hz
    total = curves.sum(axis=1, dtype=np.float32)
    return MotionCurves(times, curves, total, units, np.asarray(depths, np.float32))
