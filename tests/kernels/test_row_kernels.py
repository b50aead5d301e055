"""Rows of a raster, intervals, logarithmic correlograms and means, against obvious versions."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtview.kernels.intervals import count_intervals
from gtview.kernels.log_correlograms import log_correlogram
from gtview.kernels.means import mean_by_label
from gtview.kernels.rows import count_rows, paint_rows

trains = st.lists(st.integers(0, 300), max_size=40).map(lambda t: np.array(sorted(t), np.int64))
edges = st.sets(st.integers(1, 200), min_size=1, max_size=8).map(lambda e: np.array(sorted(e)))


@given(trains, edges)
def test_that_every_interval_is_in_one_bin_or_outside(train, limits):
    counts, n_shorter, n_longer = count_intervals(train, limits)
    intervals = [int(b - a) for a, b in itertools.pairwise(train)]
    expected = [
        sum(low <= interval < high for interval in intervals)
        for low, high in itertools.pairwise(limits)
    ]
    assert counts.tolist() == expected
    assert n_shorter == sum(interval < limits[0] for interval in intervals)
    assert n_longer == sum(interval >= limits[-1] for interval in intervals)


def test_that_n_bins_are_n_bins_and_edges_belong_to_the_bin_above():
    # 1 ms bins at 30 kHz; NumPy would put the last edge into the last bin.
    train = np.cumsum([0, 30, 29, 1500, 1499, 0])
    counts, n_shorter, n_longer = count_intervals(train, np.arange(51) * 30.0)
    assert len(counts) == 50
    assert np.flatnonzero(counts).tolist() == [0, 1, 49]
    assert counts[0] == 2
    assert (n_shorter, n_longer) == (0, 1)


def slow_log_correlogram(first, second, limits):
    n_half = len(limits) - 1
    counts = np.zeros(2 * n_half + 1, int)
    for i, a in enumerate(first):
        for j, b in enumerate(first if second is None else second):
            if second is None and i == j:
                continue
            lag = int(b) - int(a)
            k = int(np.searchsorted(limits, abs(lag), side="right"))
            if k <= n_half:
                counts[n_half + (k if lag >= 0 else -k)] += 1
    return counts


@given(trains, trains, edges)
def test_that_logarithmic_correlograms_count_every_pair(first, second, limits):
    made = log_correlogram(first, second, limits)
    assert made.tolist() == slow_log_correlogram(first, second, limits).tolist()
    assert log_correlogram(second, first, limits).tolist() == made[::-1].tolist()
    own = log_correlogram(first, None, limits)
    assert own.tolist() == slow_log_correlogram(first, None, limits).tolist()


@pytest.mark.parametrize("limits", [[], [0, 3], [4, 4], [5, 2]])
def test_that_edges_must_increase(limits):
    with pytest.raises(ValueError, match="increasing"):
        log_correlogram(np.arange(3), None, np.array(limits, np.int64))


@given(st.data())
def test_that_spikes_are_counted_in_their_row_and_column(data):
    n = data.draw(st.integers(0, 60))
    samples = np.array(data.draw(st.lists(st.integers(0, 99), min_size=n, max_size=n)), np.int64)
    labels = np.array(data.draw(st.lists(st.integers(0, 4), min_size=n, max_size=n)), np.int32)
    rows = np.array([1, -1, 0, 2, 1])
    counts = count_rows(samples, labels, rows, 3, (10.0, 90.0), 8)
    expected = np.zeros((8, 3), int)
    for sample, label in zip(samples, labels, strict=True):
        if 10 <= sample <= 90 and rows[label] >= 0:
            expected[min((sample - 10) // 10, 7), rows[label]] += 1
    assert counts.tolist() == expected.tolist()


def test_that_no_row_gives_an_empty_count():
    counts = count_rows(np.arange(3), np.zeros(3, np.int32), [-1], 0, (0.0, 3.0), 4)
    assert counts.shape == (4, 0)


def test_that_marks_fill_their_row_and_the_stronger_is_seen():
    image = np.zeros((6, 5, 4), np.uint8)
    opacities = np.array([[0, 255, 0, 0, 100], [0, 0, 0, 0, 200]], np.uint8)
    colors = np.array([[10, 20, 30], [200, 100, 50]], np.uint8)
    paint_rows(image, opacities, np.arange(2), [1, 1], [3, 2], colors)
    assert image[1, 1].tolist() == [10, 20, 30, 255]
    assert image[2, 1].tolist() == [10, 20, 30, 255]
    assert image[1, 4].tolist() == [157, 78, 39, 200]
    assert image[2, 4, 3] == 100
    assert not image[[0, 3, 4, 5]].any()
    assert not image[:, [0, 2, 3]].any()
    wide = np.zeros((6, 5, 4), np.uint8)
    paint_rows(wide, opacities, np.array([0]), [1, 1], [3, 2], colors, 2)
    assert np.flatnonzero(wide[1, :, 3]).tolist() == [1, 2, 4]


def test_that_means_leave_out_what_is_not_a_number():
    values = np.array([[1, 2], [3, np.nan], [5, 6], [7, 8], [np.inf, 0]], np.float32)
    means = mean_by_label(values, np.array([0, 0, 0, 2, 3], np.int32), 4)
    assert means[0].tolist() == [3, 4]
    assert means[2].tolist() == [7, 8]
    assert np.isnan(means[[1, 3]]).all()
