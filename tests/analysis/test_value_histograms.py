"""Fine histograms, made coarse for any part of their range."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtview.analysis.value_histograms import FINE_BINS, compute_fine_histogram

VALUES = np.random.default_rng(0).normal(10, 2, 5000).astype(np.float32)


def test_that_coarse_bins_that_end_where_fine_ones_do_count_exactly():
    fine = compute_fine_histogram(VALUES, (0.0, 16.0))
    assert (fine.low, fine.high) == (-8.0, 24.0)
    edges, counts = fine.coarse(4.0, 12.0, 16)
    expected, expected_edges = np.histogram(VALUES, 16, (4.0, 12.0))
    assert edges.tolist() == expected_edges.tolist()
    # The last bin of NumPy holds its upper edge too.
    assert counts.tolist() == pytest.approx(expected.tolist(), abs=1)


def test_that_values_far_away_are_in_no_bin():
    values = np.array([-1e9, 1e9, 1.0, 2.0], np.float32)
    fine = compute_fine_histogram(values, (0.0, 3.0))
    assert fine.counts.sum() == 2
    assert len(fine.counts) == FINE_BINS


@given(
    st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=60),
    st.integers(1, 300),
)
def test_that_no_value_is_lost(values, n_bins):
    fine = compute_fine_histogram(np.array(values, np.float32), (-6.0, 6.0))
    _, counts = fine.coarse(-12.0, 12.0, n_bins)
    assert counts.sum() == pytest.approx(len(values))
    assert (counts >= 0).all()


def test_that_bins_of_many_values_are_narrower():
    few, many = (compute_fine_histogram(VALUES[:n], (0.0, 20.0)).bin_width for n in (50, 5000))
    assert many < few
    # Twice the interquartile range over the cube root of n.
    quartiles = np.percentile(VALUES, (25, 75))
    assert many == pytest.approx(2 * np.diff(quartiles)[0] / 5000 ** (1 / 3), rel=0.02)


def test_that_a_single_value_has_a_width_too():
    assert compute_fine_histogram(VALUES[:1], (0.0, 20.0)).bin_width == pytest.approx(1.0)
    assert compute_fine_histogram(VALUES[:0], (0.0, 20.0)).counts.sum() == 0
