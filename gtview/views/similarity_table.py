"""The table of the clusters that are like the one selected last."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from ..base.table import Table
from ..session.events import SelectionChanged
from ..session.selection import SelectionState
from ..session.session import Session
from ..session.similarity import SimilarTemplates
from ..session.tables import TableSource, similarity_table
from .table_view import ClusterRowsView


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    source: TableSource
    cluster_id: int
    similar_templates: SimilarTemplates


@dataclass(frozen=True, slots=True, eq=False)
class _Result:
    cluster_id: int
    table: Table


def _reference(state: SelectionState) -> int | None:
    return state.cluster_ids[-1] if state.cluster_ids else None


class SimilarityTableView(ClusterRowsView):
    """Candidates for a merge: choosing one shows it beside the selected clusters."""

    id = "similarity"
    title = "Similar"
    empty_text = "select a cluster"
    sorted_by = ("similarity", True)

    def __init__(self, *args: Any) -> None:
        self.reference: int | None = None
        super().__init__(*args)

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
        return _Query(source, cluster_id, self.session.similar_templates)

    @staticmethod
    def compute(query: _Query) -> _Result:
        values = query.similar_templates.values()
        return _Result(query.cluster_id, similarity_table(query.source, query.cluster_id, values))

    def draw(self, result: _Result) -> None:
        is_other = result.cluster_id != self.reference
        self._set_reference(result.cluster_id)
        self.show_table(result.table, resort=is_other)
        self.show_selection()
        self._place_soon.start()

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
        n_rows = self.table.rows.rowCount()
        n_others = self.session.clustering.n_clusters - 1
        parts = [self.session.similar_templates.source]
        if n_rows < n_others:
            parts.insert(0, f"{n_rows:,} most similar of {n_others:,}")
        return parts
