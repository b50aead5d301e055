"""Paints a grid of scatter plots: frames, titles and ticks around the rendered pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from .canvas import to_qimage
from .items import MOST_VECTOR_DOTS, paint_dots
from .picture import PIXEL_RATIO, is_vector
from .points import PointLayer, Target, find_dots, render
from .primitives import draw_lines, draw_rects
from .scatter import CellPictures, Scatter, ScatterAxis, ScatterCell, target_of
from .scatter_layout import Number, Place, ScatterLayout, axis_ticks, texts_beside_title
from .theme import Theme

_TICK = 3.0
_PATCH = 7.0
_CENTER = Qt.AlignmentFlag.AlignCenter
_NO_ROOM = "\N{EN DASH}"


class _Labels(NamedTuple):
    """The title of an axis, and its numbers.

    A title starts at `start`, or runs upwards from `turned_at`. Ticks are a point and the way from
    there; numbers are left edge, baseline and text.
    """

    axis: ScatterAxis
    title: str
    start: QPointF
    ticks: tuple[tuple[float, float, float, float], ...]
    numbers: tuple[Number, ...]
    turned_at: QPointF | None = None


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
        cells = self.scatter.cells
        places = [self.layout.place(cell.row, cell.column) for cell in cells]
        self._paint_zero_lines(places)
        for cell, place, pictures in zip(cells, places, self.scatter.pictures, strict=False):
            self._paint_pictures(cell, place, pictures)
        self._paint_frames(places)
        for cell, place in zip(cells, places, strict=True):
            self._paint_note(cell, place)
        labels = [*self._x_labels(places), *self._y_labels(places)]
        self._paint_numbers(labels)
        for label in labels:
            self._paint_title(label)

    def _paint_zero_lines(self, places: Sequence[Place]) -> None:
        lines = []
        for cell, place in zip(self.scatter.cells, places, strict=True):
            x, y = self.scatter.axes[cell.x], self.scatter.axes[cell.y]
            if x.has_zero and x.limits[0] < 0 < x.limits[1]:
                at = place.left + _share(0.0, x) * place.width
                lines.append((at, place.top, at, place.bottom))
            if y.has_zero and y.limits[0] < 0 < y.limits[1]:
                at = place.bottom - _share(0.0, y) * place.height
                lines.append((place.left, at, place.right, at))
        draw_lines(self.painter, np.array(lines, np.float64), QPen(self.theme.color("grid"), 0))

    def _paint_pictures(self, cell: ScatterCell, place: Place, pictures: CellPictures) -> None:
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

    def _paint_frames(self, places: Sequence[Place]) -> None:
        pixel = 1 / self.layout.ratio
        rects = np.array([(p.left, p.top, p.width, p.height) for p in places], np.float64)
        around = rects + np.array([-pixel, -pixel, pixel, pixel])
        draw_rects(self.painter, around, QPen(self.theme.color("line"), 0))

    def _paint_note(self, cell: ScatterCell, place: Place) -> None:
        if cell.note:
            room = _rect(place).adjusted(4, 0, -4, 0)
            wrapped = Qt.TextFlag.TextWordWrap | _CENTER
            has_room = room.contains(self.painter.boundingRect(room, wrapped, cell.note))
            self.painter.setPen(self.theme.color("quiet"))
            self.painter.drawText(room, wrapped, cell.note if has_room else _NO_ROOM)

    # Titles and numbers --------------------------------------------------------------------

    def _x_labels(self, places: Sequence[Place]) -> Iterator[_Labels]:
        """Yield what is written below each plot; the same for all plots of one axis and width."""
        if not self.layout.strip:
            return
        known: dict[object, tuple[str, float, tuple[Number, ...]]] = {}
        for cell, place in zip(self.scatter.cells, places, strict=True):
            axis = self.scatter.axes[cell.x]
            if (cell.x, place.width) not in known:
                title = self._fitted(axis, place.width)
                wide = self._width(title) + _room_for_patch(axis)
                shown = texts_beside_title(place.width, axis.limits, wide, self._width)
                known[cell.x, place.width] = title, wide, tuple(shown)
            title, wide, numbers = known[cell.x, place.width]
            baseline = place.bottom + self.metrics.ascent() + 1
            yield _Labels(
                axis,
                title,
                QPointF(place.left + (place.width - wide) / 2, baseline),
                tuple((place.left + tick, place.bottom, 0.0, -_TICK) for tick, _, _ in numbers),
                tuple((place.left + left, baseline, text) for _, left, text in numbers),
            )

    def _y_labels(self, places: Sequence[Place]) -> Iterator[_Labels]:
        """Yield what is written at the left of each row."""
        first: dict[int, tuple[ScatterCell, Place]] = {}
        for cell, place in zip(self.scatter.cells, places, strict=True):
            if cell.row not in first or cell.column < first[cell.row][0].column:
                first[cell.row] = cell, place
        for cell, place in first.values():
            axis = self.scatter.axes[cell.y]
            numbers = [*self._y_numbers(place, axis)] if self.layout.has_numbers else []
            title = self._fitted(axis, place.height)
            wide = self._width(title) + _room_for_patch(axis)
            # In the system of the title, which runs upwards from the bottom of the row.
            start = QPointF((place.height - wide) / 2, self.metrics.ascent())
            yield _Labels(
                axis,
                title,
                start,
                tuple((place.left, at, _TICK, 0.0) for at, _, _ in numbers),
                tuple((left, at + self._below_middle, text) for at, left, text in numbers),
                QPointF(place.left - self.layout.left, place.bottom),
            )

    def _y_numbers(self, place: Place, axis: ScatterAxis) -> Iterator[Number]:
        """Yield pixel, left edge and text of the numbers at the left of a plot."""
        values, texts = axis_ticks(axis.limits, place.height)
        half = self.metrics.height() / 2
        for value, text in zip(values, texts, strict=True):
            at = place.bottom - _share(value, axis) * place.height
            if place.top + half - 2 <= at <= place.bottom - half + 2:
                yield at, place.left - 4 - self._width(text), text

    @property
    def _below_middle(self) -> float:
        """How far below the middle of a line of text its baseline is."""
        return self.metrics.ascent() - self.metrics.height() / 2

    def _paint_numbers(self, labels: Sequence[_Labels]) -> None:
        ticks = [(x, y, x + dx, y + dy) for label in labels for x, y, dx, dy in label.ticks]
        draw_lines(self.painter, np.array(ticks, np.float64), QPen(self.theme.color("line"), 0))
        self.painter.setPen(self.theme.color("quiet"))
        for label in labels:
            for left, baseline, text in label.numbers:
                self.painter.drawText(QPointF(left, baseline), text)

    def _paint_title(self, label: _Labels) -> None:
        axis, start = label.axis, label.start
        if label.turned_at is not None:
            self.painter.save()
            self.painter.translate(label.turned_at)
            self.painter.rotate(-90)
        if axis.rgb is not None:
            middle = start.y() - self.metrics.ascent() / 2 + 1
            patch = QRectF(start.x(), middle - _PATCH / 2, _PATCH, _PATCH)
            self.painter.fillRect(patch, QColor(*axis.rgb))
        self.painter.setPen(self.theme.color("accent" if axis.is_marked else "text"))
        self.painter.drawText(start + QPointF(_room_for_patch(axis), 0), label.title)
        if label.turned_at is not None:
            self.painter.restore()

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
