"""How many spikes every train shares with every label; knows no unit and no cluster."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.types import Int32Array, Int64Array
from ._jit import kernel
from ._parts import run_in_parts
from .inputs import as_input

# Spikes of the second set looked at together: their copy stays in the second nearest cache.
_BLOCK = 1 << 14
# About as many steps of time in a block as it has spikes.
_N_STEPS = 1 << 14
_NEVER = np.iinfo(np.int64).max


def count_matches(
    trains: Int64Array,
    offsets: Int64Array,
    samples: Int64Array,
    labels: Int32Array,
    n_labels: int,
    delta: int,
) -> Int64Array:
    """Count the matches of every pair (train, label), as many as possible (see `matching`).

    The spikes of `samples` are taken in blocks; within a block one train after another is laid
    over them, so that what is remembered of a train's pairs stays at hand, and the trains need
    not be sorted into one sequence. The last spike that was taken matters only where a train has
    two spikes less than 2 * delta apart, so that it is rarely looked at. The time grows with the
    number of coincidences (spikes of any train and any label at most `delta` apart), the memory
    beyond the arrays given is 16 bytes for each pair: 16 MB for 1,000 trains and 1,000 labels.

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
        # What is written is made here: in a kernel that would take a second to compile.
        some = offsets[first : end + 1]
        found = np.zeros((end - first, n_labels), np.int32)
        lasts = np.full((end - first, n_labels), -1, np.int32)
        matched_by, steps = np.full(n_labels, -1, np.int64), np.empty(_N_STEPS, np.int64)
        place = some[:-1].copy()
        _count_matches(
            trains, some, samples, labels, delta, found, lasts, matched_by, steps, place
        )
        counts[first:end] = found

    run_in_parts(count, offsets)
    return counts


def warm_up() -> None:
    """Compile all of this, or load it from the cache."""
    train = np.zeros(1, np.int64)
    count_matches(train, np.array([0, 1]), train, np.zeros(1, np.int32), 1, 1)


@kernel
def _count_matches(  # noqa: PLR0913 - kernels take arrays, not objects
    trains: Any, offsets: Any, samples: Any, labels: Any, delta: int, counts: Any, lasts: Any,
    matched_by: Any, steps: Any, place: Any,
) -> None:  # fmt: skip
    first = 0
    while first < len(samples):
        end = _end_of_block(samples, first)
        start = samples[first]
        # A spike belongs to the block in which its window begins.
        is_last = end == len(samples)
        stop = _NEVER if is_last else samples[end] - start
        times, of_block = _copy_block(samples, labels, first, end, 2 * delta)
        shift = _index_block(times, end - first, steps)
        for train in range(len(place)):
            row, last = counts[train], lasts[train]
            k, begin, end_k = place[train], offsets[train], offsets[train + 1]
            while k < end_k:
                earliest = trains[k] - delta - start
                if earliest >= stop:
                    break
                i = 0
                if earliest > 0:
                    i = steps[min(earliest >> shift, _N_STEPS - 1)]
                    while times[i] < earliest:
                        i += 1
                latest = earliest + 2 * delta
                if _is_in_burst(trains, begin, k, end_k, 2 * delta):
                    _count_in_burst(times, of_block, i, latest, k, first, matched_by, row, last)
                else:
                    _count_window(times, of_block, i, latest, k, matched_by, row)
                k += 1
            place[train] = k
        first = end


@kernel
def _end_of_block(samples: Any, first: int) -> int:
    # Spikes at one sample are never parted: a block is also an interval of time.
    end = min(first + _BLOCK, len(samples))
    while end < len(samples) and samples[end] == samples[end - 1]:
        end += 1
    return end


@kernel
def _copy_block(samples: Any, labels: Any, first: int, end: int, reach: int) -> Any:
    # With the spikes after it that a window which begins in it can reach; times since its start.
    stop = end
    while stop < len(samples) and samples[stop] - samples[end] <= reach:
        stop += 1
    times = np.empty(stop - first + 1, np.int64)
    of_block = np.empty(stop - first, np.int32)
    for i in range(stop - first):
        times[i] = samples[first + i] - samples[first]
        of_block[i] = labels[first + i]
    times[stop - first] = _NEVER
    return times, of_block


@kernel
def _index_block(times: Any, n: int, steps: Any) -> int:
    # Write which spike is the first of each step of time; return the steps' width as a shift.
    shift = 0
    while times[n - 1] >> shift >= len(steps):
        shift += 1
    step = 0
    for i in range(n):
        while step <= times[i] >> shift:
            steps[step] = i
            step += 1
    for later in range(step, len(steps)):
        steps[later] = n
    return shift


@kernel
def _is_in_burst(trains: Any, begin: int, k: int, end: int, reach: int) -> bool:
    if k > begin and trains[k] - trains[k - 1] <= reach:
        return True
    return k + 1 < end and trains[k + 1] - trains[k] <= reach


@kernel
def _count_window(
    times: Any, labels: Any, i: int, latest: int, k: int, matched_by: Any, counts: Any
) -> None:
    while times[i] <= latest:
        label = labels[i]
        if label >= 0 and matched_by[label] != k:
            matched_by[label] = k
            counts[label] += 1
        i += 1


@kernel
def _count_in_burst(  # noqa: PLR0913 - kernels take arrays, not objects
    times: Any, labels: Any, i: int, latest: int, k: int, first: int, matched_by: Any,
    counts: Any, lasts: Any,
) -> None:  # fmt: skip
    while times[i] <= latest:
        label = labels[i]
        if label >= 0 and matched_by[label] != k and lasts[label] < first + i:
            matched_by[label] = k
            counts[label] += 1
            lasts[label] = first + i
        i += 1
