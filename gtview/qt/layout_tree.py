"""Where docks are, as a tree of names; knows no widget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class LayoutNode:
    """A tree of docks: either tabs (ids), or parts side by side or one below the other."""

    tabs: tuple[str, ...] = ()
    direction: str = ""
    parts: tuple[LayoutNode, ...] = ()
    weights: tuple[float, ...] = ()

    @staticmethod
    def from_json(node: dict[str, Any]) -> LayoutNode:
        """Read `{"tabs": [...]}`, `{"columns": [...]}` or `{"rows": [...]}`, with "weight"."""
        if "tabs" in node:
            return LayoutNode(tabs=tuple(node["tabs"]))
        direction = "columns" if "columns" in node else "rows"
        return LayoutNode(
            direction=direction,
            parts=tuple(LayoutNode.from_json(part) for part in node[direction]),
            weights=tuple(float(part.get("weight", 1)) for part in node[direction]),
        )

    def only(self, known: Iterable[str]) -> LayoutNode | None:
        """Return the tree with these ids only; None when nothing is left."""
        keep = set(known)
        if self.tabs:
            tabs = tuple(tab for tab in self.tabs if tab in keep)
            return LayoutNode(tabs=tabs) if tabs else None
        parts = [(part.only(keep), w) for part, w in zip(self.parts, self.weights, strict=True)]
        left = [(part, w) for part, w in parts if part is not None]
        if len(left) < 2:
            return left[0][0] if left else None
        return LayoutNode(
            direction=self.direction,
            parts=tuple(part for part, _ in left),
            weights=tuple(weight for _, weight in left),
        )

    def ids(self) -> Iterator[str]:
        """Yield every id, in reading order."""
        yield from self.tabs
        for part in self.parts:
            yield from part.ids()

    def largest(self, share: float = 1.0) -> tuple[float, str]:
        """Return the share of the room of the largest leaf, and its first id."""
        if not self.parts:
            return share, self.tabs[0]
        total = sum(self.weights)
        leaves = [
            part.largest(share * weight / total)
            for part, weight in zip(self.parts, self.weights, strict=True)
        ]
        return max(leaves, key=lambda leaf: leaf[0])

    def front_ids(self) -> Iterator[str]:
        """Yield the ids that are seen: the first tab of each place."""
        yield from self.tabs[:1]
        for part in self.parts:
            yield from part.front_ids()

    @property
    def first(self) -> str:
        """Id of the first dock."""
        return next(self.ids())
