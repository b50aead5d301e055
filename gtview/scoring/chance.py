"""How many matches pure chance makes: what a score is worth has to be told beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..base.types import Float64Array, Int64Array
    from .results import Scores
    from .spike_matrix import SpikeMatrix


def expect_matches(
    unit_sizes: Int64Array, cluster_sizes: Int64Array, delta_samples: int, duration_samples: int
) -> Float64Array:
    """Return how many spikes of each unit a cluster of independent spikes would match.

    A spike of the unit has a spike of the cluster within delta with the probability
    1 - exp(-n * w / T), for n spikes that come at any time of T with equal probability, and a
    window of w = 2 * delta + 1 samples. One to one at most as many as the cluster has.

    Parameters
    ----------
    unit_sizes, cluster_sizes : int64 arrays, (n_units,), (n_clusters,)
    delta_samples
        Largest distance of a match.
    duration_samples
        Length of the recording.

    Returns
    -------
    float64 array, (n_units, n_clusters)
    """
    chance = hit_probability(cluster_sizes, delta_samples, duration_samples)
    matches = unit_sizes[:, None] * chance[None, :]
    return np.asarray(np.minimum(matches, cluster_sizes[None, :]), np.float64)


def hit_probability(
    n_spikes: Int64Array, delta_samples: int, duration_samples: int
) -> Float64Array:
    """Return how probably one of n independent spikes is within delta of a moment.

    Parameters
    ----------
    n_spikes : int64 array, (n,)
    delta_samples, duration_samples
        Whole samples.

    Returns
    -------
    float64 array, (n,)
    """
    window = 2 * delta_samples + 1
    return np.asarray(-np.expm1(-n_spikes * (window / max(duration_samples, 1))), np.float64)


def chance_agreement(scores: Scores, duration_samples: int) -> Float64Array:
    """Return the agreement that each unit would have with its best cluster by chance alone.

    The best cluster is the one that stands for the unit, else the one that agrees best.

    Returns
    -------
    float64 array, (n_units,)
        0 where a unit has no cluster.
    """
    expected = expect_matches(
        scores.unit_sizes, scores.cluster_sizes, scores.delta_samples, duration_samples
    )
    columns = scores.matched_columns
    if not len(scores.cluster_ids):
        return np.zeros(len(columns))
    columns = np.where(columns < 0, scores.agreement.argmax(axis=1), columns)
    rows = np.arange(len(columns))
    matches = expected[rows, columns]
    either = scores.unit_sizes + scores.cluster_sizes[columns] - matches
    agreement = matches / np.maximum(either, 1)
    return np.where(scores.counts[rows, columns] > 0, agreement, 0.0)


def expect_elsewhere(
    matrix: SpikeMatrix, found: Int64Array, delta_samples: int, duration_samples: int
) -> Float64Array:
    """Return how many spikes of each unit would be matched with each cluster by chance.

    Spikes that the unit's own cluster does not hold can still meet any spike that stands for
    nothing else.

    Parameters
    ----------
    matrix
        Where the spikes went.
    found : int64 array, (n_units,)
        Position of the cluster matched to each unit, or -1.
    delta_samples, duration_samples
        Whole samples.

    Returns
    -------
    float64 array, (n_units, n_clusters)
    """
    rows = np.flatnonzero(found >= 0)
    own = np.zeros(matrix.counts.shape, bool)
    own[rows, found[rows]] = True
    taken = np.where(own, matrix.counts, 0)
    left = matrix.unit_sizes - taken.sum(axis=1)
    free = matrix.cluster_sizes - taken.sum(axis=0)
    chance = hit_probability(free, delta_samples, duration_samples)
    return np.asarray(left[:, None] * chance[None, :], np.float64)
