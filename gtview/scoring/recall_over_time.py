"""Recall of each unit over time: what sparklines and bands on trajectories show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..kernels.state_counts import count_states_by_bin
from .rates import Rates, make_rates
from .states import SpikeState

if TYPE_CHECKING:
    from ..base.types import Float64Array, Int64Array
    from .states import SpikeStates


@dataclass(frozen=True, slots=True, eq=False)
class RecallOverTime:
    """Recall of each unit in each of some bins of time: sparklines, and bands on trajectories.

    Attributes
    ----------
    edges_s : float64 array, (n_bins + 1,)
    rates
        Arrays of shape (n_units, n_bins); NaN where the unit has no spikes.
    """

    edges_s: Float64Array
    rates: Rates

    @property
    def centers_s(self) -> Float64Array:
        """Middle of each bin, float64, (n_bins,)."""
        return np.asarray((self.edges_s[1:] + self.edges_s[:-1]) / 2)

    def of(self, unit: int) -> Float64Array:
        """Return the recall of a unit in each bin, float64, (n_bins,)."""
        return np.asarray(self.rates.value[unit])


def recall_over_time(
    true_samples: Int64Array,
    truth_offsets: Int64Array,
    states: SpikeStates,
    duration_samples: int,
    sample_rate_hz: float,
    n_bins: int = 60,
    *,
    counted: tuple[SpikeState, ...] = (SpikeState.FOUND,),
) -> RecallOverTime:
    """Count the spikes of each unit that are found, bin by bin.

    Parameters
    ----------
    true_samples : int64 array, (n_true,)
    truth_offsets : int64 array, (n_units + 1,)
    states
        Of all spikes.
    duration_samples, sample_rate_hz
        Of the recording.
    n_bins
        Bins of equal length, over all of it.
    counted
        The states that count as found; with `ELSEWHERE` also those in other clusters.
    """
    n_units = len(truth_offsets) - 1
    units = np.repeat(np.arange(n_units, dtype=np.int32), np.diff(truth_offsets))
    width = max(duration_samples, 1) / n_bins
    shape = (n_units, n_bins, len(SpikeState))
    counts = count_states_by_bin(true_samples, units, states.true_states, shape, 0, width)
    good = counts[:, :, list(counted)].sum(axis=2)
    edges_s = np.arange(n_bins + 1, dtype=np.float64) * (width / sample_rate_hz)
    return RecallOverTime(edges_s, make_rates(good, counts.sum(axis=2)))
