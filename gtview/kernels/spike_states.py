"""One-to-one matching of all true spikes with all sorted ones; knows no unit and no cluster."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.types import Int32Array, Int64Array
from ._jit import kernel
from .inputs import as_input

# Spikes of one pair that hang together closer than delta are matched best as a whole, up to this
# many combinations; in longer chains (no neuron fires like that) the earliest free partner counts.
_MAX_TABLE = 1 << 14


def match_own(
    true_samples: Int64Array,
    true_offsets: Int64Array,
    spike_samples: Int64Array,
    order: Int32Array,
    offsets: Int64Array,
    partner_groups: Int64Array,
    delta: int,
) -> tuple[Int32Array, Int32Array]:
    """Match each true train with its own group of sorted spikes.

    As many spikes as possible have a partner, at most `delta` samples away; of all such
    matchings that with the smallest sum of distances. Where spikes lie on a line, a best one
    crosses nothing, so the two trains are aligned like texts, in each stretch by itself.

    Parameters
    ----------
    true_samples : int64 array, (n_true,)
        Train i, increasing, is `true_samples[true_offsets[i]:true_offsets[i + 1]]`.
    true_offsets : int64 array, (n_trains + 1,)
    spike_samples : int64 array, (n_spikes,)
        Sample of each sorted spike by its id.
    order : int32 array, (n_grouped,)
        Group j has the ids `order[offsets[j]:offsets[j + 1]]`, by increasing time.
    offsets : int64 array, (n_groups + 1,)
    partner_groups : int64 array, (n_trains,)
        Group of each train, each at most once; -1: none.
    delta
        Largest distance, in samples.

    Returns
    -------
    true_partners : int32 array, (n_true,)
        Id of the partner, or -1.
    sorted_partners : int32 array, (n_spikes,)
        Position of the partner in `true_samples`, or -1.
    """
    true_partners = np.full(len(true_samples), -1, np.int32)
    sorted_partners = np.full(len(spike_samples), -1, np.int32)
    _match_own(
        as_input(true_samples, np.int64),
        as_input(true_offsets, np.int64),
        as_input(spike_samples, np.int64),
        as_input(order, np.int32),
        as_input(offsets, np.int64),
        as_input(partner_groups, np.int64),
        delta,
        true_partners,
        sorted_partners,
    )
    return true_partners, sorted_partners


def match_rest(
    true_samples: Int64Array, sorted_samples: Int64Array, ranks: Int32Array, delta: int
) -> Int64Array:
    """Match two sequences: the smallest distance first, then the lowest rank, then the earliest.

    The time grows with `delta` times the number of spikes.

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
    samples, offsets = np.zeros(1, np.int64), np.array([0, 1], np.int64)
    first = np.zeros(1, np.int32)
    match_own(samples, offsets, samples, first, offsets, np.zeros(1, np.int64), 1)
    match_rest(samples, samples, first, 1)


@kernel
def _match_own(  # noqa: PLR0913
    true_samples: Any, true_offsets: Any, spike_samples: Any, order: Any, offsets: Any,
    partner_groups: Any, delta: int, true_partners: Any, sorted_partners: Any,
) -> None:  # fmt: skip
    table = np.empty(_MAX_TABLE, np.int64)
    for train in range(len(partner_groups)):
        group = partner_groups[train]
        if group < 0:
            continue
        i, i_end = true_offsets[train], true_offsets[train + 1]
        j, j_end = offsets[group], offsets[group + 1]
        while i < i_end and j < j_end:
            step = spike_samples[order[j]] - true_samples[i]
            if step < -delta:
                j += 1
                continue
            if step > delta:
                i += 1
                continue
            # A stretch: as long as the next spike of either train is near the last of the other.
            i_stop, j_stop = i + 1, j + 1
            grows = True
            while grows:
                grows = False
                last = spike_samples[order[j_stop - 1]]
                while i_stop < i_end and true_samples[i_stop] <= last + delta:
                    i_stop += 1
                    grows = True
                last = true_samples[i_stop - 1]
                while j_stop < j_end and spike_samples[order[j_stop]] <= last + delta:
                    j_stop += 1
                    grows = True
            _align(
                true_samples, i, i_stop, spike_samples, order, j, j_stop, delta, table,
                true_partners, sorted_partners,
            )  # fmt: skip
            i, j = i_stop, j_stop


@kernel
def _align(  # noqa: PLR0913
    true_samples: Any, i0: int, i1: int, spike_samples: Any, order: Any, j0: int, j1: int,
    delta: int, table: Any, true_partners: Any, sorted_partners: Any,
) -> None:  # fmt: skip
    n, m = i1 - i0, j1 - j0
    if n == 1 and m == 1:
        true_partners[i0] = order[j0]
        sorted_partners[order[j0]] = i0
        return
    if (n + 1) * (m + 1) > len(table):
        _align_greedily(
            true_samples, i0, i1, spike_samples, order, j0, j1, delta, true_partners,
            sorted_partners,
        )  # fmt: skip
        return
    # A pair counts more than all distances together.
    pair = (min(n, m) * delta) + 1
    width = m + 1
    _fill_table(true_samples, i0, n, spike_samples, order, j0, m, delta, pair, table)
    i = j = 0
    while i < n and j < m:
        lag = abs(spike_samples[order[j0 + j]] - true_samples[i0 + i])
        here = table[i * width + j]
        if lag <= delta and here == table[(i + 1) * width + j + 1] + pair - lag:
            true_partners[i0 + i] = order[j0 + j]
            sorted_partners[order[j0 + j]] = i0 + i
            i += 1
            j += 1
        elif here == table[(i + 1) * width + j]:
            i += 1
        else:
            j += 1


@kernel
def _align_greedily(  # noqa: PLR0913 - kernels take arrays, not objects
    true_samples: Any, i: int, i1: int, spike_samples: Any, order: Any, j: int, j1: int,
    delta: int, true_partners: Any, sorted_partners: Any,
) -> None:  # fmt: skip
    while i < i1 and j < j1:
        step = spike_samples[order[j]] - true_samples[i]
        if step < -delta:
            j += 1
        elif step > delta:
            i += 1
        else:
            true_partners[i] = order[j]
            sorted_partners[order[j]] = i
            i += 1
            j += 1


@kernel
def _fill_table(  # noqa: PLR0913
    true_samples: Any, i0: int, n: int, spike_samples: Any, order: Any, j0: int, m: int,
    delta: int, pair: int, table: Any,
) -> None:  # fmt: skip
    # Entry (i, j): the best value of matching the spikes from i and j on.
    width = m + 1
    for i in range(n, -1, -1):
        for j in range(m, -1, -1):
            best = 0
            if i < n and j < m:
                best = max(table[(i + 1) * width + j], table[i * width + j + 1])
                lag = abs(spike_samples[order[j0 + j]] - true_samples[i0 + i])
                if lag <= delta:
                    best = max(best, table[(i + 1) * width + j + 1] + pair - lag)
            table[i * width + j] = best


@kernel
def _match_rest(true_samples: Any, sorted_samples: Any, ranks: Any, delta: int) -> Any:
    n, m = len(true_samples), len(sorted_samples)
    partners = np.full(n, -1, np.int64)
    is_free = np.ones(m, np.bool_)
    for lag in range(delta + 1):
        before = after = 0
        for i in range(n):
            if partners[i] >= 0:
                continue
            early, late = true_samples[i] - lag, true_samples[i] + lag
            while before < m and sorted_samples[before] < early:
                before += 1
            while after < m and sorted_samples[after] < late:
                after += 1
            best = -1
            k = before
            while k < m and sorted_samples[k] == early:
                if is_free[k] and (best < 0 or ranks[k] < ranks[best]):
                    best = k
                k += 1
            k = after
            while k < m and sorted_samples[k] == late:
                if is_free[k] and (best < 0 or ranks[k] < ranks[best]):
                    best = k
                k += 1
            if best >= 0:
                partners[i] = best
                is_free[best] = False
    return partners
