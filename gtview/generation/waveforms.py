"""The waveform of a model neuron in time: three exponentials, smoothed."""

from __future__ import annotations

import numpy as np

from ..base.types import Float32Array, Float64Array

# A delay is taken from a table with so many steps a sample, and linearly between them.
N_FRACTIONS = 48


def make_waveform(
    times_ms: tuple[float, float],
    phases_ms: tuple[float, float, float],
    positive_amplitude: float,
    smooth_ms: float,
    sample_rate_hz: float,
) -> Float64Array:
    """Make the waveform that SpikeInterface's `generate_single_fake_waveform` makes.

    Parameters
    ----------
    times_ms
        Before and after the trough.
    phases_ms
        Length of depolarization, repolarization and recovery.
    positive_amplitude
        Height of the positive peak, relative to the trough, which is -1.
    smooth_ms
        Standard deviation of the Gaussian that smooths it.
    sample_rate_hz
        Samples a second.

    Returns
    -------
    float64 array, (n_before + n_after,)
        Lowest at n_before; its largest absolute value is 1.

    Raises
    ------
    ValueError
        A phase has no sample, or leaves the window.
    """
    per_ms = sample_rate_hz / 1000
    n_before, n_after = (round(time * sample_rate_hz / 1000) for time in times_ms)
    # In the order of operations of the original: the whole numbers must come out alike.
    n_down, n_up, n_back = (int(phase * sample_rate_hz / 1000) for phase in phases_ms)
    if min(n_down, n_up, n_back) < 1 or n_down > n_before or n_up + n_back >= n_after:
        raise ValueError("the phases of the waveform do not fit in its window")
    wave = np.zeros(n_before + n_after)
    depolarization, repolarization, recovery = phases_ms
    wave[n_before - n_down : n_before] = _grow(0, -1, n_down, 0.2 * depolarization, per_ms)
    up = slice(n_before, n_before + n_up)
    wave[up] = _decay(-1, positive_amplitude, n_up, 0.5 * repolarization, per_ms)
    back = slice(up.stop, up.stop + n_back)
    wave[back] = _decay(positive_amplitude, 0, n_back, 0.5 * recovery, per_ms)
    return _with_trough_at(_smoothed(wave, smooth_ms / (1 / sample_rate_hz * 1000)), n_before)


def _grow(start: float, end: float, n: int, tau_ms: float, per_ms: float) -> Float64Array:
    """Leave `start` ever faster; reaches `end` after the last of `n` samples."""
    y = np.exp(np.arange(n + 1) / per_ms / tau_ms)
    scaled: Float64Array = (y - y[0]) / (y[-1] - y[0]) * (end - start) + start
    return scaled[:-1]


def _decay(start: float, end: float, n: int, tau_ms: float, per_ms: float) -> Float64Array:
    """Leave `start` ever slower; reaches `end` after the last of `n` samples."""
    y = np.exp(np.arange(n + 1) / per_ms / tau_ms)
    scaled: Float64Array = (y - y[0]) / (y[-1] - y[0]) * (start - end) + end
    return scaled[::-1][:-1]


def _smoothed(wave: Float64Array, sigma_samples: float) -> Float64Array:
    n = int(4 * sigma_samples)
    bins = np.arange(-n, n + 1)
    weights = np.exp(-(bins**2) / (2 * sigma_samples**2))
    smooth = np.convolve(wave, weights / weights.sum(), mode="same")
    scaled: Float64Array = smooth * (np.abs(wave).max() / np.abs(smooth).max())
    return scaled


def _with_trough_at(wave: Float64Array, n_before: int) -> Float64Array:
    shift = int(wave.argmin()) - n_before
    moved = np.roll(wave, -shift)
    # What is left free repeats the end that was there.
    if shift > 0:
        moved[-shift:] = wave[-shift:]
    elif shift < 0:
        moved[:-shift] = wave[:-shift]
    return moved


def delay_table(wave: Float64Array) -> Float32Array:
    """Return a waveform, later by 0 to 1 sample, float32, (N_FRACTIONS + 1, n_samples).

    By the phases of its Fourier transform, as in SpikeInterface's `generate_templates`.
    """
    n = len(wave)
    frequencies = np.fft.rfftfreq(n)
    delays = np.arange(N_FRACTIONS + 1) / N_FRACTIONS
    turned = np.fft.rfft(wave) * np.exp(-2j * np.pi * delays[:, None] * frequencies)
    table: Float32Array = np.fft.irfft(turned, n, axis=1).astype(np.float32)
    return table
