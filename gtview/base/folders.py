"""The user's own folders: settings, data, cache and log, never inside an export."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def _folder(kind: str, default: str) -> Path:
    # One variable moves them all: tests and shared machines need that.
    home = os.environ.get("GTVIEW_HOME")
    return Path(home, kind) if home else Path(default)


def config_folder() -> Path:
    """Return where settings and layouts are kept."""
    return _folder("config", platformdirs.user_config_dir("gtview", appauthor=False))


def data_folder() -> Path:
    """Return where datasets made by gtview itself are kept."""
    return _folder("data", platformdirs.user_data_dir("gtview", appauthor=False))


def cache_folder() -> Path:
    """Return where things are kept that can be made again."""
    return _folder("cache", platformdirs.user_cache_dir("gtview", appauthor=False))


def log_folder() -> Path:
    """Return where the log is kept."""
    return _folder("log", platformdirs.user_log_dir("gtview", appauthor=False))


def state_folder() -> Path:
    """Return where is kept what is going on now, such as which window curates which export."""
    return _folder("state", platformdirs.user_state_dir("gtview", appauthor=False))
