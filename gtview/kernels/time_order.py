"""Puts trains that lie one after another into one sequence of time; knows no unit."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from ..base.types import Int32Array, Int64Array
from ._jit import kernel
from ._parts import run_in_parts
from .inputs import as_input

# Spikes that are put in order together, about; they stay in the nearest cache.
_BLOCK = 1 << 14
# A bucket with more spikes is not worth sorting by insertion.
_MAX_BUCKET = 1 << 8
# The whole time is cut into so many pieces, which are put in order by themselves.
_N_PIECES = 16


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
    edges, places = _cut_in_pieces(samples, offsets)
    before = places.sum(axis=1)
    is_done: list[bool] = []

    def order(first: int, end: int) -> None:
        some = places[first].copy(), places[end], edges[first], edges[end]
        written = before[first] - before[0], before[end] - before[0]
        is_done.append(_order_by_time(samples, *some, *written, ordered, trains))

    run_in_parts(order, before)
    if not all(is_done):
        of_spikes = np.repeat(np.arange(len(offsets) - 1, dtype=np.int32), np.diff(offsets))
        by_time = np.argsort(samples, kind="stable")
        return samples[by_time], of_spikes[by_time]
    return ordered, trains


def _cut_in_pieces(samples: Int64Array, offsets: Int64Array) -> tuple[Int64Array, Int64Array]:
    """Return the edges of some pieces of time, and where each train reaches each of them."""
    first, last = _limits(samples, offsets)
    width = -(-(last + 1 - first) // _N_PIECES)
    edges = first + width * np.arange(_N_PIECES + 1, dtype=np.int64)
    places = [
        begin + np.searchsorted(samples[begin:end], edges) for begin, end in pairwise(offsets)
    ]
    return edges, np.array(places, np.int64).reshape(-1, len(edges)).T.copy()


def warm_up() -> None:
    """Compile all of this, or load it from the cache."""
    order_by_time(np.zeros(1, np.int64), np.array([0, 1]))


@kernel
def _order_by_time(  # noqa: PLR0913 - kernels take arrays, not objects
    samples: Any, place: Any, ends: Any, first: int, stop: int, written: int, n_written: int,
    ordered: Any, trains: Any,
) -> bool:  # fmt: skip
    # Block by block of time: count how many spikes fall into each bucket, then write each to its
    # place. False: too many in one bucket.
    n_blocks = (n_written - written) // _BLOCK + 1
    shift = 0
    while ((stop - 1 - first) >> shift) >= n_blocks * _BLOCK:
        shift += 1
    starts = np.zeros(_BLOCK + 1, np.int64)
    filled = np.zeros(_BLOCK, np.int64)
    starts[_BLOCK] = written
    block = first
    while block < stop:
        end = min(block + (_BLOCK << shift), stop)
        written = starts[_BLOCK]
        starts[:] = 0
        filled[:] = 0
        for train in range(len(place)):
            k = place[train]
            while k < ends[train] and samples[k] < end:
                starts[((samples[k] - block) >> shift) + 1] += 1
                k += 1
        if starts.max() > _MAX_BUCKET:
            return False
        starts[0] = written
        for bucket in range(_BLOCK):
            starts[bucket + 1] += starts[bucket]
        for train in range(len(place)):
            k = place[train]
            while k < ends[train] and samples[k] < end:
                bucket = (samples[k] - block) >> shift
                _insert(samples[k], train, starts[bucket], filled[bucket], ordered, trains)
                filled[bucket] += 1
                k += 1
            place[train] = k
        block = end
    return True


@kernel
def _limits(samples: Any, offsets: Any) -> Any:
    first, last = 0, -1
    for train in range(len(offsets) - 1):
        if offsets[train + 1] > offsets[train]:
            begin, end = samples[offsets[train]], samples[offsets[train + 1] - 1]
            first = begin if last < first else min(first, begin)
            last = max(last, end)
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
