"""Many curves in a plot, rendered in a thread; and bars, marks and lines painted at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from ...base.types import Float32Array, Float64Array
from ...kernels.lines import draw_polylines, new_image
from ...qt.plot import PlotPanel, small_font
from ...qt.plot_items import PixelItem
from ...qt.point_layers import Target
from ...qt.primitives import draw_lines, fill_rects
from ...qt.rendered import RenderedItem
from ..probe_paint import to_pixels

Rgb = tuple[int, int, int]
# A curve with more points than this for each pixel is thinned out, its extremes kept.
_POINTS_A_PIXEL = 4


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Curves of one colour over the same x.

    Attributes
    ----------
    x : float array, (n_points,)
        Increasing.
    y : float32 array, (n_curves, n_points)
    rgb, alpha, width
        Colour, opacity from 0 to 1, thickness in pixels of the screen.
    """

    x: NDArray[Any]
    y: Float32Array
    rgb: Rgb
    alpha: float = 1.0
    width: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class _Picture:
    pixels: NDArray[np.uint8]
    target: Target


class CurvesItem(RenderedItem):
    """Shows layers of curves, the later ones above the others."""

    def set_curves(self, layers: tuple[Curves, ...]) -> None:
        """Show these; the old picture stays until the new one is there."""
        self.set_renderer(partial(render_curves, layers))


def render_curves(layers: tuple[Curves, ...], target: Target) -> _Picture:
    """Draw curves into an image; runs in a thread."""
    image = new_image(target.height_px, target.width_px)
    (left, right), (bottom, top) = target.x_range, target.y_range
    for layer in layers:
        x, y = _thinned(layer, target)
        columns = (x - left) / (right - left) * target.width_px
        rows = (top - y) / (top - bottom) * target.height_px
        width = min(max(layer.width * target.ratio, 0.5), 2.0)
        draw_polylines(image, columns, rows, layer.rgb, layer.alpha, width)
    return _Picture(image, target)


def _thinned(layer: Curves, target: Target) -> tuple[Float64Array, Float32Array]:
    """Return curves of which each pixel has its lowest and its highest point."""
    x, y = np.asarray(layer.x, np.float64), layer.y
    first, last = np.searchsorted(x, target.x_range)
    here = slice(max(0, int(first) - 1), int(last) + 1)
    x, y = x[here], y[:, here]
    step = len(x) // max(1, target.width_px)
    if step < _POINTS_A_PIXEL:
        return x, y
    n = len(x) // step * step
    blocks = y[:, :n].reshape(len(y), -1, step)
    pairs = np.stack([blocks.min(axis=2), blocks.max(axis=2)], axis=2).reshape(len(y), -1)
    return np.repeat(x[:n:step], 2), np.ascontiguousarray(pairs)


class BarsItem(PixelItem):
    """A histogram: bars from 0 upwards."""

    def __init__(self) -> None:
        super().__init__()
        self.edges: Float64Array = np.zeros(1)
        self.counts: Float64Array = np.zeros(0)
        self.color = QColor()

    def set_bars(self, edges: Float64Array, counts: Float64Array, color: QColor) -> None:
        """Show counts between edges."""
        self.edges, self.counts, self.color = edges, counts, color
        self.update()

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        if not len(self.counts):
            return
        floor = panel.to_pixels(0.0, 0.0).y()
        lefts = to_pixels(panel, np.column_stack([self.edges, np.zeros(len(self.edges))]))[:, 0]
        tops = to_pixels(panel, np.column_stack([np.zeros(len(self.counts)), self.counts]))[:, 1]
        widths = np.maximum(np.diff(lefts) - 1, 1)
        bars = np.column_stack([lefts[:-1], tops, widths, floor - tops])
        fill_rects(painter, bars[self.counts > 0], self.color)


class MarksItem(PixelItem):
    """Open rings, or squares, at places; some of them in colours of their own."""

    def __init__(self, shape: str = "ring", size_px: float = 7.0) -> None:
        super().__init__()
        self._shape, self.size_px = shape, size_px
        self.places: Float64Array = np.zeros((0, 2))
        self.color = QColor()
        self.special: dict[int, QColor] = {}

    def set_marks(
        self, places: Any, color: QColor, special: dict[int, QColor] | None = None
    ) -> None:
        """Show marks; `special` are colours of some of them by their rows."""
        self.places = np.asarray(places, np.float64).reshape(-1, 2)
        self.color, self.special = color, special or {}
        self.update()

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        points = to_pixels(panel, self.places)
        half = self.size_px / 2
        if self._shape == "square":
            sizes = np.full_like(points, self.size_px)
            fill_rects(painter, np.hstack([points - half, sizes]), self.color)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self.color, 1.2))
        for row, (x, y) in enumerate(points.tolist()):
            if row not in self.special:
                painter.drawEllipse(QPointF(x, y), half, half)
        for row, color in self.special.items():
            painter.setPen(QPen(color, 2.2))
            painter.drawEllipse(QPointF(*points[row]), half + 1, half + 1)


class SpanItem(PixelItem):
    """A stretch of time that is marked over the whole height."""

    def __init__(self) -> None:
        super().__init__()
        self._span: tuple[float, float] | None = None
        self._color = QColor()
        self.setZValue(20)

    def set_span(self, start: float, stop: float, color: QColor) -> None:
        """Mark a stretch; at least a line."""
        self._span, self._color = (start, stop), color
        self.update()

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        if self._span is None:
            return
        left, right = (panel.to_pixels(x, 0.0).x() for x in self._span)
        rect = QRectF(left, 0.0, max(right - left, 1.5), panel.box.rect().height())
        painter.fillRect(rect, self._color)


class ScaleBarItem(PixelItem):
    """A vertical bar with its length beside it, at the lower right."""

    def __init__(self) -> None:
        super().__init__()
        self._length, self._text, self._color, self._back = 0.0, "", QColor(), QColor()
        self.setZValue(30)

    def set_bar(self, length: float, text: str, color: QColor, back: QColor) -> None:
        """Show a bar of a length in the coordinates of the axis, on a ground of its own."""
        self._length, self._text, self._color, self._back = length, text, color, back
        self.update()

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        if not self._length:
            return
        rect = panel.box.rect()
        height = abs(panel.to_pixels(0, self._length).y() - panel.to_pixels(0, 0).y())
        painter.setFont(small_font())
        metrics = painter.fontMetrics()
        wide = metrics.horizontalAdvance(self._text)
        x, bottom = rect.right() - wide - 16, rect.bottom() - 6
        top = bottom - height
        ground = QRectF(x - 5, min(top, bottom - metrics.height()) - 3, wide + 17, 0)
        ground.setBottom(bottom + 3)
        painter.fillRect(ground, self._back)
        line = np.array([[x, top, x, bottom]])
        draw_lines(painter, line, QPen(self._color, 2))
        middle = (top + bottom) / 2 + metrics.ascent() / 2 - 1
        painter.setPen(self._color)
        painter.drawText(QPointF(x + 6, middle), self._text)
