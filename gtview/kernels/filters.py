"""Third-order Butterworth high-pass without phase shift, for many short snippets at once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..base.types import Float32Array, Float64Array
from ._jit import kernel
from .inputs import as_input


def high_pass_coefficients(cutoff_hz: float, sample_rate_hz: float) -> Float64Array:
    """Return the filter as two second-order sections, rows of b0, b1, b2, a0, a1, a2.

    The analogue filter ``s^3 / ((s + w) (s^2 + w s + w^2))`` (Butterworth, Wireless Engineer 7,
    1930, order 3) is made digital by the bilinear transform ``s = (1 - 1/z) / (1 + 1/z)`` with
    ``w = tan(pi f / fs)``, which keeps the gain at the cut-off at exactly -3 dB (Oppenheim and
    Schafer, Discrete-Time Signal Processing, section 7.2).

    Raises
    ------
    ValueError
        The cut-off is not between 0 and half the sample rate.

    Returns
    -------
    float64 array, (2, 6)
        The first-order section is the first row, with b2 = a2 = 0.
    """
    if not 0 < cutoff_hz < sample_rate_hz / 2:
        raise ValueError(f"a cut-off of {cutoff_hz} Hz at {sample_rate_hz} samples a second")
    w = math.tan(math.pi * cutoff_hz / sample_rate_hz)
    one = 1 / (1 + w)
    two = 1 / (1 + w + w * w)
    return np.array(
        [
            [one, -one, 0.0, 1.0, (w - 1) * one, 0.0],
            [two, -2 * two, two, 1.0, 2 * (w * w - 1) * two, (1 - w + w * w) * two],
        ]
    )


def high_pass_margin(
    cutoff_hz: float, sample_rate_hz: float, n_time_constants: float = 4.0
) -> int:
    """Return the samples to read on each side of a snippet so that its ends are filtered well.

    The slowest part of the filter decays with a time constant of ``1 / (pi f)`` seconds. After
    the default 4 of them, a spike that the cut runs through leaves less than 1 % of its size.
    """
    return math.ceil(n_time_constants * sample_rate_hz / (math.pi * cutoff_hz))


@kernel
def _run(signal: Any, sections: Any, backwards: bool) -> None:
    """Filter a float64 (n_times, n_channels) array in place, as if its first row came before it.

    The state of a high-pass at rest under a constant input is known in closed form: the first
    section puts out 0, so the second one is at rest with zeros.
    """
    n_times, n_channels = signal.shape
    b0, b1, a1 = sections[0, 0], sections[0, 1], sections[0, 4]
    c0, c1, c2 = sections[1, 0], sections[1, 1], sections[1, 2]
    d1, d2 = sections[1, 4], sections[1, 5]
    first = np.empty(n_channels)
    second = np.zeros(n_channels)
    third = np.zeros(n_channels)
    start = n_times - 1 if backwards else 0
    for c in range(n_channels):
        first[c] = -b0 * signal[start, c]
    for t in range(n_times):
        row = signal[n_times - 1 - t] if backwards else signal[t]
        for c in range(n_channels):
            x = row[c]
            y = b0 * x + first[c]
            first[c] = b1 * x - a1 * y
            z = c0 * y + second[c]
            second[c] = c1 * y - d1 * z + third[c]
            third[c] = c2 * y - d2 * z
            row[c] = z


@kernel
def _high_pass(snippets: Any, sections: Any, pad: int) -> Any:
    n_snippets, n_times, n_channels = snippets.shape
    filtered = np.empty((n_snippets, n_times, n_channels), np.float32)
    signal = np.empty((n_times + 2 * pad, n_channels), np.float64)
    for i in range(n_snippets):
        for c in range(n_channels):
            first = np.float64(snippets[i, 0, c])
            last = np.float64(snippets[i, n_times - 1, c])
            for t in range(pad):
                signal[t, c] = 2 * first - snippets[i, pad - t, c]
                signal[pad + n_times + t, c] = 2 * last - snippets[i, n_times - 2 - t, c]
        for t in range(n_times):
            for c in range(n_channels):
                signal[pad + t, c] = snippets[i, t, c]
        _run(signal, sections, False)
        _run(signal, sections, True)
        for t in range(n_times):
            for c in range(n_channels):
                filtered[i, t, c] = signal[pad + t, c]
    return filtered


def high_pass(
    snippets: Float32Array,
    cutoff_hz: float,
    sample_rate_hz: float,
    pad_samples: int | None = None,
) -> Float32Array:
    """Filter snippets along time, forwards and backwards, so that no peak moves.

    Each snippet is continued at both ends by its own mirror image turned upside down (odd
    padding), and starts at rest under its first value.

    Parameters
    ----------
    snippets : float32 array, (n_snippets, n_samples, n_channels), any unit
        With `high_pass_margin` samples more on each side than will be kept.
    cutoff_hz, sample_rate_hz
        Frequency of -6 dB (twice -3 dB), and samples a second.
    pad_samples
        Length of the padding; at most n_samples - 1. None: `high_pass_margin`.

    Returns
    -------
    float32 array, (n_snippets, n_samples, n_channels), the same unit

    Raises
    ------
    ValueError
        The cut-off is not between 0 and half the sample rate.
    """
    sections = high_pass_coefficients(cutoff_hz, sample_rate_hz)
    if not snippets.size:
        return np.empty(snippets.shape, np.float32)
    if pad_samples is None:
        pad_samples = high_pass_margin(cutoff_hz, sample_rate_hz)
    pad = min(pad_samples, snippets.shape[1] - 1)
    filtered: Float32Array = _high_pass(
        as_input(snippets, np.float32), as_input(sections, np.float64), pad
    )
    return filtered
