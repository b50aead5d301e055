"""What can be set in the amplitude view, and by which keys."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..analysis.amplitudes import KINDS
from .base import ViewAction
from .state_view import state_field
from .value_settings import background_field, dots_field, histograms_field, value_actions


@dataclass(frozen=True, slots=True)
class AmplitudeSettings:
    """What the user may set."""

    kind: str = field(
        default="template",
        metadata={
            "label": "Amplitude",
            "help": "What is measured: by the sorter, on one feature, or in the recording.",
            "choices": KINDS,
        },
    )
    is_in_uv: bool = field(
        default=True,
        metadata={
            "label": "Microvolts where possible",
            "help": "Template amplitudes of Kilosort 1 to 3 times the size of the template.",
        },
    )
    raw_limit: int = field(
        default=20_000,
        metadata={
            "label": "Raw spikes",
            "help": "Spikes of each cluster that are read from the recording; of more, a sample.",
            "min": 100,
            "max": 10_000_000,
        },
    )
    has_background: bool = background_field()
    has_histograms: bool = histograms_field()
    by_state: bool = state_field()
    dot_size: float = dots_field()


ACTIONS: tuple[ViewAction, ...] = (
    ViewAction(
        "amplitude.next",
        "Next measure",
        ("A",),
        "show_next_kind",
        "Template amplitude, feature, template feature, or raw peak-to-peak.",
    ),
    ViewAction("amplitude.previous", "Previous measure", ("Shift+A",), "show_previous_kind"),
    *value_actions("amplitude"),
)
