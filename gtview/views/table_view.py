"""What the views that are tables share: rows, filter, columns, and the one selection."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from ..base.events import Event
from ..base.table import Table
from ..base.types import BoolArray
from ..qt.compute import single_shot
from ..qt.filter_line import FilterLine
from ..qt.table import TableView
from ..qt.theme import Theme, cluster_color
from ..session.events import (
    ClusteringChanged,
    DatasetChanged,
    LabelsChanged,
    QualityChanged,
    ScoresChanged,
    SelectionChanged,
)
from ..session.filtering import FilterError, RowFilter
from .base import View
from .saved_filters import saved_filters

_FILTER_HELP = (
    "Words to look for in any column (good or mua), or comparisons: rate > 2 and group == 'good', "
    "1 < depth < 500, id in (3, 5), unit is null, not, + - * /. "
    "Columns are named as in the header, with _ for spaces."
)
_GROUPS = ("good", "mua", "noise")
_EMPTY = Table((), ())


@dataclass(frozen=True, slots=True)
class TableSettings:
    """What is remembered of a table."""

    hidden_columns: list[str] = field(default_factory=list)


class RowsView(View):
    """A table as a projection of the session.

    A selection only repaints rows; the table is made again when its numbers change.
    """

    Settings = TableSettings
    listens_to: ClassVar[tuple[type[Event], ...]] = (
        SelectionChanged,
        ClusteringChanged,
        DatasetChanged,
        ScoresChanged,
    )
    gestures: ClassVar[tuple[tuple[str, str], ...]] = (
        ("click", "select one row"),
        ("ctrl+click", "add a row, or take it away"),
        ("shift+click, drag", "select a range"),
        ("up, down, page up, page down, home, end", "select another row"),
        ("ctrl+C", "copy the selected rows"),
        ("click on a header", "sort; again: the other way round"),
        ("right-click on a header", "show and hide columns"),
    )
    filter_placeholder: ClassVar[str] = ""
    sorted_by: ClassVar[tuple[str, bool] | None] = None

    def build(self) -> QWidget:
        self._kept: BoolArray | None = None
        self._place_asked: dict[str, Any] | None = None
        # Once the rows are laid out: bars without a range take no value.
        self._place_soon = single_shot(self, 0, self._return_to_place)
        self._marked: tuple[Hashable, ...] = ()
        self._row_filter = RowFilter(_EMPTY)
        self.filter_line: FilterLine | None = None
        self.table = TableView()
        self.table.rows.color_of = self.color_of
        self.table.rows.text_color_of = self.text_color_of
        self.table.set_hidden_columns(self.settings.hidden_columns)
        if self.sorted_by is not None:
            self.table.sort_by(self.sorted_by[0], descending=self.sorted_by[1])
        self.table.row_ids_selected.connect(self.on_rows_selected)
        self.table.hidden_columns_changed.connect(self._remember_hidden)
        return self._with_filter() if self.filter_placeholder else self.table

    def _with_filter(self) -> QWidget:
        saved = saved_filters(self.context.settings, self.id)
        self.filter_line = FilterLine(self.filter_placeholder, _FILTER_HELP, saved=saved)
        self.filter_line.set_icon_color(self.theme.color("quiet").name())
        self.filter_line.textChanged.connect(self._on_filter)
        self.filter_line.left.connect(self.table.setFocus)
        box = QWidget()
        box.setObjectName("tableBox")
        box.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QVBoxLayout(box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        line = QVBoxLayout()
        line.setContentsMargins(6, 6, 6, 4)
        line.addWidget(self.filter_line)
        layout.addLayout(line)
        layout.addWidget(self.table)
        self.setTabOrder(self.filter_line, self.table)
        self.setFocusProxy(self.table)
        return box

    # What a table defines --------------------------------------------------------------------

    def selected_ids(self) -> tuple[Hashable, ...]:
        """Return the rows that the session's selection means."""
        raise NotImplementedError

    def on_rows_selected(self, ids: list[Any]) -> None:
        """Tell the session what the user chose."""
        raise NotImplementedError

    def is_outdated_by(self, event: SelectionChanged) -> bool:
        """Whether another selection means other rows, and not only other chosen ones."""
        return False

    def status_parts(self) -> list[str]:
        """Return what the title bar says."""
        raise NotImplementedError

    def marked_ids(self) -> tuple[Hashable, ...]:
        """Return the rows that have a square now."""
        return self.selected_ids()

    def color_of(self, row_id: Hashable) -> QColor | None:
        """Return the colour of the square before a row; None: no square."""
        return None

    def text_color_of(self, row_id: Hashable) -> QColor | None:
        """Return the colour of the text of a row; None: the usual one."""
        return None

    # From the session ----------------------------------------------------------------------

    def on_event(self, event: Event) -> None:
        if not isinstance(event, SelectionChanged) or self.is_outdated_by(event):
            self.invalidate()
        elif self._is_dirty or self._task.is_busy or self.context.pool.waits(self):
            pass  # the drawing that is under way takes the selection as it is then
        else:
            self.context.pool.draw_soon(self, self._draw_selection)

    def draw(self, result: Table) -> None:
        self.show_table(result)
        self.show_selection()
        self._place_soon.start()

    def show_table(self, table: Table, *, resort: bool = False) -> None:
        """Show another table under the same filter."""
        before = self.table.rows.table
        self._row_filter = RowFilter(table)
        kept = None
        if self.filter_line is not None and self.filter_line.text().strip():
            kept = self._filtered(_moved(self._kept, before, table))
        self._kept = kept
        self.table.set_table(table, kept, resort=resort)

    # What survives a reload ------------------------------------------------------------------

    def picture_of(self) -> QWidget:
        return self.table

    def table_text(self, separator: str) -> str | None:
        return self.table.as_text(None, separator)

    def keep_state(self) -> dict[str, Any]:
        text = "" if self.filter_line is None else self.filter_line.text()
        across = self.table.horizontalScrollBar().value()
        return {
            "filter": text,
            "sorted_by": self.table.rows.sorted_by,
            "top_id": self.table.top_id,
            "across": across,
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        if self.filter_line is not None:
            self.filter_line.setText(state["filter"])
        if state["sorted_by"] is not None:
            name, descending = state["sorted_by"]
            self.table.sort_by(name, descending=descending)
        self._place_asked = state
        self.invalidate()

    def _return_to_place(self) -> None:
        state, self._place_asked = self._place_asked, None
        if state is not None:
            if state["top_id"] is not None:
                self.table.scroll_to_top(state["top_id"])
            self.table.horizontalScrollBar().setValue(state["across"])

    def show_selection(self) -> None:
        """Show what is selected, and say how much it is."""
        self.table.select_ids(self.selected_ids())
        marked = self.marked_ids()
        self.table.update_rows({*self._marked, *marked})
        self._marked = marked
        self.tell_status()

    def _draw_selection(self) -> None:
        self.show_selection()
        if self.isVisible():
            self._tell_drawn(is_full=True)

    def apply_theme(self, theme: Theme) -> None:
        self.table.viewport().update()
        if self.filter_line is not None:
            self.filter_line.set_icon_color(theme.color("quiet").name())

    # Filter --------------------------------------------------------------------------------

    def show_filter(self, text: str) -> None:
        """Show the rows of a filter; "" shows all."""
        if self.filter_line is not None:
            self.filter_line.setText(text)

    def problem_of_filter(self, text: str) -> str:
        """Return why a filter is not understood; "" when it is."""
        try:
            self._row_filter.rows(text)
        except FilterError as error:
            return str(error)
        return ""

    def _on_filter(self, _text: str) -> None:
        self._kept = self._filtered(self._kept)
        self.table.keep_rows(self._kept)
        self.tell_status()

    def _filtered(self, rejected: BoolArray | None) -> BoolArray | None:
        """Return the rows that the filter keeps; `rejected` when it is not understood."""
        line = self.filter_line
        if line is None or not line.text().strip():
            self._set_problem("")
            return None
        try:
            kept = self._row_filter.rows(line.text())
        except FilterError as error:
            self._set_problem(str(error))
            return rejected
        self._set_problem("")
        return kept

    def _set_problem(self, problem: str) -> None:
        if self.filter_line is not None:
            self.filter_line.set_problem(problem)

    def tell_status(self) -> None:
        """Say in the title bar what is shown, or why the filter is not understood."""
        problem = "" if self.filter_line is None else self.filter_line.problem
        self.set_status(problem or " \N{MIDDLE DOT} ".join(self.status_parts()))

    def count_shown(self) -> str:
        """Return "37 of 412"."""
        return f"{self.table.rows.rowCount():,} of {len(self.table.rows.table.row_ids):,}"

    def count_hidden(self) -> int:
        """Return how many of the chosen rows the filter hides."""
        rows = self.table.rows
        return sum(rows.row_of(i) is None for i in self.table.selected_ids)

    def _remember_hidden(self, names: list[str]) -> None:
        self.change(hidden_columns=names)


class ClusterRowsView(RowsView):
    """A table whose rows are clusters, in the colours of their groups."""

    listens_to = (*RowsView.listens_to, LabelsChanged, QualityChanged)

    def marked_ids(self) -> tuple[Hashable, ...]:
        return self.session.selection.state.shown_ids

    def color_of(self, row_id: Hashable) -> QColor | None:
        color_id = self.session.selection.state.color_of(row_id)  # type: ignore[arg-type]
        return None if color_id is None else cluster_color(color_id)

    def text_color_of(self, row_id: Hashable) -> QColor | None:
        group = str(self.session.labelled.properties.get("group", row_id, ""))  # type: ignore[arg-type]
        return self.theme.color(group) if group in _GROUPS else None


def _moved(kept: BoolArray | None, before: Table, after: Table) -> BoolArray | None:
    """Return which rows of a new table a mask of the old one keeps; new rows are kept."""
    if kept is None:
        return None
    hidden = {before.row_ids[row] for row in np.flatnonzero(~kept).tolist()}
    return np.array([i not in hidden for i in after.row_ids], dtype=np.bool_)
