"""Where an axis has its ticks, how they are written, and which labels have room."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MINUS = "\N{MINUS SIGN}"


def tick_step(span: float, max_steps: float) -> float:
    """Return the smallest 1, 2 or 5 times a power of ten that fits at most so often in a span."""
    wanted = span / max(max_steps, 1.0)
    power = 10.0 ** math.floor(math.log10(wanted))
    factor = next(f for f in (1, 2, 5, 10) if f * power >= wanted * (1 - 1e-9))
    return factor * power


def next_step(step: float) -> float:
    """Return the 1, 2 or 5 times a power of ten that follows one."""
    return tick_step(step * 1.5, 1)


def ticks_between(low: float, high: float, step: float) -> NDArray[np.float64]:
    """Return the multiples of a step from `low` to `high`, both included."""
    # For the rounding of the division, so that a tick at the very end is not lost.
    margin = 1e-9 + 4e-16 * max(abs(low / step), abs(high / step))
    first, last = math.ceil(low / step - margin), math.floor(high / step + margin)
    # Rounded, so that 3 * 0.1 is 0.3.
    return np.round(np.arange(first, last + 1) * step, decimals_of(step) + 2) + 0.0


def decimals_of(step: float) -> int:
    """Return how many decimals tell the multiples of a step apart."""
    return max(0, -math.floor(math.log10(step) + 1e-9))


def tick_texts(values: Sequence[float] | NDArray[np.float64], step: float) -> list[str]:
    """Write ticks, all with the same decimals; very long numbers with an exponent."""
    decimals = decimals_of(step)
    largest = max((abs(float(v)) for v in values), default=0.0)
    if decimals > 5 or largest >= 1e10:
        return [f"{float(v):.10g}".replace("-", MINUS) for v in values]
    return [f"{float(v):,.{decimals}f}".replace("-", MINUS) for v in values]


def log_ticks(low: float, high: float, most: float) -> tuple[list[float], list[str]]:
    """Choose ticks between two powers of ten: 1, 2 and 5 times one, or whole powers of ten.

    Parameters
    ----------
    low, high
        Logarithms to the base of ten; low < high.
    most
        Ticks there is room for, at most.

    Returns
    -------
    positions : list of float
        Logarithms of the ticks, increasing.
    texts
        The values themselves.
    """
    powers = range(math.floor(low), math.ceil(high) + 1)
    values = [10.0**power * factor for power in powers for factor in (1, 2, 5)]
    seen = [v for v in values if low - 1e-9 <= math.log10(v) <= high + 1e-9]
    if len(seen) < 3 and high < 300:
        # Less than a decade: steps of one size tell more.
        step = tick_step(10.0**high - 10.0**low, max(min(most, 5), 1))
        even = [float(v) for v in ticks_between(10.0**low, 10.0**high, step) if v > 0]
        seen = even if len(even) >= len(seen) else seen
    elif len(seen) > most:
        stride = max(1, math.ceil((high - low) / max(most, 1)))
        whole = [p for p in powers if low - 1e-9 <= p <= high + 1e-9 and p % stride == 0]
        seen = [10.0**p for p in whole]
    return [math.log10(v) for v in seen], [_plain(v) for v in seen]


def _plain(value: float) -> str:
    text = f"{value:,.10g}" if 1e-4 <= value < 1e7 else f"{value:.4g}"
    return text.replace("-", MINUS)


def labels_with_room(
    centers: NDArray[np.float64],
    sizes: NDArray[np.float64],
    first: Sequence[int] = (),
    gap: float = 4.0,
) -> list[int]:
    """Choose labels that do not touch: those of `first`, then every n-th of the others.

    Parameters
    ----------
    centers : float64 array, (n,), pixels
        Increasing or decreasing.
    sizes : float64 array, (n,), pixels
        Extent of each label along the axis.
    first
        Labels that matter most; of two that touch, the earlier stays.
    gap
        Free pixels between two labels.

    Returns
    -------
    list of int
        Indices of the labels to write, increasing.
    """
    if len(centers) == 0:
        return []
    taken: list[int] = []
    for index in first:
        if _is_free(centers, sizes, taken, index, gap):
            taken.append(index)
    pitch = float(np.abs(np.diff(centers)).min()) if len(centers) > 1 else math.inf
    stride = _stride((float(sizes.max()) + gap) / pitch if pitch > 0 else float(len(centers)))
    important = list(taken)
    others = range(0, len(centers), stride)
    taken += [i for i in others if _is_free(centers, sizes, important, i, gap)]
    return sorted(taken)


def _stride(wanted: float) -> int:
    return max(1, round(tick_step(wanted, 1))) if wanted > 1 else 1


def _is_free(
    centers: NDArray[np.float64],
    sizes: NDArray[np.float64],
    taken: list[int],
    index: int,
    gap: float,
) -> bool:
    if not taken:
        return True
    distance = np.abs(centers[taken] - centers[index])
    return bool(np.all(distance >= (sizes[taken] + sizes[index]) / 2 + gap))
