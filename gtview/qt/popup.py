"""A small panel over a window, beside what it is about; nothing waits for it."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QPoint, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

MARGIN_PX = 6


class Popup(QFrame):
    """A title, a content, and a way to close it: its button, or Esc. It is moved by its title.

    It is a part of the window, so that it looks and works alike on every desktop, and over a
    slow line.
    """

    closed = pyqtSignal()

    def __init__(self, title: str, content: QWidget, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("popup")
        self.content = content
        self._grip: QPoint | None = None
        self._title = QLabel(title)
        self._title.setObjectName("popupTitle")
        close = QToolButton()
        close.setText("\N{MULTIPLICATION SIGN}")
        close.setToolTip("Close (Esc)")
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.clicked.connect(self.close)
        head = QHBoxLayout()
        head.setContentsMargins(12, 4, 4, 4)
        head.addWidget(self._title, 1)
        head.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(content, 1)
        self.hide()

    @property
    def title(self) -> str:
        """What stands at its top."""
        return self._title.text()

    def open_beside(self, anchor: QWidget) -> None:
        """Show it at the side of a widget where there is room, else over its right part."""
        window = self.parentWidget()
        if window is None:
            return
        room = window.rect().adjusted(MARGIN_PX, MARGIN_PX, -MARGIN_PX, -MARGIN_PX)
        size = self.sizeHint().boundedTo(room.size())
        corner = anchor.mapTo(window, QPoint(0, 0)) if anchor is not window else QPoint(0, 0)
        self.setGeometry(place_beside(QRect(corner, anchor.size()), size, room))
        self.show()
        self.raise_()
        self.content.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: Any) -> None:
        super().closeEvent(event)
        self.closed.emit()

    def mousePressEvent(self, event: Any) -> None:
        # Nothing of the window below gets it.
        self._grip = event.position().toPoint()

    def mouseMoveEvent(self, event: Any) -> None:
        window = self.parentWidget()
        if self._grip is not None and window is not None:
            room = window.rect()
            place = self.mapToParent(event.position().toPoint() - self._grip)
            x = min(max(place.x(), 0), max(room.width() - self.width(), 0))
            y = min(max(place.y(), 0), max(room.height() - self.height(), 0))
            self.move(x, y)

    def mouseReleaseEvent(self, event: Any) -> None:
        self._grip = None


def place_beside(anchor: QRect, size: QSize, room: QRect) -> QRect:
    """Return where something is placed: right or left of an anchor, within the room.

    Where it fits at neither side, it lies over the right part of the anchor.
    """
    right = anchor.right() + 1 + MARGIN_PX
    left = anchor.left() - MARGIN_PX - size.width()
    if right + size.width() - 1 <= room.right():
        x = right
    elif left >= room.left():
        x = left
    else:
        x = anchor.right() - size.width() - MARGIN_PX
    x = min(max(x, room.left()), max(room.right() - size.width() + 1, room.left()))
    y = min(max(anchor.top(), room.top()), max(room.bottom() - size.height() + 1, room.top()))
    return QRect(QPoint(x, y), size)
