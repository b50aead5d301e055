from __future__ import annotations

import numpy as np
import pytest

from gtview.analysis.limits import kept_limits, robust_limits, with_zero


def test_that_one_stray_point_changes_little():
    points = np.random.default_rng(0).normal(size=1000)
    calm = robust_limits([points])
    for stray in (1e6, -1e6, np.nan, np.inf, -np.inf):
        low, high = robust_limits([np.r_[points, stray]])
        assert abs(low - calm[0]) < 1
        assert abs(high - calm[1]) < 1


def test_that_all_but_stray_points_are_inside():
    points = np.random.default_rng(0).normal(size=20_000)
    low, high = robust_limits([points])
    assert np.mean((points < low) | (points > high)) <= 0.0005


def test_that_a_small_group_counts_as_much_as_a_large_one():
    large, small = np.random.default_rng(0).normal(size=50_000), np.full(20, 40.0)
    low, high = robust_limits([large, small])
    assert low < -3
    assert high > 40


def test_that_points_near_the_others_are_not_taken_for_stray_ones():
    points = np.random.default_rng(0).uniform(-1, 1, 12)
    low, high = robust_limits([points])
    assert low < points.min() - 0.1
    assert high > points.max() + 0.1
    low, high = robust_limits([np.r_[points, 30.0]])
    assert low < points.min() - 0.1
    assert high < 2


def test_that_few_points_are_all_shown():
    low, high = robust_limits([np.array([1.0, 9.0, 3.0])])
    assert low < 1
    assert high > 9


@pytest.mark.parametrize("groups", [[], [np.empty(0)], [np.array([np.nan, np.inf])]])
def test_that_nothing_has_no_limits(groups):
    assert robust_limits(groups) is None


@pytest.mark.parametrize("value", [0.0, -5.0, 1e-9])
def test_that_equal_points_get_a_range(value):
    low, high = robust_limits([np.full(50, value)])
    assert low < value < high


def test_that_zero_can_be_asked_for():
    assert with_zero((2.0, 3.0)) == (0.0, 3.0)
    assert with_zero((-3.0, -2.0)) == (-3.0, 0.0)
    assert with_zero((-3.0, 2.0)) == (-3.0, 2.0)


@pytest.mark.parametrize(
    ("wanted", "is_kept"),
    [
        ((-9.0, 9.0), True),
        ((-10.5, 10.5), True),  # a little outside
        ((-6.0, 5.0), True),  # half of it
        ((-12.0, 9.0), False),  # hidden
        ((-4.0, 4.0), False),  # squeezed
        ((50.0, 60.0), False),  # not in sight at all
    ],
)
def test_that_limits_are_kept_as_long_as_they_suit(wanted, is_kept):
    before = (-10.0, 10.0)
    assert kept_limits(before, wanted) == (before if is_kept else wanted)


def test_that_there_is_a_first_time_and_a_time_without_points():
    assert kept_limits(None, (1.0, 2.0)) == (1.0, 2.0)
    assert kept_limits((1.0, 2.0), None) == (1.0, 2.0)
    assert kept_limits(None, None) is None
