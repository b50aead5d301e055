from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_sessions import RATE_HZ, make_dataset

from gtview.analysis import features as features_module
from gtview.analysis.features import (
    BackgroundCache,
    FeatureQuery,
    compute_features,
    is_quick,
    read_background,
    read_samples,
)
from gtview.analysis.spike_features import (
    group_by_columns,
    read_spike_features,
    sampled_features,
)
from gtview.base.progress import ignore_progress
from gtview.data import feature_sample
from gtview.data import features as features_file
from gtview.data.feature_copy import FeatureCopy
from gtview.data.feature_copy_writer import lay_out_copy, write_feature_copy
from gtview.data.features import FeatureFile

N_TEMPLATES, N_LOCAL, N_PCS = 5, 3, 4
CHANNELS = np.array([[0, 1, 2], [2, 1, 3], [3, 0, -1], [1, 3, 2], [0, 2, 3]], np.int32)


def reference(dataset, values, row_spikes, wanted, channel_ids, n_pcs):
    """Look up one number at a time; NaN where there is none."""
    row_of = {spike: row for row, spike in reversed(list(enumerate(row_spikes)))}
    kept = [s for s in wanted if s in row_of]
    out = np.full((len(channel_ids), n_pcs, len(kept)), np.nan, np.float32)
    for i, spike in enumerate(kept):
        template = dataset.spike_templates[spike]
        for c, channel in enumerate(channel_ids):
            for local in range(N_LOCAL):
                if CHANNELS[template, local] == channel:
                    numbers = values[row_of[spike], :n_pcs, local]
                    if np.any(numbers != 0):
                        out[c, :, i] = np.where(np.isfinite(numbers), numbers, np.nan)
    return kept, out


def make(folder, rows=None, n_spikes=200, **changes):
    rng = np.random.default_rng(3)
    dataset = make_dataset({0: range(n_spikes)})
    templates = rng.integers(0, N_TEMPLATES, n_spikes).astype(np.int32)
    n_rows = n_spikes if rows is None else len(rows)
    values = rng.normal(size=(n_rows, N_PCS, N_LOCAL)).astype(np.float32)
    values[4, :, 1] = 0  # a sorter's filling
    values[9, 0, :] = np.nan
    values[11, 1, 0] = np.inf
    path = folder / "pc_features.npy"
    np.save(path, values)
    file = FeatureFile.open(path, CHANNELS, rows, n_spikes)
    dataset = replace(dataset, spike_templates=templates, pc_features=file, **changes)
    return dataset, values


@pytest.mark.parametrize("channel_ids", [(0,), (2, 1), (3, 0, 2), (1, 99)])
@pytest.mark.parametrize("n_pcs", [1, 2, 4])
@pytest.mark.parametrize("is_subset", [False, True])
def test_that_features_are_those_of_a_slow_reading(tmp_path, channel_ids, n_pcs, is_subset):
    rows = np.arange(0, 200, 2) if is_subset else None
    dataset, values = make(tmp_path, rows)
    wanted = np.random.default_rng(0).permutation(200)[:120].astype(np.int32)
    given = read_spike_features(dataset, wanted, channel_ids, n_pcs)
    spikes = np.arange(200) if rows is None else rows
    kept, expected = reference(dataset, values, spikes, wanted.tolist(), channel_ids, n_pcs)
    np.testing.assert_array_equal(given.spike_ids, kept)
    np.testing.assert_array_equal(given.values, expected)
    assert given.values.dtype == np.float32
    assert (given.n_asked, given.n_without) == (120, 120 - len(kept))


def test_that_what_is_absent_is_never_zero(tmp_path):
    dataset, _ = make(tmp_path, np.arange(0, 200, 3))
    given = read_spike_features(dataset, np.arange(200, dtype=np.int32), (0, 1, 2, 3), 4)
    assert not (given.values == 0).any()
    assert np.isnan(given.values).any()


def test_that_channels_filled_with_zeros_are_absent_and_counted(tmp_path):
    dataset, _ = make(tmp_path)
    spike = np.array([4], np.int32)
    channel = int(CHANNELS[dataset.spike_templates[4], 1])
    given = read_spike_features(dataset, spike, (channel,), 2)
    assert np.isnan(given.values).all()
    assert (given.n_off_channels, given.n_without, given.n_not_finite) == (1, 0, 0)


def test_that_spikes_on_none_of_the_channels_are_counted(tmp_path):
    dataset, _ = make(tmp_path)
    wanted = np.arange(20, 200, dtype=np.int32)
    given = read_spike_features(dataset, wanted, (0,), 2)
    on_channel = (CHANNELS == 0).any(axis=1)[dataset.spike_templates[wanted]]
    assert given.n_off_channels == np.count_nonzero(~on_channel) > 0


def test_that_numbers_that_are_not_finite_are_left_out_and_counted(tmp_path):
    dataset, _ = make(tmp_path)
    channels = tuple(range(4))
    given = read_spike_features(dataset, np.array([9, 11, 12], np.int32), channels, 2)
    assert given.n_not_finite == 2
    assert np.isfinite(given.values[~np.isnan(given.values)]).all()
    assert np.isnan(given.values[:, 0, 0]).all()  # the first component of the first spike
    assert np.isfinite(given.values[:, 1, 0]).any()  # but not the second one


def test_that_no_spike_and_no_channel_are_fine(tmp_path):
    dataset, _ = make(tmp_path)
    nothing = np.empty(0, np.int32)
    assert read_spike_features(dataset, nothing, (0, 1), 2).values.shape == (2, 2, 0)
    given = read_spike_features(dataset, np.arange(5, dtype=np.int32), (), 2)
    assert given.values.shape == (0, 2, 5)


def test_that_a_file_without_channel_list_holds_every_channel(tmp_path):
    dataset, values = make(tmp_path)
    dense = FeatureFile.open(dataset.pc_features.path, None, None, 200)
    given = read_spike_features(
        replace(dataset, pc_features=dense), np.arange(12, 40, dtype=np.int32), (2, 7), 2
    )
    np.testing.assert_array_equal(given.values[0], values[12:40, :2, 2].T)
    assert np.isnan(given.values[1]).all()


def test_that_groups_hold_every_spike_that_has_something_once(tmp_path):
    dataset, _ = make(tmp_path)
    templates = dataset.spike_templates
    seen = []
    for columns, where in group_by_columns(dataset.pc_features, templates, (3, 0)):
        for spike in np.arange(200)[where]:
            for channel, column in zip((3, 0), columns, strict=True):
                local = CHANNELS[templates[spike]]
                assert (column == -1) == (channel not in local)
                assert column == -1 or local[column] == channel
            seen.append(spike)
    expected = np.flatnonzero(np.isin(CHANNELS, (3, 0)).any(axis=1)[templates])
    assert sorted(seen) == expected.tolist()


# Queries ----------------------------------------------------------------------------------


def query_of(dataset, n_clusters=2, **others):
    spikes = np.arange(dataset.n_spikes, dtype=np.int32)
    clusters = tuple(spikes[k::n_clusters] for k in range(n_clusters))
    return FeatureQuery(dataset, clusters, (0, 2), **others)


@pytest.fixture
def slow(monkeypatch):
    """Let every read count as one that takes its time."""
    monkeypatch.setattr(features_module, "QUICK_BYTES", 0)
    monkeypatch.setattr(features_module, "QUICK_SPIKES", 0)
    monkeypatch.setattr(features_module, "_CHUNK_SPIKES", 30)
    monkeypatch.setattr(features_module, "SAMPLED_SPIKES", 32)


def test_that_quick_reads_give_everything_at_once(tmp_path):
    dataset, _ = make(tmp_path)
    answers = list(compute_features(query_of(dataset)))
    assert [a.is_full for a in answers] == [True]


def test_that_a_sample_comes_first_and_then_all(tmp_path, slow):
    dataset, _ = make(tmp_path)
    query = query_of(dataset, backgrounds=BackgroundCache(), n_background=50)
    answers = list(compute_features(query))
    assert [a.is_full for a in answers][-1] is True
    assert not any(a.is_full for a in answers[:-1])
    first, last = answers[0], answers[-1]
    assert 0 < len(first.clusters[0].spike_ids) <= 16
    assert first.background is None
    for given, spikes in zip(last.clusters, query.spike_ids, strict=True):
        whole = read_spike_features(dataset, spikes, (0, 2), 2)
        np.testing.assert_array_equal(given.spike_ids, whole.spike_ids)
        np.testing.assert_array_equal(given.values, whole.values)
        assert (given.n_asked, given.n_off_channels) == (len(spikes), whole.n_off_channels)
    # While the rest is read there are many chances to stop, and nothing new to draw.
    assert len(answers) > 6
    assert len({id(a) for a in answers}) == 3


def test_that_a_sample_is_even_however_early_it_ends(tmp_path, slow):
    dataset, _ = make(tmp_path, n_spikes=4000)
    for budget_s in (0.0, 10.0):
        sample = read_samples(query_of(dataset, n_clusters=1), budget_s)[0]
        gaps = np.diff(np.sort(sample.spike_ids))
        assert len(sample.spike_ids) == (4 if budget_s == 0 else 32)
        assert gaps.max() <= 4000 / len(sample.spike_ids) * 1.5


def test_that_an_attached_copy_makes_reads_quick(tmp_path, slow):
    dataset, _ = make(tmp_path)
    assert not is_quick(query_of(dataset))
    dataset.pc_features._copy = object()
    assert is_quick(query_of(dataset))


def test_that_the_background_is_an_even_sample_of_spikes_on_the_channels(tmp_path):
    dataset, _ = make(tmp_path)
    query = replace(query_of(dataset), channel_ids=(0, 1), n_background=20)
    on_channels = np.flatnonzero(np.isin(CHANNELS, (0, 1)).any(axis=1)[dataset.spike_templates])
    background = read_background(query)
    assert background.n_all == len(on_channels)
    assert background.features.n_asked == 20
    assert set(background.features.spike_ids) <= set(on_channels)
    ranks = np.searchsorted(on_channels, background.features.spike_ids)
    assert np.diff(ranks).max() <= np.diff(ranks).min() + 1


def test_that_the_background_counts_only_spikes_with_features(tmp_path):
    dataset, _ = make(tmp_path, np.arange(0, 200, 2))
    background = read_background(query_of(dataset))
    assert background.features.n_without == 0
    expected = np.isin(CHANNELS, (0, 2)).any(axis=1)[dataset.spike_templates[::2]]
    assert background.n_all == np.count_nonzero(expected)


@pytest.mark.parametrize("is_shuffled", [False, True])
def test_that_the_background_keeps_to_the_time_window(tmp_path, is_shuffled):
    dataset, _ = make(tmp_path)
    if is_shuffled:
        order = np.random.default_rng(2).permutation(200)
        samples = np.empty(200, np.int64)
        samples[order] = dataset.spike_samples
        dataset = replace(dataset, spike_samples=samples, time_order=order)
    window = (50 / RATE_HZ, 120 / RATE_HZ)
    background = read_background(query_of(dataset, time_window_s=window))
    samples = dataset.spike_samples[background.features.spike_ids]
    assert 0 < background.n_all <= 70
    assert samples.min() >= 50
    assert samples.max() < 120


def test_that_a_background_is_read_from_disk_once(tmp_path):
    dataset, _ = make(tmp_path)
    query = query_of(dataset, backgrounds=BackgroundCache(max_n=2))
    *_, first = compute_features(query)
    dataset.pc_features.path.write_bytes(b"")  # nothing can be read any more
    assert query.backgrounds.known(query) is first.background
    assert query.backgrounds.known(replace(query, channel_ids=(0, 3))) is None


def test_that_only_the_last_backgrounds_are_kept(tmp_path):
    dataset, _ = make(tmp_path)
    cache = BackgroundCache(max_n=2)
    queries = [replace(query_of(dataset), channel_ids=(0, k)) for k in (1, 2, 3)]
    for query in queries:
        cache.read(query)
    assert [cache.known(q) is None for q in queries] == [True, False, False]


def test_that_a_thinned_background_counts_all_and_is_even_in_time(tmp_path):
    dataset, _ = make(tmp_path, n_spikes=8000)
    query = replace(
        query_of(dataset, backgrounds=BackgroundCache()), channel_ids=(0, 1), n_background=300
    )
    on_channels = np.flatnonzero(np.isin(CHANNELS, (0, 1)).any(axis=1)[dataset.spike_templates])
    background = read_background(query)
    shown = background.features.spike_ids
    assert background.n_all == len(on_channels)
    assert 200 < len(shown) <= 300
    assert set(shown) <= set(on_channels)
    # A tenth of the recording holds a tenth of them, more or less.
    assert np.histogram(shown, bins=10, range=(0, 8000))[0].min() > 15


def with_copy(dataset, folder, monkeypatch, most_rows=100):
    monkeypatch.setattr(feature_sample, "MOST_ROWS", most_rows)
    file, templates = dataset.pc_features, dataset.spike_templates
    layout = lay_out_copy(file, templates, "key", has_sample=True)
    write_feature_copy(file, layout, templates, folder / "copy", ignore_progress)
    file.attach(FeatureCopy.open(folder / "copy", "key", templates))
    return dataset


@pytest.mark.parametrize("channel_ids", [(0,), (2, 1), (3, 0, 2), (1, 99)])
@pytest.mark.parametrize("n_pcs", [1, 2])
def test_that_the_sample_says_what_the_file_says(tmp_path, monkeypatch, channel_ids, n_pcs):
    dataset, _ = make(tmp_path)
    spikes = np.arange(0, 200, 4, dtype=np.int32)  # spike 4 has zeros on a channel
    expected = read_spike_features(dataset, spikes, channel_ids, n_pcs)
    given = sampled_features(with_copy(dataset, tmp_path, monkeypatch), spikes, channel_ids, n_pcs)
    assert dataset.pc_features.copy.label.sample_step == 2
    for name in ("spike_ids", "values", "n_asked", "n_without", "n_off_channels", "n_not_finite"):
        np.testing.assert_array_equal(getattr(given, name), getattr(expected, name))


def test_that_the_sample_does_not_answer_for_what_it_lacks(tmp_path, monkeypatch):
    dataset, _ = make(tmp_path)
    even, odd = np.arange(0, 200, 2, dtype=np.int32), np.array([4, 7], np.int32)
    assert sampled_features(dataset, even, (0,), 2) is None  # no copy
    with_copy(dataset, tmp_path, monkeypatch)
    assert sampled_features(dataset, odd, (0,), 2) is None
    assert sampled_features(dataset, even, (0,), 3) is None  # more components than are kept
    assert sampled_features(dataset, even, (0,), 2) is not None


def test_that_a_background_is_the_same_from_the_sample_and_from_the_file(tmp_path, monkeypatch):
    dataset, _ = make(tmp_path, n_spikes=8000)
    query = replace(
        query_of(dataset, backgrounds=BackgroundCache()), channel_ids=(0, 1), n_background=300
    )
    expected = read_background(query)
    assert query.backgrounds.at_hand(query) is None
    with_copy(dataset, tmp_path, monkeypatch, most_rows=1000)
    given = query.backgrounds.at_hand(query)
    assert given.n_all == expected.n_all
    np.testing.assert_array_equal(given.features.spike_ids, expected.features.spike_ids)
    np.testing.assert_array_equal(given.features.values, expected.features.values)
    # Nothing is shown before it: there is nothing to wait for.
    assert [answer.is_full for answer in compute_features(query)] == [True]


def test_that_a_damaged_sample_is_given_up_and_the_file_read(tmp_path, monkeypatch):
    dataset, _ = make(tmp_path)
    with_copy(dataset, tmp_path, monkeypatch)
    raw = bytearray((tmp_path / "copy").read_bytes())
    raw[-2] ^= 0x10  # the last columns are of the third component: look at all
    (tmp_path / "copy").write_bytes(raw)
    monkeypatch.setattr(feature_sample, "KEPT_PCS", N_PCS)
    monkeypatch.setattr(features_file, "KEPT_PCS", N_PCS)
    spikes = np.arange(0, 200, 2, dtype=np.int32)
    assert sampled_features(dataset, spikes, (0,), N_PCS) is None
    assert dataset.pc_features.copy is None
