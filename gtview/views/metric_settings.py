"""What can be set in the metric explorer, and by which keys and gestures."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..qt.plot import GESTURES as PLOT_GESTURES
from .base import ViewAction

TRUTHS = ("accuracy", "purity")


@dataclass(frozen=True, slots=True)
class MetricSettings:
    """Which metric, and what counts as good."""

    metric: str = field(
        default="",
        metadata={"label": "Metric", "help": "A column of the cluster table; empty: the best."},
    )
    truth: str = field(
        default=TRUTHS[0],
        metadata={
            "label": "Truth",
            "choices": TRUTHS,
            "help": "Accuracy: agreement with the unit that the cluster agrees best with. "
            "Purity: the largest share of it that is one unit.",
        },
    )
    good_from: float = field(
        default=0.8,
        metadata={"label": "Good from", "help": "Clusters of at least this truth are good.",
                  "min": 0.01, "max": 1.0},
    )  # fmt: skip
    is_log: bool = field(default=False, metadata={"label": "Metric logarithmic"})


ACTIONS: tuple[ViewAction, ...] = (
    ViewAction("metrics.next", "Next metric", ("X",), "next_metric", "Down the ranked list."),
    ViewAction("metrics.previous", "Previous metric", ("Shift+X",), "previous_metric"),
    ViewAction("metrics.truth", "Accuracy or purity", ("Y",), "toggle_truth"),
    ViewAction(
        "metrics.log", "Logarithmic", ("L",), "toggle_log", is_checkable=True, setting="is_log"
    ),
    ViewAction(
        "metrics.best", "Best threshold", ("T",), "use_best_threshold",
        "Where true minus false acceptance is largest.",
    ),
    ViewAction("metrics.fit", "Show everything", ("R",), "fit"),
)  # fmt: skip
GESTURES: tuple[tuple[str, str], ...] = (
    ("Drag of the upright line", "move the threshold on the metric"),
    ("Drag of the level line", "move what counts as good"),
    ("Click", "select the nearest cluster"),
    ("Ctrl+click", "add a cluster, or take it away"),
    ("Click on a row of the list", "show that metric"),
    ("Pointer on a dot", "its cluster and values, in the title bar"),
    *PLOT_GESTURES,
)
