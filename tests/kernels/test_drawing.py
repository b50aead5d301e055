"""Bands, groups of curves and wide curves drawn into images."""

from __future__ import annotations

import numpy as np
import pytest

from gtview.kernels.bands import draw_bands
from gtview.kernels.curve_groups import draw_curve_groups
from gtview.kernels.lines import draw_polylines, new_image
from gtview.kernels.thick_lines import draw_thick_polylines

RED = (255, 0, 0)


@pytest.mark.parametrize("seed", range(5))
def test_that_groups_are_drawn_like_one_set_of_curves_after_another(seed):
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(-30, 90, (4, 20)), axis=1)
    y = rng.uniform(-40, 100, (4, 7, 20))
    y[1, 2, 5] = np.nan
    found, expected = new_image(50, 60), new_image(50, 60)
    draw_curve_groups(found, x, y, (10, 200, 90), 0.3, 1.5)
    for group_x, group_y in zip(x, y, strict=True):
        draw_polylines(expected, group_x, group_y, (10, 200, 90), 0.3, 1.5)
    assert expected.any()
    np.testing.assert_array_equal(found, expected)


def test_that_an_opaque_curve_has_smooth_borders():
    image = new_image(9, 20)
    draw_curve_groups(image, [[0.0, 20.0]], [[[4.25, 4.25]]], RED, 1.0, 1.0)
    # From 3.75 to 4.75: a quarter of row 3, three quarters of row 4.
    np.testing.assert_allclose(image[3:5, 10, 3], [64, 191], atol=2)


def test_that_a_band_fills_what_is_between_its_curves():
    image = new_image(30, 40)
    x = [[5.0, 20.0, 35.0]]
    draw_bands(image, x, [[10.0, 4.0, 10.0]], [[20.0, 26.0, 20.0]], RED, 0.5)
    for column in range(40):
        centre = column + 0.5
        top = np.interp(centre, x[0], [10, 4, 10])
        bottom = np.interp(centre, x[0], [20, 26, 20])
        expected = bottom - top if 5 <= centre <= 35 else 0.0
        assert image[:, column, 3].sum() / 127.5 == pytest.approx(expected, abs=0.3)


def test_that_a_band_is_absent_where_nothing_is_known_and_outside_the_image():
    image = new_image(10, 10)
    draw_bands(image, [[0.0, 10.0]], [[np.nan, np.nan]], [[5.0, 5.0]], RED, 1.0)
    draw_bands(image, [[-50.0, -20.0]], [[0.0, 0.0]], [[5.0, 5.0]], RED, 1.0)
    draw_bands(image, [[0.0, 10.0]], [[40.0, 40.0]], [[90.0, 90.0]], RED, 1.0)
    assert not image.any()


@pytest.mark.parametrize("degrees", [0, 20, 45, 70, 90])
def test_that_a_wide_line_is_as_wide_at_any_slope(degrees):
    angle = np.radians(degrees)
    reach = 40 * np.array([np.cos(angle), np.sin(angle)])
    image = new_image(100, 100)
    draw_thick_polylines(
        image, [[50 - reach[0], 50 + reach[0]]], [[50 - reach[1], 50 + reach[1]]], RED, 1.0, 3.0
    )
    # Area of the line and of its two round ends, in pixels.
    assert image[..., 3].sum() / 255 == pytest.approx(80 * 3 + np.pi * 1.5**2, rel=0.02)


def test_that_a_wide_curve_does_not_darken_where_it_meets_itself():
    image = new_image(40, 40)
    zigzag = np.tile([10.0, 30.0], 10)[None]
    draw_thick_polylines(image, np.linspace(15, 18, 20)[None], zigzag, RED, 0.5, 2.0)
    assert image[..., 3].max() == 128


def test_that_a_gap_interrupts_a_wide_curve():
    image = new_image(10, 30)
    x = np.array([[0.0, 9.0, 15.0, 21.0, 30.0]])
    draw_thick_polylines(image, x, [[5.0, 5.0, np.nan, 5.0, 5.0]], RED, 1.0, 2.0)
    covered = image[:, :, 3].any(axis=0)
    assert covered[:9].all()
    assert covered[22:].all()
    assert not covered[11:20].any()
