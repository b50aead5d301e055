"""Drawing around points: by hand with a drag, or corner by corner with clicks."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QObject, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPen, QPolygonF
from PyQt6.QtWidgets import QApplication, QWidget

from .theme import Theme

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
_LEFT = Qt.MouseButton.LeftButton
_FILL_ALPHA = 36
_CORNER_PX = 3.0
# Corners of a line drawn by hand that are nearer than this are left out.
_STEP_PX = 2.0

# Which of several plots of a widget; a place in it is in the coordinates of its data.
Plot = Hashable
Spot = tuple[Plot, float, float]


class Frame(Protocol):
    """Tells places of data from pixels of a widget, and back."""

    def locate(self, at: QPointF, plot: Plot | None) -> Spot | None:
        """Return what is at a pixel: in this plot, or None: in the one that lies there."""

    def to_pixels(self, spot: Spot) -> QPointF | None:
        """Return where something is; None when its plot is not shown."""

    def continues(self, plot: Plot | None, at: QPointF) -> bool:
        """Whether a corner at a pixel belongs to a line that is in a plot."""


class Lasso(QObject):
    """A closed line over a widget, which stays at its place of the data until it is cleared.

    With one of `drag_keys` held, a drag draws it by hand; with one of `click_keys`, each click is
    a corner. What is done with other keys goes to the widget.

    Signals
    -------
    drawn(corners, modifiers)
        It is there, or is another one: float64 (n, 2) in the coordinates of `plot`; None when
        there is no area any more.
    """

    drawn = pyqtSignal(object, object)

    def __init__(
        self,
        widget: QWidget,
        frame: Frame,
        theme: Theme,
        drag_keys: tuple[Any, ...] = (SHIFT,),
        click_keys: tuple[Any, ...] = (SHIFT, CTRL),
    ) -> None:
        super().__init__(widget)
        self._widget, self._frame = widget, frame
        self._drag_keys, self._click_keys = drag_keys, click_keys
        self._pressed: QMouseEvent | None = None
        self._is_dragging = self._is_resending = False
        self.plot: Plot | None = None
        self.corners: list[tuple[float, float]] = []
        self.is_by_hand = False
        self._overlay = _Overlay(self, widget)
        self.apply_theme(theme)
        widget.installEventFilter(self)

    @property
    def is_there(self) -> bool:
        """Whether a corner is drawn."""
        return bool(self.corners)

    def _paint_again(self) -> None:
        # Hidden, it costs nothing whenever what lies below it is painted.
        self._overlay.setVisible(self.is_there)
        self._overlay.update()

    def apply_theme(self, theme: Theme) -> None:
        """Take over the colour."""
        self.color = theme.color("accent")
        self._paint_again()

    def undo(self) -> None:
        """Take the last corner back; of a line drawn by hand, all of it."""
        if self.is_by_hand:
            self.corners = []
        else:
            self.corners = self.corners[:-1]
        self._tell(Qt.KeyboardModifier.NoModifier)

    def clear(self) -> None:
        """Take the line away, and tell it."""
        if self.is_there:
            self.forget()
            self.drawn.emit(None, Qt.KeyboardModifier.NoModifier)

    def forget(self) -> None:
        """Take the line away, and tell nobody."""
        self.corners, self.plot, self._pressed, self._is_dragging = [], None, None, False
        self._paint_again()

    def move_to(self, plot: Plot, corners: NDArray[np.float64]) -> None:
        """Let the line, where it is, belong to another plot: its corners are told in that one."""
        self.plot = plot
        self.corners = [(x, y) for x, y in corners.tolist()]

    def pixels(self) -> list[QPointF]:
        """Return the corners in pixels of the widget; [] where they cannot be seen."""
        found = [self._frame.to_pixels((self.plot, x, y)) for x, y in self.corners]
        return [at for at in found if at is not None]

    # Mouse ---------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if self._is_resending or not isinstance(event, QMouseEvent):
            if event is not None and event.type() == QEvent.Type.Resize:
                self._overlay.setGeometry(self._widget.rect())
            return False
        kind = event.type()
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            return self._on_press(event)
        if self._pressed is None:
            return False
        if kind == QEvent.Type.MouseMove:
            self._on_move(event)
        elif kind == QEvent.Type.MouseButtonRelease:
            self._on_release(event)
        return True

    def _on_press(self, event: QMouseEvent) -> bool:
        is_ours = event.modifiers() in (*self._drag_keys, *self._click_keys)
        if event.button() != _LEFT or not is_ours:
            return False
        if self._frame.locate(event.position(), None) is None:
            return False
        self._pressed = event.clone()
        return True

    def _on_move(self, event: QMouseEvent) -> None:
        start = self._pressed
        if start is None:
            return
        if not self._is_dragging and _is_far(start, event):
            if start.modifiers() not in self._drag_keys:
                return
            self._is_dragging = self.is_by_hand = True
            self.corners = []
            self._add(start.position(), None)
        if self._is_dragging:
            self._extend(event.position())

    def _on_release(self, event: QMouseEvent) -> None:
        start, self._pressed = self._pressed, None
        is_drag, self._is_dragging = self._is_dragging, False
        if start is None:
            return
        if is_drag:
            self._extend(event.position())
            self._tell(start.modifiers())
        elif _is_far(start, event):
            pass  # a drag with keys that are for clicks
        elif start.modifiers() in self._click_keys:
            self._add_corner(event.position())
            self._tell(start.modifiers())
        else:
            self._resend(start, event.clone())

    def _extend(self, at: QPointF) -> None:
        last = self.pixels()[-1:]
        if not last or (at - last[0]).manhattanLength() >= _STEP_PX:
            self._add(at, self.plot)
            self._paint_again()

    def _add_corner(self, at: QPointF) -> None:
        """Add a corner; where there is a line by hand, or one in another plot, begin anew."""
        if self.is_by_hand or not self._frame.continues(self.plot, at):
            self.corners = []
        self.is_by_hand = False
        self._add(at, self.plot if self.corners else None)

    def _add(self, at: QPointF, plot: Plot | None) -> None:
        spot = self._frame.locate(at, plot)
        if spot is not None:
            self.plot = spot[0]
            self.corners.append((spot[1], spot[2]))

    def _tell(self, modifiers: Any) -> None:
        self._paint_again()
        has_area = len(self.corners) >= 3
        corners = np.array(self.corners, np.float64) if has_area else None
        self.drawn.emit(corners, modifiers)

    def _resend(self, *events: QMouseEvent | None) -> None:
        """Give the widget the click that it was not given."""
        self._is_resending = True
        try:
            for event in events:
                if event is not None:
                    QApplication.sendEvent(self._widget, event)
        finally:
            self._is_resending = False


def _is_far(start: QMouseEvent, event: QMouseEvent) -> bool:
    moved = (event.position() - start.position()).manhattanLength()
    return moved >= QApplication.startDragDistance()


class _Overlay(QWidget):
    """Paints the line over a widget; the mouse does not meet it."""

    def __init__(self, lasso: Lasso, widget: QWidget) -> None:
        super().__init__(widget)
        self._lasso = lasso
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setGeometry(widget.rect())
        self.raise_()
        self.hide()

    def paintEvent(self, event: Any) -> None:
        points = self._lasso.pixels()
        if not points:
            return
        with QPainter(self) as painter:
            has_corners = not self._lasso.is_by_hand
            paint_lasso(painter, points, self._lasso.color, has_corners=has_corners)


def paint_lasso(
    painter: QPainter, points: list[QPointF], color: QColor, *, has_corners: bool
) -> None:
    """Paint a closed line, filled faintly, and its corners where they were clicked."""
    fill = QColor(color)
    fill.setAlpha(_FILL_ALPHA)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 1.2, Qt.PenStyle.DashLine))
    painter.setBrush(fill)
    painter.drawPolygon(QPolygonF(points))
    if has_corners:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        for point in points:
            painter.drawEllipse(point, _CORNER_PX, _CORNER_PX)
