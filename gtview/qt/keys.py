"""Keys of a view act in the view under the pointer, or in the one with the focus."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QCursor, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

KeyTable = Mapping[str, Callable[[], None]]

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_TEXT_FIELDS = (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox, QComboBox)


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
                if keys in table:
                    return table[keys]
        return None


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
