"""Counts spikes by group, by state and by where a value lies; knows no unit and no cluster."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.types import Int32Array, Int64Array
from ._jit import kernel
from .inputs import as_input


def count_states(
    labels: Int32Array, states: NDArray[np.uint8], n_labels: int, n_states: int
) -> Int64Array:
    """Count the spikes of each label in each state.

    Parameters
    ----------
    labels : int32 array, (n_spikes,)
        Spikes with a negative label are passed over.
    states : uint8 array, (n_spikes,)
    n_labels, n_states
        How many there are.

    Returns
    -------
    int64 array, (n_labels, n_states)
    """
    counts: Int64Array = _count_states(
        as_input(labels, np.int32), as_input(states, np.uint8), n_labels, n_states
    )
    return counts


def count_states_by_bin(
    values: NDArray[Any],
    labels: Int32Array,
    states: NDArray[np.uint8],
    shape: tuple[int, int, int],
    start: float,
    width: float,
) -> Int64Array:
    """Count the spikes of each label in each state and each of some bins of equal width.

    Parameters
    ----------
    values : int64 or float32 array, (n_spikes,)
        What is binned: samples, micrometres, ...; NaN is passed over.
    labels : int32 array, (n_spikes,)
        Spikes with a negative label are passed over.
    states : uint8 array, (n_spikes,)
    shape
        (n_labels, n_bins, n_states)
    start, width
        Bin k holds `start + k * width <= value < start + (k + 1) * width`; the last one also its
        upper edge.

    Returns
    -------
    int64 array, (n_labels, n_bins, n_states)
    """
    kind = np.int64 if np.asarray(values).dtype.kind in "iu" else np.float32
    counts = np.zeros(shape, np.int64)
    _count_states_by_bin(
        as_input(values, kind), as_input(labels, np.int32), as_input(states, np.uint8),
        float(start), float(width), counts,
    )  # fmt: skip
    return counts


def find_places(trains: Int32Array, offsets: Int64Array) -> Int32Array:
    """Return where each spike of a sequence of time lies train by train.

    Parameters
    ----------
    trains : int32 array, (n_spikes,)
        Train of each spike, in order of time; see `time_order.order_by_time`.
    offsets : int64 array, (n_trains + 1,)

    Returns
    -------
    int32 array, (n_spikes,)
    """
    places: Int32Array = _find_places(as_input(trains, np.int32), as_input(offsets, np.int64))
    return places


def warm_up() -> None:
    """Compile all of this, or load it from the cache."""
    one, offsets, states = np.zeros(1, np.int32), np.array([0, 1]), np.zeros(1, np.uint8)
    count_states(one, states, 1, 1)
    for kind in (np.int64, np.float32):
        count_states_by_bin(np.zeros(1, kind), one, states, (1, 1, 1), 0.0, 1.0)
    find_places(one, offsets)


@kernel
def _count_states(labels: Any, states: Any, n_labels: int, n_states: int) -> Any:
    counts = np.zeros((n_labels, n_states), np.int64)
    for k in range(len(labels)):
        if labels[k] >= 0:
            counts[labels[k], states[k]] += 1
    return counts


@kernel
def _count_states_by_bin(
    values: Any, labels: Any, states: Any, start: float, width: float, counts: Any
) -> None:
    n_bins = counts.shape[1]
    for k in range(len(values)):
        place = (values[k] - start) / width
        # False for NaN.
        if labels[k] >= 0 and 0 <= place <= n_bins:
            counts[labels[k], min(int(place), n_bins - 1), states[k]] += 1


@kernel
def _find_places(trains: Any, offsets: Any) -> Any:
    places = np.empty(len(trains), np.int32)
    place = offsets[:-1].copy()
    for k in range(len(trains)):
        places[k] = place[trains[k]]
        place[trains[k]] += 1
    return places
