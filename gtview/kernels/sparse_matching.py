"""How many spikes a few trains share with many: quick where the few have few spikes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.types import Int32Array, Int64Array
from ._jit import kernel
from .inputs import as_input
from .matching import _skip


def count_matches_of(
    train: Int64Array, samples: Int64Array, labels: Int32Array, n_labels: int, delta: int
) -> Int64Array:
    """Count the matches of one train with every label, as `pair_counts.count_matches` does.

    The time grows with the spikes of the train (and the logarithm of how far they are apart), not
    with those of `samples`.

    Parameters
    ----------
    train : int64 array, (n,)
        Increasing; in samples.
    samples, labels, n_labels, delta
        As for `pair_counts.count_matches`.

    Returns
    -------
    int64 array, (n_labels,)
    """
    counts: Int64Array = _count_matches_of(
        as_input(train, np.int64),
        as_input(samples, np.int64),
        as_input(labels, np.int32),
        n_labels,
        delta,
    )
    return counts


def warm_up() -> None:
    """Compile all of this, or load it from the cache."""
    train = np.zeros(1, np.int64)
    count_matches_of(train, train, np.zeros(1, np.int32), 1, 1)


@kernel
def _count_matches_of(train: Any, samples: Any, labels: Any, n_labels: int, delta: int) -> Any:
    counts = np.zeros(n_labels, np.int64)
    last = np.full(n_labels, -1, np.int64)
    matched_by = np.full(n_labels, -1, np.int64)
    place = 0
    for k in range(len(train)):
        place = _skip(samples, place, train[k] - delta)
        i = place
        while i < len(samples) and samples[i] <= train[k] + delta:
            label = labels[i]
            if label >= 0 and matched_by[label] != k and last[label] < i:
                matched_by[label] = k
                counts[label] += 1
                last[label] = i
            i += 1
    return counts
