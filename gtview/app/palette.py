"""What the palette of commands finds: actions, views, settings, layouts, clusters, units."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from ..qt.palette import Command, CommandPalette
from ..views import load_view
from ..views.base import ViewAction
from .actions import ACTIONS
from .instances import kind_of
from .view_chrome import COMMON_ACTIONS, settings_of

if TYPE_CHECKING:
    from .main_window import MainWindow

_NUMBERS = re.compile(r"^\s*(?:c|cl|cluster|clusters)?\s*((?:\d+[\s,+]*)+)$", re.IGNORECASE)
_UNIT = re.compile(r"^\s*(?:u|unit)\s+(\S+)\s*$", re.IGNORECASE)
PALETTE_ID = "help.palette"


class WindowPalette:
    """Opens the palette over the window."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.shown: CommandPalette | None = None

    def toggle(self) -> None:
        """Open the palette, or close it."""
        if self.shown is not None:
            self.shown.close()
            return
        palette = CommandPalette(list_commands(self._window), self.numbers, self._window)
        palette.closed.connect(self._on_closed)
        self.shown = palette
        palette.open_in(self._window)

    def numbers(self, typed: str) -> list[Command]:
        """Return what a number means: clusters or a unit."""
        return list(numbered_commands(self._window, typed))

    def _on_closed(self) -> None:
        if self.shown is not None:
            self.shown.deleteLater()
            self.shown = None


def list_commands(window: MainWindow) -> list[Command]:
    """Return everything that can be done now."""
    commands = list(_window_commands(window))
    if window.has_dataset:
        commands += _view_commands(window)
        commands += _layout_commands(window)
        commands += _setting_commands(window)
    return commands


def numbered_commands(window: MainWindow, typed: str) -> Iterator[Command]:
    """Yield commands for "12", "cluster 12", "3 5" and "unit 4"."""
    session = window.session
    if session is None:
        return
    numbers = _NUMBERS.match(typed)
    if numbers is not None:
        asked = [int(n) for n in re.findall(r"\d+", numbers[1]) if len(n) < 10]
        ids = [i for i in asked if i in session.clustering]
        if ids:
            name = "cluster" if len(ids) == 1 else "clusters"
            text = f"Select {name} {', '.join(map(str, ids))}"
            n_spikes = sum(session.clustering.n_spikes_of(i) for i in ids)
            select = partial(session.select_clusters, ids)
            yield Command(text, select, f"{n_spikes:,} spikes")
    asked_unit = _UNIT.match(typed) or (numbers and re.match(r"^\s*(\d+)\s*$", typed))
    if asked_unit and session.truth is not None:
        for unit_id in session.truth.unit_ids:
            if str(unit_id) == asked_unit[1]:
                yield Command(f"Select unit {unit_id}", partial(session.select_unit, unit_id))


def _window_commands(window: MainWindow) -> Iterator[Command]:
    for action in ACTIONS:
        made = window.menus.actions[action.id]
        if action.id != PALETTE_ID and made.isEnabled():
            text = action.text.replace("&", "")
            keys = window.shortcuts.keys_of(action.id, action.keys)
            kind = action.menu.partition("/")[0].lower()
            yield Command(text, made.trigger, kind, ", ".join(keys), action.help, weight=10)


def _view_commands(window: MainWindow) -> Iterator[Command]:
    host = window.host
    for instance_id in host.ids:
        title = host.title(instance_id)
        yield Command(f"Open {title}", partial(host.open_view, instance_id), "view", weight=20)
    for instance_id in host.ids:
        title = host.title(instance_id)
        kind = load_view(kind_of(instance_id))
        for action in (*kind.actions_declared, *COMMON_ACTIONS):
            keys = ", ".join(window.shortcuts.keys_of(action.id, action.keys))
            run = _view_action(window, instance_id, action)
            yield Command(f"{title}: {action.text}", run, "view", keys, action.help, weight=5)


def _view_action(window: MainWindow, instance_id: str, action: ViewAction) -> Callable[[], None]:
    def run() -> None:
        host = window.host
        host.open_view(instance_id)
        is_common = action in COMMON_ACTIONS
        owner: object = host.chrome[instance_id] if is_common else host.view(instance_id)
        getattr(owner, action.slot)()

    return run


def _layout_commands(window: MainWindow) -> Iterator[Command]:
    layouts = window.host.layouts
    for name in layouts.names:
        text = f"Layout {layouts.read(name).title}"
        yield Command(text, partial(window.look.use_layout, name), "layout", weight=10)


def _setting_commands(window: MainWindow) -> Iterator[Command]:
    for instance_id in window.host.ids:
        title = window.host.title(instance_id)
        for name, label in settings_of(instance_id):
            run = partial(_open_setting, window, instance_id, name)
            yield Command(f"{title}: {label}", run, "setting")


def _open_setting(window: MainWindow, instance_id: str, name: str) -> None:
    window.host.open_view(instance_id)
    window.host.chrome[instance_id].show_settings(name)
