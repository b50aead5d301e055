"""The stages of a preview; what is asked again with the same values is not computed again."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ..base.types import Float32Array, Float64Array
from .bank import DriftingBank
from .noise_plan import resolve_noise
from .preview import Preview, SampleTemplate, choose_samples, make_curves
from .preview_scene import Scene, make_scene
from .preview_traces import make_traces
from .preview_window import Window, build_bank, choose_window, find_near_units
from .recipe import GenerationRecipe
from .recipe_noise import RealNoise


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
    window = choose_window(scene, curves, int(samples[0]), at_s)
    near = find_near_units(scene, window, samples)
    bank = build_bank(scene, near, window)
    noise, parent = _noise(scene)
    traces = make_traces(scene, window, near, bank, noise, parent)
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
            _take_sample(bank, row, int(near[row]), scene, window)
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


def _take_sample(
    bank: DriftingBank, row: int, unit: int, scene: Scene, window: Window
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
