"""Numbers and lists as words of a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def count_text(n: int, name: str) -> str:
    """Return "1 cluster" or "1,204 clusters"."""
    return f"{n:,} {name if n == 1 else name + 's'}"


def listed(items: Sequence[object], at_most: int = 6) -> str:
    """Return "12, 15", or "1, 2, 3, 4, 5, 6 and 10 more"."""
    shown = ", ".join(map(str, items[:at_most]))
    more = len(items) - at_most
    return f"{shown} and {more} more" if more > 0 else shown
