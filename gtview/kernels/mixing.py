"""Makes independent channels into channels with levels and a spatial covariance.

The covariance of two channels at a distance d is level * level * exp(-d / decay). Its Cholesky
factor is computed here, in float64, and its rows are kept sparse: the channels are taken by
depth, and each is a sum over few others before it. Every sum has one order of additions, so the
result depends on no library and no chunk.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..base.types import Float32Array, Float64Array, Int32Array, Int64Array
from ._jit import kernel
from .inputs import as_input

# Weights below this part of the largest of their row are dropped; correlations are then right
# within about that (tested within twice).
TOLERANCE = 3e-4


@dataclass(frozen=True, slots=True, eq=False)
class Mixing:
    """How each channel is made of independent ones.

    Channel `order[i]` is the sum of `weights[j]` times independent channel `sources[j]`, for j
    from `starts[i]` to `starts[i + 1]`, in this order; all sources of order[i] are among
    `order[: i + 1]`.

    Attributes
    ----------
    order : int32 array, (n_channels,)
    starts : int64 array, (n_channels + 1,)
    sources : int32 array, (n_weights,)
    weights : float32 array, (n_weights,)
        In the unit of the levels.
    """

    order: Int32Array
    starts: Int64Array
    sources: Int32Array
    weights: Float32Array

    def dense(self) -> Float64Array:
        """Return the matrix, float64, (n_channels, n_channels): channels, independent ones."""
        matrix = np.zeros((len(self.order), len(self.order)))
        rows = np.repeat(self.order, np.diff(self.starts))
        matrix[rows, self.sources] = self.weights
        return matrix


def compute_mixing(
    positions_um: Float32Array,
    levels: Float32Array,
    decay_um: float | None,
    *,
    tolerance: float = TOLERANCE,
) -> Mixing:
    """Return the mixing that leads to the levels and to correlations exp(-d / decay).

    Parameters
    ----------
    positions_um : float array, (n_channels, 2)
    levels : float array, (n_channels,)
        Standard deviation of each channel; the mixing keeps it exactly.
    decay_um
        None: channels are independent.
    tolerance
        See `TOLERANCE`.
    """
    n = len(levels)
    positions = np.asarray(positions_um, np.float64)
    order = np.lexsort((positions[:, 0], positions[:, 1])).astype(np.int32)
    factor = np.eye(n)
    if decay_um is not None:
        factor = _correlations(np.ascontiguousarray(positions[order]), float(decay_um))
        _factorise(factor)
    factor[np.abs(factor) < tolerance * np.abs(factor).max(axis=1, keepdims=True)] = 0.0
    factor *= np.asarray(levels, np.float64)[order, None] / _lengths(factor)
    rows, columns = np.nonzero(factor)
    starts = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(rows, minlength=n), out=starts[1:])
    weights = factor[rows, columns].astype(np.float32)
    return Mixing(order, starts, order[columns], weights)


def mix(values: Float32Array, n: int, mixing: Mixing) -> None:
    """Replace the first n columns of independent channels by those of mixed ones.

    Parameters
    ----------
    values : float32 array, (n_channels, at least n), C-contiguous
    n
        Samples.
    mixing
        From `compute_mixing`.
    """
    _mix(
        values,
        n,
        as_input(mixing.order, np.int32),
        as_input(mixing.starts, np.int64),
        as_input(mixing.sources, np.int32),
        as_input(mixing.weights, np.float32),
    )


@kernel
def _mix(values, n, order, starts, sources, weights):  # type: ignore[no-untyped-def]
    total = np.empty(n, np.float32)
    # From the last channel back: what it needs is still independent then.
    for i in range(len(order) - 1, -1, -1):
        total[:] = np.float32(0.0)
        j, stop = starts[i], starts[i + 1]
        while j + 4 <= stop:
            # Four at a time spare memory; the additions keep their order.
            a, b, c, d = weights[j], weights[j + 1], weights[j + 2], weights[j + 3]
            p, q = values[sources[j]], values[sources[j + 1]]
            r, s = values[sources[j + 2]], values[sources[j + 3]]
            for k in range(n):
                total[k] = (((total[k] + a * p[k]) + b * q[k]) + c * r[k]) + d * s[k]
            j += 4
        while j < stop:
            a, p = weights[j], values[sources[j]]
            for k in range(n):
                total[k] += a * p[k]
            j += 1
        row = values[order[i]]
        for k in range(n):
            row[k] = total[k]


@kernel
def _correlations(positions, decay):  # type: ignore[no-untyped-def]
    n = len(positions)
    result = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            x, y = positions[i, 0] - positions[j, 0], positions[i, 1] - positions[j, 1]
            result[i, j] = np.exp(-np.sqrt(x * x + y * y) / decay)
    return result


@kernel
def _factorise(matrix):  # type: ignore[no-untyped-def]
    """Replace a symmetric matrix by its lower Cholesky factor.

    What depends on the channels before it within rounding (two contacts at one place) gets a
    column of zeros: the factor of a matrix that is only semidefinite.
    """
    n = len(matrix)
    for j in range(n):
        pivot = matrix[j, j]
        is_free = pivot > 1e-10
        scale = 1.0 / np.sqrt(pivot) if is_free else 0.0
        for i in range(j, n):
            matrix[i, j] *= scale
        column = matrix[:, j].copy()
        for i in range(j + 1, n):
            if column[i] != 0.0:
                for k in range(j + 1, i + 1):
                    matrix[i, k] -= column[i] * column[k]
        matrix[j, j + 1 :] = 0.0


@kernel
def _lengths(matrix):  # type: ignore[no-untyped-def]
    """Return the length of each row, one column, added from left to right."""
    result = np.zeros((matrix.shape[0], 1))
    for i in range(matrix.shape[0]):
        for j in range(matrix.shape[1]):
            result[i, 0] += matrix[i, j] * matrix[i, j]
        result[i, 0] = np.sqrt(result[i, 0])
    return result
