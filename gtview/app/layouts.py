"""Where the views are: the shipped layouts, and the user's own arrangement of each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from ..base.resources import resource
from ..qt.docks import LayoutNode

COMPACT_BELOW_PX = 1500
LAYOUTS = ("ground truth", "curate")


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
