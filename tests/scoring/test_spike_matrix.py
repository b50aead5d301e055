"""Where spikes went, by one state a spike; thresholds that only change names."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoring.scene import make_scene
from scoring.trains import score, train

from gtview.base.errors import UsageError
from gtview.kernels import time_order
from gtview.kernels.time_order import order_by_time
from gtview.scoring.chance import chance_agreement, expect_matches
from gtview.scoring.rescoring import order_truth, rescore
from gtview.scoring.scores import recategorize
from gtview.scoring.states import SpikeState, compute_spike_states, matched_positions
from gtview.scoring.thresholds import LEAST_SHARE, MOST_SHARE, Thresholds, reaches

A, B, C = train(21), train(22), train(23)
trains = st.lists(st.lists(st.integers(0, 200), max_size=12).map(sorted), max_size=5)


def named(found, first=0):
    return {first + i: np.array(t, np.int64) for i, t in enumerate(found)}


@settings(deadline=None, max_examples=100)
@given(trains, trains, st.booleans())
def test_that_rows_and_columns_sum_to_the_spikes(units, clusters, is_partial):
    scene = make_scene(named(units), named(clusters, 10), is_partial=is_partial)
    table, matrix = scene.matrix.table(), scene.matrix
    assert table[:-1].sum(axis=1).tolist() == [len(t) for t in units]
    assert table[:, :-1].sum(axis=0).tolist() == [len(t) for t in clusters]
    assert table[-1, -1] == 0
    assert (table >= 0).all()
    assert matrix.counts.sum() == np.count_nonzero(scene.states.true_partners >= 0)
    for unit in scene.scores.units:
        if unit.cluster_id is not None:
            assert matrix.count(unit.unit_id, unit.cluster_id) >= unit.tp
    if is_partial:
        is_unmatched = [c not in {u.cluster_id for u in scene.scores.units} for c in
                        scene.scores.cluster_ids]  # fmt: skip
        assert not matrix.false[is_unmatched].any()
    else:
        assert not matrix.unknown.any()


def test_that_shares_say_where_spikes_went_and_what_clusters_are_made_of():
    matrix = make_scene({1: A}, {5: A[:150], 6: np.r_[A[150:240], B[:10] + 10**7]}).matrix
    assert matrix.row_shares()[0] == pytest.approx([0.5, 0.3, 0.2])
    assert matrix.column_shares()[:, 1] == pytest.approx([0.9, 0.1])
    assert matrix.count(9, 5) == matrix.count(1, 77) == 0


@settings(deadline=None, max_examples=100)
@given(trains)
def test_that_trains_are_put_in_order_of_time(found):
    samples = np.array([s for t in found for s in t], np.int64)
    offsets = np.cumsum([0, *map(len, found)])
    wanted = sorted((s, i) for i, t in enumerate(found) for s in t)
    ordered, units = order_by_time(samples, offsets)
    assert list(zip(ordered.tolist(), units.tolist(), strict=True)) == wanted


@pytest.mark.parametrize("block", [None, "one moment"])
def test_that_long_and_crowded_trains_are_put_in_order_too(block, monkeypatch):
    rng = np.random.default_rng(0)
    high = 10**9 if block is None else 40
    found = [np.sort(rng.integers(-5, high, n)) for n in (30_000, 0, 500, 1)]
    found.append(np.array([high * 50]))
    samples, offsets = np.concatenate(found), np.cumsum([0, *map(len, found)])
    of_spikes = np.repeat(np.arange(len(found)), [len(t) for t in found])
    by_time = np.lexsort((of_spikes, samples))
    ordered, units = order_by_time(samples, offsets)
    np.testing.assert_array_equal(ordered, samples[by_time])
    np.testing.assert_array_equal(units, of_spikes[by_time])
    assert time_order._BLOCK < 30_000


# Thresholds -----------------------------------------------------------------------------------


def test_that_thresholds_judge_anew_without_matching():
    clusters = {4: A[:200], 5: A[200:255], 6: np.r_[B, C[:30]]}
    scores = score({1: A, 2: B, 3: C}, clusters)
    assert [u.category for u in scores.units] == ["partial", "well_detected", "missed"]
    strict = recategorize(scores, Thresholds.tolerating(0.1))
    assert [u.category for u in strict.units] == ["split", "well_detected", "merged"]
    easy = recategorize(scores, Thresholds.tolerating(0.4))
    assert [u.category for u in easy.units] == ["well_detected", "well_detected", "missed"]
    assert strict.counts is scores.counts
    assert [u.accuracy for u in strict.units] == [u.accuracy for u in scores.units]
    back = recategorize(easy, Thresholds())
    assert back.units == scores.units
    assert back.cluster_categories == scores.cluster_categories


def test_that_twins_are_known_for_every_threshold():
    clusters = {4: A, 5: np.r_[A[:40], B[:500]], 6: A[:40] + 1}
    scores = score({1: A, 2: B}, clusters)
    assert scores.units[0].category == "well_detected"
    easy = recategorize(scores, Thresholds.tolerating(0.1))
    # Only 5 and 6 hold the same, and each holds 0.13 of the unit.
    assert easy.units[0].category == "duplicate"


@settings(deadline=None)
@given(st.integers(1, 10**9), st.integers(1, 20))
def test_that_an_exact_share_is_enough(parts, twentieths):
    share = twentieths / 20
    size, count = np.array([parts * 20]), np.array([parts * twentieths])
    assert reaches(count, size, share)[0]
    assert reaches(count + 1, size, share)[0]
    assert not reaches(count - 1, size, share)[0]
    assert not reaches(count * 0, size * 0, share)[0]


def test_that_thresholds_beyond_reason_are_refused():
    for share in (LEAST_SHARE, MOST_SHARE):
        Thresholds.tolerating(share)
    for wrong in ({"large": 0.01}, {"large": 0.6}, {"good": 0.4}, {"good": 1.1}):
        with pytest.raises(UsageError):
            Thresholds(**wrong)


def test_that_rescoring_keeps_thresholds_and_twins():
    clusters = {4: A, 5: A + 1, 6: B}
    scores = recategorize(score({1: A, 2: B}, clusters), Thresholds.tolerating(0.1))
    truth = order_truth(np.r_[A, B], np.array([0, len(A), len(A) + len(B)]))
    now = {5: A + 1, 6: B, 7: A[:150], 8: A[150:]}
    after = rescore(scores, [4], {7: now[7], 8: now[8]}, truth, now.__getitem__)
    anew = recategorize(score({1: A, 2: B}, now), Thresholds.tolerating(0.1))
    assert after.units == anew.units
    assert after.twins == anew.twins
    assert after.cluster_categories == anew.cluster_categories
    assert after.thresholds == Thresholds.tolerating(0.1)


# States that are kept -------------------------------------------------------------------------


@settings(deadline=None, max_examples=100)
@given(trains, trains, st.randoms(use_true_random=False))
def test_that_kept_matches_give_the_states_of_matching_anew(units, clusters, rng):
    scene = make_scene(named(units), named(clusters, 10))
    ids = list(scene.scores.cluster_ids)
    matched = matched_positions(scene.scores, ids)
    # As after an action: some units have another cluster, or none, now.
    is_kept = np.array([rng.random() < 0.5 for _ in units], bool)
    now = np.where(is_kept, matched, -1)
    free = sorted(set(range(len(ids))) - set(now.tolist()))
    for row in np.flatnonzero(~is_kept).tolist():
        if free and rng.random() < 0.7:
            now[row] = free.pop()
    trains_ = (scene.truth.spike_samples, scene.truth.offsets, scene.spike_samples, scene.order,
               scene.offsets, now, scene.scores.delta_samples)  # fmt: skip
    anew = compute_spike_states(*trains_)
    kept = compute_spike_states(*trains_, known=(scene.states, is_kept))
    for name in ("true_states", "true_partners", "sorted_states", "sorted_partners"):
        np.testing.assert_array_equal(getattr(kept, name), getattr(anew, name))


# Chance ---------------------------------------------------------------------------------------


def test_that_chance_is_what_independent_spikes_match():
    duration = 60 * 30_000
    rng = np.random.default_rng(1)
    counted, sizes = [], (2000, 5000)
    for _ in range(5):
        one, other = (np.sort(rng.integers(0, duration, n)) for n in sizes)
        counted.append(score({1: one}, {2: other}).counts[0, 0])
    expected = expect_matches(np.array(sizes[:1]), np.array(sizes[1:]), 12, duration)[0, 0]
    assert np.mean(counted) == pytest.approx(expected, rel=0.15)


def test_that_chance_is_told_of_the_cluster_of_each_unit():
    scores = score({1: A, 2: B}, {5: A})
    chance = chance_agreement(scores, 60 * 30_000)
    assert chance[0] == pytest.approx(300 * 300 * 25 / (60 * 30_000) / 600, rel=0.02)
    assert chance[1] < 0.01
    assert chance_agreement(score({1: A}, {}), 10**6).tolist() == [0]


def test_that_states_of_spikes_can_be_told_apart_by_number():
    assert [s.name for s in SpikeState] == ["FOUND", "MISSED", "FALSE", "ELSEWHERE", "UNKNOWN"]
