"""Where the spikes of each unit went, and what each cluster is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ..kernels.matching import label_spikes
from ..kernels.partner_labels import count_partner_labels
from ..kernels.state_counts import count_states
from .states import SpikeState, SpikeStates

if TYPE_CHECKING:
    from ..base.types import Float64Array, Int32Array, Int64Array
    from ..data.ground_truth import UnitId


@dataclass(frozen=True, slots=True, eq=False)
class SpikeMatrix:
    """Every true and every sorted spike, counted once. Arrays are read-only.

    Attributes
    ----------
    unit_ids, cluster_ids
        Rows and columns.
    counts : int64 array, (n_units, n_clusters)
        Spikes of the unit whose partner is in the cluster.
    missed : int64 array, (n_units,)
        Spikes of the unit without a partner: with its counts they are all its spikes.
    false : int64 array, (n_clusters,)
        Spikes of the cluster that stand for nothing.
    unknown : int64 array, (n_clusters,)
        Spikes of the cluster without a partner of which nothing can be said, because the truth is
        partial: with `false` and its counts they are all its spikes.
    """

    unit_ids: tuple[UnitId, ...]
    cluster_ids: tuple[int, ...]
    counts: Int64Array
    missed: Int64Array
    false: Int64Array
    unknown: Int64Array
    _rows: dict[UnitId, int] = field(init=False, repr=False)
    _columns: dict[int, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for array in (self.counts, self.missed, self.false, self.unknown):
            array.setflags(write=False)
        object.__setattr__(self, "_rows", {u: i for i, u in enumerate(self.unit_ids)})
        object.__setattr__(self, "_columns", {c: j for j, c in enumerate(self.cluster_ids)})

    @property
    def unit_sizes(self) -> Int64Array:
        """Spikes of each unit, int64, (n_units,)."""
        return np.asarray(self.counts.sum(axis=1) + self.missed)

    @property
    def cluster_sizes(self) -> Int64Array:
        """Spikes of each cluster, int64, (n_clusters,)."""
        return np.asarray(self.counts.sum(axis=0) + self.false + self.unknown)

    @property
    def noise(self) -> Int64Array:
        """Spikes of each cluster that are of no unit: false or unknown, int64, (n_clusters,)."""
        return np.asarray(self.false + self.unknown)

    def table(self) -> Int64Array:
        """Return all of it, int64, (n_units + 1, n_clusters + 1).

        The last column is what was missed, the last row the noise: what is of no unit. Rows of
        units and columns of clusters sum to their spikes; the last corner is 0.
        """
        n_units, n_clusters = self.counts.shape
        whole = np.zeros((n_units + 1, n_clusters + 1), np.int64)
        whole[:-1, :-1] = self.counts
        whole[:-1, -1] = self.missed
        whole[-1, :-1] = self.noise
        return whole

    def count(self, unit_id: UnitId, cluster_id: int) -> int:
        """Return the spikes of a unit in a cluster; 0 where one of them is not known here."""
        row, column = self._rows.get(unit_id), self._columns.get(cluster_id)
        return 0 if row is None or column is None else int(self.counts[row, column])

    def row_shares(self) -> Float64Array:
        """Return `table` with each row divided by its sum: where the spikes of a unit went."""
        whole = self.table()
        return np.asarray(whole / np.maximum(whole.sum(axis=1, keepdims=True), 1))

    def column_shares(self) -> Float64Array:
        """Return `table` with each column divided by its sum: what a cluster is made of."""
        whole = self.table()
        return np.asarray(whole / np.maximum(whole.sum(axis=0, keepdims=True), 1))


def compute_spike_matrix(
    states: SpikeStates,
    unit_ids: Sequence[UnitId],
    truth_offsets: Int64Array,
    cluster_ids: Sequence[int],
    order: Int32Array,
    offsets: Int64Array,
) -> SpikeMatrix:
    """Count where the spikes went.

    Parameters
    ----------
    states
        State and partner of every spike.
    unit_ids, cluster_ids
        (n_units,), (n_clusters,)
    truth_offsets, order, offsets
        As they were given to `compute_spike_states`.
    """
    labels = label_spikes(order, offsets, len(states.sorted_states))
    n_clusters = len(offsets) - 1
    counts = count_partner_labels(states.true_partners, truth_offsets, labels, n_clusters)
    of_state = count_states(labels, states.sorted_states, n_clusters, len(SpikeState))
    return SpikeMatrix(
        unit_ids=tuple(unit_ids),
        cluster_ids=tuple(int(i) for i in cluster_ids),
        counts=counts[:, :-1].copy(),
        missed=counts[:, -1].copy(),
        false=of_state[:, SpikeState.FALSE].copy(),
        unknown=of_state[:, SpikeState.UNKNOWN].copy(),
    )
