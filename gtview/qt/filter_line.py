"""One line in which a filter is typed; tells at once when it is not understood; keeps some."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from PyQt6.QtCore import QEvent, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QLineEdit, QMenu, QWidget

from .dialogs import Dialogs
from .icons import tinted_icon

_DOWN = (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class SavedFilters:
    """Where named filters are kept: both functions hand over texts by name."""

    read: Callable[[], Mapping[str, str]]
    write: Callable[[dict[str, str]], None]


class FilterLine(QLineEdit):
    """Esc empties it, and leaves it when it is empty; Enter and Down leave it for the rows.

    With `saved` it has a menu, at its right end or on Alt+Down: filters with a name.
    """

    left = pyqtSignal()

    def __init__(
        self,
        placeholder: str,
        help_text: str,
        parent: QWidget | None = None,
        saved: SavedFilters | None = None,
    ) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName("filter")
        self.problem = ""
        self.dialogs = Dialogs(self)
        self.menu = QMenu(self)
        self._saved = saved
        self._button: Any = None
        self._help = help_text
        self.setToolTip(help_text)
        if saved is not None:
            self._button = self.addAction(
                tinted_icon("filters", "#808080"), QLineEdit.ActionPosition.TrailingPosition
            )
            self._button.setToolTip("Saved filters (Alt+Down)")
            self._button.triggered.connect(self.show_menu)

    def set_icon_color(self, color: str) -> None:
        """Draw the button of the menu in a colour."""
        if self._button is not None:
            self._button.setIcon(tinted_icon("filters", color))

    def set_problem(self, problem: str) -> None:
        """Turn red and say why; an empty text turns it back."""
        if problem == self.problem:
            return
        self.problem = problem
        self.setProperty("invalid", bool(problem))
        self.setToolTip(problem or self._help)
        self.style().unpolish(self)
        self.style().polish(self)

    # Saved filters -----------------------------------------------------------------------------

    def show_menu(self) -> None:
        """Offer the saved filters, and to save or forget the one that stands here."""
        if self._saved is not None:
            self.fill_menu()
            self.menu.popup(self.mapToGlobal(QPoint(0, self.height())))

    def fill_menu(self) -> None:
        """Make the entries of the menu anew."""
        self.menu.clear()
        known = self._known()
        now = self.text().strip()
        for name, text in known.items():
            action: Any = self.menu.addAction(name.replace("&", "&&"))
            action.setToolTip(text)
            action.setCheckable(True)
            action.setChecked(text == now)
            action.triggered.connect(partial(self._use, text))
        if known:
            self.menu.addSeparator()
        save: Any = self.menu.addAction("Save this filter…")
        save.setEnabled(bool(now) and not self.problem)
        save.triggered.connect(lambda _checked=False: self.save())
        same = [name for name, text in known.items() if text == now]
        for name in same:
            forget: Any = self.menu.addAction(f"Forget “{name}”".replace("&", "&&"))
            forget.triggered.connect(partial(self._forget, name))
        self.menu.setToolTipsVisible(True)

    def save(self) -> None:
        """Ask for a name, and keep the filter under it; one of the same name is replaced."""
        text = self.text().strip()
        if self._saved is None or not text or self.problem:
            return
        name = self.dialogs.ask_text("Save the filter", "Name of the filter:", text)
        if name:
            self._saved.write(self._known() | {name[:_LONGEST_NAME]: text})

    def _use(self, text: str, _checked: bool = False) -> None:
        self.setText(text)

    def _forget(self, name: str, _checked: bool = False) -> None:
        if self._saved is not None:
            self._saved.write({n: text for n, text in self._known().items() if n != name})

    def _known(self) -> dict[str, str]:
        return {} if self._saved is None else dict(sorted(self._saved.read().items()))

    # Keys --------------------------------------------------------------------------------------

    def event(self, event: QEvent | None) -> bool:
        # A key of the window must not take the way to the rows.
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() in (*_DOWN, Qt.Key.Key_Escape)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_down = event.key() == Qt.Key.Key_Down
        if is_down and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.show_menu()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() == Qt.Key.Key_Escape or event.key() in _DOWN:
            self.left.emit()
        else:
            super().keyPressEvent(event)
