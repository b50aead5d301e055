"""Reads and scores other sortings of a recording, and earlier states of this one; in a thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ..base.errors import DatasetError, GtviewError
from ..data.discovery import find_dataset, find_generated_dataset, list_sortings
from ..data.phy_reader import read_export
from ..kernels.grouping import group_by_value
from .other_sortings import Comparison, ComparisonQuery, FirstClusters, sorting_name
from .read_sorting import ReadSorting
from .scoring import ScoringQuery, score
from .spike_truth import SpikeTruth
from .states import trains_of

if TYPE_CHECKING:
    from ..base.types import Int32Array, Int64Array
    from ..scoring.scores import Scores

THIS = "this sorting"
BEFORE = "before curation"
TEMPLATES = "sorter's templates"

# A folder with params.py, or the name of an earlier state of the sorting that is open.
Source: TypeAlias = Path | str


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """A sorting that was read: its name, its scores, and clusters in common with this one."""

    name: str
    scores: Scores
    n_shared: int


def compute_comparison(query: ComparisonQuery) -> Iterator[Comparison]:
    """Yield the comparison with more and more sortings: each is read and scored in turn.

    Parameters
    ----------
    query
        What is open, and what was chosen besides.

    Yields
    ------
    Comparison
        The sorting that is open comes first; then its clusters before the first action of its
        history, and the sorter's templates, where these are something else; then the other
        sortings of the same generated dataset; then those that were chosen. What cannot be read,
        or is of another recording, is told in `problems`.
    """
    from ..scoring.comparison import compare_sortings

    named = [(f"{query.name} ({THIS})", query.scores)]
    shared, problems = [len(query.scores.cluster_ids)], []
    read: list[ReadSorting] = []
    sources = list(_sources(query))
    for k, source in enumerate(sources):
        try:
            found = _find(query, source)
        except GtviewError as error:
            problems.append(str(error))
            continue
        named.append((found.name, found.scores))
        shared.append(found.n_shared)
        read.append(_truth_of(query, source, found))
        if k + 1 < len(sources):
            told = tuple(shared), tuple(problems), False, tuple(read)
            yield Comparison(compare_sortings(named), *told)
    yield Comparison(compare_sortings(named), tuple(shared), tuple(problems), read=tuple(read))


def _sources(query: ComparisonQuery) -> Iterator[Source]:
    """Yield earlier states of this sorting, then the exports of all other sortings."""
    if query.is_curated:
        yield BEFORE
    first, templates = query.first.get(), query.dataset.spike_templates
    if not query.keeper.read_once(FirstClusters, lambda: _is_same_partition(first, templates)):
        yield TEMPLATES
    own = Path(query.dataset.folder)
    found = [own]
    dataset = find_generated_dataset(own)
    names = () if dataset is None else list_sortings(dataset)
    exports = [find_dataset(dataset, name).export_folder for name in names if dataset is not None]
    for export in (*exports, *query.chosen):
        if not any(_is_same(export, other) for other in found):
            found.append(export)
            yield export


def _is_same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def _find(query: ComparisonQuery, source: Source) -> _Found:
    keeper, scores = query.keeper, query.scores
    other = _trains(query, source)
    plain = keeper.count_once((source, scores.delta_ms), lambda: score(other, scores.delta_ms))
    judged = keeper.count_once(
        (source, scores.delta_ms, scores.thresholds), lambda: _judge(plain, scores)
    )
    n_shared = keeper.count_once(
        (source, scores.delta_ms, query.query.clustering_version),
        lambda: _count_shared(query, other),
    )
    return _Found(source if isinstance(source, str) else sorting_name(source), judged, n_shared)


def _judge(found: Scores, like: Scores) -> Scores:
    from ..scoring.scores import recategorize

    is_same = found.thresholds == like.thresholds
    return found if is_same else recategorize(found, like.thresholds)


def _truth_of(query: ComparisonQuery, source: Source, found: _Found) -> ReadSorting:
    def make() -> ReadSorting:
        trains = replace(_trains(query, source), thresholds=found.scores.thresholds)
        return ReadSorting(found.name, SpikeTruth(trains, found.scores, query.facts))

    kept: ReadSorting = query.keeper.keep_truth(source, found.scores, make)
    return kept


def _count_shared(query: ComparisonQuery, other: ScoringQuery) -> int:
    from ..scoring.comparison import compare_with_each_other
    from ..scoring.pairs import sorted_trains

    first, second = (sorted_trains(q.spike_samples, *trains_of(q)) for q in (query.query, other))
    delta, ids = query.scores.delta_samples, (query.query.cluster_ids, other.cluster_ids)
    return compare_with_each_other(first, ids[0], second, ids[1], delta).n_matched


# The spikes of a sorting ----------------------------------------------------------------------


def _trains(query: ComparisonQuery, source: Source) -> ScoringQuery:
    """Return the spikes of another sorting, read the first time.

    Raises
    ------
    DatasetError
        It cannot be read, or is of another recording.
    """

    def make() -> ScoringQuery:
        if isinstance(source, Path):
            return _read(source, query)
        clusters = query.first.get() if source == BEFORE else query.dataset.spike_templates
        return _with_trains(query.query, query.query.spike_samples, clusters)

    kept: ScoringQuery = query.keeper.read_once(source, make)
    return kept


def _is_same_partition(one: Int32Array, other: Int32Array) -> bool:
    """Whether the same spikes are together, whatever the groups are called; none is negative."""
    if not len(one):
        return True
    names = np.zeros(int(other.max()) + 1, np.int64)
    names[other] = one
    # Each group of the second has one name of the first, and no two the same.
    is_used = np.bincount(other) > 0
    used = names[is_used]
    return len(np.unique(used)) == len(used) and bool(np.array_equal(names[other], one))


def _read(export: Path, like: ComparisonQuery) -> ScoringQuery:
    dataset = read_export(find_dataset(export).export_folder)
    if abs(dataset.sample_rate_hz - like.dataset.sample_rate_hz) > 1e-3:
        raise DatasetError(
            f"{sorting_name(export)} has {dataset.sample_rate_hz:g} samples a second, this "
            f"sorting {like.dataset.sample_rate_hz:g}: it is of another recording."
        )
    return _with_trains(like.query, dataset.spike_samples, dataset.spike_clusters)


def _with_trains(
    like: ScoringQuery, spike_samples: Int64Array, clusters: Int32Array
) -> ScoringQuery:
    """Return a question about other spikes of the same recording."""
    by_time = np.argsort(spike_samples, kind="stable").astype(np.int32)
    ids, offsets, order = group_by_value(np.asarray(clusters, np.int32)[by_time])
    spikes = by_time[order]
    parts = tuple(spikes[offsets[k] : offsets[k + 1]] for k in range(len(ids)))
    return replace(
        like, spike_samples=spike_samples, cluster_ids=tuple(ids.tolist()), spikes=parts,
        known=None,
    )  # fmt: skip
