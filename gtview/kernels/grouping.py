"""Spikes of each cluster, as one order and its offsets."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._jit import kernel


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


@kernel
def count_pairs(order: Any, offsets: Any, others: Any, n_others: int) -> Any:
    """Count, for each group of an order, how often each other label occurs.

    Returns
    -------
    groups, labels, counts : int32, int32, int64 arrays, (n_pairs,)
        Only the pairs that occur, by group, then by label.
    """
    n_groups = len(offsets) - 1
    counts = np.zeros(n_others, np.int64)
    seen = np.empty(n_others, np.int32)
    groups_out = np.empty(max(n_groups, 1), np.int32)
    labels_out = np.empty(max(n_groups, 1), np.int32)
    counts_out = np.empty(max(n_groups, 1), np.int64)
    n_out = 0
    for group in range(n_groups):
        n_seen = 0
        for k in range(offsets[group], offsets[group + 1]):
            label = others[order[k]]
            if counts[label] == 0:
                seen[n_seen] = label
                n_seen += 1
            counts[label] += 1
        found = np.sort(seen[:n_seen])
        while n_out + n_seen > len(groups_out):
            groups_out = np.concatenate((groups_out, np.empty_like(groups_out)))
            labels_out = np.concatenate((labels_out, np.empty_like(labels_out)))
            counts_out = np.concatenate((counts_out, np.empty_like(counts_out)))
        for label in found:
            groups_out[n_out] = group
            labels_out[n_out] = label
            counts_out[n_out] = counts[label]
            n_out += 1
            counts[label] = 0
    return groups_out[:n_out], labels_out[:n_out], counts_out[:n_out]
