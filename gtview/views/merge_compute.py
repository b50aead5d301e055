"""What some clusters would be as one: computed in a thread, the quick things first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.correlograms import CorrelogramQuery, Correlograms, compute_correlograms
from ..analysis.merge_likelihood import (
    LikelihoodQuery,
    MergeLikelihood,
    compute_merge_likelihoods,
)
from ..analysis.waveforms import ClusterWaveforms, WaveformQuery, Waveforms, compute_waveforms
from ..base.types import Float32Array, Float64Array, Int32Array
from .preview_channels import preview_channels

if TYPE_CHECKING:
    from ..analysis.channels import ChannelFinder
    from ..curation.changes import Change
    from ..data.dataset import Dataset
    from ..scoring.rescoring import ScoreDelta
    from ..session.gains import PlannedGain

MOST_CLUSTERS = 8
MOST_CHANNELS = 4


@dataclass(frozen=True, slots=True, eq=False)
class MergeQuery:
    """A snapshot of what is needed.

    Attributes
    ----------
    change
        What the merge would be; None where that is too much to be told at once.
    n_clusters, n_spikes
        Of all clusters, shown or not.
    spike_ids
        All spikes of each cluster, by increasing time.
    gain
        Foretells the scores; None: no truth to compare with.
    """

    dataset: Dataset
    channels: ChannelFinder
    change: Change | None
    n_clusters: int
    n_spikes: int
    cluster_ids: tuple[int, ...]
    color_ids: tuple[int, ...]
    spike_ids: tuple[Int32Array, ...]
    correlograms: CorrelogramQuery
    likelihood: LikelihoodQuery
    gain: PlannedGain | None
    max_waveforms: int


@dataclass(frozen=True, slots=True, eq=False)
class MeanShapes:
    """Mean waveforms of some clusters, and of all their spikes together.

    Attributes
    ----------
    channel_ids : int32 array, (n_channels,)
    times_ms : float64 array, (n_samples,)
    parts : tuple of float32 arrays, (n_samples, n_channels), or None
        None where nothing is known of one.
    merged : float32 array, (n_samples, n_channels), or None
    unit
        Of all of them.
    note
        What they are made from.
    """

    channel_ids: Int32Array
    times_ms: Float64Array
    parts: tuple[Float32Array | None, ...]
    merged: Float32Array | None
    unit: str
    note: str


@dataclass(frozen=True, slots=True, eq=False)
class MergeResult:
    """What some clusters would be as one; `gain` is None until it is computed."""

    query: MergeQuery
    correlograms: Correlograms
    shapes: MeanShapes
    likelihoods: tuple[MergeLikelihood, ...]
    gain: ScoreDelta | None = None
    is_full: bool = False


def compute_merge(query: MergeQuery) -> Iterator[MergeResult]:
    """Yield correlograms with templates first, then the likelihoods, raw waveforms and scores."""
    channels = preview_channels(query.dataset, query.channels, query.spike_ids, MOST_CHANNELS)
    correlograms = compute_correlograms(query.correlograms)
    result = MergeResult(query, correlograms, _shapes(query, channels, 0), ())
    yield result
    result = replace(result, likelihoods=compute_merge_likelihoods(query.likelihood))
    yield result
    if query.dataset.raw is not None and query.max_waveforms:
        result = replace(result, shapes=_shapes(query, channels, query.max_waveforms))
        yield result
    gain = None if query.gain is None else query.gain.compute()
    yield replace(result, gain=gain, is_full=True)


def _shapes(query: MergeQuery, channels: Int32Array, max_waveforms: int) -> MeanShapes:
    asked = WaveformQuery(
        query.dataset, query.cluster_ids, query.spike_ids, channels, max_waveforms
    )
    found = compute_waveforms(asked)
    parts = tuple(mean_of(cluster) for cluster in found.clusters)
    sizes = [len(ids) for ids in query.spike_ids]
    return MeanShapes(
        channels,
        found.times_ms,
        parts,
        weighted_mean(parts, sizes),
        found.unit,
        _note(found, max_waveforms) if any(p is not None for p in parts) else "no waveforms",
    )


def mean_of(cluster: ClusterWaveforms) -> Float32Array | None:
    """Return the mean of the raw waveforms, else that of the templates by their spikes."""
    if cluster.mean is not None:
        return cluster.mean
    return weighted_mean(
        tuple(template.waveform for template in cluster.templates),
        [template.n_spikes for template in cluster.templates],
    )


def weighted_mean(
    waveforms: tuple[Float32Array | None, ...], weights: list[int]
) -> Float32Array | None:
    """Return the mean of the waveforms that are known; None when none is."""
    known = [(w, n) for w, n in zip(waveforms, weights, strict=True) if w is not None and n > 0]
    if not known:
        return None
    total = sum(n for _, n in known)
    return np.sum([w * np.float32(n / total) for w, n in known], axis=0, dtype=np.float32)


def _note(found: Waveforms, max_waveforms: int) -> str:
    if not max_waveforms:
        return "mean templates"
    n_read = [len(cluster.spike_ids) for cluster in found.clusters]
    return f"means of {sum(n_read):,} waveforms"
