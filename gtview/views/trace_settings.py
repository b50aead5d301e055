"""What can be set in the trace view, and by which keys and gestures."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..analysis.traces import DEFAULT_CUTOFF_HZ
from .base import ViewAction

DEFAULT_INTERVAL_S = 0.25


@dataclass(frozen=True, slots=True)
class TraceSettings:
    """What the user may set."""

    channels: str = field(
        default="auto",
        metadata={
            "label": "Channels",
            "choices": (
                ("auto", "all, or of many those around the selected clusters"),
                ("selection", "those around the selected clusters"),
                ("all", "all"),
            ),
        },
    )
    is_filtered: bool = field(
        default=True,
        metadata={"label": "High-pass", "help": "Third-order Butterworth without phase shift."},
    )
    cutoff_hz: float = field(
        default=DEFAULT_CUTOFF_HZ,
        metadata={"label": "Cut-off", "min": 1.0, "max": 5000.0},
    )
    is_image: bool = field(
        default=False, metadata={"label": "As an image", "help": "Voltage as colour."}
    )
    has_all_spikes: bool = field(
        default=False,
        metadata={"label": "All spikes", "help": "Mark those of clusters not selected too."},
    )
    has_labels: bool = field(default=True, metadata={"label": "Channel numbers"})
    has_lanes: bool = field(
        default=True,
        metadata={"label": "Spikes above the traces", "help": "True and sorted ones, by state."},
    )
    has_prediction: bool = field(
        default=False,
        metadata={"label": "Prediction", "help": "Sum of the templates of all sorted spikes."},
    )
    is_residual: bool = field(
        default=False, metadata={"label": "Residual", "help": "Traces minus the prediction."}
    )
    has_truth: bool = field(
        default=False, metadata={"label": "True signal", "help": "Sum of the true templates."}
    )


def _action(
    name: str, text: str, keys: str, slot: str, *, setting: str = "", tip: str = ""
) -> ViewAction:
    listed = tuple(keys.split(" "))
    return ViewAction(
        f"trace.{name}", text, listed, slot, tip, is_checkable=bool(setting), setting=setting
    )


def _error(name: str, text: str, keys: str, slot: str) -> ViewAction:
    tip = (
        "A true spike of the selected unit that no cluster has."
        if "missed" in name
        else "A spike of the selected clusters that is none of the truth."
    )
    return ViewAction(f"trace.{name}", text, (keys,), slot, tip, enabled="can_show_errors")


ACTIONS: tuple[ViewAction, ...] = (
    _action("earlier", "A little earlier", "Alt+Left", "go_left"),
    _action("later", "A little later", "Alt+Right", "go_right"),
    _action("jump_back", "Back by a tenth of the recording", "Alt+Shift+Left", "jump_left"),
    _action("jump_ahead", "On by a tenth of the recording", "Alt+Shift+Right", "jump_right"),
    _action("start", "Start of the recording", "Alt+Home", "go_to_start"),
    _action("end", "End of the recording", "Alt+End", "go_to_end"),
    _action("go_to", "Go to time…", "Ctrl+J", "ask_time"),
    _action("next_spike", "Next spike of the selection", "Alt+PgDown", "go_to_next_spike"),
    _action(
        "previous_spike", "Previous spike of the selection", "Alt+PgUp", "go_to_previous_spike"
    ),
    _error("next_missed", "Next missed spike", "N", "go_to_next_missed"),
    _error("next_false", "Next false spike", "Shift+N", "go_to_next_false"),
    _error("previous_missed", "Previous missed spike", "B", "go_to_previous_missed"),
    _error("previous_false", "Previous false spike", "Shift+B", "go_to_previous_false"),
    _action("shorter", "Shorter interval", "Alt++ Alt+=", "narrow"),
    _action("longer", "Longer interval", "Alt+-", "widen"),
    _action("larger", "Larger traces", "Ctrl+Up Alt+Up", "scale_up"),
    _action("smaller", "Smaller traces", "Ctrl+Down Alt+Down", "scale_down"),
    _action(
        "all_spikes", "Spikes of all clusters", "Alt+S", "toggle_spikes", setting="has_all_spikes"
    ),
    _action("labels", "Channel numbers", "Alt+L Ctrl+L", "toggle_labels", setting="has_labels"),
    _action(
        "channels",
        "All channels, or those around the selection",
        "C",
        "toggle_channels",
        tip="Of a large probe the channels around the selected clusters are shown at first.",
    ),
    _action("image", "Image or lines", "I", "toggle_image", setting="is_image"),
    _action("filter", "High-pass or raw", "F Alt+R", "toggle_filter", setting="is_filtered"),
    _action(
        "prediction",
        "Prediction",
        "P",
        "toggle_prediction",
        setting="has_prediction",
        tip="Lays the sum of the sorter's templates over the traces.",
    ),
    _action(
        "residual",
        "Data minus prediction",
        "D",
        "toggle_residual",
        setting="is_residual",
        tip="What the sorter's templates leave over: spikes that it missed stand out.",
    ),
    _action(
        "truth",
        "True signal",
        "Y",
        "toggle_truth",
        setting="has_truth",
        tip="Lays the sum of the true templates over the traces, dashed.",
    ),
    _action("lanes", "Spikes above the traces", "Shift+L", "toggle_lanes", setting="has_lanes"),
    _action(
        "reset",
        "Reset interval, scale and rows",
        "R",
        "reset",
        tip="An interval of 0.25 s around the same middle, all rows, and the first scale.",
    ),
)

GESTURES: tuple[tuple[str, str], ...] = (
    ("Drag", "earlier or later; up or down where rows are zoomed"),
    ("Wheel", "zoom in time at the pointer"),
    ("Alt+wheel", "earlier or later"),
    ("Ctrl+wheel", "scale of the traces"),
    ("Shift+wheel", "fewer or more rows"),
    ("Double click", "reset interval, scale and rows"),
    ("Ctrl+click on a spike", "select its cluster"),
    ("Shift+click", "first channel for the other views (again: automatic)"),
    ("Ctrl+right click", "second channel for the other views"),
)
