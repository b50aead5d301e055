"""What tells that a picture is still being computed, or why there is none."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QLabel, QWidget

_LINE_PX = 2


class ProgressLine(QFrame):
    """A thin line; hidden it takes its room too, so that nothing moves when it appears."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("viewProgress")
        self.setFixedHeight(_LINE_PX)
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.hide()


class MessageLabel(QLabel):
    """A sentence in the middle of the place of a picture."""

    def __init__(self, text: str = "", *, is_error: bool = False) -> None:
        super().__init__()
        self.setObjectName("viewMessage")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self.tell(text, is_error=is_error)

    def tell(self, text: str, *, is_error: bool = False) -> None:
        """Show another sentence."""
        self.setText(text)
        self.setProperty("error", is_error)
        style = self.style()
        if style is not None:
            style.polish(self)
