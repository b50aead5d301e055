"""The table of the clusters that are like the one selected last."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from threading import Event as Flag
from typing import Any

from PyQt6.QtWidgets import QWidget

from ..base.errors import CancelledError
from ..base.events import Event
from ..base.table import Table
from ..session.candidates import (
    CandidateQuery,
    Candidates,
    find_in_steps,
    has_missing,
    with_likelihood,
)
from ..session.events import SelectionChanged, WizardChanged
from ..session.selection import SelectionState
from ..session.session import Session
from ..session.tables import TableSource, similarity_table
from .table_view import ClusterRowsView

LIKELIHOOD = "likelihood"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    source: TableSource
    candidates: CandidateQuery
    is_by_likelihood: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Result:
    """A table, and what was found for it; `asked` is what is still to be found, when idle."""

    cluster_id: int
    table: Table
    candidates: Candidates | None
    asked: CandidateQuery | None = None


def _reference(state: SelectionState) -> int | None:
    return state.cluster_ids[-1] if state.cluster_ids else None


class SimilarityTableView(ClusterRowsView):
    """Candidates for a merge: choosing one shows it beside the selected clusters."""

    id = "similarity"
    title = "Similar"
    empty_text = "select a cluster"
    filter_placeholder = "filter: likelihood > 0.5"
    listens_to = (*ClusterRowsView.listens_to, WizardChanged)
    gestures = (
        *ClusterRowsView.gestures,
        ("type in the filter line", "show some rows only; Esc shows all"),
        ("alt+down in the filter line", "saved filters"),
    )

    def __init__(self, *args: Any) -> None:
        self.reference: int | None = None
        self._has_all = False
        self._stop_finding = Flag()
        super().__init__(*args)

    def build(self) -> QWidget:
        content = super().build()
        self._use_order()
        self._unsubscribe_rows = self.session.wizard.follow_similar(
            lambda: self.reference, self._rows_in_sight
        )
        return content

    def close_view(self) -> None:
        self._unsubscribe_rows()
        self._stop_finding.set()
        super().close_view()

    @classmethod
    def missing(cls, session: Session) -> str | None:
        if session.similar_templates.exists:
            return None
        return (
            "The export holds neither similar_templates.npy nor templates.npy, from which "
            "the similarity of clusters is known."
        )

    def query(self) -> _Query | None:
        cluster_id = _reference(self.session.selection.state)
        if cluster_id is None or cluster_id not in self.session.clustering:
            self._set_reference(None)
            return None
        source = TableSource.of(self.session)
        candidates = self.session.wizard.query(cluster_id)
        return _Query(source, candidates, self._is_by_likelihood)

    @staticmethod
    def compute(query: _Query) -> Iterator[_Result]:
        asked = query.candidates
        values = asked.similar_templates.values()
        table = similarity_table(query.source, asked.cluster_id, values)
        if not query.is_by_likelihood:
            # Likelihoods take longer than all else that a selection shows, and can wait.
            later = asked if has_missing(asked) else None
            yield _Result(asked.cluster_id, with_likelihood(table, asked.known), None, later)
            return
        for found in find_in_steps(asked):
            if found is not None:
                yield _Result(asked.cluster_id, with_likelihood(table, found.by_id()), found)

    def draw(self, result: _Result) -> None:
        is_other = result.cluster_id != self.reference
        self._set_reference(result.cluster_id)
        self._has_all = result.candidates is not None
        if result.candidates is not None:
            self.session.wizard.take(result.candidates)
        elif result.asked is not None:
            self._find_when_idle(result.asked)
        has_order_now = result.candidates is not None and self._is_by_likelihood
        self.show_table(result.table, resort=is_other or has_order_now)
        self.show_selection()
        self._place_soon.start()

    def _find_when_idle(self, asked: CandidateQuery) -> None:
        self._stop_finding.set()
        stopped = self._stop_finding = Flag()

        def find(pause: Callable[[], None]) -> Candidates | None:
            for found in find_in_steps(asked):
                if found is not None:
                    return found
                pause()
                if stopped.is_set():
                    break
            return None

        self.context.pool.run_idle(find, self._on_found, self._on_not_found)

    def _on_found(self, found: Candidates | None) -> None:
        if found is not None:
            self.session.wizard.take(found)
            self.invalidate()

    def _on_not_found(self, error: BaseException) -> None:
        if not isinstance(error, CancelledError):
            _log.warning("likelihoods of a merge could not be computed", exc_info=error)

    def on_event(self, event: Event) -> None:
        if isinstance(event, WizardChanged):
            self._use_order()
            self.invalidate()
        else:
            super().on_event(event)

    def _use_order(self) -> None:
        self.table.sort_by(self.session.wizard.order, descending=True)

    @property
    def _is_by_likelihood(self) -> bool:
        sorted_by = self.table.rows.sorted_by
        return sorted_by is not None and sorted_by[0] == LIKELIHOOD

    def _rows_in_sight(self) -> list[Any] | None:
        is_whole = self._has_all or not self._is_by_likelihood
        return list(self.table.rows.shown_ids) if self.isVisible() and is_whole else None

    def _set_reference(self, cluster_id: int | None) -> None:
        if cluster_id != self.reference:
            self.reference = cluster_id
            title = "Similar" if cluster_id is None else f"Similar to {cluster_id}"
            self.setWindowTitle(title)

    def is_outdated_by(self, event: SelectionChanged) -> bool:
        return _reference(event.before) != _reference(event.after)

    def selected_ids(self) -> tuple[Hashable, ...]:
        return self.session.selection.state.similar_ids

    def on_rows_selected(self, ids: list[Any]) -> None:
        chosen = self.session.selection.state.cluster_ids
        self.session.select_clusters(chosen, ids, source=self)

    def status_parts(self) -> list[str]:
        n_rows = len(self.table.rows.table.row_ids)
        n_others = self.session.clustering.n_clusters - 1
        parts = [self.session.similar_templates.source]
        if self.table.rows.rowCount() < n_rows:
            parts.insert(0, self.count_shown())
        elif n_rows < n_others:
            parts.insert(0, f"{n_rows:,} most similar of {n_others:,}")
        return parts
