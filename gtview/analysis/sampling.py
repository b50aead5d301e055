"""Which spikes are read where reading all of them would take too long."""

from __future__ import annotations

import numpy as np

from ..base.types import Int32Array, Int64Array


def even_positions(n: int, max_n: int) -> Int64Array:
    """Return at most `max_n` of the positions 0 .. n - 1, evenly spread, both ends included.

    The same question always has the same answer, so that a picture does not flicker.

    Returns
    -------
    int64 array, (min(n, max_n),)
        Strictly increasing.
    """
    if n <= max_n:
        return np.arange(n, dtype=np.int64)
    if max_n < 2:
        return np.full(max(max_n, 0), n // 2, np.int64)
    return np.arange(max_n, dtype=np.int64) * (n - 1) // (max_n - 1)


def sample_evenly(spike_ids: Int32Array, max_n: int) -> Int32Array:
    """Return at most `max_n` of some spikes, evenly by rank; in order of time if they are.

    Parameters
    ----------
    spike_ids : int32 array, (n_spikes,)
    max_n
        How many to keep.

    Returns
    -------
    int32 array, (min(n_spikes, max_n),)
    """
    sample: Int32Array = spike_ids[even_positions(len(spike_ids), max_n)]
    return sample
