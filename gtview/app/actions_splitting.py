"""What the window does to propose splits: ids, texts, keys and menus."""

from __future__ import annotations

from ..qt.menus import MenuAction

_MENU, _OPEN = "Curate/Propose a split", "has_dataset"

SPLITTING_ACTIONS: tuple[MenuAction, ...] = (
    MenuAction(
        "split.suggest",
        "By the &features shown",
        _MENU,
        "splitting.suggest",
        ("Ctrl+K",),
        "Propose parts by a mixture of Gaussians in the features that are shown",
        _OPEN,
    ),
    MenuAction(
        "split.more",
        "&One more part",
        _MENU,
        "splitting.more_parts",
        ("Alt+K",),
        "Propose one more part by the features",
        _OPEN,
    ),
    MenuAction(
        "split.fewer",
        "One part &less",
        _MENU,
        "splitting.fewer_parts",
        ("Alt+Shift+K",),
        "Propose one part less by the features",
        _OPEN,
    ),
    MenuAction(
        "split.templates",
        "By the &templates of the sorter",
        _MENU,
        "splitting.suggest_templates",
        ("Ctrl+Alt+K",),
        "Propose parts by the template that found each spike; K accepts them",
        _OPEN,
    ),
    MenuAction(
        "split.forget",
        "F&orget the proposed split",
        _MENU,
        "splitting.forget",
        (),
        "Nothing is split; Esc does it in the views",
        _OPEN,
        1,
    ),
)
