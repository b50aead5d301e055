"""The surface of the trace view: tells what the mouse does; paints with a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QEvent, QPointF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QApplication, QWidget

_NO_KEY = Qt.KeyboardModifier.NoModifier


class TraceCanvas(QWidget):
    """Paints with a function of a painter and its own size.

    Signals
    -------
    wheeled(place, steps, modifiers)
    dragged(dx, dy)
        Pixels since the last time, of a drag with the left button and no key.
    clicked(place, button, modifiers)
        Pressed and released at one place.
    home_asked()
        Double click.
    resized()
        Of another size, or on a screen of another density.
    """

    wheeled = pyqtSignal(QPointF, float, object)
    dragged = pyqtSignal(float, float)
    clicked = pyqtSignal(QPointF, object, object)
    home_asked = pyqtSignal()
    resized = pyqtSignal()

    def __init__(
        self, paint: Callable[[QPainter, QSize], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._paint = paint
        self._pressed: QPointF | None = None
        self._last: QPointF | None = None
        self._is_dragged = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        # The view around it takes the keys.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumSize(80, 60)

    def paint_picture(self, painter: QPainter, size: QSize) -> None:
        """Paint for a file."""
        self._paint(painter, size)

    def paintEvent(self, event: Any) -> None:
        painter = QPainter(self)
        self._paint(painter, self.size())
        painter.end()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def event(self, event: Any) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.resized.emit()
        return super().event(event)

    def wheelEvent(self, event: Any) -> None:
        # With alt, and with shift, some systems turn the wheel sideways.
        delta = event.angleDelta()
        steps = (delta.y() or delta.x()) / 120
        if steps:
            self.wheeled.emit(event.position(), steps, event.modifiers())
        event.accept()

    def mousePressEvent(self, event: Any) -> None:
        self._pressed = event.position()
        self._is_dragged = False
        is_pan = event.modifiers() == _NO_KEY and event.button() == Qt.MouseButton.LeftButton
        self._last = event.position() if is_pan else None

    def mouseMoveEvent(self, event: Any) -> None:
        if self._pressed is None or not event.buttons():
            return
        far = (event.position() - self._pressed).manhattanLength()
        self._is_dragged = self._is_dragged or far >= QApplication.startDragDistance()
        if self._is_dragged and self._last is not None:
            step = event.position() - self._last
            self._last = event.position()
            self.dragged.emit(step.x(), step.y())

    def mouseReleaseEvent(self, event: Any) -> None:
        is_click = self._pressed is not None and not self._is_dragged
        self._pressed = self._last = None
        self._is_dragged = False
        if is_click:
            self.clicked.emit(event.position(), event.button(), event.modifiers())

    def mouseDoubleClickEvent(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.LeftButton and event.modifiers() == _NO_KEY:
            self.home_asked.emit()
