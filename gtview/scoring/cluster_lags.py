"""How late or early each cluster is; and what the sorting is when that is taken out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..kernels.matching import count_lags
from ..kernels.sparse_matching import count_matches_of
from .lag import WINDOW_MS, box_sums, main_lag

if TYPE_CHECKING:
    from ..base.types import Float64Array, Int32Array, Int64Array
    from .pairs import ClusterTrains
    from .rescoring import TruthInTime

# So many spikes of a cluster, evenly spread, tell its lag well enough.
_MAX_SPIKES = 1000
# At least this share of them must come at nearly the same lag.
_MIN_SHARE = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class ClusterLags:
    """The constant offset of each cluster from the unit it holds. Arrays are read-only.

    Attributes
    ----------
    cluster_ids
        (n_clusters,)
    samples : int64 array, (n_clusters,)
        Sorted minus true; 0 where it is not known.
    units : int64 array, (n_clusters,)
        Position of the unit that each was compared with; -1: none comes at a constant lag.
    shares : float64 array, (n_clusters,)
        Share of the cluster's spikes that come at this lag, within delta.
    """

    cluster_ids: tuple[int, ...]
    samples: Int64Array
    units: Int64Array
    shares: Float64Array


def estimate_cluster_lags(
    truth: TruthInTime,
    found: ClusterTrains,
    cluster_ids: Sequence[int],
    delta_samples: int,
    sample_rate_hz: float,
    only: Collection[int] | None = None,
) -> ClusterLags:
    """Estimate the lag of each cluster, at most 2 ms, from 1000 of its spikes.

    The unit with most spikes within 2 ms of them, beyond what chance makes, is the one that it is
    compared with; the lag is the median of those in the fullest run of 2 * delta + 1 lags.

    Parameters
    ----------
    truth, found
        Trains of the units and of the clusters.
    cluster_ids
        (n_clusters,)
    delta_samples
        Largest distance of a match.
    sample_rate_hz
        Samples a second.
    only
        Positions of the clusters that are looked at; None: all.
    """
    n = len(found.sizes)
    lags, units, shares = np.zeros(n, np.int64), np.full(n, -1, np.int64), np.zeros(n)
    window = max(int(WINDOW_MS / 1000 * sample_rate_hz), delta_samples)
    chance = _chance_of_units(truth, window)
    for j in range(n) if only is None else only:
        sample = found.train(j, max(1, -(-int(found.sizes[j]) // _MAX_SPIKES)))
        best = _lag_of(sample, truth, chance, window, delta_samples)
        if best is not None:
            lags[j], units[j], shares[j] = best
    for array in (lags, units, shares):
        array.setflags(write=False)
    return ClusterLags(tuple(int(i) for i in cluster_ids), lags, units, shares)


def _chance_of_units(truth: TruthInTime, window: int) -> Float64Array:
    """Return how probably each unit has a spike within the window of any moment."""
    if not len(truth.samples):
        return np.zeros(len(truth.trains.sizes))
    duration = int(truth.samples[-1] - truth.samples[0]) + 1
    return np.asarray(-np.expm1(-truth.trains.sizes * ((2 * window + 1) / duration)))


def _lag_of(
    sample: Int64Array, truth: TruthInTime, chance: Float64Array, window: int, delta: int
) -> tuple[int, int, float] | None:
    n_units = len(chance)
    if not len(sample) or not n_units:
        return None
    near = count_matches_of(sample, truth.samples, truth.units, n_units, window)
    unit = int(np.argmax(near - chance * len(sample)))
    train = truth.trains.train(unit)
    labels = np.zeros(len(train), np.int32)
    # Spikes of the unit around those of the cluster: the lag the other way round.
    counts = count_lags(sample, train, labels, 1, window)[0, ::-1]
    share = float(box_sums(counts, delta).max() / len(sample))
    if share < _MIN_SHARE:
        return None
    return main_lag(counts, window, delta), unit, min(share, 1.0)


def without_lags(
    spike_samples: Int64Array, order: Int32Array, offsets: Int64Array, lags: ClusterLags
) -> Int64Array:
    """Return the samples of the sorted spikes with the lag of each cluster taken out.

    Parameters
    ----------
    spike_samples : int64 array, (n_spikes,)
        By spike id.
    order : int32 array, (n_sorted,)
        Cluster j has the spike ids `order[offsets[j]:offsets[j + 1]]`.
    offsets : int64 array, (n_clusters + 1,)
    lags
        Of the same clusters.

    Returns
    -------
    int64 array, (n_spikes,)
        Within a cluster in the same order as before.
    """
    shifted = np.array(spike_samples, np.int64)
    for j in np.flatnonzero(lags.samples).tolist():
        shifted[order[offsets[j] : offsets[j + 1]]] -= lags.samples[j]
    return shifted
