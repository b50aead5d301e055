"""The datasets of last time."""

from __future__ import annotations

from pathlib import Path

from ..base.settings import SettingsFile

MAX_RECENT = 12


def read_recent(settings: SettingsFile) -> list[str]:
    """Return the paths opened last, the newest first."""
    paths = settings.get("recent", [])
    return [p for p in paths if isinstance(p, str)] if isinstance(paths, list) else []


def remember_recent(settings: SettingsFile, path: Path) -> None:
    """Put a path in front."""
    text = str(path.resolve())
    others = [p for p in read_recent(settings) if p != text]
    settings.set("recent", [text, *others][:MAX_RECENT])
