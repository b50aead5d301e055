"""Compares a clustering with a ground truth."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from ..base.errors import UsageError
from .assignment import assign_clusters
from .categories import (
    CATEGORIES,
    Category,
    categorize_clusters,
    categorize_units,
    find_duplicated,
    have_units,
)
from .lag import LagScan, scan_lag
from .pairs import compute_agreement, count_pairs, sorted_trains, true_trains
from .results import ClusterMatch, Scores, UnitScore
from .thresholds import Thresholds
from .twins import Twins, find_twins

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..base.types import Float64Array, Int32Array, Int64Array
    from ..data.ground_truth import UnitId

__all__ = [
    "DEFAULT_DELTA_MS",
    "ClusterMatch",
    "LagScan",
    "Scores",
    "UnitScore",
    "compute_scores",
    "recategorize",
]

DEFAULT_DELTA_MS = 0.4
# Matches further apart are chance; the time to count them grows with it.
MAX_DELTA_MS = 100.0


def compute_scores(  # noqa: PLR0913 - the trains of both sides, each as its owner keeps them
    truth_samples: Int64Array,
    truth_offsets: Int64Array,
    unit_ids: Sequence[UnitId],
    spike_samples: Int64Array,
    order: Int32Array,
    offsets: Int64Array,
    cluster_ids: Sequence[int],
    sample_rate_hz: float,
    delta_ms: float = DEFAULT_DELTA_MS,
    *,
    is_partial: bool = False,
    thresholds: Thresholds | None = None,
) -> Scores:
    """Compare a clustering with a ground truth.

    Nothing of the work is kept for the next time but the counts. Meanwhile it takes 4 bytes for
    each sorted spike (which cluster it is of; 16 more where the samples do not increase), 16 bytes
    for each pair of a unit and a cluster, and the trains of at most 64 clusters (see `twins`).

    Parameters
    ----------
    truth_samples : int64 array, (n_true_spikes,)
        Unit i has `truth_samples[truth_offsets[i]:truth_offsets[i + 1]]`, increasing.
    truth_offsets : int64 array, (n_units + 1,)
    unit_ids
        (n_units,)
    spike_samples : int64 array, (n_spikes,)
        Sample of each spike by its id.
    order : int32 array, (n_sorted_spikes,)
        Cluster j has the spike ids `order[offsets[j]:offsets[j + 1]]`, by increasing time.
    offsets : int64 array, (n_clusters + 1,)
    cluster_ids
        (n_clusters,)
    sample_rate_hz
        Samples a second, of both.
    delta_ms
        Largest distance of a match; cut to whole samples as SpikeInterface does.
    is_partial
        Whether there are neurons that the truth does not know: then no cluster counts as false.
    thresholds
        Where the categories begin; None: the usual ones.

    Raises
    ------
    UsageError
        `delta_ms` is not between 0 and 100.
    """
    if not 0 <= delta_ms <= MAX_DELTA_MS:
        raise UsageError(f"The largest distance of a match must be 0 to {MAX_DELTA_MS:g} ms.")
    delta = int(delta_ms / 1000 * sample_rate_hz)
    truth = true_trains(truth_samples, truth_offsets)
    found = sorted_trains(spike_samples, order, offsets)
    counts = count_pairs(truth, found, delta)
    ids = tuple(int(i) for i in cluster_ids)
    agreement = compute_agreement(counts, truth.sizes, found.sizes)
    return assemble_scores(
        tuple(unit_ids),
        ids,
        counts,
        truth.sizes,
        found.sizes,
        find_twins(truth, counts, ids, found.train, delta),
        scan_lag(truth, found, agreement, delta, sample_rate_hz),
        delta=(delta_ms, delta),
        thresholds=thresholds or Thresholds(),
        is_partial=is_partial,
    )


def assemble_scores(  # noqa: PLR0913 - everything that the scores are made of
    unit_ids: tuple[UnitId, ...],
    cluster_ids: tuple[int, ...],
    counts: Int64Array,
    unit_sizes: Int64Array,
    cluster_sizes: Int64Array,
    twins: tuple[Twins, ...],
    lag: LagScan | None,
    *,
    delta: tuple[float, int],
    thresholds: Thresholds,
    is_partial: bool,
) -> Scores:
    """Draw all conclusions from the counts; quick, whatever the number of spikes.

    `delta` is the largest distance of a match, in milliseconds and in samples; the rest as the
    attributes of `Scores`.
    """
    agreement = compute_agreement(counts, unit_sizes, cluster_sizes)
    is_duplicated = find_duplicated(twins, unit_sizes, thresholds)
    categories = categorize_units(counts, unit_sizes, cluster_sizes, is_duplicated, thresholds)
    assigned = assign_clusters(agreement)
    units = score_units(
        unit_ids, cluster_ids, counts, unit_sizes, cluster_sizes, agreement, categories, assigned
    )
    tally = Counter(categories)
    has_unit = have_units(counts, unit_sizes, cluster_sizes, thresholds)
    is_false = ~has_unit & (cluster_sizes > 0) & (not is_partial)
    cluster_categories = categorize_clusters(
        counts,
        unit_sizes,
        cluster_sizes,
        agreement,
        cluster_ids,
        assigned,
        twins,
        thresholds,
        is_partial=is_partial,
    )
    return Scores(
        unit_ids=unit_ids,
        cluster_ids=cluster_ids,
        counts=counts,
        unit_sizes=unit_sizes,
        cluster_sizes=cluster_sizes,
        agreement=agreement,
        units=units,
        mean_accuracy=float(np.mean([u.accuracy for u in units])) if units else 0.0,
        category_counts={name: tally[name] for name in CATEGORIES},
        delta_ms=delta[0],
        delta_samples=delta[1],
        false_cluster_ids=tuple(cluster_ids[j] for j in np.flatnonzero(is_false).tolist()),
        lag=lag,
        is_partial=is_partial,
        thresholds=thresholds,
        twins=twins,
        cluster_categories=tuple(cluster_categories),
    )


def recategorize(scores: Scores, thresholds: Thresholds) -> Scores:
    """Return the same scores with other thresholds; no spike is matched again."""
    return assemble_scores(
        scores.unit_ids,
        scores.cluster_ids,
        scores.counts,
        scores.unit_sizes,
        scores.cluster_sizes,
        scores.twins,
        scores.lag,
        delta=(scores.delta_ms, scores.delta_samples),
        thresholds=thresholds,
        is_partial=scores.is_partial,
    )


def score_units(
    unit_ids: Sequence[UnitId],
    cluster_ids: Sequence[int],
    counts: Int64Array,
    unit_sizes: Int64Array,
    cluster_sizes: Int64Array,
    agreement: Float64Array,
    categories: Sequence[Category],
    assigned: Int64Array,
) -> tuple[UnitScore, ...]:
    """Return the score of each unit; see `assign_clusters` and `UnitScore`."""
    has_clusters = len(cluster_ids) > 0
    best_columns = agreement.argmax(axis=1) if has_clusters else np.full(len(unit_ids), -1)
    scores = []
    for row, unit_id in enumerate(unit_ids):
        column, best = int(assigned[row]), int(best_columns[row])
        has_best = has_clusters and counts[row, best] > 0
        tp = int(counts[row, column]) if column >= 0 else 0
        fn = int(unit_sizes[row]) - tp
        fp = int(cluster_sizes[column]) - tp if column >= 0 else 0
        recall = tp / max(tp + fn, 1)
        scores.append(
            UnitScore(
                unit_id=unit_id,
                n_spikes=tp + fn,
                cluster_id=int(cluster_ids[column]) if column >= 0 else None,
                tp=tp,
                fn=fn,
                fp=fp,
                accuracy=tp / max(tp + fn + fp, 1),
                recall=recall,
                precision=tp / max(tp + fp, 1),
                miss_rate=1 - recall,
                category=categories[row],
                best_cluster_id=int(cluster_ids[best]) if has_best else None,
                best_agreement=float(agreement[row, best]) if has_best else 0.0,
            )
        )
    return tuple(scores)
