"""Numbers as words in the sentences of views."""

from __future__ import annotations

import math

from ..base.wording import count_text

__all__ = ["TRUTH_IS_HIDDEN", "count_text", "percent_text", "seconds_text"]

TRUTH_IS_HIDDEN = "The ground truth is hidden. Show it with Truth > Hide the truth."


def percent_text(share: float) -> str:
    """Write a share with as many digits as mean something: "0 %", "0.04 %", "0.7 %", "12 %"."""
    percent = 100 * share
    digits = 0 if percent == 0 or percent >= 9.95 else 1 if percent >= 0.095 else 2
    shown = f"{percent:.{digits}f}" if percent == 0 or percent >= 0.005 else "< 0.01"
    return f"{shown} %"


def seconds_text(window_s: tuple[float, float]) -> str:
    """Return "12.5 to 60 s", each to a hundredth of the time between them."""
    start, stop = window_s
    n_decimals = max(0, 3 - math.ceil(math.log10(max(stop - start, 1e-6))))
    shown = [f"{at:,.{n_decimals}f}" for at in window_s]
    # Zeros behind the point say nothing.
    shown = [text.rstrip("0").rstrip(".") if "." in text else text for text in shown]
    return f"{shown[0]} to {shown[1]} s"
