"""Paints the markers of clusters, and finds the one under the pointer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from ..base.types import Float64Array
from ..qt.plot import PlotPanel, small_font
from ..qt.plot_items import PixelItem
from ..qt.theme import Theme, cluster_color, score_table
from .cluster_markers import GROUPS, Markers

_ALPHA = 190
# The pointer may be so far from the edge of a marker.
REACH_PX = 8.0
_RING_GAP = 2.5
# Plots of at least this size have markers in full size.
_FULL_SIZE_PX = 350.0
# The ids of so many selected clusters are written, at most.
MOST_LABELS = 12


def nearest_marker(markers: Markers, panel: PlotPanel, x: float, y: float) -> int | None:
    """Return which marker is under a place in data coordinates, or within some pixels of it."""
    if not len(markers.x):
        return None
    across, down = _pixels(markers, panel)
    at = panel.to_pixels(x, y)
    beyond = np.hypot(across - at.x(), down - at.y()) - markers.radii_px * _zoom(panel)
    under = np.flatnonzero(beyond < 0)
    if len(under):
        # Of several, the smallest, which lies on top.
        return int(under[np.argmin(markers.radii_px[under])])
    nearest = int(np.argmin(beyond))
    return nearest if beyond[nearest] <= REACH_PX else None


def _zoom(panel: PlotPanel) -> float:
    """Return how large markers are: in a small plot smaller, so that they do not fill it."""
    rect = panel.box.rect()
    return float(min(max(min(rect.width(), rect.height()) / _FULL_SIZE_PX, 0.5), 1.0))


def _pixels(markers: Markers, panel: PlotPanel) -> tuple[Float64Array, Float64Array]:
    rect = panel.box.rect()
    (x_low, x_high), (y_low, y_high) = panel.x_range, panel.y_range
    across = (markers.x - x_low) / (x_high - x_low) * rect.width()
    down = (1 - (markers.y - y_low) / (y_high - y_low)) * rect.height()
    return across, down


class MarkersItem(PixelItem):
    """Paints the markers: large ones first, selected ones last, with a ring in their colour."""

    def __init__(self) -> None:
        super().__init__()
        self.markers: Markers | None = None
        self._theme: Theme | None = None
        self._selected: Mapping[int, int] = {}
        self._hovered: int | None = None

    def set_markers(self, markers: Markers) -> None:
        """Show these."""
        self.markers = markers
        self._hovered = None
        self.update()

    def set_selected(self, color_ids: Mapping[int, int]) -> None:
        """Ring these clusters; to each belongs its place in the colour list."""
        self._selected = color_ids
        self.update()

    def set_hovered(self, index: int | None) -> None:
        """Show which marker the pointer is on."""
        if index != self._hovered:
            self._hovered = index
            self.update()

    def apply_theme(self, theme: Theme) -> None:
        """Take over colours."""
        self._theme = theme
        self.update()

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        if self.markers is None or self._theme is None or not len(self.markers.x):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        across, down = _pixels(self.markers, panel)
        places = [QPointF(x, y) for x, y in zip(across.tolist(), down.tolist(), strict=True)]
        radii = (self.markers.radii_px * _zoom(panel)).tolist()
        colors = marker_colors(self.markers, self._theme)
        ids = self.markers.cluster_ids
        rim = QPen(self._theme.color("plot"), 0.8)
        painter.setPen(rim)
        chosen = [k for k, i in enumerate(ids) if i in self._selected]
        for k in _large_first(radii, set(chosen)):
            painter.setBrush(colors[k])
            painter.drawEllipse(places[k], radii[k], radii[k])
        for k in chosen:
            self._paint_selected(painter, places[k], radii[k], self._selected[ids[k]], colors[k])
        if len(chosen) <= MOST_LABELS:
            self._paint_labels(painter, [(ids[k], places[k], radii[k]) for k in chosen], panel)
        if self._hovered is not None and self._hovered < len(radii):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.color("text"), 1.2))
            reach = radii[self._hovered] + _RING_GAP + 2
            painter.drawEllipse(places[self._hovered], reach, reach)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_labels(
        self, painter: QPainter, chosen: Sequence[tuple[int, QPointF, float]], panel: PlotPanel
    ) -> None:
        assert self._theme is not None
        painter.setFont(small_font())
        painter.setPen(self._theme.color("text"))
        metrics = QFontMetricsF(painter.font())
        taken: list[QRectF] = []
        for cluster_id, place, radius in chosen:
            text, reach = str(cluster_id), radius + 2 * _RING_GAP + 1
            width, height = metrics.horizontalAdvance(text), metrics.height()
            rect = QRectF(place.x() + reach, place.y() - height / 2, width, height)
            if rect.right() > panel.box.rect().width():
                rect.moveRight(place.x() - reach)
            if not any(rect.intersects(other) for other in taken):
                taken.append(rect)
                painter.fillRect(rect.adjusted(-2, 2, 2, -2), self._theme.color("plot", _ALPHA))
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_selected(
        self, painter: QPainter, place: QPointF, radius: float, color_id: int, fill: QColor
    ) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawEllipse(place, radius, radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(cluster_color(color_id), 2.2))
        painter.drawEllipse(place, radius + _RING_GAP, radius + _RING_GAP)


def _large_first(radii: Sequence[float], left_out: Collection[int]) -> list[int]:
    order = sorted(range(len(radii)), key=lambda k: -radii[k])
    return [k for k in order if k not in left_out]


def marker_colors(markers: Markers, theme: Theme) -> list[QColor]:
    """Return the colour of each marker."""
    quiet = theme.color("quiet", _ALPHA)
    if markers.groups:
        known = {group: theme.color(group, _ALPHA) for group in GROUPS}
        # They are often most of all, and would be the brightest.
        known[GROUPS[-1]] = quiet
        return [known.get(group, quiet) for group in markers.groups]
    if markers.shares is None:
        return [quiet] * len(markers.x)
    table = score_table()[:, :3].tolist()
    colors = []
    for share in markers.shares.tolist():
        red, green, blue = (0, 0, 0) if np.isnan(share) else table[round(share * 255)]
        colors.append(quiet if np.isnan(share) else QColor(red, green, blue, _ALPHA))
    return colors
