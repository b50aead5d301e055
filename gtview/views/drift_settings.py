"""What can be set and done in the drift view."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..qt.plot import GESTURES as PLOT_GESTURES
from .base import ViewAction


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
        "drift.whole",
        "Whole recording",
        ("Esc",),
        "clear_window",
        "Show spikes of the whole recording again, in every view.",
    ),
    ViewAction("drift.reset", "Show everything", ("R",), "fit"),
)

GESTURES: tuple[tuple[str, str], ...] = (
    *PLOT_GESTURES,
    ("Shift+drag", "choose a part of the recording, for every view"),
    ("Double click in the chosen part", "back to the whole recording"),
    ("Ctrl+click", "select the cluster of the nearest spike"),
)
