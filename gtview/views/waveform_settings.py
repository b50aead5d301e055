"""What can be set in the waveform view, and by which keys and gestures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..analysis.snippets import DEFAULT_CUTOFF_HZ
from .base import ViewAction
from .split_lasso import LASSO_GESTURES, lasso_actions

_TRUTH_TIP = "Lays the true template of the matched unit over the first cluster, dashed."


def _setting(default: Any, label: str, tip: str = "", **more: Any) -> Any:
    return field(default=default, metadata={"label": label, "help": tip, **more})


@dataclass(frozen=True, slots=True)
class WaveformSettings:
    """What the user may set.

    `n_waveforms` is for each cluster; `cutoff_hz` 0: raw waveforms are not filtered.
    """

    kind: str = _setting(
        "waveforms", "Show", "Raw waveforms, their mean with its spread, or the templates.",
        choices=("waveforms", "mean", "templates"),
    )  # fmt: skip
    is_mean_on_top: bool = _setting(True, "Mean over the waveforms")
    is_overlap: bool = _setting(
        False, "Clusters over one another", "Otherwise they stand side by side on each channel."
    )
    has_labels: bool = _setting(True, "Channel numbers")
    has_truth: bool = _setting(True, "True template", _TRUTH_TIP)
    n_waveforms: int = _setting(
        100, "Waveforms of a cluster", "Read evenly in time; of more than four clusters, fewer.",
        min=1, max=10_000,
    )  # fmt: skip
    cutoff_hz: float = _setting(
        DEFAULT_CUTOFF_HZ, "High-pass", "Raw waveforms are filtered above this; 0: not at all.",
        unit="Hz", min=0, max=5000,
    )  # fmt: skip
    box_scale: float = _setting(
        1.0,
        "Width of a waveform",
        "1: as it fits",
        min=0.1,
        max=10,
        unit="\N{MULTIPLICATION SIGN}",
    )
    probe_scale_x: float = _setting(
        1.0, "Columns apart", "1: as it fits", min=0.1, max=10, unit="\N{MULTIPLICATION SIGN}"
    )
    probe_scale_y: float = _setting(
        1.0, "Rows apart", "1: as it fits", min=0.1, max=10, unit="\N{MULTIPLICATION SIGN}"
    )


def share_of_waveforms(n_waveforms: int, n_clusters: int) -> int:
    """Return how many raw waveforms of each cluster are read: of more than four, fewer of each."""
    return max(n_waveforms * 4 // max(n_clusters, 4), 1)


def _action(
    name: str, text: str, keys: str, slot: str, *, setting: str = "", tip: str = ""
) -> ViewAction:
    return ViewAction(
        f"waveform.{name}", text, (keys,), slot, tip, is_checkable=bool(setting), setting=setting
    )


ACTIONS: tuple[ViewAction, ...] = (
    _action("next_kind", "Waveforms, mean or templates", "W", "show_next_kind"),
    _action("previous_kind", "The same, backwards", "Shift+W", "show_previous_kind"),
    _action("mean", "Mean over the waveforms", "M", "toggle_mean", setting="is_mean_on_top"),
    _action("overlap", "Clusters over one another", "O", "toggle_overlap", setting="is_overlap"),
    _action("truth", "True template", "Y", "toggle_truth", setting="has_truth", tip=_TRUTH_TIP),
    _action("labels", "Channel numbers", "Ctrl+L", "toggle_labels", setting="has_labels"),
    _action("larger", "Larger waveforms", "Ctrl+Up", "scale_up"),
    _action("smaller", "Smaller waveforms", "Ctrl+Down", "scale_down"),
    _action("wider", "Wider waveforms", "Ctrl+Right", "widen"),
    _action("narrower", "Narrower waveforms", "Ctrl+Left", "narrow"),
    _action("probe_wider", "Columns further apart", "Shift+Right", "probe_widen"),
    _action("probe_narrower", "Columns nearer", "Shift+Left", "probe_narrow"),
    _action("probe_taller", "Rows further apart", "Shift+Up", "probe_heighten"),
    _action("probe_flatter", "Rows nearer", "Shift+Down", "probe_flatten"),
    _action("zoom_in", "Zoom in", "+", "zoom_in"),
    _action("zoom_out", "Zoom out", "-", "zoom_out"),
    _action("fit", "Fit position and scale", "R", "fit"),
    *lasso_actions("waveform"),
)

GESTURES: tuple[tuple[str, str], ...] = (
    ("Shift+drag", "propose to split off the spikes whose waveform passes through that line"),
    LASSO_GESTURES[1],
    ("drag", "move"),
    ("wheel", "zoom at the pointer"),
    ("right drag", "zoom in x and y independently"),
    ("double click", "fit position and scale"),
    ("ctrl+wheel", "scale of the waveforms"),
    ("ctrl+click", "first channel for the other views (again: automatic)"),
    ("ctrl+right click, alt+click", "second channel for the other views"),
)
