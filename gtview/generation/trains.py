"""Draws when units fire: Poisson with a refractory period, bursts, and rates that change."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..base.types import Float64Array, Int32Array, Int64Array
from .recipe_spikes import Bursts, RateModulation, Trains
from .seeds import Seeds
from .synchrony import add_synchrony


@dataclass(frozen=True, slots=True, eq=False)
class SpikeTrains:
    """All spikes in the order of time; those of one sample in the order of units.

    Attributes
    ----------
    samples : int64 array, (n_spikes,)
    units : int32 array, (n_spikes,)
    burst_positions : int32 array, (n_spikes,)
        0 for a spike of its own, and for the first of a burst; then 1, 2, ...
    warnings
        Sentences on what could not be kept.
    """

    samples: Int64Array
    units: Int32Array
    burst_positions: Int32Array
    warnings: tuple[str, ...] = ()


def draw_trains(
    rates_hz: Float64Array,
    n_samples: int,
    sample_rate_hz: float,
    wish: Trains,
    seeds: Seeds,
    only: Iterable[int] | None = None,
) -> SpikeTrains:
    """Draw the trains of all units.

    No two spikes of one unit are nearer than the refractory period, whatever is added.

    Parameters
    ----------
    rates_hz : float64 array, (n_units,)
        Mean rates; spikes that synchrony adds are not counted.
    n_samples, sample_rate_hz
        Length of the recording.
    wish
        What is asked.
    seeds
        Streams of random numbers.
    only
        Units to draw: their trains are the same as with all others, but for what synchrony adds.
    """
    gap = minimum_gap(wish.refractory_ms, sample_rate_hz)
    drawn = range(len(rates_hz)) if only is None else sorted(only)
    trains, positions = [np.empty(0, np.int64)], [np.empty(0, np.int32)]
    for unit in drawn:
        rng, rate = seeds.rng("trains", unit), float(rates_hz[unit])
        train = _one_train(rate, n_samples, sample_rate_hz, gap, wish, unit, seeds, rng)
        trains.append(train[0])
        positions.append(train[1])
    counts = [len(train) for train in trains[1:]]
    units = np.repeat(np.array(drawn, np.int32), counts)
    spikes = in_order(np.concatenate(trains), units, np.concatenate(positions))
    return add_events(spikes, len(rates_hz), n_samples, sample_rate_hz, wish, seeds)


def add_events(
    spikes: SpikeTrains,
    n_units: int,
    n_samples: int,
    sample_rate_hz: float,
    wish: Trains,
    seeds: Seeds,
) -> SpikeTrains:
    """Add the synchronous events that are asked for to trains that are there."""
    if wish.synchrony is None or n_units < 2:
        return spikes
    gap = minimum_gap(wish.refractory_ms, sample_rate_hz)
    samples, units, missing = add_synchrony(
        spikes.samples,
        spikes.units,
        n_units,
        n_samples,
        wish.synchrony,
        (gap, sample_rate_hz),
        seeds.rng("synchrony"),
    )
    n_added = len(samples) - len(spikes.samples)
    positions = np.concatenate([spikes.burst_positions, np.zeros(n_added, np.int32)])
    told = f"{missing} synchronous spikes found no place outside of refractory periods."
    return in_order(samples, units, positions, (told,) if missing else ())


def minimum_gap(refractory_ms: float, sample_rate_hz: float) -> int:
    """Return the smallest distance of two spikes of one unit, in samples; at least 1."""
    # Without the subtraction 4 ms at 30 kHz could become 121 samples by rounding.
    return max(1, math.ceil(refractory_ms * sample_rate_hz / 1000 - 1e-6))


def in_order(
    samples: Int64Array,
    units: Int32Array,
    positions: Int32Array | None = None,
    warnings: tuple[str, ...] = (),
) -> SpikeTrains:
    """Bring spikes in the order of time, then of units."""
    order = np.lexsort((units, samples))
    positions = np.zeros(len(samples), np.int32) if positions is None else positions
    return SpikeTrains(
        np.ascontiguousarray(samples[order], np.int64),
        np.ascontiguousarray(units[order], np.int32),
        np.ascontiguousarray(positions[order], np.int32),
        warnings,
    )


def _one_train(
    rate_hz: float,
    n_samples: int,
    sample_rate_hz: float,
    gap: int,
    wish: Trains,
    unit: int,
    seeds: Seeds,
    rng: np.random.Generator,
) -> tuple[Int64Array, Int32Array]:
    if wish.bursts is not None:
        # The asked rate is that of all spikes.
        rate_hz /= 1 + wish.bursts.probability * (_mean_size(wish.bursts) - 1)
    peak = 1.0 if wish.modulation is None else 1 + wish.modulation.depth
    train = draw_poisson(rate_hz * peak / sample_rate_hz, n_samples, gap, rng)
    if wish.modulation is not None:
        train = _thin(train, wish.modulation, sample_rate_hz, unit, seeds)
    if wish.bursts is None:
        return train, np.zeros(len(train), np.int32)
    return _add_bursts(train, n_samples, wish.bursts, (gap, sample_rate_hz), seeds, unit)


def draw_poisson(rate: float, n_samples: int, gap: int, rng: np.random.Generator) -> Int64Array:
    """Draw a Poisson train with a dead time, whose mean rate is kept.

    Parameters
    ----------
    rate
        Spikes a sample; below 1 / gap.
    n_samples
        Length.
    gap
        Dead time in samples, at least 1.
    rng
        Random numbers.

    Returns
    -------
    int64 array
        Increasing, at least `gap` apart.
    """
    if rate <= 0:
        return np.empty(0, np.int64)
    # Intervals are gap + a whole number with a geometric distribution of this mean.
    mean = max(1 / rate - gap, 1e-9)
    chance = 1 / (1 + mean)
    parts: list[Int64Array] = []
    # In a steady state a recording begins in a dead time as often as dead times take of time.
    waits = int(rng.integers(0, gap)) if rng.random() < rate * gap else 0
    last = waits - gap
    block = int(rate * n_samples + 5 * math.sqrt(rate * n_samples) + 16)
    while last < n_samples:
        spikes = last + np.cumsum(gap + rng.geometric(chance, block) - 1)
        parts.append(spikes)
        last = int(spikes[-1])
    train: Int64Array = np.concatenate(parts).astype(np.int64)
    return train[(train >= 0) & (train < n_samples)]


def _thin(
    train: Int64Array, wish: RateModulation, sample_rate_hz: float, unit: int, seeds: Seeds
) -> Int64Array:
    """Leave spikes out where the rate is low; what is left keeps its refractory period."""
    shared = seeds.rng("modulation", 0)
    own = shared if wish.is_common else seeds.rng("modulation", 1, unit)
    times = train / sample_rate_hz
    if wish.kind == "sine":
        wave = np.sin(2 * np.pi * (times / wish.period_s + own.random()))
    else:
        n = int(times[-1] / wish.period_s) + 1 if len(times) else 1
        wave = own.uniform(-1, 1, n)[(times / wish.period_s).astype(np.int64)]
    chance = (1 + wish.depth * wave) / (1 + wish.depth)
    return train[seeds.rng("modulation", 2, unit).random(len(train)) < chance]


def _mean_size(bursts: Bursts) -> float:
    low, high = round(bursts.n_spikes.low), round(bursts.n_spikes.high)
    return (low + high) / 2


def _add_bursts(
    train: Int64Array,
    n_samples: int,
    wish: Bursts,
    gap_and_rate: tuple[int, float],
    seeds: Seeds,
    unit: int,
) -> tuple[Int64Array, Int32Array]:
    gap, sample_rate_hz = gap_and_rate
    rng = seeds.rng("bursts", unit)
    first = train[rng.random(len(train)) < wish.probability]
    low, high = round(wish.n_spikes.low), round(wish.n_spikes.high)
    extra = rng.integers(low, high + 1, len(first)) - 1
    n_most = high - 1
    intervals = rng.uniform(wish.interval_ms.low, wish.interval_ms.high, (len(first), n_most))
    steps = np.maximum(gap, np.ceil(intervals * sample_rate_hz / 1000).astype(np.int64))
    samples = first[:, None] + np.cumsum(steps, axis=1)
    numbers = np.broadcast_to(np.arange(1, n_most + 1, dtype=np.int32), samples.shape)
    keep = (np.arange(n_most) < extra[:, None]) & (samples < n_samples)
    all_samples = np.concatenate([train, samples[keep]])
    positions = np.concatenate([np.zeros(len(train), np.int32), numbers[keep]])
    order = np.argsort(all_samples, kind="stable")
    return _without_violations(all_samples[order], positions[order], gap)


def _without_violations(
    samples: Int64Array, positions: Int32Array, gap: int
) -> tuple[Int64Array, Int32Array]:
    """Drop spikes that come too early after one that is kept."""
    while True:
        is_early = np.zeros(len(samples), bool)
        is_early[1:] = np.diff(samples) < gap
        # Of a run only the first is dropped at a time: the next may then be far enough.
        is_early[1:] &= ~is_early[:-1]
        if not is_early.any():
            return samples, positions
        samples, positions = samples[~is_early], positions[~is_early]
