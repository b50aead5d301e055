"""Computes any stretch of a recording: noise, then spikes in their order, then rounding."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.types import Float32Array, Int64Array
from ..kernels.injection import add_samples, inject, store_floats, store_integers
from .bank import steps_of
from .noise_traces import NoiseMaker
from .plan import GenerationPlan, Injection, TraceSource

# Columns between two channels in memory are not a power of two: the processor's cache has few
# places for addresses that far apart.
_PADDING = 16
# A multiple of every tile.
_PARENT_BLOCK = 4096


class SignalMaker:
    """Computes stretches of one recording, in any order and from any thread.

    A stretch is the same, bit for bit, whatever is asked before it or beside it.

    Parameters
    ----------
    plan
        What the recording is made of.
    drifting
        Whether units move; else all are at rest for the whole recording.
    """

    def __init__(self, plan: GenerationPlan, *, drifting: bool) -> None:
        self.n_channels, self.n_samples = plan.n_channels, plan.n_samples
        self.dtype: np.dtype[Any] = np.dtype(plan.dtype)
        self._gain_uv, self._parent = plan.gain_uv, plan.parent
        self._noise = NoiseMaker(plan.noise, plan.channel_positions_um, plan.sample_rate_hz)
        self._spikes = tuple(
            _SpikeMaker(injection, plan.sample_rate_hz, drifting) for injection in plan.injections
        )

    def make(self, start: int, stop: int, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return samples `start` to `stop`, (stop - start, n_channels), of the plan's dtype.

        int16: in units of the plan's gain, rounded (half to even) and saturated; float32: in
        microvolts.

        Parameters
        ----------
        start, stop
            Samples.
        out : array, (stop - start, n_channels), C-contiguous
            Written and returned where it is given: memory that is used again is faster.

        Raises
        ------
        ValueError
            They are not within the recording.
        """
        if not 0 <= start <= stop <= self.n_samples:
            raise ValueError(f"samples {start} to {stop} are not in 0 to {self.n_samples}")
        if out is None:
            out = np.empty((stop - start, self.n_channels), self.dtype)
        tile = self._noise.tile
        traces = np.empty(
            (self.n_channels, min(tile, max(1, stop - start)) + _PADDING), np.float32
        )
        parent = None if self._parent is None else _ParentReader(self._parent, self.n_samples)
        # Tiles end at multiples of their length, where the random numbers have their blocks.
        begin = start
        while begin < stop:
            end = min((begin // tile + 1) * tile, stop)
            self._noise.fill(traces, end - begin, begin)
            if parent is not None:
                add_samples(traces, parent.read_uv(begin, end))
            for spikes in self._spikes:
                spikes.add(traces, end - begin, begin)
            self._store(traces, out[begin - start : end - start])
            begin = end
        return out

    def _store(self, traces: Float32Array, out: NDArray[Any]) -> None:
        if self.dtype == np.int16:
            store_integers(traces, self._gain_uv, out)
        else:
            store_floats(traces, out)


def make_chunk(plan: GenerationPlan, start: int, stop: int, *, drifting: bool) -> NDArray[Any]:
    """Return samples of a recording; see `SignalMaker`, which is faster for several calls."""
    return SignalMaker(plan, drifting=drifting).make(start, stop)


class _ParentReader:
    """Reads the traces that spikes are added to in blocks that are always the same.

    Lazy recordings (a filter, for example) may give a sample another value when they are asked
    for another stretch around it; and each question has its price.
    """

    def __init__(self, source: TraceSource, n_samples: int) -> None:
        self._source, self._n_samples = source, n_samples
        self._start = self._stop = 0
        self._block: Float32Array = np.empty((0, 0), np.float32)

    def read_uv(self, start: int, stop: int) -> Float32Array:
        """Return samples of one block, float32, (stop - start, n_channels)."""
        if not self._start <= start < self._stop:
            self._start = start // _PARENT_BLOCK * _PARENT_BLOCK
            self._stop = min(self._start + _PARENT_BLOCK, self._n_samples)
            self._block = self._source.read_uv(self._start, self._stop)
        return self._block[start - self._start : stop - self._start]


class _SpikeMaker:
    """Adds the spikes of an injection."""

    def __init__(self, injection: Injection, sample_rate_hz: float, drifting: bool) -> None:
        bank = injection.templates
        self._onsets = injection.spike_samples - bank.n_before
        self._entries = find_spike_entries(injection, sample_rate_hz, drifting=drifting)
        self._factors = injection.amplitude_factors
        self._length = bank.n_samples
        self._rows = (bank.row_starts, bank.channels, bank.waveforms)

    def add(self, traces: Float32Array, n: int, start: int) -> None:
        first = np.searchsorted(self._onsets, start - self._length, "right")
        last = np.searchsorted(self._onsets, start + n, "left")
        if first < last:
            here = slice(first, last)
            onsets = self._onsets[here] - start
            inject(traces, n, onsets, self._entries[here], self._factors[here], self._rows)


def find_spike_entries(
    injection: Injection, sample_rate_hz: float, *, drifting: bool
) -> Int64Array:
    """Return which entry of the bank each spike is made of, int64, (n_spikes,).

    The displacement is that of the spike's row of the motion (no interpolation in time, as in
    SpikeInterface), summed over motions, rounded to the nearest step.
    """
    units = injection.spike_units
    if not drifting:
        return injection.templates.find_entries(units, np.zeros(len(units), np.int64))
    motion = injection.motion
    times = injection.spike_samples / sample_rate_hz - motion.start_s
    rows = np.floor(times * motion.sampling_hz).astype(np.int64)
    rows = np.clip(rows, 0, len(motion.vectors_um) - 1)
    moved = np.zeros(len(units), np.float32)
    # Term by term, as in `PlanMotion.displacement_um`: a matrix product may add in another order.
    for vector, factors in zip(motion.vectors_um.T, motion.unit_factors.T, strict=True):
        moved += vector[rows] * factors[units]
    return injection.templates.find_entries(units, steps_of(moved, injection.templates.step_um))
