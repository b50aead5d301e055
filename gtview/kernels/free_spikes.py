"""Finds the spikes that have no partner yet, and writes down those that get one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.types import Int32Array, Int64Array
from ._jit import kernel
from .inputs import as_input


def find_free_true(
    trains: Int32Array, offsets: Int64Array, partners: Int32Array
) -> tuple[Int32Array, Int32Array]:
    """Find the spikes without a partner among trains that were put in order of time.

    Parameters
    ----------
    trains : int32 array, (n_true,)
        Train of each spike, in order of time; see `time_order.order_by_time`.
    offsets : int64 array, (n_trains + 1,)
        Train i has the places `offsets[i]:offsets[i + 1]`.
    partners : int32 array, (n_true,)
        By place: -1 where a spike has none.

    Returns
    -------
    positions : int32 array, (n_free,)
        In the order of time.
    places : int32 array, (n_free,)
        Of the same spikes, train by train.
    """
    found: tuple[Int32Array, Int32Array] = _find_free_true(
        as_input(trains, np.int32), as_input(offsets, np.int64), as_input(partners, np.int32)
    )
    return found


def find_free_sorted(
    spike_samples: Int64Array, labels: Int32Array, partners: Int32Array
) -> tuple[Int32Array, Int64Array, Int32Array]:
    """Find the spikes that have a label but no partner.

    Parameters
    ----------
    spike_samples : int64 array, (n_spikes,)
    labels : int32 array, (n_spikes,)
        Negative: of no group.
    partners : int32 array, (n_spikes,)
        -1 where a spike has none.

    Returns
    -------
    ids : int32 array, (n_free,)
        Increasing.
    samples : int64 array, (n_free,)
    labels : int32 array, (n_free,)
    """
    found: tuple[Int32Array, Int64Array, Int32Array] = _find_free_sorted(
        as_input(spike_samples, np.int64), as_input(labels, np.int32), as_input(partners, np.int32)
    )
    return found


def join_partners(
    places: Int32Array,
    ids: Int32Array,
    rest: Int64Array,
    true_partners: Int32Array,
    sorted_partners: Int32Array,
    is_rest: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    value: int,
) -> None:
    """Write down the partners that `match_rest` found, and a value for both of each pair.

    Parameters
    ----------
    places, ids : int32 arrays, (n_free_true,), (n_free_sorted,)
        Of the two sequences.
    rest : int64 array, (n_free_true,)
        What `match_rest` returned.
    true_partners, sorted_partners : int32 arrays, (n_true,), (n_spikes,)
        Changed in place.
    is_rest : two uint8 arrays, (n_true,), (n_spikes,)
        Changed in place: `value` where a partner was found.
    value
        0 to 255.
    """
    _join_partners(
        as_input(places, np.int32), as_input(ids, np.int32), as_input(rest, np.int64),
        true_partners, sorted_partners, *is_rest, value,
    )  # fmt: skip


def warm_up() -> None:
    """Compile all of this, or load it from the cache."""
    samples, offsets = np.zeros(1, np.int64), np.array([0, 1], np.int64)
    first = np.zeros(1, np.int32)
    find_free_true(first, offsets, first)
    find_free_sorted(samples, first, first)
    marks = np.zeros(1, np.uint8), np.zeros(1, np.uint8)
    join_partners(first, first, samples, first.copy(), first.copy(), marks, 0)


@kernel
def _find_free_true(trains: Any, offsets: Any, partners: Any) -> Any:
    n_free = 0
    for partner in partners:
        n_free += partner < 0
    positions = np.empty(n_free, np.int32)
    places = np.empty(n_free, np.int32)
    place = offsets[:-1].copy()
    k = 0
    for i in range(len(trains)):
        train = trains[i]
        if partners[place[train]] < 0:
            positions[k] = i
            places[k] = place[train]
            k += 1
        place[train] += 1
    return positions, places


@kernel
def _find_free_sorted(spike_samples: Any, labels: Any, partners: Any) -> Any:
    n_free = 0
    for k in range(len(labels)):
        n_free += partners[k] < 0 and labels[k] >= 0
    ids = np.empty(n_free, np.int32)
    samples = np.empty(n_free, np.int64)
    ranks = np.empty(n_free, np.int32)
    n = 0
    for k in range(len(labels)):
        if partners[k] < 0 and labels[k] >= 0:
            ids[n], samples[n], ranks[n] = k, spike_samples[k], labels[k]
            n += 1
    return ids, samples, ranks


@kernel
def _join_partners(
    places: Any, ids: Any, rest: Any, true_partners: Any, sorted_partners: Any, true_values: Any,
    sorted_values: Any, value: int,
) -> None:  # fmt: skip
    for k in range(len(rest)):
        if rest[k] >= 0:
            here, there = places[k], ids[rest[k]]
            true_partners[here], sorted_partners[there] = there, here
            true_values[here] = value
            sorted_values[there] = value
