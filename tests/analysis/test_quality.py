"""Measurements of single clusters, against SpikeInterface's formulas."""

from __future__ import annotations

import numpy as np
import pytest
from factories import make_phy_folder

from gtview.analysis.quality import (
    NoiseLevels,
    QualityQuery,
    amplitude_cutoff,
    compute_quality,
    drift_range,
    isi_violation_ratio,
    presence_ratio,
)
from gtview.data.phy_reader import read_export

RATE_HZ = 30_000.0


@pytest.fixture(scope="module")
def reference():
    return pytest.importorskip("spikeinterface.metrics.quality.misc_metrics")


@pytest.mark.parametrize("seed", range(4))
def test_that_isi_violations_are_those_of_spikeinterface(reference, seed):
    rng = np.random.default_rng(seed)
    times = np.sort(rng.integers(0, int(120 * RATE_HZ), 500 * (seed + 1))) / RATE_HZ
    expected = reference.isi_violations([times], 120.0, 0.0015, 0)[0]
    assert isi_violation_ratio(times, 120.0) == pytest.approx(expected, rel=1e-12)
    assert expected > 0


def test_that_a_cluster_of_no_spike_has_no_violations_to_tell():
    assert np.isnan(isi_violation_ratio(np.empty(0), 10.0))
    assert isi_violation_ratio(np.array([1.0]), 10.0) == 0.0


@pytest.mark.parametrize("duration_s", [59.0, 60.0, 200.0, 301.5])
def test_that_the_presence_ratio_is_that_of_spikeinterface(reference, duration_s):
    rng = np.random.default_rng(1)
    times = np.sort(rng.uniform(0, duration_s, 400))
    times = times[(times < 70) | (times > 190)]
    n_bins = int(duration_s // 60)
    found = presence_ratio(times, duration_s)
    if n_bins < 1:
        assert np.isnan(found)
        return
    edges = np.arange(n_bins + 1) * 60.0
    assert found == pytest.approx(reference.presence_ratio(times, bin_edges=edges))


@pytest.mark.parametrize("cut", [-9.0, 0.5, 1.0])
def test_that_the_amplitude_cutoff_is_that_of_spikeinterface(reference, cut):
    values = np.random.default_rng(0).normal(1.0, 0.2, 20_000) * 1.0
    values = values[values > cut]
    assert amplitude_cutoff(values) == pytest.approx(reference.amplitude_cutoff(values))
    assert amplitude_cutoff(-values) == amplitude_cutoff(values)
    assert np.isnan(amplitude_cutoff(values[:400]))


def test_that_half_a_distribution_is_noticed():
    values = np.random.default_rng(0).normal(1.0, 0.2, 20_000)
    whole, half = amplitude_cutoff(values), amplitude_cutoff(values[values > 1.0])
    assert whole < 0.01
    assert half > 0.3


def test_that_drift_is_the_range_of_the_medians_of_minutes():
    times = np.arange(0, 600, 0.1)
    depths = (times // 60 * 2.0).astype(np.float32)
    assert drift_range(times, depths, 600.0) == 18.0
    few = times[::20]
    assert np.isnan(drift_range(few, depths[::20], 600.0)), "too few spikes a minute"
    assert np.isnan(drift_range(times[:300], depths[:300], 30.0)), "one bin"


def test_that_drift_of_noisy_depths_is_that_of_their_medians():
    rng = np.random.default_rng(0)
    times = np.sort(rng.uniform(0, 300, 3000))
    depths = (rng.normal(0, 3, 3000) + times / 20).astype(np.float32)
    medians = [np.median(depths[times // 60 == minute]) for minute in range(5)]
    assert drift_range(times, depths, 300.0) == pytest.approx(np.ptp(medians), rel=1e-6)


def test_that_a_cluster_of_known_size_in_known_noise_has_its_snr(tmp_path):
    noise = 8.0
    made = make_phy_folder(
        tmp_path / "export", n_spikes=600, n_clusters=3, n_channels=4, with_raw=True,
        noise_raw=noise, whitening=None, duration_s=30.0,
    )  # fmt: skip
    dataset = read_export(made.path)
    spikes = tuple(np.flatnonzero(made.spike_clusters == i).astype(np.int32) for i in range(3))
    sizes = np.abs(made.templates_raw).max(axis=1)
    channels = tuple(int(c) for c in sizes.argmax(axis=1))
    found = compute_quality(QualityQuery(dataset, (0, 1, 2), spikes, channels))
    expected = sizes.max(axis=1) / noise
    # The filter takes a little of both; the order of clusters and their size stay.
    np.testing.assert_allclose(found.values["snr"], expected, rtol=0.3)
    assert NoiseLevels(dataset).of(0) == pytest.approx(noise, rel=0.15)
    without = compute_quality(
        QualityQuery(dataset, (0,), spikes[:1], channels[:1], with_raw=False)
    )
    assert np.isnan(without.values["snr"][0])


def test_that_measurements_follow_curation(tmp_path):
    from curating import make_export, open_session

    from gtview.session.tables import TableSource, cluster_table

    session = open_session(make_export(tmp_path / "export", n_spikes=2000))
    assert "snr" not in cluster_table(TableSource.of(session)).names
    session.measurements.take(compute_quality(session.measurements.query()))
    session.curation.merge([0, 1])
    table = cluster_table(TableSource.of(session))
    row = table.row_ids.index(6)
    assert table.column("isi violations").text(row) == "\N{EN DASH}"
    query = session.measurements.query()
    assert query.cluster_ids == (6,), "only what is new is measured"
    session.measurements.take(compute_quality(query))
    value = cluster_table(TableSource.of(session)).column("isi violations").values[row]
    dataset = session.dataset
    times = dataset.spike_samples[session.clustering.spikes_of(6)] / dataset.sample_rate_hz
    assert value == isi_violation_ratio(times, dataset.duration_s)
    session.curation.keeping.close()
