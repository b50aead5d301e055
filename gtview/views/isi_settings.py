"""What can be set in the view of intervals, and by which keys and gestures."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..qt.plot import GESTURES as PLOT_GESTURES
from .base import ViewAction
from .split_lasso import forget_action

LONGEST_MS = (5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0)
LONGEST_LOG_MS = (100.0, 1000.0, 10_000.0, 100_000.0, 1_000_000.0)
REFRACTORY_MS = (0.1, 20.0)
N_BINS = (500, 400, 300, 250, 200, 150, 100, 80, 50, 40, 25, 20, 10)


@dataclass(frozen=True, slots=True)
class IsiSettings:
    """How intervals are counted and drawn."""

    n_bins: int = field(default=50, metadata={"label": "Bins", "min": 1, "max": 2000})
    longest_ms: float = field(
        default=50.0, metadata={"label": "Longest interval", "min": 1.0, "max": 100_000.0}
    )
    refractory_ms: float = field(
        default=2.0,
        metadata={
            "label": "Refractory period",
            "help": "Shorter intervals are violations.",
            "min": REFRACTORY_MS[0],
            "max": REFRACTORY_MS[1],
        },
    )
    takes_both: bool = field(
        default=False,
        metadata={
            "label": "Split off both spikes",
            "help": "Of each interval that is too short; otherwise the later spike alone.",
        },
    )
    is_log: bool = field(default=False, metadata={"label": "Logarithmic time"})
    longest_log_ms: float = field(
        default=10_000.0,
        metadata={"label": "Longest interval, logarithmic", "min": 10.0, "max": 1_000_000.0},
    )
    is_uniform: bool = field(default=False, metadata={"label": "Same scale in all"})


ACTIONS: tuple[ViewAction, ...] = (
    ViewAction("isi.longer", "Longer intervals", ("Ctrl+Up",), "show_longer"),
    ViewAction("isi.shorter", "Shorter intervals only", ("Ctrl+Down",), "show_shorter"),
    ViewAction("isi.coarser", "Wider bins", ("Alt+Up",), "widen_bins"),
    ViewAction("isi.finer", "Narrower bins", ("Alt+Down",), "narrow_bins"),
    ViewAction(
        "isi.log",
        "Logarithmic time",
        ("Shift+L",),
        "toggle_log",
        "Intervals from a tenth of a millisecond to seconds, in bins that grow with them.",
        is_checkable=True,
        setting="is_log",
    ),
    ViewAction(
        "isi.uniform",
        "Same scale in all",
        ("N",),
        "toggle_uniform",
        is_checkable=True,
        setting="is_uniform",
    ),
    ViewAction(
        "isi.violations",
        "Split off violations",
        ("V",),
        "propose_violations",
        "Proposes to split off the later spike of each interval that is too short.",
    ),
    forget_action("isi"),
    ViewAction("isi.reset", "Reset bins and range", ("R",), "reset"),
)
GESTURES: tuple[tuple[str, str], ...] = (
    ("Drag of the dashed line", "another refractory period"),
    ("Ctrl+wheel", "longer or shorter intervals"),
    ("Alt+wheel", "wider or narrower bins"),
    ("Pointer on a bin", "its interval and count in the title bar"),
    *PLOT_GESTURES,
)
