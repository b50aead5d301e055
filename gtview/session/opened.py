"""What a session is made from, and what it hands out of its clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..analysis.channels import ChannelFinder
    from ..analysis.clusters import ClusterStats
    from ..base.types import Int32Array, Int64Array
    from ..curation.clustering import Clustering
    from ..curation.opening import Started
    from ..data.dataset import Dataset
    from ..data.diagnostics import Diagnostic
    from ..data.ground_truth import GroundTruth


@dataclass(frozen=True, slots=True, eq=False)
class ClusterSpikes:
    """The spikes of one cluster at one moment; safe to hand to a thread.

    Attributes
    ----------
    spike_ids : int32 array, (n_spikes,), read-only
        By increasing time.
    color_id
        Place in the colour list.
    """

    cluster_id: int
    spike_ids: Int32Array
    color_id: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """What `open_dataset` reads and computes off the GUI thread.

    `truth_diagnostics` are those of the dataset's diagnostics that are about the ground truth;
    `curation` is where its journal left off, None where there is none to be kept.
    """

    dataset: Dataset
    truth: GroundTruth | None
    clustering: Clustering
    channels: ChannelFinder
    stats: ClusterStats
    truth_diagnostics: tuple[Diagnostic, ...] = ()
    curation: Started | None = None


def samples_of(spike_samples: Int64Array, spike_ids: Int32Array) -> Int64Array:
    """Return the samples of some spikes as an own int64 array, (n,); bounded by the cluster."""
    return np.ascontiguousarray(spike_samples[spike_ids], dtype=np.int64)
