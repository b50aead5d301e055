"""Numbers as words in the sentences of views."""

from __future__ import annotations


def percent_text(share: float) -> str:
    """Write a share with as many digits as mean something: "0 %", "0.04 %", "0.7 %", "12 %"."""
    percent = 100 * share
    digits = 0 if percent == 0 or percent >= 9.95 else 1 if percent >= 0.095 else 2
    shown = f"{percent:.{digits}f}" if percent == 0 or percent >= 0.005 else "< 0.01"
    return f"{shown} %"


def count_text(n: int, name: str) -> str:
    """Return "1 cluster" or "1,204 clusters"."""
    return f"{n:,} {name if n == 1 else name + 's'}"


def seconds_text(window_s: tuple[float, float]) -> str:
    """Return "12.5 to 60 s"."""
    return f"{window_s[0]:.6g} to {window_s[1]:.6g} s"
