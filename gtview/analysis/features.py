"""Features of clusters, a sample of them first, and of all other spikes behind them."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..base.types import BoolArray, Int32Array, Int64Array
from ..data.dataset import Dataset
from ..data.feature_sample import next_power_of_two
from ..kernels.grouping import count_labels
from ..kernels.inputs import as_input
from .sampling import even_positions
from .spike_features import SpikeFeatures, features_of, read_spike_features, sampled_features

# What a sample may take before it is shown.
SAMPLE_BUDGET_S = 0.04
SAMPLED_SPIKES = 4000
_SAMPLE_PARTS = 8
# Where fewer spikes are asked, or the file is smaller, everything is read at once.
QUICK_SPIKES = 2000
QUICK_BYTES = 64_000_000
# Read between two chances to stop.
_CHUNK_SPIKES = 1 << 14
BACKGROUND_SPIKES = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """An even sample of all spikes that have features on some channels.

    Attributes
    ----------
    features
        Of the sample.
    n_all
        How many such spikes there are.
    """

    features: SpikeFeatures
    n_all: int


@dataclass(frozen=True, slots=True, eq=False)
class FeatureQuery:
    """What a feature view shows.

    Attributes
    ----------
    dataset
        With `pc_features`.
    spike_ids : int32 arrays, one a cluster
        Spikes by increasing time.
    channel_ids
        Rows of the channel map.
    n_pcs
        The first components, as many of them as there are.
    time_window_s
        The background is restricted to it; the spikes are taken as they are.
    backgrounds
        Where backgrounds are kept; None: there is none.
    n_background
        Spikes of the background, at most.
    """

    dataset: Dataset
    spike_ids: tuple[Int32Array, ...]
    channel_ids: tuple[int, ...]
    n_pcs: int = 2
    time_window_s: tuple[float, float] | None = None
    backgrounds: BackgroundCache | None = None
    n_background: int = BACKGROUND_SPIKES


@dataclass(frozen=True, slots=True, eq=False)
class ClusterFeatures:
    """The answer, or a first part of it.

    Attributes
    ----------
    clusters
        One for each of the query; a sample while `is_full` is False.
    background
        None while it is not known.
    is_full
        Whether every spike and the background are there.
    """

    clusters: tuple[SpikeFeatures, ...]
    background: Background | None
    is_full: bool


def compute_features(query: FeatureQuery) -> Iterator[ClusterFeatures]:
    """Read what a view shows: a sample within some 50 ms where all would take longer, then all.

    Yields
    ------
    ClusterFeatures
        Better and better ones; the same one again is only a chance to stop.

    Raises
    ------
    DatasetError
        The features cannot be read.
    """
    cache = query.backgrounds
    behind = None if cache is None else cache.at_hand(query)
    if is_quick(query):
        full = tuple(_read_all(query, spikes) for spikes in query.spike_ids)
    else:
        shown = ClusterFeatures(read_samples(query), behind, False)
        yield shown
        parts = []
        for spikes in query.spike_ids:
            pieces = []
            for start in range(0, len(spikes), _CHUNK_SPIKES):
                pieces.append(_read_all(query, spikes[start : start + _CHUNK_SPIKES]))
                yield shown
            parts.append(joined(pieces, query))
        full = tuple(parts)
    if cache is not None and behind is None:
        yield ClusterFeatures(full, None, False)
        behind = cache.read(query)
    yield ClusterFeatures(full, behind, True)


def is_quick(query: FeatureQuery) -> bool:
    """Whether everything can be read before anybody notices."""
    file = features_of(query.dataset)
    is_near = file.copy is not None or file.header.stamp.size_bytes <= QUICK_BYTES
    return is_near or sum(len(spikes) for spikes in query.spike_ids) <= QUICK_SPIKES


def read_samples(
    query: FeatureQuery, budget_s: float = SAMPLE_BUDGET_S
) -> tuple[SpikeFeatures, ...]:
    """Read an even sample of each cluster: as many spikes as the disk gives within a time.

    The first part, at least, is read whatever it takes.
    """
    start = time.perf_counter()
    share = max(SAMPLED_SPIKES // max(len(query.spike_ids), 1), _SAMPLE_PARTS)
    samples = [spikes[even_positions(len(spikes), share)] for spikes in query.spike_ids]
    pieces: list[list[SpikeFeatures]] = [[] for _ in samples]
    for part in range(_SAMPLE_PARTS):
        for sample, read in zip(samples, pieces, strict=True):
            # Every eighth spike, from another one each time: even after each part.
            read.append(_read_all(query, sample[part::_SAMPLE_PARTS]))
        if time.perf_counter() - start > budget_s:
            break
    return tuple(joined(read, query) for read in pieces)


def joined(pieces: Sequence[SpikeFeatures], query: FeatureQuery) -> SpikeFeatures:
    """Return pieces as one, their spikes by increasing id."""
    if not pieces:
        return _read_all(query, np.empty(0, np.int32))
    return SpikeFeatures(
        np.concatenate([p.spike_ids for p in pieces]),
        np.concatenate([p.values for p in pieces], axis=2),
        sum(p.n_asked for p in pieces),
        sum(p.n_without for p in pieces),
        sum(p.n_off_channels for p in pieces),
        sum(p.n_not_finite for p in pieces),
    )


class BackgroundCache:
    """Keeps the last backgrounds of a dataset; safe to use from several threads."""

    def __init__(self, max_n: int = 16) -> None:
        self._max_n = max_n
        self._counts: tuple[Dataset, Int64Array] | None = None
        self._lock = threading.Lock()
        self._known: OrderedDict[object, Background] = OrderedDict()

    def known(self, query: FeatureQuery) -> Background | None:
        """Return the background of a query if it was read before."""
        with self._lock:
            found = self._known.get(_background_key(query))
            if found is not None:
                self._known.move_to_end(_background_key(query))
            return found

    def at_hand(self, query: FeatureQuery) -> Background | None:
        """Return the background of a query if that takes no reading; None: `read` must."""
        found = self.known(query)
        if found is None:
            found = sampled_background(query)
            if found is not None:
                self._keep(query, found)
        return found

    def counts_of(self, dataset: Dataset) -> Int64Array:
        """Return the number of spikes of each template, int64, (n_templates,); counted once."""
        known = self._counts
        if known is None or known[0] is not dataset:
            counts = count_labels(as_input(dataset.spike_templates, np.int32), dataset.n_templates)
            known = self._counts = (dataset, counts)
        return known[1]

    def read(self, query: FeatureQuery) -> Background:
        """Return the background of a query, from disk when it is not known."""
        found = self.known(query)
        if found is None:
            found = read_background(query)
            self._keep(query, found)
        return found

    def _keep(self, query: FeatureQuery, background: Background) -> None:
        with self._lock:
            self._known[_background_key(query)] = background
            while len(self._known) > self._max_n:
                self._known.popitem(last=False)


def sampled_background(query: FeatureQuery) -> Background | None:
    """Return what `read_background` returns, from the sample in memory; None: it lacks some."""
    thinned = _thinned_spikes_on_channels(query)
    if thinned is None:
        return None
    spikes, n_all = thinned
    found = sampled_features(query.dataset, spikes, query.channel_ids, query.n_pcs)
    return None if found is None else Background(found, n_all)


def read_background(query: FeatureQuery) -> Background:
    """Read an even sample of all spikes that have features on at least one of the channels.

    Raises
    ------
    DatasetError
        The features cannot be read.
    """
    spikes, n_all = _thinned_spikes_on_channels(query) or _even_spikes_on_channels(query)
    return Background(_read_all(query, spikes), n_all)


def _thinned_spikes_on_channels(query: FeatureQuery) -> tuple[Int32Array, int] | None:
    """Return half as many spikes as are wanted, or more, and how many there are in all.

    Looks at every k-th spike alone, so that 20 million cost nothing; None: all must be looked at.
    A power of two, so that these are among those of which a sample is at hand.
    """
    dataset, file = query.dataset, features_of(query.dataset)
    is_plain = file.has_all_spikes and query.time_window_s is None
    if not is_plain or file.channel_ids is None or query.backgrounds is None:
        return None
    has_channel = _has_channel(file.channel_ids, query)
    n_all = int(query.backgrounds.counts_of(dataset)[: len(has_channel)][has_channel].sum())
    step = next_power_of_two(-(-n_all // max(query.n_background, 1)))
    if step < 2:
        return None
    places = np.flatnonzero(has_channel[dataset.spike_templates[::step]])
    places = places[even_positions(len(places), query.n_background)]
    return (places * step).astype(np.int32), n_all


def _has_channel(channel_ids: Int32Array, query: FeatureQuery) -> BoolArray:
    """Return which templates have features on one of the channels."""
    has: BoolArray = np.isin(channel_ids, query.channel_ids).max(axis=1)
    return has


def _even_spikes_on_channels(query: FeatureQuery) -> tuple[Int32Array, int]:
    """Return as many spikes as are wanted, and how many there are in all."""
    dataset, file = query.dataset, features_of(query.dataset)
    start, stop = 0, dataset.n_spikes
    is_in_order = dataset.time_order is None
    window = query.time_window_s
    low, high = np.array(window or (0.0, 0.0)) * dataset.sample_rate_hz
    if window is not None and is_in_order:
        start, stop = np.searchsorted(dataset.spike_samples, (low, high)).tolist()
    templates = dataset.spike_templates[start:stop]
    if file.channel_ids is None:
        spikes = np.arange(start, stop, dtype=np.int32)
    else:
        has_channel = _has_channel(file.channel_ids, query)
        spikes = (np.flatnonzero(has_channel[templates]) + start).astype(np.int32)
    if window is not None and not is_in_order:
        samples = dataset.spike_samples[spikes]
        spikes = spikes[(samples >= low) & (samples < high)]
    if not file.has_all_spikes:
        spikes = spikes[file.rows_of(spikes) >= 0]
    return spikes[even_positions(len(spikes), query.n_background)], len(spikes)


def _background_key(query: FeatureQuery) -> object:
    return query.channel_ids, query.n_pcs, query.time_window_s, query.n_background


def _read_all(query: FeatureQuery, spike_ids: Int32Array) -> SpikeFeatures:
    return read_spike_features(query.dataset, spike_ids, query.channel_ids, query.n_pcs)
