"""Keys of a view act in the view under the pointer, or in the one with the focus."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from PyQt6 import sip
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


class _KeyFilter(QObject):
    """Sees every event of the program before whoever it is for."""

    # In the order in which they were made; a window must not live on because of them.
    _all: ClassVar[list[weakref.ref[_KeyFilter]]] = []
    _n_building: ClassVar[int] = 0

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._all.append(weakref.ref(self))
        if not self._n_building:
            self._install()

    def _install(self) -> None:
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    @classmethod
    def set_building(cls, step: int) -> None:
        """Begin (1) or end (-1) to make widgets."""
        cls._n_building += step
        cls._all[:] = [ref for ref in cls._all if _is_alive(ref())]
        app = QApplication.instance()
        for one in [ref() for ref in cls._all]:
            if one is None or app is None:
                continue
            if cls._n_building:
                app.removeEventFilter(one)
            else:
                # The last one is asked first, so the order matters.
                one._install()


def _is_alive(one: QObject | None) -> bool:
    return one is not None and not sip.isdeleted(one)


@contextmanager
def building() -> Iterator[None]:
    """Make widgets without looking for keys in the thousands of events that this takes.

    Nothing that the user does is lost: the block must not run the event loop.
    """
    _KeyFilter.set_building(1)
    try:
        yield
    finally:
        _KeyFilter.set_building(-1)


class KeyRouter(_KeyFilter):
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
        return False

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


class FieldKeys(_KeyFilter):
    """Keeps keys without Ctrl and Alt for the field or control that has the focus.

    Qt offers a key to the focused widget first, but not every one says that it wants it: a
    selection box lets letters go, and a line of text the arrows up and down. Rows keep the
    arrows, unless they have the property `LEAVES_KEYS`.
    """

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        # Every event of the program comes by here: to ask for its type costs more than the rest.
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
            return False
        if not _needs(watched, event):
            return False
        event.accept()
        return True


def _needs(watched: QObject | None, event: QKeyEvent) -> bool:
    if isinstance(watched, _TEXT_FIELDS) and _writes_sign(event):
        return True
    if event.modifiers() & _KEEPS:
        return False
    if isinstance(watched, _TEXT_FIELDS + _CONTROLS):
        return event.key() in _CONTROL_KEYS
    is_rows = isinstance(watched, QAbstractItemView) and not watched.property(LEAVES_KEYS)
    return is_rows and event.key() in _ROW_KEYS


def _writes_sign(event: QKeyEvent) -> bool:
    text = event.text()
    if not (text and text.isprintable()):
        return False
    # Alt and AltGr write other signs than the key says, on some keyboards.
    return not event.modifiers() & _KEEPS or text.upper() != chr(event.key() % 0x110000)
