"""How views write numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtview.views.wording import seconds_text


@pytest.mark.parametrize(
    ("window_s", "text"),
    [
        ((29.98185, 59.89110), "30 to 59.9 s"),
        ((0.0, 0.25), "0 to 0.25 s"),
        ((7200.5, 7201.0), "7,200.5 to 7,201 s"),
        ((100.0, 3700.0), "100 to 3,700 s"),
    ],
)
def test_that_a_part_of_time_is_told_without_needless_digits(window_s, text):
    assert seconds_text(window_s) == text


@given(st.floats(0, 1e5), st.floats(1e-3, 1e5))
def test_that_the_ends_of_a_part_of_time_are_told_to_a_hundredth_of_it(start, length):
    window_s = (start, start + length)
    first, _, last = seconds_text(window_s).removesuffix(" s").replace(",", "").partition(" to ")
    assert [float(first), float(last)] == pytest.approx(window_s, abs=length / 100)
