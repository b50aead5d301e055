"""Density: every point is counted once, where NumPy counts it; few points are found exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtview.kernels.density import Frame, count_points, find_points, sum_points


def slow_counts(x, y, frame):
    """Count with NumPy's histogram: rows from the top, and both edges inside."""
    counts, _, _ = np.histogram2d(
        np.asarray(y, np.float64),
        np.asarray(x, np.float64),
        bins=(frame.height, frame.width),
        range=(sorted(frame.y_range), sorted(frame.x_range)),
    )
    if frame.y_range[0] < frame.y_range[1]:
        counts = counts[::-1]
    return counts if frame.x_range[0] < frame.x_range[1] else counts[:, ::-1]


def quarters(rng, n, kind):
    """Points in the middles of pixels, so that no rounding decides where they belong."""
    values = rng.integers(-20, 120, n)
    return values.astype(kind) if np.dtype(kind).kind == "i" else (values + 0.5).astype(kind)


@pytest.mark.parametrize("x_kind", ["i8", "i4", "u2", "f4", "f8", ">f4"])
@pytest.mark.parametrize("y_kind", ["i8", "f4", "f8"])
def test_that_every_pixel_has_the_points_that_a_histogram_puts_there(x_kind, y_kind):
    rng = np.random.default_rng(1)
    # More than one block, and not a whole number of them.
    x = quarters(rng, 5001, x_kind if x_kind != "u2" else "i8")
    x = np.abs(x).astype("u2") if x_kind == "u2" else x
    y = quarters(rng, 5001, y_kind)
    # Whole numbers lie in the middle of pixels that are shifted by half of one.
    x_shift = 0.5 if np.dtype(x_kind).kind in "iu" else 0.0
    y_shift = 0.5 if np.dtype(y_kind).kind in "iu" else 0.0
    frame = Frame((-x_shift, 90 - x_shift), (10 - y_shift, 70 - y_shift), 90, 60)
    counts = count_points(x, y, frame)
    assert counts.dtype == np.uint32
    np.testing.assert_array_equal(counts, slow_counts(x, y, frame))
    seen = (x >= frame.x_range[0]) & (x <= frame.x_range[1])
    seen &= (y >= frame.y_range[0]) & (y <= frame.y_range[1])
    assert counts.sum() == np.count_nonzero(seen) > 1000


@given(
    points=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=40),
    width=st.integers(1, 9),
    height=st.integers(1, 9),
)
def test_that_no_point_in_sight_is_lost_not_even_on_the_edges(points, width, height):
    x, y = np.array(points, np.float64).reshape(-1, 2).T
    counts = count_points(x, y, Frame((0, 6), (0, 6), width, height))
    assert counts.sum() == len(points)


def test_that_columns_of_a_table_and_reversed_arrays_are_read_as_they_are():
    rng = np.random.default_rng(2)
    table = rng.random((3000, 3)).astype(np.float32)
    frame = Frame((0.2, 0.9), (0.1, 0.8), 13, 11)
    expected = count_points(table[:, 0].copy(), table[:, 2].copy(), frame)
    np.testing.assert_array_equal(count_points(table[:, 0], table[:, 2], frame), expected)
    backwards = table[::-1]
    np.testing.assert_array_equal(count_points(backwards[:, 0], backwards[:, 2], frame), expected)


def test_that_reversed_ranges_mirror_the_picture():
    rng = np.random.default_rng(3)
    x, y = quarters(rng, 400, "f4"), quarters(rng, 400, "f4")
    up = count_points(x, y, Frame((0, 60), (0, 40), 60, 40))
    np.testing.assert_array_equal(count_points(x, y, Frame((0, 60), (40, 0), 60, 40)), up[::-1])
    np.testing.assert_array_equal(count_points(x, y, Frame((60, 0), (0, 40), 60, 40)), up[:, ::-1])


def test_that_a_scale_does_what_multiplying_would():
    rng = np.random.default_rng(4)
    # In the middles of pixels again: 0.1 s are 3000 samples.
    samples = rng.integers(0, 100, 2000) * 3000 + 1500
    y = ((rng.integers(0, 64, 2000) + 0.5) / 64).astype(np.float32)
    frame = Frame((2.0, 7.0), (0.125, 0.875), 50, 48)
    seconds = count_points(samples / 30_000, y, frame)
    np.testing.assert_array_equal(count_points(samples, y, frame, x_scale=1 / 30_000), seconds)
    sideways = Frame(frame.y_range, frame.x_range, 48, 50)
    counts = count_points(y, samples, sideways, y_scale=1 / 30_000)
    assert counts.sum() == seconds.sum()
    np.testing.assert_array_equal(counts, slow_counts(y, samples / 30_000, sideways))


def test_that_what_is_no_number_is_nowhere():
    x = np.array([0.5, np.nan, np.inf, -np.inf, 0.5, 1e300])
    y = np.array([0.5, 0.5, 0.5, 0.5, np.nan, 0.5])
    frame = Frame((0, 1), (0, 1), 3, 3)
    assert count_points(x, y, frame).sum() == 1
    assert find_points(x, y, frame, 6).tolist() == [0]
    assert count_points(x[:0], y[:0], frame).sum() == 0


def test_that_sums_are_those_of_each_pixel_and_skip_what_is_no_number():
    rng = np.random.default_rng(5)
    x, y = quarters(rng, 3000, "f4"), quarters(rng, 3000, "f4")
    values = rng.random(3000).astype(np.float32)
    values[::7] = np.nan
    frame = Frame((0, 50), (0, 50), 10, 10)
    counts, sums = sum_points(x, y, values, frame)
    np.testing.assert_array_equal(counts, slow_counts(x, y, frame))
    expected, _, _ = np.histogram2d(
        y, x, (10, 10), ((0, 50), (0, 50)), weights=np.nan_to_num(values)
    )
    np.testing.assert_allclose(sums, expected[::-1], rtol=1e-5)


@pytest.mark.parametrize("most", [0, 3, 100, 5000])
def test_that_points_are_found_unless_they_are_too_many(most):
    rng = np.random.default_rng(6)
    x, y = rng.random(5000).astype(np.float32), rng.integers(0, 100, 5000)
    frame = Frame((0.4, 0.5), (10, 20), 7, 7)
    expected = np.flatnonzero((x >= 0.4) & (x <= 0.5) & (y >= 10) & (y <= 20))
    found = find_points(x, y, frame, most)
    if most < len(expected):
        assert found is None
    else:
        np.testing.assert_array_equal(found, expected)


def test_that_lengths_that_differ_are_refused():
    with pytest.raises(ValueError, match="3 values of x and 2 of y"):
        count_points(np.zeros(3), np.zeros(2), Frame((0, 1), (0, 1), 1, 1))
