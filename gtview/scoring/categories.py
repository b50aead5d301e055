"""What became of each unit, in one word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from ..kernels.matching import match_trains

if TYPE_CHECKING:
    from ..base.types import BoolArray, Int64Array
    from .pairs import SortedTrains, TrueTrains

Category = Literal["well_detected", "partial", "merged", "split", "duplicate", "missed"]
CATEGORIES: tuple[Category, ...] = get_args(Category)

# Only this many clusters of a unit are compared with each other; real sortings have a few.
_MAX_COMPARED = 32


def is_large(counts: Int64Array, sizes: Int64Array) -> BoolArray:
    """Tell which counts are a large share, 0.2, of the spikes of their unit or cluster.

    `counts` and `sizes` are int64 arrays that broadcast. In whole numbers: 0.2 is no binary
    fraction, and 3 of 15 must be enough.
    """
    return (5 * counts >= sizes) & (counts > 0)


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
    truth: TrueTrains, found: SortedTrains, counts: Int64Array, delta_samples: int
) -> BoolArray:
    """Find the units whose spikes two clusters hold at once.

    Two clusters that each hold a large share of the unit hold the same spikes of it if at least
    half of what each matches of the unit is matched by the other too.

    Returns
    -------
    bool array, (n_units,)
    """
    large = is_large(counts, truth.sizes[:, None])
    duplicated = np.zeros(len(counts), bool)
    for unit in np.flatnonzero(large.sum(axis=1) >= 2).tolist():
        clusters = np.flatnonzero(large[unit])
        if len(clusters) > _MAX_COMPARED:
            clusters = clusters[np.argsort(-counts[unit, clusters], kind="stable")]
        train = truth.train(unit)
        matched = [
            match_trains(train, found.train(j), delta_samples) >= 0
            for j in clusters[:_MAX_COMPARED]
        ]
        duplicated[unit] = have_twins(np.array(matched))
    return duplicated


def have_twins(matched: BoolArray) -> bool:
    """Tell whether two clusters match mostly the same spikes of a unit.

    Parameters
    ----------
    matched : bool array, (n_clusters, n_spikes)
        Which spikes of the unit each cluster matches.
    """
    sizes = matched.sum(axis=1)
    for i in range(len(matched)):
        for j in range(i):
            shared = np.count_nonzero(matched[i] & matched[j])
            if 2 * shared >= max(sizes[i], sizes[j]):
                return True
    return False


def categorize_units(
    counts: Int64Array,
    unit_sizes: Int64Array,
    cluster_sizes: Int64Array,
    is_duplicated: BoolArray,
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

    Returns
    -------
    list of (n_units,) names of `CATEGORIES`
    """
    n_large = is_large(counts, unit_sizes[:, None]).sum(axis=1)
    main = find_main_clusters(counts, cluster_sizes)
    held_half = (2 * counts >= unit_sizes[:, None]) & (counts > 0)
    n_held = held_half.sum(axis=0)
    return [
        "missed"
        if n_large[unit] == 0
        else "duplicate"
        if is_duplicated[unit]
        else "split"
        if n_large[unit] >= 2
        else _category_of_single(
            int(counts[unit, cluster]),
            int(unit_sizes[unit]),
            int(cluster_sizes[cluster]),
            bool(n_held[cluster] > held_half[unit, cluster]),
        )
        for unit, cluster in enumerate(main)
    ]


def _category_of_single(
    n_matched: int, n_unit: int, n_cluster: int, holds_another: bool
) -> Category:
    if 2 * n_matched < n_cluster or holds_another:
        return "merged"
    if 5 * n_matched >= 4 * max(n_unit, n_cluster):
        return "well_detected"
    return "partial"
