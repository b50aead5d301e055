"""What a view is given, and what it declares of itself."""

from __future__ import annotations

from dataclasses import dataclass

from ..base.settings import SettingsFile
from ..qt.compute import ComputePool
from ..qt.theme import ThemeKeeper
from ..session.session import Session


@dataclass(frozen=True, slots=True, eq=False)
class ViewContext:
    """What the window gives to each of its views.

    `instance` is the name of this one among several of a kind, such as "waveform#2"; "" for the
    first, whose name is the id of the view.
    """

    session: Session
    pool: ComputePool
    themes: ThemeKeeper
    settings: SettingsFile
    instance: str = ""


@dataclass(frozen=True, slots=True)
class ViewAction:
    """Something that a view does on a key, in its menu, and from the palette of commands.

    `keys` are portable key sequences ("W", "Ctrl+Up"); `slot` is the name of a method; `enabled`
    that of a property which says whether the keys act now: if not, they go on to the window.
    """

    id: str
    text: str
    keys: tuple[str, ...]
    slot: str
    help: str = ""
    is_checkable: bool = False
    setting: str = ""
    enabled: str = ""


@dataclass(frozen=True, slots=True)
class NoSettings:
    """Settings of a view that has none."""
