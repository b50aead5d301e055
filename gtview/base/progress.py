"""How long work tells how far it is, and learns that it should stop."""

from __future__ import annotations

from typing import Protocol


class Reporter(Protocol):
    """What a long function is given."""

    def __call__(self, fraction: float, message: str = "") -> None:
        """Tell the part done, 0 to 1; raises `CancelledError` when the work should stop."""


def ignore_progress(fraction: float, message: str = "") -> None:
    """Tell nobody."""


def part_of(report: Reporter, start: float, stop: float) -> Reporter:
    """Return a reporter for one stage that spans `start` to `stop` of the whole."""

    def tell(fraction: float, message: str = "") -> None:
        report(start + fraction * (stop - start), message)

    return tell
