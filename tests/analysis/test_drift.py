"""Drift: the depth of every spike, limits of axes, and how motion looks at a depth."""

from __future__ import annotations

import numpy as np
import pytest
from factories import make_positions, make_templates
from made_datasets import make_dataset

from gtview.analysis.drift import (
    FeatureDepths,
    compute_template_depths,
    count_unknown,
    displacement_at,
    find_depths,
    has_depths,
    sampled_limits,
)
from gtview.data.features import FeatureFile
from gtview.data.ground_truth import Motion
from gtview.kernels.mass_centres import find_centres

N_SPIKES, N_TEMPLATES, N_CHANNELS = 97, 4, 6


def dataset_of(tmp_path, *, features=True, templates=True, rows=None, **others):
    """Return a small dataset, and the features that it keeps on disk."""
    rng = np.random.default_rng(3)
    spike_templates = rng.integers(0, N_TEMPLATES, N_SPIKES).astype(np.int32)
    positions, _ = make_positions(N_CHANNELS)
    waveforms = make_templates(rng, N_TEMPLATES, 30, 10, positions) if templates else None
    values = None
    if features:
        n = N_SPIKES if rows is None else len(rows)
        values = rng.normal(0, 5, (n, 3, 4)).astype(np.float32)
        np.save(tmp_path / "pc_features.npy", values)
        channels = np.array([rng.permutation(N_CHANNELS)[:4] for _ in range(N_TEMPLATES)])
        channels[0, 3] = -1
        ids = None if rows is None else np.asarray(rows, np.int64)
        others["pc_features"] = FeatureFile.open(
            tmp_path / "pc_features.npy", channels.astype(np.int32), ids, N_SPIKES
        )
    samples = np.sort(rng.integers(0, 300_000, N_SPIKES))
    made = make_dataset(waveforms, samples, spike_templates, n_channels=N_CHANNELS, **others)
    return made, values


def slow_depth(dataset, spike_id, row):
    """Mean depth of the channels, weighted by squared first components."""
    channels = dataset.pc_features.channel_ids[dataset.spike_templates[spike_id]]
    total = moment = 0.0
    for channel, value in zip(channels, row, strict=True):
        if channel >= 0 and np.isfinite(value):
            total += float(value) ** 2
            moment += float(value) ** 2 * dataset.channels.positions_um[channel, 1]
    return moment / total if total else np.nan


def read_all(reader, n_rows=10):
    told = []
    while not reader.is_done:
        told.append(reader.fraction)
        reader.advance(n_rows)
    assert told == sorted(told)
    assert reader.fraction == 1
    return reader.result()


def test_that_positions_come_first_and_are_not_copied(tmp_path):
    positions = np.random.default_rng(1).random((N_SPIKES, 2)).astype(np.float32)
    positions[3] = np.nan
    dataset, _ = dataset_of(tmp_path, spike_positions_um=positions)
    depths = find_depths(dataset)
    assert depths.source == "positions"
    assert np.shares_memory(depths.depths_um, positions)
    np.testing.assert_array_equal(depths.depths_um, positions[:, 1])
    assert depths.n_unknown == 1


def test_that_the_depth_of_a_template_is_the_centre_of_its_large_channels(tmp_path):
    dataset, _ = dataset_of(tmp_path, features=False)
    sizes = dataset.templates.peak_to_peak()
    y = dataset.channels.positions_um[:, 1]
    for template, depth in enumerate(compute_template_depths(dataset)):
        large = sizes[template] >= 0.3 * sizes[template].max()
        expected = np.average(y[large], weights=sizes[template, large].astype(float) ** 2)
        assert depth == pytest.approx(expected, rel=1e-5)
    depths = find_depths(dataset)
    assert depths.source == "templates"
    np.testing.assert_array_equal(
        depths.depths_um, compute_template_depths(dataset)[dataset.spike_templates]
    )


def test_that_an_empty_template_has_no_depth():
    waveforms = np.zeros((2, 5, 3), np.float32)
    waveforms[0, 2, 1] = -1
    dataset = make_dataset(waveforms, np.arange(4), np.array([0, 1, 0, 1]))
    depths = find_depths(dataset)
    assert np.isnan(depths.depths_um).tolist() == [False, True, False, True]
    assert depths.depths_um[0] == dataset.channels.positions_um[1, 1]
    assert depths.n_unknown == 2


@pytest.mark.parametrize("n_rows", [1, 10, 97, 5000])
def test_that_depths_from_features_are_centres_of_mass(tmp_path, n_rows):
    dataset, values = dataset_of(tmp_path)
    found = read_all(FeatureDepths(dataset, find_depths(dataset)), n_rows)
    assert found.source == "features"
    expected = [slow_depth(dataset, i, values[i, 0]) for i in range(N_SPIKES)]
    np.testing.assert_allclose(found.depths_um, expected, rtol=1e-4)
    assert not found.depths_um.flags.writeable


@pytest.mark.parametrize("is_in_order", [True, False])
def test_that_spikes_without_features_keep_the_depth_of_their_template(tmp_path, is_in_order):
    rows = np.random.default_rng(2).permutation(N_SPIKES)[:40]
    rows = np.sort(rows) if is_in_order else rows
    dataset, values = dataset_of(tmp_path, rows=rows)
    first = find_depths(dataset)
    found = read_all(FeatureDepths(dataset, first))
    expected = np.array(first.depths_um)
    for row, spike_id in enumerate(rows):
        expected[spike_id] = slow_depth(dataset, spike_id, values[row, 0])
    np.testing.assert_allclose(found.depths_um, expected, rtol=1e-4)


def test_that_features_tell_depths_where_there_are_no_templates(tmp_path):
    dataset, _ = dataset_of(tmp_path, templates=False)
    assert find_depths(dataset).n_unknown == N_SPIKES
    assert read_all(FeatureDepths(dataset, find_depths(dataset))).n_unknown == 0


def test_that_features_of_nothing_or_of_no_numbers_tell_no_depth():
    values = np.array([[0, 0], [np.nan, np.inf], [np.nan, 2], [3, 4]], np.float32)
    channels = np.array([[0, 1]], np.int32)
    centres = find_centres(values, np.zeros(4, np.int32), channels, [10.0, 20.0])
    np.testing.assert_allclose(centres, [np.nan, np.nan, 20, (90 + 320) / 25])
    none = find_centres(values, np.zeros(4, np.int32), np.array([[-1, 7]]), [10.0, 20.0])
    assert np.isnan(none).all()


def test_that_it_is_said_whether_depths_can_be_told(tmp_path):
    assert has_depths(dataset_of(tmp_path)[0])
    assert has_depths(dataset_of(tmp_path, features=False)[0])
    assert not has_depths(dataset_of(tmp_path, features=False, templates=False)[0])


def test_that_unknown_values_are_counted():
    values = np.arange(3_000_000, dtype=np.float32)
    values[[0, 1_500_000, -1]] = np.nan, np.inf, -np.inf
    assert count_unknown(values) == 3
    assert count_unknown(values[:0]) == 0


def test_that_limits_leave_strays_and_missing_numbers_out():
    values = np.random.default_rng(1).uniform(10, 20, 500_001).astype(np.float32)
    values[::10_000] = 1e6
    values[1::100] = np.nan
    low, high = sampled_limits(values)
    assert low == pytest.approx(10, abs=0.05)
    assert high == pytest.approx(20, abs=0.05)
    assert sampled_limits(np.full(5, np.nan, np.float32)) is None
    assert sampled_limits(np.array([3.0], np.float32)) == (3.0, 3.0)


def test_that_motion_is_linear_between_times_and_depths_and_constant_outside():
    motion = Motion(
        np.array([0.0, 10.0]),
        np.array([0.0, 100.0, 400.0]),
        np.array([[0, 10, 40], [20, 30, 0]], np.float32),
    )
    times = np.array([-5.0, 0.0, 5.0, 10.0, 99.0])
    for depth, start, end in (
        (0, 0, 20), (100, 10, 30), (400, 40, 0), (50, 5, 25), (175, 17.5, 22.5),
        (-80, 0, 20), (900, 40, 0),
    ):  # fmt: skip
        expected = [start, start, (start + end) / 2, end, end]
        np.testing.assert_allclose(displacement_at(motion, times, depth), expected)
    rigid = Motion(motion.times_s, np.array([0.0]), motion.displacement_um[:, :1])
    for depth in (-100, 0, 77):
        np.testing.assert_allclose(displacement_at(rigid, times, depth), [0, 0, 10, 20, 20])
