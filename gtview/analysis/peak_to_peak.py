"""Peak-to-peak sizes of spikes in the raw recording: a sample at once, the others by and by."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

import numpy as np

from ..base.types import Float32Array, Int32Array, Int64Array
from ..data.dataset import Dataset
from .sampling import even_positions
from .snippets import DEFAULT_CUTOFF_HZ, Alignment, read_snippets
from .spike_values import SpikeValues, keep_finite

# Around the trough: what a spike's own peaks need, and little of its neighbours'.
BEFORE_MS, AFTER_MS = 0.5, 1.0
# Read before anything is shown, of each cluster, and between two chances to stop.
QUICK_SPIKES = 48
CHUNK_SPIKES = 128
# Between two pictures of what has been read so far.
TELL_S = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Train:
    """Spikes that are measured on one channel.

    Attributes
    ----------
    spike_ids : int32 array, (n_spikes,)
        By increasing time.
    channel_id
        Row of the channel map; None: not known, so nothing is read.
    key
        Tells these spikes from all others as long as the dataset is open.
    """

    spike_ids: Int32Array
    channel_id: int | None
    key: Hashable


class PeakToPeakCache:
    """Keeps the last trains that were read to their end; safe to use from several threads."""

    def __init__(self, max_n: int = 32) -> None:
        self._max_n = max_n
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, SpikeValues] = OrderedDict()

    def get(self, key: Hashable) -> SpikeValues | None:
        """Return what is known of a train."""
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def put(self, key: Hashable, values: SpikeValues) -> None:
        """Keep what was read of a train."""
        with self._lock:
            self._known[key] = values
            while len(self._known) > self._max_n:
                self._known.popitem(last=False)


def size_window(dataset: Dataset) -> Alignment:
    """Return the samples around a spike in which its peaks are looked for."""
    whole = Alignment.of(dataset)
    per_ms = dataset.sample_rate_hz / 1000
    before, after = max(1, round(BEFORE_MS * per_ms)), max(1, round(AFTER_MS * per_ms))
    return Alignment(min(before, whole.n_before), min(after, whole.n_after))


def read_peak_to_peak(
    dataset: Dataset, spike_ids: Int32Array, channel_id: int
) -> tuple[Int32Array, Float32Array]:
    """Measure spikes in the raw recording: largest minus smallest value around the trough.

    High-passed as waveforms are, from 0.5 ms before a spike's sample to 1 ms after it. Noise adds
    to it: a spike of no size still measures a few times the noise.

    Parameters
    ----------
    dataset
        With a raw file.
    spike_ids : int32 array, (n_spikes,)
        By increasing time.
    channel_id
        Row of the channel map.

    Returns
    -------
    spike_ids : int32 array, (n_read,)
        Those whose window is wholly in the file.
    sizes : float32 array, (n_read,), microvolts or arb.

    Raises
    ------
    DatasetError
        The raw file cannot be read.
    """
    channels = np.array([channel_id], np.int32)
    window = size_window(dataset)
    read = read_snippets(dataset, spike_ids, channels, window, len(spike_ids), DEFAULT_CUTOFF_HZ)
    return read.spike_ids, np.ptp(read.values[:, :, 0], axis=1).astype(np.float32)


def measure_trains(
    dataset: Dataset, trains: tuple[Train, ...], limit: int, cache: PeakToPeakCache
) -> Iterator[tuple[SpikeValues, ...]]:
    """Measure spikes on the channel of their train: a few at once, then all in order of time.

    Parameters
    ----------
    dataset
        With a raw file.
    trains
        What to measure.
    limit
        Spikes of each train; of a longer one an even sample stands for all.
    cache
        Asked before, and told afterwards.

    Yields
    ------
    tuple of SpikeValues
        One for each train, with more and more spikes; the same one again is only a chance to
        stop.

    Raises
    ------
    DatasetError
        The raw file cannot be read.
    """
    jobs = [_Job(dataset, train, limit, cache) for train in trains]
    for job in jobs:
        job.read_sample()
    shown = tuple(job.result() for job in jobs)
    yield shown
    told = time.perf_counter()
    for chunk in _in_time(dataset, jobs):
        for job, places in zip(jobs, chunk, strict=True):
            job.read(places)
        if time.perf_counter() - told > TELL_S:
            shown = tuple(job.result() for job in jobs)
            told = time.perf_counter()
        yield shown
    for job in jobs:
        cache.put(job.key, job.result())
    yield tuple(job.result() for job in jobs)


class _Job:
    """One train that is being measured."""

    def __init__(self, dataset: Dataset, train: Train, limit: int, cache: PeakToPeakCache) -> None:
        self._dataset = dataset
        self._channel_id = train.channel_id
        self._n_asked = len(train.spike_ids)
        self.key = (train.key, train.channel_id, limit)
        self.spike_ids = train.spike_ids[even_positions(self._n_asked, limit)]
        self._known = cache.get(self.key)
        self._sizes = np.full(len(self.spike_ids), np.nan, np.float32)
        self._is_read = np.zeros(len(self.spike_ids), np.bool_)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to read."""
        return self._known is not None or self._channel_id is None or bool(self._is_read.all())

    def read_sample(self) -> None:
        """Read some spikes, evenly over all."""
        if not self.is_done:
            self.read(even_positions(len(self.spike_ids), QUICK_SPIKES))

    def left(self) -> Int64Array:
        """Return the places of the spikes that are still to be read."""
        if self.is_done:
            return np.empty(0, np.int64)
        return np.flatnonzero(~self._is_read)

    def read(self, places: Int64Array) -> None:
        """Read the spikes at some places."""
        if not len(places) or self._channel_id is None:
            return
        ids = self.spike_ids[places]
        found, sizes = read_peak_to_peak(self._dataset, ids, self._channel_id)
        where = places if len(found) == len(ids) else places[np.isin(ids, found)]
        self._sizes[where] = sizes
        self._is_read[places] = True

    def result(self) -> SpikeValues:
        """Return what has been read so far."""
        if self._known is not None:
            return self._known
        read = np.flatnonzero(self._is_read)
        has = read[np.isfinite(self._sizes[read])]
        n_without = len(read) - len(has)
        return keep_finite(self.spike_ids[has], self._sizes[has], self._n_asked, n_without)


def _in_time(dataset: Dataset, jobs: list[_Job]) -> Iterator[list[Int64Array]]:
    """Yield the next spikes in time of all jobs together: their places, for each job."""
    if not jobs:
        return
    left = [job.left() for job in jobs]
    ids = np.concatenate([job.spike_ids[p] for job, p in zip(jobs, left, strict=True)])
    owner = np.repeat(np.arange(len(jobs)), [len(p) for p in left])
    places = np.concatenate(left)
    order = np.argsort(dataset.spike_samples[ids], kind="stable")
    for start in range(0, len(order), CHUNK_SPIKES):
        chunk = order[start : start + CHUNK_SPIKES]
        yield [places[chunk[owner[chunk] == k]] for k in range(len(jobs))]
