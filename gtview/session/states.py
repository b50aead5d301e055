"""The state of every spike of what is opened; the work is for a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..curation.clustering import joined

if TYPE_CHECKING:
    from ..base.types import BoolArray, Int32Array, Int64Array
    from ..scoring.scores import Scores
    from ..scoring.states import SpikeStates
    from .scoring import ScoringQuery


def trains_of(query: ScoringQuery) -> tuple[Int32Array, Int64Array]:
    """Return the spike ids of all clusters one after another, and where each cluster begins.

    Returns
    -------
    order : int32 array, (n_sorted,)
    offsets : int64 array, (n_clusters + 1,)
    """
    return joined(query.spikes)


def compute_states(
    query: ScoringQuery,
    scores: Scores,
    before: tuple[Scores, SpikeStates | None] | None = None,
) -> SpikeStates:
    """Match every true spike with a sorted one, and say what became of each.

    Parameters
    ----------
    query
        A snapshot of the trains, see `scoring_query`.
    scores
        Tells which cluster is matched to which unit, and how near a match must be.
    before
        Scores and states before some clusters changed: units that have the cluster they had are
        not matched with it again.
    """
    from ..scoring.states import compute_spike_states, matched_positions

    return compute_spike_states(
        query.truth.spike_samples,
        query.truth.offsets,
        query.spike_samples,
        *trains_of(query),
        matched_positions(scores, query.cluster_ids),
        scores.delta_samples,
        is_partial=query.truth.is_partial,
        in_time=query.index.get(),
        known=_known_units(scores, before),
    )


def _known_units(
    scores: Scores, before: tuple[Scores, SpikeStates | None] | None
) -> tuple[SpikeStates, BoolArray] | None:
    """Return earlier states, and which units have the same cluster as then."""
    if before is None or before[1] is None or before[0].delta_samples != scores.delta_samples:
        return None
    # An id never names two sets of spikes: a cluster of the same id is the same.
    pairs = zip(before[0].units, scores.units, strict=True)
    return before[1], np.array([a.cluster_id == b.cluster_id for a, b in pairs], bool)
