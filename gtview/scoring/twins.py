"""Pairs of clusters that hold the same spikes of a unit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from ..kernels.matching import match_trains
from .thresholds import LEAST_SHARE, reaches

if TYPE_CHECKING:
    from ..base.types import BoolArray, Int64Array
    from .pairs import TrueTrains

# Only this many clusters of a unit are compared with each other; real sortings have a few.
_MAX_COMPARED = 32
# Trains kept for the next unit: at some 100,000 spikes each, 50 MB.
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
    rows = held.sum(axis=1) >= 2
    if new is not None:
        rows &= held[:, [i in new for i in cluster_ids]].any(axis=1)
    # A cluster is often held by several units, which are neighbours in the list.
    train_once = lru_cache(_MAX_KEPT)(train_of)
    found: list[Twins] = []
    for unit in np.flatnonzero(rows).tolist():
        columns = np.flatnonzero(held[unit])
        if len(columns) > _MAX_COMPARED:
            columns = columns[np.argsort(-counts[unit, columns], kind="stable")[:_MAX_COMPARED]]
        train = truth.train(unit)
        matched = {
            cluster_ids[j]: match_trains(train, train_once(j), delta_samples) >= 0
            for j in sorted(columns.tolist())
        }
        found += _compare(unit, matched, new)
    return tuple(found)


def _compare(
    unit: int, matched: dict[int, BoolArray], new: Collection[int] | None
) -> Iterable[Twins]:
    for first, second in combinations(matched, 2):
        if new is None or first in new or second in new:
            one, other = matched[first], matched[second]
            sizes = int(np.count_nonzero(one)), int(np.count_nonzero(other))
            twins = Twins(unit, first, second, *sizes, int(np.count_nonzero(one & other)))
            if twins.are_same:
                yield twins
