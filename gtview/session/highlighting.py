"""Spikes that every view shows once more, above all others; part of the selection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..data.ground_truth import UnitId
from ..scoring.states import SpikeState

if TYPE_CHECKING:
    from ..base.types import BoolArray, Int32Array, Int64Array
    from .spike_truth import SpikeTruth


@dataclass(frozen=True, slots=True, eq=False)
class Highlight:
    """Some sorted spikes, and what they are.

    Attributes
    ----------
    spike_ids : int32 array, (n,), increasing, read-only
    text
        What they are: "unit 3 in cluster 12".
    """

    spike_ids: Int32Array
    text: str

    def __post_init__(self) -> None:
        self.spike_ids.setflags(write=False)

    def contains(self, spike_ids: Int32Array | Int64Array) -> BoolArray:
        """Tell which spikes are among them, bool, (n,)."""
        if not len(self.spike_ids):
            return np.zeros(len(spike_ids), np.bool_)
        places = np.searchsorted(self.spike_ids, spike_ids)
        return np.asarray(self.spike_ids.take(places, mode="clip") == spike_ids)

    def places_in(self, spike_ids: Int32Array) -> Int64Array:
        """Return where they are among some spikes, int64, increasing."""
        return np.flatnonzero(self.contains(spike_ids))


def highlight_cell(
    truth: SpikeTruth, unit_id: UnitId | None, cluster_id: int | None
) -> Highlight | None:
    """Return the spikes of one cell of the spike matrix; for a thread.

    Parameters
    ----------
    truth
        What is opened.
    unit_id
        None: noise, spikes of the cluster that stand for no unit.
    cluster_id
        None: spikes of the unit that are missed: there is nothing to highlight, as nobody has
        sorted them.
    """
    ids = truth.query.cluster_ids
    if cluster_id is None or cluster_id not in ids:
        return None
    states, own = truth.states(), truth.query.spikes[ids.index(cluster_id)]
    if unit_id is None:
        of_state = states.sorted_states[own]
        chosen = own[(of_state == SpikeState.FALSE) | (of_state == SpikeState.UNKNOWN)]
        return Highlight(np.sort(chosen), f"spikes of no unit in cluster {cluster_id}")
    source = truth.facts.truth
    if unit_id not in source.unit_ids:
        return None
    row = source.unit_ids.index(unit_id)
    first, stop = source.offsets[row], source.offsets[row + 1]
    partners = states.sorted_partners[own]
    chosen = own[(partners >= first) & (partners < stop)]
    return Highlight(np.sort(chosen), f"unit {unit_id} in cluster {cluster_id}")
