"""How the cells of a table are painted: one rectangle and one text, and how wide they need be."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from PyQt6.QtCore import QModelIndex, QPointF, QRect, QSize, Qt
from PyQt6.QtGui import QPainter, QPalette, QRegion, QStaticText
from PyQt6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

if TYPE_CHECKING:
    from ..base.table import Column
    from .table import TableView
    from .table_cells import CellPainter

ROW_HEIGHT = 22
PADDING = 6
SQUARE = 9
# Room for the arrow that shows the order, so that sorting moves no column.
ARROW = 7
WIDEST = 260
SAMPLED_ROWS = 60
MOST_TEXTS = 20_000

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class _Section(NamedTuple):
    """A column in sight: its place, and what paints or writes its cells."""

    is_first: bool
    left: int
    width: int
    column: Column
    painter: CellPainter | None


class RowPainter:
    """Paints the rows of a table in one go: cell by cell, as Qt does, costs several times that."""

    def __init__(self, view: TableView) -> None:
        self._view = view
        self._texts: dict[str, QStaticText] = {}

    def forget_texts(self) -> None:
        """Forget laid-out texts: the font is another one."""
        self._texts.clear()

    def paint(self, painter: QPainter, region: QRegion) -> None:
        """Paint the rows and columns that touch a region of the viewport."""
        if len(self._texts) > MOST_TEXTS:
            self._texts.clear()
        view = self._view
        painter.setFont(view.font())
        sections = [*self._sections(region.boundingRect())]
        height, offset = view.row_height, view.verticalScrollBar().value()
        area = region.boundingRect()
        first = max((area.top() + offset) // height, 0)
        last = min((area.bottom() + offset) // height, view.rows.rowCount() - 1)
        for row in range(first, last + 1):
            rect = QRect(0, row * height - offset, view.viewport().width(), height)
            if region.intersects(rect):
                self._paint_row(painter, row, rect, sections)

    def _sections(self, area: QRect) -> Iterator[_Section]:
        view, header = self._view, self._view.header
        for index, column in enumerate(view.rows.table.columns):
            left, width = header.sectionViewportPosition(index), header.sectionSize(index)
            if not header.isSectionHidden(index) and left <= area.right() and left + width > 0:
                yield _Section(
                    index == 0, left, width, column, view.cell_painters.get(column.name)
                )

    def _paint_row(
        self, painter: QPainter, row: int, rect: QRect, sections: Sequence[_Section]
    ) -> None:
        view, palette = self._view, self._view.palette()
        row_id, place = view.rows.id_at(row), view.rows.place_of(row)
        color = view.rows.text_color_of(row_id) or palette.color(QPalette.ColorRole.Text)
        if row_id in view.selection:
            right = max((s.left + s.width for s in sections), default=0)
            chosen = QRect(rect.left(), rect.top(), right, rect.height())
            painter.fillRect(chosen, palette.color(QPalette.ColorRole.Highlight))
        for section in sections:
            cell = QRect(section.left, rect.top(), section.width, rect.height())
            if section.is_first:
                self._paint_marks(painter, cell, row, row_id)
            if section.painter is not None:
                section.painter.paint(painter, cell, row_id, color)
            else:
                painter.setPen(color)
                self._paint_text(painter, cell, section.column, place)

    def _paint_text(self, painter: QPainter, cell: QRect, column: Column, place: int) -> None:
        text = column.text(place)
        if column.is_text:
            room = cell.width() - 2 * PADDING
            text = self._view.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
        laid_out = self._laid_out(text)
        size = laid_out.size()
        left = PADDING if column.is_text else cell.width() - PADDING - size.width()
        top = cell.y() + (cell.height() - size.height()) / 2
        painter.drawStaticText(QPointF(cell.x() + left, top), laid_out)

    def _laid_out(self, text: str) -> QStaticText:
        # Laying out a text costs more than painting it, and rows are painted again and again.
        laid_out = self._texts.get(text)
        if laid_out is None:
            laid_out = QStaticText(text)
            laid_out.setTextFormat(Qt.TextFormat.PlainText)
            laid_out.prepare(font=self._view.font())
            self._texts[text] = laid_out
        return laid_out

    def _paint_marks(self, painter: QPainter, cell: QRect, row: int, row_id: Hashable) -> None:
        square = self._view.rows.color_of(row_id)
        if square is not None:
            top = cell.center().y() - SQUARE // 2
            painter.fillRect(QRect(cell.left() + PADDING, top, SQUARE, SQUARE), square)
        if self._view.hasFocus() and row == self._view.currentIndex().row():
            accent = self._view.palette().color(QPalette.ColorRole.Link)
            painter.fillRect(QRect(cell.left(), cell.top(), 2, cell.height()), accent)


class RowSizes(QStyledItemDelegate):
    """Tells Qt how large cells need be."""

    def __init__(self, view: TableView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(fitted_width(self._view, index.column()), self._view.row_height)


def fitted_width(view: TableView, section: int) -> int:
    """Return the width that a header and a sample of its texts need, in pixels."""
    metrics, header = view.fontMetrics(), view.horizontalHeader().fontMetrics()
    drawn = view.cell_painters.get(view.rows.column_at(section).name)
    texts = [] if drawn is not None else view.rows.sample_texts(section, SAMPLED_ROWS)
    widest = max((metrics.horizontalAdvance(text) for text in texts), default=0)
    widest = widest if drawn is None else drawn.width(metrics)
    marks = SQUARE + PADDING if section == 0 else 0
    title = header.horizontalAdvance(view.rows.column_at(section).title) + ARROW
    return min(max(widest + marks, title) + 2 * PADDING + 2, WIDEST)
