"""A recording in pieces, filtered, with the spikes of each: memory stays small."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from ..base.types import Float32Array, Int32Array, Int64Array
from ..data.dataset import Channels
from ..kernels.filters import high_pass, high_pass_margin
from .snippets import DEFAULT_CUTOFF_HZ

# Values of a piece: 16 MB of float32, and some 60 MB while it is filtered.
_CHUNK_VALUES = 1 << 22
# Pieces that are read and filtered at the same time.
_MAX_THREADS = 4
# After so many time constants of the filter a cut leaves less than a ten-thousandth.
_TIME_CONSTANTS = 10.0
# A filter above this share of the sample rate leaves nothing of a spike.
_HIGHEST_SHARE = 0.2

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")


class Traces(Protocol):
    """A recording that can be read piece by piece, from one thread at a time."""

    @property
    def n_samples(self) -> int:
        """Its length."""

    @property
    def n_channels(self) -> int:
        """Channels of the export."""

    def read(self, start: int, stop: int) -> Float32Array:
        """Return samples that exist, float32, (stop - start, n_channels), in microvolts."""


@dataclass(frozen=True, slots=True, eq=False)
class ExportSource:
    """What an export is computed from.

    Attributes
    ----------
    traces
        The recording.
    sample_rate_hz
        Samples a second.
    spike_samples : int64 array, (n_spikes,)
        Not decreasing; each is in the recording.
    spike_templates : int32 array, (n_spikes,)
        From 0 to `n_templates` - 1.
    n_templates
        Each has at least one spike.
    channels
        Places and shanks.
    is_filtered
        The recording is high-passed already.
    """

    traces: Traces
    sample_rate_hz: float
    spike_samples: Int64Array
    spike_templates: Int32Array
    n_templates: int
    channels: Channels
    is_filtered: bool

    @property
    def cutoff_hz(self) -> float | None:
        """The high-pass that waveforms get, the one of the waveform view; None: none."""
        cutoff_hz = DEFAULT_CUTOFF_HZ
        is_too_slow = cutoff_hz > _HIGHEST_SHARE * self.sample_rate_hz
        return None if self.is_filtered or is_too_slow else cutoff_hz


@dataclass(frozen=True, slots=True)
class Window:
    """Samples around a spike: `n_before` before its own, and as many from it on.

    The spike is in the middle: that is where phy cuts raw waveforms.
    """

    n_before: int

    @property
    def n_samples(self) -> int:
        """Its length."""
        return 2 * self.n_before

    @classmethod
    def of(cls, sample_rate_hz: float) -> Window:
        """Return the window of Kilosort: 82 samples at 30,000 a second, 2.7 ms."""
        return cls(max(8, round(41 * sample_rate_hz / 30_000.0)))


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """A piece of the recording and the spikes in it.

    Attributes
    ----------
    traces : float32 array, (n_times, n_channels), uV
        Filtered; 0 where the recording has no samples.
    spike_ids : int64 array, (n,)
    starts : int64 array, (n,)
        Row of `traces` at which the window of each spike begins; it lies wholly inside.
    stop_sample
        End of the piece, without margins.
    """

    traces: Float32Array
    spike_ids: Int64Array
    starts: Int64Array
    stop_sample: int


def iterate_chunks(
    source: ExportSource, window: Window, max_n: int | None = None
) -> Iterator[Chunk]:
    """Yield the pieces that hold spikes, in order of time; the next are read meanwhile.

    Parameters
    ----------
    source
        Recording and spikes.
    window
        What is wanted around each spike.
    max_n
        Only so many pieces, spread evenly; None: all.
    """
    length = max(4 * window.n_samples, _CHUNK_VALUES // source.traces.n_channels)
    places = np.unique(source.spike_samples // length)
    if max_n is not None and len(places) > max_n:
        places = places[np.linspace(0, len(places) - 1, max_n).round().astype(np.int64)]
    starts = [int(place) * length for place in places]
    lock = threading.Lock()
    return _made_ahead(
        lambda start: _read_chunk(source, window, (start, start + length), lock), starts
    )


def _read_chunk(
    source: ExportSource, window: Window, interval: tuple[int, int], lock: threading.Lock
) -> Chunk:
    start, stop = interval
    first, last = np.searchsorted(source.spike_samples, [start, stop])
    samples = source.spike_samples[first:last]
    begin, end = start - window.n_before, min(stop, source.traces.n_samples) + window.n_before
    traces = _read_filtered(source, begin, end, lock)
    starts = samples - window.n_before - begin
    return Chunk(traces, np.arange(first, last), starts, min(stop, source.traces.n_samples))


def _read_filtered(
    source: ExportSource, begin: int, end: int, lock: threading.Lock
) -> Float32Array:
    """Return samples, filtered with margins; those that do not exist are 0."""
    cutoff_hz, rate = source.cutoff_hz, source.sample_rate_hz
    margin = 0 if cutoff_hz is None else high_pass_margin(cutoff_hz, rate, _TIME_CONSTANTS)
    first = max(0, begin - margin)
    with lock:
        raw = source.traces.read(first, min(source.traces.n_samples, end + margin))
    if not np.isfinite(raw.sum(dtype=np.float64)):
        # A value that is no number would spread over all that follows.
        raw = np.nan_to_num(raw, nan=0.0, posinf=0.0, neginf=0.0)
    if cutoff_hz is not None:
        raw = high_pass(raw[None], cutoff_hz, rate)[0]
    there = slice(max(begin, 0) - first, min(end, source.traces.n_samples) - first)
    part = raw[there]
    n_lead = max(0, -begin)
    if len(part) == end - begin:
        return part
    padded = np.zeros((end - begin, part.shape[1]), np.float32)
    padded[n_lead : n_lead + len(part)] = part
    return padded


def _made_ahead(make: Callable[[_Item], _Made], items: Iterable[_Item]) -> Iterator[_Made]:
    """Yield what is made of each item, in order; the next ones are made at the same time."""
    n_threads = min(_MAX_THREADS, os.cpu_count() or 1)
    with ThreadPoolExecutor(n_threads, thread_name_prefix="gtview-export") as pool:
        waiting: deque[Future[_Made]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(make, item))
                if len(waiting) > n_threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
