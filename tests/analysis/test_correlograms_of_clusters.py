from __future__ import annotations

import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

from gtview.analysis.correlograms import (
    CorrelogramBins,
    CorrelogramQuery,
    LogLagBins,
    compute_correlograms,
)
from gtview.analysis.train_query import MAX_CLUSTERS

RATE = 30_000.0


def _query(trains, bins=None, **others):
    """Spikes of the trains as rows of one file, in order of time."""
    samples = np.concatenate(trains)
    train = np.repeat(np.arange(len(trains)), [len(t) for t in trains])
    order = np.argsort(samples, kind="stable")
    spike_ids = tuple(
        np.flatnonzero(train[order] == i).astype(np.int32) for i in range(len(trains))
    )
    bins = bins or CorrelogramBins.nearest(1.0, 50.0, RATE)
    fields = {"duration_s": 100.0} | others
    return CorrelogramQuery(
        tuple(range(len(trains))), spike_ids, samples[order].astype(np.int64), bins, **fields
    )


def test_that_all_pairs_are_counted_and_mirror_each_other():
    rng = np.random.default_rng(0)
    trains = [np.sort(rng.integers(0, 60_000, n)) for n in (200, 0, 1, 90)]
    bins = CorrelogramBins.nearest(2.0, 40.0, RATE)
    result = compute_correlograms(_query(trains, bins))
    assert result.counts.shape == (4, 4, 21)
    for i, first in enumerate(trains):
        for j, second in enumerate(trains):
            expected = reference.correlogram(first, second, 60, 10, same=i == j)
            assert result.counts[i, j].tolist() == expected.tolist()
            assert result.counts[j, i].tolist() == expected[::-1].tolist()
    assert result.n_spikes.tolist() == [200, 0, 1, 90]


def test_that_the_expected_line_runs_through_trains_at_constant_rates():
    rng = np.random.default_rng(1)
    duration_s = 400.0
    trains = [np.sort(rng.integers(0, int(duration_s * RATE), n)) for n in (8000, 20_000)]
    bins = CorrelogramBins(31, 40, RATE)
    result = compute_correlograms(_query(trains, bins, duration_s=duration_s))
    for i in range(2):
        for j in range(2):
            assert result.counts[i, j].mean() == pytest.approx(result.expected[i, j, 0], rel=0.04)
    n = result.n_spikes[0]
    assert result.expected[0, 0] == pytest.approx(n * (n - 1) * bins.bin_ms / 1000 / duration_s)


def test_that_an_unknown_duration_gives_no_expectation():
    result = compute_correlograms(_query([np.arange(5)], duration_s=0.0))
    assert np.isnan(result.expected).all()


def test_that_refractory_violations_are_counted_from_all_intervals():
    train = np.array([0, 59, 119, 500, 560])
    result = compute_correlograms(_query([train, train[:1]], refractory_ms=2.0))
    assert result.n_violations.tolist() == [1, 0]


def test_that_too_many_clusters_are_left_out_and_told():
    result = compute_correlograms(_query([np.arange(3)] * (MAX_CLUSTERS + 2)))
    assert len(result.cluster_ids) == len(result.counts) == MAX_CLUSTERS
    assert result.n_left_out == 2


def test_that_no_clusters_give_empty_correlograms():
    query = CorrelogramQuery((), (), np.arange(3), CorrelogramBins.nearest(1, 50, RATE), 1.0)
    assert compute_correlograms(query).counts.shape == (0, 0, 51)


@pytest.mark.parametrize(
    "bins", [CorrelogramBins.nearest(1.0, 40.0, RATE), LogLagBins.nearest(10, 200.0, RATE)]
)
def test_that_the_merged_train_is_what_the_clusters_would_be_as_one(bins):
    rng = np.random.default_rng(4)
    # Many short intervals, some of them 0, within and between clusters.
    trains = [np.sort(rng.integers(0, 20_000, n)) for n in (150, 1, 90)]
    merged = compute_correlograms(_query(trains, bins, has_merged=True)).merged
    assert merged is not None
    together = np.sort(np.concatenate(trains))
    lags = together[None, :] - together[:, None]
    lags = lags[~np.eye(len(together), dtype=bool)]
    if isinstance(bins, CorrelogramBins):
        expected = reference.correlogram(together, together, 30, 20, same=True)
    else:
        place = np.searchsorted(bins.edges_samples, np.abs(lags), side="right")
        place = np.where(lags >= 0, place, -place) + bins.n_half
        is_in = (place >= 0) & (place < bins.n_bins)
        expected = np.bincount(place[is_in], minlength=bins.n_bins)
    assert merged.counts.tolist() == expected.tolist()
    assert merged.n_spikes == 241
    assert merged.n_violations == sum(np.diff(together) < 60)
    assert merged.expected == pytest.approx(241 * 240 / 100.0 * bins.widths_s)


def test_that_one_cluster_or_none_asked_has_no_merged_train():
    trains = [np.arange(5), np.arange(3)]
    assert compute_correlograms(_query(trains)).merged is None
    assert compute_correlograms(_query(trains[:1], has_merged=True)).merged is None


def test_that_the_expectation_holds_in_logarithmic_bins_too():
    rng = np.random.default_rng(2)
    trains = [np.sort(rng.integers(0, int(400 * RATE), n)) for n in (9000, 12_000)]
    bins = LogLagBins.nearest(6, 1000.0, RATE)
    result = compute_correlograms(_query(trains, bins, duration_s=400.0))
    for i, j in ((0, 0), (0, 1), (1, 0)):
        assert result.counts[i, j].sum() == pytest.approx(result.expected[i, j].sum(), rel=0.02)
        ratio = result.counts[i, j] / result.expected[i, j]
        assert np.abs(ratio[[0, 1, 2, -3, -2, -1]] - 1).max() < 0.05


@given(st.integers(-3, 60), st.floats(0.01, 1e5), st.floats(100.0, 200_000.0))
def test_that_logarithmic_bins_are_whole_samples_and_mirror_each_other(n, window_ms, rate_hz):
    bins = LogLagBins.nearest(n, window_ms, rate_hz)
    assert bins.n_half >= 1
    assert (np.diff(bins.edges_samples) >= 1).all()
    assert len(bins.centres_ms) == len(bins.widths_s) == bins.n_bins
    assert bins.centres_ms == pytest.approx(-bins.centres_ms[::-1])
    # Each bin spans one step of the axis.
    edges = bins.edges_ms
    steps = 0.5 + np.arange(bins.n_half + 1)
    assert bins.positions(edges) == pytest.approx(steps)
    assert bins.positions(-edges) == pytest.approx(-steps)
    assert bins.positions(0.0) == 0


@given(st.floats(), st.floats(), st.floats(1.0, 200_000.0))
def test_that_any_bins_asked_for_become_possible_ones(bin_ms, window_ms, rate_hz):
    bins = CorrelogramBins.nearest(bin_ms, window_ms, rate_hz)
    assert bins.bin_samples >= 1
    assert 3 <= bins.n_bins <= 2001
    assert bins.n_bins % 2 == 1
    assert bins.centres_ms[bins.n_half] == 0
    assert len(bins.centres_ms) == bins.n_bins


def test_that_usual_bins_are_kept_as_they_are():
    bins = CorrelogramBins.nearest(1.0, 50.0, RATE)
    assert (bins.bin_samples, bins.n_half, bins.bin_ms) == (30, 25, 1.0)
    assert bins.centres_ms[[0, -1]].tolist() == [-25.0, 25.0]
