"""A line across a panel that is dragged to a value, with what lies on one side of it shaded."""

from __future__ import annotations

from typing import Any, Literal

from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPen

from .plot import PlotPanel
from .plot_items import PixelItem
from .theme import Theme

REACH_PX = 6.0
_SHADE_ALPHA = 26


class ThresholdItem(PixelItem):
    """A line at a value of one axis; a drag that begins on it moves it.

    Signals
    -------
    moved(value)
        It was dragged there, in the coordinates of the panel.
    """

    moved = pyqtSignal(float)

    def __init__(self, axis: Literal["x", "y"], theme: Theme, *, is_painted: bool = True) -> None:
        super().__init__()
        self._axis, self._is_painted = axis, is_painted
        self.value: float | None = None
        self.is_above = False
        self.is_shaded = True
        self._is_dragged = False
        self._color = QColor()
        self.setZValue(90)
        self.apply_theme(theme)

    def attach(self, panel: PlotPanel) -> None:
        super().attach(panel)
        panel.hovered.connect(self._on_hover)
        panel.left.connect(self.unsetCursor)

    def apply_theme(self, theme: Theme) -> None:
        """Take over the colour."""
        self._color = theme.color("accent")
        self.update()

    def show_at(self, value: float | None, *, is_above: bool | None = None) -> None:
        """Show it at a value, with the side above it shaded, or below; None: hide it."""
        self.value = value
        self.is_above = self.is_above if is_above is None else is_above
        self.update()

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        if self.value is None or not self._is_painted:
            return
        rect = panel.box.rect()
        at = self._pixel(panel)
        shade = QColor(self._color)
        shade.setAlpha(_SHADE_ALPHA)
        if self._axis == "x":
            side = rect.adjusted(at, 0, 0, 0) if self.is_above else QRectF(0, 0, at, rect.height())
            line = QLineF(at, 0, at, rect.height())
        else:
            side = QRectF(0, 0, rect.width(), at) if self.is_above else rect.adjusted(0, at, 0, 0)
            line = QLineF(0, at, rect.width(), at)
        if self.is_shaded:
            painter.fillRect(side.intersected(rect), shade)
        painter.setPen(QPen(self._color, 1.4))
        painter.drawLine(line)

    def _pixel(self, panel: PlotPanel) -> float:
        value = self.value or 0.0
        point = panel.to_pixels(value, 0.0) if self._axis == "x" else panel.to_pixels(0.0, value)
        return point.x() if self._axis == "x" else point.y()

    def _is_near(self, at: QPointF) -> bool:
        if self.value is None or self._panel is None:
            return False
        place = at.x() if self._axis == "x" else at.y()
        return abs(place - self._pixel(self._panel)) <= REACH_PX

    # Mouse ---------------------------------------------------------------------------------

    def mouseDragEvent(self, event: Any) -> None:
        if event.isStart():
            is_plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
            is_left = event.button() == Qt.MouseButton.LeftButton
            self._is_dragged = is_plain and is_left and self._is_near(event.buttonDownPos())
        if not self._is_dragged or self._panel is None:
            event.ignore()
            return
        event.accept()
        point = self._panel.box.mapToView(event.pos())
        self.moved.emit(point.x() if self._axis == "x" else point.y())

    def _on_hover(self, x: float, y: float) -> None:
        if self._panel is None:
            return
        if self._is_near(self._panel.to_pixels(x, y)):
            is_across = self._axis == "x"
            shape = Qt.CursorShape.SizeHorCursor if is_across else Qt.CursorShape.SizeVerCursor
            self.setCursor(shape)
        else:
            self.unsetCursor()
