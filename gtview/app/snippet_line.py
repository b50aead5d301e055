"""The line in which commands are typed: tells while typing what is wrong, remembers the last."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QLineEdit, QWidget

MOST_REMEMBERED = 50


@dataclass(frozen=True, slots=True)
class Word:
    """What is said of a line: help, that something is missing, or what is wrong."""

    text: str
    level: Literal["help", "unfinished", "error"] = "help"


class SnippetLine(QFrame):
    """Opened with the colon: Enter does it, Esc closes it, up and down go through earlier lines.

    Signals
    -------
    entered(str)
        Enter was pressed; whoever does it calls `leave` or `tell`.
    """

    entered = pyqtSignal(str)

    def __init__(self, explain: Callable[[str], Word], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("snippetLine")
        self._explain = explain
        self.past: list[str] = []
        self._at = 0
        self._typed = ""
        self._before: QWidget | None = None
        self.edit = _Edit()
        self.edit.setAccessibleName("command")
        self.edit.setPlaceholderText("c 3 5-9")
        self.edit.setMaxLength(2000)
        self.word = QLabel()
        self.word.setTextFormat(Qt.TextFormat.PlainText)
        self.word.setObjectName("snippetWord")
        colon = QLabel(":")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 3, 8, 3)
        layout.setSpacing(4)
        layout.addWidget(colon)
        layout.addWidget(self.edit, 2)
        layout.addSpacing(12)
        layout.addWidget(self.word, 3)
        self.edit.textChanged.connect(self._on_text)
        self.edit.returnPressed.connect(self._on_enter)
        self.edit.stepped.connect(self._step)
        self.edit.left.connect(self.leave)
        self.hide()

    def open(self) -> None:
        """Show it, empty, and take the keys."""
        if not self.isVisible():
            self._before = QApplication.focusWidget()
        self._at, self._typed = len(self.past), ""
        self.edit.clear()
        self._on_text("")
        self.show()
        self.edit.setFocus()

    def leave(self) -> None:
        """Close it; the keys go back to where they went before."""
        self.hide()
        if self._before is not None:
            # It may be gone: a view that was closed meanwhile.
            with suppress(RuntimeError):
                self._before.setFocus()
            self._before = None

    def tell(self, word: Word) -> None:
        """Say something about what stands in the line."""
        self.word.setText(word.text)
        is_error = word.level == "error"
        for widget, name in ((self.edit, "invalid"), (self.word, "error")):
            if bool(widget.property(name)) != is_error:
                widget.setProperty(name, is_error)
                style = widget.style()
                if style is not None:
                    style.polish(widget)

    def remember(self, line: str) -> None:
        """Keep a line for the up key."""
        self.past = [*(p for p in self.past if p != line), line][-MOST_REMEMBERED:]

    def _on_text(self, text: str) -> None:
        self.tell(self._explain(text))

    def _on_enter(self) -> None:
        self.entered.emit(self.edit.text())

    def _step(self, step: int) -> None:
        if self._at == len(self.past):
            self._typed = self.edit.text()
        self._at = min(max(self._at + step, 0), len(self.past))
        self.edit.setText(self._typed if self._at == len(self.past) else self.past[self._at])


class _Edit(QLineEdit):
    """Tells the keys that are no text."""

    stepped = pyqtSignal(int)
    left = pyqtSignal()

    def event(self, event: QEvent | None) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Escape)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.stepped.emit(-1 if event.key() == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)
