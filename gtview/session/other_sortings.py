"""Other sortings of the recording that is open: which they are, and what was read of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.types import frozen
from ..data.discovery import find_generated_dataset
from .events import SortingsChanged, SortingsRead
from .read_sorting import ReadSorting
from .scoring import ScoringQuery

if TYPE_CHECKING:
    from ..base.types import Int32Array
    from ..curation.history import Entry
    from ..data.dataset import Dataset
    from ..scoring.comparison import SortingComparison
    from ..scoring.scores import Scores
    from .session import Session
    from .spike_truth import TruthFacts

# Of scores and counts so many are kept: those of clusters as they were are not needed again.
MOST_KEPT = 24


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Sortings side by side, the one that is open first; `problems` are of those left out.

    `n_shared` are the clusters that each has in common with the one that is open; `read` has the
    spikes of all others.
    """

    sortings: SortingComparison
    n_shared: tuple[int, ...]
    problems: tuple[str, ...] = ()
    is_full: bool = True
    read: tuple[ReadSorting, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ComparisonQuery:
    """A snapshot of what is compared; safe to hand to a thread.

    `first` are the clusters before the first action of the history, `is_curated` whether an
    action has moved spikes since.
    """

    name: str
    query: ScoringQuery
    scores: Scores
    dataset: Dataset
    facts: TruthFacts
    chosen: tuple[Path, ...]
    first: FirstClusters
    is_curated: bool
    keeper: OtherSortings


class FirstClusters:
    """The clusters before the first action of a history, found when a thread asks for them.

    Parameters
    ----------
    clusters : int32 array, (n_spikes,)
        Cluster of each spike behind some actions.
    done
        These actions.
    """

    def __init__(self, clusters: Int32Array, done: tuple[Entry, ...]) -> None:
        self._clusters, self._done = clusters, done
        self._lock = threading.Lock()

    def get(self) -> Int32Array:
        """Return the cluster of each spike, int32, (n_spikes,), read-only."""
        with self._lock:
            diffs = [e.change.spikes for e in self._done if e.change.spikes is not None]
            if diffs:
                clusters = self._clusters.copy()
                for diff in reversed(diffs):
                    clusters[diff.spike_ids] = diff.before
                self._clusters = frozen(clusters)
            self._done = ()
            return self._clusters


class OtherSortings:
    """Which sortings stand beside the one that is open, and what was read of them.

    Those of the same generated dataset are found, and so are earlier states of the one that is
    open; others can be added. `comparing.compute_comparison` reads and scores them.

    Parameters
    ----------
    session
        What is open.

    Attributes
    ----------
    chosen
        Exports that were added.
    read
        Sortings that were read and scored, as last compared; see `keep_read`.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._read: dict[Hashable, Any] = {}
        self._counted: dict[Hashable, Any] = {}
        self._truths: dict[Hashable, ReadSorting] = {}
        self._first: FirstClusters | None = None
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
        session = self._session
        truth = session.truth_access.current
        if truth is None:
            return None
        history = session.curation.history
        done = tuple(history.entries[: history.position])
        # The same for all of the session: what is earliest does not change.
        if self._first is None:
            self._first = FirstClusters(session.clustering.snapshot(), done)
        return ComparisonQuery(
            name=sorting_name(Path(session.dataset.folder)),
            query=truth.query,
            scores=truth.scores,
            dataset=session.dataset,
            facts=truth.facts,
            chosen=self.chosen,
            first=self._first,
            is_curated=any(entry.change.spikes is not None for entry in done),
            keeper=self,
        )

    def keep_read(self, read: tuple[ReadSorting, ...]) -> None:
        """Take over the sortings of a comparison, and tell it where they are others."""
        if read != self.read:
            self.read = read
            self._session.bus.publish(SortingsRead())

    # For threads ---------------------------------------------------------------------------

    def read_once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what was read under a key, else what `make` returns."""
        with self._lock:
            if key not in self._read:
                self._read[key] = make()
            return self._read[key]

    def count_once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what was computed under a key, else what `make` returns; some are kept."""
        with self._lock:
            if key not in self._counted:
                if len(self._counted) >= MOST_KEPT:
                    self._counted.pop(next(iter(self._counted)))
                self._counted[key] = make()
            return self._counted[key]

    def keep_truth(self, key: Hashable, scores: Scores, make: Callable[[], ReadSorting]) -> Any:
        """Return the spikes of a sorting with these scores; states that still hold are kept."""
        with self._lock:
            known = self._truths.get(key)
            if known is None or known.truth.scores is not scores:
                self._truths[key] = make().takes_states(known)
            return self._truths[key]


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
