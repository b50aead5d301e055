"""The shapes of motions in time, between -0.5 and 0.5, as in SpikeInterface."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..base.errors import UsageError
from ..base.types import Float64Array

DRIFT_MODES = ("zigzag", "bump", "random_walk")


def make_one_displacement_vector(  # noqa: PLR0913  (SpikeInterface's arguments)
    drift_mode: str = "zigzag",
    duration: float = 600.0,
    amplitude_factor: float = 1.0,
    displacement_sampling_frequency: float = 5.0,
    t_start_drift: float | None = None,
    t_end_drift: float | None = None,
    period_s: float = 200.0,
    bump_interval_s: tuple[float, float] = (30.0, 90.0),
    seed: int | np.random.SeedSequence | None = None,
) -> Float64Array:
    """Make one displacement vector, of the shape that SpikeInterface's function has.

    Parameters
    ----------
    drift_mode
        "zigzag", "bump" (or "bumps"), or "random_walk".
    duration
        Seconds.
    amplitude_factor
        The result is between -0.5 and 0.5 times this.
    displacement_sampling_frequency
        Values a second.
    t_start_drift, t_end_drift
        When the motion begins and ends, in seconds; None: with the recording. Before it, the
        vector is 0; after it, a zigzag and a walk stay where they are, and bumps go back to 0.
    period_s
        Of a zigzag.
    bump_interval_s
        Shortest and longest time between two jumps.
    seed
        Of bumps and walks.

    Returns
    -------
    float64 array, (ceil(duration * displacement_sampling_frequency),)

    Raises
    ------
    UsageError
        An argument is impossible; it is told with what it must be.
    """
    mode = "bump" if drift_mode == "bumps" else drift_mode
    if mode not in DRIFT_MODES:
        raise UsageError(f"drift_mode must be one of {', '.join(DRIFT_MODES)} ({drift_mode!r}).")
    rate = _positive("displacement_sampling_frequency", displacement_sampling_frequency)
    duration = _positive("duration", duration)
    start = 0.0 if t_start_drift is None else float(t_start_drift)
    end = duration if t_end_drift is None else float(t_end_drift)
    if not 0 <= start < end <= duration:
        raise UsageError(
            "t_start_drift must be before t_end_drift, both between 0 and the duration of "
            f"{duration:g} s (they are {start:g} and {end:g})."
        )
    vector = np.zeros(math.ceil(rate * duration))
    first, last = int(start * rate), int(end * rate)
    if last <= first:
        raise UsageError("The motion is too short for displacement_sampling_frequency.")
    if mode == "zigzag":
        _fill_zigzag(vector, first, last, rate, _positive("period_s", period_s))
    elif mode == "bump":
        low, high = _interval(bump_interval_s)
        jumps = _jumps((low, high), (start, end, duration), np.random.default_rng(seed))
        _fill_bumps(vector, jumps, rate)
    else:
        _fill_walk(vector, first, last, np.random.default_rng(seed))
    return vector * float(amplitude_factor)


def _positive(name: str, value: Any) -> float:
    if not (isinstance(value, (int, float, np.number)) and 0 < value < math.inf):
        raise UsageError(f"{name} must be a number above 0 (it is {value!r}).")
    return float(value)


def _interval(value: Any) -> tuple[float, float]:
    try:
        low, high = (float(number) for number in value)
    except (TypeError, ValueError):
        low, high = 0.0, 0.0
    if not 0 < low <= high < math.inf:
        raise UsageError(
            f"bump_interval_s must be two times, the shorter one first (it is {value!r})."
        )
    return low, high


def _fill_zigzag(vector: Float64Array, first: int, last: int, rate: float, period: float) -> None:
    times = np.arange(last - first) / rate
    phase = np.mod(2 * np.pi * (1.0 / period) * times + np.pi / 2, 2 * np.pi)
    vector[first:last] = np.abs(phase / np.pi - 1) - 0.5
    vector[last:] = vector[last - 1]


def _jumps(
    interval: tuple[float, float], times: tuple[float, float, float], rng: np.random.Generator
) -> Float64Array:
    start, end, duration = times
    gaps = rng.uniform(*interval, size=int(duration / interval[0]))
    jumps: Float64Array = np.cumsum(gaps) + start
    return jumps[jumps < end]


def _fill_bumps(vector: Float64Array, jumps: Float64Array, rate: float) -> None:
    rows = (jumps * rate).astype(np.int64)
    for i in range(len(rows) - 1):
        vector[rows[i] : rows[i + 1]] = 0.5 if i % 2 == 0 else -0.5


def _fill_walk(vector: Float64Array, first: int, last: int, rng: np.random.Generator) -> None:
    steps = rng.integers(0, 1, size=len(vector), endpoint=True) * 2.0 - 1.0
    steps[:first] = 0
    steps[last:] = 0
    walk = np.cumsum(steps)
    vector[:] = walk / (2 * np.abs(walk).max())
