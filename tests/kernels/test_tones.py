"""Tones: a single point is seen, dense parts keep their shape, no layer hides another."""

from __future__ import annotations

import numpy as np
import pytest

from gtview.kernels.polygons import points_in_polygon
from gtview.kernels.tones import (
    MOST,
    blend_layers,
    counts_to_opacity,
    means_to_shades,
    opacity_table,
    stamp_dots,
)


@pytest.mark.parametrize("reference", [1, 8, 50, 1000, 100_000])
def test_that_more_points_are_more_opaque_and_one_is_already_seen(reference):
    table = opacity_table(reference).astype(int)
    assert table[0] == 0
    assert table[1] >= 0.2 * 255
    assert (np.diff(table) >= 0).all()
    assert table[min(max(reference, 8), MOST)] == 255
    # Half of the densest is still told from the densest.
    assert table[max(reference, 8) // 2 % MOST] < 255
    assert opacity_table(reference, alpha=0.001)[1] == 1


def test_that_every_pixel_with_a_point_is_seen_and_no_other():
    rng = np.random.default_rng(1)
    counts = rng.poisson(0.5, (30, 40)).astype(np.uint32)
    counts[3, 3] = 1_000_000
    opacity = counts_to_opacity(counts)
    np.testing.assert_array_equal(opacity > 0, counts > 0)
    assert opacity[3, 3] == 255
    assert counts_to_opacity(np.zeros((2, 2), np.uint32)).sum() == 0


def test_that_one_extreme_pixel_does_not_dim_the_others():
    counts = np.zeros((100, 100), np.uint32)
    counts[:, :50] = 20
    plain = counts_to_opacity(counts)
    counts[0, 0] = 1_000_000
    assert counts_to_opacity(counts)[50, 20] == plain[50, 20] == 255


def test_that_lonely_points_become_squares_and_crowded_ones_do_not():
    counts = np.zeros((21, 21), np.uint32)
    counts[10, 10] = counts[0, 0] = 1
    opacity = counts_to_opacity(counts, largest_side=3)
    expected = np.zeros((21, 21), bool)
    expected[9:12, 9:12] = expected[:2, :2] = True
    np.testing.assert_array_equal(opacity > 0, expected)
    counts[:] = 1
    counts[10, 10] = 0
    assert counts_to_opacity(counts, largest_side=3)[10, 10] == 0


def test_that_means_become_shades_between_the_two_values():
    counts = np.array([[1, 2, 0, 4]], np.uint32)
    sums = np.array([[5, 30, 0, 4000]], np.float32)
    assert means_to_shades(sums, counts, (5.0, 25.0)).tolist() == [[0, 127, 0, 255]]
    assert means_to_shades(sums, counts, (5.0, 5.0)).max() == 0


def test_that_a_dot_has_its_area_and_its_place():
    opacity = np.zeros((40, 40), np.uint8)
    stamp_dots(opacity, [20.3], [11.8], radius=4.0, alpha=1.0)
    share = opacity / 255
    assert share.sum() == pytest.approx(np.pi * 16, rel=0.02)
    rows, columns = np.indices(share.shape) + 0.5
    assert (share * columns).sum() / share.sum() == pytest.approx(20.3, abs=0.05)
    assert (share * rows).sum() / share.sum() == pytest.approx(11.8, abs=0.05)


def slow_dots(size, columns, rows, radius, alpha):
    """What is let through, dot by dot and pixel by pixel."""
    passing = np.ones(size)
    down, across = np.indices(size) + 0.5
    for x, y in zip(columns, rows, strict=True):
        distance = np.hypot(across - x, down - y)
        passing *= 1 - alpha * np.clip(radius + 0.5 - distance, 0, 1)
    return 255 * (1 - passing)


@pytest.mark.parametrize("radius", [0.5, 0.94, 2.5, 7.0])
def test_that_dots_are_those_of_a_slow_drawing(radius):
    rng = np.random.default_rng(4)
    columns, rows = rng.uniform(0, 40, 25), rng.uniform(0, 30, 25)
    opacity = np.zeros((30, 40), np.uint8)
    stamp_dots(opacity, columns, rows, radius, alpha=0.6)
    expected = slow_dots(opacity.shape, columns, rows, radius, 0.6)
    # A sixteenth of a pixel moves an edge by a sixteenth of an opacity, at most, each time.
    assert np.abs(opacity - expected).max() <= 14
    assert np.abs(opacity - expected).mean() < 1.5


def test_that_dots_on_the_edge_stay_inside_and_overlaps_add_up():
    opacity = np.zeros((5, 5), np.uint8)
    stamp_dots(opacity, [0, 5, 0, 5], [0, 0, 5, 5], radius=1.5, alpha=0.5)
    assert (opacity[[0, 0, -1, -1], [0, -1, 0, -1]] > 0).all()
    once = int(opacity[0, 0])
    stamp_dots(opacity, [0], [0], radius=1.5, alpha=0.5)
    assert once < opacity[0, 0] < 255


def test_that_the_shade_of_the_topmost_dot_is_seen():
    opacity, shade = np.zeros((2, 9, 9), np.uint8)
    stamp_dots(opacity, [3, 4.5], [4.5, 4.5], 2.0, 1.0, shade, np.array([50, 200], np.uint8))
    assert shade[4, 4] == 200
    assert shade[4, 1] == 50
    assert shade[0, 0] == 0


def flat(rgb):
    return np.full((256, 3), rgb, np.uint8)


def test_that_the_order_of_the_layers_does_not_matter():
    rng = np.random.default_rng(2)
    opacities = rng.integers(0, 256, (3, 8, 8)).astype(np.uint8)
    tables = np.stack([flat((255, 0, 0)), flat((0, 255, 0)), flat((0, 0, 255))])
    first, second = np.zeros((2, 8, 8, 4), np.uint8)
    blend_layers(first, opacities, tables)
    blend_layers(second, opacities[::-1], tables[::-1])
    assert np.abs(first.astype(int) - second).max() <= 1
    # What comes out lets through what all three let through, and is premultiplied.
    passing = np.prod(1 - opacities / 255, axis=0)
    np.testing.assert_allclose(first[..., 3] / 255, 1 - passing, atol=0.005)
    assert (first[..., :3] <= first[..., 3:].astype(int) + 1).all()


def test_that_a_layer_lies_over_what_was_there():
    image = np.zeros((1, 2, 4), np.uint8)
    image[...] = (100, 100, 100, 255)
    opacities = np.array([[[128, 0]]], np.uint8)
    blend_layers(image, opacities, flat((200, 0, 0))[None])
    share = 128 / 255
    assert image[0, 1].tolist() == [100, 100, 100, 255]
    expected = [200 * share + 100 * (1 - share), 100 * (1 - share), 100 * (1 - share), 255]
    np.testing.assert_allclose(image[0, 0], expected, atol=1)


def test_that_a_shaded_layer_takes_its_colours_from_the_table():
    image = np.zeros((1, 3, 4), np.uint8)
    table = np.arange(256)[:, None].repeat(3, 1).astype(np.uint8)
    opacities = np.full((2, 1, 3), 255, np.uint8)
    opacities[0, 0, 0] = opacities[1, 0, 1:] = 0
    shades = np.array([[[7, 90, 255]]], np.uint8)
    tables = np.stack([table, flat((1, 2, 3))])
    blend_layers(image, opacities, tables, shades, [0, -1])
    assert image[0, :, :3].tolist() == [[1, 2, 3], [90] * 3, [255] * 3]


def slow_is_inside(x, y, polygon):
    """Count the sides to the right of a point."""
    crossings = 0
    for (ax, ay), (bx, by) in zip(polygon, np.roll(polygon, 1, axis=0), strict=True):
        crossings += (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay)
    return crossings % 2 == 1


def test_that_points_are_inside_a_polygon_by_the_even_odd_rule():
    rng = np.random.default_rng(3)
    # A star that crosses itself: its middle is outside.
    angles = 2 * np.pi * np.arange(5) * 2 / 5
    star = np.c_[np.sin(angles), np.cos(angles)]
    x, y = rng.uniform(-1.2, 1.2, (2, 2000))
    inside = points_in_polygon(x, y, star)
    assert inside.tolist() == [slow_is_inside(*point, star) for point in zip(x, y, strict=True)]
    assert 0 < inside.sum() < 2000
    assert not points_in_polygon([0.0], [0.0], star)[0]


def test_that_degenerate_polygons_and_missing_numbers_hold_nothing():
    square = [[0, 0], [1, 0], [1, 1], [0, 1]]
    assert points_in_polygon([0.5, np.nan], [0.5, 0.5], square).tolist() == [True, False]
    for few in (np.empty((0, 2)), [[0, 0]], [[0, 0], [1, 1]]):
        assert not points_in_polygon([0.5], [0.5], few).any()
    assert points_in_polygon([], [], square).shape == (0,)
