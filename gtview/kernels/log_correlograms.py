"""Exact correlograms in bins of growing width, for lags of any length.

Pairs are not looked at one by one: for each edge one pointer walks along the second train, so the
time grows with spikes times edges, however long the lags are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.types import Int64Array
from ._jit import kernel
from .inputs import as_input


@kernel
def _count_below(first: Any, second: Any, edges: Any) -> Any:
    """Count, for each edge, the pairs with first <= second < first + edge."""
    n_edges, n = len(edges), len(second)
    counts = np.zeros(n_edges, np.int64)
    stops = np.zeros(n_edges, np.int64)
    start = 0
    for i in range(len(first)):
        time = first[i]
        while start < n and second[start] < time:
            start += 1
        for k in range(n_edges):
            stop = stops[k]
            limit = time + edges[k]
            while stop < n and second[stop] < limit:
                stop += 1
            stops[k] = stop
            counts[k] += stop - start
    return counts


def log_correlogram(
    first: Int64Array, second: Int64Array | None, edges_samples: Int64Array
) -> Int64Array:
    """Count the pairs of spikes by lag, second minus first, in bins that mirror each other.

    The centre bin holds |lag| < e[0], bin k > 0 holds e[k - 1] <= lag < e[k], and bin -k the same
    lags with the other sign.

    Parameters
    ----------
    first : int64 array, (n,), samples
        Not decreasing.
    second : int64 array, (m,), samples, or None
        None: the pairs of different spikes of the first train, in both orders.
    edges_samples : int64 array, (n_half + 1,), samples
        Increasing, from at least 1.

    Returns
    -------
    int64 array, (2 * n_half + 1,)

    Raises
    ------
    ValueError
        The edges are no increasing lags.
    """
    edges = np.concatenate([[1], np.asarray(edges_samples, np.int64)])
    if len(edges) < 2 or edges[1] < 1 or (np.diff(edges[1:]) <= 0).any():
        raise ValueError("the edges must be increasing lags of at least one sample")
    a, limits = as_input(first, np.int64), as_input(edges, np.int64)
    b = a if second is None else as_input(second, np.int64)
    after = _count_below(a, b, limits)
    before = after if second is None else _count_below(b, a, limits)
    # Those at the same sample are counted on both sides, each spike with itself among them.
    centre = after[1] + before[1] - after[0] - (len(a) if second is None else 0)
    counts: Int64Array = np.concatenate([np.diff(before[1:])[::-1], [centre], np.diff(after[1:])])
    return counts
