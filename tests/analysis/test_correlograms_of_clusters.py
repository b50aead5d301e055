from __future__ import annotations

import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

from gtview.analysis.correlograms import (
    MAX_CLUSTERS,
    CorrelogramBins,
    CorrelogramQuery,
    compute_correlograms,
)

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
            assert result.counts[i, j].mean() == pytest.approx(result.expected[i, j], rel=0.04)
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
