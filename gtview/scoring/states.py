"""What became of each single spike: found, missed, false, or elsewhere; and its partner."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from ..base.types import BoolArray, Int32Array, Int64Array, frozen
from ..kernels.free_spikes import find_free_sorted, find_free_true, join_partners
from ..kernels.matching import is_increasing, label_spikes
from ..kernels.rest_matching import match_rest
from ..kernels.spike_states import match_own
from .rescoring import TruthInTime, order_truth

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


def compute_spike_states(  # noqa: PLR0913 - the trains of both sides
    truth_samples: Int64Array,
    truth_offsets: Int64Array,
    spike_samples: Int64Array,
    order: Int32Array,
    offsets: Int64Array,
    matched_clusters: Int64Array,
    delta_samples: int,
    *,
    is_partial: bool = False,
    in_time: TruthInTime | None = None,
    known: tuple[SpikeStates, BoolArray] | None = None,
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
    in_time
        The truth in one sequence, see `order_truth`; None: it is made.
    known : states, and bool array, (n_units,)
        Earlier states of the same trains, with the same delta, and the units whose matched
        cluster is the one that they had then: these are not matched with it again.

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
    to_match, partners = matched, None
    if known is not None:
        to_match = np.where(known[1], -1, matched)
        partners = _own_partners(*known, np.diff(truth_offsets))
    true_partners, sorted_partners = match_own(
        truth_samples,
        truth_offsets,
        spike_samples,
        order,
        offsets,
        to_match,
        delta_samples,
        partners,
    )
    true_states = np.where(
        true_partners >= 0, np.uint8(SpikeState.FOUND), np.uint8(SpikeState.MISSED)
    )
    sorted_states = _states_without_partner(labels, len(offsets) - 1, used, is_partial)
    np.putmask(sorted_states, sorted_partners >= 0, SpikeState.FOUND)
    in_time = in_time or order_truth(truth_samples, truth_offsets)
    at, places = find_free_true(in_time.units, truth_offsets, true_partners)
    ids, samples, ranks = find_free_sorted(spike_samples, labels, sorted_partners)
    if not is_increasing(samples):
        by_time = np.argsort(samples, kind="stable")
        ids, samples, ranks = ids[by_time], samples[by_time], ranks[by_time]
    rest = match_rest(in_time.samples[at], samples, ranks, delta_samples)
    states = true_states, sorted_states
    join_partners(places, ids, rest, true_partners, sorted_partners, states, SpikeState.ELSEWHERE)
    return SpikeStates(
        frozen(true_states),
        frozen(true_partners),
        frozen(sorted_states),
        frozen(sorted_partners),
        delta_samples,
    )


def _own_partners(states: SpikeStates, is_known: BoolArray, sizes: Int64Array) -> Int32Array:
    """Return the partners of some units in their own clusters, int32, (n_true,), or -1."""
    is_kept = np.repeat(is_known, sizes) & (states.true_states == SpikeState.FOUND)
    return np.where(is_kept, states.true_partners, np.int32(-1))


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
