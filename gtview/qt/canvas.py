"""A drawing that can be panned and zoomed with the mouse; it knows pixels only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QImage, QPainter
from PyQt6.QtWidgets import QApplication, QWidget

_MIN_SCALE, _MAX_SCALE = 0.2, 50.0
_WHEEL_STEP = 1.15
_NO_KEY = Qt.KeyboardModifier.NoModifier


@dataclass(frozen=True, slots=True)
class Viewport:
    """How a drawing is moved and stretched: pixel = scale * place + shift."""

    scale_x: float = 1.0
    scale_y: float = 1.0
    shift_x: float = 0.0
    shift_y: float = 0.0

    @property
    def is_home(self) -> bool:
        """Whether the drawing is as it was laid out."""
        return self == Viewport()

    def x(self, values: ArrayLike) -> NDArray[np.float64]:
        """Return the pixels of some x places."""
        return np.asarray(values, np.float64) * self.scale_x + self.shift_x

    def y(self, values: ArrayLike) -> NDArray[np.float64]:
        """Return the pixels of some y places."""
        return np.asarray(values, np.float64) * self.scale_y + self.shift_y

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return the place in the drawing that is seen at a pixel."""
        return (x - self.shift_x) / self.scale_x, (y - self.shift_y) / self.scale_y

    def panned(self, dx: float, dy: float) -> Viewport:
        """Return it moved by some pixels."""
        return replace(self, shift_x=self.shift_x + dx, shift_y=self.shift_y + dy)

    def zoomed(self, x: float, y: float, factor_x: float, factor_y: float) -> Viewport:
        """Return it stretched such that what is at a pixel stays there."""
        scale_x = min(max(self.scale_x * factor_x, _MIN_SCALE), _MAX_SCALE)
        scale_y = min(max(self.scale_y * factor_y, _MIN_SCALE), _MAX_SCALE)
        shift_x = x - (x - self.shift_x) * scale_x / self.scale_x
        shift_y = y - (y - self.shift_y) * scale_y / self.scale_y
        return Viewport(scale_x, scale_y, shift_x, shift_y)

    def rect_since(self, drawn: Viewport, width: float, height: float) -> QRectF:
        """Return where a picture made at another viewport belongs now."""
        left, top = drawn.place(0, 0)
        right, bottom = drawn.place(width, height)
        corners = self.x([left, right]), self.y([top, bottom])
        return QRectF(QPointF(corners[0][0], corners[1][0]), QPointF(corners[0][1], corners[1][1]))


def to_qimage(pixels: NDArray[np.uint8], device_pixel_ratio: float = 1.0) -> QImage:
    """Wrap an image made in a thread; the array must stay alive as long as the QImage.

    Parameters
    ----------
    pixels : uint8 array, (height, width, 4)
        Premultiplied red, green, blue, alpha; C-contiguous.
    device_pixel_ratio
        Pixels of it per pixel of the widget.
    """
    height, width = pixels.shape[:2]
    form = QImage.Format.Format_RGBA8888_Premultiplied
    image = QImage(cast(Any, pixels.data), width, height, 4 * width, form)
    image.setDevicePixelRatio(device_pixel_ratio)
    return image


class Canvas(QWidget):
    """Paints with a function; left drag pans, wheel and right drag zoom, double click fits.

    What is done with a modifier key is not for the canvas: `clicked` and `wheeled` tell it.
    """

    viewport_changed = pyqtSignal()
    resized = pyqtSignal()
    home_asked = pyqtSignal()
    clicked = pyqtSignal(QPointF, object, object)
    wheeled = pyqtSignal(float, object)

    def __init__(
        self, paint: Callable[[QPainter, Viewport], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.viewport = Viewport()
        self._paint = paint
        self._drag: tuple[QPointF, Viewport, Qt.MouseButton] | None = None
        self._is_dragged = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        # The view around it takes the keys.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumSize(80, 60)

    def set_viewport(self, viewport: Viewport) -> None:
        """Move or stretch the drawing."""
        if viewport != self.viewport:
            self.viewport = viewport
            self.update()
            self.viewport_changed.emit()

    def keep_ranges(self) -> Any:
        """Return what is in sight, where somebody has chosen it; None: everything is."""
        return None if self.viewport.is_home else self.viewport

    def restore_ranges(self, kept: Any) -> None:
        """Show what `keep_ranges` returned."""
        self.set_viewport(kept)

    def go_home(self) -> None:
        """Show the drawing as it was laid out."""
        self.set_viewport(Viewport())

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        self._paint(painter, self.viewport)
        painter.end()

    def paint_picture(self, painter: QPainter, _size: QSize) -> None:
        """Paint it into a file, as it is moved and stretched now."""
        self._paint(painter, self.viewport)

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def event(self, event) -> bool:
        # Moved to a screen of another density: images must be made anew.
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.resized.emit()
        return super().event(event)

    def wheelEvent(self, event) -> None:
        # With alt some systems turn the wheel sideways.
        delta = event.angleDelta()
        steps = (delta.y() or delta.x()) / 120
        if event.modifiers() != _NO_KEY:
            self.wheeled.emit(steps, event.modifiers())
        elif steps:
            at = event.position()
            factor = _WHEEL_STEP**steps
            self.set_viewport(self.viewport.zoomed(at.x(), at.y(), factor, factor))
        event.accept()

    def mousePressEvent(self, event) -> None:
        self._drag = None
        self._is_dragged = False
        if event.modifiers() == _NO_KEY:
            self._drag = (event.position(), self.viewport, event.button())

    def mouseMoveEvent(self, event) -> None:
        if self._drag is None:
            return
        start, viewport, button = self._drag
        moved = event.position() - start
        is_far = moved.manhattanLength() >= QApplication.startDragDistance()
        self._is_dragged = self._is_dragged or is_far
        if not self._is_dragged:
            return
        if button == Qt.MouseButton.LeftButton:
            self.set_viewport(viewport.panned(moved.x(), moved.y()))
        elif button == Qt.MouseButton.RightButton:
            factors = 1.01 ** moved.x(), 1.01 ** -moved.y()
            self.set_viewport(viewport.zoomed(start.x(), start.y(), *factors))

    def mouseReleaseEvent(self, event) -> None:
        is_click = not self._is_dragged
        self._drag = None
        self._is_dragged = False
        if is_click:
            self.clicked.emit(event.position(), event.button(), event.modifiers())

    def mouseDoubleClickEvent(self, event) -> None:
        if event.button() == Qt.MouseButton.LeftButton and event.modifiers() == _NO_KEY:
            self.home_asked.emit()
