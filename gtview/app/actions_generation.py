"""What the window can do to make recordings: ids, texts, keys and menus."""

from __future__ import annotations

from ..qt.menus import MenuAction

GENERATION_ACTIONS: tuple[MenuAction, ...] = (
    MenuAction(
        "generate.new",
        "&New recording…",
        "Generate",
        "generation.open",
        ("Ctrl+Shift+N",),
        "Make a recording with known truth: choose while you see what it leads to",
        group=4,
    ),
    MenuAction(
        "generate.dock",
        "New recording in a &dock",
        "Generate",
        "generation.toggle_dock",
        (),
        "The same beside the views, for recipes that use what is open",
        enabled="has_dataset",
        group=4,
        checked="generation.is_docked",
    ),
)
