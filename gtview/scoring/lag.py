"""Is the sorting late or early as a whole? Then every score is too low, and nobody sees why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..kernels._parts import run_in_parts
from ..kernels.matching import count_lags, match_trains

if TYPE_CHECKING:
    from ..base.types import Float64Array, Int64Array
    from .pairs import SortedTrains, TrueTrains

WINDOW_MS = 2.0
# What an offset has to win, in mean agreement, before anybody is told.
_MIN_GAIN = 0.05
# The scan looks at these many units (the largest), and at these many spikes of each.
_MAX_UNITS = 100
_MAX_SPIKES = 1000
# A unit votes for a lag if it would agree this well with one cluster.
_MIN_AGREEMENT = 0.2


@dataclass(frozen=True, slots=True)
class LagScan:
    """A constant offset between the sorting and the truth that hides agreement.

    Attributes
    ----------
    lag_samples, lag_ms
        Sorted minus true: positive where the sorter's spikes come late.
    agreement_now
        Mean over the units of the scan of the agreement with their best cluster.
    agreement_then
        The same with the offset removed.
    """

    lag_samples: int
    lag_ms: float
    agreement_now: float
    agreement_then: float

    @property
    def warning(self) -> str:
        """A sentence for the user."""
        n = abs(self.lag_samples)
        side = "after" if self.lag_samples > 0 else "before"
        return (
            f"The sorted spikes come {n} sample{'s' * (n > 1)} ({abs(self.lag_ms):.2f} ms) {side} "
            f"the true ones: without this offset the mean best agreement would be "
            f"{self.agreement_then:.2f} instead of {self.agreement_now:.2f}."
        )


def scan_lag(
    truth: TrueTrains,
    found: SortedTrains,
    agreement: Float64Array,
    delta_samples: int,
    sample_rate_hz: float,
) -> LagScan | None:
    """Look for a constant offset within 2 ms that would raise the agreement.

    A sample of each unit's spikes is correlated with all clusters; units that would then agree
    with one cluster vote for its lags; the offset they agree on is tried on whole trains.

    Parameters
    ----------
    truth, found
        Trains of the units and of the clusters.
    agreement : float64 array, (n_units, n_clusters)
        Without an offset.
    delta_samples
        Largest distance of a match, in samples.
    sample_rate_hz
        Samples a second.

    Returns
    -------
    LagScan or None
        None where no offset raises the mean agreement by 0.05.
    """
    window = max(int(WINDOW_MS / 1000 * sample_rate_hz), delta_samples)
    units = np.argsort(-truth.sizes, kind="stable")[:_MAX_UNITS]
    units = units[truth.sizes[units] > 0]
    votes = np.zeros(2 * window + 1, np.int64)
    bests: list[tuple[int, Int64Array] | None] = [None] * len(units)

    def look(first: int, end: int) -> None:
        for k in range(first, end):
            bests[k] = _best_cluster_at_any_lag(truth, found, int(units[k]), window, delta_samples)

    run_in_parts(look, np.concatenate([[0], np.cumsum(truth.sizes[units])]))
    for best in bests:
        if best is not None:
            votes += best[1]
    lag = main_lag(votes, window, delta_samples)
    if lag == 0:
        return None
    now = agreement[units].max(axis=1)
    then = now.copy()
    for row, (unit, best) in enumerate(zip(units.tolist(), bests, strict=True)):
        if best is not None:
            train = found.train(best[0])
            then[row] = _agreement_at(truth.train(unit), train, lag, delta_samples)
    if then.mean() - now.mean() < _MIN_GAIN:
        return None
    return LagScan(lag, lag / sample_rate_hz * 1000, float(now.mean()), float(then.mean()))


def _best_cluster_at_any_lag(
    truth: TrueTrains, found: SortedTrains, unit: int, window: int, delta: int
) -> tuple[int, Int64Array] | None:
    """Return the cluster that may agree best with a unit, and its counts by lag."""
    train = truth.train(unit)
    step = -(-len(train) // _MAX_SPIKES)
    sample = train[::step]
    counts = count_lags(sample, found.samples, found.labels, len(found.sizes), window)
    expected = found.sizes * (len(sample) / len(train))

    def agreement(near: Int64Array, columns: Int64Array) -> Float64Array:
        # A burst has several spikes within delta of one: no more than one of them can match.
        near = np.minimum(near, len(sample))
        either = np.maximum(len(sample) + expected[columns] - near, 1)
        return np.asarray(near / either, np.float64)

    # Few have so many spikes at all lags together that they may have enough at one.
    columns = np.arange(len(counts))
    columns = columns[agreement(counts.sum(axis=1), columns) >= _MIN_AGREEMENT]
    near = box_sums(counts[columns], delta).max(axis=1, initial=0)
    agreements = agreement(near, columns)
    if not len(columns) or agreements.max() < _MIN_AGREEMENT:
        return None
    best = int(columns[np.argmax(agreements)])
    return best, counts[best]


def box_sums(counts: Int64Array, delta: int) -> Int64Array:
    """Sum counts by lag over each run of 2 * delta + 1 lags that fits in."""
    sums = np.cumsum(counts, axis=-1)
    sums = np.concatenate([np.zeros_like(sums[..., :1]), sums], axis=-1)
    width = 2 * delta + 1
    return sums[..., width:] - sums[..., :-width]


def main_lag(votes: Int64Array, window: int, delta: int) -> int:
    """Return the median of the lags in the fullest run of 2 * delta + 1 lags; 0 without votes."""
    if not votes.any():
        return 0
    start = int(np.argmax(box_sums(votes, delta)))
    inside = np.cumsum(votes[start : start + 2 * delta + 1])
    middle = int(np.searchsorted(inside, (inside[-1] + 1) // 2))
    return start + middle - window


def _agreement_at(train: Int64Array, found: Int64Array, lag: int, delta: int) -> float:
    n_matched = int(np.count_nonzero(match_trains(train + lag, found, delta) >= 0))
    return n_matched / (len(train) + len(found) - n_matched)
