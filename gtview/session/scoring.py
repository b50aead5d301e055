"""Compares what is opened with its ground truth: a snapshot first, the work in a thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..base.errors import UsageError
from ..base.types import Int32Array, Int64Array
from ..scoring.results import Scores

if TYPE_CHECKING:
    from ..curation.clustering import Clustering
    from ..data.dataset import Dataset
    from ..data.ground_truth import GroundTruth

DELTA_MS = 0.4


class HasTruth(Protocol):
    """What can be scored: a session, or what `open_dataset` returns."""

    @property
    def dataset(self) -> Dataset:
        """The export."""

    @property
    def truth(self) -> GroundTruth | None:
        """The ground truth."""

    @property
    def clustering(self) -> Clustering:
        """Which spike is in which cluster."""


@dataclass(frozen=True, slots=True, eq=False)
class ScoringQuery:
    """A snapshot of what is compared; safe to hand to a thread, and quick to take.

    Attributes
    ----------
    truth
        The units.
    spike_samples : int64 array, (n_spikes,)
        Sample of each spike by its id.
    cluster_ids
        The clusters that have spikes.
    spikes : tuple of int32 arrays
        Spike ids of each of them by increasing time, read-only.
    sample_rate_hz
        Samples a second.
    clustering_version
        Version of the clustering, to tell whether the scores are out of date.
    """

    truth: GroundTruth
    spike_samples: Int64Array
    cluster_ids: tuple[int, ...]
    spikes: tuple[Int32Array, ...]
    sample_rate_hz: float
    clustering_version: int = 0


def scoring_query(source: HasTruth) -> ScoringQuery:
    """Take a snapshot, in the thread that owns the clustering.

    Raises
    ------
    UsageError
        There is no ground truth.
    """
    if source.truth is None:
        raise UsageError("There is no ground truth to compare with.")
    clustering = source.clustering
    cluster_ids = tuple(clustering.cluster_ids)
    return ScoringQuery(
        truth=source.truth,
        spike_samples=source.dataset.spike_samples,
        cluster_ids=cluster_ids,
        spikes=tuple(clustering.spikes_of(i) for i in cluster_ids),
        sample_rate_hz=source.dataset.sample_rate_hz,
        clustering_version=clustering.version,
    )


def score(source: ScoringQuery | HasTruth, delta_ms: float = DELTA_MS) -> Scores:
    """Compare a clustering with its ground truth.

    Parameters
    ----------
    source
        A snapshot (see `scoring_query`); or what was opened, where nobody else changes it.
    delta_ms
        Largest distance in time of a sorted spike from a true one that it stands for.

    Raises
    ------
    UsageError
        There is no ground truth, or `delta_ms` is negative.
    """
    if delta_ms < 0:
        raise UsageError("The largest distance of a match must not be negative.")
    query = source if isinstance(source, ScoringQuery) else scoring_query(source)
    from ..scoring.scores import compute_scores

    sizes = [len(spikes) for spikes in query.spikes]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    order = np.concatenate([np.empty(0, np.int32), *query.spikes])
    return compute_scores(
        query.truth.spike_samples,
        query.truth.offsets,
        query.truth.unit_ids,
        query.spike_samples,
        order,
        offsets,
        query.cluster_ids,
        query.sample_rate_hz,
        delta_ms=delta_ms,
        is_partial=query.truth.is_partial,
    )
