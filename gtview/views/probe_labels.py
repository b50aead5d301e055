"""Texts beside the marks of a map, as many as do not touch."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QFontMetricsF, QPainter

from ..qt.theme import Theme


class Labels:
    """Writes texts beside marks, and leaves out those that would touch another."""

    def __init__(self, painter: QPainter, theme: Theme, area: QRectF) -> None:
        self._painter = painter
        self._theme = theme
        self._area = area
        self._metrics = QFontMetricsF(painter.font())
        self._taken: list[QRectF] = []

    def write(self, text: str, centre: Any, radius: float, color: str) -> None:
        """Write at the right of a mark, or at the left when the radius is negative."""
        width = self._metrics.horizontalAdvance(text)
        x = centre[0] + radius + 3 if radius >= 0 else centre[0] + radius - 3 - width
        self._write(text, float(x), float(centre[1]), color)

    def write_inside(self, text: str, centre: Any, width: float, height: float) -> None:
        """Write within a contact, if it is large enough."""
        wide = self._metrics.horizontalAdvance(text)
        if wide <= width - 2 and self._metrics.height() <= height + 4:
            self._write(text, float(centre[0]) - wide / 2, float(centre[1]), "quiet")

    def _write(self, text: str, x: float, y: float, color: str) -> None:
        height = self._metrics.height()
        width = self._metrics.horizontalAdvance(text)
        rect = QRectF(x - 1, y - height * 0.4, width + 2, height * 0.8)
        if not self._area.contains(rect) or any(rect.intersects(r) for r in self._taken):
            return
        self._taken.append(rect)
        self._painter.setPen(self._theme.color(color))
        baseline = y + (self._metrics.ascent() - self._metrics.descent()) / 2
        self._painter.drawText(QPointF(x, baseline), text)
