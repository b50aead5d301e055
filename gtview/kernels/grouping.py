"""Spikes of each cluster, as one order and its offsets."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.types import Int32Array, Int64Array
from ._jit import kernel
from .inputs import as_input


@kernel
def count_labels(labels: Any, n_labels: int) -> Any:
    """Count how often each label 0 .. n_labels - 1 occurs; int64, (n_labels,)."""
    counts = np.zeros(n_labels, np.int64)
    for i in range(len(labels)):
        counts[labels[i]] += 1
    return counts


@kernel
def order_by_label(labels: Any, offsets: Any) -> Any:
    """Return the positions of each label one after another, each increasing (counting sort).

    `labels` is int32, (n,), values 0 .. k - 1; `offsets` is int64, (k + 1,). Result: int32, (n,).
    """
    order = np.empty(len(labels), np.int32)
    place = offsets[:-1].copy()
    for i in range(len(labels)):
        label = labels[i]
        order[place[label]] = i
        place[label] += 1
    return order


def group_by_value(values: Int32Array) -> tuple[Int64Array, Int64Array, Int32Array]:
    """Return which values occur, and where, by a counting sort.

    Parameters
    ----------
    values : int32 array, (n,)
        The time and memory grow with n and with the range of the values.

    Returns
    -------
    found : int64 array, (n_found,)
        The values that occur, increasing.
    offsets : int64 array, (n_found + 1,)
    order : int32 array, (n,)
        Value i of `found` is at the positions `order[offsets[i]:offsets[i + 1]]`, increasing.
    """
    if not len(values):
        return np.empty(0, np.int64), np.zeros(1, np.int64), np.empty(0, np.int32)
    low = int(values.min())
    labels = as_input(values if low == 0 else values - np.int32(low), np.int32)
    counts = count_labels(labels, int(labels.max()) + 1)
    order = order_by_label(labels, np.concatenate([[0], np.cumsum(counts)]))
    found = np.flatnonzero(counts)
    offsets = np.concatenate([[0], np.cumsum(counts[found])]).astype(np.int64)
    return found + low, offsets, order


def count_values(values: Int32Array) -> tuple[Int64Array, Int64Array]:
    """Count which values occur, without telling where; see `group_by_value`.

    Returns
    -------
    found, counts : int64 arrays, (n_found,)
        The values that occur, increasing, and how often.
    """
    if not len(values):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    low = int(values.min())
    labels = as_input(values if low == 0 else values - np.int32(low), np.int32)
    counts = count_labels(labels, int(labels.max()) + 1)
    found = np.flatnonzero(counts)
    return found + low, counts[found]


@kernel
def find_places(ids: Any, wanted: Any) -> Any:
    """Return where `wanted` are in `ids`; int64, (len(wanted),), -1 where they are not.

    Both are int32 and increase: one pass, several times faster than a search for each.
    """
    places = np.full(len(wanted), -1, np.int64)
    k = 0
    for i in range(len(wanted)):
        while k < len(ids) and ids[k] < wanted[i]:
            k += 1
        if k < len(ids) and ids[k] == wanted[i]:
            places[i] = k
    return places


@kernel
def order_by_label_in(labels: Any, offsets: Any, sequence: Any) -> Any:
    """Do as `order_by_label`, but keep within a label the order of `sequence` (int64, (n,))."""
    order = np.empty(len(labels), np.int32)
    place = offsets[:-1].copy()
    for k in range(len(sequence)):
        label = labels[sequence[k]]
        order[place[label]] = sequence[k]
        place[label] += 1
    return order


# Spikes looked at together, so that their labels stay in the nearest cache.
_BLOCK = 1 << 16
# Counts held at a time: 64 MB.
_MAX_COUNTS = 1 << 24


@kernel
def _count_pairs(order: Any, offsets: Any, others: Any, n_others: int) -> Any:
    n_groups = len(offsets) - 1
    counts = np.zeros((n_groups, n_others), np.int32)
    place = offsets[:-1].copy()
    stop = 0
    while stop < len(others):
        stop = min(stop + _BLOCK, len(others))
        for group in range(n_groups):
            k = place[group]
            # Spikes are nearly always in order of time, and so of blocks; if they are not,
            # one that is met too early waits for its block, and those after it with it.
            while k < offsets[group + 1] and order[k] < stop:
                counts[group, others[order[k]]] += 1
                k += 1
            place[group] = k
    return counts


def count_pairs(
    order: Int32Array, offsets: Int64Array, others: Int32Array, n_others: int
) -> tuple[Int32Array, Int32Array, Int64Array]:
    """Count, for each group of an order, how often each other label occurs.

    Parameters
    ----------
    order : int32 array, (n_grouped,)
        Group j has the spikes `order[offsets[j]:offsets[j + 1]]`.
    offsets : int64 array, (n_groups + 1,)
    others : int32 array, (n,)
        Other label of each spike, 0 .. n_others - 1.
    n_others
        Number of other labels.

    Returns
    -------
    groups, labels, counts : int32, int32, int64 arrays, (n_pairs,)
        Only the pairs that occur, by group, then by label.
    """
    order, others = as_input(order, np.int32), as_input(others, np.int32)
    n_at_once = max(1, _MAX_COUNTS // max(n_others, 1))
    parts = []
    for first in range(0, len(offsets) - 1, n_at_once):
        some = as_input(offsets[first : first + n_at_once + 1], np.int64)
        table = _count_pairs(order, some, others, n_others)
        groups, labels = np.nonzero(table)
        parts.append((groups + first, labels, table[groups, labels]))
    if not parts:
        return np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.int64)
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return columns[0].astype(np.int32), columns[1].astype(np.int32), columns[2].astype(np.int64)
