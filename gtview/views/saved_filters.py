"""Filters with a name, kept in the settings; tables of one kind share them."""

from __future__ import annotations

from ..base.settings import SettingsFile
from ..qt.filter_line import SavedFilters


def saved_filters(settings: SettingsFile, view_id: str) -> SavedFilters:
    """Return where the filters of a kind of table are kept."""
    key = f"filters.{view_id}"

    def read() -> dict[str, str]:
        stored = settings.get(key, {})
        known = stored if isinstance(stored, dict) else {}
        return {name: text for name, text in known.items() if isinstance(text, str)}

    return SavedFilters(read, lambda known: settings.set(key, known))
