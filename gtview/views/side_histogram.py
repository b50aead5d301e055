"""Histograms beside a panel, turned by a right angle: they share the panel's vertical axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPolygonF
from PyQt6.QtWidgets import QGraphicsWidget

from ..analysis.value_histograms import FineHistogram
from ..base.types import BoolArray, Float64Array
from ..qt.plot import PlotPanel
from ..qt.theme import Theme

# Steps are not narrower than this on the screen.
STEP_PX = 3.0
GAP = 6.0
_FILL_ALPHA = 56


@dataclass(frozen=True, slots=True, eq=False)
class HistogramCurve:
    """One distribution and its colour, 0 to 255 each."""

    histogram: FineHistogram
    rgb: tuple[int, int, int]
    is_background: bool = False


def steps_in_sight(
    curves: Sequence[HistogramCurve], low: float, high: float, height_px: float
) -> list[tuple[Float64Array, Float64Array]]:
    """Return edges and counts of what is drawn between two values, for each curve.

    Bins are as wide as suits the curve, so that a small cluster shows its shape and not chance.
    """
    n_most = max(int(height_px / STEP_PX), 1)
    drawn = []
    for curve in curves:
        n_bins = round((high - low) / max(curve.histogram.bin_width, 1e-12))
        drawn.append(curve.histogram.coarse(low, high, min(max(n_bins, 1), n_most)))
    return drawn


def runs(is_in: BoolArray) -> list[tuple[int, int]]:
    """Return where each stretch of True starts, and where it has ended."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_in, [False]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


class SideHistogram(QGraphicsWidget):
    """Draws distributions; each fills the width, so that a small cluster has a shape too.

    The wheel and the mouse act on the vertical axis of the panel.
    """

    def __init__(self, panel: PlotPanel) -> None:
        super().__init__()
        self._panel = panel
        self._curves: tuple[HistogramCurve, ...] = ()
        self._line = QColor()
        panel.range_changed.connect(self.update)

    def set_curves(self, curves: Sequence[HistogramCurve]) -> None:
        """Show these."""
        self._curves = tuple(curves)
        self.update()

    def apply_theme(self, theme: Theme) -> None:
        """Take over colours."""
        self._line = theme.color("line")
        self.update()

    @property
    def curves(self) -> tuple[HistogramCurve, ...]:
        """What is shown."""
        return self._curves

    def boundingRect(self) -> QRectF:
        return QRectF(0, 0, self.size().width(), self.size().height())

    def paint(self, painter: QPainter, *_: Any) -> None:
        rect = self.boundingRect()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(rect)
        painter.setPen(QPen(self._line, 0))
        painter.drawLine(QPointF(GAP, 0), QPointF(GAP, rect.height()))
        low, high = self._panel.y_range
        drawn = steps_in_sight(self._curves, low, high, rect.height())
        for curve, (_edges, counts) in zip(self._curves, drawn, strict=True):
            if counts.max(initial=0.0) > 0:
                self._paint_curve(painter, curve, counts, rect)

    def _paint_curve(
        self, painter: QPainter, curve: HistogramCurve, counts: Float64Array, rect: QRectF
    ) -> None:
        lengths = GAP + (rect.width() - GAP - 2) * counts / counts.max()
        down = np.linspace(rect.height(), 0, len(counts) + 1)
        pen = QPen(QColor(*curve.rgb), 1.2)
        for start, stop in runs(counts > 0):
            corners = [QPointF(GAP, down[start])]
            for k in range(start, stop):
                corners += [QPointF(lengths[k], down[k]), QPointF(lengths[k], down[k + 1])]
            outline = QPolygonF([*corners, QPointF(GAP, down[stop])])
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(*curve.rgb, _FILL_ALPHA))
            painter.drawPolygon(outline)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            if not curve.is_background:
                painter.setPen(pen)
                painter.drawPolyline(outline)

    # Mouse ---------------------------------------------------------------------------------

    def wheelEvent(self, event: Any) -> None:
        self._panel.y_axis.wheelEvent(event)

    def mouseDragEvent(self, event: Any) -> None:
        self._panel.y_axis.mouseDragEvent(event)

    def mouseClickEvent(self, event: Any) -> None:
        if event.double():
            self._panel.y_axis.mouseClickEvent(event)
