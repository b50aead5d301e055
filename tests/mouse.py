"""Mouse and wheel events as a user makes them, sent to a widget."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent, QWheelEvent
from PyQt6.QtWidgets import QApplication, QWidget

NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton
RIGHT = Qt.MouseButton.RightButton
NO_BUTTON = Qt.MouseButton.NoButton


def wheel(
    widget: QWidget, at: tuple[float, float], steps: float = 1, modifiers=NONE
) -> QWheelEvent:
    """Turn the wheel; with Alt, Qt tells it as a horizontal one."""
    place = QPointF(*at)
    delta = round(120 * steps)
    event = QWheelEvent(
        place,
        QPointF(widget.mapToGlobal(place.toPoint())),
        QPoint(),
        QPoint(delta, 0) if modifiers & ALT else QPoint(0, delta),
        NO_BUTTON,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    event.ignore()
    QApplication.sendEvent(widget, event)
    return event


def press(widget: QWidget, at: tuple[float, float], button=LEFT, modifiers=NONE) -> None:
    """Press a button."""
    _send(widget, QEvent.Type.MouseButtonPress, at, button, button, modifiers)


def release(widget: QWidget, at: tuple[float, float], button=LEFT, modifiers=NONE) -> None:
    """Release a button."""
    _send(widget, QEvent.Type.MouseButtonRelease, at, button, NO_BUTTON, modifiers)


def move(widget: QWidget, at: tuple[float, float], held=NO_BUTTON, modifiers=NONE) -> None:
    """Move the pointer, perhaps with a button held."""
    _send(widget, QEvent.Type.MouseMove, at, NO_BUTTON, held, modifiers)


def click(widget: QWidget, at: tuple[float, float], button=LEFT, modifiers=NONE) -> None:
    """Press and release."""
    press(widget, at, button, modifiers)
    release(widget, at, button, modifiers)


def double_click(widget: QWidget, at: tuple[float, float]) -> None:
    """Click twice, as Qt tells it."""
    click(widget, at)
    _send(widget, QEvent.Type.MouseButtonDblClick, at, LEFT, LEFT, NONE)
    release(widget, at)


def drag(
    widget: QWidget,
    start: tuple[float, float],
    end: tuple[float, float],
    button=LEFT,
    modifiers=NONE,
) -> None:
    """Press, move in steps, release."""
    press(widget, start, button, modifiers)
    for k in range(1, 6):
        at = tuple(a + (b - a) * k / 5 for a, b in zip(start, end, strict=True))
        move(widget, at, button, modifiers)
    release(widget, end, button, modifiers)


def leave(widget: QWidget) -> None:
    """Let the pointer leave."""
    QApplication.sendEvent(widget, QEvent(QEvent.Type.Leave))


def _send(widget: QWidget, kind, at, button, held, modifiers) -> None:
    place = QPointF(*at)
    where = QPointF(widget.mapToGlobal(place.toPoint()))
    QApplication.sendEvent(widget, QMouseEvent(kind, place, where, button, held, modifiers))
