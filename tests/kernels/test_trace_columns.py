"""Traces drawn by pixel column, compared with slow versions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gtview.kernels.lines import new_image
from gtview.kernels.trace_columns import Segments, draw_columns, draw_heat, draw_segments
from gtview.kernels.trace_extremes import Columns, column_extremes


def slow_extremes(trace, first, stop):
    """Extremes of the lines between samples, between two places; NaN outside."""
    start, stop = max(first, 0.0), min(stop, len(trace) - 1.0)
    if start > stop:
        return np.nan, np.nan
    inside = [t for t in range(len(trace)) if start <= t <= stop]
    values = np.interp([start, *inside, stop], np.arange(len(trace)), trace)
    return values.min(), values.max()


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.integers(-50, 50), min_size=1, max_size=30),
    st.floats(-10, 20),
    st.floats(0.1, 8),
)
def test_that_extremes_are_those_of_the_lines_between_samples(trace, first, per_column):
    values = np.array([trace, trace[::-1]], np.float32).T
    low, high = column_extremes(values, Columns(first, per_column, 12))
    assert low.shape == (2, 12)
    for c in range(2):
        for k in range(12):
            expected = slow_extremes(
                values[:, c].astype(float), first + k * per_column, first + (k + 1) * per_column
            )
            np.testing.assert_allclose((low[c, k], high[c, k]), expected, atol=2e-3)


def test_that_a_spike_of_one_sample_is_seen_however_long_the_window_is():
    values = np.zeros((30_000, 1), np.float32)
    values[12_345] = -100
    low, high = column_extremes(values, Columns(0.0, 300.0, 100))
    assert low[0, 41] == -100
    assert not np.delete(low[0], 41).any()
    assert not high.any()


def ink(image):
    return image[:, :, 3] > 0


def test_that_a_flat_trace_is_a_line_of_its_width_at_its_place():
    image = new_image(21, 8)
    low = high = np.full((1, 8), 2.0, np.float32)
    draw_columns(image, low, high, [14.5], 2.0, (10, 20, 30, 255), 1.0)
    assert np.flatnonzero(ink(image).all(axis=1)).tolist() == [10]
    assert image[10, 0].tolist() == [10, 20, 30, 255]
    assert ink(image).sum() == 8


def test_that_nothing_is_drawn_where_nothing_exists_or_outside():
    image = new_image(10, 4)
    low = np.array([[np.nan, 0, 0, 1000]], np.float32)
    draw_columns(image, low, low, [5.0], 1.0, (255, 0, 0, 255))
    assert ink(image).any(axis=0).tolist() == [False, True, True, False]


def test_that_half_opaque_colours_are_blended():
    image = new_image(3, 1)
    flat = np.zeros((1, 1), np.float32)
    for rgba in ((200, 0, 0, 255), (0, 0, 200, 128)):
        draw_columns(image, flat, flat, [1.5], 1.0, rgba)
    np.testing.assert_allclose(image[1, 0], [100, 0, 100, 255], atol=1)


def test_that_a_segment_covers_its_samples_only_and_is_the_trace_there():
    rng = np.random.default_rng(0)
    values = rng.normal(0, 3, (200, 3)).astype(np.float32)
    columns = Columns(10.0, 1.7, 80)
    whole, part = new_image(60, 80), new_image(60, 80)
    low, high = column_extremes(values, columns)
    zero = [10.0, 30.0, 50.0]
    draw_columns(whole, low[1:2], high[1:2], zero[1:2], 1.0, (9, 9, 9, 255))
    segments = Segments(
        np.array([60]), np.array([90]), np.array([1], np.int32),
        np.array([[9, 9, 9, 255]], np.uint8),
    )  # fmt: skip
    draw_segments(part, values, columns, segments, zero, 1.0)
    first, last = int((60 - 10) / 1.7), int((89 - 10) / 1.7)
    assert not ink(part)[:, :first].any()
    assert not ink(part)[:, last + 1 :].any()
    np.testing.assert_array_equal(part[:, first + 1 : last], whole[:, first + 1 : last])


@pytest.mark.parametrize(("start", "stop"), [(-50, -10), (300, 400), (20, 20), (199, 200)])
def test_that_segments_beyond_the_samples_are_left_out(start, stop):
    image, values = new_image(10, 10), np.zeros((200, 1), np.float32)
    segments = Segments(
        np.array([start]), np.array([stop]), np.zeros(1, np.int32), np.full((1, 4), 255, np.uint8)
    )
    draw_segments(image, values, Columns(0.0, 20.0, 10), segments, [5.0], 1.0)
    assert not ink(image).any()


def test_that_dashes_leave_gaps():
    image, values = new_image(10, 12), np.zeros((200, 1), np.float32)
    segments = Segments(
        np.array([0]), np.array([200]), np.zeros(1, np.int32), np.full((1, 4), 255, np.uint8)
    )
    draw_segments(image, values, Columns(0.0, 10.0, 12), segments, [5.0], 1.0, dash=3)
    assert ink(image).any(axis=0).tolist() == [True] * 3 + [False] * 3 + [True] * 3 + [False] * 3


def test_that_an_image_has_the_colour_of_the_larger_extreme():
    table = np.zeros((5, 4), np.uint8)
    table[:, 0] = [1, 2, 3, 4, 5]
    table[:, 3] = 255
    low = np.array([[-9, -1, 0, np.nan]], np.float32)
    high = np.array([[1, 9, 0, np.nan]], np.float32)
    image = new_image(6, 4)
    draw_heat(image, low, high, [[1.0, 4.0]], 10.0, table)
    assert image[1:4, :, 0].tolist() == [[1, 5, 3, 0]] * 3
    assert not image[[0, 4, 5]].any()
