"""The title bar of a dock: a quiet status, and buttons while the pointer is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from PyQt6.QtCore import QEvent, QObject, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget


@dataclass(slots=True)
class DockEntry:
    """A dock and what its title bar says."""

    id: str
    dock: Any
    widget: QWidget
    clicks: QObject
    buttons: list[QAction] = field(default_factory=list)
    status: str = ""


class TitleTools(QWidget):
    """The right side of a title bar: a quiet status, and buttons while the pointer is there.

    The buttons lie over the status: nothing moves when they come and go.
    """

    double_clicked = pyqtSignal(str)

    def __init__(self, bar: QWidget) -> None:
        super().__init__(bar)
        self._bar = bar
        self._entry: DockEntry | None = None
        self._status = ElidedLabel()
        self._status.setObjectName("dockStatus")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 2, 0)
        layout.addWidget(self._status, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._box = QWidget(bar)
        self._box.setObjectName("titleButtons")
        self._box.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._row = QHBoxLayout(self._box)
        self._row.setContentsMargins(4, 0, 2, 0)
        self._row.setSpacing(0)
        self._box.hide()
        self.buttons: list[QToolButton] = []
        bar.installEventFilter(self)

    def show_entry(self, entry: DockEntry) -> None:
        """Take over the status and the buttons of the dock that is seen."""
        self._status.set_full_text(entry.status)
        if entry is self._entry:
            return
        self._entry = entry
        for button in self.buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self.buttons = []
        self._show_buttons(self._bar.underMouse())

    def set_status(self, text: str) -> None:
        """Show another status."""
        self._status.set_full_text(text)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        kind = event.type() if event is not None else None
        if kind in (QEvent.Type.Enter, QEvent.Type.Leave):
            self._show_buttons(kind == QEvent.Type.Enter)
        elif kind == QEvent.Type.Resize:
            self._place_box()
        elif kind == QEvent.Type.MouseButtonDblClick and self._entry is not None:
            self.double_clicked.emit(self._entry.id)
            return True
        return super().eventFilter(watched, event)

    def _show_buttons(self, is_shown: bool) -> None:
        # Made when they are first wanted: most titles are never pointed at.
        if is_shown and not self.buttons and self._entry is not None:
            self.buttons = [self._make_button(action) for action in self._entry.buttons]
        self._box.setVisible(is_shown and bool(self.buttons))
        self._place_box()

    def _place_box(self) -> None:
        if not self._box.isHidden():
            width = self._box.sizeHint().width()
            self._box.setGeometry(self._bar.width() - width, 0, width, self._bar.height() - 1)
            self._box.raise_()

    def _make_button(self, action: QAction) -> QToolButton:
        button = QToolButton(self._box)
        button.setDefaultAction(action)
        button.setAutoRaise(True)
        button.setIconSize(QSize(14, 14))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._row.addWidget(button)
        return button


class ElidedLabel(QLabel):
    """A right-aligned line that gives way: cut with an ellipsis, whole in its tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self._full = ""
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setMinimumWidth(0)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_full_text(self, text: str) -> None:
        self._full = text
        self.setToolTip(text)
        self._elide()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = self.width() - 14
        mode = Qt.TextElideMode.ElideRight
        self.setText(self.fontMetrics().elidedText(self._full, mode, max(room, 0)))


class DoubleClicks(QObject):
    """Tells double clicks on a widget, instead of what the widget does with them."""

    double_clicked = pyqtSignal()

    def __init__(self, watched: Any) -> None:
        super().__init__()
        watched.installEventFilter(self)

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.MouseButtonDblClick:
            self.double_clicked.emit()
            return True
        return False
