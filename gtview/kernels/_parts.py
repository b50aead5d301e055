"""Runs a kernel on several parts of its trains at once; the parts share nothing they write."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np

from ..base.types import Int64Array

# More threads would take the cores from the views of a window; fewer spikes are not worth one.
MAX_PARTS = 4
_MIN_SPIKES = 1 << 20


def split_evenly(offsets: Int64Array, n_parts: int) -> list[tuple[int, int]]:
    """Split trains into runs of about equally many spikes.

    Parameters
    ----------
    offsets : int64 array, (n_trains + 1,)
        As many spikes before each train.
    n_parts
        At most so many runs; none of them is empty.

    Returns
    -------
    list of (first, end) trains
    """
    wanted = offsets[0] + (offsets[-1] - offsets[0]) * np.arange(1, n_parts) // n_parts
    edges = np.unique(np.r_[0, np.searchsorted(offsets, wanted), len(offsets) - 1]).tolist()
    return list(pairwise(edges))


def run_in_parts(work: Callable[[int, int], object], offsets: Int64Array) -> None:
    """Call `work(first, end)` for runs of trains, in threads where there are many spikes.

    Parameters
    ----------
    work
        Calls a kernel (these run without the GIL) for the trains from `first` to `end`.
    offsets : int64 array, (n_trains + 1,)
        As many spikes before each train.
    """
    n_parts = min(MAX_PARTS, os.cpu_count() or 1)
    is_small = len(offsets) < 2 or offsets[-1] - offsets[0] < _MIN_SPIKES
    parts = [(0, len(offsets) - 1)] if is_small else split_evenly(offsets, n_parts)
    if len(parts) == 1:
        work(*parts[0])
        return
    with ThreadPoolExecutor(len(parts), thread_name_prefix="gtview-part") as threads:
        for done in [threads.submit(work, *part) for part in parts]:
            done.result()
