"""One-to-one matching of trains with the groups that are theirs; knows no unit and no cluster."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.types import Int32Array, Int64Array
from ._jit import kernel
from ._parts import run_in_parts
from ._stretches import first_block, next_stretch
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
    known: Int32Array | None = None,
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
    known : int32 array, (n_true,), or None
        Ids of partners of trains that have no group here, but had one before; or -1.

    Returns
    -------
    true_partners : int32 array, (n_true,)
        Id of the partner, or -1.
    sorted_partners : int32 array, (n_spikes,)
        Position of the partner in `true_samples`, or -1.
    """
    true_partners = np.full(len(true_samples), -1, np.int32) if known is None else known.copy()
    sorted_partners = np.full(len(spike_samples), -1, np.int32)
    if known is not None:
        places = np.flatnonzero(known >= 0)
        sorted_partners[known[places]] = places
    samples, starts = as_input(true_samples, np.int64), as_input(true_offsets, np.int64)
    groups = as_input(partner_groups, np.int64)
    sorted_ones = (
        as_input(spike_samples, np.int64),
        as_input(order, np.int32),
        as_input(offsets, np.int64),
    )

    def match(first: int, end: int) -> None:
        # No two trains have the same group: the parts write to different spikes.
        some = starts[first : end + 1], *sorted_ones, groups[first:end]
        places = some[0][:-1].copy(), sorted_ones[2][np.maximum(some[-1], 0)]
        _match_own(samples, *some, delta, *places, true_partners, sorted_partners)

    run_in_parts(match, starts)
    return true_partners, sorted_partners


def warm_up() -> None:
    """Compile all of this, or load it from the cache."""
    samples, offsets = np.zeros(1, np.int64), np.array([0, 1], np.int64)
    first = np.zeros(1, np.int32)
    match_own(samples, offsets, samples, first, offsets, np.zeros(1, np.int64), 1)


@kernel
def _match_own(  # noqa: PLR0913 - kernels take arrays, not objects
    true_samples: Any, true_offsets: Any, spike_samples: Any, order: Any, offsets: Any,
    partner_groups: Any, delta: int, place: Any, firsts: Any, true_partners: Any,
    sorted_partners: Any,
) -> None:  # fmt: skip
    longest = 0
    for group in range(len(offsets) - 1):
        longest = max(longest, offsets[group + 1] - offsets[group])
    times = np.empty(longest, np.int64)
    partners = np.empty(longest, np.int64)
    table = np.empty(_MAX_TABLE, np.int64)
    end, width = first_block(true_samples, true_offsets)
    # The spikes of a group lie far apart in memory, but those of all groups at one time do not:
    # one block of time after another.
    n_left = len(place)
    while n_left:
        n_left = 0
        for train in range(len(place)):
            group, i, j = partner_groups[train], place[train], firsts[train]
            if group < 0 or i == true_offsets[train + 1] or j == offsets[group + 1]:
                continue
            n_left += 1
            i_stop, n = _take_piece(
                true_samples, i, true_offsets[train + 1], spike_samples, order, j,
                offsets[group + 1], end, delta, times,
            )  # fmt: skip
            for p in range(n):
                partners[p] = -1
            _match_train(true_samples, i, i_stop, times, n, delta, table, partners)
            for p in range(n):
                if partners[p] >= 0:
                    sorted_partners[order[j + p]] = partners[p]
                    true_partners[partners[p]] = order[j + p]
            place[train], firsts[train] = i_stop, j + n
        end += width


@kernel
def _take_piece(  # noqa: PLR0913
    true: Any, i: int, i_end: int, spike_samples: Any, order: Any, j: int, j_end: int, end: int,
    delta: int, times: Any,
) -> tuple[int, int]:  # fmt: skip
    # The spikes before the end, and those after it that hang together with them.
    n, latest, grows = 0, end - 1, True
    while grows:
        grows = False
        while i < i_end and true[i] <= latest:
            latest = max(latest, true[i] + delta)
            i += 1
            grows = True
        while j + n < j_end and spike_samples[order[j + n]] <= latest:
            times[n] = spike_samples[order[j + n]]
            latest = max(latest, times[n] + delta)
            n += 1
            grows = True
    return i, n


@kernel
def _match_train(
    true: Any, i: int, i_end: int, times: Any, j_end: int, delta: int, table: Any, partners: Any
) -> None:
    i, i_stop, j, j_stop = next_stretch(true, i, i_end, times, 0, j_end, delta)
    while i < i_stop:
        if i_stop == i + 1 and j_stop == j + 1:
            partners[j] = i
        elif (i_stop - i + 1) * (j_stop - j + 1) > len(table):
            _align_greedily(true, i, i_stop, times, j, j_stop, delta, partners)
        else:
            _align(true, i, i_stop, times, j, j_stop, delta, table, partners)
        i, i_stop, j, j_stop = next_stretch(true, i_stop, i_end, times, j_stop, j_end, delta)


@kernel
def _align(  # noqa: PLR0913
    true: Any, i0: int, i1: int, times: Any, j0: int, j1: int, delta: int, table: Any,
    partners: Any,
) -> None:  # fmt: skip
    n, m = i1 - i0, j1 - j0
    # A pair counts more than all distances together.
    pair = (min(n, m) * delta) + 1
    width = m + 1
    _fill_table(true, i0, n, times, j0, m, delta, pair, table)
    i = j = 0
    while i < n and j < m:
        lag = abs(times[j0 + j] - true[i0 + i])
        here = table[i * width + j]
        if lag <= delta and here == table[(i + 1) * width + j + 1] + pair - lag:
            partners[j0 + j] = i0 + i
            i += 1
            j += 1
        elif here == table[(i + 1) * width + j]:
            i += 1
        else:
            j += 1


@kernel
def _align_greedily(
    true: Any, i: int, i1: int, times: Any, j: int, j1: int, delta: int, partners: Any
) -> None:
    while i < i1 and j < j1:
        if times[j] < true[i] - delta:
            j += 1
        elif times[j] > true[i] + delta:
            i += 1
        else:
            partners[j] = i
            i += 1
            j += 1


@kernel
def _fill_table(  # noqa: PLR0913
    true: Any, i0: int, n: int, times: Any, j0: int, m: int, delta: int, pair: int, table: Any
) -> None:
    # Entry (i, j): the best value of matching the spikes from i and j on.
    width = m + 1
    for i in range(n, -1, -1):
        for j in range(m, -1, -1):
            best = 0
            if i < n and j < m:
                best = max(table[(i + 1) * width + j], table[i * width + j + 1])
                lag = abs(times[j0 + j] - true[i0 + i])
                if lag <= delta:
                    best = max(best, table[(i + 1) * width + j + 1] + pair - lag)
            table[i * width + j] = best
