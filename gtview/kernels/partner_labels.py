"""Which labels the partners of trains have; knows no unit and no cluster."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.types import Int32Array, Int64Array
from ._jit import kernel
from ._parts import run_in_parts
from .inputs import as_input

# Labels looked up together: they stay in the nearest cache.
_BLOCK = 1 << 16


def count_partner_labels(
    partners: Int32Array, offsets: Int64Array, labels: Int32Array, n_labels: int
) -> Int64Array:
    """Count the labels of the partners of each train.

    Parameters
    ----------
    partners : int32 array, (n_spikes,)
        Train i has `partners[offsets[i]:offsets[i + 1]]`: places in `labels`, or -1. Any order is
        right, but it is quicker where they increase.
    offsets : int64 array, (n_trains + 1,)
    labels : int32 array, (n_others,)
        -1 .. n_labels - 1
    n_labels
        Number of labels.

    Returns
    -------
    int64 array, (n_trains, n_labels + 1)
        The last column: spikes without a partner, or with one that has no label.
    """
    counts = np.zeros((len(offsets) - 1, n_labels + 1), np.int64)
    no_values, nowhere = np.zeros((1, 1), np.uint8), np.empty(0, np.uint8)
    _look_at_partners(partners, offsets, labels, counts, no_values, nowhere)
    return counts


def values_of_partners(
    partners: Int32Array, offsets: Int64Array, labels: Int32Array, values: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Return a value for each spike, by its train and the label of its partner.

    Parameters
    ----------
    partners, offsets, labels
        As for `count_partner_labels`.
    values : uint8 array, (n_trains, n_labels + 1)
        The last column: of spikes without a partner, or with one that has no label.

    Returns
    -------
    uint8 array, (n_spikes,)
    """
    found = np.empty(len(partners), np.uint8)
    counts = np.zeros(values.shape, np.int64)
    _look_at_partners(partners, offsets, labels, counts, as_input(values, np.uint8), found)
    return found


def warm_up() -> None:
    """Compile all of this, or load it from the cache."""
    one, offsets = np.zeros(1, np.int32), np.array([0, 1])
    count_partner_labels(one, offsets, one, 1)


def _look_at_partners(
    partners: Int32Array,
    offsets: Int64Array,
    labels: Int32Array,
    counts: Int64Array,
    values: NDArray[np.uint8],
    found: NDArray[np.uint8],
) -> None:
    partners, labels = as_input(partners, np.int32), as_input(labels, np.int32)
    starts = as_input(offsets, np.int64)
    values = as_input(values, np.uint8)

    def look(first: int, end: int) -> None:
        some = starts[first : end + 1]
        of_some = values[first:end] if len(found) else values
        _look(partners, some, labels, counts[first:end], of_some, found)

    run_in_parts(look, starts)


@kernel
def _look(partners: Any, offsets: Any, labels: Any, counts: Any, values: Any, found: Any) -> None:
    # Block by block of the labels: those of one train lie far apart in memory. One kernel for
    # both answers: it is compiled only once.
    place = offsets[:-1].copy()
    last = counts.shape[1] - 1
    for start in range(0, len(labels) + 1, _BLOCK):
        is_last = start + _BLOCK > len(labels)
        for train in range(len(place)):
            k, row = place[train], counts[train]
            while k < offsets[train + 1] and (is_last or partners[k] < start + _BLOCK):
                label = -1 if partners[k] < 0 else labels[partners[k]]
                column = last if label < 0 else label
                row[column] += 1
                if len(found) > 0:
                    found[k] = values[train, column]
                k += 1
            place[train] = k
