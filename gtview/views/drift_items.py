"""What lies over the points of the drift view: lines of motion, and the chosen part of time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from ..qt.plot import PlotPanel, small_font
from ..qt.plot_items import PixelItem
from ..qt.theme import Theme
from .drift_compute import Lines, MotionLine

# More corners than this in sight are thinned out: nobody sees them, and dashes cost time.
_MOST_CORNERS = 300
_GAP = 4.0
_TRUTH_ALPHA = 110
_SORTER_ALPHA = 150
_VEIL_ALPHA = 150

# Greys that leave the clusters their colours: small and large amplitudes.
GREYS = {"dark": ("#3d444f", "#b3bac4"), "light": ("#c8cdd5", "#47505d")}

_DASHES = [5.0, 4.0]
_UNIT_DASHES = [7.0, 9.0]
_DOTS = [1.5, 3.0]


class MotionItem(PixelItem):
    """Lines of motion: dashed for the truth, dotted for the sorter, strong for units."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.lines = Lines()
        self.setZValue(20)

    def set_lines(self, lines: Lines) -> None:
        """Show these lines."""
        self.lines = lines
        self.update()

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(panel.box.rect())
        truth, quiet = self.theme.color("truth"), self.theme.color("text")
        truth.setAlpha(_TRUTH_ALPHA)
        quiet.setAlpha(_SORTER_ALPHA)
        self._paint(painter, panel, self.lines.sorter, _pen(quiet, 1.2, _DOTS))
        self._paint(painter, panel, self.lines.truth, _pen(truth, 1.0, _DASHES))
        # Long gaps: the spikes below are what one wants to compare it with.
        strong = _pen(self.theme.color("truth"), 1.5, _UNIT_DASHES)
        self._paint(painter, panel, self.lines.units, strong)
        self._write_labels(painter, panel)
        painter.restore()

    def _paint(
        self, painter: QPainter, panel: PlotPanel, lines: Sequence[MotionLine], pen: QPen
    ) -> None:
        painter.setPen(pen)
        for line in lines:
            painter.drawPolyline(to_polygon(line, panel))

    def _write_labels(self, painter: QPainter, panel: PlotPanel) -> None:
        """Write the units' names above the right ends of their lines, where none is yet."""
        painter.setFont(small_font())
        metrics = QFontMetricsF(painter.font())
        written: list[QRectF] = []
        for line in self.lines.units:
            right = panel.to_pixels(*_end(line, panel))
            width = metrics.horizontalAdvance(line.label)
            corner = QPointF(right.x() - width - 2 * _GAP, right.y() - metrics.height() - _GAP)
            if corner.y() < 0:
                corner.setY(right.y() + _GAP)
            rect = QRectF(corner.x(), corner.y(), width + _GAP, metrics.height())
            if any(rect.intersects(other) for other in written):
                continue
            written.append(rect)
            painter.fillRect(rect, self.theme.color("plot", 170))
            painter.setPen(self.theme.color("truth"))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, line.label)


class BandItem(PixelItem):
    """The chosen part of time: the rest lies under a veil."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.window_s: tuple[float, float] | None = None
        self.setZValue(10)

    def set_window(self, window_s: tuple[float, float] | None) -> None:
        """Show a part of time; None: nothing."""
        if window_s != self.window_s:
            self.window_s = window_s
            self.update()

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        if self.window_s is None:
            return
        rect = panel.box.rect()
        left, right = (
            float(np.clip(panel.to_pixels(t, 0.0).x(), -1.0, rect.width() + 1.0))
            for t in self.window_s
        )
        veil = self.theme.color("plot", _VEIL_ALPHA)
        painter.fillRect(QRectF(0, 0, left, rect.height()), veil)
        painter.fillRect(QRectF(right, 0, rect.width() - right, rect.height()), veil)
        painter.setPen(QPen(self.theme.color("accent"), 1))
        for x in (left, right):
            painter.drawLine(QLineF(x, 0, x, rect.height()))


def to_polygon(line: MotionLine, panel: PlotPanel) -> QPolygonF:
    """Return the part of a line that is in sight, in pixels, with a bounded number of corners."""
    low, high = panel.x_range
    first = max(int(np.searchsorted(line.times_s, low)) - 1, 0)
    stop = int(np.searchsorted(line.times_s, high, side="right")) + 1
    times, depths = line.times_s[first:stop], line.depths_um[first:stop]
    if len(times) > _MOST_CORNERS:
        kept = np.linspace(0, len(times) - 1, _MOST_CORNERS).round().astype(np.int64)
        times, depths = times[kept], depths[kept]
    # A panel is linear: two of its places tell all others.
    corners = [panel.to_pixels(panel.x_range[k], panel.y_range[k]) for k in (0, 1)]
    across = (corners[1].x() - corners[0].x()) / (high - low)
    up = (corners[1].y() - corners[0].y()) / (panel.y_range[1] - panel.y_range[0])
    x = corners[0].x() + across * (times - low)
    y = corners[0].y() + up * (depths - panel.y_range[0])
    return QPolygonF(map(QPointF, x.tolist(), y.tolist()))


def _end(line: MotionLine, panel: PlotPanel) -> tuple[float, float]:
    """Return where a line leaves the panel on the right, or ends."""
    time = min(panel.x_range[1], float(line.times_s[-1]))
    return time, float(np.interp(time, line.times_s, line.depths_um))


def _pen(color: QColor, width: float, dashes: list[float]) -> QPen:
    pen = QPen(color, width)
    pen.setDashPattern([length / width for length in dashes])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def grey_table(theme: Theme) -> np.ndarray:
    """Return the colours of amplitudes: uint8, (256, 3), from faint to strong."""
    ends = [QColor(text).getRgb()[:3] for text in GREYS["dark" if theme.is_dark else "light"]]
    share = np.linspace(0, 1, 256)[:, None]
    low, high = np.array(ends[0], float), np.array(ends[1], float)
    return np.round(low + (high - low) * share).astype(np.uint8)
