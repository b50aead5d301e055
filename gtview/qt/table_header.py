"""The header of a table: which columns are seen, how wide they are, and the order of the rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, QPointF, QRect, Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPalette, QPolygonF
from PyQt6.QtWidgets import QHeaderView, QMenu

from .table_paint import ARROW, LEFT, PADDING, RIGHT, fitted_width

if TYPE_CHECKING:
    from .table import TableView


class TableHeader(QHeaderView):
    """Knows columns by name, so that hidden ones and widths outlive a change of columns."""

    hidden_changed = pyqtSignal(list)

    def __init__(self, view: TableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, view)
        self._view = view
        self._hidden: list[str] = []
        self._widths: dict[str, int] = {}
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(24)
        self.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask_for_columns)
        self.sectionResized.connect(self._remember_width)

    def dress_columns(self) -> None:
        """Give the columns of new data the widths and the visibility of before."""
        self.blockSignals(True)
        for section, name in enumerate(self._view.rows.table.names):
            if name not in self._widths:
                self._widths[name] = fitted_width(self._view, section)
            self.resizeSection(section, self._widths[name])
        self.blockSignals(False)
        self.hide_columns(self._hidden)
        self.mark_sorted()
        self._view.updateGeometries()

    def hide_columns(self, names: Iterable[str]) -> None:
        """Hide the columns of these names, and show all others."""
        self._hidden = list(names)
        for section, name in enumerate(self._view.rows.table.names):
            # The first column tells which row it is: a table without it could not be used.
            self.setSectionHidden(section, section > 0 and name in self._hidden)

    def mark_sorted(self) -> None:
        """Show by what the rows are sorted; sorts nothing."""
        name, descending = self._view.rows.sorted_by or ("", False)
        names = list(self._view.rows.table.names)
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.blockSignals(True)
        self.setSortIndicator(names.index(name) if name in names else -1, order)
        self.blockSignals(False)
        self.viewport().update()

    def fit_widths(self) -> None:
        """Give each column the width that its texts need."""
        self._widths.clear()
        self.dress_columns()

    def forget_widths(self, names: Iterable[str]) -> None:
        """Give some columns the width that they need now."""
        for name in names:
            self._widths.pop(name, None)
        self.dress_columns()

    def menu(self) -> QMenu:
        """Return a menu that shows and hides columns."""
        menu = QMenu(self)
        for name in self._view.rows.table.names[1:]:
            action = menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(name not in self._hidden)
            action.toggled.connect(lambda shown, name=name: self._show_column(name, shown))
        menu.addSeparator()
        menu.addAction("Show all columns", lambda: self._change_hidden([]))
        menu.addAction("Fit column widths", self.fit_widths)
        return menu

    def paintSection(  # noqa: N802 - a name of Qt
        self, painter: QPainter, rect: QRect, section: int
    ) -> None:
        # The text stands where the values stand, and the arrow before or behind it has its own
        # room: sorting moves no text, and covers none.
        rows, roles = self._view.rows, QPalette.ColorRole
        column = rows.column_at(section)
        is_sorted = rows.sorted_by is not None and rows.sorted_by[0] == column.name
        inner = rect.adjusted(PADDING, 0, -PADDING, -1)
        painter.fillRect(rect, self.palette().color(roles.Base))
        painter.fillRect(
            QRect(rect.left(), rect.bottom(), rect.width(), 1), self.palette().color(roles.Mid)
        )
        color = self.palette().color(roles.Text if is_sorted else roles.PlaceholderText)
        painter.setPen(color)
        painter.drawText(inner, LEFT if column.is_text else RIGHT, column.title)
        if is_sorted and rows.sorted_by is not None:
            width = self.fontMetrics().horizontalAdvance(column.title) + ARROW
            x = inner.left() + width if column.is_text else inner.right() - width
            self._paint_arrow(painter, QPointF(x, inner.center().y()), down=rows.sorted_by[1])

    def _paint_arrow(self, painter: QPainter, at: QPointF, *, down: bool) -> None:
        tip = 2.0 if down else -2.0
        corners = [QPointF(-3, -tip), QPointF(3, -tip), QPointF(0, tip)]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(painter.pen().color())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawPolygon(QPolygonF([at + corner for corner in corners]))
        painter.restore()

    def _ask_for_columns(self, place: QPoint) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.mapToGlobal(place))

    def _show_column(self, name: str, shown: bool) -> None:
        others = [n for n in self._hidden if n != name]
        self._change_hidden(others if shown else [*others, name])

    def _change_hidden(self, names: list[str]) -> None:
        self.hide_columns(names)
        self.hidden_changed.emit(list(names))

    def _remember_width(self, section: int, _before: int, width: int) -> None:
        names = self._view.rows.table.names
        if width and section < len(names):
            self._widths[names[section]] = width
