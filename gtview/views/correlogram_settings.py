"""What can be set in the correlogram view, and by which keys and gestures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .base import ViewAction
from .correlogram_values import UNITS

WINDOWS_MS = (10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0)
BINS_MS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
LOG_WINDOWS_MS = (200.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0, 20_000.0)
BINS_PER_DECADE = (30, 20, 15, 10, 7, 5)
FEWEST_BINS, MOST_BINS = 5, 2000


def _about(label: str, tip: str = "", **more: Any) -> dict[str, Any]:
    return {"label": label, "help": tip, **more}


@dataclass(frozen=True, slots=True)
class CorrelogramSettings:
    """How correlograms are counted and drawn.

    Attributes
    ----------
    bin_ms, window_ms
        Width of a bin, and of both sides together, where lags are linear.
    bins_per_decade, log_window_ms
        The same where they are logarithmic.
    refractory_ms
        Where the dashed lines are; shorter intervals are counted as violations.
    is_uniform
        All correlograms share one scale, instead of filling their cells.
    is_log
        Whether the lag axis is logarithmic.
    unit
        What the height of a bar means: one of `UNITS`.
    has_merged
        Whether the autocorrelogram of the selection as one cluster is shown too.
    """

    bin_ms: float = field(default=1.0, metadata=_about("Width of a bin", min=0.1, max=20.0))
    window_ms: float = field(
        default=100.0, metadata=_about("Window", "Both sides together.", min=10.0, max=2000.0)
    )
    refractory_ms: float = field(
        default=2.0,
        metadata=_about("Refractory period", "Shorter intervals are violations.", min=0.1, max=20),
    )
    unit: str = field(default=UNITS[0], metadata=_about("Height of bars", choices=UNITS))
    is_uniform: bool = field(default=False, metadata=_about("Same scale in all"))
    is_log: bool = field(default=False, metadata=_about("Logarithmic lags"))
    log_window_ms: float = field(
        default=2000.0,
        metadata=_about("Window, logarithmic", "Both sides together.", min=200.0, max=20_000.0),
    )
    bins_per_decade: int = field(
        default=10,
        metadata=_about("Bins per decade", "Of a logarithmic lag axis.", min=5, max=30),
    )
    has_merged: bool = field(
        default=False,
        metadata=_about("Selection as one cluster", "Its autocorrelogram and its violations."),
    )


ACTIONS = (
    ViewAction("correlogram.wider", "Wider window", ("Ctrl+Up",), "widen_window"),
    ViewAction("correlogram.narrower", "Narrower window", ("Ctrl+Down",), "narrow_window"),
    ViewAction("correlogram.coarser", "Wider bins", ("Alt+Up",), "widen_bins"),
    ViewAction("correlogram.finer", "Narrower bins", ("Alt+Down",), "narrow_bins"),
    ViewAction(
        "correlogram.uniform",
        "Same scale in all",
        ("N",),
        "toggle_uniform",
        "Bars of all correlograms have one scale; otherwise each fills its place.",
        is_checkable=True,
        setting="is_uniform",
    ),
    ViewAction(
        "correlogram.unit",
        "Counts, rate, or ratio",
        ("U",),
        "show_next_unit",
        "Bars as counts, as a rate, or relative to what constant rates would give.",
    ),
    ViewAction(
        "correlogram.log",
        "Logarithmic lags",
        ("Shift+L",),
        "toggle_log",
        "Lags from half a millisecond to seconds, in bins that grow with the lag.",
        is_checkable=True,
        setting="is_log",
    ),
    ViewAction(
        "correlogram.merged",
        "Selection as one cluster",
        ("M",),
        "toggle_merged",
        "Adds the autocorrelogram that the selected clusters would have as one.",
        is_checkable=True,
        setting="has_merged",
    ),
    ViewAction(
        "correlogram.reset",
        "Reset bins and window",
        ("R",),
        "reset",
        "Back to the first bins and window, and all pairs.",
    ),
)
GESTURES = (
    ("Ctrl+wheel", "wider or narrower window"),
    ("Alt+wheel", "wider or narrower bins"),
    ("Double click", "one correlogram alone, or all again"),
    ("Pointer on a bin", "its lag, count and rate in the title bar"),
)


def stepped(values: tuple[float, ...], now: float, steps: int) -> float:
    """Return the value some steps further in a list, from the one nearest to now."""
    nearest = min(range(len(values)), key=lambda i: abs(values[i] - now))
    return values[min(max(nearest + steps, 0), len(values) - 1)]
