"""Declared actions -> menus, shortcuts and lists of shortcuts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QMainWindow, QMenu

_ALT_LETTER = re.compile(r"Alt\+[A-Z]")


@dataclass(frozen=True, slots=True)
class MenuAction:
    """Something that the window does.

    `menu` is the title of its menu ("File"), or a path ("View/Theme"); `slot` names a method of
    the window or of one of its parts ("files.ask_gain"); `enabled` names a property that says
    whether it makes sense now, "" = always; `checked` one that says whether it is on; `group`
    separates neighbours in a menu; `args` are handed to the slot.
    """

    id: str
    text: str
    menu: str
    slot: str
    keys: tuple[str, ...] = ()
    help: str = ""
    enabled: str = ""
    group: int = 0
    checked: str = ""
    args: tuple[str, ...] = ()


class Menus:
    """The menus of a window, made from its declared actions."""

    def __init__(self, window: QMainWindow, actions: Iterable[MenuAction]) -> None:
        self._window = window
        self._menus: dict[str, QMenu] = {}
        self._declared: dict[str, MenuAction] = {}
        self._groups: dict[str, int] = {}
        self.actions: dict[str, QAction] = {}
        declared = tuple(actions)
        # Letters that open no menu with Alt: they do something else.
        self._letters = {k[4] for a in declared for k in a.keys if _ALT_LETTER.fullmatch(k)}
        for action in declared:
            self._add(action)

    def menu(self, path: str) -> QMenu:
        """Return the menu of a path, made on first use."""
        if path not in self._menus:
            parent, _, title = path.rpartition("/")
            bar: Any = self.menu(parent) if parent else self._window.menuBar()
            made: Any = bar.addMenu(title.replace("&", "&&") if parent else self._titled(title))
            made.setToolTipsVisible(True)
            self._menus[path] = made
        return self._menus[path]

    def _titled(self, title: str) -> str:
        """Return a title with the letter marked that opens the menu: the first that is free."""
        for place, letter in enumerate(title.upper()):
            if letter.isalpha() and letter not in self._letters:
                self._letters.add(letter)
                return f"{title[:place]}&{title[place:]}"
        return title

    def set_keys(self, action_id: str, keys: Iterable[str]) -> None:
        """Let other keys do what an action does."""
        self.actions[action_id].setShortcuts([QKeySequence(text) for text in keys])

    def update(self) -> None:
        """Enable and check every action as the window says now."""
        for name, declared in self._declared.items():
            if declared.enabled:
                self.actions[name].setEnabled(bool(attrgetter(declared.enabled)(self._window)))
            if declared.checked:
                self.actions[name].setChecked(bool(attrgetter(declared.checked)(self._window)))

    def _add(self, declared: MenuAction) -> None:
        menu = self.menu(declared.menu)
        if self._groups.get(declared.menu, declared.group) != declared.group:
            menu.addSeparator()
        self._groups[declared.menu] = declared.group
        action = QAction(declared.text, self._window)
        action.setObjectName(declared.id)
        action.setShortcuts([QKeySequence(keys) for keys in declared.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setToolTip(declared.help)
        action.setStatusTip(declared.help)
        action.setCheckable(bool(declared.checked))
        slot: Callable[..., None] = attrgetter(declared.slot)(self._window)
        action.triggered.connect(lambda _checked=False: slot(*declared.args))
        menu.addAction(action)
        self._declared[declared.id] = declared
        self.actions[declared.id] = action
