"""What can be set in the overview of templates, and its keys and gestures."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..qt.plot import GESTURES as PLOT_GESTURES
from .cluster_order import ORDER_HELP, ORDERS
from .declared import ViewAction


@dataclass(frozen=True, slots=True)
class TemplatesSettings:
    """Order and size of the templates."""

    order: str = field(
        default=ORDERS[0], metadata={"label": "Order of clusters", "choices": ORDERS}
    )
    is_uniform: bool = field(
        default=False,
        metadata={
            "label": "Same scale in all",
            "help": "Otherwise each cluster is as high as the others.",
        },
    )
    scale: float = field(
        default=1.0, metadata={"label": "Size of waveforms", "min": 0.05, "max": 20.0}
    )


ACTIONS = (
    ViewAction(
        "templates.order",
        "Next order",
        ("O",),
        "show_next_order",
        ORDER_HELP,
    ),
    ViewAction(
        "templates.uniform",
        "Same scale in all",
        ("N",),
        "toggle_uniform",
        is_checkable=True,
        setting="is_uniform",
    ),
    ViewAction("templates.larger", "Larger waveforms", ("Ctrl+Up",), "scale_up"),
    ViewAction("templates.smaller", "Smaller waveforms", ("Ctrl+Down",), "scale_down"),
    ViewAction("templates.fit", "Show all templates", ("R",), "fit"),
)
GESTURES = (
    ("Click", "select the cluster of a column"),
    ("Ctrl+click", "add it to the selection, or take it out"),
    ("Ctrl+wheel", "larger or smaller waveforms"),
    ("Pointer on a template", "its cluster, channel and size in the title bar"),
    *PLOT_GESTURES,
)
