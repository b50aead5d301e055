"""What is asked of the spike trains of some clusters: who they are, and their spikes."""

from __future__ import annotations

from dataclasses import dataclass

from ..base.types import Int32Array, Int64Array

# More could not be told apart; all pairs of more would take seconds.
MAX_CLUSTERS = 20


@dataclass(frozen=True, slots=True, eq=False)
class TrainQuery:
    """What every question about the times of spikes names.

    Attributes
    ----------
    cluster_ids
        At most `MAX_CLUSTERS` are answered for; what comes after is left out.
    spike_ids : tuple of int32 arrays, (n_spikes,)
        Spikes of each cluster by increasing time.
    spike_samples : int64 array, (n_all_spikes,), samples
        Sample of every spike of the dataset.
    """

    cluster_ids: tuple[int, ...]
    spike_ids: tuple[Int32Array, ...]
    spike_samples: Int64Array

    @property
    def answered_ids(self) -> tuple[int, ...]:
        """The clusters that are answered for."""
        return self.cluster_ids[:MAX_CLUSTERS]

    @property
    def n_left_out(self) -> int:
        """How many are not."""
        return max(0, len(self.cluster_ids) - MAX_CLUSTERS)

    def trains(self) -> list[Int64Array]:
        """Return the samples of each cluster that is answered for, int64, (n_spikes,)."""
        return [self.spike_samples[ids] for ids in self.spike_ids[:MAX_CLUSTERS]]
