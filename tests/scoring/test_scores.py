from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from scoring.trains import FS, score, train

from gtview.base.errors import UsageError
from gtview.scoring.scores import CATEGORIES

A, B, C = train(1), train(2), train(3)


def category(scores, unit_id):
    return next(u.category for u in scores.units if u.unit_id == unit_id)


def test_that_identical_trains_score_1():
    scores = score({7: A, 9: B}, {3: B, 5: A})
    assert [(u.cluster_id, u.accuracy, u.recall, u.precision) for u in scores.units] == [
        (5, 1.0, 1.0, 1.0),
        (3, 1.0, 1.0, 1.0),
    ]
    assert scores.mean_accuracy == 1.0
    assert scores.category_counts["well_detected"] == 2
    assert scores.false_cluster_ids == ()


def test_that_the_numbers_of_a_matched_unit_are_those_of_its_cluster():
    # 240 of 300 found, and 60 spikes that are not of the unit.
    scores = score({1: A}, {4: np.concatenate([A[:240], B[:60] + 10**7])})
    unit = scores.units[0]
    assert (unit.n_spikes, unit.tp, unit.fn, unit.fp) == (300, 240, 60, 60)
    assert unit.accuracy == 240 / 360
    assert unit.recall == unit.precision == 0.8
    assert unit.miss_rate == pytest.approx(0.2)
    assert (unit.best_cluster_id, unit.best_agreement) == (4, 240 / 360)
    assert unit.category == "well_detected"


def test_that_an_unmatched_unit_scores_0_and_keeps_its_best_cluster():
    scores = score({1: A}, {4: A[:100]})
    unit = scores.units[0]
    assert (unit.cluster_id, unit.tp, unit.fn, unit.fp) == (None, 0, 300, 0)
    assert (unit.accuracy, unit.recall, unit.precision, unit.miss_rate) == (0, 0, 0, 1)
    assert (unit.best_cluster_id, unit.best_agreement) == (4, pytest.approx(1 / 3))


def test_that_an_agreement_of_exactly_one_half_is_a_match():
    assert score({1: A}, {4: A[:150]}).units[0].cluster_id == 4
    assert score({1: A}, {4: A[:149]}).units[0].cluster_id is None


@pytest.mark.parametrize(
    ("delta_ms", "lag", "is_found"),
    [(0.4, 12, True), (0.4, -12, True), (0.4, 13, False), (0.0, 0, True), (0.0, 1, False)],
)
def test_that_the_largest_distance_is_cut_to_whole_samples_and_counts(delta_ms, lag, is_found):
    scores = score({1: A}, {2: A + lag}, delta_ms=delta_ms)
    assert (scores.units[0].accuracy == 1.0) is is_found


def test_that_distances_that_make_no_sense_are_refused():
    for delta_ms in (-0.1, 101, float("nan")):
        with pytest.raises(UsageError):
            score({1: A}, {2: A}, delta_ms=delta_ms)


def test_that_a_unit_in_no_cluster_is_missed():
    scores = score({1: A, 2: B}, {1: B, 2: A[:59]})
    assert category(scores, 1) == "missed"
    # 60 of 300 are a large share.
    assert category(score({1: A, 2: B}, {1: B, 2: A[:60]}), 1) == "partial"


def test_that_a_unit_in_two_clusters_spike_by_spike_is_a_duplicate():
    jitter = np.random.default_rng(0).integers(-5, 6, len(A))
    assert category(score({1: A}, {1: A, 2: A + jitter}), 1) == "duplicate"
    # Half of what each holds, the other holds: 200 and 200, 100 in common.
    assert category(score({1: A}, {1: A[:200], 2: A[100:]}), 1) == "duplicate"
    assert category(score({1: A}, {1: A[:199], 2: A[100:]}), 1) == "split"


def test_that_a_small_copy_of_a_whole_is_not_a_duplicate():
    # All of cluster 2 is in cluster 1, but only a third of cluster 1 in cluster 2.
    assert category(score({1: A}, {1: A, 2: A[:100]}), 1) == "split"


def test_that_a_unit_in_two_parts_is_split():
    scores = score({1: A}, {1: A[:180], 2: A[180:]})
    assert category(scores, 1) == "split"
    assert scores.units[0].cluster_id == 1


def test_that_two_units_in_one_cluster_are_merged():
    scores = score({1: A, 2: B}, {1: np.concatenate([A, B])})
    assert [u.category for u in scores.units] == ["merged", "merged"]
    assert scores.false_cluster_ids == ()


def test_that_a_small_unit_swallowed_by_a_large_one_is_merged_and_so_is_the_large_one():
    large = train(4, n=3000)
    scores = score({1: large, 2: A}, {901: np.concatenate([large, A])})
    # SpikeInterface calls cluster 901 well detected and finds no merge.
    assert [u.category for u in scores.units] == ["merged", "merged"]
    assert scores.units[0].cluster_id == 901
    assert scores.units[0].accuracy > 0.9


def test_that_a_unit_lost_in_noise_is_merged():
    noise = train(5, n=301) + 10**7
    scores = score({1: A}, {1: np.concatenate([A, noise])})
    assert category(scores, 1) == "merged"
    assert category(score({1: A}, {1: np.concatenate([A, noise[:300]])}), 1) == "partial"


def test_that_a_unit_with_less_than_four_fifths_is_partial():
    assert category(score({1: A}, {1: A[:239]}), 1) == "partial"
    assert category(score({1: A}, {1: A[:240]}), 1) == "well_detected"


def test_that_a_train_without_spikes_is_missed_and_harms_nothing():
    scores = score({1: [], 2: A, 3: [5]}, {1: A, 2: [], 3: [5]})
    assert [u.category for u in scores.units] == ["missed", "well_detected", "well_detected"]
    assert scores.units[0].miss_rate == 1
    assert scores.mean_accuracy == pytest.approx(2 / 3)
    assert np.isfinite(scores.recall_matrix()).all()
    assert np.isfinite(scores.precision_matrix()).all()
    assert 2 not in scores.false_cluster_ids
    assert scores.unit_of_cluster(2) is None


def test_that_there_may_be_no_units_or_no_clusters():
    assert score({}, {1: A}).mean_accuracy == 0
    assert score({}, {1: A}).false_cluster_ids == (1,)
    nothing_found = score({1: A}, {})
    assert nothing_found.units[0].category == "missed"
    assert nothing_found.units[0].best_cluster_id is None
    assert [len(o) for o in nothing_found.display_order()] == [1, 0]


def test_that_clusters_of_noise_are_false_unless_the_truth_is_partial():
    clusters = {1: A, 2: train(8) + 10**7}
    assert score({1: A}, clusters).false_cluster_ids == (2,)
    assert score({1: A}, clusters, is_partial=True).false_cluster_ids == ()
    assert score({1: A}, clusters, is_partial=True).unit_of_cluster(2) is None


def test_that_a_small_pure_fragment_is_not_false():
    scores = score({1: A}, {1: A[20:], 2: A[:20]})
    assert scores.false_cluster_ids == ()
    assert scores.unit_of_cluster(2).precision == 1.0


def test_that_a_cluster_knows_its_best_unit():
    scores = score({"a": A, "b": B}, {1: np.concatenate([A, B[:90]]), 2: B[90:]})
    match = scores.unit_of_cluster(1)
    assert (match.unit_id, match.accuracy, match.recall) == ("a", 300 / 390, 1.0)
    assert match.precision == 300 / 390
    assert scores.unit_of_cluster(2).unit_id == "b"
    assert scores.unit_of_cluster(77) is None


def test_that_the_order_of_spikes_in_the_file_changes_nothing():
    clusters = {1: np.concatenate([A, B]) // 2 * 2, 2: C}
    sorted_file, shuffled_file = (
        score({1: A, 2: B, 3: C}, clusters, shuffle=seed) for seed in (None, 6)
    )
    assert (sorted_file.counts == shuffled_file.counts).all()
    assert sorted_file.to_json() == shuffled_file.to_json()


def test_that_spikes_of_no_cluster_are_left_out():
    whole = score({1: A}, {1: A[::2], 2: A[1::2]})
    part = score({1: A}, {1: A[::2]})
    assert whole.counts[0, 0] == part.counts[0, 0] == 150


def test_that_matches_come_first_in_the_matrix_and_their_relatives_near_them():
    units = {1: C, 2: A, 3: B}
    clusters = {10: train(9) + 10**7, 11: A[:40], 12: B, 13: A[40:]}
    rows, columns = score(units, clusters).display_order()
    assert [list(units)[i] for i in rows] == [3, 2, 1]
    assert [list(clusters)[j] for j in columns] == [12, 13, 11, 10]


def test_that_the_display_order_names_each_row_and_column_once():
    rng = np.random.default_rng(2)
    trains = [train(20 + i, n=50, duration_s=3) for i in range(9)]
    clusters = {i: t[rng.random(50) < 0.5] for i, t in enumerate([*trains, *trains])}
    rows, columns = score(dict(enumerate(trains)), clusters).display_order()
    assert sorted(rows) == list(range(9))
    assert sorted(columns) == list(range(18))


def test_that_the_json_says_what_was_found():
    scores = score({"10": A, "b": B + 10**7}, {4: A})
    said = json.loads(json.dumps(scores.to_json()))
    assert said["units"][0]["unit_id"] == "10"
    assert said["units"][0]["cluster_id"] == 4
    assert said["units"][1]["cluster_id"] is None
    assert said["units"][1]["best_cluster_id"] is None
    assert said["mean_accuracy"] == 0.5
    assert said["delta_ms"] == 0.4
    assert set(said["counts"]) == set(CATEGORIES)
    assert sum(said["counts"].values()) == 2
    numbers = score({10: A}, {np.int64(4): A}).to_json()
    assert type(numbers["units"][0]["unit_id"]) is int
    assert type(numbers["units"][0]["cluster_id"]) is int


@pytest.mark.parametrize("lag", [13, -13, 25, 60, -60])
def test_that_a_constant_offset_is_found_and_told(lag):
    scores = score({1: A, 2: B, 3: C}, {1: A + lag, 2: B + lag})
    assert scores.mean_accuracy < 0.1
    assert scores.lag.lag_samples == lag
    assert scores.lag.lag_ms == pytest.approx(lag / FS * 1000)
    assert scores.lag.agreement_then == pytest.approx(2 / 3, abs=0.01)
    assert scores.lag.agreement_now < 0.1
    assert ("after" if lag > 0 else "before") in scores.lag.warning
    assert f"{abs(lag)} samples" in scores.lag.warning


def test_that_an_offset_is_found_through_jitter():
    jitter = np.random.default_rng(1).integers(-8, 9, len(A))
    scores = score({1: A}, {1: A + 10 + jitter})
    assert 0.3 < scores.lag.agreement_now < 0.7
    assert abs(scores.lag.lag_samples - 10) <= 2
    assert scores.lag.agreement_then == 1.0


def test_that_an_offset_that_costs_nothing_is_not_told():
    assert score({1: A}, {1: A + 9}).lag is None
    assert score({1: A}, {1: B}).lag is None
    assert score({1: A}, {}).lag is None
    assert score({1: A}, {1: A + 70}).lag is None


def test_that_one_sample_is_named_in_the_singular():
    lag = score({1: A}, {1: A + 13}).lag
    assert "1 sample " in replace(lag, lag_samples=-1).warning


def test_that_results_cannot_be_changed():
    scores = score({1: A}, {1: A})
    with pytest.raises(ValueError, match="read-only"):
        scores.counts[0, 0] = 1
