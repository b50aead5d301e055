"""What a view remembers: its settings as they were stored, and which part of a plot was seen."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from PyQt6.QtWidgets import QWidget


def with_stored(settings: Any, stored: Any) -> Any:
    """Return settings with the stored values that suit them; a file may hold anything."""
    if not isinstance(stored, dict):
        return settings
    values = {
        f.name: stored[f.name]
        for f in fields(settings)
        if f.name in stored and type(stored[f.name]) is type(getattr(settings, f.name))
    }
    return replace(settings, **values)


def kept_ranges(content: QWidget) -> list[Any] | None:
    """Return what is in sight of each plot where somebody has chosen it; None: nowhere."""
    ranges = [part.keep_ranges() for part in _ranged_parts(content)]
    return ranges if any(kept is not None for kept in ranges) else None


def restore_ranges(content: QWidget, ranges: list[Any]) -> None:
    """Show what `kept_ranges` returned of a content with the same plots."""
    for part, kept in zip(_ranged_parts(content), ranges, strict=False):
        if kept is not None:
            part.restore_ranges(kept)


def _ranged_parts(content: QWidget) -> list[Any]:
    parts = (content, *content.findChildren(QWidget))
    return [part for part in parts if hasattr(part, "keep_ranges")]
