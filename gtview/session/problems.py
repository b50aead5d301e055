"""Goes from one unit that is not well detected to the next, in the order of a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..scoring.thresholds import reaches

if TYPE_CHECKING:
    from ..data.ground_truth import UnitId
    from ..scoring.categories import Category
    from .session import Session

GOOD: Category = "well_detected"
Rows = Callable[[], Sequence[Any] | None]
NO_TRUTH = "There are no scores: the ground truth is missing, hidden, or being compared."
NO_PROBLEM = "Every unit is well detected."
NO_OTHER = "No other unit is a problem in this direction."
MOST_CLUSTERS = 8


class Problems:
    """Selects units that are not well detected, with the clusters that hold their spikes.

    Parameters
    ----------
    session
        Whose units they are.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._rows: list[Rows] = []

    def follow(self, rows: Rows) -> Callable[[], None]:
        """Go through units as a table shows them (None: it is not seen); return what ends that."""
        self._rows.append(rows)
        return lambda: self._rows.remove(rows) if rows in self._rows else None

    def unit_ids(self) -> list[UnitId]:
        """Return all units in their order: that of the table that is seen, else of the truth."""
        scores = self._session.scores
        if scores is None:
            return []
        found = (rows() for rows in reversed(self._rows))
        order = next((row_ids for row_ids in found if row_ids is not None), scores.unit_ids)
        known = set(scores.unit_ids)
        return [unit_id for unit_id in order if unit_id in known]

    def go(self, step: int, source: object = None) -> str:
        """Select the next problem (1), or the one before (-1).

        Returns
        -------
        str
            "", or why nothing else is selected: a sentence.
        """
        scores = self._session.scores
        if scores is None:
            return NO_TRUTH
        good = {u.unit_id for u in scores.units if u.category == GOOD}
        order = self.unit_ids()
        if all(unit_id in good for unit_id in order):
            return NO_PROBLEM
        now = self._session.selection.state.unit_id
        place = order.index(now) if now in order else (-1 if step > 0 else len(order))
        way = order[place + 1 :] if step > 0 else order[:place][::-1]
        wanted = next((unit_id for unit_id in way if unit_id not in good), None)
        if wanted is None:
            return NO_OTHER
        self._session.select_match(wanted, self.clusters_of(wanted), source=source)
        return ""

    def clusters_of(self, unit_id: UnitId) -> tuple[int, ...]:
        """Return the clusters of a unit: its own, those with a large share, else the best one."""
        scores = self._session.scores
        if scores is None or unit_id not in scores.unit_ids:
            return ()
        row = scores.unit_ids.index(unit_id)
        unit, counts = scores.units[row], scores.counts[row]
        is_large = reaches(counts, scores.unit_sizes[row], scores.thresholds.large)
        order = np.argsort(-counts, kind="stable")
        large = [scores.cluster_ids[j] for j in order.tolist() if is_large[j]]
        first = [i for i in (unit.cluster_id,) if i is not None]
        best = [i for i in (unit.best_cluster_id,) if i is not None]
        return tuple(dict.fromkeys([*first, *(large or best)]))[:MOST_CLUSTERS]
