"""Intervals and rates of clusters, against counting by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtview.analysis import intervals as iv
from gtview.analysis import rates as rt
from gtview.analysis.train_query import MAX_CLUSTERS

RATE = 1000.0
trains = st.lists(st.integers(0, 5000), max_size=60).map(lambda t: np.array(sorted(t), np.int64))


def spikes(train):
    """One cluster among other spikes: its ids, and the samples of all."""
    samples = np.concatenate([train, np.arange(0, 5000, 97)])
    order = np.argsort(samples, kind="stable")
    return np.flatnonzero(order < len(train)).astype(np.int32), samples[order]


@given(trains, st.integers(1, 60), st.sampled_from([20.0, 50.0, 333.0]), st.booleans())
def test_that_every_interval_is_counted_once(train, n_bins, longest_ms, is_log):
    ids, samples = spikes(train)
    make = iv.IntervalBins.logarithmic if is_log else iv.IntervalBins.linear
    bins = make(n_bins, longest_ms, RATE)
    assert bins.n_bins == n_bins or (is_log and 1 <= bins.n_bins <= n_bins)
    assert bins.edges_ms[-1] == pytest.approx(longest_ms)
    result = iv.compute_intervals(iv.IntervalQuery((7,), (ids,), samples, bins, 3.0))
    (one,) = result.clusters
    gaps = np.diff(train)
    in_bin = [
        int(np.count_nonzero((gaps >= low) & (gaps < high)))
        for low, high in zip(bins.edges_samples[:-1], bins.edges_samples[1:], strict=True)
    ]
    assert one.counts.tolist() == in_bin
    assert one.n_shorter + one.counts.sum() + one.n_longer == one.n_intervals == len(gaps)
    assert one.n_violations == np.count_nonzero(gaps < 3)
    if len(gaps):
        assert one.violation_share == one.n_violations / len(gaps)
    else:
        assert np.isnan(one.violation_share)


def test_that_fifty_bins_of_fifty_ms_are_one_ms_each():
    bins = iv.IntervalBins.linear(50, 50.0, 30_000.0)
    assert bins.edges_ms.tolist() == pytest.approx(list(range(51)))


def test_that_logarithmic_edges_are_whole_samples_that_increase():
    bins = iv.IntervalBins.logarithmic(500, 10_000.0, 30_000.0)
    assert (np.diff(bins.edges_samples) >= 1).all()
    assert (bins.edges_samples == np.round(bins.edges_samples)).all()


def test_that_more_clusters_are_left_out_and_told():
    bins = iv.IntervalBins.linear(5, 10.0, RATE)
    ids = tuple(np.zeros(0, np.int32) for _ in range(23))
    result = iv.compute_intervals(iv.IntervalQuery(tuple(range(23)), ids, np.arange(3), bins))
    assert (len(result.clusters), result.n_left_out) == (MAX_CLUSTERS, 3)
    query = rt.RateQuery(tuple(range(23)), ids, np.arange(3), True, RATE, 5.0, 1.0)
    rates = rt.compute_rates(query)
    assert (len(rates.cluster_ids), rates.n_left_out) == (MAX_CLUSTERS, 3)


@given(
    trains,
    st.floats(0.05, 9.0),
    st.booleans(),
    st.none() | st.tuples(st.floats(-1, 6), st.floats(-1, 6)).map(sorted).map(tuple),
)
def test_that_rates_are_spikes_in_each_bin_over_its_width(train, bin_s, is_in_order, window):
    ids, samples = spikes(train)
    if not is_in_order:
        # The same spikes, in another order of the file.
        shuffled = np.random.default_rng(0).permutation(len(samples))
        place = np.empty(len(samples), np.int32)
        place[shuffled] = np.arange(len(samples))
        ids, samples = place[ids], samples[shuffled]
    query = rt.RateQuery((1,), (ids,), samples, is_in_order, RATE, 5.0, bin_s, window)
    rates = rt.compute_rates(query)
    edges = rates.edges_s
    assert (edges[0], edges[-1]) == (0.0, 5.0)
    assert (np.diff(edges) > 0).all()
    expected = [
        sum(low * RATE <= t and (t < high * RATE or high == 5.0) for t in train.tolist())
        for low, high in itertools.pairwise(edges)
    ]
    assert rates.counts[0].tolist() == expected
    assert rates.rates_hz[0] == pytest.approx(np.array(expected) / np.diff(edges))
    start, stop = (0.0, 5.0) if window is None else (max(window[0], 0.0), min(window[1], 5.0))
    assert rates.n_spikes[0] == sum(start * RATE <= t < stop * RATE for t in train.tolist())


def test_that_no_cluster_gives_no_rates():
    rates = rt.compute_rates(rt.RateQuery((), (), np.arange(3), True, RATE, 5.0, 1.0))
    assert rates.counts.shape == (0, 5)
    assert len(rates.means_hz) == 0


@pytest.mark.parametrize(("duration_s", "bin_s"), [(0.0, 1.0), (10.0, 0.0), (1e5, 1e-9)])
def test_that_there_are_always_some_bins_and_never_too_many(duration_s, bin_s):
    edges = rt.rate_edges(duration_s, bin_s)
    assert 2 <= len(edges) <= rt.MAX_BINS + 1
    assert (np.diff(edges) > 0).all()
