"""Questions to the user, as one object that tests replace."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)


class Dialogs:
    """Asks with the system's dialogs; every answer may be None: the user thought better of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._parent = parent

    def ask_folder(self, title: str, start: str = "") -> Path | None:
        """Ask for a folder."""
        chosen = QFileDialog.getExistingDirectory(self._parent, title, start)
        return Path(chosen) if chosen else None

    def ask_file(self, title: str, start: str = "", pattern: str = "") -> Path | None:
        """Ask for a file that exists; `pattern` such as "Recording (*.bin *.dat)"."""
        chosen, _ = QFileDialog.getOpenFileName(self._parent, title, start, pattern)
        return Path(chosen) if chosen else None

    def ask_new_file(self, title: str, start: str = "", pattern: str = "") -> Path | None:
        """Ask where to write a file; the system asks before one is replaced."""
        chosen, kind = QFileDialog.getSaveFileName(self._parent, title, start, pattern)
        if not chosen:
            return None
        ending = kind.partition("*")[2].rstrip(")")
        return Path(chosen if Path(chosen).suffix or not ending else chosen + ending)

    def ask_text(self, title: str, question: str, text: str = "") -> str | None:
        """Ask for a line of text."""
        line = QLineEdit.EchoMode.Normal
        given, is_given = QInputDialog.getText(self._parent, title, question, line, text)
        return given.strip() if is_given and given.strip() else None

    def ask_number(self, title: str, question: str, value: float, largest: float) -> float | None:
        """Ask for a number above 0."""
        number, is_given = QInputDialog.getDouble(
            self._parent, title, question, value, 1e-9, largest, 6
        )
        return number if is_given else None

    def ask_choice(self, title: str, question: str, choices: list[str]) -> str | None:
        """Ask for one of some texts."""
        chosen, is_given = QInputDialog.getItem(self._parent, title, question, choices, 0, False)
        return chosen if is_given else None

    def confirm(self, title: str, question: str) -> bool:
        """Ask yes or no."""
        answer = QMessageBox.question(self._parent, title, question)
        return answer == QMessageBox.StandardButton.Yes

    def ask_button(self, title: str, question: str, buttons: Sequence[str]) -> str | None:
        """Ask for one of a few answers, each a button; the last one means: do nothing."""
        box = QMessageBox(self._parent)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(title)
        box.setText(question)
        role = QMessageBox.ButtonRole
        made = [box.addButton(text, role.ActionRole) for text in buttons[:-1]]
        made.append(box.addButton(buttons[-1], role.RejectRole))
        box.setDefaultButton(made[0])
        box.setEscapeButton(made[-1])
        box.exec()
        chosen = next((k for k, b in enumerate(made) if b is box.clickedButton()), -1)
        return buttons[chosen] if 0 <= chosen < len(buttons) - 1 else None

    def show_text(self, title: str, sentence: str, text: str) -> None:
        """Show a longer text, with a button that copies it."""
        dialog = TextDialog(title, sentence, text, self._parent)
        dialog.setModal(False)
        dialog.show()


class TextDialog(QDialog):
    """A sentence, a longer text below it, and "copy"."""

    def __init__(self, title: str, sentence: str, text: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.resize(760, 420)
        layout = QVBoxLayout(self)
        label = QLabel(sentence)
        label.setWordWrap(True)
        layout.addWidget(label)
        self.box = QPlainTextEdit(text)
        self.box.setReadOnly(True)
        layout.addWidget(self.box)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton("Copy details", QDialogButtonBox.ButtonRole.ActionRole)
        if copy is not None:
            copy.clicked.connect(lambda: copy_text(self.box.toPlainText()))
        buttons.rejected.connect(self.close)
        layout.addWidget(buttons)


def copy_text(text: str) -> None:
    """Put a text on the clipboard."""
    clipboard = QApplication.clipboard()
    if clipboard is not None:
        clipboard.setText(text)
