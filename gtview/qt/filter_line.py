"""One line in which a filter is typed; tells at once when it is not understood."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QLineEdit, QWidget

_DOWN = (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class FilterLine(QLineEdit):
    """Esc empties it, and leaves it when it is empty; Enter and Down leave it for the rows."""

    left = pyqtSignal()

    def __init__(self, placeholder: str, help_text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName("filter")
        self.problem = ""
        self._help = help_text
        self.setToolTip(help_text)

    def set_problem(self, problem: str) -> None:
        """Turn red and say why; an empty text turns it back."""
        if problem == self.problem:
            return
        self.problem = problem
        self.setProperty("invalid", bool(problem))
        self.setToolTip(problem or self._help)
        self.style().unpolish(self)
        self.style().polish(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() == Qt.Key.Key_Escape or event.key() in _DOWN:
            self.left.emit()
        else:
            super().keyPressEvent(event)
