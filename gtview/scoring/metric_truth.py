"""Which quality metrics tell the truth: a threshold on each, against true accuracy or purity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from ..base.types import BoolArray, Float64Array, FloatArray
    from .results import Scores

Truth = Literal["accuracy", "purity"]


@dataclass(frozen=True, slots=True, eq=False)
class ClusterTruth:
    """How good each cluster really is.

    Attributes
    ----------
    cluster_ids
        (n_clusters,)
    accuracy : float64 array, (n_clusters,)
        Agreement with the unit that it agrees best with.
    purity : float64 array, (n_clusters,)
        Largest share of it that is one unit.

    NaN: nothing can be said, as the truth is partial and the cluster has to do with no unit of it.
    """

    cluster_ids: tuple[int, ...]
    accuracy: Float64Array
    purity: Float64Array

    def of(self, truth: Truth) -> Float64Array:
        """Return one of the two."""
        return self.accuracy if truth == "accuracy" else self.purity


def compute_cluster_truth(scores: Scores) -> ClusterTruth:
    """Return how good each cluster really is."""
    accuracy = scores.agreement.max(axis=0, initial=0.0)
    purity = scores.precision_matrix().max(axis=0, initial=0.0)
    is_unknown = np.array([c == "unknown" for c in scores.cluster_categories], bool)
    for values in (accuracy, purity):
        values[is_unknown] = np.nan
    return ClusterTruth(scores.cluster_ids, accuracy, purity)


@dataclass(frozen=True, slots=True, eq=False)
class MetricCurve:
    """What each threshold on a metric accepts.

    Attributes
    ----------
    name
        Of the metric.
    is_higher_better
        Whether clusters at or above the threshold are accepted, else those at or below.
    thresholds : float64 array, (n,)
        Every value that occurs, the strictest first.
    true_acceptance, false_acceptance : float64 arrays, (n,)
        Share of the good clusters that is accepted, and of the bad ones: the ROC, without the
        point (0, 0) that accepts nothing.
    auc
        Area under it: how probably a good cluster has a better value than a bad one (Mann and
        Whitney), ties as one half. 0.5: the metric tells nothing. NaN without good or bad ones.
    n_good, n_bad, n_unknown
        Clusters; unknown: without the metric or without the truth.
    best_threshold
        Where true minus false acceptance is largest (Youden); NaN without good or bad ones.
    """

    name: str
    is_higher_better: bool
    thresholds: Float64Array
    true_acceptance: Float64Array
    false_acceptance: Float64Array
    auc: float
    n_good: int
    n_bad: int
    n_unknown: int
    best_threshold: float

    def at(self, threshold: float) -> tuple[float, float]:
        """Return true and false acceptance at any threshold; 0 and 0 where it accepts nothing."""
        sign = 1 if self.is_higher_better else -1
        k = int(np.searchsorted(-sign * self.thresholds, -sign * threshold, side="right")) - 1
        if k < 0:
            return 0.0, 0.0
        return float(self.true_acceptance[k]), float(self.false_acceptance[k])


def compute_metric_curve(
    name: str, values: FloatArray, is_good: BoolArray, *, is_higher_better: bool | None = None
) -> MetricCurve:
    """Try every threshold on a metric.

    Parameters
    ----------
    name
        Of the metric.
    values : float array, (n_clusters,)
        Clusters without a value (NaN) are left out and counted.
    is_good : bool array, (n_clusters,)
        What is true of them.
    is_higher_better
        None: whichever way the metric tells more.
    """
    values = np.asarray(values, np.float64)
    known = ~np.isnan(values)
    n_unknown = int(np.count_nonzero(~known))
    values, is_good = values[known], np.asarray(is_good, bool)[known]
    if is_higher_better is None:
        area = _area(values, is_good)
        is_higher_better = not area < 0.5
    sign = 1 if is_higher_better else -1
    order = np.argsort(-sign * values, kind="stable")
    ordered, good = values[order], is_good[order]
    # One point for each value: equal ones are accepted together.
    last = np.r_[np.flatnonzero(ordered[1:] != ordered[:-1]), len(ordered) - 1][: len(ordered)]
    n_good, n_bad = int(good.sum()), int((~good).sum())
    true = np.cumsum(good)[last] / max(n_good, 1)
    false = np.cumsum(~good)[last] / max(n_bad, 1)
    has_both = n_good > 0 and n_bad > 0
    best = ordered[last][int(np.argmax(true - false))] if has_both else np.nan
    auc = _area(sign * values, is_good)
    return MetricCurve(
        name, is_higher_better, ordered[last], true, false, auc, n_good, n_bad, n_unknown,
        float(best),
    )  # fmt: skip


def _area(values: FloatArray, is_good: BoolArray) -> float:
    """Return how probably a good one has a higher value than a bad one, from the sum of ranks."""
    n_good = int(is_good.sum())
    n_bad = len(is_good) - n_good
    if not n_good or not n_bad:
        return float("nan")
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    # The mean rank of equal values.
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return float((ranks[is_good].sum() - n_good * (n_good + 1) / 2) / (n_good * n_bad))


def rank_metrics(
    metrics: Mapping[str, FloatArray],
    truth: FloatArray,
    good_from: float = 0.8,
    *,
    higher_is_better: Mapping[str, bool] | None = None,
) -> tuple[MetricCurve, ...]:
    """Compare all metrics, those that tell most of the truth first.

    Parameters
    ----------
    metrics
        Values of each, float, (n_clusters,).
    truth : float array, (n_clusters,)
        True accuracy or purity; NaN: not known, the cluster is left out.
    good_from
        Clusters of at least this truth are good.
    higher_is_better
        Which way a metric is meant, for those that have one; others go whichever way they tell
        more.
    """
    truth = np.asarray(truth, np.float64)
    known = np.isfinite(truth)
    meant = higher_is_better or {}
    curves = [
        compute_metric_curve(
            name,
            np.where(known, np.asarray(values, np.float64), np.nan),
            truth >= good_from,
            is_higher_better=meant.get(name),
        )
        for name, values in metrics.items()
    ]
    return tuple(sorted(curves, key=lambda c: -c.auc if np.isfinite(c.auc) else 1.0))
