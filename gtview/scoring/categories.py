"""What became of each unit, and what each cluster is, in one word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from .thresholds import Thresholds, reaches

if TYPE_CHECKING:
    from ..base.types import BoolArray, Float64Array, Int64Array
    from .twins import Twins

Category = Literal["well_detected", "partial", "merged", "split", "duplicate", "missed"]
CATEGORIES: tuple[Category, ...] = get_args(Category)

ClusterCategory = Literal["matched", "fragment", "merged", "duplicate", "noise", "unknown"]
CLUSTER_CATEGORIES: tuple[ClusterCategory, ...] = get_args(ClusterCategory)

_HALF = 0.5
DEFAULTS = Thresholds()


def find_main_clusters(counts: Int64Array, cluster_sizes: Int64Array) -> Int64Array:
    """Find the cluster that holds most spikes of each unit.

    Parameters
    ----------
    counts : int64 array, (n_units, n_clusters)
    cluster_sizes : int64 array, (n_clusters,)

    Returns
    -------
    int64 array, (n_units,)
        Position of a cluster; of equal ones the smallest, then the first. -1: none holds any.
    """
    n_units, n_clusters = counts.shape
    main = np.full(n_units, -1, np.int64)
    if n_clusters:
        by_size = np.argsort(cluster_sizes, kind="stable")
        main = by_size[np.argmax(counts[:, by_size], axis=1)]
        main[counts.max(axis=1) == 0] = -1
    return main


def find_duplicated(
    twins: Iterable[Twins], unit_sizes: Int64Array, thresholds: Thresholds = DEFAULTS
) -> BoolArray:
    """Find the units of which two clusters hold a large share, and the same spikes.

    Returns
    -------
    bool array, (n_units,)
    """
    duplicated = np.zeros(len(unit_sizes), bool)
    for pair in _large_ones(twins, unit_sizes, thresholds):
        duplicated[pair.unit] = True
    return duplicated


def _large_ones(
    twins: Iterable[Twins], unit_sizes: Int64Array, thresholds: Thresholds
) -> Iterable[Twins]:
    for pair in twins:
        smaller = np.array([min(pair.n_first, pair.n_second)])
        if pair.are_same and reaches(smaller, unit_sizes[pair.unit], thresholds.large)[0]:
            yield pair


def categorize_units(
    counts: Int64Array,
    unit_sizes: Int64Array,
    cluster_sizes: Int64Array,
    is_duplicated: BoolArray,
    thresholds: Thresholds = DEFAULTS,
) -> list[Category]:
    """Name what became of each unit: the first of these that holds.

    - `missed`: no cluster holds a large share (0.2) of it. A unit without spikes is missed.
    - `duplicate`: two clusters hold the same spikes of it (see `find_duplicated`).
    - `split`: at least two clusters hold a large share of it each.
    - `merged`: it is less than half of its main cluster, or that cluster holds at least half of
      another unit.
    - `well_detected`: its main cluster holds at least 0.8 of it and is at least 0.8 made of it.
    - `partial`: anything else.

    Parameters
    ----------
    counts : int64 array, (n_units, n_clusters)
        Matched spikes of each pair.
    unit_sizes, cluster_sizes : int64 arrays, (n_units,), (n_clusters,)
    is_duplicated : bool array, (n_units,)
    thresholds
        Other numbers than 0.2 and 0.8.

    Returns
    -------
    list of (n_units,) names of `CATEGORIES`
    """
    n_large = reaches(counts, unit_sizes[:, None], thresholds.large).sum(axis=1)
    main = find_main_clusters(counts, cluster_sizes)
    held_half = reaches(counts, unit_sizes[:, None], _HALF)
    n_held = held_half.sum(axis=0)
    return [
        "missed"
        if n_large[unit] == 0
        else "duplicate"
        if is_duplicated[unit]
        else "split"
        if n_large[unit] >= 2
        else _category_of_single(
            counts[unit, cluster],
            max(unit_sizes[unit], cluster_sizes[cluster]),
            cluster_sizes[cluster],
            bool(n_held[cluster] > held_half[unit, cluster]),
            thresholds,
        )
        for unit, cluster in enumerate(main)
    ]


def _category_of_single(
    n_matched: Int64Array,
    n_larger: Int64Array,
    n_cluster: Int64Array,
    holds_another: bool,
    thresholds: Thresholds,
) -> Category:
    if 2 * n_matched < n_cluster or holds_another:
        return "merged"
    return "well_detected" if reaches(n_matched, n_larger, thresholds.good) else "partial"


def have_units(
    counts: Int64Array,
    unit_sizes: Int64Array,
    cluster_sizes: Int64Array,
    thresholds: Thresholds = DEFAULTS,
) -> BoolArray:
    """Tell which clusters have to do with a unit: one is a large share of the other.

    Returns
    -------
    bool array, (n_clusters,)
    """
    is_either = reaches(counts, unit_sizes[:, None], thresholds.large)
    is_either |= reaches(counts, cluster_sizes[None, :], thresholds.large)
    return np.asarray(is_either.any(axis=0))


def categorize_clusters(  # noqa: PLR0913 - what is known of both sides
    counts: Int64Array,
    unit_sizes: Int64Array,
    cluster_sizes: Int64Array,
    agreement: Float64Array,
    cluster_ids: Sequence[int],
    matched: Int64Array,
    twins: Iterable[Twins],
    thresholds: Thresholds = DEFAULTS,
    *,
    is_partial: bool = False,
) -> list[ClusterCategory]:
    """Name what each cluster is: the first of these that holds.

    - `merged`: it holds at least half of two units, or two units are a large share (0.2) of it.
    - `matched`: it stands for a unit.
    - `duplicate`: another cluster, one that stands for a unit or agrees better with it, holds
      the same spikes of that unit.
    - `fragment`: it holds a large share of a unit, or a unit is a large share of it.
    - `noise`: anything else. Where the truth is partial: `unknown`, for it may be a neuron.

    Parameters
    ----------
    counts : int64 array, (n_units, n_clusters)
        Matched spikes of each pair.
    unit_sizes, cluster_sizes : int64 arrays, (n_units,), (n_clusters,)
    agreement : float64 array, (n_units, n_clusters)
    cluster_ids
        (n_clusters,)
    matched : int64 array, (n_units,)
        Position of the cluster that stands for each unit; -1: none.
    twins
        Clusters that hold the same spikes.
    thresholds
        Another number than 0.2.
    is_partial
        Whether there are neurons that the truth does not know.

    Returns
    -------
    list of (n_clusters,) names of `CLUSTER_CATEGORIES`
    """
    n_halves = reaches(counts, unit_sizes[:, None], _HALF).sum(axis=0)
    n_parts = reaches(counts, cluster_sizes[None, :], thresholds.large).sum(axis=0)
    has_unit = have_units(counts, unit_sizes, cluster_sizes, thresholds)
    is_matched = np.zeros(len(cluster_ids), bool)
    is_matched[matched[matched >= 0]] = True
    pairs = _large_ones(twins, unit_sizes, thresholds)
    doubles = _find_doubles(pairs, cluster_ids, is_matched, agreement)
    return [
        "merged"
        if n_halves[j] >= 2 or n_parts[j] >= 2
        else "matched"
        if is_matched[j]
        else "duplicate"
        if cluster_id in doubles
        else "fragment"
        if has_unit[j]
        else "unknown"
        if is_partial
        else "noise"
        for j, cluster_id in enumerate(cluster_ids)
    ]


def _find_doubles(
    twins: Iterable[Twins],
    cluster_ids: Sequence[int],
    is_matched: BoolArray,
    agreement: Float64Array,
) -> set[int]:
    places = {cluster_id: j for j, cluster_id in enumerate(cluster_ids)}
    doubles = set()
    for pair in twins:
        # The better of the two is not the double; of equal ones the first.
        first, second = (
            (is_matched[places[i]], agreement[pair.unit, places[i]])
            for i in (pair.first, pair.second)
        )
        doubles.add(pair.second if first >= second else pair.first)
    return doubles
