"""Puts trains that lie one after another into one sequence of time; knows no unit."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.types import Int32Array, Int64Array
from ._jit import kernel
from .inputs import as_input

# Spikes that are put in order together, about; they stay in the nearest cache.
_BLOCK = 1 << 14
# A bucket with more spikes is not worth sorting by insertion.
_MAX_BUCKET = 1 << 8


def order_by_time(samples: Int64Array, offsets: Int64Array) -> tuple[Int64Array, Int32Array]:
    """Merge trains into one sequence; linear in the spikes, where they are spread over time.

    Parameters
    ----------
    samples : int64 array, (n_spikes,)
        Train i, increasing, is `samples[offsets[i]:offsets[i + 1]]`.
    offsets : int64 array, (n_trains + 1,)

    Returns
    -------
    samples : int64 array, (n_spikes,)
        Increasing.
    trains : int32 array, (n_spikes,)
        The train of each; of equal samples the lower train first.
    """
    samples, offsets = as_input(samples, np.int64), as_input(offsets, np.int64)
    ordered = np.empty(len(samples), np.int64)
    trains = np.empty(len(samples), np.int32)
    if len(samples) and not _order_by_time(samples, offsets, ordered, trains):
        of_spikes = np.repeat(np.arange(len(offsets) - 1, dtype=np.int32), np.diff(offsets))
        order = np.argsort(samples, kind="stable")
        return samples[order], of_spikes[order]
    return ordered, trains


def warm_up() -> None:
    """Compile all of this, or load it from the cache."""
    order_by_time(np.zeros(1, np.int64), np.array([0, 1]))


@kernel
def _order_by_time(samples: Any, offsets: Any, ordered: Any, trains: Any) -> bool:
    # Block by block of time: count how many spikes fall into each bucket, then write each to its
    # place. False: too many in one bucket.
    first, last = _limits(samples, offsets)
    n_blocks = len(samples) // _BLOCK + 1
    shift = 0
    while ((last - first) >> shift) >= n_blocks * _BLOCK:
        shift += 1
    place = offsets[:-1].copy()
    starts = np.zeros(_BLOCK + 1, np.int64)
    filled = np.zeros(_BLOCK, np.int64)
    block = first
    while block <= last:
        end = block + (_BLOCK << shift)
        written = starts[_BLOCK]
        starts[:] = 0
        filled[:] = 0
        for train in range(len(place)):
            k = place[train]
            while k < offsets[train + 1] and samples[k] < end:
                starts[((samples[k] - block) >> shift) + 1] += 1
                k += 1
        if starts.max() > _MAX_BUCKET:
            return False
        starts[0] = written
        for bucket in range(_BLOCK):
            starts[bucket + 1] += starts[bucket]
        for train in range(len(place)):
            k = place[train]
            while k < offsets[train + 1] and samples[k] < end:
                bucket = (samples[k] - block) >> shift
                _insert(samples[k], train, starts[bucket], filled[bucket], ordered, trains)
                filled[bucket] += 1
                k += 1
            place[train] = k
        block = end
    return True


@kernel
def _limits(samples: Any, offsets: Any) -> Any:
    first, last = samples[0], samples[0]
    for train in range(len(offsets) - 1):
        if offsets[train + 1] > offsets[train]:
            first = min(first, samples[offsets[train]])
            last = max(last, samples[offsets[train + 1] - 1])
    return first, last


@kernel
def _insert(sample: int, train: int, start: int, n: int, ordered: Any, trains: Any) -> None:
    # Behind those of its bucket that are not later: equal ones of lower trains came first.
    to = start + n
    while to > start and ordered[to - 1] > sample:
        ordered[to] = ordered[to - 1]
        trains[to] = trains[to - 1]
        to -= 1
    ordered[to] = sample
    trains[to] = train
