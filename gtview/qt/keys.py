"""Keys of a view act in the view under the pointer, or in the one with the focus."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QCursor, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)

KeyTable = Mapping[str, Callable[[], None]]

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_TEXT_FIELDS = (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox, QComboBox)
# Keys that a focused control needs itself: a check box its space bar, a slider its arrows.
_CONTROL_KEYS = frozenset(
    {
        Qt.Key.Key_Space,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_Backspace,
    }
)
_CONTROLS = (QAbstractButton, QAbstractSlider, QTabBar)
_ROW_KEYS = _CONTROL_KEYS - {Qt.Key.Key_Space, Qt.Key.Key_Backspace}
# Property of rows that leave the arrow keys to the window.
LEAVES_KEYS = "leavesKeys"
_KEEPS = ~(_SHIFT | Qt.KeyboardModifier.KeypadModifier)


def portable(keys: str) -> str:
    """Return a key sequence in Qt's portable spelling, "" when it is none."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.PortableText)


class KeyRouter(QObject):
    """Sends key presses to whoever is meant, before Qt's own shortcuts see them.

    Qt does nothing at all, silently, when two shortcuts of one window have the same key; with
    the pointer deciding, "W" can mean one thing in one view and another in the next. Keys typed
    in a text field stay in the field.

    Parameters
    ----------
    keys_of
        Returns the keys of the view that a widget belongs to, portable spelling -> function; None
        for a widget that belongs to no view.
    """

    def __init__(self, keys_of: Callable[[QWidget], KeyTable | None], parent: QObject) -> None:
        super().__init__(parent)
        self._keys_of = keys_of
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(event, QKeyEvent) and event.type() in (
            QEvent.Type.ShortcutOverride,
            QEvent.Type.KeyPress,
        ):
            function = self._function_for(event)
            if function is not None:
                event.accept()
                if event.type() == QEvent.Type.KeyPress:
                    function()
                return True
        return super().eventFilter(watched, event)

    def _function_for(self, event: QKeyEvent) -> Callable[[], None] | None:
        focus = QApplication.focusWidget()
        if isinstance(focus, _TEXT_FIELDS) or QApplication.activeModalWidget() is not None:
            return None
        if QApplication.activePopupWidget() is not None:
            return None
        spellings = spellings_of(event)
        for widget in (QApplication.widgetAt(QCursor.pos()), focus):
            table = (self._keys_of(widget) if widget is not None else None) or {}
            for keys in spellings:
                if keys in table and is_meant(table[keys]):
                    return table[keys]
        return None


class Conditional:
    """What a key does under a condition; while it is not met the key goes on to others."""

    def __init__(self, function: Callable[[], None], condition: Callable[[], bool]) -> None:
        self._function = function
        self.condition = condition

    def __call__(self) -> None:
        self._function()


def is_meant(function: Callable[[], None]) -> bool:
    """Whether a key does anything now."""
    return not isinstance(function, Conditional) or function.condition()


def spellings_of(event: QKeyEvent) -> list[str]:
    """Return how a key press can be declared: with all its modifiers first.

    Signs such as ? and + need Shift on some keyboards and not on others.
    """
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    found = [_spelling(modifiers, event.key())]
    text = event.text()
    if modifiers & _SHIFT and text and text.isprintable() and not text.isalnum() and text != " ":
        found.append(_spelling(modifiers & ~_SHIFT, event.key()))
    return found


def _spelling(modifiers: Qt.KeyboardModifier, key: int) -> str:
    combined: Any = modifiers.value
    return QKeySequence(combined | key).toString(QKeySequence.SequenceFormat.PortableText)


class FieldKeys(QObject):
    """Keeps keys without Ctrl and Alt for the field or control that has the focus.

    Qt offers a key to the focused widget first, but not every one says that it wants it: a
    selection box lets letters go, and a line of text the arrows up and down. Rows keep the
    arrows, unless they have the property `LEAVES_KEYS`.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        is_offered = event is not None and event.type() == QEvent.Type.ShortcutOverride
        if is_offered and isinstance(event, QKeyEvent) and _needs(watched, event):
            event.accept()
            return True
        return super().eventFilter(watched, event)


def _needs(watched: QObject | None, event: QKeyEvent) -> bool:
    if isinstance(watched, _TEXT_FIELDS) and _writes_sign(event):
        return True
    if event.modifiers() & _KEEPS:
        return False
    if isinstance(watched, _TEXT_FIELDS):
        return event.key() in _CONTROL_KEYS
    if isinstance(watched, _CONTROLS):
        return event.key() in _CONTROL_KEYS
    is_rows = isinstance(watched, QAbstractItemView) and not watched.property(LEAVES_KEYS)
    return is_rows and event.key() in _ROW_KEYS


def _writes_sign(event: QKeyEvent) -> bool:
    text = event.text()
    if not (text and text.isprintable()):
        return False
    # Alt and AltGr write other signs than the key says, on some keyboards.
    return not event.modifiers() & _KEEPS or text.upper() != chr(event.key() % 0x110000)
