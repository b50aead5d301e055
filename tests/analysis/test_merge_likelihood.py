"""How likely two clusters are one neuron: against slow references, and on made neurons."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_datasets import RATE, make_dataset

from gtview.analysis.coincidences import compute_dip, count_coincidences
from gtview.analysis.continuity import compute_continuity, compute_course
from gtview.analysis.mean_shapes import Shape, correlate_shapes, mean_shape
from gtview.analysis.merge_likelihood import (
    ClusterTrain,
    LikelihoodQuery,
    combine_parts,
    comparable_amplitudes,
    compute_merge_likelihoods,
)
from gtview.analysis.similarity import compute_template_similarity

DURATION_S = 200.0
parts = st.one_of(st.just(math.nan), st.floats(0, 1))


def poisson_train(rng, rate_hz, start_s=0.0, stop_s=DURATION_S, refractory_ms=3.0):
    """Return a train with a refractory period, in samples."""
    gaps = rng.exponential(1 / rate_hz, int(3 * rate_hz * (stop_s - start_s)) + 10)
    times = start_s + np.cumsum(gaps + refractory_ms / 1000)
    return np.round(times[times < stop_s] * RATE).astype(np.int64)


# Shape ---------------------------------------------------------------------------------------


def whole(waveform):
    return Shape(np.arange(waveform.shape[1], dtype=np.int32), waveform.astype(np.float32))


@pytest.mark.parametrize("max_lag", [0, 3, 40])
def test_that_shapes_are_correlated_as_numpy_does(max_lag):
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=(2, 31, 5))
    sums = sum(np.correlate(first[:, c], second[:, c], "full") for c in range(5))
    lags = np.arange(-30, 31)
    within = np.abs(lags) <= max_lag
    expected = sums[within].max() / np.linalg.norm(first) / np.linalg.norm(second)
    value, lag = correlate_shapes(whole(first), whole(second), max_lag)
    assert value == pytest.approx(expected, abs=1e-5)
    assert lag == lags[within][sums[within].argmax()]


def test_that_without_lags_it_is_the_cosine_similarity_of_spikeinterface():
    module = pytest.importorskip("spikeinterface.postprocessing.template_similarity")
    rng = np.random.default_rng(2)
    waveforms = rng.normal(size=(4, 31, 5)).astype(np.float32)
    expected, _ = module.compute_similarity_with_templates_array(
        waveforms, waveforms, method="cosine", num_shifts=0, support="dense"
    )
    for a in range(4):
        for b in range(4):
            value, _ = correlate_shapes(whole(waveforms[a]), whole(waveforms[b]), 0)
            assert value == pytest.approx(expected[a, b], abs=1e-4)


def test_that_a_moved_shape_is_found_at_its_lag():
    waveform = np.zeros((40, 2))
    waveform[10:20, 0] = np.hanning(10)
    value, lag = correlate_shapes(whole(np.roll(waveform, 4, axis=0)), whole(waveform), 6)
    assert (value, lag) == (pytest.approx(1), 4)
    assert correlate_shapes(whole(waveform), whole(np.roll(waveform, 4, axis=0)), 6)[1] == -4


def test_that_shapes_on_other_channels_have_nothing_in_common():
    ones = np.ones((10, 1), np.float32)
    first = Shape(np.array([1], np.int32), ones)
    assert correlate_shapes(first, Shape(np.array([2], np.int32), ones), 3) == (0.0, 0)
    nothing = Shape(np.array([1], np.int32), 0 * ones)
    assert math.isnan(correlate_shapes(first, nothing, 3)[0])


def test_that_clusters_of_one_template_are_as_similar_as_their_templates():
    rng = np.random.default_rng(3)
    waveforms = rng.normal(size=(3, 31, 6)).astype(np.float32)
    waveforms[:, :, 4:] *= 0.01
    dataset = make_dataset(waveforms, np.arange(6) * 900, np.repeat([0, 1, 2], 2))
    expected = compute_template_similarity(dataset.templates, 6)
    shapes = [mean_shape(dataset, np.array([k], np.int32), np.array([2])) for k in range(3)]
    for a in range(3):
        assert list(shapes[a].channel_ids) == [0, 1, 2, 3]
        for b in range(3):
            value = correlate_shapes(shapes[a], shapes[b], 6)[0]
            assert value == pytest.approx(expected[a, b], abs=1e-5)


def test_that_a_mean_shape_weighs_templates_by_their_spikes():
    waveforms = np.zeros((2, 5, 2), np.float32)
    waveforms[0, 2, 0], waveforms[1, 2, 1] = 8, 4
    dataset = make_dataset(waveforms, np.arange(4) * 900, np.array([0, 0, 0, 1]), gain=None)
    shape = mean_shape(dataset, np.array([0, 1], np.int32), np.array([3, 1]))
    np.testing.assert_allclose(shape.waveform[2], [24, 4])


# Correlogram ---------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 4000), max_size=60), st.lists(st.integers(0, 4000), max_size=60))
def test_that_coincidences_are_all_pairs_at_their_lags(first, second):
    a, b = (np.sort(np.array(t, np.int64)) for t in (first, second))
    # 0.1 ms are 3 samples; a bin reaches half of that to either side of its centre.
    bins = np.round((b[None, :] - a[:, None]) / 3).astype(int).ravel()
    found = count_coincidences(a, b, RATE)
    assert found.n_twice == np.count_nonzero(np.abs(bins) <= 3)
    assert found.n_coincident == np.count_nonzero((np.abs(bins) > 3) & (np.abs(bins) < 20))
    shoulder = np.count_nonzero((np.abs(bins) >= 100) & (np.abs(bins) <= 500))
    assert found.expected == pytest.approx(shoulder / 802 * 32)


def test_that_few_coincidences_speak_for_one_neuron_and_many_against():
    assert compute_dip(0, 0) == pytest.approx(0.5)
    assert compute_dip(0, 10) > 0.999
    assert compute_dip(10, 10) < 0.001
    assert math.isnan(compute_dip(3, math.nan))


@given(st.integers(0, 10_000), st.floats(0, 1e6))
def test_that_a_dip_is_the_posterior_of_two_poisson_counts(n, expected):
    from scipy.stats import poisson

    one, two = poisson.logpmf(n, 0.1 * expected), poisson.logpmf(n, expected)
    value = compute_dip(n, expected)
    assert 0 <= value <= 1
    if np.isfinite(one) and np.isfinite(two) and abs(one - two) < 600:
        assert value == pytest.approx(1 / (1 + np.exp(two - one)), rel=1e-4, abs=1e-9)


# Continuity ----------------------------------------------------------------------------------


def course(times, values):
    return compute_course(np.asarray(times, float), np.asarray(values, float), (0.0, 40.0))


def slow_course(times, values):
    """Return windows, medians and deviations, window by window."""
    times, values = np.asarray(times, float), np.asarray(values, float)
    found = []
    for window in range(40):
        own = values[(np.clip(times.astype(int), 0, 39) == window) & np.isfinite(values)]
        if len(own) >= 10:
            median = np.median(own)
            found.append((window, median, 1.4826 * np.median(np.abs(own - median))))
    return found


@given(
    st.lists(
        st.tuples(
            st.floats(-1, 41).map(lambda x: round(x * 4) / 4),
            st.one_of(st.just(math.nan), st.floats(-100, 100)),
        ),
        max_size=300,
    )
)
def test_that_a_course_is_the_median_of_each_window(spikes):
    times, values = [s[0] / 8 for s in spikes], [s[1] for s in spikes]
    found = course(times, values)
    rows = list(zip(found.windows, found.medians, found.deviations, strict=True))
    expected = slow_course(times, values)
    assert [row[0] for row in rows] == [row[0] for row in expected]
    np.testing.assert_allclose(np.ravel(rows), np.ravel(expected), atol=1e-9)


def test_that_a_number_that_goes_on_overlaps_and_one_that_jumps_does_not():
    rng = np.random.default_rng(4)
    times = np.sort(rng.uniform(0, 40, 4000))
    drift = 3 * times + rng.normal(size=4000)
    early, late = times < 20, times >= 20
    first = course(times[early], drift[early])
    assert compute_continuity(first, course(times[late], drift[late])) > 0.3
    jump = course(times[late], drift[late] + 30)
    assert compute_continuity(first, jump) < 0.001
    # Over the whole recording the two have nothing in common: only where they meet counts.
    assert abs(np.median(drift[early]) - np.median(drift[late])) > 50


def test_that_equal_normal_values_overlap_by_the_area_of_their_distributions():
    from scipy.stats import norm

    rng = np.random.default_rng(5)
    times = np.tile(np.arange(40) + 0.5, 2000)
    a = course(times, rng.normal(0, 1, 80_000))
    b = course(times, rng.normal(1.5, 1, 80_000))
    assert compute_continuity(a, b) == pytest.approx(2 * norm.cdf(-0.75), abs=0.02)
    assert compute_continuity(a, b) == compute_continuity(b, a)


def test_that_clusters_with_too_few_spikes_are_not_compared():
    many = course(np.arange(400) / 10, np.zeros(400))
    assert math.isnan(compute_continuity(many, course([1, 2], [0, 0])))
    assert compute_continuity(many, many) == 1
    assert compute_continuity(many, course(np.arange(400) / 10, np.ones(400))) == 0


# All together --------------------------------------------------------------------------------


@given(st.tuples(parts, parts, parts, parts))
def test_that_a_likelihood_is_the_weighted_geometric_mean_of_what_is_known(values):
    weights = (2, 1, 1, 1)
    known = [(v, w) for v, w in zip(values, weights, strict=True) if not math.isnan(v)]
    found = combine_parts(*values)
    if not known:
        assert math.isnan(found)
    elif any(v == 0 for v, _ in known):
        assert found == 0
    else:
        product = math.prod(v**w for v, w in known) if min(v for v, _ in known) > 1e-50 else None
        assert 0 <= found <= 1 + 1e-12
        if product:
            assert found == pytest.approx(product ** (1 / sum(w for _, w in known)))


def made_neurons():
    """Return a dataset: 0 and 1 are one neuron that drifts, 2 has their shape, 3 another one."""
    rng = np.random.default_rng(6)
    waveforms = np.zeros((4, 30, 4), np.float32)
    waveforms[0, 8:14, 0] = waveforms[1, 8:14, 0] = waveforms[2, 8:14, 0] = -np.hanning(6)
    waveforms[1, 9:15, 1] = -0.2 * np.hanning(6)
    waveforms[3, 8:20, 2] = -np.hanning(12)
    neuron = poisson_train(rng, 20)
    trains = [
        neuron[neuron < 0.5 * DURATION_S * RATE],
        neuron[neuron >= 0.5 * DURATION_S * RATE],
        poisson_train(rng, 20),
        poisson_train(rng, 20),
    ]
    samples = np.concatenate(trains)
    templates = np.repeat(np.arange(4), [len(t) for t in trains])
    amplitudes = np.where(templates < 2, 10 + 4 * samples / samples.max(), 13.0)
    amplitudes += rng.normal(0, 0.5, len(samples))
    order = np.argsort(samples, kind="stable")
    return make_dataset(
        waveforms,
        samples[order],
        templates[order],
        amplitudes=amplitudes[order].astype(np.float32),
        duration_s=DURATION_S,
    )


def train_of(dataset, cluster_id):
    ids = np.flatnonzero(dataset.spike_templates == cluster_id).astype(np.int32)
    return ClusterTrain(
        cluster_id, ids, np.array([cluster_id], np.int32), np.array([len(ids)], np.int64)
    )


def test_that_the_pieces_of_one_neuron_come_before_others_of_its_shape():
    dataset = made_neurons()
    trains = [train_of(dataset, i) for i in range(4)]
    piece, same_shape, other = compute_merge_likelihoods(
        LikelihoodQuery(dataset, trains[0], tuple(trains[1:]))
    )
    assert piece.cluster_ids == (0, 1)
    assert piece.value > 0.7
    assert same_shape.shape > piece.shape
    assert same_shape.dip < 0.01
    assert same_shape.value < 0.3
    assert other.value < 0.1


def test_that_two_clusters_are_as_likely_one_neuron_from_either_side():
    dataset = made_neurons()
    trains = [train_of(dataset, i) for i in range(4)]
    for a in range(4):
        for b in range(a):
            one, other = (
                compute_merge_likelihoods(LikelihoodQuery(dataset, first, (second,)))[0]
                for first, second in ((trains[a], trains[b]), (trains[b], trains[a]))
            )
            assert one.value == pytest.approx(other.value, rel=1e-6, abs=1e-12)
            assert one.lag_ms == pytest.approx(-other.lag_ms)
            assert one.n_coincident == other.n_coincident


def test_that_without_templates_and_amplitudes_the_correlogram_alone_tells():
    dataset = make_dataset(
        None,
        np.arange(0, 600_000, 300),
        np.arange(2000) % 2,
        n_channels=4,
        duration_s=20.0,
    )
    (found,) = compute_merge_likelihoods(
        LikelihoodQuery(dataset, train_of(dataset, 0), (train_of(dataset, 1),))
    )
    assert math.isnan(found.shape)
    assert math.isnan(found.amplitude)
    assert math.isnan(found.depth)
    assert found.value == found.dip


def test_that_factors_of_templates_become_sizes():
    waveforms = np.zeros((2, 5, 2), np.float32)
    waveforms[0, 2, 0], waveforms[1, 2, 1] = 2, 1
    factors = np.array([10, 20], np.float32)
    ids = np.arange(2, dtype=np.int32)
    made = {
        kind: make_dataset(waveforms, np.array([9, 99]), ids, kind=kind, amplitudes=factors)
        for kind in ("kilosort", "kilosort4")
    }
    np.testing.assert_allclose(comparable_amplitudes(made["kilosort"], ids), [20, 20])
    np.testing.assert_allclose(comparable_amplitudes(made["kilosort4"], ids), [10, 20])
