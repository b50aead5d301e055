"""Resolves the noise of a recipe."""

from __future__ import annotations

import numpy as np

from ..base.types import Float32Array
from .plan import NoisePlan, TraceSource
from .problems import Problem, RecipeError
from .recipe import GenerationRecipe
from .seeds import Seeds
from .values import Values, draw


def resolve_noise(
    recipe: GenerationRecipe, positions_um: Float32Array, n_samples: int, seeds: Seeds
) -> tuple[NoisePlan, TraceSource | None]:
    """Return the noise of every channel, and the real noise that it is added to.

    Raises
    ------
    RecipeError
        Levels are listed for another number of channels, or the real noise cannot be used.
    """
    wish, n_channels = recipe.noise, len(positions_um)
    if isinstance(wish.levels_uv, Values) and len(wish.levels_uv.numbers) != n_channels:
        n = len(wish.levels_uv.numbers)
        message = f"lists {n} values, but there are {n_channels} channels"
        raise RecipeError([Problem("noise.levels_uv", message)])
    levels = draw(wish.levels_uv, n_channels, seeds.rng("noise_levels")).astype(np.float32)
    if wish.kind == "none":
        levels = np.zeros_like(levels)
    band = None if wish.band_hz is None else (wish.band_hz.low, wish.band_hz.high)
    noise = NoisePlan(
        kind=wish.kind,
        levels_uv=levels,
        spatial_decay_um=wish.spatial_decay_um,
        seed=seeds.words("noise"),
        exponent=wish.exponent,
        band_hz=band,
    )
    if wish.real is None:
        return noise, None
    from .sources import real_noise

    return noise, real_noise(wish.real, n_channels, recipe.sample_rate_hz)
