"""Which spikes have a raw waveform that passes through a line drawn on one channel."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from ..base.types import BoolArray, Float32Array, Float64Array, Int32Array
from ..data.dataset import Dataset
from ..kernels.polygons import curves_through_polygon
from .pick_planes import BEYOND_FILE
from .snippets import Alignment, read_snippets

MAX_BYTES = 64_000_000
_CHUNK_SPIKES = 256


class WaveformCache:
    """Keeps waveforms of one channel that were read, so that a line can be changed at once.

    Bounded in bytes; safe to use from several threads.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._n_bytes = 0
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, tuple[Int32Array, Float32Array]] = OrderedDict()

    def get(self, key: Hashable) -> tuple[Int32Array, Float32Array] | None:
        """Return spikes and waveforms."""
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def put(self, key: Hashable, spike_ids: Int32Array, waveforms: Float32Array) -> None:
        """Keep spikes and waveforms."""
        with self._lock:
            self._known[key] = (spike_ids, waveforms)
            self._n_bytes += spike_ids.nbytes + waveforms.nbytes
            while self._n_bytes > self._max_bytes and len(self._known) > 1:
                _, old = self._known.popitem(last=False)
                self._n_bytes -= sum(array.nbytes for array in old)


@dataclass(frozen=True, slots=True, eq=False)
class WaveformJudge:
    """Judges spikes by their raw waveform on a channel.

    Attributes
    ----------
    dataset
        With a raw file.
    channel_id
        Row of the channel map.
    polygons : float64 arrays, (n_corners, 2), one for each cluster
        Corners in ms from the spike's own sample, and in the unit of `dataset.amplitude_unit`.
    cutoff_hz
        High-pass, as the view shows waveforms; None: no filter.
    cache
        Where waveforms are kept.
    """

    dataset: Dataset
    channel_id: int
    polygons: Sequence[Float64Array]
    cutoff_hz: float | None
    cache: WaveformCache
    why_left_out: str = BEYOND_FILE
    chunk: int = _CHUNK_SPIKES

    def judge(self, spike_ids: Int32Array, cluster: int) -> tuple[Int32Array, BoolArray]:
        """Return the spikes whose window lies in the file, and which pass through the line.

        Raises
        ------
        DatasetError
            The raw file cannot be read.
        """
        alignment = Alignment.of(self.dataset)
        found, waveforms = self._read(spike_ids, alignment)
        samples = np.arange(-alignment.n_before, alignment.n_after)
        times_ms = 1000 * samples / self.dataset.sample_rate_hz
        return found, curves_through_polygon(times_ms, waveforms, self.polygons[cluster])

    def _read(
        self, spike_ids: Int32Array, alignment: Alignment
    ) -> tuple[Int32Array, Float32Array]:
        key = (self.channel_id, self.cutoff_hz, self.dataset.gain, spike_ids.tobytes())
        known = self.cache.get(key)
        if known is None:
            channels = np.array([self.channel_id], np.int32)
            n = len(spike_ids)
            read = read_snippets(self.dataset, spike_ids, channels, alignment, n, self.cutoff_hz)
            known = read.spike_ids, np.ascontiguousarray(read.values[:, :, 0])
            self.cache.put(key, *known)
        return known
