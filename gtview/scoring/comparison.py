"""Several sortings of one recording, beside the truth and beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base.errors import UsageError
from .assignment import assign_clusters
from .categories import CATEGORIES, CLUSTER_CATEGORIES
from .pairs import TrueTrains, compute_agreement, count_pairs

if TYPE_CHECKING:
    from ..base.types import Float64Array, Int64Array
    from ..data.ground_truth import UnitId
    from .pairs import SortedTrains
    from .results import Scores

WELL_ACCURATE = 0.8


@dataclass(frozen=True, slots=True)
class SortingSummary:
    """One sorting in a few numbers.

    Attributes
    ----------
    name
        Of the sorter, or of the step of curation.
    n_clusters, n_spikes
        What it has.
    mean_accuracy, mean_recall, mean_precision
        Over all units, unmatched ones as 0. Over no units: NaN.
    n_matched, n_accurate
        Units that have a cluster; those with an accuracy of at least 0.8.
    unit_counts, cluster_counts
        Units and clusters of each category.
    n_false
        Clusters that are noise; None where the truth is partial, which cannot tell.
    """

    name: str
    n_clusters: int
    n_spikes: int
    mean_accuracy: float
    mean_recall: float
    mean_precision: float
    n_matched: int
    n_accurate: int
    unit_counts: dict[str, int]
    cluster_counts: dict[str, int]
    n_false: int | None


def summarize(name: str, scores: Scores) -> SortingSummary:
    """Describe one sorting in a few numbers."""

    def mean(field: str) -> float:
        values = [getattr(u, field) for u in scores.units]
        return float(np.mean(values)) if values else float("nan")

    categories = list(scores.cluster_categories)
    return SortingSummary(
        name=name,
        n_clusters=len(scores.cluster_ids),
        n_spikes=int(scores.cluster_sizes.sum()),
        mean_accuracy=mean("accuracy"),
        mean_recall=mean("recall"),
        mean_precision=mean("precision"),
        n_matched=sum(u.cluster_id is not None for u in scores.units),
        n_accurate=sum(u.accuracy >= WELL_ACCURATE for u in scores.units),
        unit_counts={c: scores.category_counts[c] for c in CATEGORIES},
        cluster_counts={c: categories.count(c) for c in CLUSTER_CATEGORIES},
        n_false=None if scores.is_partial else len(scores.false_cluster_ids),
    )


@dataclass(frozen=True, slots=True, eq=False)
class SortingComparison:
    """Several sortings, unit by unit. Arrays are read-only.

    Attributes
    ----------
    summaries
        One for each sorting: the table sorter by measure.
    unit_ids
        Rows.
    cluster_ids
        For each unit the cluster that stands for it in each sorting, or None.
    accuracy, recall, precision : float64 arrays, (n_units, n_sortings)
    categories
        For each unit its category in each sorting.
    """

    summaries: tuple[SortingSummary, ...]
    unit_ids: tuple[UnitId, ...]
    cluster_ids: tuple[tuple[int | None, ...], ...]
    accuracy: Float64Array
    recall: Float64Array
    precision: Float64Array
    categories: tuple[tuple[str, ...], ...]

    def best_sorting(self) -> Int64Array:
        """Return the most accurate sorting of each unit, int64, (n_units,); -1: none has it."""
        if not self.summaries:
            return np.full(len(self.unit_ids), -1, np.int64)
        best = self.accuracy.argmax(axis=1)
        return np.where(self.accuracy.max(axis=1) > 0, best, -1).astype(np.int64)

    def only_in(self, sorting: int, good_from: float = WELL_ACCURATE) -> tuple[UnitId, ...]:
        """Return the units that this sorting finds well and no other does."""
        is_good = self.accuracy >= good_from
        alone = is_good[:, sorting] & (is_good.sum(axis=1) == 1)
        return tuple(self.unit_ids[i] for i in np.flatnonzero(alone).tolist())


def compare_sortings(named: Sequence[tuple[str, Scores]]) -> SortingComparison:
    """Put sortings that were compared with the same truth side by side.

    Also the same sorting before and after a curation; `rescoring.compare_scores` tells what that
    changed.

    Raises
    ------
    UsageError
        They were compared with different truths, or with another largest distance of a match.
    """
    unit_ids = named[0][1].unit_ids if named else ()
    for name, scores in named:
        if scores.unit_ids != unit_ids or (scores.unit_sizes != named[0][1].unit_sizes).any():
            raise UsageError(f"{name} was compared with another ground truth.")
        if scores.delta_samples != named[0][1].delta_samples:
            raise UsageError(f"{name} was compared with another largest distance of a match.")
    rows = list(zip(*(scores.units for _, scores in named), strict=True))

    def values(field: str) -> Float64Array:
        array = np.array([[getattr(u, field) for u in row] for row in rows], np.float64)
        array = array.reshape(len(unit_ids), len(named))
        array.setflags(write=False)
        return array

    return SortingComparison(
        summaries=tuple(summarize(name, scores) for name, scores in named),
        unit_ids=unit_ids,
        cluster_ids=tuple(tuple(u.cluster_id for u in row) for row in rows),
        accuracy=values("accuracy"),
        recall=values("recall"),
        precision=values("precision"),
        categories=tuple(tuple(u.category for u in row) for row in rows),
    )


@dataclass(frozen=True, slots=True, eq=False)
class PairAgreement:
    """Two sortings beside each other, neither of them true.

    Attributes
    ----------
    first_ids, second_ids
        Clusters of the two: rows and columns.
    counts : int64 array, (n_first, n_second)
        Matched spikes of each pair.
    agreement : float64 array, (n_first, n_second)
        counts / (spikes that either has).
    partners : int64 array, (n_first,)
        Position of the cluster of the second that each of the first is matched with, or -1.
    """

    first_ids: tuple[int, ...]
    second_ids: tuple[int, ...]
    counts: Int64Array
    agreement: Float64Array
    partners: Int64Array

    @property
    def n_matched(self) -> int:
        """Number of clusters that both have."""
        return int(np.count_nonzero(self.partners >= 0))


def compare_with_each_other(
    first: SortedTrains,
    first_ids: Sequence[int],
    second: SortedTrains,
    second_ids: Sequence[int],
    delta_samples: int,
) -> PairAgreement:
    """Match the clusters of two sortings of one recording.

    Counts, agreement and matching are those that units and clusters are compared with.

    Parameters
    ----------
    first, second
        Their trains.
    first_ids, second_ids
        Ids of their clusters.
    delta_samples
        Largest distance of a match.
    """
    one = TrueTrains(first.spike_samples[first.order], first.offsets)
    counts = count_pairs(one, second, delta_samples)
    agreement = compute_agreement(counts, first.sizes, second.sizes)
    partners = assign_clusters(agreement)
    return PairAgreement(tuple(first_ids), tuple(second_ids), counts, agreement, partners)
