"""The plot of a study: points of cells, one colour a sorter, and lines through their means."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from ..qt.plot import PlotPanel, PlotWidget, small_font
from ..qt.plot_items import PixelItem
from ..qt.theme import Theme, cluster_color
from ..study.curves import MEASURES, SHARES, SORTER, StudyCurves, StudyPoint, setting_title

REACH_PX = 12.0
_RADIUS_PX = 4.0
# From a sorter to the next, at the same value.
_BESIDE_PX = 10.0
# So many values that were tried are named, if none are nearer than this share of all.
_MOST_NAMED, _NEAREST = 12, 0.05
_ALPHA = 190
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class StudyPlot(PlotWidget):
    """A measure against a setting.

    Signals
    -------
    cell_chosen(str)
        A point was clicked.
    cell_hovered(str)
        The pointer is on a point; "": on none.
    """

    cell_chosen = pyqtSignal(str)
    cell_hovered = pyqtSignal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.panel = self.add_panel(0, 0)
        self.panel.show_grid()
        self.item = _CurvesItem(theme)
        self.panel.add(self.item)
        self.panel.clicked.connect(self._on_click)
        self.panel.hovered.connect(self._on_hover)
        self.panel.left.connect(lambda: self.cell_hovered.emit(""))
        self.use_theme(theme)

    def use_theme(self, theme: Theme) -> None:
        """Take over the colours of a theme."""
        self.apply_theme(theme)
        self.item.theme = theme
        self.item.update()

    def show_curves(self, curves: StudyCurves) -> None:
        """Show other curves."""
        self.item.curves = curves
        self.panel.x_axis.set_title(setting_title(curves.x_name))
        self.panel.y_axis.set_title(MEASURES[curves.y_name])
        x = [p.x for p in curves.points]
        if curves.ticks:
            self.panel.x_axis.set_names(range(len(curves.ticks)), curves.ticks)
        elif tried := _few_values(x):
            # Nothing was tried in between.
            self.panel.x_axis.set_names(tried, [f"{value:g}" for value in tried])
        else:
            self.panel.x_axis.set_numbers()
        y = [p.y for p in curves.points]
        across = (-0.5, len(curves.ticks) - 0.5) if curves.ticks else _limits(x)
        self.panel.set_home(across, (-0.03, 1.03) if curves.y_name in SHARES else _from_zero(y))
        self.panel.fit()
        self.item.update()

    def choose(self, cell: str) -> None:
        """Ring the point of a cell; "": none."""
        self.item.chosen = cell
        self.item.update()

    def point_at(self, x: float, y: float) -> StudyPoint | None:
        """Return the point at a place, or within some pixels of it."""
        points = self.item.curves.points if self.item.curves is not None else ()
        if not points:
            return None
        at = self.panel.to_pixels(x, y)
        places = [self.item.place_of(self.panel, p.x, p.y, p.sorter) for p in points]
        off = [float(np.hypot(p.x() - at.x(), p.y() - at.y())) for p in places]
        nearest = int(np.argmin(off))
        return points[nearest] if off[nearest] <= REACH_PX else None

    def _on_click(self, x: float, y: float, _modifiers: Any, button: Any) -> None:
        point = self.point_at(x, y)
        if point is not None and button == Qt.MouseButton.LeftButton:
            self.cell_chosen.emit(point.cell)

    def _on_hover(self, x: float, y: float) -> None:
        point = self.point_at(x, y)
        self.cell_hovered.emit("" if point is None else point.cell)


class _CurvesItem(PixelItem):
    """Paints points, means and the names of the sorters."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.curves: StudyCurves | None = None
        self.chosen = ""

    def place_of(self, panel: PlotPanel, x: float, y: float, sorter: int) -> QPointF:
        """Return where a point is: sorters stand side by side, or one would hide the other."""
        if self.curves is None or self.curves.x_name == SORTER:
            return panel.to_pixels(x, y)
        shift = sorter - (len(self.curves.sorters) - 1) / 2
        return panel.to_pixels(x, y) + QPointF(shift * _BESIDE_PX, 0)

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        if self.curves is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for k, means in enumerate(self.curves.means):
            color = cluster_color(k)
            places = [self.place_of(panel, *mean, k) for mean in means]
            painter.setPen(QPen(color, 1.8))
            # Between words there is nothing that a line could mean.
            if not self.curves.ticks:
                painter.drawPolyline(QPolygonF(places))
            for place in places:
                painter.drawLine(place - QPointF(9, 0), place + QPointF(9, 0))
        painter.setPen(QPen(self.theme.color("plot"), 0.8))
        for point in self.curves.points:
            painter.setBrush(cluster_color(point.sorter, _ALPHA))
            place = self.place_of(panel, point.x, point.y, point.sorter)
            painter.drawEllipse(place, _RADIUS_PX, _RADIUS_PX)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self.theme.color("text"), 1.5))
        for point in self.curves.points:
            if point.cell == self.chosen:
                place = self.place_of(panel, point.x, point.y, point.sorter)
                painter.drawEllipse(place, 8.0, 8.0)
        self._write_legend(painter, panel, self.curves.sorters)

    def _write_legend(self, painter: QPainter, panel: PlotPanel, names: tuple[str, ...]) -> None:
        painter.setFont(small_font())
        metrics = QFontMetricsF(painter.font())
        wide = max((metrics.horizontalAdvance(name) for name in names), default=0.0)
        height = metrics.height() + 3
        left = panel.box.rect().width() - wide - 26
        back = QRectF(left - 6, 4, wide + 28, height * len(names) + 4)
        painter.fillRect(back, self.theme.color("plot", 215))
        for k, name in enumerate(names):
            middle = 6 + height * (k + 0.5)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(cluster_color(k))
            painter.drawEllipse(QPointF(left + 4, middle), _RADIUS_PX, _RADIUS_PX)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(self.theme.color("text"))
            rect = QRectF(left + 14, middle - height / 2, wide + 4, height)
            painter.drawText(rect, _LEFT, name)


def _few_values(values: list[float]) -> list[float]:
    """Return the values themselves where all of them can be written below an axis, else []."""
    found = sorted(set(values))
    if not 0 < len(found) <= _MOST_NAMED:
        return []
    least = _NEAREST * (found[-1] - found[0])
    return found if all(b - a >= least for a, b in pairwise(found)) else []


def _limits(values: list[float]) -> tuple[float, float]:
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    margin = 0.06 * (high - low) or max(0.1 * abs(high), 0.5)
    return low - margin, high + margin


def _from_zero(values: list[float]) -> tuple[float, float]:
    high = max(values, default=0.0) or 1.0
    return -0.03 * high, 1.06 * high
