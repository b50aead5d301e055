"""Other sortings of the recording that is open, scored against the same truth; read in threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..base.errors import DatasetError, GtviewError
from ..data.discovery import find_dataset, find_generated_dataset, list_sortings
from ..data.phy_reader import read_export
from ..kernels.grouping import group_by_value
from ..kernels.matching import label_spikes
from .events import SortingsChanged, SortingsRead
from .read_sorting import ReadSorting
from .scoring import ScoringQuery, score
from .spike_truth import SpikeTruth
from .states import trains_of

if TYPE_CHECKING:
    from ..base.types import Int32Array, Int64Array
    from ..data.dataset import Dataset
    from ..scoring.comparison import SortingComparison
    from ..scoring.scores import Scores
    from ..scoring.thresholds import Thresholds
    from .session import Session
    from .spike_truth import TruthFacts

# Scores of so many sortings are kept: those of clusters as they were before are not needed.
MOST_KEPT = 16
THIS = "this sorting"
BEFORE = "before curation"


@dataclass(frozen=True, slots=True, eq=False)
class OtherSorting:
    """A sorting that stands beside the one that is open.

    Attributes
    ----------
    name
        What it is called.
    scores
        Against the same truth.
    n_shared
        Clusters that it has in common with the one that is open.
    """

    name: str
    scores: Scores
    n_shared: int


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Sortings side by side, the one that is open first; `problems` are of those left out.

    `read` has the other exports among them.
    """

    sortings: SortingComparison
    n_shared: tuple[int, ...]
    problems: tuple[str, ...] = ()
    is_full: bool = True
    read: tuple[ReadSorting, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ComparisonQuery:
    """A snapshot of what is compared; safe to hand to a thread."""

    name: str
    query: ScoringQuery
    scores: Scores
    dataset: Dataset
    facts: TruthFacts
    chosen: tuple[Path, ...]
    keeper: OtherSortings


class OtherSortings:
    """Which sortings stand beside the one that is open, and what was read of them.

    Those of the same generated dataset are found; others can be added. Spikes that were read, and
    their scores, are kept.

    Parameters
    ----------
    session
        What is open.

    Attributes
    ----------
    chosen
        Exports that were added.
    read
        Exports that were read and scored, as last compared; see `keep_read`.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._trains: dict[Path, ScoringQuery] = {}
        self._scored: dict[Hashable, OtherSorting] = {}
        self._truths: dict[Path, ReadSorting] = {}
        self._lock = threading.RLock()
        self.chosen: tuple[Path, ...] = ()
        self.read: tuple[ReadSorting, ...] = ()

    def add(self, export: Path) -> None:
        """Compare with an export too, and tell it."""
        if export not in self.chosen:
            self.chosen = (*self.chosen, export)
            self._session.bus.publish(SortingsChanged())

    def query(self) -> ComparisonQuery | None:
        """Take a snapshot; None: there are no scores (yet)."""
        truth = self._session.truth_access.current
        if truth is None:
            return None
        dataset = self._session.dataset
        name = sorting_name(Path(dataset.folder))
        return ComparisonQuery(
            name, truth.query, truth.scores, dataset, truth.facts, self.chosen, self
        )

    def keep_read(self, read: tuple[ReadSorting, ...]) -> None:
        """Take over the exports of a comparison, and tell it where they are others."""
        if read != self.read:
            self.read = read
            self._session.bus.publish(SortingsRead())

    def find(self, key: Hashable, make: Callable[[], OtherSorting]) -> OtherSorting:
        """Return what is kept under a key, else what `make` returns; in a thread."""
        with self._lock:
            if key not in self._scored:
                if len(self._scored) >= MOST_KEPT:
                    self._scored.pop(next(iter(self._scored)))
                self._scored[key] = make()
            return self._scored[key]

    def trains(self, export: Path, like: ComparisonQuery) -> ScoringQuery:
        """Return the spikes of another export, read the first time; in a thread.

        Raises
        ------
        DatasetError
            It cannot be read, or is of another recording.
        """
        with self._lock:
            if export not in self._trains:
                self._trains[export] = _read(export, like)
            return replace(self._trains[export], thresholds=like.scores.thresholds)

    def truth_of(self, export: Path, found: OtherSorting, like: ComparisonQuery) -> ReadSorting:
        """Return the spikes of an export that was scored; states that still hold are kept."""
        with self._lock:
            known = self._truths.get(export)
            if known is None or known.truth.scores is not found.scores:
                truth = SpikeTruth(self.trains(export, like), found.scores, like.facts)
                self._truths[export] = ReadSorting(found.name, truth).takes_states(known)
            return self._truths[export]


def sorting_name(export: Path) -> str:
    """Return what a sorting is called: its folder below `sortings`, else that of the export.

    Parameters
    ----------
    export
        Folder with params.py.
    """
    inside = find_generated_dataset(export)
    if inside is not None:
        return export.relative_to(inside / "sortings").parts[0]
    return export.name


def compute_comparison(query: ComparisonQuery) -> Iterator[Comparison]:
    """Yield the comparison with more and more sortings: each is read and scored in turn.

    Parameters
    ----------
    query
        What is open, and what was chosen besides.

    Yields
    ------
    Comparison
        The sorting that is open comes first, then its assignment before curation where that is
        another one, then those of the same generated dataset, then those that were chosen. What
        cannot be read, or is of another recording, is told in `problems`.
    """
    from ..scoring.comparison import compare_sortings

    named = [(f"{query.name} ({THIS})", query.scores)]
    shared, problems = [len(query.scores.cluster_ids)], []
    read: list[ReadSorting] = []
    sources = list(_sources(query))
    for k, export in enumerate(sources):
        try:
            found = _scored(query, export)
        except GtviewError as error:
            problems.append(str(error))
            continue
        if found is not None:
            named.append((found.name, found.scores))
            shared.append(found.n_shared)
            if export is not None:
                read.append(query.keeper.truth_of(export, found, query))
            if k + 1 < len(sources):
                told = tuple(shared), tuple(problems), False, tuple(read)
                yield Comparison(compare_sortings(named), *told)
    yield Comparison(compare_sortings(named), tuple(shared), tuple(problems), read=tuple(read))


def _sources(query: ComparisonQuery) -> Iterator[Path | None]:
    """Yield None for the assignment of the sorter, then the exports of all other sortings."""
    yield None
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


def _scored(query: ComparisonQuery, export: Path | None) -> OtherSorting | None:
    thresholds, delta_ms = query.scores.thresholds, query.scores.delta_ms
    key = (export, query.query.clustering_version, delta_ms, thresholds)

    def make() -> OtherSorting:
        other = _before(query) if export is None else query.keeper.trains(export, query)
        name = BEFORE if export is None else sorting_name(export)
        return OtherSorting(name, score(other, delta_ms), _count_shared(query, other))

    if export is None and _is_untouched(query):
        return None
    return query.keeper.find(key, make)


def _count_shared(query: ComparisonQuery, other: ScoringQuery) -> int:
    from ..scoring.comparison import compare_with_each_other
    from ..scoring.pairs import sorted_trains

    first, second = (sorted_trains(q.spike_samples, *trains_of(q)) for q in (query.query, other))
    delta, ids = query.scores.delta_samples, (query.query.cluster_ids, other.cluster_ids)
    return compare_with_each_other(first, ids[0], second, ids[1], delta).n_matched


def _is_untouched(query: ComparisonQuery) -> bool:
    """Whether every spike is where the sorter has put it."""
    order, offsets = trains_of(query.query)
    labels = label_spikes(order, offsets, len(query.query.spike_samples))
    ids = np.array([*query.query.cluster_ids, -1], np.int64)
    return bool(np.array_equal(ids[labels], query.dataset.spike_templates))


def _before(query: ComparisonQuery) -> ScoringQuery:
    return _with_trains(
        query.query, query.query.spike_samples, query.dataset.spike_templates,
        query.scores.thresholds,
    )  # fmt: skip


def _read(export: Path, like: ComparisonQuery) -> ScoringQuery:
    dataset = read_export(find_dataset(export).export_folder)
    if abs(dataset.sample_rate_hz - like.dataset.sample_rate_hz) > 1e-3:
        raise DatasetError(
            f"{sorting_name(export)} has {dataset.sample_rate_hz:g} samples a second, this "
            f"sorting {like.dataset.sample_rate_hz:g}: it is of another recording."
        )
    return _with_trains(
        like.query, dataset.spike_samples, dataset.spike_clusters, like.scores.thresholds
    )


def _with_trains(
    like: ScoringQuery, spike_samples: Int64Array, clusters: Int32Array, thresholds: Thresholds
) -> ScoringQuery:
    """Return a question about other spikes of the same recording."""
    by_time = np.argsort(spike_samples, kind="stable").astype(np.int32)
    ids, offsets, order = group_by_value(np.asarray(clusters, np.int32)[by_time])
    spikes = by_time[order]
    parts = tuple(spikes[offsets[k] : offsets[k + 1]] for k in range(len(ids)))
    return replace(
        like, spike_samples=spike_samples, cluster_ids=tuple(ids.tolist()), spikes=parts,
        known=None, thresholds=thresholds,
    )  # fmt: skip
