from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gtview.generation.bank import BankEntry, bank_from_dense, join_entries, steps_of


def make_units(*steps_of_units, n_samples=3):
    waveform = np.ones((1, n_samples), np.float32)
    return [
        [BankEntry(step, np.zeros(1, np.int32), step * waveform) for step in steps]
        for steps in steps_of_units
    ]


def make_bank(*steps_of_units):
    return join_entries(make_units(*steps_of_units), n_channels=1, n_before=1, step_um=1.0)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sets(st.integers(-30, 30), max_size=8), min_size=1, max_size=5),
    st.lists(st.integers(-10_000, 10_000), min_size=1, max_size=10),
)
def test_that_the_nearest_step_of_the_unit_is_found(steps_of_units, asked):
    own = [sorted(steps | {0}) for steps in steps_of_units]
    bank = make_bank(*own)
    for unit, steps in enumerate(own):
        entries = bank.find_entries(np.full(len(asked), unit), asked)
        for entry, step in zip(entries, asked, strict=True):
            assert bank.unit_starts[unit] <= entry < bank.unit_starts[unit + 1]
            assert bank.steps[entry] == min(steps, key=lambda s, step=step: (abs(s - step), s))


def test_that_templates_come_back_without_what_is_hardly_seen():
    rng = np.random.default_rng(0)
    templates = rng.normal(size=(3, 2, 20, 9)).astype(np.float32)
    templates[..., 4] *= 1e-5
    bank = bank_from_dense(templates, n_before=5, steps=[-1, 0, 2])
    templates[..., 4] = 0
    for i, step in enumerate((-1, 0, 2)):
        for unit in range(2):
            np.testing.assert_array_equal(bank.dense(unit, step), templates[i, unit])
    np.testing.assert_array_equal(bank.dense_at_rest(), templates[1])
    assert (bank.n_units, bank.n_samples, bank.n_channels) == (2, 20, 9)
    assert 4 not in bank.channels


def test_that_a_unit_may_be_seen_by_no_channel():
    bank = bank_from_dense(np.zeros((2, 4, 3), np.float32), n_before=1)
    assert len(bank.waveforms) == 0
    np.testing.assert_array_equal(bank.dense_at_rest(), np.zeros((2, 4, 3)))


@pytest.mark.parametrize("steps", [(1, 2), (0, 0), (1, 0), ()])
def test_that_units_without_rest_or_order_are_refused(steps):
    with pytest.raises(ValueError, match="unit 1 must increase and hold 0"):
        make_bank((0,), steps)


def test_that_a_displacement_is_rounded_to_the_nearest_step():
    np.testing.assert_array_equal(steps_of([-1.4, 0.6, 1.0, 2.2], 0.5), [-3, 1, 2, 4])
