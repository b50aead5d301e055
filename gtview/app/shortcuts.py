"""The keys of the window and of its views, as declared and as the user has changed them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from ..qt.keys import Conditional, KeyTable, portable
from ..views import kinds_of_views
from .actions import ACTIONS
from .view_chrome import COMMON_ACTIONS

if TYPE_CHECKING:
    from ..base.settings import SettingsFile
    from ..views.base import View

WINDOW, ANY_VIEW = "window", "any"
_KEY = "keys"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Something that is done by a key.

    Attributes
    ----------
    context, context_title
        Where the key acts: "window", "any" (every view), or the id of a view.
    keys
        As declared, in Qt's portable spelling.
    """

    id: str
    context: str
    context_title: str
    text: str
    keys: tuple[str, ...]
    help: str = ""


def declared_shortcuts() -> Iterator[Shortcut]:
    """Yield everything that has or may have a key: the window's first, then view by view."""
    for action in ACTIONS:
        text = action.text.replace("&", "").rstrip("…")
        yield Shortcut(action.id, WINDOW, "Window", text, _spelled(action.keys), action.help)
    for common in COMMON_ACTIONS:
        keys = _spelled(common.keys)
        yield Shortcut(common.id, ANY_VIEW, "Every view", common.text, keys, common.help)
    for view_id, kind in kinds_of_views():
        for own in kind.actions_declared:
            keys = _spelled(own.keys)
            yield Shortcut(own.id, view_id, kind.title, own.text, keys, own.help)


def _spelled(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(portable(text) for text in keys)


class Shortcuts(QObject):
    """The keys in use.

    Signals
    -------
    changed()
        Other keys are in use.
    """

    changed = pyqtSignal()

    def __init__(self, settings: SettingsFile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings

    def keys_of(self, action_id: str, declared: tuple[str, ...]) -> tuple[str, ...]:
        """Return the keys of an action: the user's, else those that are declared."""
        own = self._own().get(action_id)
        if isinstance(own, list) and all(isinstance(keys, str) for keys in own):
            return tuple(own)
        return _spelled(declared)

    def is_changed(self, action_id: str) -> bool:
        """Whether the user has given an action other keys."""
        return action_id in self._own()

    def set_keys(self, shortcut: Shortcut, keys: tuple[str, ...]) -> None:
        """Give an action other keys; those that are declared count as unchanged."""
        self._store({shortcut.id: (shortcut, keys)})

    def swap(self, first: Shortcut, keys: tuple[str, ...], second: Shortcut) -> None:
        """Give the first action some keys; the second, which had them, gets those of the first."""
        before = self.keys_of(first.id, first.keys)
        left = tuple(k for k in self.keys_of(second.id, second.keys) if k not in keys)
        given = tuple(k for k in before if k not in keys and k not in left)
        self._store({first.id: (first, keys), second.id: (second, left + given)})

    def reset(self) -> None:
        """Use the keys that are declared."""
        self._settings.set(_KEY, {})
        self.changed.emit()

    def rivals(self, shortcut: Shortcut, keys: str) -> list[Shortcut]:
        """Return the other actions that the same key would do in the same place."""
        return [
            other
            for other in declared_shortcuts()
            if other.id != shortcut.id
            and keys in self.keys_of(other.id, other.keys)
            and _meet(shortcut.context, other.context)
        ]

    def hidden_by(self, shortcut: Shortcut, keys: str) -> list[Shortcut]:
        """Return the actions of views that take a key of the window while they are in use."""
        return [
            other
            for other in declared_shortcuts()
            if keys in self.keys_of(other.id, other.keys)
            and (shortcut.context == WINDOW) != (other.context == WINDOW)
        ]

    def _own(self) -> dict[str, object]:
        stored = self._settings.get(_KEY, {})
        return stored if isinstance(stored, dict) else {}

    def _store(self, changes: dict[str, tuple[Shortcut, tuple[str, ...]]]) -> None:
        own = dict(self._own())
        for action_id, (shortcut, keys) in changes.items():
            if keys == shortcut.keys:
                own.pop(action_id, None)
            else:
                own[action_id] = list(keys)
        self._settings.set(_KEY, own)
        self.changed.emit()


def key_table(shortcuts: Shortcuts, view: View, chrome: object) -> KeyTable:
    """Return what each key does in a view; its own keys go before those of every view."""
    table: dict[str, Callable[[], None]] = {}
    for owner, actions in ((chrome, COMMON_ACTIONS), (view, view.actions_declared)):
        for action in actions if owner is not None else ():
            for keys in shortcuts.keys_of(action.id, action.keys):
                function: Callable[[], None] = getattr(owner, action.slot)
                if action.enabled:
                    function = Conditional(function, partial(_is_on, owner, action.enabled))
                table[keys] = function
    return table


def _is_on(owner: object, name: str) -> bool:
    return bool(getattr(owner, name))


def _meet(first: str, second: str) -> bool:
    """Whether one key press could mean both.

    A key of a view is meant before one of the window, so these two may share a key.
    """
    if first == second:
        return True
    return ANY_VIEW in (first, second) and WINDOW not in (first, second)
