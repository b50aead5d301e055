"""Pairs of clusters that hold the same spikes of a unit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from ..kernels._parts import run_in_parts
from ..kernels.shared_counts import count_shared, mark_moments
from .thresholds import LEAST_SHARE, reaches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..base.types import BoolArray, Int64Array
    from .pairs import TrueTrains

# Only this many clusters of a unit are compared with each other; real sortings have a few.
_MAX_COMPARED = 32
# Trains kept for the next unit: at some 100,000 spikes each, 90 MB.
_MAX_KEPT = 64


@dataclass(frozen=True, slots=True)
class Twins:
    """Two clusters that each hold a part of a unit, and how much of it is the same.

    Attributes
    ----------
    unit
        Position of the unit.
    first, second
        Ids of the clusters.
    n_first, n_second
        Spikes of the unit that each matches.
    n_shared
        Spikes of the unit that both match.
    """

    unit: int
    first: int
    second: int
    n_first: int
    n_second: int
    n_shared: int

    @property
    def are_same(self) -> bool:
        """Whether at least half of what each matches, the other matches too."""
        return 2 * self.n_shared >= max(self.n_first, self.n_second)


def find_twins(
    truth: TrueTrains,
    counts: Int64Array,
    cluster_ids: Sequence[int],
    train_of: Callable[[int], Int64Array],
    delta_samples: int,
    new: Collection[int] | None = None,
) -> tuple[Twins, ...]:
    """Compare the clusters that hold 0.05 or more of the same unit.

    Those that share less than half of what they hold are left out: no threshold makes them twins.

    Parameters
    ----------
    truth
        Trains of the units.
    counts : int64 array, (n_units, n_clusters)
        Matched spikes of each pair.
    cluster_ids
        Id of each column.
    train_of
        Gives the increasing samples of the cluster of a column.
    delta_samples
        Largest distance of a match.
    new
        Only pairs with one of these clusters are looked at; None: all pairs.
    """
    held = reaches(counts, truth.sizes[:, None], LEAST_SHARE)
    is_new = np.array([new is None or i in new for i in cluster_ids], bool)
    rows = (held.sum(axis=1) >= 2) & held[:, is_new].any(axis=1)

    # A cluster is often held by several units, which are neighbours in the list.
    @lru_cache(_MAX_KEPT)
    def marked(column: int) -> tuple[Int64Array, NDArray[np.uint8]]:
        train = train_of(column)
        return train, mark_moments(train, delta_samples)

    found: dict[int, list[Twins]] = {}

    def compare(first_unit: int, end_unit: int) -> None:
        for unit in (first_unit + np.flatnonzero(rows[first_unit:end_unit])).tolist():
            train, found[unit] = truth.train(unit), []
            for pair in _possible_pairs(counts[unit], np.flatnonzero(held[unit]), is_new):
                sizes = int(counts[unit, pair[0]]), int(counts[unit, pair[1]])
                trains = marked(pair[0]), marked(pair[1])
                least = (max(sizes) + 1) // 2
                n_shared = count_shared(train, *trains, delta_samples, sizes, least)
                if n_shared >= 0:
                    ids = cluster_ids[pair[0]], cluster_ids[pair[1]]
                    found[unit].append(Twins(unit, *ids, *sizes, n_shared))

    run_in_parts(compare, truth.offsets)
    return tuple(twins for unit in sorted(found) for twins in found[unit])


def _possible_pairs(
    counts: Int64Array, columns: Int64Array, is_new: BoolArray
) -> Iterable[tuple[int, int]]:
    """Give the pairs of which one holds at least half as much as the other."""
    if len(columns) > _MAX_COMPARED:
        columns = columns[np.argsort(-counts[columns], kind="stable")[:_MAX_COMPARED]]
    for one, other in combinations(sorted(columns.tolist()), 2):
        smaller, larger = sorted((counts[one], counts[other]))
        if 2 * smaller >= larger and (is_new[one] or is_new[other]):
            yield one, other
