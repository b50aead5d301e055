from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gtview.analysis.sampling import even_positions, sample_evenly


@given(st.integers(0, 5000), st.integers(0, 200))
def test_that_a_sample_is_even_and_has_the_size_asked(n, max_n):
    positions = even_positions(n, max_n)
    assert len(positions) == min(n, max_n)
    steps = np.diff(positions)
    assert (steps > 0).all()
    if len(steps):
        assert steps.max() - steps.min() <= 1
        assert (positions[0], positions[-1]) == (0, n - 1)


def test_that_spikes_are_taken_by_rank():
    spikes = np.array([3, 5, 8, 9, 20], np.int32)
    assert sample_evenly(spikes, 3).tolist() == [3, 8, 20]
    assert sample_evenly(spikes, 1).tolist() == [8]
    assert sample_evenly(spikes, 9).tolist() == spikes.tolist()
