"""Amplitudes of spikes by every measure, against what the files hold and slow references."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from factories import make_phy_folder
from made_datasets import make_recorded_dataset
from scipy.signal import butter, sosfiltfilt

from gtview.analysis.amplitude_measures import can_be_in_uv, template_amplitudes
from gtview.analysis.amplitudes import (
    KINDS,
    AmplitudeQuery,
    ProjectionAxis,
    available_kinds,
    compute_amplitudes,
)
from gtview.analysis.mean_features import MeanFeatureCache
from gtview.analysis.peak_to_peak import (
    CHUNK_SPIKES,
    QUICK_SPIKES,
    PeakToPeakCache,
    Train,
    size_window,
)
from gtview.data.dataset import Gain
from gtview.data.phy_reader import read_export


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """An export with features of every third spike, and template features."""
    folder = tmp_path_factory.mktemp("export") / "phy"
    has = np.arange(0, 1200, 3)
    made = make_phy_folder(folder, n_spikes=1200, n_clusters=4, feature_spike_ids=has)
    return read_export(made.path)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    return make_recorded_dataset(tmp_path_factory.mktemp("raw"))


def trains_of(dataset, ids, channel_id=0):
    return tuple(
        Train(np.flatnonzero(dataset.spike_clusters == i).astype(np.int32), channel_id, i)
        for i in ids
    )


def asked(dataset, kind, ids=(0, 1), behind=(2,), **others):
    background = np.flatnonzero(np.isin(dataset.spike_clusters, behind)).astype(np.int32)
    trains = others.pop("trains", None) or trains_of(dataset, ids)
    return AmplitudeQuery(dataset, kind, trains, background, **others)


def last_of(query):
    *_, answer = compute_amplitudes(query)
    return answer


def test_that_measures_are_those_that_the_export_allows(exported, recorded):
    assert available_kinds(exported) == ("template", "feature", "template feature")
    assert available_kinds(recorded) == ("raw",)
    assert available_kinds(replace(exported, template_features=None))[2] == "template feature"
    nothing = replace(exported, amplitudes=None, pc_features=None, template_features=None)
    assert available_kinds(nothing) == ()
    assert set(available_kinds(exported)) < set(KINDS)


# Template amplitude ----------------------------------------------------------------------------


def test_that_template_amplitudes_are_those_of_the_file(exported):
    answers = list(compute_amplitudes(asked(exported, "template", is_in_uv=False)))
    assert len(answers) == 1
    answer = answers[0]
    for k, values in enumerate(answer.clusters):
        own = np.flatnonzero(exported.spike_clusters == k)
        assert values.spike_ids.tolist() == own.tolist()
        assert values.values.tolist() == exported.amplitudes[own].tolist()
        assert (values.n_asked, values.n_read, values.n_not_finite) == (len(own), len(own), 0)
    behind = exported.amplitudes[exported.spike_clusters == 2]
    assert answer.background.values.tolist() == behind.tolist()
    assert (answer.name, answer.unit) == ("template amplitude", "")


def test_that_amplitudes_that_are_not_finite_are_left_out_and_counted(exported):
    amplitudes = exported.amplitudes.copy()
    own = np.flatnonzero(exported.spike_clusters == 0)
    amplitudes[own[[1, 4, 5]]] = (np.nan, np.inf, -np.inf)
    values = last_of(asked(replace(exported, amplitudes=amplitudes), "template")).clusters[0]
    assert values.spike_ids.tolist() == np.delete(own, [1, 4, 5]).tolist()
    assert (values.n_shown, values.n_not_finite) == (len(own) - 3, 3)


def test_that_kilosort_amplitudes_times_templates_are_microvolts(exported):
    known = replace(exported, kind="kilosort", gain=Gain(0.5, "the test"))
    ids = np.arange(0, 1200, 17, dtype=np.int32)
    found = template_amplitudes(known, ids)
    for spike_id, value in zip(ids.tolist(), found.tolist(), strict=True):
        template = known.templates.waveform(int(known.spike_templates[spike_id]))
        size = max(np.ptp(template[:, c]) for c in range(template.shape[1]))
        assert value == pytest.approx(known.amplitudes[spike_id] * size * 0.5, rel=1e-4)


@pytest.mark.parametrize(
    "changes", [{"kind": "kilosort4", "gain": Gain(0.5, "")}, {"kind": "kilosort", "gain": None}]
)
def test_that_other_amplitudes_stay_in_the_unit_of_the_sorter(exported, changes):
    dataset = replace(exported, **changes)
    assert not can_be_in_uv(dataset)
    ids = np.arange(10, dtype=np.int32)
    assert template_amplitudes(dataset, ids).tolist() == exported.amplitudes[:10].tolist()


# Features --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("channel_id", "pc"), [(0, 0), (3, 1), (7, 2)])
def test_that_features_are_those_of_the_file_and_others_are_counted(exported, channel_id, pc):
    folder = exported.folder
    table = np.load(folder / "pc_features.npy")
    channels = np.load(folder / "pc_feature_ind.npy")
    rows = np.load(folder / "pc_feature_spike_ids.npy").tolist()
    answer = last_of(asked(exported, "feature", (0, 1, 3), channel_id=channel_id, pc=pc))
    for values, cluster_id in zip(answer.clusters, (0, 1, 3), strict=True):
        expected = {}
        own = np.flatnonzero(exported.spike_clusters == cluster_id).tolist()
        for spike_id in own:
            local = channels[exported.spike_templates[spike_id]].tolist()
            if spike_id in rows and channel_id in local:
                row, column = rows.index(spike_id), local.index(channel_id)
                expected[spike_id] = table[row, pc, column]
        assert values.spike_ids.tolist() == list(expected)
        assert values.values.tolist() == pytest.approx(list(expected.values()))
        assert values.n_without == len(own) - len(expected)
        assert values.n_not_finite == 0
    raw = exported.channels.raw_channels[channel_id]
    assert answer.name == f"PC{pc + 1} on channel {raw}"


def test_that_template_features_are_averaged_by_the_spikes_of_the_first_cluster(exported):
    # A cluster of two templates: 30 spikes of the one, 50 of the other.
    of = [np.flatnonzero(exported.spike_templates == k)[:n] for k, n in ((0, 30), (1, 50))]
    axis = np.sort(np.concatenate(of)).astype(np.int32)
    query = asked(
        exported,
        "template feature",
        axis=ProjectionAxis(9, axis),
        means=MeanFeatureCache(exported),
    )
    answer = last_of(query)
    folder = exported.folder
    table = np.load(folder / "template_features.npy")
    templates = np.load(folder / "template_feature_ind.npy")
    rows_file = folder / "template_feature_spike_ids.npy"
    rows = np.load(rows_file).tolist() if rows_file.exists() else list(range(1200))
    assert answer.name == "template feature of cluster 9"
    assert answer.clusters[0].n_shown > 0
    for values in (*answer.clusters, answer.background):
        for spike_id, value in zip(values.spike_ids.tolist(), values.values, strict=True):
            local = templates[exported.spike_templates[spike_id]].tolist()
            row = table[rows.index(spike_id)]
            known = [(n, row[local.index(k)]) for k, n in ((0, 30), (1, 50)) if k in local]
            expected = sum(n * v for n, v in known) / sum(n for n, _ in known)
            assert value == pytest.approx(expected, rel=1e-4, abs=1e-5)


# Raw -------------------------------------------------------------------------------------------


def test_that_raw_sizes_are_those_of_the_whole_recording_filtered(recorded):
    channel = 2
    ids = trains_of(recorded, (0, 1), channel)
    answer = last_of(asked(recorded, "raw", trains=ids, channel_id=channel))
    raw = recorded.raw.read(0, recorded.raw.n_samples, recorded.channels.raw_channels[[channel]])
    sections = butter(3, 300, "highpass", fs=recorded.sample_rate_hz, output="sos")
    filtered = sosfiltfilt(sections, raw[:, 0].astype(np.float64)) * recorded.uv_per_bit
    window = size_window(recorded)
    for values, train in zip(answer.clusters, ids, strict=True):
        assert values.n_without == values.n_asked - values.n_shown <= 2
        assert set(values.spike_ids.tolist()) <= set(train.spike_ids.tolist())
        for spike_id, value in zip(values.spike_ids.tolist(), values.values, strict=True):
            at = int(recorded.spike_samples[spike_id])
            part = filtered[at - window.n_before : at + window.n_after]
            assert value == pytest.approx(np.ptp(part), rel=0.03, abs=0.3)
    assert answer.unit == "\N{MICRO SIGN}V"
    assert answer.background.n_read == answer.background.n_asked


def test_that_the_window_is_a_part_of_the_template_around_its_trough(recorded):
    window = size_window(recorded)
    assert (window.n_before, window.n_after) == (15, 30)


def test_that_raw_spikes_come_as_a_sample_and_then_in_order_of_time(recorded):
    train = Train(np.arange(recorded.n_spikes, dtype=np.int32), 1, "all")
    answers = list(compute_amplitudes(asked(recorded, "raw", trains=(train,), channel_id=1)))
    first = answers[0].clusters[0]
    assert first.n_read == QUICK_SPIKES
    assert np.ptp(np.diff(first.spike_ids)) <= 1
    n_read = [answer.clusters[0].n_read for answer in answers]
    assert n_read == sorted(n_read)
    assert n_read[-1] == recorded.n_spikes
    assert [a.background is None for a in answers] == [True] * (len(answers) - 1) + [False]
    # Between two answers it can be stopped.
    assert len(answers) >= (recorded.n_spikes - QUICK_SPIKES) / CHUNK_SPIKES


def test_that_a_long_train_is_sampled_evenly_and_told(recorded):
    train = Train(np.arange(recorded.n_spikes, dtype=np.int32), 1, "all")
    values = last_of(asked(recorded, "raw", trains=(train,), channel_id=1, raw_limit=60))
    values = values.clusters[0]
    assert (values.n_read, values.n_asked) == (60, recorded.n_spikes)
    assert np.ptp(np.diff(values.spike_ids)) <= 1


def test_that_a_train_is_read_once(recorded, monkeypatch):
    cache = PeakToPeakCache()
    query = asked(recorded, "raw", (0, 1), (), cache=cache, channel_id=1)
    before = last_of(query)
    monkeypatch.setattr(type(recorded.raw), "read_snippets", None)
    answers = list(compute_amplitudes(query))
    assert answers[0].clusters[0].values.tolist() == before.clusters[0].values.tolist()
    assert answers[-1].clusters[1].values.tolist() == before.clusters[1].values.tolist()


def test_that_another_channel_is_another_question(recorded):
    cache = PeakToPeakCache()
    sizes = [
        last_of(asked(recorded, "raw", trains=trains_of(recorded, (0,), c), cache=cache))
        for c in (1, 5)
    ]
    a, b = (answer.clusters[0].values for answer in sizes)
    assert not np.allclose(a, b)


def test_that_spikes_beyond_the_end_of_the_file_are_counted(tmp_path):
    dataset = make_recorded_dataset(tmp_path, raw_share=0.5)
    values = last_of(asked(dataset, "raw", channel_id=0)).clusters[0]
    inside = dataset.spike_samples[values.spike_ids] < dataset.raw.n_samples
    assert inside.all()
    assert 0 < values.n_shown < values.n_asked
    assert values.n_shown + values.n_without == values.n_read == values.n_asked


def test_that_a_cluster_without_a_known_channel_reads_nothing(recorded):
    answer = last_of(asked(recorded, "raw", trains=trains_of(recorded, (0,), None)))
    assert answer.clusters[0].n_read == 0
    assert answer.clusters[0].n_asked > 0
    assert answer.background.n_read == 0
