"""Matches the spikes that are left over, of all trains; knows no unit and no cluster."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.types import Int32Array, Int64Array
from ._jit import kernel
from ._stretches import next_stretch
from .inputs import as_input

# Pairs of one stretch that are put in order at once; longer stretches are swept lag by lag.
_MAX_PAIRS = 1 << 14
# So few pairs are put in order by insertion.
_FEW_PAIRS = 48


def match_rest(
    true_samples: Int64Array, sorted_samples: Int64Array, ranks: Int32Array, delta: int
) -> Int64Array:
    """Match two sequences: the smallest distance first, then the lowest rank, then the earliest.

    Spikes that hang together closer than delta are matched by themselves, so that the time grows
    with the number of coincidences, and of long chains with `delta` times the number of spikes.

    Parameters
    ----------
    true_samples, sorted_samples : int64 arrays, (n_true,), (n_sorted,)
        Increasing, in samples.
    ranks : int32 array, (n_sorted,)
    delta
        Largest distance, in samples.

    Returns
    -------
    int64 array, (n_true,)
        Position of the partner in `sorted_samples`, or -1.
    """
    partners: Int64Array = _match_rest(
        as_input(true_samples, np.int64),
        as_input(sorted_samples, np.int64),
        as_input(ranks, np.int32),
        delta,
    )
    return partners


def warm_up() -> None:
    """Compile all of this, or load it from the cache."""
    samples = np.zeros(1, np.int64)
    match_rest(samples, samples, np.zeros(1, np.int32), 1)


@kernel
def _match_rest(true: Any, found: Any, ranks: Any, delta: int) -> Any:
    n, m = len(true), len(found)
    partners = np.full(n, -1, np.int64)
    is_free = np.ones(m, np.bool_)
    pairs = np.empty((_MAX_PAIRS, 2), np.int32)
    order = np.empty(_MAX_PAIRS, np.int32)
    counts = np.zeros(delta + 2, np.int64)
    i, i_stop, j, j_stop = next_stretch(true, 0, n, found, 0, m, delta)
    while i < i_stop:
        if i_stop == i + 1 and j_stop == j + 1:
            partners[i] = j
            is_free[j] = False
        else:
            n_pairs = _list_pairs(true, i, i_stop, found, j, j_stop, delta, pairs)
            if n_pairs > _MAX_PAIRS:
                _sweep(true, i, i_stop, found, j, j_stop, ranks, delta, is_free, partners)
            else:
                _put_in_order(true, found, pairs, n_pairs, counts, order)
                _take(true, found, pairs, order[:n_pairs], ranks, is_free, partners)
        i, i_stop, j, j_stop = next_stretch(true, i_stop, n, found, j_stop, m, delta)
    return partners


@kernel
def _list_pairs(
    true: Any, i: int, i_stop: int, found: Any, first: int, stop: int, delta: int, pairs: Any
) -> int:
    # By the true spike, then by the sorted one; one more than there is room for: too many.
    n = 0
    for k in range(i, i_stop):
        while first < stop and found[first] < true[k] - delta:
            first += 1
        j = first
        while j < stop and found[j] <= true[k] + delta:
            if n == len(pairs):
                return n + 1
            pairs[n, 0] = k
            pairs[n, 1] = j
            n += 1
            j += 1
    return n


@kernel
def _put_in_order(
    true: Any, found: Any, pairs: Any, n_pairs: int, counts: Any, order: Any
) -> None:
    # By lag; pairs of the same lag stay in the order in which they were listed.
    if n_pairs <= _FEW_PAIRS:
        for p in range(n_pairs):
            lag = abs(true[pairs[p, 0]] - found[pairs[p, 1]])
            to = p
            while to > 0:
                q = order[to - 1]
                if abs(true[pairs[q, 0]] - found[pairs[q, 1]]) <= lag:
                    break
                order[to] = q
                to -= 1
            order[to] = p
        return
    counts[:] = 0
    for p in range(n_pairs):
        counts[abs(true[pairs[p, 0]] - found[pairs[p, 1]]) + 1] += 1
    for lag in range(1, len(counts)):
        counts[lag] += counts[lag - 1]
    for p in range(n_pairs):
        lag = abs(true[pairs[p, 0]] - found[pairs[p, 1]])
        order[counts[lag]] = p
        counts[lag] += 1


@kernel
def _take(
    true: Any, found: Any, pairs: Any, order: Any, ranks: Any, is_free: Any, partners: Any
) -> None:
    for at in range(len(order)):
        i, best = pairs[order[at], 0], -1
        if partners[i] >= 0:
            continue
        # Pairs of the same spike with the same lag, before and after it, follow each other.
        lag = abs(true[i] - found[pairs[order[at], 1]])
        k = at
        while k < len(order) and pairs[order[k], 0] == i:
            j = pairs[order[k], 1]
            if abs(true[i] - found[j]) != lag:
                break
            if is_free[j] and (best < 0 or ranks[j] < ranks[best]):
                best = j
            k += 1
        if best >= 0:
            partners[i] = best
            is_free[best] = False


@kernel
def _sweep(  # noqa: PLR0913 - kernels take arrays, not objects
    true: Any, i0: int, i1: int, found: Any, j0: int, j1: int, ranks: Any, delta: int,
    is_free: Any, partners: Any,
) -> None:  # fmt: skip
    for lag in range(delta + 1):
        before = after = j0
        for i in range(i0, i1):
            if partners[i] >= 0:
                continue
            early, late = true[i] - lag, true[i] + lag
            while before < j1 and found[before] < early:
                before += 1
            while after < j1 and found[after] < late:
                after += 1
            best = _best_at(found, before, j1, early, ranks, is_free, -1)
            best = _best_at(found, after, j1, late, ranks, is_free, best)
            if best >= 0:
                partners[i] = best
                is_free[best] = False


@kernel
def _best_at(
    found: Any, k: int, stop: int, sample: int, ranks: Any, is_free: Any, best: int
) -> int:
    while k < stop and found[k] == sample:
        if is_free[k] and (best < 0 or ranks[k] < ranks[best]):
            best = k
        k += 1
    return best
