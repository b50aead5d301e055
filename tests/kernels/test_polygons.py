"""Points in polygons and curves through them, against exact arithmetic."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import is_inside

from gtview.kernels.polygons import curves_through_polygon, points_in_polygon

# Half numbers are exact, and never on the whole numbers of the corners.
WHOLE = st.integers(-12, 12)
HALF = WHOLE.map(lambda n: n + 0.5)
CORNERS = st.lists(st.tuples(WHOLE, WHOLE), min_size=3, max_size=9)


def crossings(px, py, corners):
    """Count the edges that a ray to the right crosses, without rounding."""
    n = 0
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if (ay > py) != (by > py):
            at = ax + Fraction(py - ay) * (bx - ax) / (by - ay)
            n += px < at
    return n


@given(CORNERS, st.lists(st.tuples(HALF, HALF), max_size=20))
def test_that_points_inside_any_polygon_are_found(corners, points):
    x, y = np.array(points, np.float64).reshape(-1, 2).T
    exact = [crossings(Fraction(a), Fraction(b), corners) % 2 == 1 for a, b in points]
    assert points_in_polygon(x, y, corners).tolist() == exact
    assert is_inside(x, y, corners).tolist() == exact


def side(a, b, p):
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def have_common_point(p, q, a, b):
    """Whether two segments meet, ends included."""
    if any(max(p[k], q[k]) < min(a[k], b[k]) or max(a[k], b[k]) < min(p[k], q[k]) for k in (0, 1)):
        return False
    return side(p, q, a) * side(p, q, b) <= 0 and side(a, b, p) * side(a, b, q) <= 0


def passes(x, y, corners):
    points = [(Fraction(a), Fraction(b)) for a, b in zip(x, y, strict=True)]
    edges = list(zip(corners, [*corners[1:], corners[0]], strict=True))
    if any(crossings(px, py, corners) % 2 for px, py in points):
        return True
    return any(have_common_point(p, q, a, b) for p, q in pairwise(points) for a, b in edges)


@given(CORNERS, st.lists(st.lists(HALF, min_size=6, max_size=6), min_size=1, max_size=8))
def test_that_curves_through_any_polygon_are_found(corners, curves):
    x = np.array([-9.5, -4.5, -1.5, 0.5, 3.5, 8.5])
    exact = [passes(x.tolist(), curve, corners) for curve in curves]
    assert curves_through_polygon(x, np.array(curves), corners).tolist() == exact


def test_that_a_curve_between_two_samples_counts():
    # It crosses a narrow polygon that holds none of its points.
    thin = [(0.4, -1), (0.6, -1), (0.6, 1), (0.4, 1)]
    curves = [[-3.0, 3.0], [2.0, 3.0], [-3.0, -2.0], [np.nan, 0.0]]
    assert curves_through_polygon([0, 1], curves, thin).tolist() == [True, False, False, False]


@pytest.mark.parametrize("corners", [[], [(0, 0)], [(0, 0), (1, 1)]])
def test_that_without_an_area_nothing_is_inside(corners):
    polygon = np.array(corners, np.float64).reshape(-1, 2)
    assert not points_in_polygon([0.0], [0.0], polygon).any()
    assert not curves_through_polygon([0, 1], [[0.0, 1.0]], polygon).any()
