from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from gtview.kernels import matching, pair_counts


def largest_matching(first, second, delta):
    """Size of a maximum matching of the graph of all allowed pairs."""
    allowed = np.abs(np.subtract.outer(first, second)) <= delta
    if not allowed.any():
        return 0
    return int((maximum_bipartite_matching(csr_matrix(allowed)) >= 0).sum())


def grouped(samples, labels, n):
    order = np.lexsort((samples, labels))
    offsets = np.concatenate([[0], np.cumsum(np.bincount(labels, minlength=n))])
    return samples[order], offsets


def count(trains, samples, labels, n_labels, delta):
    """Count with the trains as lists and the other spikes in any order."""
    offsets = np.concatenate([[0], np.cumsum([len(t) for t in trains])]).astype(np.int64)
    joined = np.concatenate([*trains, []]).astype(np.int64)
    order = np.argsort(samples, kind="stable")
    return pair_counts.count_matches(
        joined, offsets, samples[order], labels[order], n_labels, delta
    )


# Few distinct times: many spikes at one sample and many closer than delta.
times = st.lists(st.integers(-3, 30), max_size=14).map(lambda v: np.sort(np.array(v, np.int64)))
deltas = st.integers(0, 6)


@settings(max_examples=150, deadline=None)
@given(st.lists(times, min_size=1, max_size=3), st.lists(times, min_size=1, max_size=3), deltas)
def test_that_the_counts_of_every_pair_are_those_of_a_maximum_matching(trains, others, delta):
    samples = np.concatenate(others)
    labels = np.repeat(np.arange(len(others), dtype=np.int32), [len(t) for t in others])
    expected = [[largest_matching(a, b, delta) for b in others] for a in trains]
    assert count(trains, samples, labels, len(others), delta).tolist() == expected


@settings(max_examples=150, deadline=None)
@given(times, times, deltas)
def test_that_matched_trains_are_a_maximum_matching(first, second, delta):
    partners = matching.match_trains(first, second, delta)
    is_matched = partners >= 0
    taken = partners[is_matched]
    assert len(set(taken.tolist())) == len(taken)
    assert (np.abs(first[is_matched] - second[taken]) <= delta).all()
    assert len(taken) == largest_matching(first, second, delta)


@pytest.mark.parametrize("gap", [1, 40, 3000])
def test_that_nothing_is_lost_between_blocks(gap):
    rng = np.random.default_rng(5)
    n = 3 * pair_counts._BLOCK + 1000
    # Rounded to tens: many spikes share a sample, also where a block ends.
    samples = np.sort(rng.integers(0, n * gap, n)) // 10 * 10
    labels = rng.integers(0, 4, n).astype(np.int32)
    moved = samples + rng.integers(-3, 4, n)
    trains, offsets = grouped(moved, rng.integers(0, 3, n), 3)
    counts = pair_counts.count_matches(trains, offsets, samples, labels, 4, 5)
    for i in range(3):
        for j in range(4):
            pair = matching.match_trains(
                trains[offsets[i] : offsets[i + 1]], samples[labels == j], 5
            )
            assert counts[i, j] == np.count_nonzero(pair >= 0)


@pytest.mark.parametrize("lag", [-5, 0, 5])
def test_that_spikes_of_one_sample_are_not_parted_by_the_end_of_a_block(lag):
    samples = np.arange(pair_counts._BLOCK + 9, dtype=np.int64) * 100
    samples[pair_counts._BLOCK] = samples[pair_counts._BLOCK - 1]
    labels = np.zeros(len(samples), np.int32)
    labels[pair_counts._BLOCK - 1], labels[pair_counts._BLOCK] = 1, 2
    train = samples[pair_counts._BLOCK :] + lag
    assert count([train], samples, labels, 3, 5).tolist() == [[8, 1, 1]]


def test_that_a_block_that_is_empty_at_one_end_and_dense_at_the_other_is_searched_rightly():
    dense = np.arange(0, 30_000, dtype=np.int64)
    samples = np.concatenate([dense, dense + 10**12])
    labels = np.zeros(len(samples), np.int32)
    train = np.array([-5, 17, 29_999, 40_000, 10**11, 10**12 + 29_999, 10**13], np.int64)
    assert count([train], samples, labels, 1, 2).tolist() == [[3]]


def test_that_spikes_of_no_label_match_nothing():
    samples = np.array([10, 11, 12], np.int64)
    labels = np.array([-1, 0, -1], np.int32)
    assert count([np.array([10, 12])], samples, labels, 1, 2).tolist() == [[1]]


def test_that_nothing_matches_nothing():
    none, no_labels = np.empty(0, np.int64), np.empty(0, np.int32)
    assert count([none, np.array([3])], none, no_labels, 2, 5).tolist() == [[0, 0], [0, 0]]
    assert count([], np.array([3]), np.array([0], np.int32), 1, 5).shape == (0, 1)
    assert len(matching.match_trains(none, np.array([1]), 5)) == 0


def test_that_spikes_get_the_label_of_their_group():
    order = np.array([4, 0, 2], np.int32)
    labels = matching.label_spikes(order, np.array([0, 1, 1, 3]), 5)
    assert labels.tolist() == [2, -1, 2, -1, 0]
    assert labels.dtype == np.int32


@given(st.lists(st.integers(0, 5), max_size=6))
def test_that_increasing_means_never_smaller_than_before(values):
    assert matching.is_increasing(np.array(values, np.int64)) == (values == sorted(values))


@settings(max_examples=50, deadline=None)
@given(times, st.lists(times, min_size=1, max_size=3), st.integers(0, 9))
def test_that_lags_are_counted_for_every_pair_of_spikes(train, others, window):
    samples = np.concatenate(others)
    labels = np.repeat(np.arange(len(others), dtype=np.int32), [len(t) for t in others])
    order = np.argsort(samples, kind="stable")
    counts = matching.count_lags(train, samples[order], labels[order], len(others), window)
    for j, other in enumerate(others):
        lags = np.subtract.outer(other, train).ravel()
        assert counts[j].tolist() == [(lags == lag).sum() for lag in range(-window, window + 1)]


def test_that_all_kernels_are_compiled_by_warming_up():
    matching.warm_up()
    kernels = [v for v in vars(matching).values() if hasattr(v, "nopython_signatures")]
    before = [len(k.nopython_signatures) for k in kernels]
    test_that_spikes_get_the_label_of_their_group()
    test_that_nothing_matches_nothing()
    assert [len(k.nopython_signatures) for k in kernels] == before
