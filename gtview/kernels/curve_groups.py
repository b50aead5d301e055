"""Draws groups of curves, each in a small part of an image, without Qt."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._jit import kernel
from .inputs import as_input
from .lines import STEPS_PER_CURVE, UInt8Array, _add_curves, opacity_of_counts


@kernel
def _bounds(x: Any, y: Any, height: int, width: int, margin: int) -> Any:
    """Return (first column, last + 1, first row, last + 1) of some curves in the image."""
    n_curves, n_points = y.shape
    left = top = 1e9
    right = bottom = -1e9
    for i in range(n_curves):
        for p in range(n_points):
            # Also false where it is NaN.
            if abs(y[i, p]) < 1e9 and abs(x[i, p]) < 1e9:
                left, right = min(left, float(x[i, p])), max(right, float(x[i, p]))
                top, bottom = min(top, float(y[i, p])), max(bottom, float(y[i, p]))
    if not (left <= right and right >= 0 and left < width and bottom >= -margin):
        return 0, 0, 0, 0
    return (
        int(max(left, 0.0)),
        int(min(right, width - 1.0)) + 1,
        int(max(top - margin, 0.0)),
        int(max(min(bottom + margin + 1, float(height)), 0.0)),
    )


@kernel
def _draw_groups(
    image: Any, x: Any, y: Any, colour: Any, opacities: Any, per_step: float, width: float
) -> None:
    height, n_columns = image.shape[0], image.shape[1]
    coverage = np.zeros((height, n_columns), np.float32)
    n_steps = len(opacities)
    margin = int(width) + 2
    for group in range(len(y)):
        left, right, top, bottom = _bounds(x[group], y[group], height, n_columns, margin)
        if top >= bottom:
            continue
        _add_curves(coverage, x[group], y[group], width)
        for row in range(top, bottom):
            for column in range(left, right):
                covered = coverage[row, column]
                if covered <= 0.0:
                    continue
                coverage[row, column] = 0.0
                opacity = opacities[min(int(covered * per_step + 0.5), n_steps - 1)]
                for k in range(4):
                    value = image[row, column, k] * (1.0 - opacity) + colour[k] * opacity
                    image[row, column, k] = np.uint8(value + 0.5)


def draw_curve_groups(
    image: UInt8Array,
    x: ArrayLike,
    y: ArrayLike,
    rgb: tuple[int, int, int],
    alpha: float,
    width: float = 1.0,
) -> None:
    """Draw groups of curves of one colour; the result is that of `draw_polylines` for each group.

    It looks only at the part of the image where a group is, which is quick where every group
    takes a small part of it.

    Parameters
    ----------
    image : uint8 array, (height, width, 4), premultiplied red, green, blue, alpha
        From `lines.new_image`; changed in place.
    x : float32 array, (n_groups, n_points), pixels
        Shared by the curves of a group; must not decrease.
    y : float32 array, (n_groups, n_curves, n_points), pixels
        Downwards. NaN: a gap.
    rgb, alpha
        Colour, 0 to 255 each, and opacity of one curve, 0 to 1.
    width
        Thickness of the curves in pixels.
    """
    y = np.asarray(y, np.float32)
    x = np.broadcast_to(np.asarray(x, np.float32)[:, None, :], y.shape)
    _draw_groups(
        image,
        as_input(x, np.float32),
        as_input(y, np.float32),
        as_input(np.array([*rgb, 255]), np.float32),
        as_input(opacity_of_counts(alpha), np.float32),
        float(STEPS_PER_CURVE),
        float(width),
    )
