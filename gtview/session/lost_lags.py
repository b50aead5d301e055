"""How spikes that are missed lie to spikes that are found; for a thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..analysis.correlogram_bins import CorrelogramBins
from ..scoring.collisions import CollisionMap, compute_collision_map
from ..scoring.states import SpikeState

if TYPE_CHECKING:
    from ..base.types import Float64Array, Int64Array
    from .spike_truth import SpikeTruth

Partners = Literal["neighbours", "same unit"]
PARTNERS: tuple[Partners, ...] = ("neighbours", "same unit")


@dataclass(frozen=True, slots=True, eq=False)
class LostLags:
    """Rates of found spikes around missed ones, and around found ones for comparison.

    Attributes
    ----------
    edges_ms : float64 array, (n_bins + 1,)
        The found spike minus the one it is around.
    n_missed, n_found
        Spikes that it is around.
    missed_counts, found_counts : int64 arrays, (n_bins,)
        Pairs.
    """

    edges_ms: Float64Array
    n_missed: int
    n_found: int
    missed_counts: Int64Array
    found_counts: Int64Array

    @property
    def around_missed_hz(self) -> Float64Array:
        """Found spikes a second around a missed one, float64, (n_bins,); NaN without any."""
        return self._rate(self.missed_counts, self.n_missed)

    @property
    def around_found_hz(self) -> Float64Array:
        """Found spikes a second around a found one."""
        return self._rate(self.found_counts, self.n_found)

    def _rate(self, counts: Int64Array, n: int) -> Float64Array:
        widths_s = np.diff(self.edges_ms) / 1000
        return np.asarray(counts / (n * widths_s) if n else np.full(len(counts), np.nan))


def compute_lost_lags(
    truth: SpikeTruth,
    rows: Sequence[int],
    partners: Partners,
    bin_ms: float = 0.5,
    window_ms: float = 20.0,
) -> Iterator[LostLags | None]:
    """Count pairs of some units, one after another; gives None until it is finished.

    Parameters
    ----------
    truth
        What became of the spikes.
    rows
        Positions of the units of which missed spikes are taken.
    partners
        The found spikes: those of units that share a channel (of all other units where that is
        not known), or those of the same unit.
    bin_ms, window_ms
        Width of a bin, and of all of them.
    """
    bins = CorrelogramBins.nearest(bin_ms, window_ms, truth.facts.sample_rate_hz)
    missed_counts, found_counts = np.zeros((2, bins.n_bins), np.int64)
    n_missed = n_found = 0
    found_of = cache(partial(samples_of_state, truth, state=SpikeState.FOUND))
    for row in rows:
        missed, found = samples_of_state(truth, row, SpikeState.MISSED), found_of(row)
        if partners == "same unit":
            missed_counts += bins.count(missed, found)
            found_counts += bins.count(found, None)
        else:
            for other in neighbours_of(truth, row):
                missed_counts += bins.count(missed, found_of(other))
                found_counts += bins.count(found, found_of(other))
        n_missed, n_found = n_missed + len(missed), n_found + len(found)
        yield None
    half = bins.bin_ms * (bins.n_half + 0.5)
    edges = np.linspace(-half, half, bins.n_bins + 1)
    yield LostLags(edges, n_missed, n_found, missed_counts, found_counts)


def samples_of_state(truth: SpikeTruth, row: int, state: SpikeState) -> Int64Array:
    """Return the samples of the true spikes of a unit that have a state; int64, increasing."""
    source = truth.facts.truth
    first, stop = source.offsets[row], source.offsets[row + 1]
    is_of_state = truth.states().true_states[first:stop] == state
    return np.asarray(source.spike_samples[first:stop][is_of_state], np.int64)


def neighbours_of(truth: SpikeTruth, row: int) -> list[int]:
    """Return the positions of the units that share a channel with one; all others if unknown."""
    n_units, is_near = truth.facts.truth.n_units, truth.facts.neighbours().is_near
    near = range(n_units) if is_near is None else np.flatnonzero(is_near[row]).tolist()
    return [other for other in near if other != row]


def compute_unit_collisions(
    truth: SpikeTruth, row: int | None, n_lags: int = 11, n_rows: int = 8
) -> CollisionMap:
    """Return the recall of colliding spikes of one unit (its position), or of all (None)."""
    near, n_units = truth.facts.neighbours(), truth.facts.truth.n_units
    is_near = near.is_near
    if row is not None:
        is_near = np.zeros((n_units, n_units), np.bool_)
        is_near[row] = True if near.is_near is None else near.is_near[row]
    return compute_collision_map(
        truth.query.index.get(), truth.states(), near.similarity, truth.facts.sample_rate_hz,
        is_near=is_near, n_lags=n_lags, n_rows=n_rows,
    )  # fmt: skip
