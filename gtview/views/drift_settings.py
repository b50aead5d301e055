"""What can be set and done in the drift view."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..qt.plot import GESTURES as PLOT_GESTURES
from .base import ViewAction
from .split_lasso import LASSO_GESTURES, lasso_actions
from .state_view import state_action, state_field
from .time_axis import BRUSH_GESTURES


@dataclass(frozen=True, slots=True)
class DriftSettings:
    """What the drift view shows besides the spikes, and how."""

    by_amplitude: bool = field(
        default=True,
        metadata={
            "label": "Grey by amplitude",
            "help": "Large spikes stand out more; otherwise all spikes have one grey.",
        },
    )
    true_motion: bool = field(
        default=True,
        metadata={
            "label": "True motion",
            "help": "Dashed lines; with a ground truth that knows the motion.",
        },
    )
    sorter_motion: bool = field(
        default=True,
        metadata={
            "label": "Motion found by the sorter",
            "help": "Dotted lines; where the export keeps it (Kilosort 4: ops.npy).",
        },
    )
    recall_bands: bool = field(
        default=False,
        metadata={
            "label": "Recall along true trajectories",
            "help": "Bands where units really are: yellow where they are not found, "
            "green where they are.",
        },
    )
    by_state: bool = state_field()
    dot_size: float = field(
        default=3.0,
        metadata={
            "label": "Dot size (pixels)",
            "help": "Diameter of the dots of selected clusters.",
            "min": 1.0,
            "max": 12.0,
        },
    )


ACTIONS = (
    ViewAction(
        "drift.motion",
        "True motion",
        ("M",),
        "toggle_true_motion",
        "Show or hide where the tissue really was.",
        is_checkable=True,
        setting="true_motion",
    ),
    ViewAction(
        "drift.amplitude",
        "Grey by amplitude",
        ("A",),
        "toggle_amplitude",
        "Give large spikes a stronger grey than small ones.",
        is_checkable=True,
        setting="by_amplitude",
    ),
    ViewAction(
        "drift.recall",
        "Recall along true trajectories",
        ("B",),
        "toggle_recall",
        "Bands where units really are: yellow where they are not found, green where they are.",
        is_checkable=True,
        setting="recall_bands",
        enabled="can_show_states",
    ),
    state_action("drift"),
    ViewAction(
        "drift.whole",
        "Whole recording",
        ("Esc",),
        "step_back",
        "Forget a proposed split; without one, show the whole recording again in every view.",
    ),
    lasso_actions("drift")[0],
    ViewAction("drift.reset", "Show everything", ("R",), "fit"),
)

GESTURES: tuple[tuple[str, str], ...] = (
    *PLOT_GESTURES,
    *LASSO_GESTURES,
    *BRUSH_GESTURES,
    ("Ctrl+click", "select the cluster of the nearest spike"),
)
