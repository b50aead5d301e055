from __future__ import annotations

import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st

from gtview.kernels.correlograms import (
    autocorrelogram,
    count_refractory_violations,
    crosscorrelogram,
)

TRAINS = st.lists(st.integers(0, 400), max_size=40).map(lambda t: np.array(sorted(t), np.int64))
BINS = st.one_of(st.integers(1, 40), st.just(10**12))


@settings(max_examples=200, deadline=None)
@given(TRAINS, BINS, st.integers(0, 12))
def test_that_every_pair_of_a_train_is_counted_once_in_each_order(train, bin_samples, n_half):
    expected = reference.correlogram(train, train, bin_samples, n_half, same=True)
    assert autocorrelogram(train, bin_samples, n_half).tolist() == expected.tolist()


@settings(max_examples=200, deadline=None)
@given(TRAINS, TRAINS, BINS, st.integers(0, 12))
def test_that_every_pair_of_two_trains_is_counted(first, second, bin_samples, n_half):
    expected = reference.correlogram(first, second, bin_samples, n_half)
    counts = crosscorrelogram(first, second, bin_samples, n_half)
    assert counts.tolist() == expected.tolist()
    assert crosscorrelogram(second, first, bin_samples, n_half).tolist() == counts[::-1].tolist()


def test_that_the_centre_bin_adds_up_both_signs():
    first = np.array([1000, 2000, 3000], np.int64)
    second = np.array([999, 2001, 3002], np.int64)
    assert crosscorrelogram(first, second, 31, 1).tolist() == [0, 3, 0]
    assert autocorrelogram(np.array([0, 4, 9]), 31, 1).tolist() == [0, 6, 0]


def test_that_half_a_bin_counts_further_out_on_both_sides():
    zero = np.array([0], np.int64)
    both = np.array([-15, 15], np.int64)
    assert crosscorrelogram(zero, both, 30, 2).tolist() == [0, 1, 0, 1, 0]


def test_that_lags_beyond_the_last_bin_are_left_out():
    train = np.array([0, 74, 75], np.int64)
    assert crosscorrelogram(train[:1], train[1:], 30, 2).tolist() == [0, 0, 0, 0, 1]


def test_that_an_identical_train_differs_from_itself_by_the_self_pairs_alone():
    train = np.sort(np.random.default_rng(0).integers(0, 3000, 300))
    auto = autocorrelogram(train, 7, 20)
    cross = crosscorrelogram(train, train, 7, 20)
    cross[20] -= len(train)
    assert auto.tolist() == cross.tolist()


def test_that_bins_are_exact_at_late_samples():
    # Three days at 30 kHz.
    start = 3 * 86_400 * 30_000
    train = np.array([0, 15, 16, 44, 45, 46, 74, 75], np.int64)
    late = autocorrelogram(train + start, 30, 3)
    assert late.tolist() == autocorrelogram(train, 30, 3).tolist()


def test_that_any_layout_is_taken():
    train = np.sort(np.random.default_rng(1).integers(0, 3000, 200))
    expected = autocorrelogram(train, 10, 5).tolist()
    read_only = train.copy()
    read_only.setflags(write=False)
    for other in (
        read_only,
        train.astype(np.int32),
        np.repeat(train, 2)[::2],
        train.astype(">i8"),
    ):
        assert autocorrelogram(other, 10, 5).tolist() == expected


@pytest.mark.parametrize(("bin_samples", "n_half"), [(0, 3), (-1, 3), (5, -1)])
def test_that_impossible_bins_are_refused(bin_samples, n_half):
    train = np.arange(3)
    with pytest.raises(ValueError, match="bins"):
        autocorrelogram(train, bin_samples, n_half)
    with pytest.raises(ValueError, match="bins"):
        crosscorrelogram(train, train, bin_samples, n_half)


def test_that_only_shorter_intervals_violate_the_refractory_period():
    train = np.array([0, 0, 60, 119, 180], np.int64)
    assert count_refractory_violations(train, 60) == 2
    assert count_refractory_violations(train[:1], 60) == 0
    assert count_refractory_violations(train[:0], 60) == 0
