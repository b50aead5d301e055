from __future__ import annotations

import pytest

from gtview.base.folders import state_folder
from gtview.jobs.durations import remember_duration, speed_ratio


def test_that_what_was_never_done_takes_as_long_as_expected():
    assert speed_ratio("sort x") == 1.0


def test_that_the_next_estimate_is_what_the_last_run_took():
    remember_duration("sort x", 10.0, 25.0)
    assert 10.0 * speed_ratio("sort x") == pytest.approx(25.0)
    assert speed_ratio("sort y") == 1.0


def test_that_estimates_come_near_the_truth_whatever_was_first():
    remember_duration("sort x", 10.0, 300.0)
    for _ in range(10):
        remember_duration("sort x", 10.0 * speed_ratio("sort x"), 20.0)
    assert 10.0 * speed_ratio("sort x") == pytest.approx(20.0, rel=0.05)


@pytest.mark.parametrize(
    ("key", "expected", "taken"), [("", 1.0, 1.0), ("k", 0.0, 1.0), ("k", 1.0, 0.0)]
)
def test_that_what_says_nothing_is_not_noted(key, expected, taken):
    remember_duration(key, expected, taken)
    assert not (state_folder() / "durations.json").exists()


@pytest.mark.parametrize("text", ["", "[]", '{"a": "x"}', "{"])
def test_that_a_damaged_file_counts_as_empty(text):
    remember_duration("sort x", 1.0, 2.0)
    (state_folder() / "durations.json").write_text(text, encoding="utf-8")
    assert speed_ratio("sort x") == 1.0
