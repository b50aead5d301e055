"""What the metric explorer paints: clusters as dots, and the curve of acceptance."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from ..qt.plot import PlotPanel, small_font
from ..qt.plot_items import PixelItem
from ..qt.theme import Theme, cluster_color
from ..scoring.metric_truth import MetricCurve
from ..scoring.states import SpikeState
from .metric_compute import MetricPicture
from .spike_marks import state_rgb

REACH_PX = 10.0
_RADIUS_PX, _RING_PX = 4.0, 7.0
_ALPHA = 210


class DotsItem(PixelItem):
    """Clusters: green where they are good, red where not; filled where they are accepted."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.picture: MetricPicture | None = None
        self.threshold = float("nan")
        self._selected: Mapping[int, int] = {}
        self.setZValue(50)

    def set_picture(self, picture: MetricPicture, threshold: float) -> None:
        """Show these, of which a threshold accepts some."""
        self.picture, self.threshold = picture, threshold
        self.update()

    def set_selected(self, color_ids: Mapping[int, int]) -> None:
        """Ring these clusters."""
        self._selected = color_ids
        self.update()

    def nearest(self, x: float, y: float) -> int | None:
        """Return the cluster at a place, or within some pixels of it."""
        if self.picture is None or self._panel is None or not len(self.picture.x):
            return None
        across, down = self._pixels(self._panel, self.picture)
        at = self._panel.to_pixels(x, y)
        off = np.hypot(across - at.x(), down - at.y())
        if np.isnan(off).all():
            return None
        nearest = int(np.nanargmin(off))
        return self.picture.cluster_ids[nearest] if off[nearest] <= REACH_PX else None

    @staticmethod
    def _pixels(panel: PlotPanel, picture: MetricPicture) -> tuple[np.ndarray, np.ndarray]:
        rect = panel.box.rect()
        (x0, x1), (y0, y1) = panel.x_range, panel.y_range
        across = (picture.x - x0) / (x1 - x0) * rect.width()
        return across, (1 - (picture.y - y0) / (y1 - y0)) * rect.height()

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        picture = self.picture
        if picture is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        across, down = self._pixels(panel, picture)
        good, bad = (QColor(*state_rgb(s), _ALPHA) for s in (SpikeState.FOUND, SpikeState.FALSE))
        values = picture.column.values
        is_taken = (
            values >= self.threshold
            if picture.curve.is_higher_better
            else values <= self.threshold
        )
        is_good = picture.y >= picture.query.good_from
        for k in np.flatnonzero(np.isfinite(across + down)).tolist():
            place = QPointF(across[k], down[k])
            color = good if is_good[k] else bad
            painter.setPen(QPen(color, 1.5))
            painter.setBrush(color if is_taken[k] else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(place, _RADIUS_PX, _RADIUS_PX)
            ring = self._selected.get(picture.cluster_ids[k])
            if ring is not None:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(cluster_color(ring), 2.2))
                painter.drawEllipse(place, _RING_PX, _RING_PX)
        painter.setBrush(Qt.BrushStyle.NoBrush)


class CurveItem(PixelItem):
    """The curve of true against false acceptance, and where the threshold is on it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._curve: MetricCurve | None = None
        self._at = (0.0, 0.0)
        self.setZValue(50)

    def set_curve(self, curve: MetricCurve, at: tuple[float, float]) -> None:
        """Show a curve, and a place on it: true and false acceptance."""
        self._curve, self._at = curve, at
        self.update()

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        curve = self._curve
        if curve is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chance = QPen(self.theme.color("quiet"), 1.0, Qt.PenStyle.DashLine)
        painter.setPen(chance)
        painter.drawLine(panel.to_pixels(0, 0), panel.to_pixels(1, 1))
        known = np.isfinite(curve.auc)
        if known:
            false = np.r_[0.0, curve.false_acceptance].tolist()
            true = np.r_[0.0, curve.true_acceptance].tolist()
            line = QPolygonF([panel.to_pixels(f, t) for f, t in zip(false, true, strict=True)])
            painter.setPen(QPen(self.theme.color("accent"), 1.8))
            painter.drawPolyline(line)
            painter.setBrush(self.theme.color("accent"))
            painter.drawEllipse(panel.to_pixels(self._at[1], self._at[0]), 4.5, 4.5)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        self._write(painter, panel, f"AUC {curve.auc:.2f}" if known else "needs good and bad ones")

    def _write(self, painter: QPainter, panel: PlotPanel, text: str) -> None:
        painter.setFont(small_font())
        metrics = QFontMetricsF(painter.font())
        rect = panel.box.rect()
        wide = metrics.horizontalAdvance(text)
        painter.setPen(self.theme.color("text"))
        corner = QRectF(rect.width() - wide - 6, rect.height() - 20, wide + 2, 16)
        painter.drawText(corner, Qt.AlignmentFlag.AlignRight, text)
