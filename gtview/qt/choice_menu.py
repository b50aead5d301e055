"""A menu in which one of several things is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QPoint
from PyQt6.QtWidgets import QMenu


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry: what it is called, whether it is what is chosen now, and what choosing does."""

    text: str
    is_chosen: bool
    choose: Callable[[], None]


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    """Choices that belong together, and what is asked beside them."""

    title: str
    choices: Sequence[Choice]
    extra: Sequence[Choice] = ()


def show_choices(menu: QMenu, at: QPoint, groups: Sequence[ChoiceGroup]) -> None:
    """Fill a menu anew and show it; several groups are menus of their own in it."""
    menu.clear()
    for below in menu.findChildren(QMenu):
        below.deleteLater()
    if len(groups) == 1:
        _fill(menu, groups[0])
    else:
        for group in groups:
            below = QMenu(group.title, menu)
            _fill(below, group)
            menu.addMenu(below)
    menu.popup(at)


def _fill(menu: QMenu, group: ChoiceGroup) -> None:
    for choice in group.choices:
        _add(menu, choice)
    if group.choices and group.extra:
        menu.addSeparator()
    for choice in group.extra:
        _add(menu, choice)


def _add(menu: QMenu, choice: Choice) -> None:
    action = menu.addAction(choice.text.replace("&", "&&"))
    if action is not None:
        action.setCheckable(True)
        action.setChecked(choice.is_chosen)
        choose = choice.choose
        action.triggered.connect(lambda _checked=False: choose())
