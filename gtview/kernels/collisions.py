"""Spikes of different trains that come at nearly the same time; knows no unit."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.types import BoolArray, Int32Array, Int64Array
from ._jit import kernel
from .inputs import as_input


def find_nearest(
    samples: Int64Array, trains: Int32Array, places: Int32Array, is_near: BoolArray, window: int
) -> tuple[Int32Array, Int32Array]:
    """Find, for every spike, the nearest one of another train that may disturb it.

    Parameters
    ----------
    samples : int64 array, (n_spikes,)
        Increasing.
    trains, places : int32 arrays, (n_spikes,)
        Train of each spike, and where it is written in the answer.
    is_near : bool array, (n_trains, n_trains)
        Whether spikes of the second train disturb those of the first.
    window
        Largest distance, in samples.

    Returns
    -------
    others : int32 array, (n_spikes,)
        Train of the nearest spike (of equally near ones the earlier), or -1.
    lags : int32 array, (n_spikes,)
        Its sample minus that of the spike; 0 where there is none.
    """
    found: tuple[Int32Array, Int32Array] = _find_nearest(
        as_input(samples, np.int64), as_input(trains, np.int32), as_input(places, np.int32),
        as_input(is_near, np.bool_), window,
    )  # fmt: skip
    return found


def count_collisions(
    samples: Int64Array,
    trains: Int32Array,
    is_found: BoolArray,
    groups: Int32Array,
    n_groups: int,
    window: int,
    n_bins: int,
) -> tuple[Int64Array, Int64Array]:
    """Count all pairs of spikes of different trains by lag, once from the side of each of the two.

    Parameters
    ----------
    samples : int64 array, (n_spikes,)
        Increasing.
    trains : int32 array, (n_spikes,)
    is_found : bool array, (n_spikes,)
    groups : int32 array, (n_trains, n_trains)
        Row of the answer for spikes of the first train beside spikes of the second; -1: none.
    n_groups
        Number of rows.
    window
        Largest distance, in samples.
    n_bins
        The lags from -window to window are cut into so many bins of equal width.

    Returns
    -------
    n, n_found : int64 arrays, (n_groups, n_bins)
        Pairs, and those of which the first spike is found; lag = second minus first.
    """
    counted: tuple[Int64Array, Int64Array] = _count_collisions(
        as_input(samples, np.int64), as_input(trains, np.int32), as_input(is_found, np.bool_),
        as_input(groups, np.int32), n_groups, window, n_bins,
    )  # fmt: skip
    return counted


def warm_up() -> None:
    """Compile all of this, or load it from the cache."""
    samples, one = np.zeros(2, np.int64), np.zeros(2, np.int32)
    find_nearest(samples, one, np.arange(2, dtype=np.int32), np.zeros((1, 1), np.bool_), 1)
    groups = np.zeros((1, 1), np.int32)
    count_collisions(samples, one, np.zeros(2, np.bool_), groups, 1, 1, 1)


@kernel
def _find_nearest(samples: Any, trains: Any, places: Any, is_near: Any, window: int) -> Any:
    n = len(samples)
    others = np.full(n, -1, np.int32)
    lags = np.zeros(n, np.int32)
    for i in range(n):
        near = is_near[trains[i]]
        best = window + 1
        k = i - 1
        while k >= 0 and samples[i] - samples[k] < best:
            if trains[k] != trains[i] and near[trains[k]]:
                best = samples[i] - samples[k]
                others[places[i]], lags[places[i]] = trains[k], -best
            k -= 1
        k = i + 1
        while k < n and samples[k] - samples[i] < best:
            if trains[k] != trains[i] and near[trains[k]]:
                best = samples[k] - samples[i]
                others[places[i]], lags[places[i]] = trains[k], best
            k += 1
    return others, lags


@kernel
def _count_collisions(
    samples: Any, trains: Any, is_found: Any, groups: Any, n_groups: int, window: int, n_bins: int
) -> Any:
    n = np.zeros((n_groups, n_bins), np.int64)
    n_found = np.zeros((n_groups, n_bins), np.int64)
    width = 2 * window / n_bins if window > 0 else 1.0
    for i in range(len(samples)):
        k = i + 1
        while k < len(samples) and samples[k] - samples[i] <= window:
            if trains[k] != trains[i]:
                lag = samples[k] - samples[i]
                _count(n, n_found, groups[trains[i], trains[k]], lag, window, width, is_found[i])
                _count(n, n_found, groups[trains[k], trains[i]], -lag, window, width, is_found[k])
            k += 1
    return n, n_found


@kernel
def _count(
    n: Any, n_found: Any, group: int, lag: int, window: int, width: float, is_found: bool
) -> None:
    if group >= 0:
        place = min(max(int(np.floor((lag + window) / width)), 0), n.shape[1] - 1)
        n[group, place] += 1
        n_found[group, place] += is_found
