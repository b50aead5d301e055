"""Exact histograms of the intervals between consecutive spikes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..base.types import Int64Array
from ._jit import kernel
from .inputs import as_input


@kernel
def _count_intervals(samples: Any, edges: Any, counts: Any) -> None:
    """Count into `counts`: shorter than the first edge, each bin, not shorter than the last."""
    n_edges = len(edges)
    for i in range(len(samples) - 1):
        interval = samples[i + 1] - samples[i]
        # The number of edges that are not larger: the bin's place, as counts[0] is "shorter".
        low, high = 0, n_edges
        while low < high:
            middle = (low + high) // 2
            if edges[middle] <= interval:
                low = middle + 1
            else:
                high = middle
        counts[low] += 1


def count_intervals(samples: Int64Array, edges_samples: ArrayLike) -> tuple[Int64Array, int, int]:
    """Count the intervals between consecutive spikes in bins.

    Parameters
    ----------
    samples : int64 array, (n,), samples
        Not decreasing.
    edges_samples : float64 array, (n_bins + 1,), samples
        Increasing; bin k holds the intervals from edge k, included, to edge k + 1, not included.

    Returns
    -------
    counts : int64 array, (n_bins,)
    n_shorter, n_longer
        Intervals before the first bin, and from the last edge on. All together are n - 1.
    """
    edges = as_input(edges_samples, np.float64)
    counts = np.zeros(len(edges) + 1, np.int64)
    _count_intervals(as_input(samples, np.int64), edges, counts)
    return counts[1:-1], int(counts[0]), int(counts[-1])
