"""What can be set and done in all views of one value of each spike."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from .base import ViewAction
from .split_lasso import lasso_actions
from .state_view import state_action

_GREY = "Spikes of the other clusters that are largest on the same channel."
_SIDE = "Distributions at the right side."


def background_field() -> Any:
    """Return the setting of the spikes behind."""
    return field(default=True, metadata={"label": "Other spikes in grey", "help": _GREY})


def histograms_field() -> Any:
    """Return the setting of the distributions."""
    return field(default=True, metadata={"label": "Histograms", "help": _SIDE})


def dots_field() -> Any:
    """Return the setting of the size of dots."""
    metadata = {"label": "Size of dots", "help": "Diameter in pixels.", "min": 1.0, "max": 12.0}
    return field(default=3.0, metadata=metadata)


def value_actions(view_id: str) -> tuple[ViewAction, ...]:
    """Return what keys do in each of these views."""
    return (
        ViewAction(
            f"{view_id}.background", "Other spikes in grey", ("B",), "toggle_background", _GREY,
            is_checkable=True, setting="has_background",
        ),
        ViewAction(
            f"{view_id}.histograms", "Histograms", ("H",), "toggle_histograms", _SIDE,
            is_checkable=True, setting="has_histograms",
        ),
        state_action(view_id),
        ViewAction(f"{view_id}.fit", "Show everything", ("R",), "fit"),
        ViewAction(
            f"{view_id}.threshold", "Threshold", ("X",), "toggle_threshold",
            "A line at the pointer: proposes to split off the spikes below it. Drag it.",
        ),
        ViewAction(
            f"{view_id}.threshold_side", "Other side of the threshold", ("Shift+X",),
            "turn_threshold", "The spikes above the line instead of those below, or back.",
        ),
        *lasso_actions(view_id),
    )  # fmt: skip
