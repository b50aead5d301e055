"""How clusters stand apart, against SpikeInterface on the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
from factories import make_phy_folder

from gtview.analysis.pc_metrics import (
    PcQuery,
    compute_pc_metrics,
    d_prime,
    mahalanobis_metrics,
    nearest_neighbour_rates,
    simplified_silhouette,
)
from gtview.data.phy_reader import read_export


@pytest.fixture(scope="module")
def reference():
    return pytest.importorskip("spikeinterface.metrics.quality.pca_metrics")


@pytest.fixture(params=[0.5, 2.0, 8.0])
def clouds(request):
    """Three clouds of points in five dimensions, more or less apart."""
    rng = np.random.default_rng(3)
    labels = np.repeat([4, 7, 9], [300, 500, 200])
    centres = {4: 0.0, 7: request.param, 9: -request.param}
    pcs = rng.normal(size=(1000, 5)) + np.array([centres[i] for i in labels])[:, None]
    order = rng.permutation(1000)
    return pcs[order], labels[order]


def test_that_isolation_and_l_ratio_are_those_of_spikeinterface(reference, clouds):
    pcs, labels = clouds
    for i in (4, 7, 9):
        expected = reference.mahalanobis_metrics(pcs, labels, i)
        np.testing.assert_allclose(mahalanobis_metrics(pcs, labels == i), expected, atol=1e-12)


def test_that_d_prime_is_that_of_spikeinterface(reference, clouds):
    pcs, labels = clouds
    expected = abs(reference.d_prime_metric(pcs, labels, 4))
    assert d_prime(pcs, labels == 4) == pytest.approx(expected, rel=1e-6)


def test_that_neighbours_are_those_of_spikeinterface(reference, clouds):
    pcs, labels = clouds
    expected = reference.nearest_neighbors_metrics(pcs, labels, 4, 10_000, 4)
    np.testing.assert_allclose(nearest_neighbour_rates(pcs, labels == 4), expected)


def test_that_the_silhouette_is_that_of_spikeinterface(reference, clouds):
    pcs, labels = clouds
    expected = reference.simplified_silhouette_score(pcs, labels, 4)
    assert simplified_silhouette(pcs, labels, 4) == pytest.approx(expected)


def test_that_what_cannot_be_said_is_nan():
    alone = np.random.default_rng(0).normal(size=(20, 3))
    own = np.ones(20, bool)
    assert np.isnan(mahalanobis_metrics(alone, own)).all()
    assert np.isnan(d_prime(alone, own))
    assert nearest_neighbour_rates(alone, own) == (1.0, 0.0)
    assert np.isnan(simplified_silhouette(alone, np.zeros(20, np.int64), 0))
    flat = np.zeros((40, 3))
    assert np.isnan(mahalanobis_metrics(flat, np.arange(40) < 20)).all()


def test_that_clusters_of_an_export_are_measured(tmp_path):
    made = make_phy_folder(tmp_path / "export", n_spikes=3000, n_clusters=5, dialect="kilosort4")
    dataset = read_export(made.path)
    spikes = tuple(np.flatnonzero(made.spike_clusters == i).astype(np.int32) for i in range(5))
    best = tuple(int(c) for c in np.ptp(made.templates_raw, axis=1).argmax(axis=1))
    found = compute_pc_metrics(PcQuery(dataset, (0, 3), tuple(range(5)), spikes, best))
    assert [m.cluster_id for m in found] == [0, 3]
    for metrics in found:
        assert metrics.n_spikes <= len(spikes[metrics.cluster_id])
        assert metrics.n_spikes > 100
        assert metrics.d_prime > 2
        assert metrics.nn_hit_rate > 0.9
        assert metrics.silhouette > 0
