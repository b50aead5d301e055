"""How the cells of a table are painted: one rectangle and one text, and how wide they need be."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PyQt6.QtCore import QModelIndex, QPointF, QRect, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPalette, QStaticText
from PyQt6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

if TYPE_CHECKING:
    from .table import TableView

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


class _RowLook(NamedTuple):
    row: int
    is_chosen: bool
    text: QColor
    square: QColor | None


class RowDelegate(QStyledItemDelegate):
    """Paints cells directly: through a style sheet each would cost several times as much."""

    def __init__(self, view: TableView) -> None:
        super().__init__(view)
        self._view = view
        self._last: _RowLook | None = None
        self._texts: dict[str, QStaticText] = {}

    def begin_painting(self) -> None:
        """Forget what the last painting found out about rows."""
        self._last = None
        if len(self._texts) > MOST_TEXTS:
            self._texts.clear()

    def forget_texts(self) -> None:
        """Forget laid-out texts: the font is another one."""
        self._texts.clear()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        row, section, rect = index.row(), index.column(), option.rect
        rows = self._view.rows
        look = self._look(row, option.palette)
        if look.is_chosen:
            painter.fillRect(rect, option.palette.color(QPalette.ColorRole.Highlight))
        if section == 0:
            self._paint_marks(painter, option, look)
        drawn = self._view.cell_painters.get(rows.column_at(section).name)
        if drawn is not None:
            drawn.paint(painter, rect, rows.id_at(row), look.text)
            return
        is_text = rows.column_at(section).is_text
        text = rows.text_at(row, section)
        if is_text:
            width = rect.width() - 2 * PADDING
            text = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
        laid_out = self._laid_out(text, option)
        size = laid_out.size()
        left = PADDING if is_text else rect.width() - PADDING - size.width()
        top = rect.y() + (rect.height() - size.height()) / 2
        painter.setPen(look.text)
        painter.drawStaticText(QPointF(rect.x() + left, top), laid_out)

    def _laid_out(self, text: str, option: QStyleOptionViewItem) -> QStaticText:
        # Laying out a text costs more than painting it, and rows are painted again and again.
        laid_out = self._texts.get(text)
        if laid_out is None:
            laid_out = QStaticText(text)
            laid_out.setTextFormat(Qt.TextFormat.PlainText)
            laid_out.prepare(font=option.font)
            self._texts[text] = laid_out
        return laid_out

    def _look(self, row: int, palette: QPalette) -> _RowLook:
        if self._last is not None and self._last.row == row:
            return self._last
        view = self._view
        row_id = view.rows.id_at(row)
        text = view.rows.text_color_of(row_id)
        self._last = _RowLook(
            row,
            row_id in view.selection,
            palette.color(QPalette.ColorRole.Text) if text is None else text,
            view.rows.color_of(row_id),
        )
        return self._last

    def _paint_marks(
        self, painter: QPainter, option: QStyleOptionViewItem, look: _RowLook
    ) -> None:
        rect = option.rect
        if look.square is not None:
            top = rect.center().y() - SQUARE // 2
            painter.fillRect(QRect(rect.left() + PADDING, top, SQUARE, SQUARE), look.square)
        if self._view.hasFocus() and look.row == self._view.currentIndex().row():
            accent = option.palette.color(QPalette.ColorRole.Link)
            painter.fillRect(QRect(rect.left(), rect.top(), 2, rect.height()), accent)

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
