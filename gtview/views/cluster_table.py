"""The table of all clusters."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, ClassVar

from PyQt6.QtWidgets import QWidget

from ..base.table import Table
from ..qt.keys import LEAVES_KEYS
from ..session.tables import TableSource, cluster_table
from .table_view import ClusterRowsView


class ClusterTableView(ClusterRowsView):
    """Clusters with their numbers, labels, and how well they are units of the ground truth."""

    id = "clusters"
    title = "Clusters"
    empty_text = "there are no clusters"
    filter_placeholder = "filter: rate > 2 and group == 'good'"
    sorted_by = ("spikes", True)
    gestures: ClassVar[tuple[tuple[str, str], ...]] = (
        *ClusterRowsView.gestures,
        ("type in the filter line", "show some rows only; Esc shows all"),
        ("alt+down in the filter line", "saved filters"),
    )

    def build(self) -> QWidget:
        content = super().build()
        # Up and down go on to the window, which leaves out noise there.
        self.table.setProperty(LEAVES_KEYS, True)
        self._unsubscribe_rows = self.session.wizard.follow_best(self._rows_in_sight)
        self.table.rows.modelReset.connect(self._tell_order)
        return content

    def close_view(self) -> None:
        self._unsubscribe_rows()
        super().close_view()

    def _tell_order(self) -> None:
        rows: list[Any] = self.table.rows.sorted_ids
        self.session.table_order.follow(rows)

    def _rows_in_sight(self) -> list[Any] | None:
        is_seen = self.isVisible() and len(self.table.rows.table.row_ids) > 0
        return list(self.table.rows.shown_ids) if is_seen else None

    def query(self) -> TableSource | None:
        return TableSource.of(self.session) if self.session.clustering.n_clusters else None

    @staticmethod
    def compute(query: TableSource) -> Table:
        return cluster_table(query)

    def selected_ids(self) -> tuple[Hashable, ...]:
        return self.session.selection.state.cluster_ids

    def on_rows_selected(self, ids: list[Any]) -> None:
        # One alone is a new start; adding to it keeps what it is compared with.
        similar = self.session.selection.state.similar_ids if len(ids) > 1 else ()
        self.session.select_clusters(ids, similar, source=self)

    def status_parts(self) -> list[str]:
        n_selected, n_hidden = len(self.table.selected_ids), self.count_hidden()
        parts = [self.count_shown()]
        if n_selected:
            which = "" if n_hidden == n_selected else f"{n_hidden:,} of them "
            hidden = f", {which}hidden by the filter" if n_hidden else ""
            parts.append(f"{n_selected:,} selected{hidden}")
        return parts
