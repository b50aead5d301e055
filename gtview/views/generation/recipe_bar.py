"""The upper edge of the panel: presets, open and save, scripts, a new seed, and notes."""

from __future__ import annotations

from functools import partial
from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from ...generation.presets import preset_names, read_preset
from ...generation.recipe import GenerationRecipe
from ...generation.scripts import gtview_script
from ...qt.dialogs import copy_text

GTVIEW, SPIKEINTERFACE = "gtview", "spikeinterface"


class RecipeBar(QWidget):
    """Buttons for the recipe as a whole.

    Signals
    -------
    preset_chosen(str)
        By its name.
    open_asked(), save_asked(), seed_asked()
        A button was pressed.
    copy_asked(str)
        "gtview" or "spikeinterface".
    """

    preset_chosen = pyqtSignal(str)
    open_asked = pyqtSignal()
    save_asked = pyqtSignal()
    seed_asked = pyqtSignal()
    copy_asked = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        self.presets = _menu_button("Presets", "Begin with a recipe that comes with gtview")
        for name in preset_names():
            self._add_preset(name)
        self.copy = _menu_button("Copy as Python", "Copy a script that makes this recording")
        for kind, text in ((GTVIEW, "For gtview"), (SPIKEINTERFACE, "For SpikeInterface alone")):
            action: Any = _menu_of(self.copy).addAction(text)
            action.triggered.connect(lambda _checked=False, kind=kind: self.copy_asked.emit(kind))
        self.open = _button("Open\N{HORIZONTAL ELLIPSIS}", "Open a recipe: a file of JSON")
        self.save = _button("Save\N{HORIZONTAL ELLIPSIS}", "Save this recipe as a file of JSON")
        self.seed = _button("New seed", "The same recipe with other random numbers")
        self.open.clicked.connect(self.open_asked)
        self.save.clicked.connect(self.save_asked)
        self.seed.clicked.connect(self.seed_asked)
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.hide()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for button in (self.presets, self.open, self.save, self.copy, self.seed):
            row.addWidget(button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.message)
        self._notes: tuple[str, ...] = ()

    def show_name(self, name: str) -> None:
        """Mark the preset of that name."""
        for action in _menu_of(self.presets).actions():
            action.setChecked(action.text().replace("&&", "&") == name)

    def show_notes(self, notes: tuple[str, ...]) -> None:
        """Tell what whoever asks should know; nothing is wrong."""
        if notes != self._notes:
            self._notes = notes
            self.tell(" ".join(notes), is_note=True)

    def tell(self, sentence: str, is_problem: bool = False, *, is_note: bool = False) -> None:
        """Show a sentence until the next one."""
        self.message.setText(sentence)
        self.message.setProperty("problem", is_problem)
        self.message.setProperty("note", is_note)
        self.message.setProperty("quiet", not is_problem and not is_note)
        self.message.style().unpolish(self.message)
        self.message.style().polish(self.message)
        self.message.setVisible(bool(sentence))

    def copy_script(self, kind: str, recipe: GenerationRecipe) -> None:
        """Put a script on the clipboard, and say what it leaves out.

        Raises
        ------
        RecipeError
            The probe of the recipe does not exist.
        """
        if kind == GTVIEW:
            copy_text(gtview_script(recipe))
            self.tell("Copied: a script that makes exactly this recording.")
            return
        from ...generation.scripts_spikeinterface import spikeinterface_script

        text, left_out = spikeinterface_script(recipe)
        copy_text(text)
        without = f" It cannot do: {'; '.join(left_out)}." if left_out else ""
        self.tell(f"Copied: a script for SpikeInterface, with random numbers of its own.{without}")

    def _add_preset(self, name: str) -> None:
        action: Any = _menu_of(self.presets).addAction(name.replace("&", "&&"))
        action.setCheckable(True)
        action.setToolTip(read_preset(name).description)
        action.triggered.connect(partial(self._choose, name))

    def _choose(self, name: str, _checked: bool = False) -> None:
        self.preset_chosen.emit(name)


def _button(text: str, help_text: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(help_text)
    button.setObjectName("textButton")
    return button


def _menu_button(text: str, help_text: str) -> QToolButton:
    button = _button(text, help_text)
    menu = QMenu(button)
    menu.setToolTipsVisible(True)
    button.setMenu(menu)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    return button


def _menu_of(button: QToolButton) -> QMenu:
    menu = button.menu()
    assert menu is not None
    return menu
