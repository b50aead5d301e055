"""Adds waveforms of spikes and other traces to noise, and turns the sum into samples of a file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..base.types import Float32Array, Int32Array, Int64Array
from ._jit import kernel
from .inputs import as_input


def inject(
    traces: Float32Array,
    n: int,
    onsets: Int64Array,
    entries: Int64Array,
    factors: Float32Array,
    rows: tuple[Int64Array, Int32Array, Float32Array],
) -> None:
    """Add one waveform for each spike, in the order of the spikes.

    Parameters
    ----------
    traces : float32 array, (n_channels, at least n), C-contiguous
        Changed in place; only its first n columns.
    n
        Samples.
    onsets : int64 array, (n_spikes,)
        Column of the first sample of each waveform; may lie outside.
    entries : int64 array, (n_spikes,)
        Which waveforms.
    factors : float32 array, (n_spikes,)
        What the waveforms are multiplied by.
    rows
        `row_starts` (int64), `channels` (int32) and `waveforms` (float32): the rows of an entry,
        the channel of each row, and its samples.
    """
    row_starts, channels, waveforms = rows
    _inject(
        traces,
        n,
        as_input(onsets, np.int64),
        as_input(entries, np.int64),
        as_input(factors, np.float32),
        as_input(row_starts, np.int64),
        as_input(channels, np.int32),
        as_input(waveforms, np.float32),
    )


@kernel
def _inject(traces, n, onsets, entries, factors, row_starts, channels, waveforms):  # type: ignore[no-untyped-def]
    length = waveforms.shape[1]
    for spike in range(len(onsets)):
        onset, factor = onsets[spike], factors[spike]
        begin, end = max(0, -onset), min(length, n - onset)
        if begin >= end:
            continue
        for row in range(row_starts[entries[spike]], row_starts[entries[spike] + 1]):
            trace = traces[channels[row], onset + begin : onset + end]
            wave = waveforms[row, begin:end]
            for k in range(end - begin):
                trace[k] += factor * wave[k]


def add_samples(traces: Float32Array, samples: Float32Array) -> None:
    """Add traces that are stored sample by sample.

    Parameters
    ----------
    traces : float32 array, (n_channels, at least n), C-contiguous
        Changed in place.
    samples : float32 array, (n, n_channels)
    """
    _add_samples(traces, as_input(samples, np.float32))


@kernel
def _add_samples(traces, samples):  # type: ignore[no-untyped-def]
    for k in range(samples.shape[0]):
        for channel in range(samples.shape[1]):
            traces[channel, k] += samples[k, channel]


def store_floats(traces: Float32Array, out: Float32Array) -> None:
    """Copy traces into an array that is stored sample by sample.

    Parameters
    ----------
    traces : float32 array, (n_channels, at least n), C-contiguous
    out : float32 array, (n, n_channels), C-contiguous
    """
    _store_floats(as_input(traces, np.float32), out)


def store_integers(traces: Float32Array, gain: float, out: NDArray[np.int16]) -> None:
    """Divide by the gain, round to the nearest integer (half to even) and saturate.

    Parameters
    ----------
    traces : float32 array, (n_channels, at least n), C-contiguous
    gain
        Unit of the result in that of the traces.
    out : int16 array, (n, n_channels), C-contiguous
    """
    _store_integers(as_input(traces, np.float32), np.float32(gain), out)


# Added and subtracted, it rounds any float32 that is smaller than 2**22.
_ROUNDER = np.float32(1.5 * 2**23)
_LOWEST, _HIGHEST = np.float32(-32768), np.float32(32767)


@kernel
def _store_integers(traces, gain, out):  # type: ignore[no-untyped-def]
    n, n_channels = out.shape
    sample = np.empty(n_channels, np.float32)
    for k in range(n):
        # Collected first: the arithmetic is then vectorised.
        for channel in range(n_channels):
            sample[channel] = traces[channel, k]
        row = out[k]
        for channel in range(n_channels):
            value = min(max(sample[channel] / gain, _LOWEST), _HIGHEST)
            row[channel] = np.int16(np.int32((value + _ROUNDER) - _ROUNDER))


@kernel
def _store_floats(traces, out):  # type: ignore[no-untyped-def]
    for k in range(out.shape[0]):
        for channel in range(out.shape[1]):
            out[k, channel] = traces[channel, k]
