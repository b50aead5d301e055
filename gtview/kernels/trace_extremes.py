"""The lowest and the highest value of traces in each pixel column; no Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.types import Float32Array
from ._jit import kernel
from .inputs import as_input


@dataclass(frozen=True, slots=True)
class Columns:
    """Which samples are in which pixel column.

    Attributes
    ----------
    first
        Sample at the left edge of the image, may lie between two samples or before the first.
    per_column
        Samples in a column, may be less than one.
    n
        Columns of the image.
    """

    first: float
    per_column: float
    n: int


def column_extremes(values: Float32Array, columns: Columns) -> tuple[Float32Array, Float32Array]:
    """Return the lowest and the highest value of each trace in each pixel column.

    A trace is the straight lines between its samples, so that neighbouring columns touch.

    Parameters
    ----------
    values : float32 array, (n_samples, n_traces)
    columns
        Place of the samples in the image.

    Returns
    -------
    low, high : float32 arrays, (n_traces, n_columns)
        NaN where a column lies wholly outside of the samples.
    """
    low = np.full((values.shape[1], columns.n), np.nan, np.float32)
    high = low.copy()
    _extremes(as_input(values, np.float32), columns.first, columns.per_column, low, high)
    return low, high


@kernel
def _extremes(values: Any, first: float, per_column: float, low: Any, high: Any) -> None:
    n_samples, n_traces = values.shape
    lo = np.empty(n_traces, np.float32)
    hi = np.empty(n_traces, np.float32)
    for k in range(low.shape[1]):
        start = max(first + k * per_column, 0.0)
        stop = min(first + (k + 1) * per_column, n_samples - 1.0)
        if not start <= stop:
            continue
        # Both ends lie between two samples.
        i = int(start)
        share = np.float32(start - i)
        j = min(i + 1, n_samples - 1)
        for c in range(n_traces):
            value = values[i, c] + share * (values[j, c] - values[i, c])
            lo[c] = value
            hi[c] = value
        for t in range(math.ceil(start), int(stop) + 1):
            for c in range(n_traces):
                lo[c] = min(lo[c], values[t, c])
                hi[c] = max(hi[c], values[t, c])
        i = int(stop)
        share = np.float32(stop - i)
        j = min(i + 1, n_samples - 1)
        for c in range(n_traces):
            value = values[i, c] + share * (values[j, c] - values[i, c])
            low[c, k] = min(lo[c], value)
            high[c, k] = max(hi[c], value)
