"""Which cluster, and which similar one, is looked at next; knows no window."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np

from ..curation.labels import GROUP, UNSORTED
from .events import WizardChanged

if TYPE_CHECKING:
    from ..analysis.merge_likelihood import MergeLikelihood
    from .candidates import CandidateQuery, Candidates
    from .session import Session

T = TypeVar("T")
Order = Literal["similarity", "likelihood"]
SKIPPED = ("noise", "mua")

# Clusters whose candidates are kept: those that one goes back to.
_KEPT = 200

NO_MORE = "There is no further cluster."
NONE_BEFORE = "There is no cluster before this one."
NO_MORE_SIMILAR = "There is no further similar cluster."
NO_SIMILAR_BEFORE = "There is no similar cluster before this one."

# Rows as a table shows them now; None when nobody sees it.
Rows = Callable[[], Sequence[int] | None]


class Wizard:
    """Leads through the clusters, and through those that are similar to each.

    Clusters come in the order in which their table shows them, as far as its filter does; where
    there is no table in sight, by falling number of spikes. Similar ones come as their table
    shows them for the selected cluster, else in the chosen order. The cluster that is looked at
    is the one selected last.

    Attributes
    ----------
    order
        Of similar clusters, where no table says another one.
    skips
        Whether noise and mua are left out.
    goes_on
        Whether the next pair is selected after a merge or a group.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.order: Order = "similarity"
        self.skips = True
        self.goes_on = True
        self._best_rows: list[Rows] = []
        self._similar_rows: list[tuple[Callable[[], int | None], Rows]] = []
        self._candidates: OrderedDict[int, Candidates] = OrderedDict()

    # How ---------------------------------------------------------------------------------------

    def use(
        self,
        *,
        order: Order | None = None,
        skips: bool | None = None,
        goes_on: bool | None = None,
    ) -> None:
        """Change how it leads, and tell it."""
        self.order = self.order if order is None else order
        self.skips = self.skips if skips is None else skips
        self.goes_on = self.goes_on if goes_on is None else goes_on
        self._session.bus.publish(WizardChanged())

    def follow_best(self, rows: Rows) -> Callable[[], None]:
        """Go through clusters as a table shows them; return what ends that."""
        return _add(self._best_rows, rows)

    def follow_similar(
        self, reference: Callable[[], int | None], rows: Rows
    ) -> Callable[[], None]:
        """Go through similar clusters as a table of those like `reference` shows them."""
        return _add(self._similar_rows, (reference, rows))

    # What there is -----------------------------------------------------------------------------

    @property
    def best(self) -> int | None:
        """The cluster that is looked at; None when none is selected."""
        chosen = self._session.selection.state.cluster_ids
        return chosen[-1] if chosen else None

    def next_selections(self) -> tuple[tuple[int, ...], ...]:
        """Return what the next keys would show: the next cluster, and the next similar one."""
        state = self._session.selection.state
        best = self._neighbour(self.best_ids(), self.best, 1)
        similar_ids = None if self.best is None else self.similar_ids()
        now = state.similar_ids[-1] if state.similar_ids else None
        similar = self._neighbour(similar_ids or (), now, 1)
        found: list[tuple[int, ...]] = [() if best is None else (best,)]
        found.append(() if similar is None else (*state.cluster_ids, similar))
        return tuple(ids for ids in found if ids)

    @property
    def progress(self) -> tuple[int, int]:
        """How many clusters have a group, and how many there are."""
        ids = self._session.clustering.cluster_ids
        groups = self._session.curation.labels.properties.values(GROUP)
        return sum((groups.get(i) or UNSORTED) != UNSORTED for i in ids), len(ids)

    def best_ids(self) -> list[int]:
        """Return all clusters in order, those that are skipped included."""
        for rows in reversed(self._best_rows):
            listed = rows()
            if listed is not None:
                return [i for i in listed if i in self._session.clustering]
        sizes = self._session.clustering.n_spikes_of
        return sorted(self._session.clustering.cluster_ids, key=lambda i: (-sizes(i), i))

    def similar_ids(self) -> list[int] | None:
        """Return the clusters similar to `best` in order; None when that is not computed yet."""
        best = self.best
        if best is None:
            return []
        for reference, rows in reversed(self._similar_rows):
            listed = rows() if reference() == best else None
            if listed is not None:
                return [i for i in listed if i in self._session.clustering and i != best]
        return self._ordered(best)

    def _ordered(self, best: int) -> list[int] | None:
        session = self._session
        if not session.similar_templates.is_known:
            return None
        from .candidates import order_by, similarity_to

        ids = session.stats.cluster_ids
        rows = order_by(similarity_to(session.stats, session.similar_templates, best), ids)
        by_similarity = [i for i in ids[rows].tolist() if i != best and i in session.clustering]
        if self.order == "similarity":
            return by_similarity
        found = self._candidates.get(best)
        if found is None:
            return None
        likely = {i: one.value for i, one in found.by_id().items() if not np.isnan(one.value)}
        # Sorting is stable: those that were not compared follow by similarity.
        return sorted(by_similarity, key=lambda i: -likely.get(i, -1.0))

    # Candidates --------------------------------------------------------------------------------

    def query(self, cluster_id: int) -> CandidateQuery:
        """Return what `find_candidates` needs, in a thread, for one cluster."""
        from .candidates import CandidateQuery

        found = self._candidates.get(cluster_id)
        return CandidateQuery.of(self._session, cluster_id, found.by_id() if found else {})

    def take(self, found: Candidates) -> None:
        """Keep what `find_candidates` found."""
        self._candidates[found.cluster_id] = found
        self._candidates.move_to_end(found.cluster_id)
        while len(self._candidates) > _KEPT:
            self._candidates.popitem(last=False)

    def likelihood(self, first: int, second: int) -> MergeLikelihood | None:
        """Return how likely two clusters are one neuron; None when it is not computed."""
        for one, other in ((first, second), (second, first)):
            found = self._candidates.get(one)
            if found is not None and other in found.by_id():
                return found.by_id()[other]
        return None

    # Going -------------------------------------------------------------------------------------

    def go_best(self, step: int) -> str:
        """Select the next cluster, or the one before (-1); return why not, "" when it is done."""
        found = self._neighbour(self.best_ids(), self.best, step)
        return self._select(found, NO_MORE if step > 0 else NONE_BEFORE)

    def go_end(self, *, last: bool) -> str:
        """Select the first or the last cluster; return why not, "" when it is done."""
        ids = [i for i in self.best_ids() if not self._is_skipped(i)]
        return self._select(ids[-1 if last else 0] if ids else None, NO_MORE)

    def go_similar(self, step: int) -> str:
        """Select the next similar cluster, or the one before (-1); return why not.

        Without a selected cluster the first one is. Nothing happens while `similar_ids` is None.
        """
        if self.best is None:
            return self.go_end(last=False)
        ids = self.similar_ids()
        if ids is None:
            return ""
        similar = self._session.selection.state.similar_ids
        now = similar[-1] if similar else None
        if now is None and step < 0:
            return NO_SIMILAR_BEFORE
        ids = [i for i in ids if i not in self._session.selection.state.cluster_ids]
        found = self._neighbour(ids, now, step)
        if found is None:
            return NO_MORE_SIMILAR if step > 0 else NO_SIMILAR_BEFORE
        self._session.select_clusters(self._session.selection.state.cluster_ids, (found,))
        return ""

    def drop_similar(self) -> None:
        """Select no similar cluster."""
        self._session.select_clusters(self._session.selection.state.cluster_ids)

    def _select(self, cluster_id: int | None, why_not: str) -> str:
        if cluster_id is None:
            return why_not
        self._session.select_clusters((cluster_id,))
        return ""

    def _neighbour(self, ids: Sequence[int], now: int | None, step: int) -> int | None:
        at = ids.index(now) if now in ids else None
        if at is None:
            after = ids if step > 0 else ()
        else:
            after = ids[at + 1 :] if step > 0 else ids[:at][::-1]
        return next((i for i in after if not self._is_skipped(i)), None)

    def _is_skipped(self, cluster_id: int) -> bool:
        return self.skips and self._group(cluster_id) in SKIPPED

    def _group(self, cluster_id: int) -> str:
        return str(self._session.curation.labels.get(GROUP, cluster_id) or UNSORTED)


def _add(followed: list[T], one: T) -> Callable[[], None]:
    """Add something to a list; return what takes it out again."""
    followed.append(one)

    def leave() -> None:
        if one in followed:
            followed.remove(one)

    return leave
