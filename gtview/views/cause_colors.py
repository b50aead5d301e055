"""The colours of the causes for which spikes are lost, and their legend."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PyQt6.QtGui import QColor

from ..scoring.cause_names import CAUSE_HELP, CAUSE_NAMES, Cause

CAUSE_COLORS: dict[Cause, str] = {
    Cause.NONE: "#3fb68b",
    Cause.SPLIT: "#4aa3ff",
    Cause.MERGED: "#9692fb",
    Cause.MISTIMED: "#1fccf0",
    Cause.REFRACTORY: "#efc94f",
    Cause.COLLISION: "#f2385a",
    Cause.LOW_AMPLITUDE: "#e97410",
    Cause.MOTION: "#b763a2",
    Cause.BEYOND_DETECTION: "#6b7280",
    Cause.UNEXPLAINED: "#b9bec7",
}


def cause_colors() -> list[QColor]:
    """Return the colour of each cause, in their order."""
    return [QColor(CAUSE_COLORS[cause]) for cause in Cause]


def cause_legend(counts: Sequence[int] | None = None) -> str:
    """Return every cause with its colour as HTML; with counts those that occur, the most first."""
    causes = list(Cause)
    if counts is not None:
        causes = sorted((c for c in Cause if counts[c]), key=lambda c: -counts[c])
    rows = []
    for cause in causes:
        square = f'<span style="color:{CAUSE_COLORS[cause]}">\N{BLACK SQUARE}</span>'
        number = "" if counts is None else f'<td align="right">{counts[cause]:,}</td>'
        text = f"<td>{CAUSE_NAMES[cause]}</td><td>{escape(CAUSE_HELP[cause])}</td>"
        rows.append(f"<tr><td>{square}</td>{number}{text}</tr>")
    return f'<table cellpadding="2">{"".join(rows)}</table>'
