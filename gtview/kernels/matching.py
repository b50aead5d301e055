"""Which spikes two trains share, one to one; knows no unit and no cluster.

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

# Labels written together: they stay in the nearest cache.
_BLOCK = 1 << 16


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


def match_trains(first: Int64Array, second: Int64Array, delta: int) -> Int64Array:
    """Match two trains as `pair_counts.count_matches` does, and say which spike with which.

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
        As for `pair_counts.count_matches`.
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
    match_trains(train, train, 1)
    count_lags(train, train, labels, 1, 1)


@kernel
def _label_spikes(order: Any, offsets: Any, first: int, end: int, labels: Any) -> None:
    # Block by block of the spikes: those of a group lie far apart in memory.
    place = offsets[first:end].copy()
    for start in range(0, len(labels), _BLOCK):
        is_last = start + _BLOCK >= len(labels)
        for group in range(first, end):
            k = place[group - first]
            while k < offsets[group + 1] and (is_last or order[k] < start + _BLOCK):
                labels[order[k]] = group
                k += 1
            place[group - first] = k


@kernel
def _is_increasing(values: Any) -> bool:
    for first in range(1, len(values), _BLOCK):
        n_falls = 0
        # To look at a block without leaving it in the middle is several times as fast.
        for i in range(first, min(first + _BLOCK, len(values))):
            n_falls += values[i] < values[i - 1]
        if n_falls:
            return False
    return True


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
def _skip(samples: Any, i: int, earliest: int) -> int:
    # In ever longer steps to the first that is not too early: it is rarely far, but may be.
    low, step = i, 1
    while low + step < len(samples) and samples[low + step] < earliest:
        low += step
        step *= 2
    return int(_first_not_before(samples, low, min(low + step, len(samples)), earliest))


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
