"""What the window can do with what it keeps on disk for speed."""

from __future__ import annotations

from ..qt.menus import MenuAction

CACHE_ACTIONS: tuple[MenuAction, ...] = (
    MenuAction(
        "file.cache_size",
        "S&ize of the cache…",
        "File",
        "cache.ask_size",
        (),
        "Say how much disk the copies of features may take that make browsing fast",
        group=2,
    ),
    MenuAction(
        "file.clear_cache",
        "Clear the cac&he…",
        "File",
        "cache.clear",
        (),
        "Delete the copies of features; your data stay as they are",
        group=2,
    ),
)
