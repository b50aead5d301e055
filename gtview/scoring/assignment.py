"""Which cluster stands for which unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..base.types import Float64Array, Int64Array

MATCH_SCORE = 0.5


def assign_clusters(agreement: Float64Array, match_score: float = MATCH_SCORE) -> Int64Array:
    """Give each unit at most one cluster and each cluster at most one unit.

    The sum of the agreements is made as large as possible (Hungarian method), after agreements
    below `match_score` are set to 0, as SpikeInterface does it.

    Parameters
    ----------
    agreement : float64 array, (n_units, n_clusters)
    match_score
        Pairs that agree less are not matched.

    Returns
    -------
    int64 array, (n_units,)
        Position of the cluster of each unit, or -1.
    """
    assigned = np.full(len(agreement), -1, np.int64)
    scores = np.where(agreement < match_score, 0.0, agreement)
    if not scores.any():
        return assigned
    from scipy.optimize import linear_sum_assignment

    units, clusters = linear_sum_assignment(-scores)
    is_match = scores[units, clusters] > 0
    assigned[units[is_match]] = clusters[is_match]
    return assigned
