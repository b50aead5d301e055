"""What can be set in the cluster scatter, and by which keys and gestures."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..qt.plot import GESTURES as PLOT_GESTURES
from .base import ViewAction

# The properties that are chosen, and the settings that make them logarithmic.
PARTS = {"x": "Horizontal", "y": "Vertical", "size": "Size", "color": "Color"}
LOGS = {"x": "is_x_log", "y": "is_y_log", "size": "is_size_log"}


@dataclass(frozen=True, slots=True)
class ClusterScatterSettings:
    """Which property is what: names of columns of the cluster table."""

    x: str = field(default="amp", metadata={"label": "Horizontal", "help": "A column's name."})
    y: str = field(default="depth", metadata={"label": "Vertical", "help": "A column's name."})
    size: str = field(
        default="rate",
        metadata={"label": "Size", "help": "A column's name; none: all the same."},
    )
    color: str = field(
        default="group",
        metadata={"label": "Color", "help": "A column's name; none: all the same."},
    )
    is_x_log: bool = field(default=False, metadata={"label": "Horizontal axis logarithmic"})
    is_y_log: bool = field(default=False, metadata={"label": "Vertical axis logarithmic"})
    is_size_log: bool = field(default=True, metadata={"label": "Size logarithmic"})


def _action(
    name: str, text: str, keys: str, slot: str, tip: str = "", setting: str = ""
) -> ViewAction:
    return ViewAction(f"cluster_scatter.{name}", text, (keys,), slot, tip, bool(setting), setting)


ACTIONS: tuple[ViewAction, ...] = (
    _action("next_x", "Next horizontal property", "X", "next_x"),
    _action("previous_x", "Previous horizontal property", "Shift+X", "previous_x"),
    _action("next_y", "Next vertical property", "Y", "next_y"),
    _action("previous_y", "Previous vertical property", "Shift+Y", "previous_y"),
    _action("next_size", "Next property as size", "S", "next_size"),
    _action("previous_size", "Previous property as size", "Shift+S", "previous_size"),
    _action("next_color", "Next property as color", "C", "next_color"),
    _action("previous_color", "Previous property as color", "Shift+C", "previous_color"),
    _action("log_x", "Logarithmic horizontal axis", "Alt+X", "toggle_x_log", "", "is_x_log"),
    _action("log_y", "Logarithmic vertical axis", "Alt+Y", "toggle_y_log", "", "is_y_log"),
    _action("log_size", "Logarithmic size", "Alt+L", "toggle_size_log", "", "is_size_log"),
    _action("menu", "Choose properties", "M", "show_menu", "Also: right-click on an axis."),
    _action("fit", "Show everything", "R", "fit"),
)
GESTURES: tuple[tuple[str, str], ...] = (
    ("Click", "select the nearest cluster"),
    ("Shift+click, Ctrl+click", "add a cluster, or take it away"),
    ("Ctrl+drag", "select what is inside a line drawn by hand"),
    ("Shift+drag", "add what is inside a line drawn by hand"),
    ("Right-click on an axis", "choose its property"),
    ("Right-click", "choose all properties"),
    ("Pointer on a marker", "its cluster and values, in the title bar"),
    *PLOT_GESTURES,
)
