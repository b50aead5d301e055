"""Reads raw traces in blocks, filters them, and keeps the blocks that were used last."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable

import numpy as np

from ..base.types import Float32Array, Int32Array, frozen
from ..data.dataset import Dataset
from ..kernels.filters import high_pass, high_pass_margin

BLOCK_SAMPLES = 4096
MAX_BYTES = 256 << 20
# What an edge does has decayed to less than 1/20,000 after so many time constants.
EDGE_TIME_CONSTANTS = 10.0

# Cut-off of the filter (None: none), and position in time.
_Key = tuple[float | None, int]


class TraceBlocks:
    """Raw or high-passed traces of all channels, bounded in memory; safe to use from threads.

    A block is filtered together with enough samples on both sides of it, so that nobody sees
    where it begins. Where the recording itself begins or ends there are none: there it goes on
    as its mirror image upside down (odd padding).

    Parameters
    ----------
    dataset
        With a raw file.
    max_bytes
        Blocks beyond this are forgotten, the ones not used for longest first.

    Raises
    ------
    ValueError
        The dataset has no raw file.
    """

    def __init__(self, dataset: Dataset, max_bytes: int = MAX_BYTES) -> None:
        if dataset.raw is None:
            raise ValueError("the dataset has no raw file")
        self._raw = dataset.raw
        self._dataset = dataset
        self._max_bytes = max_bytes
        self._blocks: OrderedDict[_Key, Float32Array] = OrderedDict()
        self._busy: set[_Key] = set()
        self._free = threading.Condition()
        self._n_bytes = 0

    @property
    def n_bytes(self) -> int:
        """Bytes of the blocks that are kept."""
        return self._n_bytes

    @property
    def n_samples(self) -> int:
        """Samples of the recording."""
        return self._raw.n_samples

    def read(
        self, start: int, stop: int, channel_ids: Int32Array, cutoff_hz: float | None
    ) -> Float32Array:
        """Return traces, clipped to the recording.

        Parameters
        ----------
        start, stop
            First sample, and the one after the last.
        channel_ids : int32 array, (n_channels,)
            Rows of the channel map, in any order.
        cutoff_hz
            Of a third-order Butterworth high-pass without phase shift; None: no filter.

        Returns
        -------
        float32 array, (n_samples, n_channels), microvolts or arb.

        Raises
        ------
        DatasetError
            The raw file cannot be read.
        ValueError
            The cut-off does not suit the sample rate.
        """
        start, stop = max(start, 0), min(stop, self.n_samples)
        values = np.empty((max(stop - start, 0), len(channel_ids)), np.float32)
        for index, block in self._fetch(_indices(start, stop), cutoff_hz).items():
            origin = index * BLOCK_SAMPLES
            first, last = max(start, origin), min(stop, origin + len(block))
            part = block[first - origin : last - origin]
            # "clip" checks nothing, and writes without a buffer.
            part.take(channel_ids, axis=1, out=values[first - start : last - start], mode="clip")
        return values

    def read_ahead(
        self, start: int, stop: int, cutoff_hz: float | None, is_wanted: Callable[[], bool]
    ) -> None:
        """Prepare the blocks of an interval one after another, as long as they are wanted.

        Raises
        ------
        DatasetError, ValueError
            As `read`.
        """
        for index in _indices(max(start, 0), min(stop, self.n_samples)):
            if not is_wanted():
                return
            self._fetch([index], cutoff_hz)

    def _fetch(self, indices: Iterable[int], cutoff_hz: float | None) -> dict[int, Float32Array]:
        """Return blocks, those that are not kept made in runs; another thread may be at some."""
        keys = [(cutoff_hz, index) for index in indices]
        found: dict[int, Float32Array] = {}
        with self._free:
            while any(key in self._busy for key in keys):
                self._free.wait()
            for key in keys:
                if key in self._blocks:
                    self._blocks.move_to_end(key)
                    found[key[1]] = self._blocks[key]
            missing = {key for key in keys if key not in self._blocks}
            self._busy |= missing
        try:
            for first, last in _runs(sorted(index for _, index in missing)):
                found |= self._make(first, last, cutoff_hz)
            self._keep({key: found[key[1]] for key in keys if key in missing})
        finally:
            with self._free:
                self._busy -= missing
                self._free.notify_all()
        return found

    def _make(self, first: int, last: int, cutoff_hz: float | None) -> dict[int, Float32Array]:
        start, stop = first * BLOCK_SAMPLES, min((last + 1) * BLOCK_SAMPLES, self.n_samples)
        values = self._filtered(start, stop, cutoff_hz)
        values *= np.float32(self._dataset.uv_per_bit)
        pieces = range(0, stop - start, BLOCK_SAMPLES)
        return {
            # Copies: a part of a run that is forgotten must give back its memory.
            first + k: frozen(values[i : i + BLOCK_SAMPLES].copy() if len(pieces) > 1 else values)
            for k, i in enumerate(pieces)
        }

    def _filtered(self, start: int, stop: int, cutoff_hz: float | None) -> Float32Array:
        raw_channels = self._dataset.channels.raw_channels
        if cutoff_hz is None:
            return self._raw.read(start, stop, raw_channels)
        rate = self._dataset.sample_rate_hz
        margin = high_pass_margin(cutoff_hz, rate, EDGE_TIME_CONSTANTS)
        first, last = max(start - margin, 0), min(stop + margin, self.n_samples)
        values = self._raw.read(first, last, raw_channels)
        is_whole = first == start - margin and last == stop + margin
        filtered = high_pass(values[None], cutoff_hz, rate, 0 if is_whole else margin)
        return np.ascontiguousarray(filtered[0, start - first : stop - first])

    def _keep(self, made: dict[_Key, Float32Array]) -> None:
        with self._free:
            for key, block in made.items():
                self._blocks[key] = block
                self._n_bytes += block.nbytes
            while self._n_bytes > self._max_bytes and self._blocks:
                self._n_bytes -= self._blocks.popitem(last=False)[1].nbytes


def _indices(start: int, stop: int) -> range:
    return range(start // BLOCK_SAMPLES, -(-stop // BLOCK_SAMPLES)) if start < stop else range(0)


def _runs(indices: list[int]) -> list[tuple[int, int]]:
    """Return first and last of each run of consecutive numbers."""
    runs: list[tuple[int, int]] = []
    for index in indices:
        if runs and runs[-1][1] == index - 1:
            runs[-1] = (runs[-1][0], index)
        else:
            runs.append((index, index))
    return runs
