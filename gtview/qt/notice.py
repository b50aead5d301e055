"""A line of news at the top of the window; it never takes the focus."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

LEVELS = ("info", "warning", "error")


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence, how bad it is (see `LEVELS`), and texts of buttons with what they do."""

    sentence: str
    level: str = "info"
    buttons: Mapping[str, Callable[[], object]] = field(default_factory=dict)


class NoticeBar(QFrame):
    """One sentence with a few buttons; a newer notice replaces an older one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(12, 4, 6, 4)
        self._layout.addWidget(self._text)
        self._buttons: list[QToolButton] = []
        self.hide()

    @property
    def sentence(self) -> str:
        """What it says now; "" when it is hidden."""
        return "" if self.isHidden() else self._text.text()

    @property
    def button_texts(self) -> list[str]:
        """What its buttons say."""
        return [button.text() for button in self._buttons]

    def tell(self, sentence: str, level: str = "info", **buttons: Callable[[], object]) -> None:
        """Show a sentence; `buttons` are texts (with _ for a space) and what they do."""
        self._text.setText(sentence)
        self.setProperty("level", level)
        style = self.style()
        if style is not None:
            style.polish(self)
        for button in self._buttons:
            self._layout.removeWidget(button)
            button.deleteLater()
        self._buttons = []
        for text, function in buttons.items():
            self._add_button(text.replace("_", " "), function)
        self._add_button("Dismiss", self.hide)
        self.show()

    def tell_all(self, notices: Sequence[Notice]) -> None:
        """Show several notices as one, as bad as the worst of them; nothing for none."""
        if not notices:
            self.hide()
            return
        level = max((notice.level for notice in notices), key=LEVELS.index)
        buttons = {text: do for notice in notices for text, do in notice.buttons.items()}
        self.tell("\n".join(notice.sentence for notice in notices), level, **buttons)

    def press(self, text: str) -> None:
        """Press one of its buttons."""
        for button in self._buttons:
            if button.text() == text:
                button.click()
                return
        raise KeyError(text)

    def _add_button(self, text: str, function: Callable[[], object]) -> None:
        button = QToolButton(self)
        button.setText(text)
        button.clicked.connect(lambda: function())
        self._layout.addWidget(button)
        self._buttons.append(button)
