"""Scores after clusters changed: only the new ones are matched, the rest is taken over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base.types import frozen
from ..kernels.inputs import as_input
from ..kernels.matching import match_trains
from ..kernels.sparse_matching import count_matches_of
from .categories import CATEGORIES, Category, categorize_units, have_twins, is_large
from .pairs import TrueTrains, compute_agreement
from .results import Scores, have_units
from .scores import score_units

if TYPE_CHECKING:
    from ..base.types import BoolArray, Int32Array, Int64Array

# As many large clusters of a unit are compared with each other as in a full scoring.
_MAX_COMPARED = 32


@dataclass(frozen=True, slots=True, eq=False)
class TruthInTime:
    """The spikes of all units in one sequence; made once, for every rescoring.

    Attributes
    ----------
    trains
        The units, one after another.
    samples : int64 array, (n_true_spikes,)
        Increasing.
    units : int32 array, (n_true_spikes,)
        Position of the unit of each.
    """

    trains: TrueTrains
    samples: Int64Array
    units: Int32Array


def order_truth(samples: Int64Array, offsets: Int64Array) -> TruthInTime:
    """Put the spikes of all units in one sequence; 12 bytes a spike, a second for 19 million.

    Parameters
    ----------
    samples : int64 array, (n_true_spikes,)
        Unit i has `samples[offsets[i]:offsets[i + 1]]`, increasing, not negative.
    offsets : int64 array, (n_units + 1,)
    """
    samples, offsets = as_input(samples, np.int64), as_input(offsets, np.int64)
    n_units = max(len(offsets) - 1, 1)
    # One number of both: sorting numbers in place is several times faster than sorting rows.
    keys = samples * n_units
    keys += np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    keys.sort()
    ordered = keys // n_units
    keys -= ordered * n_units
    units = keys.astype(np.int32)
    return TruthInTime(TrueTrains(samples, offsets), frozen(ordered), frozen(units))


def rescore(
    scores: Scores,
    removed: Sequence[int],
    added: Mapping[int, Int64Array],
    truth: TruthInTime,
    train_of: Callable[[int], Int64Array],
    *,
    is_partial: bool = False,
) -> Scores:
    """Return the scores after some clusters went and others came.

    The same as scoring everything anew, but that a lag told before is told again unseen.

    Parameters
    ----------
    scores
        Before.
    removed
        Clusters that are gone; those that the scores do not know are passed over.
    added : mapping of cluster id to int64 array, (n_spikes,)
        Increasing samples of each new cluster.
    truth
        See `order_truth`.
    train_of
        Gives the increasing samples of any cluster that exists now.
    is_partial
        Whether there are neurons that the truth does not know.
    """
    gone = set(removed)
    kept = [j for j, i in enumerate(scores.cluster_ids) if i not in gone]
    new_ids = sorted(added)
    ids = [scores.cluster_ids[j] for j in kept] + new_ids
    # By id, as in a full scoring.
    order = np.argsort(np.array(ids, np.int64), kind="stable")
    cluster_ids = tuple(ids[j] for j in order.tolist())
    new_counts = _count(truth, [added[i] for i in new_ids], scores.delta_samples)
    counts = np.concatenate([scores.counts[:, kept], new_counts], axis=1)[:, order]
    new_sizes = np.array([len(added[i]) for i in new_ids], np.int64)
    sizes = np.concatenate([scores.cluster_sizes[kept], new_sizes])[order]
    counts = np.ascontiguousarray(counts)
    trains = _Trains(truth.trains, cluster_ids, train_of, {**added})
    is_duplicated = _find_duplicated(scores, gone, set(new_ids), counts, trains)
    categories = categorize_units(counts, scores.unit_sizes, sizes, is_duplicated)
    return _assemble(scores, cluster_ids, counts, sizes, categories, is_partial=is_partial)


def _count(truth: TruthInTime, trains: Sequence[Int64Array], delta: int) -> Int64Array:
    """Count the matches of every unit with some trains, (n_units, n_trains)."""
    n_units = len(truth.trains.offsets) - 1
    if not trains:
        return np.empty((n_units, 0), np.int64)
    # As many spikes as possible are matched in each pair, whichever side is laid over the other.
    columns = [
        count_matches_of(train, truth.samples, truth.units, n_units, delta) for train in trains
    ]
    return np.stack(columns, axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class _Trains:
    truth: TrueTrains
    cluster_ids: tuple[int, ...]
    train_of: Callable[[int], Int64Array]
    known: dict[int, Int64Array]

    def of(self, column: int) -> Int64Array:
        cluster_id = self.cluster_ids[column]
        if cluster_id not in self.known:
            self.known[cluster_id] = self.train_of(cluster_id)
        return self.known[cluster_id]


def _find_duplicated(
    scores: Scores, gone: set[int], new: set[int], counts: Int64Array, trains: _Trains
) -> BoolArray:
    """Look again at the units that held, or hold, a large share of a cluster that changed."""
    unit_sizes = scores.unit_sizes[:, None]
    before, now = is_large(scores.counts, unit_sizes), is_large(counts, unit_sizes)
    was_touched = before[:, [i in gone for i in scores.cluster_ids]].any(axis=1)
    is_touched = was_touched | now[:, [i in new for i in trains.cluster_ids]].any(axis=1)
    duplicated = np.array([unit.category == "duplicate" for unit in scores.units], bool)
    duplicated &= ~is_touched
    for unit in np.flatnonzero(is_touched & (now.sum(axis=1) >= 2)).tolist():
        columns = np.flatnonzero(now[unit])
        if len(columns) > _MAX_COMPARED:
            columns = columns[np.argsort(-counts[unit, columns], kind="stable")]
        duplicated[unit] = _has_twins(unit, columns[:_MAX_COMPARED], trains, scores.delta_samples)
    return duplicated


def _has_twins(unit: int, columns: Int64Array, trains: _Trains, delta: int) -> bool:
    train = trains.truth.train(unit)
    matched = [match_trains(train, trains.of(j), delta) >= 0 for j in columns.tolist()]
    return have_twins(np.array(matched))


def _assemble(
    scores: Scores,
    cluster_ids: tuple[int, ...],
    counts: Int64Array,
    sizes: Int64Array,
    categories: list[Category],
    *,
    is_partial: bool,
) -> Scores:
    agreement = compute_agreement(counts, scores.unit_sizes, sizes)
    units = score_units(
        scores.unit_ids, cluster_ids, counts, scores.unit_sizes, sizes, agreement, categories
    )
    tally = Counter(categories)
    is_false = ~have_units(counts, scores.unit_sizes, sizes) & (sizes > 0)
    return Scores(
        unit_ids=scores.unit_ids,
        cluster_ids=cluster_ids,
        counts=counts,
        unit_sizes=scores.unit_sizes,
        cluster_sizes=sizes,
        agreement=agreement,
        units=units,
        mean_accuracy=float(np.mean([u.accuracy for u in units])) if units else 0.0,
        category_counts={name: tally[name] for name in CATEGORIES},
        delta_ms=scores.delta_ms,
        delta_samples=scores.delta_samples,
        false_cluster_ids=()
        if is_partial
        else tuple(cluster_ids[j] for j in np.flatnonzero(is_false).tolist()),
        lag=scores.lag,
    )


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """What an action did, or would do, to one unit.

    `accuracy`, `recall` and `precision` are those after it; `..._change` is how much they
    changed. `cluster_before` and `cluster_after` are the clusters that stand for the unit.
    """

    unit_id: int | str
    cluster_before: int | None
    cluster_after: int | None
    accuracy: float
    recall: float
    precision: float
    accuracy_change: float
    recall_change: float
    precision_change: float


@dataclass(frozen=True, slots=True)
class ScoreDelta:
    """What an action did, or would do, to the scores.

    `units` are those whose scores changed, the largest change of accuracy first.
    """

    units: tuple[ScoreChange, ...]
    mean_accuracy: float
    mean_accuracy_change: float


def compare_scores(before: Scores, after: Scores) -> ScoreDelta:
    """Return what changed from one scoring to another of the same units."""
    changes = [
        ScoreChange(
            unit_id=new.unit_id,
            cluster_before=old.cluster_id,
            cluster_after=new.cluster_id,
            accuracy=new.accuracy,
            recall=new.recall,
            precision=new.precision,
            accuracy_change=new.accuracy - old.accuracy,
            recall_change=new.recall - old.recall,
            precision_change=new.precision - old.precision,
        )
        for old, new in zip(before.units, after.units, strict=True)
        if (old.tp, old.fn, old.fp) != (new.tp, new.fn, new.fp)
    ]
    changes.sort(key=lambda change: -abs(change.accuracy_change))
    gain = after.mean_accuracy - before.mean_accuracy
    return ScoreDelta(tuple(changes), after.mean_accuracy, gain)
