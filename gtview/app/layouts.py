"""Where the views are: the shipped layouts, those of the user, and the changes of each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from ..base.resources import resource
from ..qt.layout_tree import LayoutNode

if TYPE_CHECKING:
    from ..base.settings import SettingsFile

COMPACT_BELOW_PX = 1500
LAYOUTS = ("ground truth", "curate", "drift", "review")
_OWN = "layouts"


@dataclass(frozen=True, slots=True)
class Layout:
    """A named arrangement; small windows fold views into tabs instead of squeezing them."""

    name: str
    title: str
    wide: LayoutNode
    compact: LayoutNode

    def for_width(self, width_px: int) -> LayoutNode:
        """Return the arrangement for a window of a width."""
        return self.compact if width_px < COMPACT_BELOW_PX else self.wide


@dataclass(frozen=True, slots=True)
class Places:
    """Where the user has put the views: the state of the docks, and the further views in it."""

    state: str
    copies: tuple[str, ...] = ()

    @staticmethod
    def from_json(values: Any) -> Places | None:
        """Read what was remembered; None when there is nothing, or it is damaged."""
        if not isinstance(values, dict) or not isinstance(values.get("state"), str):
            return None
        copies = values.get("copies", [])
        texts = [c for c in copies if isinstance(c, str)] if isinstance(copies, list) else []
        return Places(values["state"], tuple(texts))

    def as_json(self) -> dict[str, Any]:
        """Return what is to be remembered."""
        return {"state": self.state, "copies": list(self.copies)}


@cache
def read_layout(name: str) -> Layout:
    """Read a shipped layout."""
    values = json.loads(resource("layouts", f"{name}.json").read_text(encoding="utf-8"))
    return Layout(
        name,
        values["title"],
        LayoutNode.from_json(values["wide"]),
        LayoutNode.from_json(values["compact"]),
    )


class LayoutStore:
    """The layouts there are, and what the user has made of them."""

    def __init__(self, settings: SettingsFile) -> None:
        self._settings = settings

    @property
    def own_names(self) -> list[str]:
        """Names of the user's layouts."""
        return sorted(self._own(), key=str.casefold)

    @property
    def names(self) -> list[str]:
        """Names of all layouts, the shipped ones first."""
        return [*LAYOUTS, *self.own_names]

    def read(self, name: str) -> Layout:
        """Return a layout; one of the user stands on the shipped one that it was made from."""
        if name in LAYOUTS:
            return read_layout(name)
        shipped = read_layout(self.base_of(name))
        return Layout(name, name, shipped.wide, shipped.compact)

    def base_of(self, name: str) -> str:
        """Return the shipped layout that one of the user was made from."""
        base = self._own().get(name, {}).get("base")
        return base if base in LAYOUTS else LAYOUTS[0]

    def can_be_named(self, name: str) -> bool:
        """Whether the user may give a layout this name."""
        taken = {*LAYOUTS, *(read_layout(shipped).title.casefold() for shipped in LAYOUTS)}
        return bool(name.strip()) and name.strip().casefold() not in taken

    def save_as(self, name: str, base: Layout, places: Places) -> None:
        """Keep where the views are under a name; one of the same name is replaced."""
        shipped = base.name if base.name in LAYOUTS else self.base_of(base.name)
        entry = {"base": shipped, "places": places.as_json()}
        self._settings.set(_OWN, {**self._own(), name: entry})
        for width_px in (0, COMPACT_BELOW_PX):
            self.remember(self.read(name), width_px, None)

    def delete(self, name: str) -> None:
        """Forget a layout of the user."""
        for width_px in (0, COMPACT_BELOW_PX):
            self.remember(self.read(name), width_px, None)
        self._settings.set(_OWN, {n: v for n, v in self._own().items() if n != name})

    def places(self, layout: Layout, width_px: int) -> Places | None:
        """Return where the user has put the views of a layout; None: where the layout has them."""
        changed = Places.from_json(self._settings.get(_key(layout, width_px)))
        return changed or self.first_places(layout)

    def first_places(self, layout: Layout) -> Places | None:
        """Return the places that a layout of the user was saved with."""
        return Places.from_json(self._own().get(layout.name, {}).get("places"))

    def remember(self, layout: Layout, width_px: int, places: Places | None) -> None:
        """Keep where the views of a layout are for next time; None: forget it."""
        self._settings.set(_key(layout, width_px), None if places is None else places.as_json())

    def last_used(self, *, has_truth: bool) -> str:
        """Return the layout of last time, or the one that a dataset of this kind begins with."""
        name = self._settings.get(_last_key(has_truth=has_truth))
        return name if name in self.names else LAYOUTS[0 if has_truth else 1]

    def remember_last(self, name: str, *, has_truth: bool) -> None:
        """Begin with this layout next time."""
        self._settings.set(_last_key(has_truth=has_truth), name)

    def _own(self) -> dict[str, dict[str, Any]]:
        stored = self._settings.get(_OWN, {})
        if not isinstance(stored, dict):
            return {}
        return {name: value for name, value in stored.items() if isinstance(value, dict)}


def _last_key(*, has_truth: bool) -> str:
    return "layout.truth" if has_truth else "layout"


def _key(layout: Layout, width_px: int) -> str:
    return f"places.{layout.name}.{'compact' if width_px < COMPACT_BELOW_PX else 'wide'}"
