"""What views have read ahead is bounded in bytes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gtview.views.ahead import Ahead, size_of


@dataclass
class Answer:
    asked: np.ndarray
    parts: tuple
    table: dict


def test_that_the_longest_unused_goes_first():
    ahead = Ahead(max_bytes=100)
    for key in "abc":
        ahead.put(key, key, 40)
        ahead.get("a")
    assert ahead.get("b") is None
    assert (ahead.get("a"), ahead.get("c")) == ("a", "c")
    assert ahead.n_bytes == 80


def test_that_what_is_too_large_by_itself_is_not_kept():
    ahead = Ahead(max_bytes=100)
    ahead.put("a", "a", 60)
    ahead.put("b", "b", 101)
    assert (ahead.get("a"), ahead.get("b")) == ("a", None)
    ahead.clear()
    assert ahead.n_bytes == 0


def test_that_each_array_counts_once_and_the_question_not_at_all():
    array = np.zeros(10)
    answer = Answer(np.zeros(1000), (array, [array], np.zeros(3, np.float32)), {"k": array})
    assert size_of(answer) == 80 + 12
