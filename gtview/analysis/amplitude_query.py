"""What can be asked of the amplitudes of spikes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..base.types import Int32Array
from ..data.dataset import Dataset
from .mean_features import MeanFeatureCache
from .peak_to_peak import PeakToPeakCache, Train

Kind = Literal["template", "feature", "template feature", "raw"]
KINDS: tuple[Kind, ...] = ("template", "feature", "template feature", "raw")


@dataclass(frozen=True, slots=True, eq=False)
class ProjectionAxis:
    """A cluster to project on, with all of its spikes, int32, (n_spikes,)."""

    cluster_id: int
    spike_ids: Int32Array


@dataclass(frozen=True, slots=True, eq=False)
class AmplitudeQuery:
    """What is asked.

    Attributes
    ----------
    dataset
        What was opened.
    kind
        One of `available_kinds`.
    trains
        The clusters, each with the channel on which raw spikes are measured.
    background_ids : int32 array, (n,)
        Spikes behind, in any order.
    channel_id
        For `feature`, and for the raw background: row of the channel map.
    pc
        For `feature`: component, 0 is the first.
    raw_limit
        For `raw`: spikes read of each cluster.
    is_in_uv
        For `template`: in microvolts where that is possible; see `template_amplitudes`.
    cache
        For `raw`.
    axis, means
        For `template feature`: what to project on, and the mean features of the dataset.
    """

    dataset: Dataset
    kind: Kind
    trains: tuple[Train, ...]
    background_ids: Int32Array
    channel_id: int | None = None
    pc: int = 0
    raw_limit: int = 20_000
    is_in_uv: bool = True
    cache: PeakToPeakCache = field(default_factory=PeakToPeakCache)
    axis: ProjectionAxis | None = None
    means: MeanFeatureCache | None = None

    @property
    def spike_ids(self) -> tuple[Int32Array, ...]:
        """The spikes of each cluster."""
        return tuple(train.spike_ids for train in self.trains)
