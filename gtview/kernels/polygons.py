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


@kernel
def _side(ax: Any, ay: Any, bx: Any, by: Any, px: Any, py: Any) -> Any:
    """Return on which side of the line from a to b a point lies, by the sign."""
    return (bx - ax) * (py - ay) - (by - ay) * (px - ax)


@kernel
def _segments_meet(x0: Any, y0: Any, x1: Any, y1: Any, corners: Any, j: Any, k: Any) -> Any:
    """Tell whether a segment and the edge between two corners have a point in common."""
    ax, ay, bx, by = corners[j, 0], corners[j, 1], corners[k, 0], corners[k, 1]
    if max(x0, x1) < min(ax, bx) or max(ax, bx) < min(x0, x1):
        return False
    if max(y0, y1) < min(ay, by) or max(ay, by) < min(y0, y1):
        return False
    apart = _side(x0, y0, x1, y1, ax, ay) * _side(x0, y0, x1, y1, bx, by)
    other = _side(ax, ay, bx, by, x0, y0) * _side(ax, ay, bx, by, x1, y1)
    return apart <= 0 and other <= 0


@kernel
def _curves_meet(x: Any, curves: Any, corners: Any, meets: Any) -> None:
    low_x, high_x = corners[:, 0].min(), corners[:, 0].max()
    low_y, high_y = corners[:, 1].min(), corners[:, 1].max()
    n_corners = len(corners)
    for i in range(len(curves)):
        for s in range(len(x) - 1):
            y0, y1 = float(curves[i, s]), float(curves[i, s + 1])
            if x[s + 1] < low_x or x[s] > high_x:
                continue
            # Also left out: a NaN at either end.
            if not (max(y0, y1) >= low_y and min(y0, y1) <= high_y):
                continue
            k = n_corners - 1
            is_in = False
            for j in range(n_corners):
                if _segments_meet(x[s], y0, x[s + 1], y1, corners, j, k):
                    meets[i] = True
                    break
                ay, by = corners[j, 1], corners[k, 1]
                ax, bx = corners[j, 0], corners[k, 0]
                if (ay > y0) != (by > y0) and x[s] < ax + (y0 - ay) * (bx - ax) / (by - ay):
                    is_in = not is_in
                k = j
            # No edge is met: it is wholly inside, or wholly outside.
            meets[i] = meets[i] or is_in
            if meets[i]:
                break


def curves_through_polygon(x: ArrayLike, curves: ArrayLike, polygon: ArrayLike) -> BoolArray:
    """Tell which curves have a point in common with a polygon, by the even-odd rule.

    Parameters
    ----------
    x : array, (n_points,)
        Increasing; the same for all curves.
    curves : array, (n_curves, n_points)
        Joined by straight lines; where one end of a line is NaN there is none.
    polygon : array, (n_corners, 2)
        x and y of the corners in order; the last is joined with the first. With fewer than three
        corners nothing passes through it.

    Returns
    -------
    passes : bool array, (n_curves,)
    """
    places, values = as_input(x, np.float64), as_input(curves, np.float32)
    corners = as_input(polygon, np.float64).reshape(-1, 2)
    meets = np.zeros(len(values), np.bool_)
    if len(corners) >= 3:
        _curves_meet(places, values, corners, meets)
    return meets
