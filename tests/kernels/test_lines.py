from __future__ import annotations

import numpy as np
import pytest

from gtview.kernels.lines import add_coverage, blend_coverage, draw_polylines, new_image


def _coverage(x, y, shape=(40, 60), width=1.0):
    coverage = np.zeros(shape, np.float32)
    add_coverage(coverage, x, y, width)
    return coverage


def test_that_a_level_line_is_as_thick_as_asked_and_where_it_should_be():
    for width in (0.5, 1.0, 2.0):
        coverage = _coverage([0, 60], [[10.25, 10.25]], width=width)
        np.testing.assert_allclose(coverage.sum(axis=0), width, rtol=1e-5)
        centres = (coverage * (np.arange(40) + 0.5)[:, None]).sum(axis=0) / coverage.sum(axis=0)
        assert np.abs(centres - 10.25).max() < 0.3


@pytest.mark.parametrize("slope", [0.0, 0.3, 1.0, 3.0])
def test_that_a_straight_line_fills_the_area_of_a_line_of_its_length(slope):
    coverage = _coverage([0.0, 10.0], [[5.0, 5.0 + 10 * slope]])
    length = 10 * np.hypot(1, slope)
    # Rows beyond the image are not counted, so it stays inside.
    assert coverage[:, :10].sum() == pytest.approx(length, rel=0.02)


def test_that_points_that_share_a_column_count_once():
    x = np.linspace(3, 9, 200)
    assert _coverage(x, [np.full(200, 12.5)]).max() == pytest.approx(1.0)


def test_that_a_peak_between_columns_is_not_lost():
    x = np.linspace(2, 12, 401)
    y = 30 - 20 * np.exp(-(((x - 7.5) / 0.2) ** 2))
    coverage = _coverage(x, [y])
    assert coverage[11:29, 7].min() > 0.9
    assert coverage[:9].max() == 0


def test_that_coverage_of_many_curves_is_the_sum_of_each():
    rng = np.random.default_rng(0)
    x = np.linspace(-5, 65, 82)
    y = rng.uniform(-10, 50, (20, 82))
    alone = sum(_coverage(x, y[i : i + 1]) for i in range(20))
    np.testing.assert_allclose(_coverage(x, y), alone, atol=1e-4)


def test_that_curves_are_cut_at_the_border_as_in_a_larger_image():
    rng = np.random.default_rng(1)
    x = np.linspace(0, 100, 60)
    y = rng.uniform(0, 80, (10, 60))
    large = _coverage(x, y, (80, 100))
    small = _coverage(x - 20, y - 20, (40, 60))
    # The thickness of a span is computed before it is cut, so that the cut is exact.
    np.testing.assert_allclose(small, large[20:60, 20:80], atol=1e-3)


def test_that_missing_points_leave_a_gap():
    y = np.full((1, 60), 10.5)
    y[0, 20:30] = np.nan
    coverage = _coverage(np.arange(60) + 0.5, y)
    filled = coverage.sum(axis=0)
    assert filled[:19].min() > 0.9
    assert filled[20:29].max() == 0
    assert filled[31:59].min() > 0.9


def test_that_points_far_away_or_not_finite_do_no_harm():
    x = np.array([[-1e30, 5, 1e30], [np.nan, 1, 2], [50, 40, 30], [3, 3, 3]], np.float32)
    y = np.array([[5, 5, 5], [1, 2, 3], [1, 2, 3], [np.inf, -np.inf, 1e30]], np.float32)
    assert np.isfinite(_coverage(x, y)).all()


def test_that_overlap_grows_like_layers_of_one_colour():
    y = np.full((1, 2), 10.5)
    image = new_image(20, 30)
    draw_polylines(image, [0, 30], np.repeat(y, 3, axis=0), (200, 100, 0), 0.25)
    alpha = 1 - 0.75**3
    expected = np.round(np.array([200, 100, 0, 255]) * alpha)
    assert np.abs(image[10, 15].astype(float) - expected).max() <= 1
    assert image[5].max() == 0


def test_that_a_second_colour_lies_over_the_first():
    image = new_image(20, 30)
    y = [[10.5, 10.5]]
    draw_polylines(image, [0, 30], y, (255, 0, 0), 1.0)
    draw_polylines(image, [0, 30], y, (0, 0, 255), 0.5)
    np.testing.assert_allclose(image[10, 15], [128, 0, 128, 255], atol=1)


def test_that_no_colour_is_larger_than_its_alpha():
    rng = np.random.default_rng(2)
    image = new_image(30, 40)
    for _ in range(5):
        blend_coverage(image, rng.uniform(0, 400, (30, 40)).astype("f4"), (255, 255, 255), 0.3)
        blend_coverage(image, rng.uniform(0, 2, (30, 40)).astype("f4"), (10, 255, 90), 0.7)
    assert (image[..., :3] <= image[..., 3:]).all()


def test_that_nothing_to_draw_draws_nothing():
    image = new_image(10, 10)
    draw_polylines(image, np.empty((0, 5)), np.empty((0, 5)), (1, 2, 3), 0.5)
    draw_polylines(image, [1], [[1]], (1, 2, 3), 0.5)
    assert not image.any()
