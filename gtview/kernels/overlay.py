"""Lays one rendered picture over another."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._jit import kernel
from .inputs import as_input

UInt8Array = NDArray[np.uint8]


@kernel
def _lay_over(below: Any, above: Any, result: Any) -> None:
    for p in range(len(below)):
        alpha = above[p, 3]
        if alpha == 0:
            for k in range(4):
                result[p, k] = below[p, k]
            continue
        through = 255 - alpha
        for k in range(4):
            # 257 / 65536 is 1 / 255, rounded to the nearest.
            product = below[p, k] * through
            result[p, k] = above[p, k] + ((product + 128) * 257 >> 16)


def lay_over(below: UInt8Array, above: UInt8Array) -> UInt8Array:
    """Return a picture seen through another one.

    Parameters
    ----------
    below, above : uint8 arrays, (height, width, 4), premultiplied red, green, blue, alpha

    Returns
    -------
    uint8 array of the same shape
        ``above + below * (255 - alpha of above) / 255``, rounded.
    """
    result = np.empty(below.shape, np.uint8)
    _lay_over(
        as_input(below, np.uint8).reshape(-1, 4),
        as_input(above, np.uint8).reshape(-1, 4),
        result.reshape(-1, 4),
    )
    return result
