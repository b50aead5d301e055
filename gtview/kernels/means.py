"""Means of a value over the spikes of each label."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.types import Float32Array, Float64Array, Int32Array
from ._jit import kernel
from .inputs import as_input


@kernel
def _add_by_label(values: Any, labels: Any, sums: Any, counts: Any) -> None:
    n_values = values.shape[1]
    for i in range(len(labels)):
        is_known = True
        for k in range(n_values):
            is_known &= np.isfinite(values[i, k])
        if is_known:
            label = labels[i]
            counts[label] += 1
            for k in range(n_values):
                sums[label, k] += values[i, k]


def mean_by_label(values: Float32Array, labels: Int32Array, n_labels: int) -> Float64Array:
    """Return the mean of some values of each label's spikes.

    Parameters
    ----------
    values : float32 array, (n, n_values)
        A spike with a value that is NaN or infinite does not count.
    labels : int32 array, (n,)
        From 0 to `n_labels` - 1.

    Returns
    -------
    float64 array, (n_labels, n_values)
        NaN for a label without spikes that count.
    """
    sums = np.zeros((n_labels, values.shape[1]), np.float64)
    counts = np.zeros(n_labels, np.int64)
    _add_by_label(as_input(values, np.float32), as_input(labels, np.int32), sums, counts)
    with np.errstate(invalid="ignore"):
        means: Float64Array = sums / counts[:, None]
    return means
