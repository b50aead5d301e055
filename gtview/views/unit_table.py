"""The table of the units of the ground truth."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from PyQt6.QtGui import QColor

from ..base.table import Table
from ..session.events import SelectionChanged
from ..session.session import Session
from ..session.tables import TableSource, unit_table
from .table_view import RowsView


class UnitTableView(RowsView):
    """Units with their numbers, and what the sorter made of them."""

    id = "units"
    title = "Units"
    empty_text = "the ground truth holds no units"
    sorted_by = ("id", False)

    @classmethod
    def missing(cls, session: Session) -> str | None:
        if session.truth is not None:
            return None
        return (
            "There is no ground truth: put it into a folder ground_truth beside the export, or "
            "open the dataset with one."
        )

    def query(self) -> TableSource | None:
        truth = self.session.truth
        return TableSource.of(self.session) if truth is not None and truth.n_units else None

    @staticmethod
    def compute(query: TableSource) -> Table:
        return unit_table(query)

    def selected_ids(self) -> tuple[Hashable, ...]:
        unit_id = self.session.selection.state.unit_id
        return () if unit_id is None else (unit_id,)

    def on_rows_selected(self, ids: list[Any]) -> None:
        # One unit is looked at: of a range, the one chosen last.
        self.session.select_unit(ids[-1] if ids else None, source=self)
        self.show_selection()

    def is_outdated_by(self, event: SelectionChanged) -> bool:
        return False

    def color_of(self, row_id: Hashable) -> QColor | None:
        is_selected = row_id == self.session.selection.state.unit_id
        return self.theme.color("truth") if is_selected else None

    def status_parts(self) -> list[str]:
        scores = self.session.scores
        n_units = len(self.table.rows.table.row_ids)
        parts = [f"{n_units:,} unit{'s' * (n_units != 1)}"]
        if scores is not None:
            parts.append(f"mean accuracy {scores.mean_accuracy:.2f}")
        return parts
