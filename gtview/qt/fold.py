"""A heading that folds what is below it."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget


class Fold(QWidget):
    """A title with an arrow, a quiet note at its right, and a content.

    Signals
    -------
    toggled(bool)
        The user opened or closed it.
    """

    toggled = pyqtSignal(bool)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.content: QWidget | None = None
        self._button = QToolButton()
        self._button.setObjectName("foldTitle")
        self._button.setText(title)
        self._button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._button.setArrowType(Qt.ArrowType.DownArrow)
        self._button.setCheckable(True)
        self._button.setChecked(True)
        self._button.setAutoRaise(True)
        self._button.toggled.connect(self._show)
        self._button.clicked.connect(lambda: self.toggled.emit(self.is_open))
        self._note = QLabel()
        self._note.setProperty("quiet", True)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 8, 0)
        head.addWidget(self._button)
        head.addStretch(1)
        head.addWidget(self._note)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 4, 0, 4)
        self._layout.setSpacing(2)
        self._layout.addLayout(head)

    def set_content(self, content: QWidget) -> None:
        """Say what it folds; once."""
        self.content = content
        self._layout.addWidget(content)
        content.setVisible(self.is_open)

    @property
    def title(self) -> str:
        """What its heading says."""
        return self._button.text()

    @property
    def note(self) -> str:
        """What stands at the right of its heading."""
        return self._note.text()

    @property
    def is_open(self) -> bool:
        """Whether the content is shown."""
        return self._button.isChecked()

    def set_open(self, *, is_open: bool) -> None:
        """Show or fold the content."""
        self._button.setChecked(is_open)

    def set_note(self, text: str, *, is_problem: bool = False) -> None:
        """Say something at the right of the heading."""
        if text == self._note.text() and is_problem == bool(self._note.property("problem")):
            return
        self._note.setText(text)
        self._note.setProperty("problem", is_problem)
        self._note.style().unpolish(self._note)
        self._note.style().polish(self._note)

    def _show(self, is_open: bool) -> None:
        arrow = Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow
        self._button.setArrowType(arrow)
        if self.content is not None:
            self.content.setVisible(is_open)
