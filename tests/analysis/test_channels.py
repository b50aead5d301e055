from __future__ import annotations

import numpy as np
import pytest
from made_datasets import make_dataset, make_recorded_dataset

from gtview.analysis.channels import (
    BestChannels,
    ChannelFinder,
    best_channels,
)
from gtview.base.types import frozen
from gtview.data.features import FeatureFile


def test_that_amplitudes_are_those_of_the_channels_returned():
    channel_ids, amplitudes = best_channels(np.array([40, 100, 60, 80], np.float32))
    assert channel_ids.tolist() == [1, 3, 2, 0]
    assert amplitudes.tolist() == [100, 80, 60, 40]
    assert (channel_ids.dtype, amplitudes.dtype) == (np.int32, np.float32)


def test_that_equal_channels_come_by_id_and_small_ones_are_left_out():
    sizes = np.array([0, 5, 10, 10, np.nan, 1])
    assert best_channels(sizes)[0].tolist() == [2, 3, 1, 5]
    assert best_channels(sizes, threshold=0.5)[0].tolist() == [2, 3, 1]
    assert best_channels(sizes, max_n=1)[0].tolist() == [2]
    assert best_channels(np.zeros(4))[0].tolist() == []
    assert best_channels(np.array([]))[0].tolist() == []


def _two_templates():
    """Template 0 is largest on channel 1, template 1 on channel 3."""
    waveforms = np.zeros((2, 10, 4), np.float32)
    waveforms[0, 4] = [-2, -10, -4, -1]
    waveforms[1, 4] = [-1, -1, -3, -20]
    return waveforms


def test_that_best_channels_follow_the_spikes_of_a_merge_and_of_a_split():
    templates = np.repeat([0, 1], [60, 40])
    dataset = make_dataset(_two_templates(), np.arange(100), templates)
    finder = ChannelFinder(dataset)
    merged = np.arange(100, dtype=np.int32)
    assert finder.find(merged).channel_ids.tolist() == [1, 2, 0, 3]
    assert finder.find(merged[30:]).channel_ids.tolist() == [3, 2, 0, 1]
    assert finder.find(merged[:60]).best == 1
    assert finder.find(merged[60:]).best == 3


def test_that_amplitudes_are_in_microvolts_only_when_the_gain_is_known():
    gains = np.array([3.0, 1.0], np.float32)
    known = make_dataset(_two_templates(), np.arange(2), np.zeros(2), template_gain=gains)
    unknown = make_dataset(_two_templates(), np.arange(2), np.zeros(2), gain=None)
    spikes = np.arange(2, dtype=np.int32)
    found = ChannelFinder(known).find(spikes)
    assert (found.amplitudes.tolist(), found.unit) == ([15.0, 6.0, 3.0, 1.5], "µV")
    found = ChannelFinder(unknown).find(spikes)
    assert (found.amplitudes.tolist(), found.unit) == ([10.0, 4.0, 2.0, 1.0], "arb.")


def _feature_file(tmp_path, features, channel_ids, spike_ids, n_spikes):
    path = tmp_path / "pc_features.npy"
    np.save(path, features)
    return FeatureFile.open(path, channel_ids, spike_ids, n_spikes)


def test_that_features_tell_where_templates_are_missing(tmp_path):
    # Two spikes of each template; on disk (row, component, column).
    features = np.zeros((4, 3, 2), np.float32)
    features[:2, 0] = [6, 8]
    features[2:, 1] = [2, -10]
    channel_ids = np.array([[2, 0], [1, 3]], np.int32)
    spike_ids = np.array([0, 1, 3, 4])
    file = _feature_file(tmp_path, features, channel_ids, spike_ids, 5)
    dataset = make_dataset(
        None, np.arange(5), np.array([0, 0, 0, 1, 1]), n_channels=4, pc_features=file
    )
    finder = ChannelFinder(dataset)
    found = finder.find(np.array([0, 1, 2], np.int32))
    assert found.channel_ids.tolist() == [0, 2]
    assert found.amplitudes.tolist() == [8, 6]
    assert (found.source, found.unit) == ("features", "arb.")
    # Over both templates: a channel that a spike lacks counts as 0 for it.
    found = finder.find(np.arange(5, dtype=np.int32))
    assert found.channel_ids.tolist() == [3, 0, 2, 1]
    np.testing.assert_allclose(found.amplitudes, np.sqrt([50, 32, 18, 2]))


def test_that_the_raw_file_tells_where_there_is_nothing_else(tmp_path):
    with_templates = make_recorded_dataset(tmp_path)
    without = make_recorded_dataset(tmp_path, with_templates=False)
    for unit in range(3):
        spikes = np.flatnonzero(without.spike_templates == unit).astype(np.int32)
        found = ChannelFinder(without).find(spikes)
        expected = ChannelFinder(with_templates).find(spikes)
        assert found.source == "waveforms"
        assert found.best == expected.best
        assert found.amplitudes[0] == pytest.approx(expected.amplitudes[0], rel=0.15)


def test_that_nothing_is_found_where_nothing_is_known():
    dataset = make_dataset(None, np.arange(3), np.zeros(3), n_channels=4)
    found = ChannelFinder(dataset).find(np.arange(3, dtype=np.int32))
    assert (found.best, found.source) == (None, "nothing")
    assert found.shown(dataset.channels).tolist() == []
    empty = make_dataset(np.zeros((1, 5, 4), np.float32), np.arange(3), np.zeros(3))
    assert ChannelFinder(empty).find(np.arange(3, dtype=np.int32)).best is None
    assert ChannelFinder(empty).find(np.arange(0, dtype=np.int32)).best is None


def test_that_shown_channels_are_large_and_on_the_shank_of_the_best():
    dataset = make_dataset(None, np.arange(1), np.zeros(1), n_channels=8, n_shanks=2)
    found = BestChannels(
        np.array([1, 6, 0, 2, 3], np.int32), np.array([100, 90, 50, 10, 9.9], np.float32), "", ""
    )
    assert found.shown(dataset.channels).tolist() == [1, 0, 2]
    assert found.shown(dataset.channels, max_n=2).tolist() == [1, 0]
    assert found.shown(dataset.channels, share=0.0).tolist() == [1, 0, 2, 3]


def test_that_shown_channels_are_those_nearest_to_the_best():
    dataset = make_dataset(None, np.arange(1), np.zeros(1), n_channels=40)
    ids = np.array([20, 2, 22, 19, 38, 21, 18], np.int32)
    found = BestChannels(ids, np.full(7, 50.0, np.float32), "", "")
    assert found.shown(dataset.channels).tolist() == ids.tolist()
    distance = np.linalg.norm(
        dataset.channels.positions_um[ids] - dataset.channels.positions_um[20], axis=1
    )
    near = ids[distance <= np.sort(distance)[4]]
    assert found.shown(dataset.channels, n_nearest=5).tolist() == near.tolist()
    assert not {2, 38} & set(near.tolist())


def test_that_the_channels_of_the_same_cluster_are_found_once():
    dataset = make_dataset(_two_templates(), np.arange(100), np.repeat([0, 1], [60, 40]))
    finder = ChannelFinder(dataset)
    spikes = np.arange(100, dtype=np.int32)
    writeable = finder.find(spikes)
    spikes[:] = np.arange(99, -1, -1)
    spikes[:60] = 99
    assert finder.find(spikes).best == 3
    assert writeable.best == 1
    spikes.flags.writeable = False
    found = finder.find(spikes)
    assert finder.find(spikes) is found
    assert finder.find(spikes[:10]).best == 3
    for _ in range(200):
        # Arrays that are gone give their address to others.
        other = frozen(np.arange(60, dtype=np.int32))
        assert finder.find(other).best == 1
        del other
