"""What became of each single spike: found, missed, false, or elsewhere; and its partner."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from ..base.types import Int32Array, Int64Array, frozen
from ..kernels.matching import is_increasing, label_spikes
from ..kernels.spike_states import match_own, match_rest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .results import Scores


class SpikeState(IntEnum):
    """What became of a spike.

    - `FOUND`: a true spike with a partner in the cluster matched to its unit, and that partner.
    - `MISSED`: a true spike without a partner.
    - `FALSE`: a sorted spike without a partner.
    - `ELSEWHERE`: a true spike with a partner in another cluster, and that partner.
    - `UNKNOWN`: nothing can be said: a sorted spike without a partner in a cluster without a
      unit where the truth is partial, or one that is in no cluster.
    """

    FOUND = 0
    MISSED = 1
    FALSE = 2
    ELSEWHERE = 3
    UNKNOWN = 4


@dataclass(frozen=True, slots=True, eq=False)
class SpikeStates:
    """State and partner of every true and every sorted spike. Arrays are read-only.

    Attributes
    ----------
    true_states : uint8 array, (n_true,)
        A `SpikeState`: found, missed or elsewhere; in the order of the truth's samples.
    true_partners : int32 array, (n_true,)
        Id of the sorted spike that stands for it; -1: none.
    sorted_states : uint8 array, (n_spikes,)
        By spike id: found, false, elsewhere or unknown.
    sorted_partners : int32 array, (n_spikes,)
        Position of the true spike in the truth's samples; -1: none.
    delta_samples
        Largest distance of partners.
    """

    true_states: NDArray[np.uint8]
    true_partners: Int32Array
    sorted_states: NDArray[np.uint8]
    sorted_partners: Int32Array
    delta_samples: int


def compute_spike_states(
    truth_samples: Int64Array,
    truth_offsets: Int64Array,
    spike_samples: Int64Array,
    order: Int32Array,
    offsets: Int64Array,
    matched_clusters: Int64Array,
    delta_samples: int,
    *,
    is_partial: bool = False,
) -> SpikeStates:
    """Match all true spikes with all sorted ones, one to one, and name the state of each.

    First every unit with the cluster matched to it: as many spikes as possible, so that as many
    are found as the scores count, and then with the smallest sum of lags. Then the spikes that
    are left, of all units and all clusters: the smallest lag first, of equal lags the lowest
    cluster, then the earliest true spike. The time grows with the number of spikes.

    Parameters
    ----------
    truth_samples : int64 array, (n_true,)
        Unit i has `truth_samples[truth_offsets[i]:truth_offsets[i + 1]]`, increasing.
    truth_offsets : int64 array, (n_units + 1,)
    spike_samples : int64 array, (n_spikes,)
        Sample of each sorted spike by its id, in any order.
    order : int32 array, (n_sorted,)
        Cluster j has the spike ids `order[offsets[j]:offsets[j + 1]]`, by increasing time; the
        clusters by increasing id.
    offsets : int64 array, (n_clusters + 1,)
    matched_clusters : int64 array, (n_units,)
        Position of the cluster matched to each unit, each at most once; -1: none. See
        `matched_positions`.
    delta_samples
        Largest distance of partners.
    is_partial
        Whether there are neurons that the truth does not know: then no spike of an unmatched
        cluster counts as false.

    Raises
    ------
    ValueError
        A cluster is matched to two units.
    """
    matched = np.asarray(matched_clusters, np.int64)
    used = matched[matched >= 0]
    if len(np.unique(used)) < len(used):
        raise ValueError("a cluster is matched to two units")
    labels = label_spikes(order, offsets, len(spike_samples))
    true_partners, sorted_partners = match_own(
        truth_samples, truth_offsets, spike_samples, order, offsets, matched, delta_samples
    )
    true_states = np.full(len(truth_samples), SpikeState.MISSED, np.uint8)
    sorted_states = _states_without_partner(labels, len(offsets) - 1, used, is_partial)
    found = true_partners >= 0
    true_states[found] = SpikeState.FOUND
    sorted_states[true_partners[found]] = SpikeState.FOUND
    true_rest = np.flatnonzero(~found)
    true_rest = true_rest[np.argsort(truth_samples[true_rest], kind="stable")]
    sorted_rest = np.flatnonzero((sorted_partners < 0) & (labels >= 0))
    samples = spike_samples[sorted_rest]
    if not is_increasing(samples):
        by_time = np.argsort(samples, kind="stable")
        sorted_rest, samples = sorted_rest[by_time], samples[by_time]
    rest = match_rest(truth_samples[true_rest], samples, labels[sorted_rest], delta_samples)
    has_one = rest >= 0
    here, there = true_rest[has_one], sorted_rest[rest[has_one]]
    true_partners[here], sorted_partners[there] = there, here
    true_states[here] = sorted_states[there] = SpikeState.ELSEWHERE
    return SpikeStates(
        frozen(true_states),
        frozen(true_partners),
        frozen(sorted_states),
        frozen(sorted_partners),
        delta_samples,
    )


def _states_without_partner(
    labels: Int32Array, n_clusters: int, matched: Int64Array, is_partial: bool
) -> NDArray[np.uint8]:
    """Return the state of each sorted spike if it has no partner, by its cluster."""
    of_cluster = np.full(n_clusters + 1, SpikeState.FALSE, np.uint8)
    if is_partial:
        of_cluster[:] = SpikeState.UNKNOWN
        of_cluster[matched] = SpikeState.FALSE
    # The last one is that of label -1.
    of_cluster[-1] = SpikeState.UNKNOWN
    states: NDArray[np.uint8] = of_cluster[labels]
    return states


def matched_positions(scores: Scores, cluster_ids: Sequence[int]) -> Int64Array:
    """Return the position among some clusters of the one matched to each unit.

    Parameters
    ----------
    scores
        Tells which cluster is matched to which unit.
    cluster_ids
        The clusters as they are now: some of the scores may be gone.

    Returns
    -------
    int64 array, (n_units,)
        -1 where there is none.
    """
    places = {cluster_id: j for j, cluster_id in enumerate(cluster_ids)}
    found = [-1 if u.cluster_id is None else places.get(u.cluster_id, -1) for u in scores.units]
    return np.array(found, np.int64)
