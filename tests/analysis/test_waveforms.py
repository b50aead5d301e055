from __future__ import annotations

import numpy as np
import pytest
from made_datasets import RATE, make_recorded_dataset

from gtview.analysis.waveforms import WaveformQuery, compute_cluster_templates, compute_waveforms
from gtview.data.dataset import Channels


def _query(dataset, units=(0, 1, 2), channels=None, **others):
    channels = np.arange(dataset.channels.n_channels) if channels is None else channels
    spikes = tuple(np.flatnonzero(dataset.spike_clusters == u).astype(np.int32) for u in units)
    return WaveformQuery(dataset, tuple(units), spikes, np.asarray(channels, np.int32), **others)


@pytest.mark.parametrize(("n_samples", "trough"), [(61, 20), (82, 41), (82, 30)])
def test_that_template_and_mean_waveform_lie_on_each_other(tmp_path, n_samples, trough):
    dataset = make_recorded_dataset(tmp_path, n_samples=n_samples, trough=trough)
    result = compute_waveforms(_query(dataset))
    assert result.times_ms[trough] == 0
    assert len(result.times_ms) == n_samples
    for cluster in result.clusters:
        template = cluster.templates[0].waveform
        best = np.ptp(template, axis=0).argmax()
        assert template[:, best].argmin() == cluster.mean[:, best].argmin() == trough
        # The filter takes little of a spike; what is left differs by that and by noise.
        assert np.abs(cluster.mean - template).max() < 0.2 * np.ptp(template)


def test_that_slow_waves_and_offsets_are_gone(tmp_path):
    dataset = make_recorded_dataset(tmp_path, noise=0.0)
    for cluster in compute_waveforms(_query(dataset)).clusters:
        size = np.ptp(cluster.templates[0].waveform)
        assert np.abs(cluster.waveforms.mean(axis=1)).max() < 0.1 * size
        # Every spike is the same one but for the rounding: on another phase of the wave.
        assert cluster.deviation.max() < 0.5


def test_that_mean_and_spread_are_those_of_the_waveforms_shown(tmp_path):
    cluster = compute_waveforms(_query(make_recorded_dataset(tmp_path))).clusters[0]
    np.testing.assert_allclose(cluster.mean, cluster.waveforms.mean(axis=0), atol=1e-4)
    np.testing.assert_allclose(cluster.deviation, cluster.waveforms.std(axis=0), atol=1e-4)
    assert cluster.waveforms.dtype == cluster.mean.dtype == np.float32


def test_that_a_filtered_recording_is_not_filtered_again(tmp_path):
    plain = make_recorded_dataset(tmp_path)
    already = make_recorded_dataset(tmp_path, is_high_passed=True)
    unfiltered = compute_waveforms(_query(plain, cutoff_hz=None))
    result = compute_waveforms(_query(already))
    np.testing.assert_array_equal(result.clusters[0].waveforms, unfiltered.clusters[0].waveforms)
    notes = [compute_waveforms(_query(plain)).note, unfiltered.note, result.note]
    assert notes == ["300 Hz high-pass", "not filtered", "filtered by the recording"]


def test_that_waveforms_of_single_spikes_are_those_of_the_file(tmp_path):
    dataset = make_recorded_dataset(tmp_path, noise=30.0)
    cluster = compute_waveforms(_query(dataset, cutoff_hz=None)).clusters[1]
    raw = np.fromfile(tmp_path / "raw.bin", np.int16).reshape(-1, 10)
    for spike_id, waveform in zip(cluster.spike_ids[:5], cluster.waveforms, strict=False):
        sample = dataset.spike_samples[spike_id]
        piece = raw[sample - 20 : sample + 41, dataset.channels.raw_channels] * 0.5
        difference = waveform - piece
        # Alike but for one offset on each channel.
        np.testing.assert_allclose(difference, np.broadcast_to(difference[0], (61, 8)), atol=1e-3)


def test_that_channels_come_in_the_order_asked(tmp_path):
    dataset = make_recorded_dataset(tmp_path)
    whole = compute_waveforms(_query(dataset)).clusters[0]
    part = compute_waveforms(_query(dataset, channels=[5, 0, 3])).clusters[0]
    np.testing.assert_array_equal(part.waveforms, whole.waveforms[:, :, [5, 0, 3]])
    np.testing.assert_array_equal(
        part.templates[0].waveform, whole.templates[0].waveform[:, [5, 0, 3]]
    )


def test_that_spikes_are_sampled_evenly_and_counted(tmp_path):
    dataset = make_recorded_dataset(tmp_path)
    cluster = compute_waveforms(_query(dataset, max_waveforms=10)).clusters[0]
    assert (len(cluster.spike_ids), cluster.n_spikes) == (10, 80)
    # Spikes are evenly spaced in the file, so those that were taken are too.
    assert np.ptp(np.diff(cluster.spike_ids)) <= 3


def test_that_spikes_at_the_ends_are_left_out_and_counted(tmp_path):
    dataset = make_recorded_dataset(tmp_path)  # its first spike is at 0, its last at the end
    clusters = compute_waveforms(_query(dataset, max_waveforms=1000)).clusters
    assert [c.n_outside for c in clusters] == [1, 0, 1]
    assert [len(c.spike_ids) for c in clusters] == [79, 80, 79]
    for cluster in clusters:
        assert cluster.deviation.max() < 10


def test_that_a_raw_file_shorter_than_the_spikes_gives_what_it_has(tmp_path):
    dataset = make_recorded_dataset(tmp_path, raw_share=0.5)
    cluster = compute_waveforms(_query(dataset, max_waveforms=1000)).clusters[1]
    assert cluster.n_outside == 40
    assert len(cluster.spike_ids) == 40
    assert np.abs(cluster.mean - cluster.templates[0].waveform).max() < 0.2 * np.ptp(cluster.mean)
    empty = make_recorded_dataset(tmp_path, raw_share=0.001)
    cluster = compute_waveforms(_query(empty)).clusters[1]
    assert (cluster.mean, cluster.deviation, cluster.n_outside) == (None, None, 80)
    assert cluster.waveforms.shape == (0, 61, 8)
    assert cluster.reference is cluster.templates[0].waveform


def test_that_templates_are_enough(tmp_path):
    dataset = make_recorded_dataset(tmp_path, raw=None)
    result = compute_waveforms(_query(dataset))
    assert result.note == ""
    assert all(c.mean is None and len(c.templates) == 1 for c in result.clusters)
    quick = compute_waveforms(_query(make_recorded_dataset(tmp_path), max_waveforms=0))
    assert quick.note == ""
    assert all(c.mean is None and c.n_outside == 0 for c in quick.clusters)


def test_that_the_raw_file_is_enough(tmp_path):
    result = compute_waveforms(_query(make_recorded_dataset(tmp_path, with_templates=False)))
    assert result.times_ms[[0, -1]].tolist() == pytest.approx([-1.0, 1.5 - 1000 / RATE])
    for cluster in result.clusters:
        assert cluster.templates == ()
        best = np.ptp(cluster.mean, axis=0).argmax()
        assert cluster.mean[:, best].argmin() == 30


def test_that_a_cluster_lists_its_templates_with_their_shares(tmp_path):
    dataset = make_recorded_dataset(
        tmp_path, template_gain=np.array([1, 3, 1], np.float32), raw=None
    )
    merged = np.array([0, 3, 6, 1, 4, 2], np.int32)  # 3 spikes of 0, 2 of 1, 1 of 2
    found = compute_cluster_templates(dataset, merged, np.array([1, 2], np.int32))
    assert [(t.template_id, t.n_spikes) for t in found] == [(0, 3), (1, 2), (2, 1)]
    assert [t.share for t in found] == pytest.approx([3 / 6, 2 / 6, 1 / 6])
    expected = dataset.templates.waveform(1)[:, [1, 2]] * 3 * 0.5
    np.testing.assert_allclose(found[1].waveform, expected, rtol=1e-6)
    assert compute_cluster_templates(dataset, merged[:0], np.array([1], np.int32)) == ()


def test_that_a_cluster_without_spikes_is_answered(tmp_path):
    dataset = make_recorded_dataset(tmp_path)
    cluster = compute_waveforms(_query(dataset, units=(7,))).clusters[0]
    assert (cluster.n_spikes, cluster.mean, cluster.templates) == (0, None, ())


def test_that_channels_beyond_the_file_are_refused_with_a_sentence(tmp_path):
    from gtview.base.errors import DatasetError

    channels = make_recorded_dataset(tmp_path).channels
    beyond = Channels(channels.raw_channels + 90, channels.positions_um, channels.shanks)
    with pytest.raises(DatasetError):
        compute_waveforms(_query(make_recorded_dataset(tmp_path, channels=beyond)))
