"""The signs of spike states: their shapes and colours, the same in every view."""

from __future__ import annotations

from PyQt6.QtCore import QLineF, QPointF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPolygonF

from ..scoring.states import SpikeState

STATE_COLORS: dict[int, str] = {
    SpikeState.FOUND: "#3fb68b",
    SpikeState.MISSED: "#f0b429",
    SpikeState.FALSE: "#e5575c",
    SpikeState.ELSEWHERE: "#6f93f2",
    SpikeState.UNKNOWN: "#8a919e",
}
STATE_NAMES: dict[int, str] = {
    SpikeState.FOUND: "found",
    SpikeState.MISSED: "missed",
    SpikeState.FALSE: "false",
    SpikeState.ELSEWHERE: "elsewhere",
    SpikeState.UNKNOWN: "not judged",
}


def state_rgb(state: int) -> tuple[int, int, int]:
    """Return the colour of a state; the same in both themes."""
    red, green, blue, _ = QColor(STATE_COLORS[state]).getRgb()
    return int(red or 0), int(green or 0), int(blue or 0)


def paint_state(painter: QPainter, state: int, x: float, y: float, radius: float = 3.5) -> None:
    """Paint the sign of a state: dot, open ring, cross or diamond; a short line for none."""
    color = QColor(STATE_COLORS[state])
    at = QPointF(x, y)
    if state == SpikeState.FOUND:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(at, radius, radius)
    elif state == SpikeState.MISSED:
        painter.setPen(QPen(color, 1.8))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(at, radius, radius)
    elif state == SpikeState.FALSE:
        painter.setPen(QPen(color, 1.8))
        painter.drawLine(QLineF(x - radius, y - radius, x + radius, y + radius))
        painter.drawLine(QLineF(x - radius, y + radius, x + radius, y - radius))
    elif state == SpikeState.ELSEWHERE:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        step = radius + 0.7
        corners = ((0.0, -step), (step, 0.0), (0.0, step), (-step, 0.0))
        painter.drawPolygon(QPolygonF([QPointF(x + dx, y + dy) for dx, dy in corners]))
    else:
        painter.setPen(QPen(color, 1.4))
        painter.drawLine(QLineF(x, y - radius, x, y + radius))
    painter.setBrush(Qt.BrushStyle.NoBrush)
