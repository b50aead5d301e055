"""Scores after clusters changed: only the new ones are matched, the rest is taken over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base.types import frozen
from ..kernels.inputs import as_input
from ..kernels.sparse_matching import count_matches_of
from ..kernels.time_order import order_by_time
from .pairs import TrueTrains
from .scores import assemble_scores
from .twins import find_twins

if TYPE_CHECKING:
    from ..base.types import Int32Array, Int64Array
    from .results import Scores


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
    """Put the spikes of all units in one sequence: 12 bytes a spike.

    Parameters
    ----------
    samples : int64 array, (n_true_spikes,)
        Unit i has `samples[offsets[i]:offsets[i + 1]]`, increasing, not negative.
    offsets : int64 array, (n_units + 1,)
    """
    samples, offsets = as_input(samples, np.int64), as_input(offsets, np.int64)
    ordered, units = order_by_time(samples, offsets)
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
    trains = _Trains(cluster_ids, train_of, {**added})
    new = set(new_ids)
    known = [t for t in scores.twins if not (gone | new) & {t.first, t.second}]
    twins = find_twins(truth.trains, counts, cluster_ids, trains.of, scores.delta_samples, new)
    return assemble_scores(
        scores.unit_ids,
        cluster_ids,
        counts,
        scores.unit_sizes,
        sizes,
        tuple(sorted((*known, *twins), key=lambda t: (t.unit, t.first, t.second))),
        scores.lag,
        delta=(scores.delta_ms, scores.delta_samples),
        thresholds=scores.thresholds,
        is_partial=is_partial,
    )


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
    cluster_ids: tuple[int, ...]
    train_of: Callable[[int], Int64Array]
    known: dict[int, Int64Array]

    def of(self, column: int) -> Int64Array:
        cluster_id = self.cluster_ids[column]
        if cluster_id not in self.known:
            self.known[cluster_id] = self.train_of(cluster_id)
        return self.known[cluster_id]


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

    `units` are those whose scores changed, the largest change of accuracy first. The means are
    over all units; `mean_accuracy` is the one after it.
    """

    units: tuple[ScoreChange, ...]
    mean_accuracy: float
    mean_accuracy_change: float
    mean_recall_change: float = 0.0
    mean_precision_change: float = 0.0


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
    n_units = max(len(after.units), 1)
    return ScoreDelta(
        tuple(changes),
        after.mean_accuracy,
        after.mean_accuracy - before.mean_accuracy,
        sum(change.recall_change for change in changes) / n_units,
        sum(change.precision_change for change in changes) / n_units,
    )
