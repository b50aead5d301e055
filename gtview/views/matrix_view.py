"""What views of a matrix share: one panel, a cell at the pointer, clicks and arrow keys."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QWidget

from ..base.events import Event
from ..qt.matrix import CellMatrix, MatrixItem
from ..qt.plot import GESTURES, PlotWidget
from ..qt.theme import Theme
from ..session.events import SelectionChanged
from ..session.selection import SelectionState
from .base import View, ViewAction

FEWEST_CELLS = 4.0
MATRIX_GESTURES = (("Ctrl+click", "add to the selection"), *GESTURES)


def matrix_actions(view_id: str, row: str, column: str) -> tuple[ViewAction, ...]:
    """Return what all views of a matrix do on keys, in the words of one of them."""
    return (
        ViewAction(f"{view_id}.fit", "Show the whole matrix", ("R",), "fit"),
        ViewAction(f"{view_id}.left", f"{column} to the left", ("Left",), "go_left"),
        ViewAction(f"{view_id}.right", f"{column} to the right", ("Right",), "go_right"),
        ViewAction(f"{view_id}.up", f"{row} above", ("Up",), "go_up"),
        ViewAction(f"{view_id}.down", f"{row} below", ("Down",), "go_down"),
    )


class MatrixView(View):
    """A view that shows a matrix; a click on a cell selects what the cell is of."""

    row_title = ""
    column_title = ""
    plot: PlotWidget
    matrix: Any = None

    # What a view defines -------------------------------------------------------------------

    def select_cell(self, row: int, column: int, *, is_added: bool = False) -> None:
        """Select what a cell is of."""
        raise NotImplementedError

    def chosen_cell(self) -> tuple[int | None, int | None]:
        """Return row and column of what is selected."""
        raise NotImplementedError

    def cell_text(self, row: int, column: int) -> str:
        """Say what is in a cell."""
        raise NotImplementedError

    def summary(self) -> str:
        """Say what the matrix shows."""
        raise NotImplementedError

    def names(self, matrix: Any) -> tuple[Sequence[str], Sequence[str]]:
        """Return the names of the rows and of the columns."""
        raise NotImplementedError

    def mark_selection(self, matrix: Any, state: SelectionState) -> None:
        """Frame what is selected, and mark its names."""
        raise NotImplementedError

    # What they share -----------------------------------------------------------------------

    def build(self) -> QWidget:
        self.plot = PlotWidget()
        self.panel = self.plot.add_panel(0, 0, self.column_title, self.row_title)
        self.panel.box.invertY(True)
        self.item = MatrixItem()
        self.panel.add(self.item)
        self.panel.clicked.connect(self._on_click)
        self.panel.hovered.connect(self._on_hover)
        self.panel.left.connect(self._on_leave)
        self.plot.apply_theme(self.theme)
        return self.plot

    def on_event(self, event: Event) -> None:
        fields = ("cluster_ids", "similar_ids", "color_ids", "unit_id")
        if not isinstance(event, SelectionChanged) or event.touches(*fields):
            self.invalidate()

    def apply_theme(self, theme: Theme) -> None:
        self.plot.apply_theme(theme)

    def draw(self, result: Any) -> None:
        self.show_matrix(result, *self.names(result))
        self.mark_selection(result, self.session.selection.state)
        self.tell_summary()

    def turn(self, name: str, choices: Sequence[str], step: int = 1) -> None:
        """Choose the next value of a setting, or the previous one; after the last the first."""
        now = getattr(self.settings, name)
        place = choices.index(now) if now in choices else 0
        self.change(**{name: choices[(place + step) % len(choices)]})

    def show_matrix(
        self, matrix: CellMatrix, row_names: Sequence[str], column_names: Sequence[str]
    ) -> None:
        """Show a matrix; the axes are set when it is another one."""
        self.item.set_matrix(matrix)
        if matrix is not self.matrix:
            n_rows, n_columns = matrix.shape
            fewest = (FEWEST_CELLS, FEWEST_CELLS)
            self.panel.set_home((0.0, float(n_columns)), (0.0, float(n_rows)), smallest=fewest)
            self.panel.x_axis.set_names([j + 0.5 for j in range(n_columns)], column_names)
            self.panel.y_axis.set_names([i + 0.5 for i in range(n_rows)], row_names)
        self.matrix = matrix

    def mark_names(self, rows: Mapping[int, QColor], columns: Mapping[int, QColor]) -> None:
        """Mark the names of what is selected."""
        self.panel.x_axis.set_marks(columns)
        self.panel.y_axis.set_marks(rows)

    def tell_summary(self) -> None:
        """Say in the title bar what the matrix shows."""
        if self.matrix is not None:
            self.set_status(self.summary())

    # Mouse ---------------------------------------------------------------------------------

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Return row and column at a point of the panel."""
        if self.matrix is None:
            return None
        row, column = math.floor(y), math.floor(x)
        n_rows, n_columns = self.matrix.shape
        return (row, column) if 0 <= row < n_rows and 0 <= column < n_columns else None

    def _on_hover(self, x: float, y: float) -> None:
        cell = self.cell_at(x, y)
        self.item.set_under(cell)
        if cell is None:
            self.tell_summary()
        else:
            self.set_status(self.cell_text(*cell))

    def _on_leave(self) -> None:
        self.item.set_under(None)
        self.tell_summary()

    def _on_click(self, x: float, y: float, modifiers: Any, button: Any) -> None:
        cell = self.cell_at(x, y)
        if cell is not None and button == Qt.MouseButton.LeftButton:
            is_added = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
            self.select_cell(*cell, is_added=is_added)

    # Keys ----------------------------------------------------------------------------------

    def fit(self) -> None:
        """Show the whole matrix."""
        self.panel.fit()

    def go_left(self) -> None:
        """Select what is to the left."""
        self._move(0, -1)

    def go_right(self) -> None:
        """Select what is to the right."""
        self._move(0, 1)

    def go_up(self) -> None:
        """Select what is above."""
        self._move(-1, 0)

    def go_down(self) -> None:
        """Select what is below."""
        self._move(1, 0)

    def _move(self, down: int, right: int) -> None:
        if self.matrix is None:
            return
        row, column = self.chosen_cell()
        n_rows, n_columns = self.matrix.shape
        to_row = 0 if row is None else min(max(row + down, 0), n_rows - 1)
        to_column = 0 if column is None else min(max(column + right, 0), n_columns - 1)
        self.select_cell(to_row, to_column)
        self.panel.show_point(to_column + 0.5, to_row + 0.5)
