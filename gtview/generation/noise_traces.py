"""Computes the noise of any stretch of a recording, channel by channel."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..base.types import Float32Array
from ..kernels.mixing import Mixing, compute_mixing, mix
from ..kernels.octaves import add_refined, coarse_range, convolve
from ..kernels.random import BLOCK, fill_normals, normals
from .noise_shape import band_taps, octave_weights
from .plan import NoisePlan

# Samples that are computed at once: as many as fit the processor's cache, or, where every
# stretch needs some samples on each side, enough for these to matter little.
_WHITE_TILE, _SHAPED_TILE = BLOCK, 16 * BLOCK

# Writes n samples from a start into the first columns of an array.
FillNoise = Callable[[Float32Array, int, int], None]


class NoiseMaker:
    """The noise of a recording; a stretch of it is the same however it is asked for.

    Parameters
    ----------
    noise
        What is wanted.
    positions_um : float32 array, (n_channels, 2)
        Of the channels.
    sample_rate_hz
        Samples a second.

    Attributes
    ----------
    tile
        How many samples are best computed at once.
    """

    def __init__(
        self, noise: NoisePlan, positions_um: Float32Array, sample_rate_hz: float
    ) -> None:
        self.tile = _WHITE_TILE if noise.kind in ("gaussian", "none") else _SHAPED_TILE
        self._is_silent = noise.kind == "none" or not noise.levels_uv.any()
        self._mixing = _mixing(
            np.asarray(positions_um, np.float32).tobytes(),
            np.asarray(noise.levels_uv, np.float32).tobytes(),
            noise.spatial_decay_um,
        )
        self._fill = _source(noise, sample_rate_hz)

    def fill(self, traces: Float32Array, n: int, start: int) -> None:
        """Write samples `start` to `start` + n, in microvolts, into the first n columns.

        Parameters
        ----------
        traces : float32 array, (n_channels, at least n), C-contiguous
        n, start
            Samples.
        """
        if self._is_silent:
            traces[:, :n] = 0.0
            return
        self._fill(traces, n, start)
        mix(traces, n, self._mixing)


@lru_cache(maxsize=4)
def _mixing(positions: bytes, levels: bytes, decay_um: float | None) -> Mixing:
    """Compute a mixing once for all recordings of the same channels."""
    places = np.frombuffer(positions, np.float32).reshape(-1, 2)
    return compute_mixing(places, np.frombuffer(levels, np.float32), decay_um)


def _source(noise: NoisePlan, sample_rate_hz: float) -> FillNoise:
    """Return what makes independent channels of variance 1."""
    if noise.kind == "pink":
        return _pink(noise, sample_rate_hz)
    if noise.kind == "band":
        low, high = noise.band_hz or (0.0, sample_rate_hz / 2)
        return _filtered(_white(noise.seed), band_taps(sample_rate_hz, low, high))
    return _white(noise.seed)


def _white(seed: NDArray[np.uint64]) -> FillNoise:
    def fill(traces: Float32Array, n: int, start: int) -> None:
        fill_normals(traces, n, start, seed)

    return fill


def _filtered(source: FillNoise, taps: Float32Array) -> FillNoise:
    half = len(taps) // 2

    def fill(traces: Float32Array, n: int, start: int) -> None:
        longer = np.empty((len(traces), n + 2 * half), np.float32)
        source(longer, longer.shape[1], start - half)
        convolve(longer, taps, traces, n)

    return fill


def _pink(noise: NoisePlan, sample_rate_hz: float) -> FillNoise:
    low, high = noise.band_hz or (None, sample_rate_hz / 2)
    has_top = high < 0.45 * sample_rate_hz
    taps = band_taps(sample_rate_hz, 0.0, high) if has_top else np.ones(1, np.float32)
    weights = octave_weights(sample_rate_hz, noise.exponent, low, taps)

    def octaves(first: int, start: int, stop: int, n_channels: int) -> Float32Array:
        own = normals(noise.seed, n_channels, start, stop, stream=first)
        if first == len(weights) - 1:
            own *= weights[first]
        else:
            begin, end = coarse_range(start, stop)
            slower = octaves(first + 1, begin, end, n_channels)
            add_refined(own, slower, start, weights[first])
        return own

    def fill(traces: Float32Array, n: int, start: int) -> None:
        traces[:, :n] = octaves(0, start, start + n, len(traces))

    return _filtered(fill, taps) if has_top else fill
