"""The state of every spike: constructed sortings, and a slow version that tries all pairs."""

from __future__ import annotations

from itertools import combinations, pairwise, permutations
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoring.trains import joined, score, train

from gtview.scoring.states import SpikeState, compute_spike_states, matched_positions

F, M, X, E, U = "F", "M", "X", "E", "U"
LETTERS = {SpikeState.FOUND: F, SpikeState.MISSED: M, SpikeState.FALSE: X,
           SpikeState.ELSEWHERE: E, SpikeState.UNKNOWN: U}  # fmt: skip
A, B = train(1), train(2)


def states_of(units, clusters, matched, delta=12, *, shuffle=None, is_partial=False):
    """States as text, one word for each unit and each cluster; and the result itself."""
    truth, truth_offsets = joined(units)
    samples, offsets = joined(clusters)
    rows = np.arange(len(samples))
    if shuffle is not None:
        rows = np.random.default_rng(shuffle).permutation(len(samples))
    spike_samples = np.empty_like(samples)
    spike_samples[rows] = samples
    order = rows.astype(np.int32)
    result = compute_spike_states(
        truth, truth_offsets, spike_samples, order, offsets, np.array(matched, np.int64), delta,
        is_partial=is_partial,
    )  # fmt: skip
    letters = [LETTERS[s] for s in result.true_states.tolist()]
    true = ["".join(letters[a:b]) for a, b in pairwise(truth_offsets)]
    letters = [LETTERS[s] for s in result.sorted_states[order].tolist()]
    found = ["".join(letters[a:b]) for a, b in pairwise(offsets)]
    check_partners(result, truth, spike_samples, delta)
    return true, found, result


def check_partners(result, truth, spike_samples, delta):
    """Partners name each other, are near, and exist exactly where the state says so."""
    has_one = result.true_partners >= 0
    np.testing.assert_array_equal(has_one, result.true_states != SpikeState.MISSED)
    back = result.sorted_partners[result.true_partners[has_one]]
    np.testing.assert_array_equal(back, np.flatnonzero(has_one))
    assert np.count_nonzero(result.sorted_partners >= 0) == has_one.sum()
    lags = spike_samples[result.true_partners[has_one]] - truth[has_one]
    assert np.all(np.abs(lags) <= delta)


CASES = {
    "exact copy": ([[100, 500, 900]], [[100, 500, 900]], [0], ["FFF"], ["FFF"]),
    "missed and false": ([[100, 500]], [[100, 900]], [0], ["FM"], ["FX"]),
    "at the very distance": ([[100, 500]], [[112, 513]], [0], ["FM"], ["FX"]),
    "late and early": ([[100, 500]], [[95, 508]], [0], ["FF"], ["FF"]),
    "split by time": ([[100, 500, 900]], [[100, 500], [900]], [0], ["FFE"], ["FF", "E"]),
    "split without a match": ([[100, 500]], [[100], [500]], [-1], ["EE"], ["E", "E"]),
    "merged pair": (
        [[100, 500], [300, 700]], [[100, 300, 500, 700]], [0, -1], ["FF", "EE"], ["FEFE"],
    ),
    "duplicate cluster": ([[100, 500]], [[100, 500], [101, 501]], [0], ["FF"], ["FF", "XX"]),
    "duplicate has the lower id": (
        [[100, 500]], [[100, 500], [105, 505]], [1], ["FF"], ["XX", "FF"],
    ),
    "twice in one cluster, the nearer": ([[104]], [[100, 105]], [0], ["F"], ["XF"]),
    "two true spikes for one, the nearer": ([[100, 110]], [[109]], [0], ["MF"], ["F"]),
    "as many as possible before near ones": ([[0, 10]], [[8, 16]], [0], ["FF"], ["FF"]),
    "a tie goes to the earlier": ([[100]], [[95, 105]], [0], ["F"], ["FX"]),
    "own cluster before a nearer one": ([[100]], [[100], [110]], [1], ["F"], ["X", "F"]),
    "nearer before lower id": ([[100]], [[103], [101]], [-1], ["E"], ["X", "E"]),
    "of equal lags the lower id": ([[100]], [[102], [98]], [-1], ["E"], ["E", "X"]),
    "collision, one found": (
        [[100, 500], [103, 900]], [[100, 500], [900]], [0, 1], ["FF", "MF"], ["FF", "F"],
    ),
    "collision, found as the other": (
        [[100], [104, 900]], [[100], [900, 2000]], [-1, 1], ["E", "MF"], ["E", "FX"],
    ),
    "a unit swallowed": ([[100, 500], [105]], [[100, 105, 500]], [0, -1], ["FF", "E"], ["FEF"]),
    "noise cluster": ([[100]], [[100], [300, 400]], [0], ["F"], ["F", "XX"]),
    "no spikes at all": ([[]], [[]], [0], [""], [""]),
    "no clusters": ([[100]], [], [-1], ["M"], []),
    "no units": ([], [[100]], [], [], ["X"]),
    "a single spike": ([[7]], [[7]], [0], ["F"], ["F"]),
    "before the start": ([[0]], [[-3]], [0], ["F"], ["F"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("shuffle", [None, 1])
def test_that_constructed_sortings_are_scored_as_constructed(name, shuffle):
    units, clusters, matched, true, found = CASES[name]
    got = states_of(units, clusters, matched, shuffle=shuffle)
    assert got[:2] == (true, found)


def test_that_partial_truths_judge_no_unmatched_cluster():
    true, found, _ = states_of([[100, 500]], [[100, 700], [500, 900]], [0], is_partial=True)
    assert true == ["FE"]
    assert found == ["FX", "EU"]


def test_that_a_distance_of_zero_wants_the_same_sample():
    assert states_of([[100, 200]], [[100, 201]], [0], 0)[:2] == (["FM"], ["FX"])


def test_that_a_cluster_cannot_be_matched_twice():
    with pytest.raises(ValueError, match="two units"):
        states_of([[1], [2]], [[1]], [0, 0])


def test_that_spikes_of_no_cluster_have_no_state_and_no_partner():
    result = compute_spike_states(
        np.array([100]), np.array([0, 1]), np.array([100, 101]), np.array([1], np.int32),
        np.array([0, 1]), np.array([0]), 12,
    )  # fmt: skip
    assert result.sorted_states.tolist() == [SpikeState.UNKNOWN, SpikeState.FOUND]
    assert result.sorted_partners.tolist() == [-1, 0]


def test_that_as_many_are_found_as_the_scores_count():
    rng = np.random.default_rng(0)
    jittered = np.sort(np.r_[A[:250] + rng.integers(-14, 15, 250), A[40:60] + 5])
    units, clusters = {1: A, 2: B}, {3: jittered, 8: np.sort(np.r_[B, A[250:]])}
    scores = score(units, clusters)
    true, found, _ = states_of(
        units.values(), clusters.values(), matched_positions(scores, list(clusters))
    )
    for unit, word in zip(scores.units, true, strict=True):
        assert word.count(F) == unit.tp > 0
    assert found[1].count(E) == 50


def test_that_matches_with_clusters_that_are_gone_do_not_count():
    scores = SimpleNamespace(units=[SimpleNamespace(cluster_id=i) for i in (4, None, 9)])
    assert matched_positions(scores, [2, 9]).tolist() == [-1, -1, 1]


# A slow version -------------------------------------------------------------------------------


def best_own(true, found, delta):
    """Try every set of pairs: the most pairs, then the smallest sum; return both numbers."""
    for n in range(min(len(true), len(found)), 0, -1):
        sums = [
            sum(abs(a - b) for a, b in zip(chosen, partners, strict=True))
            for chosen in combinations(true, n)
            for partners in permutations(found, n)
            if all(abs(a - b) <= delta for a, b in zip(chosen, partners, strict=True))
        ]
        if sums:
            return n, min(sums)
    return 0, 0


def slow_rest(true, found, delta):
    """Take pairs by lag, cluster, time of the true spike; (time, unit) and (time, cluster)."""
    pairs = sorted(
        (abs(t - s), cluster, t, unit, s, i, j)
        for i, (t, unit) in enumerate(true)
        for j, (s, cluster) in enumerate(found)
        if abs(t - s) <= delta
    )
    taken_true, taken_found = set(), set()
    for *_, i, j in pairs:
        if i not in taken_true and j not in taken_found:
            taken_true.add(i)
            taken_found.add(j)
    return taken_true, taken_found


few = st.lists(st.integers(0, 40), max_size=5).map(sorted)


@settings(deadline=None, max_examples=150)
@given(few, few, st.integers(0, 8))
def test_that_a_matched_pair_has_most_pairs_and_of_those_the_nearest(true, found, delta):
    result = states_of([true], [found], [0], delta)[2]
    has_one = result.true_partners >= 0
    lags = np.array(found, int)[result.true_partners[has_one]] - np.array(true, int)[has_one]
    assert (int(has_one.sum()), int(np.abs(lags).sum())) == best_own(true, found, delta)


trains = st.lists(st.lists(st.integers(0, 60), max_size=8).map(sorted), max_size=4)


@settings(deadline=None, max_examples=200)
@given(trains, trains, st.integers(0, 8))
def test_that_the_rest_is_matched_by_lag_then_cluster_then_time(units, clusters, delta):
    # No matches: everything is the rest.
    result = states_of(units, clusters, [-1] * len(units), delta)[2]
    true = [(t, i) for i, unit in enumerate(units) for t in unit]
    found = [(s, j) for j, cluster in enumerate(clusters) for s in cluster]
    taken_true, taken_found = slow_rest(true, found, delta)
    assert set(np.flatnonzero(result.true_partners >= 0)) == taken_true
    by_time = {(s, j) for k in np.flatnonzero(result.sorted_partners >= 0) for s, j in [found[k]]}
    assert by_time == {found[k] for k in taken_found}


def test_that_long_bursts_are_matched_as_many_as_possible_too():
    # Spikes every 5 samples for longer than the table is large.
    dense = np.arange(0, 2000, 5)
    true, found, _ = states_of([dense], [dense + 3], [0])
    assert set(true[0]) == set(found[0]) == {F}
