"""A number of some spikes, those that have one, and how many were left out and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.types import Float32Array, Int32Array, Int64Array


@dataclass(frozen=True, slots=True, eq=False)
class SpikeValues:
    """A number of each of some spikes.

    Attributes
    ----------
    spike_ids : int32 array, (n,)
        The spikes that have one, in the order asked.
    values : float32 array, (n,)
        All of them finite.
    n_asked
        Spikes that were asked for.
    n_read
        Those that were looked at; fewer where a sample stands for all.
    n_without
        Those of `n_read` for which the files hold no number at all.
    n_not_finite
        Those of `n_read` whose number is NaN or infinite.
    """

    spike_ids: Int32Array
    values: Float32Array
    n_asked: int
    n_read: int
    n_without: int = 0
    n_not_finite: int = 0

    @property
    def n_shown(self) -> int:
        """Spikes that have a number."""
        return len(self.spike_ids)

    def at(self, where: slice | Int64Array) -> SpikeValues:
        """Return the values at some places; the counts stay those of all."""
        return replace(self, spike_ids=self.spike_ids[where], values=self.values[where])


def keep_finite(
    spike_ids: Int32Array, values: NDArray[Any], n_asked: int | None = None, n_without: int = 0
) -> SpikeValues:
    """Return the finite values of some spikes.

    Parameters
    ----------
    spike_ids : int32 array, (n,)
    values : array of any numbers, (n,)
    n_asked
        See `SpikeValues`; None: as many as there are and `n_without`.
    n_without
        Spikes that were looked at too, in vain.
    """
    numbers = np.asarray(values, dtype=np.float32)
    n_read = len(spike_ids) + n_without
    is_finite = np.isfinite(numbers)
    n_broken = len(numbers) - int(np.count_nonzero(is_finite))
    if n_broken:
        spike_ids, numbers = spike_ids[is_finite], numbers[is_finite]
    asked = n_read if n_asked is None else n_asked
    return SpikeValues(spike_ids, numbers, asked, n_read, n_without, n_broken)
