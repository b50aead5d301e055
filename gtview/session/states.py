"""The state of every spike of what is opened; the work is for a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..scoring.scores import Scores
    from ..scoring.states import SpikeStates
    from .scoring import ScoringQuery


def compute_states(query: ScoringQuery, scores: Scores) -> SpikeStates:
    """Match every true spike with a sorted one, and say what became of each.

    Parameters
    ----------
    query
        A snapshot of the trains, see `scoring_query`.
    scores
        Tells which cluster is matched to which unit, and how near a match must be.
    """
    from ..scoring.states import compute_spike_states, matched_positions

    sizes = [len(spikes) for spikes in query.spikes]
    return compute_spike_states(
        query.truth.spike_samples,
        query.truth.offsets,
        query.spike_samples,
        np.concatenate([np.empty(0, np.int32), *query.spikes]),
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        matched_positions(scores, query.cluster_ids),
        scores.delta_samples,
        is_partial=query.truth.is_partial,
    )
