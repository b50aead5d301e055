"""The matrix of units and clusters: its colours, its numbers, and how it is painted."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from ..base.types import Float64Array, Int64Array
from ..qt.plot import PlotPanel, small_font
from ..qt.plot_items import PixelItem
from ..qt.theme import score_table

if TYPE_CHECKING:
    from ..scoring.scores import Scores

VALUES = ("agreement", "recall", "precision", "counts")
# A hundredth of agreement is what two independent trains share by chance: a colour, no number.
SMALLEST_WRITTEN = 0.05
DARK, LIGHT = QColor(12, 14, 18), QColor(240, 242, 246)


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """What the matrix shows, rows and columns in the order of the display.

    Attributes
    ----------
    scores
        Where it comes from.
    value
        One of `VALUES`.
    rows, columns : int64 arrays, (n_units,), (n_clusters,)
        Row and column of the scores at each place.
    values : float64 array, (n_units, n_clusters)
        What is written.
    levels : uint8 array, (n_units, n_clusters)
        Place in the colour map.
    """

    scores: Scores
    value: str
    rows: Int64Array
    columns: Int64Array
    values: Float64Array
    levels: NDArray[np.uint8]
    _places: dict[str, dict[Any, int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        units = {self.scores.unit_ids[row]: i for i, row in enumerate(self.rows.tolist())}
        clusters = {self.scores.cluster_ids[col]: j for j, col in enumerate(self.columns.tolist())}
        object.__setattr__(self, "_places", {"unit": units, "cluster": clusters})

    @property
    def shape(self) -> tuple[int, int]:
        """Units and clusters."""
        return len(self.rows), len(self.columns)

    def row_of(self, unit_id: Any) -> int | None:
        """Return where a unit is shown."""
        return self._places["unit"].get(unit_id)

    def column_of(self, cluster_id: int) -> int | None:
        """Return where a cluster is shown."""
        return self._places["cluster"].get(cluster_id)

    def unit_at(self, row: int) -> Any:
        """Return the unit shown in a row."""
        return self.scores.unit_ids[int(self.rows[row])]

    def cluster_at(self, column: int) -> int:
        """Return the cluster shown in a column."""
        return self.scores.cluster_ids[int(self.columns[column])]

    def text(self, row: int, column: int) -> str:
        """Return the number of a cell; "" where it is too small to be written."""
        value = float(self.values[row, column])
        if self.value == "counts":
            return f"{value:,.0f}" if self.share(row, column) >= SMALLEST_WRITTEN else ""
        return f"{value:.2f}" if value >= SMALLEST_WRITTEN else ""

    def share(self, row: int, column: int) -> float:
        """Return how much of the smaller of the two, unit and cluster, they share."""
        i, j = int(self.rows[row]), int(self.columns[column])
        smaller = min(int(self.scores.unit_sizes[i]), int(self.scores.cluster_sizes[j]))
        return int(self.scores.counts[i, j]) / max(smaller, 1)


def make_matrix(scores: Scores, value: str) -> Matrix:
    """Order and colour the scores; counts are coloured relative to the largest."""
    rows, columns = scores.display_order()
    made = {
        "recall": scores.recall_matrix,
        "precision": scores.precision_matrix,
        "counts": lambda: scores.counts.astype(np.float64),
    }.get(value, lambda: scores.agreement)()
    values = np.asarray(made)[np.ix_(rows, columns)]
    largest = values.max(initial=1.0) if value == "counts" else 1.0
    levels = np.clip(np.rint(values / largest * 255), 0, 255).astype(np.uint8)
    score_table()  # read here, in a thread of the pool: it takes 0.2 s the first time
    return Matrix(scores, value, rows, columns, values, levels)


def as_image(levels: NDArray[np.uint8]) -> QImage:
    """Return an image of places in the colour map, one pixel for each; it owns its pixels."""
    height, width = levels.shape
    if not height or not width:
        return QImage()
    data = np.ascontiguousarray(score_table()[levels])
    image = QImage(data.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return image.copy()


def shrink(levels: NDArray[np.uint8], n_rows: int, n_columns: int) -> NDArray[np.uint8]:
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
        self._matrix: Matrix | None = None
        self._image = self._small = QImage()
        self._small_size = (0, 0)
        self._frames: tuple[Frame, ...] = ()
        self._under: tuple[int, int] | None = None

    def set_matrix(self, matrix: Matrix) -> None:
        """Show another matrix."""
        if matrix is not self._matrix:
            self._matrix = matrix
            self._image = as_image(matrix.levels)
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
        for frame in self._frames:
            self._paint_frame(painter, panel, frame)
        self._paint_numbers(painter, panel, self._matrix)
        if self._under is not None:
            painter.setPen(QPen(LIGHT, 1))
            painter.drawRect(_rect(panel, *self._under, 1, 1).adjusted(0.5, 0.5, -0.5, -0.5))

    def _image_for(self, matrix: Matrix, whole: QRectF) -> QImage:
        """Return the image of the matrix; a smaller one where cells are less than a pixel."""
        n_rows, n_columns = matrix.shape
        if whole.height() >= n_rows and whole.width() >= n_columns:
            return self._image
        size = int(whole.height()), int(whole.width())
        if size != self._small_size:
            self._small_size = size
            self._small = as_image(shrink(matrix.levels, *size))
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

    def _paint_numbers(self, painter: QPainter, panel: PlotPanel, matrix: Matrix) -> None:
        metrics = QFontMetricsF(small_font())
        cell = _rect(panel, 0, 0, 1, 1)
        digits = f"{matrix.values.max():,.0f}" if matrix.value == "counts" else "0.00"
        if cell.height() < metrics.height() - 2:
            return
        if cell.width() < metrics.horizontalAdvance(digits) + 4:
            return
        painter.setFont(small_font())
        center = Qt.AlignmentFlag.AlignCenter
        for row, column in visible_cells(matrix, panel):
            text = matrix.text(row, column)
            if text:
                painter.setPen(contrasting(score_table()[matrix.levels[row, column]]))
                painter.drawText(_rect(panel, row, column, 1, 1), center, text)


def visible_cells(matrix: Matrix, panel: PlotPanel) -> list[tuple[int, int]]:
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


__all__ = ["VALUES", "Frame", "Matrix", "MatrixItem", "as_image", "contrasting", "make_matrix"]
