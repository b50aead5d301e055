"""Ticks of logarithmic axes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtview.qt.ticks import log_ticks


@pytest.mark.parametrize(
    ("low", "high", "most", "texts"),
    [
        (0.0, 2.0, 10, ["1", "2", "5", "10", "20", "50", "100"]),
        (0.0, 4.0, 6, ["1", "10", "100", "1,000", "10,000"]),
        (-1.0, 1.0, 8, ["0.1", "0.2", "0.5", "1", "2", "5", "10"]),
        (0.0, 12.0, 4, ["1", "1,000", "1,000,000", "1e+09", "1e+12"]),
    ],
)
def test_that_ticks_are_those_a_person_would_choose(low, high, most, texts):
    assert log_ticks(low, high, most)[1] == texts


def test_that_less_than_a_decade_has_even_ticks():
    positions, texts = log_ticks(math.log10(200), math.log10(300), 8)
    assert texts == ["200", "220", "240", "260", "280", "300"]
    assert [10**p for p in positions] == pytest.approx([200, 220, 240, 260, 280, 300])


@given(st.floats(-12, 12), st.floats(0.05, 20), st.integers(2, 20))
def test_that_ticks_are_in_sight_increasing_and_not_too_many(low, span, most):
    positions, texts = log_ticks(low, low + span, most)
    assert positions == sorted(positions)
    assert all(low - 1e-6 <= p <= low + span + 1e-6 for p in positions)
    assert len(set(texts)) == len(texts)
    assert len(texts) <= most + 1
