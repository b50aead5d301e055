"""Paints a grid of scatter plots: frames, titles and ticks around the rendered pictures."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from .canvas import to_qimage
from .points import Picture
from .scatter import Scatter, ScatterAxis, ScatterCell, target_of
from .scatter_layout import Place, ScatterLayout, axis_ticks, texts_beside_title
from .theme import Theme

_TICK = 3.0
_CENTER = Qt.AlignmentFlag.AlignCenter


class ScatterPainting:
    """Paints one picture of the grid."""

    def __init__(
        self, painter: QPainter, scatter: Scatter, layout: ScatterLayout, theme: Theme
    ) -> None:
        self.painter = painter
        self.scatter = scatter
        self.layout = layout
        self.theme = theme
        self.metrics = QFontMetricsF(painter.font())

    def paint(self) -> None:
        for cell in self.scatter.cells:
            self._paint_ground(cell)
        for cell, pictures in zip(self.scatter.cells, self.scatter.pictures, strict=False):
            if pictures.behind is not None:
                self._paint_picture(cell, pictures.behind)
            self._paint_picture(cell, pictures.front)
        for cell in self.scatter.cells:
            self._paint_frame(cell)
            self._paint_x(cell)
            # The y axis belongs to the row: it is written once, at its left.
            if cell.column == min(c.column for c in self.scatter.cells if c.row == cell.row):
                self._paint_y(cell)

    def _paint_ground(self, cell: ScatterCell) -> None:
        place = self.layout.place(cell.row, cell.column)
        self.painter.setPen(QPen(self.theme.color("grid"), 0))
        x, y = self.scatter.axes[cell.x], self.scatter.axes[cell.y]
        if x.has_zero and x.limits[0] < 0 < x.limits[1]:
            at = place.left + _share(0.0, x) * place.width
            self.painter.drawLine(QPointF(at, place.top), QPointF(at, place.bottom))
        if y.has_zero and y.limits[0] < 0 < y.limits[1]:
            at = place.bottom - _share(0.0, y) * place.height
            self.painter.drawLine(QPointF(place.left, at), QPointF(place.right, at))

    def _paint_picture(self, cell: ScatterCell, picture: Picture) -> None:
        place = self.layout.place(cell.row, cell.column)
        image = to_qimage(picture.pixels, picture.target.ratio)
        if picture.target == target_of(self.scatter, cell, self.layout):
            self.painter.drawImage(QPointF(place.left, place.top), image)
            return
        # Made for other limits or another size: it stays, where it belongs now.
        self.painter.save()
        self.painter.setClipRect(_rect(place))
        self.painter.drawImage(self._rect_now(cell, picture, place), image)
        self.painter.restore()

    def _rect_now(self, cell: ScatterCell, picture: Picture, place: Place) -> QRectF:
        x, y = self.scatter.axes[cell.x], self.scatter.axes[cell.y]
        (left, right), (low, high) = picture.target.x_range, picture.target.y_range
        return QRectF(
            QPointF(
                place.left + _share(left, x) * place.width,
                place.bottom - _share(high, y) * place.height,
            ),
            QPointF(
                place.left + _share(right, x) * place.width,
                place.bottom - _share(low, y) * place.height,
            ),
        )

    def _paint_frame(self, cell: ScatterCell) -> None:
        place = self.layout.place(cell.row, cell.column)
        self.painter.setPen(QPen(self.theme.color("line"), 0))
        pixel = 1 / self.layout.ratio
        self.painter.drawRect(_rect(place).adjusted(-pixel, -pixel, 0, 0))

    # Titles and numbers --------------------------------------------------------------------

    def _paint_x(self, cell: ScatterCell) -> None:
        if not self.layout.strip:
            return
        place = self.layout.place(cell.row, cell.column)
        axis = self.scatter.axes[cell.x]
        title = self._fitted(axis, place.width)
        wide = self.metrics.horizontalAdvance(title)
        baseline = place.bottom + self.metrics.ascent() + 1
        for pixel, left, text in texts_beside_title(
            place, axis.limits, wide, self.metrics.horizontalAdvance
        ):
            self.painter.setPen(QPen(self.theme.color("line"), 0))
            start = QPointF(pixel, place.bottom)
            self.painter.drawLine(start, start - QPointF(0, _TICK))
            self.painter.setPen(self.theme.color("quiet"))
            self.painter.drawText(QPointF(left, baseline), text)
        self.painter.setPen(self._title_color(axis))
        self.painter.drawText(QPointF(place.left + (place.width - wide) / 2, baseline), title)

    def _paint_y(self, cell: ScatterCell) -> None:
        place = self.layout.place(cell.row, cell.column)
        axis = self.scatter.axes[cell.y]
        if self.layout.has_numbers:
            self._paint_y_numbers(place, axis)
        line = self.metrics.height()
        title = self._fitted(axis, place.height)
        shift = place.left - self.layout.left
        self.painter.save()
        self.painter.translate(shift, place.bottom)
        self.painter.rotate(-90)
        self.painter.setPen(self._title_color(axis))
        self.painter.drawText(QRectF(0, 0, place.height, line), _CENTER, title)
        self.painter.restore()

    def _paint_y_numbers(self, place: Place, axis: ScatterAxis) -> None:
        values, texts = axis_ticks(axis.limits, place.height)
        half = self.metrics.height() / 2
        for value, text in zip(values, texts, strict=True):
            at = place.bottom - _share(value, axis) * place.height
            if not place.top + half - 2 <= at <= place.bottom - half + 2:
                continue
            self.painter.setPen(QPen(self.theme.color("line"), 0))
            start = QPointF(place.left, at)
            self.painter.drawLine(start, start + QPointF(_TICK, 0))
            self.painter.setPen(self.theme.color("quiet"))
            right = place.left - 4
            wide = self.metrics.horizontalAdvance(text)
            baseline = at - half + self.metrics.ascent()
            self.painter.drawText(QPointF(right - wide, baseline), text)

    def _fitted(self, axis: ScatterAxis, room: float) -> str:
        for title in (axis.title, axis.short_title):
            if title and self.metrics.horizontalAdvance(title) <= room:
                return title
        short = axis.short_title or axis.title
        return self.metrics.elidedText(short, Qt.TextElideMode.ElideRight, room)

    def _title_color(self, axis: ScatterAxis) -> QColor:
        return self.theme.color("accent" if axis.is_marked else "text")


def _share(value: float, axis: ScatterAxis) -> float:
    low, high = axis.limits
    return (value - low) / (high - low)


def _rect(place: Place) -> QRectF:
    return QRectF(place.left, place.top, place.width, place.height)
