"""A table for a file: the rows in sight and their header, without scroll bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, QSize
from PyQt6.QtGui import QPainter, QRegion
from PyQt6.QtWidgets import QWidget

if TYPE_CHECKING:
    from .table import TableView


def picture_size(table: TableView) -> QSize:
    """Return the size of what is painted."""
    rows = table.rows.rowCount() * table.row_height - table.verticalScrollBar().value()
    columns = table.header.length() - table.header.offset()
    height = table.header.height() + min(rows, table.viewport().height())
    return QSize(min(columns, table.viewport().width()), height)


def paint_table(painter: QPainter, table: TableView) -> None:
    """Paint it from (0, 0)."""
    size = picture_size(table)
    flags = QWidget.RenderFlag.DrawWindowBackground | QWidget.RenderFlag.DrawChildren
    for part, top in ((table.header, 0), (table.viewport(), table.header.height())):
        seen = QRegion(0, 0, size.width(), min(part.height(), size.height() - top))
        part.render(painter, QPoint(0, top), seen, flags)
