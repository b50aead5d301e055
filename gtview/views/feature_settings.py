"""What can be set in the feature view, and by which keys and gestures."""

from __future__ import annotations

from dataclasses import dataclass, field

from .base import ViewAction
from .split_lasso import CTRL_GESTURES, lasso_actions
from .state_view import state_action, state_field


@dataclass(frozen=True, slots=True)
class FeatureSettings:
    """What the user may set."""

    n_channels: int = field(
        default=2,
        metadata={"label": "Channels", "help": "How many channels are shown.", "min": 1, "max": 6},
    )
    n_pcs: int = field(
        default=2,
        metadata={
            "label": "Components",
            "help": "How many principal components of each channel are shown.",
            "min": 1,
            "max": 6,
        },
    )
    has_background: bool = field(
        default=True,
        metadata={"label": "Other spikes in grey", "help": "Spikes of all clusters behind."},
    )
    n_background: int = field(
        default=10_000,
        metadata={
            "label": "Grey spikes",
            "help": "How many of all spikes on these channels are drawn in grey.",
            "min": 100,
            "max": 200_000,
        },
    )
    by_state: bool = state_field()
    marker_size: float = field(
        default=2.5,
        metadata={"label": "Size of dots", "help": "Diameter in pixels.", "min": 1.0, "max": 12.0},
    )


def _action(
    name: str, text: str, keys: tuple[str, ...], slot: str, *, setting: str = "", tip: str = ""
) -> ViewAction:
    return ViewAction(
        f"feature.{name}", text, keys, slot, tip, is_checkable=bool(setting), setting=setting
    )


ACTIONS: tuple[ViewAction, ...] = (
    _action(
        "automatic",
        "Automatic channels",
        ("C",),
        "use_best_channels",
        tip="Back to the best channels of the first cluster.",
    ),
    _action("larger", "Larger features", ("Ctrl++", "Ctrl+="), "scale_up"),
    _action("smaller", "Smaller features", ("Ctrl+-",), "scale_down"),
    _action("background", "Other spikes", ("B",), "toggle_background", setting="has_background"),
    state_action("feature"),
    _action("fit", "Fit the axes", ("R",), "fit"),
    *lasso_actions("feature"),
)

GESTURES: tuple[tuple[str, str], ...] = (
    *CTRL_GESTURES,
    ("drag", "move both axes, in every plot that has them"),
    ("wheel", "zoom at the pointer"),
    ("right drag", "zoom in x and y independently"),
    ("double click", "fit the axes"),
    ("ctrl+wheel", "scale of the features"),
    ("alt+wheel", "size of the dots"),
    ("alt+click", "show the feature of the x axis in the amplitude view"),
    ("alt+right click", "show the feature of the y axis in the amplitude view"),
    (
        "ctrl+click, ctrl+right click in the waveform view",
        "first and second channel; alt+click there: second channel",
    ),
)
