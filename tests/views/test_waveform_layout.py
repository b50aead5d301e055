"""Boxes of channels: inside, apart, in the order and the proportions of the probe."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gtview.views.waveform_layout import (
    LEAST_CHANNELS,
    MARGIN,
    LayoutOptions,
    fold_gaps,
    is_legible,
    lay_out,
    lay_out_legible,
)

STAGGERED = np.array(
    [(x + 16 * (row % 2), 20 * row) for row in range(24) for x in (11, 43)], np.float32
)
FOUR_SHANKS = np.array(
    [(250 * s + x, 15 * row) for s in range(4) for row in range(6) for x in (0, 32)], np.float32
)
TETRODE = np.array([(0, 0), (25, 25), (-25, 25), (0, 50)], np.float32)
COLUMN = np.array([(0, 50 * row) for row in range(16)], np.float32)
PROBES = {"staggered": STAGGERED, "shanks": FOUR_SHANKS, "tetrode": TETRODE, "column": COLUMN}

probes = st.sampled_from(sorted(PROBES))
sizes = st.tuples(st.integers(260, 1800), st.integers(180, 1200))


def layout_of(data, name, size, n_slots):
    probe = PROBES[name]
    ids = data.draw(st.lists(st.integers(0, len(probe) - 1), min_size=1, max_size=16, unique=True))
    options = LayoutOptions(n_slots=n_slots)
    return probe[ids], lay_out(np.array(ids, np.int32), probe[ids], size, options), options


@given(st.data(), probes, sizes, st.integers(1, 8))
@settings(deadline=None, max_examples=60)
def test_that_boxes_are_inside_the_picture(data, name, size, n_slots):
    _, layout, options = layout_of(data, name, size, n_slots)
    half = np.array(layout.box) / 2
    assert (layout.centers - half >= MARGIN - 1e-6).all()
    assert (layout.centers + half <= np.array(size) - [MARGIN, options.foot] + 1e-6).all()


@given(st.data(), probes, sizes, st.integers(1, 8))
@settings(deadline=None, max_examples=60)
def test_that_no_two_boxes_overlap(data, name, size, n_slots):
    _, layout, _ = layout_of(data, name, size, n_slots)
    for first, second in itertools.combinations(layout.centers, 2):
        assert (np.abs(first - second) >= np.array(layout.box) - 1e-6).any()


@given(st.data(), probes, sizes)
@settings(deadline=None, max_examples=60)
def test_that_channels_keep_their_order_in_x_and_depth(data, name, size):
    positions, layout, _ = layout_of(data, name, size, 2)
    for i, j in itertools.combinations(range(layout.n_channels), 2):
        dx, dy = positions[j] - positions[i]
        right, down = layout.centers[j] - layout.centers[i]
        assert np.sign(np.round(right, 3)) == np.sign(dx)
        assert np.sign(np.round(-down, 3)) == np.sign(dy)


@given(st.data(), st.sampled_from(["staggered", "column"]), sizes)
@settings(deadline=None, max_examples=40)
def test_that_equal_distances_on_the_probe_are_equal_on_the_screen(data, name, size):
    positions, layout, _ = layout_of(data, name, size, 1)
    assume(not layout.folds)
    moved = layout.centers - layout.centers[0]
    true = (positions - positions[0]) * [1, -1]
    np.testing.assert_allclose(moved, true * layout.um_scale, atol=1e-6)


def test_that_a_long_gap_is_drawn_short_and_tells_its_length():
    ids = np.array([0, 1, 2, 3, 44, 45, 46, 47], np.int32)
    layout = lay_out(ids, STAGGERED[ids], (600, 500), LayoutOptions())
    (fold,) = layout.folds
    assert (fold.axis, fold.length_um) == (1, 420.0)
    upper, lower = layout.centers[4:, 1].max(), layout.centers[:4, 1].min()
    assert upper < fold.at_px < lower
    assert lower - upper < 3 * layout.um_scale[1] * 20


def test_that_usual_gaps_are_not_folded():
    folded, folds = fold_gaps(np.array([0.0, 20, 40, 100, 120]))
    assert folds == []
    assert folded.tolist() == [0, 20, 40, 100, 120]


def test_that_columns_of_shanks_are_not_crushed_by_the_space_between_shanks():
    ids = np.arange(len(FOUR_SHANKS), dtype=np.int32)
    layout = lay_out(ids, FOUR_SHANKS, (1000, 500), LayoutOptions())
    assert [fold.length_um for fold in layout.folds] == [218.0] * 3
    assert layout.box[0] > 80


def test_that_channels_without_positions_stand_in_a_column():
    layout = lay_out(np.arange(5, dtype=np.int32), np.zeros((5, 2)), (300, 400), LayoutOptions())
    assert np.ptp(layout.centers[:, 0]) == 0
    assert (np.diff(layout.centers[:, 1]) >= layout.box[1] - 1e-6).all()


def test_that_curves_of_clusters_stand_side_by_side_within_their_box():
    options = LayoutOptions(n_slots=3)
    layout = lay_out(np.arange(6, dtype=np.int32), STAGGERED[:6], (500, 400), options)
    lefts = np.array([layout.curve_left(slot) for slot in range(3)])
    rights = lefts + layout.curve_width
    assert (lefts[1:] > rights[:-1]).all()
    assert (lefts[0] >= layout.centers[:, 0] - layout.box[0] / 2 + layout.gutter).all()
    assert (rights[-1] <= layout.centers[:, 0] + layout.box[0] / 2).all()


def test_that_as_many_of_the_best_channels_are_shown_as_are_legible():
    ids = np.arange(48, dtype=np.int32)[::-1]
    options = LayoutOptions(n_slots=2)
    layout = lay_out_legible(ids, STAGGERED[ids], (460, 330), options)
    n = layout.n_channels
    assert 8 < n < 48
    assert layout.channel_ids.tolist() == ids[:n].tolist()
    assert is_legible(layout)
    assert not is_legible(lay_out(ids[: n + 1], STAGGERED[ids[: n + 1]], (460, 330), options))


@pytest.mark.parametrize("n", [1, 2, 4, 9])
def test_that_a_few_channels_are_shown_even_in_a_tiny_picture(n):
    ids = np.arange(n, dtype=np.int32)
    layout = lay_out_legible(ids, STAGGERED[:n], (90, 60), LayoutOptions(n_slots=8))
    assert layout.n_channels == min(n, LEAST_CHANNELS)


def test_that_a_place_tells_its_channel():
    ids = np.array([7, 3, 5], np.int32)
    layout = lay_out(ids, STAGGERED[ids], (500, 400), LayoutOptions())
    for channel_id, (x, y) in zip(ids, layout.centers, strict=True):
        assert layout.channel_at(x, y) == channel_id
        assert layout.channel_at(x + 0.4 * layout.box[0], y - 0.4 * layout.box[1]) == channel_id
    assert layout.channel_at(0, 399) is None


def test_that_the_probe_can_be_stretched_and_boxes_widened():
    ids = np.arange(8, dtype=np.int32)
    plain = lay_out(ids, STAGGERED[:8], (500, 400), LayoutOptions())
    changed = lay_out(
        ids,
        STAGGERED[:8],
        (500, 400),
        LayoutOptions(box_scale=1.5, probe_scale_x=2.0, probe_scale_y=0.5),
    )
    assert changed.box == pytest.approx((1.5 * plain.box[0], plain.box[1]))
    assert changed.um_scale == pytest.approx((2 * plain.um_scale[0], plain.um_scale[1] / 2))
