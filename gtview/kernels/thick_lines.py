"""Draws few wide curves into an image, smooth at any slope, without Qt."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._jit import kernel
from .inputs import as_input
from .lines import UInt8Array

_HUGE = 1e6


@kernel
def _cover_segment(
    coverage: Any, x0: float, y0: float, x1: float, y1: float, radius: float
) -> None:
    """Raise the coverage of pixels to what one straight piece with round ends covers of them."""
    height, width = coverage.shape
    reach = radius + 0.5
    top = int(max(math.floor(min(y0, y1) - reach), 0.0))
    bottom = int(min(math.ceil(max(y0, y1) + reach), float(height)))
    left = int(max(math.floor(min(x0, x1) - reach), 0.0))
    right = int(min(math.ceil(max(x0, x1) + reach), float(width)))
    dx, dy = x1 - x0, y1 - y0
    squared = dx * dx + dy * dy
    for row in range(top, bottom):
        py = row + 0.5 - y0
        for column in range(left, right):
            px = column + 0.5 - x0
            along = (px * dx + py * dy) / squared if squared > 0 else 0.0
            along = min(max(along, 0.0), 1.0)
            distance = math.hypot(px - along * dx, py - along * dy)
            covered = min(reach - distance, 1.0)
            if covered > coverage[row, column]:
                coverage[row, column] = covered


@kernel
def _draw_thick(
    image: Any, coverage: Any, x: Any, y: Any, colour: Any, alpha: float, radius: float
) -> None:
    height, width = coverage.shape
    reach = radius + 1.5
    for i in range(len(y)):
        left, right, top, bottom = float(width), 0.0, float(height), 0.0
        for p in range(y.shape[1] - 1):
            x0, y0, x1, y1 = x[i, p], y[i, p], x[i, p + 1], y[i, p + 1]
            # Also false where any of them is NaN.
            if not (abs(x0) < _HUGE and abs(x1) < _HUGE and abs(y0) < _HUGE and abs(y1) < _HUGE):
                continue
            _cover_segment(coverage, x0, y0, x1, y1, radius)
            left, right = min(left, x0, x1), max(right, x0, x1)
            top, bottom = min(top, y0, y1), max(bottom, y0, y1)
        for row in range(int(max(top - reach, 0.0)), int(min(bottom + reach + 1, float(height)))):
            for column in range(
                int(max(left - reach, 0.0)), int(min(right + reach + 1, float(width)))
            ):
                opacity = alpha * coverage[row, column]
                if opacity <= 0.0:
                    continue
                coverage[row, column] = 0.0
                for k in range(4):
                    value = image[row, column, k] * (1.0 - opacity) + colour[k] * opacity
                    image[row, column, k] = np.uint8(value + 0.5)


def draw_thick_polylines(
    image: UInt8Array,
    x: ArrayLike,
    y: ArrayLike,
    rgb: tuple[int, int, int],
    alpha: float,
    width: float,
) -> None:
    """Draw curves one after another, each in one piece: a curve is nowhere laid over itself.

    Parameters
    ----------
    image : uint8 array, (height, width, 4), premultiplied red, green, blue, alpha
        From `lines.new_image`; changed in place.
    x, y : float32 arrays, (n_curves, n_points), pixels
        y downwards. NaN: a gap.
    rgb, alpha
        Colour, 0 to 255 each, and opacity, 0 to 1.
    width
        Thickness in pixels, at least 1.
    """
    _draw_thick(
        image,
        np.zeros(image.shape[:2], np.float32),
        as_input(x, np.float32),
        as_input(y, np.float32),
        as_input(np.array([*rgb, 255]), np.float32),
        float(alpha),
        float(width) / 2,
    )
