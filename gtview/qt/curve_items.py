"""Curves with bands, as lines or as steps, and dots that can be pointed at; they know pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from ..base.types import BoolArray, Float64Array
from .plot import PlotPanel, small_font
from .plot_items import PixelItem
from .theme import Theme, score_table

BAND_ALPHA = 60
FILL_ALPHA = 150


@dataclass(frozen=True, slots=True, eq=False)
class StepCurve:
    """Values in bins.

    Attributes
    ----------
    edges : float64 array, (n + 1,)
    values : float64 array, (n,)
        NaN: a gap.
    color
        Of the line.
    low, high : float64 arrays, (n,), or None
        A band around it.
    is_filled
        Whether the area down to 0 is filled.
    name
        In the legend; "": not there.
    """

    edges: Float64Array
    values: Float64Array
    color: QColor
    low: Float64Array | None = None
    high: Float64Array | None = None
    is_filled: bool = False
    name: str = ""


class StepCurvesItem(PixelItem):
    """Paints curves of bins, their bands and a legend."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.curves: tuple[StepCurve, ...] = ()

    def set_curves(self, curves: Sequence[StepCurve]) -> None:
        """Show other curves; the first one lies lowest."""
        self.curves = tuple(curves)
        self.update()

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for curve in self.curves:
            self._paint_areas(painter, panel, curve)
        for curve in self.curves:
            painter.setPen(QPen(curve.color, 1.8))
            for edges, values in _runs(curve.edges, curve.values):
                painter.drawPolyline(_steps(panel, edges, values))
        self._paint_legend(painter, panel)

    def _paint_areas(self, painter: QPainter, panel: PlotPanel, curve: StepCurve) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        color = QColor(curve.color)
        if curve.is_filled:
            color.setAlpha(FILL_ALPHA)
            self._fill(painter, panel, curve, color, np.zeros(len(curve.values)), curve.values)
        if curve.low is not None and curve.high is not None:
            color.setAlpha(BAND_ALPHA)
            self._fill(painter, panel, curve, color, curve.low, curve.high)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _fill(
        self,
        painter: QPainter,
        panel: PlotPanel,
        curve: StepCurve,
        color: QColor,
        low: Float64Array,
        high: Float64Array,
    ) -> None:
        for k in np.flatnonzero(np.isfinite(low + high)).tolist():
            start = panel.to_pixels(float(curve.edges[k]), float(high[k]))
            end = panel.to_pixels(float(curve.edges[k + 1]), float(low[k]))
            painter.fillRect(QRectF(start, end), color)

    def _paint_legend(self, painter: QPainter, panel: PlotPanel) -> None:
        named = [curve for curve in self.curves if curve.name]
        painter.setFont(small_font())
        metrics = QFontMetricsF(small_font())
        wide = max((metrics.horizontalAdvance(c.name) for c in named), default=0) + 26
        right, y = panel.box.rect().width() - 6, 6.0
        if not named or wide > panel.box.rect().width() - 12:
            return
        back = QRectF(right - wide, y - 2, wide, metrics.height() * len(named) + 4)
        painter.fillRect(back, self.theme.color("plot", 200))
        for curve in named:
            middle = y + metrics.height() / 2
            painter.setPen(QPen(curve.color, 2.4))
            painter.drawLine(QPointF(right - wide + 4, middle), QPointF(right - wide + 18, middle))
            painter.setPen(self.theme.color("text"))
            painter.drawText(QPointF(right - wide + 23, y + metrics.ascent()), curve.name)
            y += metrics.height()


def _runs(edges: Float64Array, values: Float64Array) -> list[tuple[Float64Array, Float64Array]]:
    """Return the parts of a curve without gaps."""
    known = np.flatnonzero(np.isfinite(values))
    parts = np.split(known, np.flatnonzero(np.diff(known) > 1) + 1)
    return [(edges[p[0] : p[-1] + 2], values[p]) for p in parts if len(p)]


def _steps(panel: PlotPanel, edges: Float64Array, values: Float64Array) -> QPolygonF:
    x, y = np.repeat(edges, 2)[1:-1].tolist(), np.repeat(values, 2).tolist()
    return QPolygonF([panel.to_pixels(a, b) for a, b in zip(x, y, strict=True)])


@dataclass(frozen=True, slots=True, eq=False)
class Dots:
    """Points that can be chosen, each with a name.

    `x`, `y` are float64 arrays, (n,), NaN: not shown; `is_hollow` a bool array, (n,).
    """

    x: Float64Array
    y: Float64Array
    names: tuple[str, ...]
    color: QColor
    is_hollow: BoolArray


class DotsItem(PixelItem):
    """Paints dots, and the chosen one with its name."""

    RADIUS_PX = 4.0

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.dots: Dots | None = None
        self.chosen: int | None = None

    def set_dots(self, dots: Dots | None, chosen: int | None) -> None:
        """Show other dots."""
        self.dots, self.chosen = dots, chosen
        self.update()

    def nearest(self, panel: PlotPanel, x: float, y: float, reach_px: float = 10.0) -> int | None:
        """Return the dot nearest to a place in data coordinates; None: none is near."""
        if self.dots is None or not len(self.dots.x):
            return None
        at = panel.to_pixels(x, y)
        across, down = _pixels(panel, self.dots)
        distance = np.nan_to_num(np.hypot(across - at.x(), down - at.y()), nan=np.inf)
        nearest = int(distance.argmin())
        return nearest if distance[nearest] <= reach_px else None

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        dots = self.dots
        if dots is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        across, down = _pixels(panel, dots)
        is_known = np.isfinite(across + down)
        empty = self.theme.color("plot")
        for is_hollow, pen, brush in ((False, empty, dots.color), (True, dots.color, empty)):
            painter.setPen(QPen(pen, 1.4))
            painter.setBrush(brush)
            for k in np.flatnonzero(is_known & (dots.is_hollow == is_hollow)).tolist():
                painter.drawEllipse(QPointF(across[k], down[k]), self.RADIUS_PX, self.RADIUS_PX)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        chosen = self.chosen
        if chosen is not None and is_known[chosen]:
            painter.setPen(QPen(self.theme.color("truth"), 2))
            place, radius = QPointF(across[chosen], down[chosen]), self.RADIUS_PX + 3
            painter.drawEllipse(place, radius, radius)
            self._paint_name(painter, panel, place, dots.names[chosen])

    def _paint_name(self, painter: QPainter, panel: PlotPanel, place: QPointF, name: str) -> None:
        painter.setFont(small_font())
        metrics = QFontMetricsF(small_font())
        wide = metrics.horizontalAdvance(name)
        rect = panel.box.rect()
        x = place.x() + 10 if place.x() + 12 + wide < rect.width() else place.x() - 10 - wide
        y = min(max(place.y() - 8, metrics.ascent() + 2), rect.height() - 4)
        painter.fillRect(
            QRectF(x - 2, y - metrics.ascent(), wide + 4, metrics.height()),
            self.theme.color("plot", 200),
        )
        painter.drawText(QPointF(x, y), name)


def _pixels(panel: PlotPanel, dots: Dots) -> tuple[Float64Array, Float64Array]:
    rect, (low, high), (bottom, top) = panel.box.rect(), panel.x_range, panel.y_range
    across = (dots.x - low) / (high - low) * rect.width()
    return across, (top - dots.y) / (top - bottom) * rect.height()


class ScoreScale(PixelItem):
    """What the colours of scores stand for, from 0 to 1, at the top right of a panel."""

    HEIGHT_PX = 20.0

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self.theme, self.title = theme, title

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        painter.setFont(small_font())
        metrics = QFontMetricsF(small_font())
        table: NDArray[np.uint8] = np.ascontiguousarray(score_table()[None])
        image = QImage(table.tobytes(), 256, 1, 1024, QImage.Format.Format_RGBA8888).copy()
        width, right = panel.box.rect().width(), panel.box.rect().width() - 4
        bar = min(90.0, width / 3)
        ends = metrics.horizontalAdvance("0"), metrics.horizontalAdvance("1")
        baseline = (self.HEIGHT_PX + metrics.ascent()) / 2 - 2
        painter.setPen(self.theme.color("quiet"))
        painter.drawText(QPointF(right - ends[1], baseline), "1")
        left = right - ends[1] - 4 - bar
        painter.drawImage(QRectF(left, 5, bar, 9), image, QRectF(image.rect()))
        painter.drawText(QPointF(left - 4 - ends[0], baseline), "0")
        room = left - ends[0] - 14
        text = metrics.elidedText(self.title, Qt.TextElideMode.ElideRight, max(room, 0))
        painter.setPen(self.theme.color("text"))
        painter.drawText(QPointF(4, baseline), text)
