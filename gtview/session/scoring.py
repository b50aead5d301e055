"""Compares what is opened with its ground truth: a snapshot first, the work in a thread."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..base.errors import UsageError
from ..base.types import Int32Array, Int64Array, frozen
from ..kernels.grouping import group_by_value
from ..scoring.results import Scores
from ..scoring.thresholds import Thresholds
from .states import trains_of

if TYPE_CHECKING:
    from ..curation.changes import Change
    from ..curation.clustering import ClusterDiff, Clustering
    from ..data.dataset import Dataset
    from ..data.ground_truth import GroundTruth
    from ..scoring.rescoring import TruthInTime

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
    known
        Scores of the same truth before some clusters changed: only these are matched then.
    in_time
        Gives the truth in one sequence, made when it is first needed; None: it is made anew.
    thresholds
        Where the categories begin.
    """

    truth: GroundTruth
    spike_samples: Int64Array
    cluster_ids: tuple[int, ...]
    spikes: tuple[Int32Array, ...]
    sample_rate_hz: float
    clustering_version: int = 0
    known: Scores | None = None
    in_time: TruthIndex | None = None
    thresholds: Thresholds = field(default_factory=Thresholds)

    @property
    def index(self) -> TruthIndex:
        """The truth in one sequence, made when it is first asked for."""
        return self.in_time or TruthIndex(self.truth)


class TruthIndex:
    """The truth in one sequence of time, made once, by whichever thread needs it first."""

    def __init__(self, truth: GroundTruth) -> None:
        self._truth = truth
        self._lock = threading.Lock()
        self._made: TruthInTime | None = None

    def get(self) -> TruthInTime:
        """Return it; about a second for 19 million spikes, the first time only."""
        from ..scoring.rescoring import order_truth

        with self._lock:
            if self._made is None:
                self._made = order_truth(self._truth.spike_samples, self._truth.offsets)
            return self._made


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
        known=getattr(source, "scores", None),
        in_time=getattr(source, "truth_index", None) or TruthIndex(source.truth),
        thresholds=getattr(source, "thresholds", Thresholds()),
    )


def up_to_date(query: ScoringQuery) -> ScoringQuery:
    """Return a snapshot of which the scores are known, matching what has changed; in a thread."""
    known = query.known
    if known is not None and known.cluster_ids == query.cluster_ids:
        return query
    return replace(query, known=score(query, DELTA_MS if known is None else known.delta_ms))


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
    if query.known is not None and query.known.delta_ms == delta_ms:
        return _rescore(query, query.known)
    from ..scoring.scores import compute_scores

    return compute_scores(
        query.truth.spike_samples,
        query.truth.offsets,
        query.truth.unit_ids,
        query.spike_samples,
        *trains_of(query),
        query.cluster_ids,
        query.sample_rate_hz,
        delta_ms=delta_ms,
        is_partial=query.truth.is_partial,
        thresholds=query.thresholds,
    )


def _rescore(query: ScoringQuery, known: Scores) -> Scores:
    # An id never names two sets of spikes: clusters of the same id are the same.
    now, before = set(query.cluster_ids), set(known.cluster_ids)
    spikes = dict(zip(query.cluster_ids, query.spikes, strict=True))
    added = {i: spikes[i] for i in now - before}
    return _match_again(query, known, sorted(before - now), added, spikes)


def preview(query: ScoringQuery, change: Change) -> Scores:
    """Return the scores that a change would lead to; for a thread.

    Parameters
    ----------
    query
        A snapshot of the clusters as they are, with `known` scores of them.
    change
        What would be done.

    Raises
    ------
    UsageError
        The scores are not known yet.
    """
    known = after_change(query, change).known
    assert known is not None
    return known


def after_change(query: ScoringQuery, change: Change) -> ScoringQuery:
    """Return the snapshot that a change would lead to, with its scores; for a thread.

    Parameters
    ----------
    query
        A snapshot of the clusters before it, with `known` scores of them.
    change
        What would be done; only the clusters that it adds are matched.

    Raises
    ------
    UsageError
        The scores are not known yet.
    """
    if query.known is None:
        raise UsageError("The scores are not known yet.")
    if change.spikes is None:
        return query
    added = _spikes_after(query, change.spikes)
    removed = set(change.removed)
    spikes = {
        i: of for i, of in zip(query.cluster_ids, query.spikes, strict=True) if i not in removed
    } | added
    known = _match_again(query, query.known, change.removed, added, spikes)
    ids = tuple(sorted(spikes))
    return replace(query, cluster_ids=ids, spikes=tuple(spikes[i] for i in ids), known=known)


def _spikes_after(query: ScoringQuery, diff: ClusterDiff) -> dict[int, Int32Array]:
    """Return the spikes of each cluster that a change adds, by increasing time."""
    spike_ids, after = diff.spike_ids, diff.after
    samples = query.spike_samples[spike_ids]
    if len(samples) and (samples[1:] < samples[:-1]).any():
        by_time = np.argsort(samples, kind="stable")
        spike_ids, after = spike_ids[by_time], after[by_time]
    found, offsets, order = group_by_value(after)
    parts = frozen(spike_ids[order])
    return {int(i): parts[offsets[k] : offsets[k + 1]] for k, i in enumerate(found)}


def _match_again(
    query: ScoringQuery,
    known: Scores,
    removed: Sequence[int],
    added: Mapping[int, Int32Array],
    spikes: Mapping[int, Int32Array],
) -> Scores:
    from ..scoring.rescoring import rescore

    def samples_of(spike_ids: Int32Array) -> Int64Array:
        return np.asarray(query.spike_samples[spike_ids], np.int64)

    return rescore(
        known,
        removed,
        {i: samples_of(ids) for i, ids in added.items()},
        query.index.get(),
        lambda cluster_id: samples_of(spikes[cluster_id]),
        is_partial=query.truth.is_partial,
    )
