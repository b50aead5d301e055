"""Fills the band between two curves in an image, without Qt."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._jit import kernel
from .inputs import as_input
from .lines import UInt8Array


@kernel
def _fill_bands(image: Any, x: Any, top: Any, bottom: Any, colour: Any, alpha: float) -> None:
    height, width = image.shape[0], image.shape[1]
    n_bands, n_points = x.shape
    for i in range(n_bands):
        p = 0
        first = int(max(np.ceil(x[i, 0] - 0.5), 0.0))
        last = int(min(np.ceil(x[i, n_points - 1] - 0.5), float(width)))
        for column in range(first, last):
            middle = column + 0.5
            while p < n_points - 2 and x[i, p + 1] < middle:
                p += 1
            step = x[i, p + 1] - x[i, p]
            share = (middle - x[i, p]) / step if step > 0 else 0.0
            high = max(top[i, p] + share * (top[i, p + 1] - top[i, p]), 0.0)
            low = min(bottom[i, p] + share * (bottom[i, p + 1] - bottom[i, p]), float(height))
            # Also false for NaN.
            if not high < low:
                continue
            for row in range(int(high), min(int(np.ceil(low)), height)):
                covered = min(low, row + 1.0) - max(high, float(row))
                opacity = alpha * covered
                for k in range(4):
                    value = image[row, column, k] * (1.0 - opacity) + colour[k] * opacity
                    image[row, column, k] = np.uint8(value + 0.5)


def draw_bands(
    image: UInt8Array,
    x: ArrayLike,
    top: ArrayLike,
    bottom: ArrayLike,
    rgb: tuple[int, int, int],
    alpha: float,
) -> None:
    """Fill the bands between pairs of curves; their ends are anti-aliased in y.

    Parameters
    ----------
    image : uint8 array, (height, width, 4), premultiplied red, green, blue, alpha
        From `lines.new_image`; changed in place.
    x, top, bottom : float32 arrays, (n_bands, n_points), pixels, n_points >= 2
        x must not decrease along a band; y downwards, so that `top` is the smaller one. Nothing
        is drawn where it is NaN.
    rgb, alpha
        Colour, 0 to 255 each, and opacity, 0 to 1.
    """
    _fill_bands(
        image,
        as_input(x, np.float32),
        as_input(top, np.float32),
        as_input(bottom, np.float32),
        as_input(np.array([*rgb, 255]), np.float32),
        float(alpha),
    )
