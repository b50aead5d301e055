"""A matrix of coloured cells: its image, its numbers where they have room, and its frames."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from ..base.types import FloatArray
from .plot import PlotPanel, small_font
from .plot_items import PixelItem
from .theme import score_table

Levels = NDArray[np.uint8] | NDArray[np.uint16]
APART_PX = 3
DARK, LIGHT = QColor(12, 14, 18), QColor(240, 242, 246)


class CellMatrix(Protocol):
    """What is shown, rows and columns in the order of the display.

    `values` is a float array, (n_rows, n_columns), 0 where nothing is to be written; `levels` is
    an array of whole numbers of the same shape, places in `colors`.
    """

    @property
    def values(self) -> FloatArray:
        """What is written."""

    @property
    def levels(self) -> Levels:
        """Places in the colour map."""

    @property
    def colors(self) -> NDArray[np.uint8]:
        """The colour map, (n, 4) RGBA."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""

    @property
    def widest_text(self) -> str:
        """The longest number of a cell."""

    def text(self, row: int, column: int) -> str:
        """Return the number of a cell; "" where it is too small to be written."""


def as_image(levels: Levels, colors: NDArray[np.uint8] | None = None) -> QImage:
    """Return an image of places in the colour map, one pixel for each; it owns its pixels."""
    height, width = levels.shape
    if not height or not width:
        return QImage()
    data = np.ascontiguousarray((score_table() if colors is None else colors)[levels])
    image = QImage(data.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return image.copy()


def shrink(levels: Levels, n_rows: int, n_columns: int) -> Levels:
    """Return a matrix of at most so many rows and columns, keeping the largest of what is joined.

    So a match is seen however small its cell is.
    """
    for axis, n in ((0, n_rows), (1, n_columns)):
        length = levels.shape[axis]
        if 0 < n < length:
            levels = np.maximum.reduceat(levels, np.arange(n) * length // n, axis=axis)
    return levels


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame around rows and columns: a selected cluster's in its colour, a unit's without."""

    first_row: float
    first_column: float
    n_rows: float
    n_columns: float
    color: QColor | None


class MatrixItem(PixelItem):
    """Paints the cells, the numbers that have room, the frames, and the cell at the pointer."""

    def __init__(self) -> None:
        super().__init__()
        self._matrix: CellMatrix | None = None
        self._image = self._small = QImage()
        self._small_size = (0, 0)
        self._frames: tuple[Frame, ...] = ()
        self._under: tuple[int, int] | None = None
        self._apart: tuple[int, int, QColor] | None = None

    def set_apart(self, row: int, column: int, color: QColor) -> None:
        """Set rows and columns from these on apart by a line."""
        self._apart = (row, column, color)
        self.update()

    def set_matrix(self, matrix: CellMatrix) -> None:
        """Show another matrix."""
        if matrix is not self._matrix:
            self._matrix = matrix
            self._image = as_image(matrix.levels, matrix.colors)
            self._small_size = (0, 0)
            self._under = None
        self.update()

    def set_frames(self, frames: tuple[Frame, ...]) -> None:
        """Show other frames."""
        self._frames = frames
        self.update()

    def set_under(self, cell: tuple[int, int] | None) -> None:
        """Mark the cell at the pointer."""
        if cell != self._under:
            self._under = cell
            self.update()

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        if self._matrix is None or self._image.isNull():
            return
        n_rows, n_columns = self._matrix.shape
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        whole = _rect(panel, 0, 0, n_rows, n_columns)
        painter.drawImage(whole, self._image_for(self._matrix, whole))
        if self._apart is not None:
            row, column, color = self._apart
            place = panel.to_pixels(column, row)
            x, y = round(place.x()) - APART_PX / 2, round(place.y()) - APART_PX / 2
            painter.fillRect(QRectF(x, whole.top(), APART_PX, whole.height()), color)
            painter.fillRect(QRectF(whole.left(), y, whole.width(), APART_PX), color)
        for frame in self._frames:
            self._paint_frame(painter, panel, frame)
        self._paint_numbers(painter, panel, self._matrix)
        if self._under is not None:
            painter.setPen(QPen(LIGHT, 1))
            painter.drawRect(_rect(panel, *self._under, 1, 1).adjusted(0.5, 0.5, -0.5, -0.5))

    def _image_for(self, matrix: CellMatrix, whole: QRectF) -> QImage:
        """Return the image of the matrix; a smaller one where cells are less than a pixel."""
        n_rows, n_columns = matrix.shape
        if whole.height() >= n_rows and whole.width() >= n_columns:
            return self._image
        size = int(whole.height()), int(whole.width())
        if size != self._small_size:
            self._small_size = size
            self._small = as_image(shrink(matrix.levels, *size), matrix.colors)
        return self._small

    def _paint_frame(self, painter: QPainter, panel: PlotPanel, frame: Frame) -> None:
        place = (frame.first_row, frame.first_column, frame.n_rows, frame.n_columns)
        rect = _rect(panel, *place)
        # Rows and columns of a pixel or two are framed from outside.
        lack_x, lack_y = max(0.0, 7 - rect.width()) / 2, max(0.0, 7 - rect.height()) / 2
        rect = rect.adjusted(1 - lack_x, 1 - lack_y, lack_x - 1, lack_y - 1)
        if frame.color is not None:
            painter.setPen(_pen(frame.color))
            painter.drawRect(rect)
            return
        # Truth is dashed and neutral; light on dark, as the map itself is dark in both themes.
        painter.setPen(_pen(DARK))
        painter.drawRect(rect)
        dashes = _pen(LIGHT)
        dashes.setDashPattern([3, 2])
        painter.setPen(dashes)
        painter.drawRect(rect)

    def _paint_numbers(self, painter: QPainter, panel: PlotPanel, matrix: CellMatrix) -> None:
        metrics = QFontMetricsF(small_font())
        cell = _rect(panel, 0, 0, 1, 1)
        if cell.height() < metrics.height() - 2:
            return
        if cell.width() < metrics.horizontalAdvance(matrix.widest_text) + 4:
            return
        painter.setFont(small_font())
        center = Qt.AlignmentFlag.AlignCenter
        for row, column in visible_cells(matrix, panel):
            text = matrix.text(row, column)
            if text:
                painter.setPen(contrasting(matrix.colors[matrix.levels[row, column]]))
                painter.drawText(_rect(panel, row, column, 1, 1), center, text)


def visible_cells(matrix: CellMatrix, panel: PlotPanel) -> list[tuple[int, int]]:
    """Return the cells that are seen and hold something."""
    (left, right), (top, bottom) = panel.x_range, panel.y_range
    first_row, first_column = max(0, math.floor(top)), max(0, math.floor(left))
    part = matrix.values[first_row : math.ceil(bottom), first_column : math.ceil(right)]
    rows, columns = np.nonzero(part)
    return list(zip((rows + first_row).tolist(), (columns + first_column).tolist(), strict=True))


def contrasting(rgba: NDArray[np.uint8]) -> QColor:
    """Return black or white, whichever is read better on a colour (relative luminance, WCAG)."""
    parts = rgba[:3] / 255.0
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ [0.2126, 0.7152, 0.0722])
    return DARK if luminance > 0.179 else LIGHT


def _pen(color: QColor) -> QPen:
    pen = QPen(color, 2)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return pen


def _rect(panel: PlotPanel, row: float, column: float, n_rows: float, n_columns: float) -> QRectF:
    start = panel.to_pixels(column, row)
    end = panel.to_pixels(column + n_columns, row + n_rows)
    return QRectF(
        QPointF(round(start.x()), round(start.y())), QPointF(round(end.x()), round(end.y()))
    )
