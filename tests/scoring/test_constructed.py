"""Constructed sortings: categories, matrix, states and causes must be what was constructed."""

from __future__ import annotations

import numpy as np
import pytest
from scoring.scene import DURATION_S, causes_of, make_scene
from scoring.trains import FS, train

from gtview.scoring.categories import CLUSTER_CATEGORIES
from gtview.scoring.causes import Cause
from gtview.scoring.states import SpikeState

N = 600
A, B, C = (train(seed, N, DURATION_S) for seed in (11, 12, 13))
SMALL = train(14, 60, DURATION_S)
# Far from all of them.
NOISE = (train(15, 400, DURATION_S), train(16, 150, DURATION_S))


def apart(train_, *others, distance=100):
    """Return the spikes of a train that are far from all others."""
    near = np.zeros(len(train_), bool)
    for other in others:
        places = np.searchsorted(other, train_)
        for shift in (-1, 0):
            k = np.clip(places + shift, 0, len(other) - 1)
            near |= np.abs(other[k] - train_) <= distance
    return train_[~near]


# Nothing happens at the same time by chance.
A = apart(A, B, C, SMALL)
B = apart(B, A, C, SMALL)
C = apart(C, A, B, SMALL)
NOISE = tuple(apart(n, A, B, C, SMALL) for n in NOISE)
HALF = len(A) // 2


def check(scene, units, clusters, matrix=None, missed=None):
    assert scene.categories() == units
    assert scene.cluster_categories() == clusters
    for (unit, cluster), n in (matrix or {}).items():
        assert scene.matrix.count(unit, cluster) == n
    if matrix is not None:
        assert scene.matrix.counts.sum() == sum(matrix.values())
    if missed is not None:
        assert dict(zip(scene.truth.unit_ids, scene.matrix.missed.tolist(), strict=True)) == missed


def test_that_an_exact_copy_is_found_whole():
    scene = make_scene({1: A, 2: B}, {10: A, 20: B})
    check(
        scene, {1: "well_detected", 2: "well_detected"}, {10: "matched", 20: "matched"},
        {(1, 10): len(A), (2, 20): len(B)}, {1: 0, 2: 0},
    )  # fmt: skip
    assert set(scene.states.true_states) == {SpikeState.FOUND}
    assert causes_of(scene.causes(), 1) == {}
    assert scene.causes().main_cause(0) is None


def test_that_a_split_by_time_is_a_split():
    scene = make_scene({1: A, 2: B}, {10: A[:HALF], 11: A[HALF:], 20: B})
    kind = {10: "matched", 11: "fragment", 20: "matched"}
    if scene.scores.units[0].cluster_id != 10:
        kind |= {10: "fragment", 11: "matched"}
    parts = {(1, 10): HALF, (1, 11): len(A) - HALF, (2, 20): len(B)}
    check(scene, {1: "split", 2: "well_detected"}, kind, parts, {1: 0, 2: 0})
    smaller = len(A) - scene.scores.units[0].tp
    assert causes_of(scene.causes(), 1) == {"split off": smaller}


def test_that_a_split_by_amplitude_is_a_split():
    factors = np.linspace(0.5, 1.5, len(A)).astype(np.float32)
    factors = np.random.default_rng(0).permutation(factors)
    large = factors >= 0.8
    scene = make_scene({1: A}, {10: A[large], 11: A[~large]}, amplitude_factors=factors)
    n_small = int((~large).sum())
    check(
        scene, {1: "split"}, {10: "matched", 11: "fragment"},
        {(1, 10): len(A) - n_small, (1, 11): n_small}, {1: 0},
    )  # fmt: skip
    # They are not lost for their size: another cluster has them.
    assert causes_of(scene.causes(), 1) == {"split off": n_small}


def test_that_a_split_into_four_needs_no_match():
    parts = {10 + k: A[k::4] for k in range(4)}
    scene = make_scene({1: A}, parts)
    matrix = {(1, cluster): len(part) for cluster, part in parts.items()}
    check(scene, {1: "split"}, dict.fromkeys(parts, "fragment"), matrix, {1: 0})
    assert set(scene.states.true_states) == {SpikeState.ELSEWHERE}
    assert causes_of(scene.causes(), 1) == {"split off": len(A)}


def test_that_a_merged_pair_is_merged():
    scene = make_scene({1: A, 2: B}, {10: np.r_[A, B]})
    units = {1: "merged", 2: "merged"}
    check(scene, units, {10: "merged"}, {(1, 10): len(A), (2, 10): len(B)}, {1: 0, 2: 0})
    lost = {u.unit_id: u.n_spikes for u in scene.scores.units if u.cluster_id is None}
    for unit_id, n in lost.items():
        assert causes_of(scene.causes(), unit_id) == {"with another unit": n}


def test_that_a_swallowed_unit_is_merged():
    scene = make_scene({1: A, 2: SMALL}, {10: np.r_[A, SMALL]})
    check(
        scene, {1: "merged", 2: "merged"}, {10: "merged"},
        {(1, 10): len(A), (2, 10): len(SMALL)},
    )  # fmt: skip
    assert scene.scores.units[0].cluster_id == 10
    assert causes_of(scene.causes(), 2) == {"with another unit": len(SMALL)}
    assert causes_of(scene.causes(), 1) == {}


def test_that_a_duplicate_is_a_duplicate():
    scene = make_scene({1: A, 2: B}, {10: A, 11: A + 2, 20: B})
    check(
        scene, {1: "duplicate", 2: "well_detected"},
        {10: "matched", 11: "duplicate", 20: "matched"},
        {(1, 10): len(A), (2, 20): len(B)},
    )  # fmt: skip
    # The copies stand for nothing.
    assert scene.matrix.false.tolist() == [0, len(A), 0]
    assert causes_of(scene.causes(), 1) == {}


def test_that_a_shifted_cluster_is_told_to_be_late():
    from gtview.scoring.cluster_lags import estimate_cluster_lags
    from gtview.scoring.pairs import sorted_trains

    scene = make_scene({1: A, 2: B}, {10: A + 20, 20: B + 3})
    check(
        scene, {1: "missed", 2: "well_detected"}, {10: "noise", 20: "matched"},
        {(2, 20): len(B)}, {1: len(A), 2: 0},
    )  # fmt: skip
    found = sorted_trains(scene.spike_samples, scene.order, scene.offsets)
    lags = estimate_cluster_lags(scene.in_time, found, (10, 20), 12, FS)
    assert lags.samples.tolist() == [20, 3]
    assert lags.units.tolist() == [0, 1]
    # Told that cluster 10 is only late, the spikes are not missing but mistimed.
    causes = scene.causes(own=np.array([0, 1]))
    assert causes_of(causes, 1) == {"mistimed": len(A)}


def test_that_jitter_costs_only_what_is_too_far():
    rng = np.random.default_rng(3)
    jitter = rng.integers(-12, 13, len(A))
    scene = make_scene({1: A}, {10: A + jitter})
    check(scene, {1: "well_detected"}, {10: "matched"}, {(1, 10): len(A)}, {1: 0})
    far = rng.random(len(A)) < 0.15
    scene = make_scene({1: A}, {10: A + np.where(far, 20, jitter)})
    n_far = int(far.sum())
    check(scene, {1: "well_detected"}, {10: "matched"}, {(1, 10): len(A) - n_far}, {1: n_far})
    assert causes_of(scene.causes(), 1) == {"mistimed": n_far}


def test_that_lost_collisions_are_named():
    # A third of B's spikes comes within 1 ms of one of A, and just these are lost.
    hit = np.sort(A[::3] + 25)
    alone = apart(B, hit, A)
    scene = make_scene({1: A, 2: np.sort(np.r_[alone, hit])}, {10: A, 20: alone})
    check(
        scene, {1: "well_detected", 2: "partial"}, {10: "matched", 20: "matched"},
        {(1, 10): len(A), (2, 20): len(alone)}, {1: 0, 2: len(hit)},
    )  # fmt: skip
    causes = scene.causes()
    assert causes_of(causes, 2) == {"collision": len(hit)}
    lost = causes.causes == Cause.COLLISION
    assert set(causes.collision_units[lost]) == {0}
    assert set(causes.collision_lags[lost]) == {-25}


def test_that_collisions_on_other_channels_are_none():
    hit = np.sort(A[::3] + 25)
    alone = apart(B, hit, A)
    scene = make_scene(
        {1: A, 2: np.sort(np.r_[alone, hit])}, {10: A, 20: alone}, channels={1: [0, 1], 2: [5]}
    )
    assert causes_of(scene.causes(), 2) == {"unexplained": len(hit)}


def test_that_collisions_that_cost_nothing_are_no_cause():
    # Half of the unit collides, and every fifth spike is lost, colliding or not.
    hit = np.sort(A[::2] + 25)
    whole = np.sort(np.r_[apart(B, hit, A)[: len(hit)], hit])
    is_lost = np.arange(len(whole)) % 5 == 0
    scene = make_scene({1: A, 2: whole}, {10: A, 20: whole[~is_lost]})
    assert causes_of(scene.causes(), 2) == {"unexplained": int(is_lost.sum())}
    bit = list(scene.causes().condition_counts[1, 2])
    assert bit[0] == len(hit)


def test_that_lost_small_spikes_are_named():
    rng = np.random.default_rng(5)
    factors = rng.normal(1, 0.15, len(A) + len(B)).astype(np.float32)
    small = factors[: len(A)] < 0.85
    scene = make_scene({1: A, 2: B}, {10: A[~small], 20: B}, amplitude_factors=factors)
    check(
        scene, {1: "well_detected", 2: "well_detected"}, {10: "matched", 20: "matched"},
        {(1, 10): int((~small).sum()), (2, 20): len(B)}, {1: int(small.sum()), 2: 0},
    )  # fmt: skip
    causes = scene.causes()
    assert causes_of(causes, 1) == {"low amplitude": int(small.sum())}
    assert causes_of(causes, 2) == {}
    assert Cause.LOW_AMPLITUDE not in causes.unknown


def test_that_a_unit_that_drifted_away_is_lost_by_motion():
    def displacement_of(unit):
        # Between 0 and 3 um, and for the last quarter between 27 and 30.
        at = (A, B)[unit] / FS / DURATION_S
        return 3 * np.sin(40 * at) ** 2 + np.where(at > 0.75, 27, 0)

    away = displacement_of(0) > 20
    n_away = int(away.sum())
    scene = make_scene({1: A, 2: B}, {10: A[~away], 20: B})
    kind = "well_detected" if n_away <= 0.2 * len(A) else "partial"
    check(
        scene, {1: kind, 2: "well_detected"}, {10: "matched", 20: "matched"},
        {(1, 10): len(A) - n_away, (2, 20): len(B)}, {1: n_away, 2: 0},
    )  # fmt: skip
    causes = scene.causes(displacement_of=displacement_of)
    assert causes_of(causes, 1) == {"motion": n_away}
    assert causes_of(causes, 2) == {}
    without = scene.causes()
    assert causes_of(without, 1) == {"unexplained": n_away}
    assert "moved" in without.unknown[Cause.MOTION]


def test_that_what_costs_more_is_named_where_a_displaced_unit_is_smaller_too():
    # Where it is displaced all are lost, elsewhere most of the small ones.
    rng = np.random.default_rng(8)
    moved = A / FS / DURATION_S > 0.8
    factors = rng.normal(1, 0.1, len(A)).astype(np.float32)
    small = factors < 0.95
    lost = moved | (small & (rng.random(len(A)) < 0.8))
    scene = make_scene({1: A}, {10: A[~lost]}, amplitude_factors=factors)
    causes = scene.causes(displacement_of=lambda _unit: np.where(moved, 20.0, 0.0))
    found = causes_of(causes, 1)
    assert found["motion"] == int((lost & moved).sum())
    assert sum(found.values()) == int(lost.sum())
    assert found["low amplitude"] > 0.8 * (lost & ~moved).sum()


def test_that_spikes_hidden_by_their_own_cluster_are_named():
    # Every fourth spike has another 0.8 ms later, and the sorter gives only the first.
    second = A[::4] + 24
    scene = make_scene({1: np.sort(np.r_[A, second])}, {10: A})
    check(scene, {1: "well_detected" if len(A) >= 0.8 * (len(A) + len(second)) else "partial"},
          {10: "matched"}, {(1, 10): len(A)}, {1: len(second)})  # fmt: skip
    assert causes_of(scene.causes(), 1) == {"refractory": len(second)}


def test_that_units_too_small_for_the_sorter_are_named():
    sizes = {1: 100, 2: 90, 3: 20, 4: 15}
    scene = make_scene(
        {1: A, 2: B, 3: C, 4: SMALL}, {10: A, 20: B}, sizes_uv=sizes,
        channels={1: [0], 2: [2], 3: [4], 4: [6]},
    )  # fmt: skip
    check(
        scene, {1: "well_detected", 2: "well_detected", 3: "missed", 4: "missed"},
        {10: "matched", 20: "matched"}, missed={1: 0, 2: 0, 3: len(C), 4: len(SMALL)},
    )  # fmt: skip
    causes = scene.causes()
    assert 20 < causes.level_uv < 90
    assert causes_of(causes, 3) == {"beyond detection": len(C)}
    assert causes_of(causes, 4) == {"beyond detection": len(SMALL)}


def test_that_clusters_of_noise_are_noise():
    scene = make_scene({1: A}, {10: A, 20: NOISE[0], 30: NOISE[1]})
    check(
        scene, {1: "well_detected"}, {10: "matched", 20: "noise", 30: "noise"}, {(1, 10): len(A)}
    )
    assert scene.matrix.false.tolist() == [0, len(NOISE[0]), len(NOISE[1])]
    assert scene.scores.false_cluster_ids == (20, 30)
    assert (scene.states.sorted_states == SpikeState.FALSE).sum() == sum(map(len, NOISE))


@pytest.mark.parametrize("units", [{1: []}, {}])
def test_that_nothing_is_scored_as_nothing(units):
    scene = make_scene(units, {10: NOISE[0]})
    check(scene, dict.fromkeys(units, "missed"), {10: "noise"}, {})
    assert scene.causes().counts.sum() == 0
    nothing = make_scene({1: A}, {})
    check(nothing, {1: "missed"}, {}, {}, {1: len(A)})
    assert causes_of(nothing.causes(), 1) == {"beyond detection": len(A)}
    assert make_scene({}, {}).matrix.table().shape == (1, 1)


def test_that_a_single_spike_is_enough():
    scene = make_scene({1: [1000]}, {10: [1004]})
    check(scene, {1: "well_detected"}, {10: "matched"}, {(1, 10): 1}, {1: 0})
    scene = make_scene({1: [1000]}, {10: [2000]})
    check(scene, {1: "missed"}, {10: "noise"}, {}, {1: 1})


@pytest.mark.parametrize("seed", [1, 2])
def test_that_the_order_of_the_file_changes_nothing(seed):
    clusters = {10: np.r_[A[:HALF], B[::3]], 20: np.delete(B, np.s_[::3]), 30: NOISE[1]}
    plain, shuffled = (make_scene({1: A, 2: B}, clusters, shuffle=s) for s in (None, seed))
    third = len(B[::3])
    for scene in (plain, shuffled):
        assert scene.matrix.count(1, 10) == HALF
        assert scene.matrix.count(2, 10) == third
        assert scene.matrix.count(2, 20) == len(B) - third
        assert scene.matrix.missed.tolist() == [len(A) - HALF, 0]
        assert scene.matrix.false.tolist() == [0, 0, len(NOISE[1])]
    assert plain.categories() == shuffled.categories()
    np.testing.assert_array_equal(plain.matrix.table(), shuffled.matrix.table())
    np.testing.assert_array_equal(plain.states.true_states, shuffled.states.true_states)
    np.testing.assert_array_equal(plain.causes().causes, shuffled.causes().causes)


def test_that_ties_go_to_the_lower_cluster():
    # Both clusters are as near: the lower id has the spikes.
    scene = make_scene({1: A}, {10: A - 3, 11: A + 3})
    check(scene, {1: "duplicate"}, {10: "matched", 11: "duplicate"}, {(1, 10): len(A)}, {1: 0})
    # Two units at the same moments: each sorted spike stands for one of them.
    scene = make_scene({1: A, 2: A}, {10: A, 11: A})
    assert scene.matrix.counts.tolist() == [[len(A), 0], [0, len(A)]]
    assert scene.matrix.missed.tolist() == [0, 0]
    assert scene.matrix.false.tolist() == [0, 0]
    assert [u.cluster_id for u in scene.scores.units] == [10, 11]


def test_that_times_of_several_files_are_scored():
    # As a recording of three files with gaps: time starts late and jumps.
    jump = int(3e9)
    most = int(0.7 * len(B))
    late = [np.r_[t[:HALF] + jump, t[HALF:] + 3 * jump] for t in (A, B)]
    scene = make_scene({1: late[0], 2: late[1]}, {10: late[0], 20: late[1][:most]})
    check(
        scene, {1: "well_detected", 2: "partial"}, {10: "matched", 20: "matched"},
        {(1, 10): len(A), (2, 20): most}, {1: 0, 2: len(B) - most},
    )  # fmt: skip


def test_that_a_forgotten_offset_of_a_file_costs_that_file():
    # The sorting forgot that the second file starts later.
    first = int(0.7 * len(A))
    gap = int(DURATION_S * FS)
    scene = make_scene({1: np.r_[A[:first], A[first:] + gap]}, {10: A})
    check(
        scene, {1: "partial"}, {10: "matched"}, {(1, 10): first}, {1: len(A) - first},
    )  # fmt: skip
    assert causes_of(scene.causes(), 1) == {"unexplained": len(A) - first}


def test_that_a_partial_truth_judges_no_unmatched_cluster():
    scene = make_scene({1: A}, {10: np.r_[A, NOISE[1]], 20: B, 30: A[:0]}, is_partial=True)
    check(scene, {1: "partial" if len(NOISE[1]) > len(A) / 4 else "well_detected"},
          {10: "matched", 20: "unknown", 30: "unknown"})  # fmt: skip
    assert scene.scores.false_cluster_ids == ()
    # Of its own cluster the truth knows what is false, of others nothing.
    assert scene.matrix.false.tolist() == [len(NOISE[1]), 0, 0]
    assert scene.matrix.unknown.tolist() == [0, len(B), 0]
    assert set(scene.scores.cluster_categories) <= set(CLUSTER_CATEGORIES) - {"noise"}


def test_that_a_truth_of_spikes_alone_says_what_it_cannot_tell():
    lost = np.delete(A, np.s_[::7])
    scene = make_scene({1: A, 2: B}, {10: lost, 20: B}, templates=None)
    causes = scene.causes()
    assert causes_of(causes, 1) == {"unexplained": len(A) - len(lost)}
    wanted = {Cause.COLLISION, Cause.LOW_AMPLITUDE, Cause.MOTION, Cause.BEYOND_DETECTION}
    assert set(causes.unknown) == wanted
    assert all(text.endswith(".") for text in causes.unknown.values())
    assert causes.collision_units is None
    near = np.array([[0.0, 0.0], [0.0, 50.0]], np.float32)
    assert Cause.COLLISION not in make_scene(
        {1: A, 2: B}, {10: lost, 20: B}, templates=None, locations_um=near
    ).causes().unknown  # fmt: skip


def test_that_leaked_spikes_are_not_missed():
    # What SpikeInterface shows as 240 misses and 240 false spikes.
    scene = make_scene(
        {1: A, 2: B}, {10: A[: int(0.6 * len(A))], 11: A[int(0.6 * len(A)) :], 2: B}
    )
    assert scene.matrix.missed.tolist() == [0, 0]
    assert scene.matrix.noise.tolist() == [0, 0, 0]
