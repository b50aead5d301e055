"""Paints a grid of scatter plots: frames, titles and ticks around the rendered pictures."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from .canvas import to_qimage
from .items import MOST_VECTOR_DOTS, paint_dots
from .picture import PIXEL_RATIO, is_vector
from .points import PointLayer, Target, find_dots, render
from .scatter import CellPictures, Scatter, ScatterAxis, ScatterCell, target_of
from .scatter_layout import Place, ScatterLayout, axis_ticks, texts_beside_title
from .theme import Theme

_TICK = 3.0
_PATCH = 7.0
_CENTER = Qt.AlignmentFlag.AlignCenter
_NO_ROOM = "\N{EN DASH}"


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
        # Measuring a text takes longer than painting it, and most occur in every row.
        self._widths: dict[str, float] = {}

    def paint(self) -> None:
        for cell in self.scatter.cells:
            self._paint_ground(cell)
        for cell, pictures in zip(self.scatter.cells, self.scatter.pictures, strict=False):
            self._paint_pictures(cell, pictures)
        for cell in self.scatter.cells:
            self._paint_frame(cell)
            self._paint_note(cell)
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

    def _paint_pictures(self, cell: ScatterCell, pictures: CellPictures) -> None:
        place = self.layout.place(cell.row, cell.column)
        target = pictures.front.target
        image = to_qimage(pictures.pixels, target.ratio)
        if target == target_of(self.scatter, cell, self.layout):
            self.painter.drawImage(QPointF(place.left, place.top), image)
            return
        # Made for other limits or another size: it stays, where it belongs now.
        self.painter.save()
        self.painter.setClipRect(_rect(place))
        self.painter.drawImage(self._rect_now(cell, target, place), image)
        self.painter.restore()

    def paint_for_file(self) -> None:
        """Paint everything anew: few dots as vectors, many as an image fine enough for paper."""
        layout, rendered = self.layout, self.scatter
        self.scatter = replace(rendered, pictures=())
        self.paint()
        for cell in self.scatter.cells:
            place = layout.place(cell.row, cell.column)
            target = target_of(self.scatter, cell, layout)
            self.painter.save()
            self.painter.setClipRect(_rect(place), Qt.ClipOperation.IntersectClip)
            self.painter.translate(place.left, place.top)
            for layers in (cell.behind, cell.layers):
                self._paint_layers(layers, target, MOST_VECTOR_DOTS // len(self.scatter.cells))
            self.painter.restore()

    def _paint_layers(self, layers: tuple[PointLayer, ...], target: Target, most: int) -> None:
        dots = find_dots(layers, target) if is_vector(self.painter) else None
        if dots is not None and sum(map(len, dots)) <= most:
            for layer, ids in zip(layers, dots, strict=True):
                paint_dots(self.painter, layer, ids, target)
            return
        fine = replace(
            target,
            width_px=round(PIXEL_RATIO * target.width_px),
            height_px=round(PIXEL_RATIO * target.height_px),
            ratio=PIXEL_RATIO,
        )
        size = QRectF(0, 0, target.width_px, target.height_px)
        self.painter.drawImage(size, to_qimage(render(layers, fine).pixels))

    def _rect_now(self, cell: ScatterCell, target: Target, place: Place) -> QRectF:
        x, y = self.scatter.axes[cell.x], self.scatter.axes[cell.y]
        (left, right), (low, high) = target.x_range, target.y_range
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

    def _paint_note(self, cell: ScatterCell) -> None:
        if cell.note:
            room = _rect(self.layout.place(cell.row, cell.column)).adjusted(4, 0, -4, 0)
            wrapped = Qt.TextFlag.TextWordWrap | _CENTER
            has_room = room.contains(self.painter.boundingRect(room, wrapped, cell.note))
            self.painter.setPen(self.theme.color("quiet"))
            self.painter.drawText(room, wrapped, cell.note if has_room else _NO_ROOM)

    # Titles and numbers --------------------------------------------------------------------

    def _paint_x(self, cell: ScatterCell) -> None:
        if not self.layout.strip:
            return
        place = self.layout.place(cell.row, cell.column)
        axis = self.scatter.axes[cell.x]
        title = self._fitted(axis, place.width)
        wide = self._width(title) + _room_for_patch(axis)
        baseline = place.bottom + self.metrics.ascent() + 1
        for pixel, left, text in texts_beside_title(place, axis.limits, wide, self._width):
            self.painter.setPen(QPen(self.theme.color("line"), 0))
            start = QPointF(pixel, place.bottom)
            self.painter.drawLine(start, start - QPointF(0, _TICK))
            self.painter.setPen(self.theme.color("quiet"))
            self.painter.drawText(QPointF(left, baseline), text)
        left = place.left + (place.width - wide) / 2
        self._paint_title(axis, title, left, baseline)

    def _paint_y(self, cell: ScatterCell) -> None:
        place = self.layout.place(cell.row, cell.column)
        axis = self.scatter.axes[cell.y]
        if self.layout.has_numbers:
            self._paint_y_numbers(place, axis)
        title = self._fitted(axis, place.height)
        shift = place.left - self.layout.left
        self.painter.save()
        self.painter.translate(shift, place.bottom)
        self.painter.rotate(-90)
        wide = self._width(title) + _room_for_patch(axis)
        self._paint_title(axis, title, (place.height - wide) / 2, self.metrics.ascent())
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
            wide = self._width(text)
            baseline = at - half + self.metrics.ascent()
            self.painter.drawText(QPointF(right - wide, baseline), text)

    def _paint_title(self, axis: ScatterAxis, title: str, left: float, baseline: float) -> None:
        if axis.rgb is not None:
            middle = baseline - self.metrics.ascent() / 2 + 1
            patch = QRectF(left, middle - _PATCH / 2, _PATCH, _PATCH)
            self.painter.fillRect(patch, QColor(*axis.rgb))
        self.painter.setPen(self.theme.color("accent" if axis.is_marked else "text"))
        self.painter.drawText(QPointF(left + _room_for_patch(axis), baseline), title)

    def _width(self, text: str) -> float:
        if text not in self._widths:
            self._widths[text] = self.metrics.horizontalAdvance(text)
        return self._widths[text]

    def _fitted(self, axis: ScatterAxis, room: float) -> str:
        for title in (axis.title, axis.short_title):
            if title and self._width(title) <= room:
                return title
        short = axis.short_title or axis.title
        return self.metrics.elidedText(short, Qt.TextElideMode.ElideRight, room)


def _share(value: float, axis: ScatterAxis) -> float:
    low, high = axis.limits
    return (value - low) / (high - low)


def _room_for_patch(axis: ScatterAxis) -> float:
    return 0.0 if axis.rgb is None else _PATCH + 4


def _rect(place: Place) -> QRectF:
    return QRectF(place.left, place.top, place.width, place.height)
