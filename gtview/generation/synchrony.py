"""Adds spikes that several units fire together."""

from __future__ import annotations

import numpy as np

from ..base.types import BoolArray, Int32Array, Int64Array
from .recipe_spikes import Synchrony

# Spikes that found no place are tried again, at other times, so often.
_N_ROUNDS = 20


def add_synchrony(
    samples: Int64Array,
    units: Int32Array,
    n_units: int,
    n_samples: int,
    wish: Synchrony,
    gap_and_rate: tuple[int, float],
    rng: np.random.Generator,
) -> tuple[Int64Array, Int32Array, int]:
    """Let other units fire with spikes that are there.

    An event is a spike that exists and `size - 1` spikes of other units, all different. A spike
    that would violate the refractory period of its unit is not added.

    Parameters
    ----------
    samples : int64 array, (n_spikes,)
    units : int32 array, (n_spikes,)
    n_units, n_samples
        At least 2 units.
    wish
        How many spikes are added, how many units an event has, and how exact it is.
    gap_and_rate
        Smallest distance of two spikes of one unit in samples, and samples a second.
    rng
        Random numbers.

    Returns
    -------
    samples : int64 array, (n_spikes + n_added,)
        First those that were there, then the added ones.
    units : int32 array, (n_spikes + n_added,)
    missing
        How many found no place.
    """
    gap, sample_rate_hz = gap_and_rate
    wanted = round(wish.ratio * len(samples))
    triggers, trigger_units = samples, units
    missing = wanted
    for _ in range(_N_ROUNDS):
        if missing <= 0 or not len(triggers):
            break
        new_samples, new_units = _draw_events(triggers, trigger_units, n_units, missing, wish, rng)
        jitter = rng.normal(0.0, wish.jitter_ms * sample_rate_hz / 1000, len(new_samples))
        new_samples = new_samples + np.rint(jitter).astype(np.int64)
        is_inside = (new_samples >= 0) & (new_samples < n_samples)
        new_samples, new_units = new_samples[is_inside], new_units[is_inside]
        fits = _fitting(samples, units, new_samples, new_units, gap)
        samples = np.concatenate([samples, new_samples[fits]])
        units = np.concatenate([units, new_units[fits].astype(np.int32)])
        missing -= int(fits.sum())
    return samples, units, max(0, missing)


def _draw_events(
    triggers: Int64Array,
    trigger_units: Int32Array,
    n_units: int,
    n_wanted: int,
    wish: Synchrony,
    rng: np.random.Generator,
) -> tuple[Int64Array, Int64Array]:
    low = max(2, round(wish.size.low))
    high = min(n_units, max(low, round(wish.size.high)))
    low = min(low, high)
    n_events = int(n_wanted / ((low + high) / 2 - 1)) + 1
    chosen = rng.integers(0, len(triggers), n_events)
    sizes = rng.integers(low, high + 1, n_events)
    others = _other_units(trigger_units[chosen].astype(np.int64), high - 1, n_units, rng)
    keep = np.arange(high - 1) < (sizes - 1)[:, None]
    at = np.broadcast_to(triggers[chosen][:, None], keep.shape)[keep]
    return at[:n_wanted], others[keep][:n_wanted]


def _other_units(
    own: Int64Array, n_others: int, n_units: int, rng: np.random.Generator
) -> Int64Array:
    """Draw different units for each event, none of them its own; int64, (n_events, n_others)."""
    taken = own[:, None]
    for k in range(n_others):
        drawn = rng.integers(0, n_units - 1 - k, len(own))
        # Counts only what is left: skip the taken ones, in increasing order.
        for column in np.sort(taken, axis=1).T:
            drawn = drawn + (drawn >= column)
        taken = np.concatenate([taken, drawn[:, None]], axis=1)
    return taken[:, 1:]


def _fitting(
    samples: Int64Array,
    units: Int32Array,
    new_samples: Int64Array,
    new_units: Int64Array,
    gap: int,
) -> BoolArray:
    """Tell which new spikes keep the refractory period with the old ones and each other."""
    top = max(int(samples.max(initial=0)), int(new_samples.max(initial=0)))
    # One number for unit and time, in which units are further apart than a gap.
    span = top + gap + 1
    keys = np.concatenate([units * np.int64(span) + samples, new_units * span + new_samples])
    ids = np.argsort(keys, kind="stable")
    n_old = len(samples)
    fits = np.ones(len(new_samples), bool)
    while True:
        # Two that were there before may be close: trains that are given are kept as they are.
        is_close = (np.diff(keys[ids]) < gap) & (np.maximum(ids[:-1], ids[1:]) >= n_old)
        if not is_close.any():
            return fits
        first, second = ids[:-1][is_close], ids[1:][is_close]
        # The later of the two gives way, unless it was there before.
        victims = np.unique(np.where(second >= n_old, second, first))
        fits[victims - n_old] = False
        ids = ids[~np.isin(ids, victims)]
