"""Drawing around points by hand: with Ctrl or Shift held, a drag is a lasso."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPen, QPolygonF

from .plot import PlotPanel
from .plot_items import PixelItem
from .theme import Theme

GESTURES: tuple[tuple[str, str], ...] = (
    ("Ctrl+drag", "select what is inside a line drawn by hand"),
    ("Shift+drag", "add what is inside a line drawn by hand"),
)
_KEYS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
_FILL_ALPHA = 36
# Corners nearer than this are left out.
_STEP_PX = 2.0


class LassoItem(PixelItem):
    """A closed line that follows the pointer; `drawn` tells its corners when it is let go.

    The corners are in data coordinates, float64, (n, 2); a lasso with fewer than three is none.
    """

    drawn = pyqtSignal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._corners: list[QPointF] = []
        self._color = QColor(Qt.GlobalColor.gray)
        self.setZValue(100)

    def apply_theme(self, theme: Theme) -> None:
        """Take over the colour."""
        self._color = theme.color("accent")

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        if len(self._corners) < 2:
            return
        fill = QColor(self._color)
        fill.setAlpha(_FILL_ALPHA)
        painter.setPen(QPen(self._color, 1.2, Qt.PenStyle.DashLine))
        painter.setBrush(fill)
        painter.drawPolygon(QPolygonF(self._corners))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def mouseDragEvent(self, event: Any) -> None:
        is_left = event.button() == Qt.MouseButton.LeftButton
        if self._panel is None or not is_left or not event.modifiers() & _KEYS:
            event.ignore()
            return
        event.accept()
        if event.isStart():
            self._corners = [QPointF(event.buttonDownPos())]
        place = QPointF(event.pos())
        if (place - self._corners[-1]).manhattanLength() >= _STEP_PX:
            self._corners.append(place)
        self.update()
        if event.isFinish():
            self._finish(event.modifiers())

    def _finish(self, modifiers: Any) -> None:
        corners, self._corners = self._corners, []
        if self._panel is not None and len(corners) >= 3:
            self.drawn.emit(_to_data(self._panel, corners), modifiers)


def _to_data(panel: PlotPanel, corners: list[QPointF]) -> NDArray[np.float64]:
    points = [panel.box.mapToView(corner) for corner in corners]
    return np.array([(point.x(), point.y()) for point in points])
