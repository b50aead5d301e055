"""Projections of clusters on one another: a sample first, then all; from what there is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..base.types import Int32Array
from ..data.dataset import Dataset
from .features import QUICK_BYTES, QUICK_SPIKES, SAMPLE_BUDGET_S, SAMPLED_SPIKES
from .mean_features import MeanFeatureCache, local_channels
from .sampling import even_positions
from .template_projections import (
    Projections,
    TemplateWeights,
    joined,
    project_computed,
    project_raw,
    project_stored,
)

Source = Literal["stored", "computed", "raw"]

# Raw waveforms are read of so many spikes of a cluster, at most.
RAW_SPIKES = 1000
_SAMPLE_PARTS = 8
_CHUNK_SPIKES = 1 << 14


def projection_source(dataset: Dataset) -> Source | None:
    """Return what projections can be had from; None: the export has nothing of the kind."""
    if dataset.template_features is not None:
        return "stored"
    if dataset.pc_features is not None:
        return "computed"
    if dataset.raw is not None and dataset.templates is not None:
        return "raw"
    return None


@dataclass(frozen=True, slots=True, eq=False)
class ProjectionQuery:
    """Spikes of some clusters, and the clusters to project them on.

    Attributes
    ----------
    dataset
        What was opened.
    spike_ids : int32 arrays, one a cluster
        Spikes to be projected, by increasing time.
    axes : int32 arrays, one a cluster
        All spikes of the clusters to project on.
    means
        Mean features of the dataset's templates.
    """

    dataset: Dataset
    spike_ids: tuple[Int32Array, ...]
    axes: tuple[Int32Array, ...]
    means: MeanFeatureCache


@dataclass(frozen=True, slots=True, eq=False)
class ClusterProjections:
    """The answer, or a first part of it.

    Attributes
    ----------
    clusters
        One for each of the query; a sample while `is_full` is False, and always when they come
        from raw waveforms.
    source
        Where they come from.
    is_full
        Whether no better answer follows.
    """

    clusters: tuple[Projections, ...]
    source: Source
    is_full: bool


def compute_projections(query: ProjectionQuery) -> Iterator[ClusterProjections]:
    """Project all spikes of each cluster on every cluster of the axes.

    Yields
    ------
    ClusterProjections
        Better and better ones; the same one again is only a chance to stop.

    Raises
    ------
    DatasetError
        What is needed cannot be read.
    ValueError
        There is nothing to project with.
    """
    source = projection_source(query.dataset)
    if source is None:
        raise ValueError("there is nothing to project with")
    for answer in _compute(query, source):
        # The sorter keeps only some templates for each spike: perhaps none of those asked for.
        is_last = answer.is_full and source == "stored"
        if is_last and not has_pairs(answer) and share_channels(query):
            yield from _compute(query, "computed")
            return
        yield answer


def share_channels(query: ProjectionQuery) -> bool:
    """Whether at least two of the clusters have features on a channel in common."""
    file = query.dataset.pc_features
    if file is None:
        return False
    weights = TemplateWeights.of(query.dataset, query.axes)
    seen: set[int] = set()
    for row in weights.counts:
        templates = weights.template_ids[row > 0].tolist()
        own = {c for k in templates for c in local_channels(file, k).tolist() if c >= 0}
        if seen & own:
            return True
        seen |= own
    return False


def has_pairs(answer: ClusterProjections) -> bool:
    """Whether at least one spike is projected on two clusters."""
    return any((np.isfinite(c.values).sum(axis=0) >= 2).any() for c in answer.clusters)


def _compute(query: ProjectionQuery, source: Source) -> Iterator[ClusterProjections]:
    project = projector(query, source)
    if source == "raw":
        yield from _raw_samples(query, project)
        return
    if is_quick(query, source):
        clusters = tuple(project(spikes) for spikes in query.spike_ids)
        yield ClusterProjections(clusters, source, True)
        return
    shown = ClusterProjections(_sample(query, project), source, False)
    yield shown
    parts = []
    for spikes in query.spike_ids:
        pieces = [project(spikes[:0])]
        for start in range(0, len(spikes), _CHUNK_SPIKES):
            pieces.append(project(spikes[start : start + _CHUNK_SPIKES]))
            yield shown
        parts.append(joined(pieces))
    yield ClusterProjections(tuple(parts), source, True)


_Project = Callable[[Int32Array], Projections]


def projector(query: ProjectionQuery, source: Source) -> _Project:
    """Return what projects spikes, int32 (n,), on the axes of a query."""
    dataset, weights = query.dataset, TemplateWeights.of(query.dataset, query.axes)
    if source == "stored":
        return lambda spikes: project_stored(dataset, spikes, weights)
    if source == "computed":
        return lambda spikes: project_computed(dataset, spikes, weights, query.means)
    return lambda spikes: project_raw(dataset, spikes, weights)


def is_quick(query: ProjectionQuery, source: Source) -> bool:
    """Whether everything can be read before anybody notices."""
    dataset = query.dataset
    file = dataset.template_features if source == "stored" else dataset.pc_features
    n_spikes = sum(len(spikes) for spikes in query.spike_ids)
    if file is None or n_spikes <= QUICK_SPIKES:
        return True
    if file.header.stamp.size_bytes <= QUICK_BYTES:
        return True
    # The stored ones are a few columns; computing takes all of them.
    return file.copy is not None and (source == "stored" or n_spikes <= _CHUNK_SPIKES)


def _sample(query: ProjectionQuery, project: _Project) -> tuple[Projections, ...]:
    start = time.perf_counter()
    share = max(SAMPLED_SPIKES // max(len(query.spike_ids), 1), _SAMPLE_PARTS)
    samples = [spikes[even_positions(len(spikes), share)] for spikes in query.spike_ids]
    pieces: list[list[Projections]] = [[] for _ in samples]
    for part in range(_SAMPLE_PARTS):
        for sample, read in zip(samples, pieces, strict=True):
            read.append(project(sample[part::_SAMPLE_PARTS]))
        if time.perf_counter() - start > SAMPLE_BUDGET_S:
            break
    return tuple(joined(read) for read in pieces)


def _raw_samples(query: ProjectionQuery, project: _Project) -> Iterator[ClusterProjections]:
    """Read raw waveforms part by part: each part is spread evenly, and shown as it comes."""
    samples = [spikes[even_positions(len(spikes), RAW_SPIKES)] for spikes in query.spike_ids]
    pieces: list[list[Projections]] = [[] for _ in samples]
    for part in range(_SAMPLE_PARTS):
        for sample, read in zip(samples, pieces, strict=True):
            read.append(project(sample[part::_SAMPLE_PARTS]))
        is_full = part == _SAMPLE_PARTS - 1
        yield ClusterProjections(tuple(joined(read) for read in pieces), "raw", is_full)
