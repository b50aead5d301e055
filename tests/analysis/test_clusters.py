from __future__ import annotations

import numpy as np
import pytest
from made_datasets import make_dataset, spikes_by_cluster

from gtview.analysis.channels import BestChannels
from gtview.analysis.clusters import compute_cluster_stats


def _waveforms():
    waveforms = np.zeros((3, 10, 4), np.float32)
    waveforms[0, 4, 1] = -10
    waveforms[1, 4, 3] = -20
    waveforms[1, 6, 3] = 5
    return waveforms  # the third is empty


def test_that_every_number_of_a_cluster_is_right():
    dataset = make_dataset(
        _waveforms(),
        np.arange(100),
        np.repeat([0, 1, 1], [50, 30, 20]),
        spike_clusters=np.repeat([0, 1, 0], [50, 30, 20]).astype(np.int32),
        n_shanks=2,
        template_gain=np.array([2, 1, 1], np.float32),
    )
    order, offsets = spikes_by_cluster(dataset)
    stats = compute_cluster_stats(dataset, np.array([7, 9]), order, offsets)
    assert stats.cluster_ids.tolist() == [7, 9]
    assert stats.n_spikes.tolist() == [70, 30]
    assert stats.rate_hz.tolist() == [7.0, 3.0]
    assert stats.main_templates.tolist() == [0, 1]
    assert stats.best_channels.tolist() == [1, 3]
    assert stats.shanks.tolist() == [0, 1]
    assert stats.depths_um.tolist() == dataset.channels.positions_um[[1, 3], 1].tolist()
    assert stats.amplitudes.tolist() == [10.0, 12.5]
    assert stats.amplitude_unit == "µV"
    assert [stats.templates.of(i)[0].tolist() for i in (0, 1)] == [[0, 1], [1]]


def test_that_a_cluster_without_spikes_or_signal_is_unknown_and_not_wrong():
    dataset = make_dataset(_waveforms(), np.arange(4), np.array([2, 2, 0, 0]), duration_s=0.0)
    offsets = np.array([0, 2, 2, 4], np.int64)
    order = np.arange(4, dtype=np.int32)
    stats = compute_cluster_stats(dataset, np.array([1, 2, 3]), order, offsets)
    assert stats.main_templates.tolist() == [2, -1, 0]
    assert stats.best_channels.tolist() == [-1, -1, 1]
    assert stats.shanks.tolist() == [-1, -1, 0]
    assert np.isnan(stats.depths_um).tolist() == [True, True, False]
    assert np.isnan(stats.amplitudes).tolist() == [True, True, False]
    assert np.isnan(stats.rate_hz).all()


@pytest.mark.parametrize(
    ("unit", "source", "size"), [("µV", "waveforms", 55.0), ("arb.", "features", None)]
)
def test_that_channels_are_asked_for_where_there_are_no_templates(unit, source, size):
    dataset = make_dataset(None, np.arange(6), np.array([0, 0, 1, 1, 1, 1]), n_channels=4)
    asked = []

    def find(spike_ids):
        asked.append(spike_ids.tolist())
        return BestChannels(np.array([2], np.int32), np.array([55], np.float32), unit, source)

    order, offsets = spikes_by_cluster(dataset)
    stats = compute_cluster_stats(dataset, np.array([0, 1]), order, offsets, find)
    assert asked == [[0, 1], [2, 3, 4, 5]]
    assert stats.best_channels.tolist() == [2, 2]
    known = [] if size is None else [size, size]
    assert stats.amplitudes[np.isfinite(stats.amplitudes)].tolist() == known


def test_that_no_clusters_give_no_numbers():
    dataset = make_dataset(_waveforms(), np.arange(0), np.arange(0))
    stats = compute_cluster_stats(
        dataset, np.empty(0, np.int32), np.empty(0, np.int32), np.array([0], np.int64)
    )
    assert len(stats.n_spikes) == len(stats.depths_um) == len(stats.amplitudes) == 0
