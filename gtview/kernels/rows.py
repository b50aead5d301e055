"""Rasters of any number of spikes: one row a label, counted and painted without Qt."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.types import Int32Array, Int64Array
from ._jit import kernel
from .inputs import as_input

UInt8Array = NDArray[np.uint8]
UInt32Array = NDArray[np.uint32]


@kernel
def _count_rows(
    samples: Any, labels: Any, rows: Any, origin: float, factor: float, counts: Any
) -> None:
    n_columns = counts.shape[0]
    end = float(n_columns)
    for i in range(len(samples)):
        column = (samples[i] - origin) * factor
        row = rows[labels[i]]
        if row >= 0 and column >= 0.0 and column <= end:
            counts[min(int(column), n_columns - 1), row] += np.uint32(1)


def count_rows(
    samples: Int64Array,
    labels: Int32Array,
    rows: ArrayLike,
    n_rows: int,
    sample_range: tuple[float, float],
    n_columns: int,
) -> UInt32Array:
    """Count the spikes of each row in each column of pixels.

    Fastest when the samples increase, as they do for a sorter's spikes: then the counts of one
    column are written together, and nothing is looked up far away.

    Parameters
    ----------
    samples : int64 array, (n,), samples
    labels : int32 array, (n,)
        Label of each spike, not negative.
    rows : int32 array, (at least the largest label + 1,)
        Row of each label; -1: not counted.
    n_rows, n_columns
        Size of the result.
    sample_range
        Left edge of the first and right edge of the last column, both included.

    Returns
    -------
    counts : uint32 array, (n_columns, n_rows)
        Its sum is the number of spikes in sight.
    """
    low, high = sample_range
    counts = np.zeros((n_columns, max(n_rows, 1)), np.uint32)
    _count_rows(
        as_input(samples, np.int64),
        as_input(labels, np.int32),
        as_input(rows, np.int32),
        float(low),
        n_columns / (high - low),
        counts,
    )
    return counts[:, :n_rows]


@kernel
def _paint_row(image: Any, opacity: Any, color: Any, top: int, bottom: int, wide: int) -> None:
    width = image.shape[1]
    for column in range(width):
        strength = 0
        for k in range(max(column - wide + 1, 0), column + 1):
            strength = max(strength, opacity[k])
        if strength == 0:
            continue
        for row in range(top, bottom):
            # Where several rows share a pixel, the strongest is seen.
            if strength <= image[row, column, 3]:
                continue
            for part in range(3):
                image[row, column, part] = np.uint8(color[part] * strength / 255.0 + 0.5)
            image[row, column, 3] = np.uint8(strength)


@kernel
def _paint_rows(
    image: Any, opacities: Any, order: Any, tops: Any, bottoms: Any, colors: Any, wide: int
) -> None:
    for k in range(len(order)):
        row = order[k]
        _paint_row(image, opacities[row], colors[row], tops[row], bottoms[row], wide)


def paint_rows(
    image: UInt8Array,
    opacities: UInt8Array,
    order: Int64Array,
    tops: ArrayLike,
    bottoms: ArrayLike,
    colors: UInt8Array,
    wide: int = 1,
) -> None:
    """Paint rows of marks into an image.

    Parameters
    ----------
    image : uint8 array, (height, width, 4), premultiplied red, green, blue, alpha
        Changed in place; of what is already there, the more opaque stays.
    opacities : uint8 array, (n_rows, width)
        Opacity of each row in each column.
    order : int64 array, (n_painted,)
        Which rows are painted.
    tops, bottoms : int64 arrays, (n_rows,), pixels
        First row of pixels of each, and the one after its last; inside the image.
    colors : uint8 array, (n_rows, 3)
    wide
        Pixels that a mark covers, from its own column to the right.
    """
    _paint_rows(
        image,
        as_input(opacities, np.uint8),
        as_input(order, np.int64),
        as_input(tops, np.int64),
        as_input(bottoms, np.int64),
        as_input(colors, np.uint8),
        wide,
    )
