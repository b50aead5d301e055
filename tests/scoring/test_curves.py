"""Scores against something, collisions beside SpikeInterface, metrics beside the truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoring.scene import DURATION_S, make_scene
from scoring.trains import FS, score, train

from gtview.base.errors import UsageError
from gtview.kernels.collisions import find_nearest
from gtview.kernels.matching import label_spikes
from gtview.kernels.state_counts import find_places
from gtview.scoring.cluster_lags import estimate_cluster_lags, without_lags
from gtview.scoring.collisions import compute_collision_map, count_pairs_by_lag
from gtview.scoring.comparison import compare_sortings, compare_with_each_other
from gtview.scoring.curves import (
    curve_over_time,
    curve_over_units,
    curve_over_values,
    even_edges,
    quantile_edges,
    units_of_spikes,
)
from gtview.scoring.detection import detection_level, find_loss_cut
from gtview.scoring.metric_truth import (
    compute_cluster_truth,
    compute_metric_curve,
    rank_metrics,
)
from gtview.scoring.neighbours import find_neighbours
from gtview.scoring.pairs import sorted_trains
from gtview.scoring.rates import make_rates, wilson_interval
from gtview.scoring.recall_over_time import recall_over_time
from gtview.scoring.states import SpikeState

A, B, C = (train(seed, 600, DURATION_S) for seed in (31, 32, 33))
DURATION = int(DURATION_S * FS)


def test_that_the_interval_is_that_of_wilson():
    from scipy.stats import binomtest

    good, n = np.array([0, 3, 50, 10]), np.array([10, 10, 80, 10])
    low, high = wilson_interval(good, n)
    for k in range(len(n)):
        wanted = binomtest(int(good[k]), int(n[k])).proportion_ci(method="wilson")
        assert (low[k], high[k]) == pytest.approx((wanted.low, wanted.high))
    assert np.isnan(wilson_interval(np.array([0]), np.array([0]))).all()
    assert np.isnan(make_rates(np.array([0]), np.array([0])).value).all()


def test_that_units_are_binned_with_all_their_spikes():
    scores = score({1: A, 2: B, 3: C}, {1: A[:300], 2: B, 3: np.r_[C, C[:100] + 10**8]})
    curve = curve_over_units(np.array([1.0, 2.0, np.nan]), scores, np.array([0.0, 1.5, 2.0]))
    assert curve.n_left_out == 1
    assert curve.n_units.tolist() == [1, 1]
    assert curve.recall.value.tolist() == [0.5, 1.0]
    assert curve.of("precision").value.tolist() == [1.0, 1.0]
    third = curve_over_units(np.array([np.nan, np.nan, 9.0]), scores, np.array([0.0, 1.0]))
    assert third.of("accuracy").value[0] == pytest.approx(6 / 7)


def scene_losing_the_end():
    kept = A[: int(0.75 * len(A))]
    return make_scene({1: A, 2: B}, {10: kept, 20: np.r_[B, C[:60] + 7]})


def test_that_time_bins_count_what_the_states_say():
    scene = scene_losing_the_end()
    labels = label_spikes(scene.order, scene.offsets, len(scene.spike_samples))
    units = units_of_spikes(labels, scene.scores.matched_columns, 2)
    true_units = np.repeat(np.arange(2, dtype=np.int32), scene.truth.unit_sizes)
    curve = curve_over_time(
        scene.truth.spike_samples, true_units, scene.spike_samples, units, scene.states,
        DURATION, 6, FS,
    )  # fmt: skip
    tp, fn, fp = (sum(getattr(u, n) for u in scene.scores.units) for n in ("tp", "fn", "fp"))
    assert curve.recall.n.sum() == tp + fn
    assert curve.precision.n.sum() == tp + fp
    assert curve.accuracy.n.sum() == tp + fn + fp
    assert curve.recall.n_good.sum() == tp
    assert curve.recall.value[-1] < 0.7 < curve.recall.value[0]
    assert curve.edges.tolist() == pytest.approx(np.arange(7) * 10.0)


def test_that_recall_over_time_is_told_for_each_unit():
    scene = scene_losing_the_end()
    found = recall_over_time(
        scene.truth.spike_samples, scene.truth.offsets, scene.states, DURATION, FS, 4
    )
    assert found.of(0).tolist() == pytest.approx([1, 1, 1, 0], abs=0.12)
    assert (found.of(1) == 1).all()
    assert found.rates.n.sum(axis=1).tolist() == scene.truth.unit_sizes.tolist()
    assert found.centers_s.tolist() == [7.5, 22.5, 37.5, 52.5]
    empty = make_scene({1: [], 2: A}, {5: A})
    rates = recall_over_time(
        empty.truth.spike_samples, empty.truth.offsets, empty.states, DURATION, FS, 3
    )
    assert np.isnan(rates.of(0)).all()


def test_that_values_of_spikes_are_binned():
    scene = scene_losing_the_end()

    def times(unit):
        return scene.truth.train(unit) / FS

    edges = np.linspace(0, DURATION_S, 5)
    curve = curve_over_values(times, None, scene.states, scene.truth.offsets, None, edges)
    found = scene.states.true_states == SpikeState.FOUND
    for k in range(4):
        inside = (scene.truth.spike_samples / FS // 15).astype(int) == k
        assert curve.recall.n[k] == inside.sum()
        assert curve.recall.n_good[k] == (inside & found).sum()
    nothing = curve_over_values(
        lambda u: times(u) * np.nan, None, scene.states, scene.truth.offsets, None, edges
    )
    assert nothing.n_left_out == scene.truth.unit_sizes.sum()


def test_that_edges_hold_all_values():
    values = np.array([1.0, 5.0, np.nan, 2.0, 2.0])
    assert even_edges(values, 2).tolist() == [1.0, 3.0, 5.0]
    assert even_edges(np.array([np.nan]), 1).tolist() == [0.0, 1.0]
    assert quantile_edges(values, 2).tolist() == [1.0, 2.0, 5.0]
    assert len(quantile_edges(np.array([2.0, 2.0]), 3)) == 2


# Collisions -----------------------------------------------------------------------------------


def slow_nearest(trains, near, window):
    found = []
    for i, own in enumerate(trains):
        for s in own:
            best = [
                (abs(t - s), t - s > 0, j, t - s)
                for j, other in enumerate(trains)
                if j != i and near[i, j]
                for t in other
                if abs(t - s) <= window
            ]
            found.append(min(best)[0] if best else None)
    return found


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.lists(st.integers(0, 60), max_size=8).map(sorted), min_size=1, max_size=4),
    st.integers(0, 9),
    st.randoms(use_true_random=False),
)
def test_that_the_nearest_disturbing_spike_is_found(units, window, rng):
    scene = make_scene(dict(enumerate(units)), {})
    n = len(units)
    near = np.array([[rng.random() < 0.7 for _ in range(n)] for _ in range(n)])
    in_time = scene.in_time
    places = find_places(in_time.units, scene.truth.offsets)
    others, lags = find_nearest(in_time.samples, in_time.units, places, near, window)
    wanted = slow_nearest(units, near, window)
    assert [None if o < 0 else abs(lag) for o, lag in zip(others, lags, strict=True)] == wanted


@pytest.mark.parametrize("seed", [1, 2])
def test_that_collisions_are_those_of_spikeinterface(seed):
    si = pytest.importorskip("spikeinterface.core")
    from spikeinterface.comparison import CollisionGTComparison

    rng = np.random.default_rng(seed)
    units = {i: train(50 * seed + i, 900, 20.0, 3.0) for i in range(5)}
    clusters = {}
    for i, spikes in units.items():
        others = np.sort(np.concatenate([t for j, t in units.items() if j != i]))
        gap = np.abs(others[np.clip(np.searchsorted(others, spikes), 0, len(others) - 1)] - spikes)
        lost = rng.random(len(spikes)) < np.where(gap < 30, 0.5, 0.05)
        clusters[i + 10] = spikes[~lost]
    sortings = [
        si.NumpySorting.from_unit_dict(t, sampling_frequency=FS) for t in (units, clusters)
    ]
    oracle = CollisionGTComparison(
        *sortings, exhaustive_gt=True, collision_lag=2.0, nbins=11, progress_bar=False
    )
    scene = make_scene(units, clusters)
    n = len(units)
    rows = np.arange(n * n, dtype=np.int32).reshape(n, n)
    counted, found, window = count_pairs_by_lag(
        scene.in_time, scene.states, rows, n * n, FS, 2.0, 11
    )
    assert window == 60
    both = (oracle.all_tp + oracle.all_fn).reshape(n * n, 11)
    np.testing.assert_array_equal(counted, both)
    np.testing.assert_array_equal(found, oracle.all_tp.reshape(n * n, 11))
    assert found.sum() < counted.sum()


def test_that_the_collision_map_sorts_pairs_by_similarity():
    hit = np.sort(A[::3] + 20)
    scene = make_scene({1: A, 2: hit}, {10: A}, channels={1: [0], 2: [0]})
    near = find_neighbours(scene.truth)
    found = compute_collision_map(
        scene.in_time, scene.states, near.similarity, FS, is_near=near.is_near, n_lags=4
    )
    by_lag = found.by_lag()
    # Seen from A the other spike is later and A is found; from the other side it is lost.
    assert by_lag.n.tolist() == by_lag.n[::-1].tolist()
    assert by_lag.value[2] == 1
    assert by_lag.value[1] == 0
    assert found.by_similarity().n.sum() == by_lag.n.sum() >= 2 * len(hit)
    alone = compute_collision_map(scene.in_time, scene.states, None, FS)
    assert len(alone.similarity_edges) == 2
    far = make_scene({1: A, 2: hit}, {10: A}, channels={1: [0], 2: [5]})
    apart = find_neighbours(far.truth)
    assert compute_collision_map(
        far.in_time, far.states, apart.similarity, FS, is_near=apart.is_near
    ).rates.n.sum() == 0  # fmt: skip


def test_that_similarity_is_that_of_flat_templates():
    scene = make_scene({1: A, 2: B, 3: C}, {}, channels={1: [0, 1], 2: [1, 2], 3: [7]})
    flat = scene.truth.templates.waveforms_uv.reshape(3, -1)
    wanted = flat @ flat.T / np.outer(*[np.linalg.norm(flat, axis=1)] * 2)
    np.testing.assert_allclose(find_neighbours(scene.truth).similarity, wanted, atol=1e-6)


# Where spikes begin to be lost ----------------------------------------------------------------


def test_that_the_level_parts_found_units_from_lost_ones():
    sizes = np.array([10.0, 20.0, 40.0, 80.0, np.nan])
    assert 20 < detection_level(sizes, np.array([1, 0.9, 0.2, 0, 1])) < 40
    assert detection_level(sizes, np.array([0, 0.1, 0, 0, 1])) is None
    assert detection_level(sizes, np.ones(5)) > 80
    assert detection_level(np.array([]), np.array([])) is None


def test_that_spikes_lost_at_random_have_no_cut():
    rng = np.random.default_rng(0)
    cuts = [find_loss_cut(rng.normal(size=500), rng.random(500) < 0.3) for _ in range(1000)]
    # Chance makes one in 1000.
    assert sum(cut is not None for cut in cuts) <= 3


def test_that_the_cut_is_where_loss_begins():
    values = np.random.default_rng(0).uniform(0, 1, 2000)
    assert find_loss_cut(values, values < 0.3) == pytest.approx(0.3, abs=0.01)
    assert find_loss_cut(-values, values < 0.3) is None
    assert find_loss_cut(values, np.ones(2000, bool)) is None
    assert find_loss_cut(np.full(9, 2.0), np.arange(9) < 4) is None
    assert find_loss_cut(np.array([]), np.array([], bool)) is None
    values[::50] = np.nan
    assert find_loss_cut(values, values < 0.3) == pytest.approx(0.3, abs=0.01)


# Lags -----------------------------------------------------------------------------------------


def test_that_lags_can_be_taken_out_of_a_sorting():
    lags = {10: 14, 20: -9, 30: 0}
    scene = make_scene({1: A, 2: B, 3: C}, {10: A + 14, 20: B - 9, 30: C}, shuffle=4)
    found = sorted_trains(scene.spike_samples, scene.order, scene.offsets)
    known = estimate_cluster_lags(scene.in_time, found, tuple(lags), 12, FS)
    assert dict(zip(lags, known.samples.tolist(), strict=True)) == lags
    assert (known.shares == 1).all()
    shifted = without_lags(scene.spike_samples, scene.order, scene.offsets, known)
    clusters = {
        i: shifted[scene.order[a:b]]
        for i, a, b in zip(lags, scene.offsets[:-1], scene.offsets[1:], strict=True)
    }
    assert score({1: A, 2: B, 3: C}, clusters, delta_ms=0).mean_accuracy == 1.0
    noise = sorted_trains(B + 10**8, np.arange(len(B), dtype=np.int32), np.array([0, len(B)]))
    alone = estimate_cluster_lags(scene.in_time, noise, (1,), 12, FS)
    assert (alone.samples.tolist(), alone.units.tolist()) == ([0], [-1])


# Metrics and sortings -------------------------------------------------------------------------


def slow_area(values, is_good):
    pairs = [(g > b) + 0.5 * (g == b) for g in values[is_good] for b in values[~is_good]]
    return float(np.mean(pairs))


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=25))
def test_that_the_area_and_every_threshold_are_right(clusters):
    values = np.array([v for v, _ in clusters], float)
    is_good = np.array([g for _, g in clusters])
    curve = compute_metric_curve("snr", values, is_good, is_higher_better=True)
    if is_good.all() or not is_good.any():
        assert np.isnan(curve.auc)
        return
    assert curve.auc == pytest.approx(slow_area(values, is_good))
    for threshold in (-1.0, 0.0, 2.5, 3.0, 6.0, 7.0):
        accepted = values >= threshold
        assert curve.at(threshold) == (accepted[is_good].mean(), accepted[~is_good].mean())
    # The area below the curve, trapeze by trapeze.
    x, y = np.r_[0, curve.false_acceptance], np.r_[0, curve.true_acceptance]
    assert np.trapezoid(y, x) == pytest.approx(curve.auc)


def test_that_metrics_are_ranked_by_what_they_tell():
    rng = np.random.default_rng(0)
    truth = np.r_[rng.uniform(0.8, 1, 40), rng.uniform(0, 0.7, 40), np.nan]
    metrics = {
        "noise": rng.normal(size=81),
        "violations": 1 - np.nan_to_num(truth) + rng.normal(0, 0.3, 81),
        "perfect": np.nan_to_num(truth),
        "empty": np.full(81, np.nan),
    }
    ranked = rank_metrics(metrics, truth)
    assert [c.name for c in ranked] == ["perfect", "violations", "noise", "empty"]
    assert ranked[0].auc == 1
    assert ranked[0].at(ranked[0].best_threshold) == (1, 0)
    assert not ranked[1].is_higher_better
    assert ranked[1].at(10.0) == (1, 1)
    assert ranked[1].at(-10.0) == (0, 0)
    assert ranked[2].auc == pytest.approx(0.5, abs=0.15)
    assert ranked[3].n_unknown == 81
    assert ranked[0].n_unknown == 1
    wrong = rank_metrics(metrics, truth, higher_is_better={"violations": True})
    assert next(c for c in wrong if c.name == "violations").auc < 0.5


def test_that_clusters_that_nobody_can_judge_have_no_truth():
    clusters = {10: A, 20: B}
    known = compute_cluster_truth(score({1: A}, clusters))
    assert known.accuracy[0] == known.purity[0] == 1
    assert known.of("accuracy")[1] < 0.01
    partial = compute_cluster_truth(score({1: A}, clusters, is_partial=True))
    assert np.isnan(partial.of("purity")[1])


def test_that_sortings_stand_side_by_side():
    units = {1: A, 2: B, 3: C}
    first = score(units, {10: A, 20: B, 30: train(90, 200) + 10**8})
    second = score(units, {5: np.r_[A, B], 6: C})
    both = compare_sortings([("one", first), ("two", second)])
    assert both.unit_ids == (1, 2, 3)
    assert both.cluster_ids[0][0] == 10
    assert both.cluster_ids[2] == (None, 6)
    assert both.accuracy[:, 0].tolist() == [1, 1, 0]
    assert both.best_sorting().tolist() == [0, 0, 1]
    assert both.only_in(0) == (1, 2)
    assert both.only_in(1) == (3,)
    one, two = both.summaries
    assert (one.n_clusters, one.n_false, one.n_accurate) == (3, 1, 2)
    assert two.unit_counts["merged"] == 2
    assert two.cluster_counts["merged"] == 1
    assert one.mean_accuracy == pytest.approx(2 / 3)
    partial = score(units, {10: A, 30: C + 10**8}, is_partial=True)
    assert compare_sortings([("hybrid", partial)]).summaries[0].n_false is None
    assert compare_sortings([]).unit_ids == ()


def test_that_sortings_of_different_truths_are_not_compared():
    first, second = score({1: A}, {1: A}), score({1: B[:-1]}, {1: A})
    with pytest.raises(UsageError, match="other"):
        compare_sortings([("one", first), ("other", second)])
    with pytest.raises(UsageError, match="distance"):
        compare_sortings([("one", first), ("far", score({1: A}, {1: A}, delta_ms=1))])


def test_that_two_sortings_agree_as_with_a_truth():
    one = make_scene({1: A}, {10: A, 20: B[:300], 30: C})
    two = make_scene({1: A}, {7: B, 8: A + 3})
    trains = [sorted_trains(s.spike_samples, s.order, s.offsets) for s in (one, two)]
    found = compare_with_each_other(trains[0], (10, 20, 30), trains[1], (7, 8), 12)
    assert found.partners.tolist() == [1, 0, -1]
    assert found.n_matched == 2
    assert found.agreement[0, 1] == 1
    other = compare_with_each_other(trains[1], (7, 8), trains[0], (10, 20, 30), 12)
    np.testing.assert_array_equal(found.counts, other.counts.T)
