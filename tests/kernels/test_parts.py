"""Kernels that run on several parts of their trains at once: the same as in one piece."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtview.kernels import _parts
from gtview.kernels.matching import label_spikes
from gtview.kernels.pair_counts import count_matches
from gtview.kernels.spike_states import match_own


@given(st.lists(st.integers(0, 50), max_size=20), st.integers(1, 6))
def test_that_parts_cover_every_train_once(sizes, n_parts):
    offsets = np.cumsum([0, *sizes])
    parts = _parts.split_evenly(offsets, n_parts)
    assert len(parts) <= n_parts
    assert [t for first, end in parts for t in range(first, end)] == list(range(len(sizes)))
    assert all(first < end for first, end in parts)


def make_trains(seed, sizes):
    rng = np.random.default_rng(seed)
    trains = [np.sort(rng.integers(0, 4000, n)) for n in sizes]
    return np.concatenate(trains), np.cumsum([0, *sizes])


@pytest.mark.parametrize("n_cores", [1, 2, 3, 8])
def test_that_parts_give_what_one_piece_gives(monkeypatch, n_cores):
    true, true_offsets = make_trains(1, (40, 0, 300, 7, 120, 1))
    samples, offsets = make_trains(2, (60, 250, 0, 90, 30))
    by_time = np.argsort(samples, kind="stable")
    place = np.argsort(by_time, kind="stable").astype(np.int32)
    groups = np.array([1, -1, 3, 0, -1, 4])

    def all_of_it():
        labels = label_spikes(place, offsets, len(samples) + 3)
        counts = count_matches(true, true_offsets, samples[by_time], labels[:-3], 5, 6)
        own = match_own(true, true_offsets, samples[by_time], place, offsets, groups, 6)
        return labels, counts, *own

    whole = all_of_it()
    monkeypatch.setattr(_parts, "_MIN_SPIKES", 1)
    monkeypatch.setattr(_parts.os, "cpu_count", lambda: n_cores)
    for one, other in zip(whole, all_of_it(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert (whole[0][-3:] == -1).all()
    assert whole[1].sum() > 0 < (whole[2] >= 0).sum()


def test_that_an_error_in_a_part_is_raised(monkeypatch):
    monkeypatch.setattr(_parts, "_MIN_SPIKES", 1)
    monkeypatch.setattr(_parts.os, "cpu_count", lambda: 2)
    seen = []

    def work(first, end):
        seen.append((first, end))
        if first:
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        _parts.run_in_parts(work, np.array([0, 5, 10]))
    assert sorted(seen) == list(pairwise([0, 1, 2]))
