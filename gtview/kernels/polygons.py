"""Which points lie inside a polygon."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..base.types import BoolArray
from ._jit import kernel
from .inputs import as_input


@kernel
def _is_inside(x: Any, y: Any, corners: Any, inside: Any) -> None:
    n_corners = len(corners)
    low_x, high_x = corners[:, 0].min(), corners[:, 0].max()
    low_y, high_y = corners[:, 1].min(), corners[:, 1].max()
    for i in range(len(x)):
        px, py = x[i], y[i]
        # Also false for NaN.
        if not (px >= low_x and px <= high_x and py >= low_y and py <= high_y):
            continue
        is_in = False
        k = n_corners - 1
        for j in range(n_corners):
            ax, ay = corners[j, 0], corners[j, 1]
            bx, by = corners[k, 0], corners[k, 1]
            if (ay > py) != (by > py) and px < ax + (py - ay) * (bx - ax) / (by - ay):
                is_in = not is_in
            k = j
        inside[i] = is_in


def points_in_polygon(x: ArrayLike, y: ArrayLike, polygon: ArrayLike) -> BoolArray:
    """Tell which points are inside a polygon, by the even-odd rule.

    Parameters
    ----------
    x, y : arrays, (n,)
        Points with a coordinate that is NaN are outside.
    polygon : array, (n_corners, 2)
        x and y of the corners in order; the last is joined with the first. With fewer than three
        corners nothing is inside.

    Returns
    -------
    is_inside : bool array, (n,)
    """
    x, y = as_input(x, np.float64), as_input(y, np.float64)
    corners = as_input(polygon, np.float64).reshape(-1, 2)
    inside = np.zeros(len(x), np.bool_)
    if len(corners) >= 3:
        _is_inside(x, y, corners, inside)
    return inside
