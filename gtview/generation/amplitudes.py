"""Draws how large each spike is, relative to the template of its unit."""

from __future__ import annotations

import numpy as np

from ..base.types import Float32Array
from .recipe_spikes import Amplitudes, Bursts
from .seeds import Seeds
from .trains import SpikeTrains
from .values import draw

# A spike never changes its sign, and none is lost entirely.
_LEAST = 0.05


def draw_amplitudes(
    spikes: SpikeTrains,
    n_units: int,
    sample_rate_hz: float,
    wish: Amplitudes,
    bursts: Bursts | None,
    seeds: Seeds,
) -> Float32Array:
    """Draw the factor of each spike.

    It is the product of a normal number around 1, a slow wave of the unit, and the loss within a
    burst; never below 0.05.

    Returns
    -------
    float32 array, (n_spikes,)
    """
    factors = np.ones(len(spikes.samples))
    std = draw(wish.std, n_units, seeds.rng("amplitude_std"))
    if std.any():
        numbers = seeds.rng("amplitudes").standard_normal(len(factors))
        factors += std[spikes.units] * numbers
    if wish.fading is not None:
        rng = seeds.rng("fading")
        phases, speeds = rng.random(n_units), rng.uniform(0.8, 1.2, n_units)
        turns = spikes.samples / sample_rate_hz / wish.fading.period_s
        turns = turns * speeds[spikes.units] + phases[spikes.units]
        factors *= 1 + wish.fading.depth * np.sin(2 * np.pi * turns)
    if bursts is not None:
        factors *= (1 - bursts.amplitude_decay) ** spikes.burst_positions
    return np.maximum(factors, _LEAST).astype(np.float32)
