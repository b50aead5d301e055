"""How many spikes two sets of trains share, pair by pair; knows no unit and no cluster.

Within a pair of trains, spikes are matched one to one, each match at most `delta` samples apart,
and as many as possible. The earliest free partner for each spike in turn gives that maximum:

    Let a be the first spike of one train and b the first of the other that are within delta.
    If some best matching holds (a, b') and (a', b) with a <= a' and b <= b', then
    a' - b' <= a' - b <= delta and b' - a' <= b' - a <= delta, so (a, b) and (a', b') are allowed
    too, and are as many. If it holds only one of them, or none, (a, b) can take its place. So a
    best matching with (a, b) exists; take it out and repeat.

A spike of the second train that was passed over stays passed over: it was too early for a spike
of the first train, so it is too early for the later ones. One number per pair (the last spike
taken) is therefore all that has to be remembered.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.types import Int32Array, Int64Array
from ._jit import kernel
from ._parts import run_in_parts
from .inputs import as_input

# Spikes of the second set looked at together: their times and labels stay in the nearest cache.
_BLOCK = 1 << 16
_BITS = 14


def label_spikes(order: Int32Array, offsets: Int64Array, n_spikes: int) -> Int32Array:
    """Return the group of each spike.

    Parameters
    ----------
    order : int32 array, (n_grouped,)
        Group j has the spikes `order[offsets[j]:offsets[j + 1]]`.
    offsets : int64 array, (n_groups + 1,)
    n_spikes
        Number of spikes, grouped or not.

    Returns
    -------
    int32 array, (n_spikes,)
        -1 for spikes of no group.
    """
    labels = np.full(n_spikes, -1, np.int32)
    order, offsets = as_input(order, np.int32), as_input(offsets, np.int64)
    run_in_parts(lambda first, end: _label_spikes(order, offsets, first, end, labels), offsets)
    return labels


def is_increasing(samples: Int64Array) -> bool:
    """Tell whether no sample, int64, (n,), is smaller than the one before it."""
    return bool(_is_increasing(as_input(samples, np.int64)))


def count_matches(
    trains: Int64Array,
    offsets: Int64Array,
    samples: Int64Array,
    labels: Int32Array,
    n_labels: int,
    delta: int,
) -> Int64Array:
    """Count the matches of every pair (train, label).

    The spikes of `samples` are taken in blocks; within a block one train after another is laid
    over them, so that what is remembered of a train's pairs stays at hand, and the trains need
    not be sorted into one sequence. The time grows with the number of coincidences (spikes of any
    train and any label at most `delta` apart), the memory beyond the arrays given is 16 bytes for
    each pair: 16 MB for 1,000 trains and 1,000 labels.

    Parameters
    ----------
    trains : int64 array, (n_train_spikes,)
        Train i, increasing, is `trains[offsets[i]:offsets[i + 1]]`; in samples.
    offsets : int64 array, (n_trains + 1,)
    samples : int64 array, (n_spikes,)
        Increasing, fewer than 2**31; in samples.
    labels : int32 array, (n_spikes,)
        0 .. n_labels - 1; spikes with a negative label are passed over.
    n_labels
        Number of labels.
    delta
        Largest distance of a match, in samples; not negative.

    Returns
    -------
    int64 array, (n_trains, n_labels)
    """
    trains, offsets = as_input(trains, np.int64), as_input(offsets, np.int64)
    samples, labels = as_input(samples, np.int64), as_input(labels, np.int32)
    counts = np.zeros((len(offsets) - 1, n_labels), np.int64)

    def count(first: int, end: int) -> None:
        some = offsets[first : end + 1]
        counts[first:end] = _count_matches(trains, some, samples, labels, n_labels, delta)

    run_in_parts(count, offsets)
    return counts


def match_trains(first: Int64Array, second: Int64Array, delta: int) -> Int64Array:
    """Match two trains as `count_matches` does, and say which spike is matched with which.

    Parameters
    ----------
    first, second : int64 arrays, (n_first,), (n_second,)
        Increasing, in samples.
    delta
        Largest distance of a match, in samples.

    Returns
    -------
    int64 array, (n_first,)
        Position in `second` of each spike's partner, or -1.
    """
    partners: Int64Array = _match_trains(
        as_input(first, np.int64), as_input(second, np.int64), delta
    )
    return partners


def count_lags(
    train: Int64Array, samples: Int64Array, labels: Int32Array, n_labels: int, window: int
) -> Int64Array:
    """Count each label's spikes at each lag from the spikes of a train.

    Parameters
    ----------
    train : int64 array, (n,)
        In samples.
    samples, labels, n_labels
        As for `count_matches`.
    window
        Largest lag, in samples.

    Returns
    -------
    int64 array, (n_labels, 2 * window + 1)
        `[label, window + lag]`, lag = spike minus train.
    """
    counts: Int64Array = _count_lags(
        as_input(train, np.int64),
        as_input(samples, np.int64),
        as_input(labels, np.int32),
        n_labels,
        window,
    )
    return counts


def warm_up() -> None:
    """Compile all of this, or load it from the cache."""
    train, offsets = np.zeros(1, np.int64), np.array([0, 1], np.int64)
    labels = label_spikes(np.zeros(1, np.int32), offsets, 1)
    is_increasing(train)
    count_matches(train, offsets, train, labels, 1, 1)
    match_trains(train, train, 1)
    count_lags(train, train, labels, 1, 1)


@kernel
def _label_spikes(order: Any, offsets: Any, first: int, end: int, labels: Any) -> None:
    for group in range(first, end):
        for k in range(offsets[group], offsets[group + 1]):
            labels[order[k]] = group


@kernel
def _is_increasing(values: Any) -> bool:
    for i in range(1, len(values)):  # noqa: SIM110 - numba knows no `all` of a generator
        if values[i] < values[i - 1]:
            return False
    return True


@kernel
def _end_of_block(samples: Any, first: int) -> int:
    # Spikes at one sample are never parted: a block is also an interval of time.
    end = min(first + _BLOCK, len(samples))
    while end < len(samples) and samples[end] == samples[end - 1]:
        end += 1
    return end


@kernel
def _index_block(samples: Any, first: int, end: int, table: Any) -> int:
    # Write where each bucket of time of a block begins; return the buckets' width as a shift.
    start = samples[first]
    shift = 0
    while (samples[end - 1] - start) >> shift >= len(table) - 1:
        shift += 1
    bucket = 0
    for i in range(first, end):
        place = (samples[i] - start) >> shift
        while bucket <= place:
            table[bucket] = i
            bucket += 1
    table[bucket:] = end
    return shift


@kernel
def _first_not_before(samples: Any, low: int, high: int, sample: int) -> int:
    while high - low > 8:
        middle = (low + high) >> 1
        if samples[middle] < sample:
            low = middle + 1
        else:
            high = middle
    while low < high and samples[low] < sample:
        low += 1
    return low


@kernel
def _count_matches(
    trains: Any, offsets: Any, samples: Any, labels: Any, n_labels: int, delta: int
) -> Any:
    n_trains = len(offsets) - 1
    # Count and last spike taken of a pair lie side by side: one visit to memory, not two.
    pairs = np.zeros((n_trains, n_labels, 2), np.int32)
    pairs[:, :, 1] = -1
    matched_by = np.full(n_labels, -1, np.int64)
    table = np.empty((1 << _BITS) + 1, np.int64)
    place = offsets[:-1].copy()
    first = 0
    while first < len(samples):
        end = _end_of_block(samples, first)
        shift = _index_block(samples, first, end, table)
        is_last = end == len(samples)
        for train in range(n_trains):
            row = pairs[train]
            k = place[train]
            stop = offsets[train + 1]
            while k < stop:
                earliest = trains[k] - delta
                # A spike belongs to the block in which its window begins.
                if not is_last and earliest >= samples[end]:
                    break
                i = first
                if earliest > samples[first]:
                    bucket = min((earliest - samples[first]) >> shift, len(table) - 2)
                    i = _first_not_before(samples, table[bucket], table[bucket + 1], earliest)
                latest = trains[k] + delta
                while i < len(samples) and samples[i] <= latest:
                    label = labels[i]
                    if label >= 0 and matched_by[label] != k and row[label, 1] < i:
                        matched_by[label] = k
                        row[label, 0] += 1
                        row[label, 1] = i
                    i += 1
                k += 1
            place[train] = k
        first = end
    return pairs[:, :, 0].astype(np.int64)


@kernel
def _match_trains(first: Any, second: Any, delta: int) -> Any:
    partners = np.full(len(first), -1, np.int64)
    i = j = 0
    while i < len(first) and j < len(second):
        if second[j] < first[i] - delta:
            j += 1
        elif second[j] > first[i] + delta:
            i += 1
        else:
            partners[i] = j
            i += 1
            j += 1
    return partners


@kernel
def _count_lags(train: Any, samples: Any, labels: Any, n_labels: int, window: int) -> Any:
    counts = np.zeros((n_labels, 2 * window + 1), np.int64)
    for sample in train:
        i = _first_not_before(samples, 0, len(samples), sample - window)
        while i < len(samples) and samples[i] <= sample + window:
            if labels[i] >= 0:
                counts[labels[i], samples[i] - sample + window] += 1
            i += 1
    return counts
