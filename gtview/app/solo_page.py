"""One view alone, as large as the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from ..qt.dock_titles import ElidedLabel

if TYPE_CHECKING:
    from ..views.base import View


class SoloPage(QWidget):
    """A title, the view, and the way back: Esc, or a double click on the title."""

    left = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.view: View | None = None
        self._head = _Head()
        self._head.double_clicked.connect(self.left)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addWidget(self._head)

    def take(self, view: View, title: str, buttons: list[QAction]) -> None:
        """Show a view."""
        self.view = view
        self._head.dress(title, view.status, buttons)
        view.status_changed.connect(self._head.status.set_full_text)
        self._layout.addWidget(view, 1)
        view.show()
        view.setFocus()

    def give_back(self) -> None:
        """Let the view go."""
        if self.view is not None:
            self.view.status_changed.disconnect(self._head.status.set_full_text)
            self._layout.removeWidget(self.view)
            self.view = None


class _Head(QWidget):
    double_clicked = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("soloHead")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._title = QLabel()
        self._title.setObjectName("soloTitle")
        self.status = ElidedLabel()
        self.status.setObjectName("dockStatus")
        self._buttons: list[QToolButton] = []
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(10, 2, 6, 2)
        self._layout.addWidget(self._title)
        self._layout.addWidget(self.status, 1)

    def dress(self, title: str, status: str, buttons: list[QAction]) -> None:
        """Say what is shown."""
        self._title.setText(title)
        self.status.set_full_text(status)
        for button in self._buttons:
            button.deleteLater()
        self._buttons = [self._make(action) for action in buttons]

    def _make(self, action: QAction) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setAutoRaise(True)
        button.setIconSize(QSize(14, 14))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._layout.addWidget(button)
        return button

    def mouseDoubleClickEvent(self, event: Any) -> None:
        self.double_clicked.emit()
