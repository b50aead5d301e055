"""The rows of a `Table` as Qt asks for them: sorted and filtered without copying a value."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
from PyQt6.QtCore import QAbstractTableModel, QModelIndex, Qt
from PyQt6.QtGui import QColor

from ..base.row_order import keep_order, sort_rows
from ..base.table import Column, Table
from ..base.types import BoolArray, Int64Array

Role = Qt.ItemDataRole
ColorOf = Callable[[Hashable], QColor | None]
TipOf = Callable[[Hashable, str], str]

_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
EMPTY = Table((), ())


def _no_color(_row_id: Hashable) -> QColor | None:
    return None


def _no_tip(_row_id: Hashable, _column: str) -> str:
    return ""


class ColumnTableModel(QAbstractTableModel):
    """Shows the arrays of a table; texts are made when they are painted.

    New data never moves a row: rows that stay keep their order until somebody sorts again, and
    new rows appear where sorting would put them.
    """

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.table = EMPTY
        self.color_of: ColorOf = _no_color
        self.text_color_of: ColorOf = _no_color
        self.tip_of: TipOf = _no_tip
        self.sorted_by: tuple[str, bool] | None = None
        self._order = np.empty(0, np.int64)
        self._kept: BoolArray | None = None
        self._shown = self._order
        self._row_of: dict[Hashable, int] = {}

    # Data ----------------------------------------------------------------------------------

    def set_table(
        self, table: Table, kept: BoolArray | None = None, *, resort: bool = False
    ) -> None:
        """Show another table.

        Parameters
        ----------
        table
            The new rows.
        kept : bool array, (n_rows,), or None
            Which rows are shown; None: all.
        resort
            The rows mean something else than before: sort them anew.
        """
        self.beginResetModel()
        order = self._sorted(table, np.arange(len(table.row_ids)))
        if not resort and self.table.row_ids:
            order = keep_order(self.table, self._order, table, order)
        self.table, self._order, self._kept = table, order, kept
        self._show()
        self.endResetModel()

    def keep_rows(self, kept: BoolArray | None) -> None:
        """Show these rows of the table only, bool, (n_rows,); None: all of them."""
        self.beginResetModel()
        self._kept = kept
        self._show()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if not 0 <= column < len(self.table.columns):
            return
        self.beginResetModel()
        self.sorted_by = self.table.columns[column].name, order == Qt.SortOrder.DescendingOrder
        self._order = self._sorted(self.table, self._order)
        self._show()
        self.endResetModel()

    def _sorted(self, table: Table, rows: Int64Array) -> Int64Array:
        if self.sorted_by is None or self.sorted_by[0] not in table.names:
            return rows
        name, descending = self.sorted_by
        return sort_rows(table.column(name), rows, descending=descending)

    def _show(self) -> None:
        order = self._order
        self._shown = order if self._kept is None else order[self._kept[order]]
        self._row_of = {self.table.row_ids[r]: i for i, r in enumerate(self._shown.tolist())}

    # Rows and ids --------------------------------------------------------------------------

    @property
    def shown_ids(self) -> list[Hashable]:
        """Ids of the rows as they stand."""
        return list(self._row_of)

    @property
    def sorted_ids(self) -> list[Hashable]:
        """Ids of all rows as they are sorted, those that are filtered away included."""
        return [self.table.row_ids[row] for row in self._order.tolist()]

    def id_at(self, row: int) -> Hashable:
        """Return the id of a row on the screen."""
        return self.table.row_ids[self._shown[row]]

    def place_of(self, row: int) -> int:
        """Return the place in the table of a row on the screen."""
        return int(self._shown[row])

    def row_of(self, row_id: Hashable) -> int | None:
        """Return where a row stands on the screen; None when it does not."""
        return self._row_of.get(row_id)

    def text_at(self, row: int, section: int) -> str:
        """Return the text of a cell by its place on the screen."""
        return self.table.columns[section].text(self.place_of(row))

    def column_at(self, section: int) -> Column:
        """Return a column by its place."""
        return self.table.columns[section]

    def sample_texts(self, section: int, n: int) -> list[str]:
        """Return the texts of at most n rows of a column, spread over the whole table."""
        n_rows = len(self.table.row_ids)
        rows = np.linspace(0, n_rows - 1, min(n, n_rows)).astype(int)
        return [self.table.columns[section].text(row) for row in rows.tolist()]

    # What Qt asks --------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.table.columns)

    def data(self, index: QModelIndex, role: int = Role.DisplayRole) -> Any:
        column = self.table.columns[index.column()]
        if role == Role.DisplayRole:
            return self.text_at(index.row(), index.column())
        if role == Role.TextAlignmentRole:
            return _LEFT if column.is_text else _RIGHT
        if role == Role.ForegroundRole:
            return self.text_color_of(self.id_at(index.row()))
        if role == Role.ToolTipRole:
            return self.tip_of(self.id_at(index.row()), column.name) or None
        if role == Role.DecorationRole and index.column() == 0:
            return self.color_of(self.id_at(index.row()))
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or section >= len(self.table.columns):
            return None
        column = self.table.columns[section]
        if role == Role.DisplayRole:
            return column.title
        if role == Role.ToolTipRole:
            return column.help or None
        if role == Role.TextAlignmentRole:
            return _LEFT if column.is_text else _RIGHT
        if role == Role.InitialSortOrderRole:
            # The first click shows what people look for first: the largest numbers.
            is_number = column.kind in ("number", "integer")
            first = Qt.SortOrder.DescendingOrder if is_number else Qt.SortOrder.AscendingOrder
            return first.value
        return None
