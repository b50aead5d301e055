"""How noise is shaped in time: the sum of octaves that is pink, and the filter of a band."""

from __future__ import annotations

import numpy as np

from ..base.types import Float32Array, Float64Array

# Slowest corner of pink noise where none is asked.
_SLOWEST_HZ = 1.0
# A filter is never longer on one side; edges below `sample_rate / 310` are then less steep.
_MOST_TAPS = 512
_N_ITERATIONS = 500
# An octave that is nowhere more than this part of the power is left out.
_LEAST_PART = 1e-3


_NO_FILTER = np.ones(1, np.float32)


def octave_weights(
    sample_rate_hz: float,
    exponent: float,
    low_hz: float | None = None,
    taps: Float32Array = _NO_FILTER,
) -> Float32Array:
    """Return how much of each octave makes noise whose power falls as 1 / f ** exponent.

    Octave k is white noise at the rate `sample_rate_hz / 2**k`, smoothly interpolated (see
    `gtview.kernels.octaves`). Its power at the frequency f, in parts of the full rate, is the
    product over j < k of `2 * cos(pi * 2**j * f) ** 12`. The squares of the weights are those
    that bring the sum nearest to the power law (Richardson and Lucy's iteration: they stay
    positive), and give the variance 1.

    Parameters
    ----------
    sample_rate_hz
        Of the result.
    exponent
        0 is white, 1 is pink, 2 is brown.
    low_hz
        The power does not rise any more below it.
    taps : float32 array, (n_taps,)
        Filter that the sum goes through afterwards; the variance is 1 behind it.

    Returns
    -------
    float32 array, (n_octaves,)
        From the fastest to the slowest.
    """
    lowest = max(low_hz or _SLOWEST_HZ, 1e-4) / sample_rate_hz
    n_octaves = max(1, int(np.ceil(np.log2(0.35 / min(lowest, 0.35)))) + 1)
    frequencies = np.geomspace(min(lowest, 0.35) / 4, 0.5, 16 * n_octaves)
    target = np.maximum(frequencies, lowest) ** -exponent
    power = octave_powers(frequencies, n_octaves) / target[:, None]
    squares = 1.0 / power.max(axis=0)
    for _ in range(_N_ITERATIONS):
        ratio = 1.0 / np.maximum((power * squares).sum(axis=1), 1e-300)
        squares = squares * (power * ratio[:, None]).sum(axis=0) / power.sum(axis=0)
    # The slowest octaves may not be needed.
    n_needed = int(np.flatnonzero((power * squares).max(axis=0) > _LEAST_PART)[-1]) + 1
    squares = squares[:n_needed] / (squares * octave_variances(n_octaves, taps))[:n_needed].sum()
    weights: Float32Array = np.sqrt(squares).astype(np.float32)
    return weights


def octave_powers(frequencies: Float64Array, n_octaves: int) -> Float64Array:
    """Return the power of each octave of weight 1, float64, (n_frequencies, n_octaves).

    Parameters
    ----------
    frequencies : float64 array, (n_frequencies,)
        In parts of the full rate, 0 to 0.5.
    n_octaves
        Number of octaves.
    """
    powers = np.ones((len(frequencies), n_octaves))
    for k in range(1, n_octaves):
        step = 2 * np.cos(np.pi * 2 ** (k - 1) * frequencies) ** 12
        powers[:, k] = powers[:, k - 1] * step
    return powers


def octave_variances(n_octaves: int, taps: Float32Array = _NO_FILTER) -> Float64Array:
    """Return the mean variance of each octave of weight 1, float64, (n_octaves,).

    Parameters
    ----------
    n_octaves
        Number of octaves.
    taps : float32 array, (n_taps,)
        Filter that they go through.
    """
    # So many frequencies make the mean exact: powers are trigonometric polynomials. Slower
    # octaves differ from the ninth by less than a millionth where nothing is filtered, and the
    # filter passes them whole.
    n_exact = min(n_octaves, 10)
    n = 2 ** (n_exact + 4)
    passed = np.abs(np.fft.fft(taps.astype(np.float64), n)) ** 2
    exact = (octave_powers(np.arange(n) / n, n_exact) * passed[:, None]).mean(axis=0)
    return np.append(exact, np.full(n_octaves - n_exact, exact[-1]))


def band_taps(sample_rate_hz: float, low_hz: float, high_hz: float) -> Float32Array:
    """Return a filter that passes a band: a windowed sinc (Hamming), of odd length.

    The amplitude is one half at the edges and falls within about the lowest edge's frequency.

    Parameters
    ----------
    sample_rate_hz
        Of the noise.
    low_hz, high_hz
        Edges; 0, and half of the sample rate, are none.

    Returns
    -------
    float32 array, (n_taps,)
        White noise of variance 1 leads to variance 1.
    """
    low = low_hz / sample_rate_hz
    high = min(high_hz / sample_rate_hz, 0.5)
    half = int(np.clip(np.ceil(1.65 / (low or high)), 16, _MOST_TAPS))
    k = np.arange(-half, half + 1)
    sinc = 2 * high * np.sinc(2 * high * k) - 2 * low * np.sinc(2 * low * k)
    taps = sinc * (0.54 + 0.46 * np.cos(np.pi * k / half))
    unit: Float32Array = (taps / np.sqrt((taps * taps).sum())).astype(np.float32)
    return unit
