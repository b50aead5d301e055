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
        keys = _spelling(event)
        for widget in (QApplication.widgetAt(QCursor.pos()), focus):
            table = self._keys_of(widget) if widget is not None else None
            if table is not None and keys in table:
                return table[keys]
        return None


def _spelling(event: QKeyEvent) -> str:
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    combined: Any = modifiers.value
    return QKeySequence(combined | event.key()).toString(QKeySequence.SequenceFormat.PortableText)
