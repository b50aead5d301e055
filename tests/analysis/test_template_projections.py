from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_datasets import make_recorded_dataset
from small_sessions import make_dataset

from gtview.analysis import template_features as template_features_module
from gtview.analysis.mean_features import MeanFeatureCache, compute_mean_features
from gtview.analysis.template_features import (
    ProjectionQuery,
    compute_projections,
    has_pairs,
    projection_source,
    share_channels,
)
from gtview.analysis.template_projections import (
    TemplateWeights,
    project_computed,
    project_raw,
    project_stored,
)
from gtview.data.features import FeatureFile

REAL = Path(__file__).resolve().parents[2] / "../shared/data/phy_template"


def phy_projection(values, columns, spike_templates, weights, spike):
    """Take phy's weighted average over all templates, where the file lacks none of them."""
    dense = np.zeros(len(weights))
    for column, template in enumerate(columns[spike_templates[spike]]):
        dense[template] = values[spike, column]
    return np.average(dense, weights=weights)


def reference_projection(values, columns, spike_templates, weights, spike):
    """Average by hand over the templates that the file holds for the spike."""
    total = weight = 0.0
    for column, template in enumerate(columns[spike_templates[spike]]):
        value = values[spike, column]
        if weights[template] > 0 and np.isfinite(value):
            total += weights[template] * value
            weight += weights[template]
    return total / weight if weight else np.nan


def make_stored(folder, columns, n_spikes=90, seed=0):
    rng = np.random.default_rng(seed)
    n_templates, n_local = columns.shape
    values = rng.normal(10, 4, (n_spikes, n_local)).astype(np.float32)
    values[5, 0] = np.nan
    path = folder / "template_features.npy"
    np.save(path, values)
    dataset = make_dataset({0: range(n_spikes)})
    templates = rng.integers(0, n_templates, n_spikes).astype(np.int32)
    file = FeatureFile.open(path, columns, None, n_spikes)
    return replace(dataset, spike_templates=templates, template_features=file), values


def split(dataset, n):
    """Return clusters of spikes of several templates each."""
    cluster = dataset.spike_templates % n
    return tuple(np.flatnonzero(cluster == k).astype(np.int32) for k in range(n))


@pytest.mark.parametrize("kind", ["all", "some"])
def test_that_stored_projections_are_averages_by_hand(tmp_path, kind):
    rng = np.random.default_rng(1)
    columns = np.array([rng.permutation(6)[: 6 if kind == "all" else 3] for _ in range(6)])
    dataset, values = make_stored(tmp_path, columns.astype(np.int32))
    clusters = split(dataset, 2)
    weights = TemplateWeights.of(dataset, clusters)
    counts = [np.bincount(dataset.spike_templates[c], minlength=6) for c in clusters]
    wanted = rng.permutation(90).astype(np.int32)
    given = project_stored(dataset, wanted, weights)
    for axis in range(2):
        for i, spike in enumerate(wanted):
            templates = dataset.spike_templates
            expected = reference_projection(values, columns, templates, counts[axis], spike)
            np.testing.assert_allclose(given.values[axis, i], expected, rtol=1e-6)
            if kind == "all" and spike != 5:
                phy = phy_projection(values, columns, templates, counts[axis], spike)
                np.testing.assert_allclose(given.values[axis, i], phy, rtol=1e-5)
            assert (given.n_shared[axis, i] == 0) == np.isnan(expected)
    if kind == "some":
        assert np.isnan(given.values).any()
    assert not (given.values == 0).any()


@pytest.mark.skipif(not REAL.is_dir(), reason="the real export is not here")
def test_that_stored_projections_of_a_real_export_are_those_of_phy():
    from gtview.data.phy_reader import read_export

    dataset = read_export(REAL)
    values = np.load(REAL / "template_features.npy")
    columns = np.load(REAL / "template_feature_ind.npy").astype(int)
    rows = np.load(REAL / "template_feature_spike_ids.npy").ravel().astype(int)
    cluster = np.flatnonzero(np.isin(dataset.spike_templates, (1, 3, 7))).astype(np.int32)
    other = np.flatnonzero(np.isin(dataset.spike_templates, (2, 5))).astype(np.int32)
    weights = TemplateWeights.of(dataset, (cluster, other))
    given = project_stored(dataset, cluster, weights)
    n = len(columns)
    for axis, axis_spikes in enumerate((cluster, other)):
        counts = np.bincount(dataset.spike_templates[axis_spikes], minlength=n)
        for i, spike in enumerate(given.spike_ids):
            row = np.flatnonzero(rows == spike)[0]
            dense = np.zeros(n)
            dense[columns[dataset.spike_templates[spike]]] = values[row]
            expected = np.average(dense, weights=counts)
            np.testing.assert_allclose(given.values[axis, i], expected, rtol=1e-5)
    assert given.n_without == len(cluster) - np.isin(cluster, rows).sum()


def test_that_spikes_without_a_row_are_absent_and_counted(tmp_path):
    path = tmp_path / "template_features.npy"
    np.save(path, np.ones((3, 2), np.float32))
    file = FeatureFile.open(path, None, np.array([0, 4, 7]), 10)
    dataset = replace(
        make_dataset({0: range(10)}),
        spike_templates=np.arange(10, dtype=np.int32) % 2,
        template_features=file,
    )
    everything = np.arange(10, dtype=np.int32)
    given = project_stored(dataset, everything, TemplateWeights.of(dataset, [everything]))
    np.testing.assert_array_equal(given.spike_ids, [0, 4, 7])
    assert given.n_without == 7


# Computed from principal components -------------------------------------------------------

CHANNELS = np.array([[0, 1, 2], [2, 1, 3], [3, 2, -1], [7, 8, 9]], np.int32)


def make_pcs(folder, n_spikes=160):
    rng = np.random.default_rng(7)
    values = rng.normal(3, 1, (n_spikes, 2, 3)).astype(np.float32)
    values[0, :, 1] = 0
    values[1, 0, 2] = np.nan
    path = folder / "pc_features.npy"
    np.save(path, values)
    dataset = make_dataset({0: range(n_spikes)})
    templates = (np.arange(n_spikes) % 4).astype(np.int32)
    file = FeatureFile.open(path, CHANNELS, None, n_spikes)
    return replace(dataset, spike_templates=templates, pc_features=file), values


def usable(values, spike, local):
    numbers = values[spike, :, local]
    return bool(np.isfinite(numbers).all() and (numbers != 0).any())


def reference_mean(dataset, values, template):
    """Return mean features by channel, over the spikes that have them."""
    spikes = np.flatnonzero(dataset.spike_templates == template)
    mean = {}
    for local, channel in enumerate(CHANNELS[template]):
        have = [values[s, :, local] for s in spikes if usable(values, s, local)]
        if channel >= 0 and have:
            mean[int(channel)] = np.mean(have, axis=0, dtype=np.float64)
    return mean


def reference_computed(dataset, values, spike, template):
    """Project one spike on one template by hand, with the number of channels they share."""
    mean = reference_mean(dataset, values, template)
    dot = power = n = 0
    for local, channel in enumerate(CHANNELS[dataset.spike_templates[spike]]):
        if int(channel) in mean and channel >= 0 and usable(values, spike, local):
            dot += float(values[spike, :, local] @ mean[int(channel)])
            power += float(mean[int(channel)] @ mean[int(channel)])
            n += 1
    return (dot / np.sqrt(power) if n else np.nan), n


def test_that_mean_features_are_means(tmp_path):
    dataset, values = make_pcs(tmp_path)
    for template in range(4):
        expected = reference_mean(dataset, values, template)
        given = compute_mean_features(dataset, template)
        found = dict(zip(given.channel_ids.tolist(), given.values, strict=True))
        for channel, mean in expected.items():
            np.testing.assert_allclose(found[channel], mean, rtol=1e-6)


def test_that_computed_projections_are_those_by_hand(tmp_path):
    dataset, values = make_pcs(tmp_path)
    templates = dataset.spike_templates
    clusters = tuple(np.flatnonzero(np.isin(templates, k)).astype(np.int32) for k in ((0, 2), 1))
    weights = TemplateWeights.of(dataset, clusters)
    wanted = np.arange(160, dtype=np.int32)
    given = project_computed(dataset, wanted, weights, MeanFeatureCache(dataset))
    for axis, members in enumerate(((0, 2), (1,))):
        for spike in wanted:
            parts = [reference_computed(dataset, values, spike, k) for k in members]
            known = [value for value, n in parts if n]
            # Both templates of the first cluster have as many spikes.
            expected = np.mean(known) if known else np.nan
            np.testing.assert_allclose(given.values[axis, spike], expected, rtol=1e-5)
            assert given.n_shared[axis, spike] == max(n for _, n in parts)


def test_that_a_projection_does_not_depend_on_the_size_of_the_template(tmp_path):
    dataset, _ = make_pcs(tmp_path)
    everything = np.arange(160, dtype=np.int32)
    weights = TemplateWeights.of(dataset, [everything[dataset.spike_templates == 0]])
    mean = compute_mean_features(dataset, 0)
    cache = MeanFeatureCache(dataset)
    first = project_computed(dataset, everything, weights, cache).values
    cache._known[0] = replace(mean, values=5 * mean.values)
    np.testing.assert_allclose(project_computed(dataset, everything, weights, cache).values, first)


def test_that_templates_without_a_channel_in_common_have_no_projection(tmp_path):
    dataset, _ = make_pcs(tmp_path)
    templates = dataset.spike_templates
    far = np.flatnonzero(templates == 3).astype(np.int32)
    near = np.flatnonzero(templates == 0).astype(np.int32)
    given = project_computed(
        dataset, near, TemplateWeights.of(dataset, [near, far]), MeanFeatureCache(dataset)
    )
    assert np.isfinite(given.values[0]).all()
    assert np.isnan(given.values[1]).all()
    assert (given.n_shared[1] == 0).all()


# From raw waveforms -----------------------------------------------------------------------


def test_that_raw_projections_find_the_size_of_each_template(tmp_path):
    dataset = make_recorded_dataset(tmp_path, noise=1.0, duration_s=8.0)
    clusters = tuple(np.flatnonzero(dataset.spike_templates == k).astype(np.int32) for k in (0, 1))
    given = project_raw(dataset, clusters[0], TemplateWeights.of(dataset, clusters))
    template = dataset.templates.waveform(0).astype(float) * dataset.uv_per_bit
    sizes = np.ptp(template, axis=0)
    own = np.argsort(-sizes)[:12]
    own = own[sizes[own] >= 0.1 * sizes.max()]
    norm = np.sqrt((template[:, own] ** 2).sum())
    # The recording holds the templates; the filter takes a little of each.
    np.testing.assert_allclose(np.median(given.values[0]), norm, rtol=0.15)
    assert np.median(given.values[0]) > np.median(given.values[1])
    assert (given.n_shared[0] == len(own)).all()
    assert given.n_asked == len(clusters[0])


# Queries ----------------------------------------------------------------------------------


def query_of(dataset, n=2):
    clusters = split(dataset, n)
    return ProjectionQuery(dataset, clusters, clusters, MeanFeatureCache(dataset))


def test_that_the_best_source_is_taken(tmp_path):
    dataset, _ = make_pcs(tmp_path)
    assert projection_source(make_dataset({0: range(5)})) is None
    assert projection_source(dataset) == "computed"
    stored, _ = make_stored(tmp_path, np.array([[0], [1]], np.int32))
    assert projection_source(stored) == "stored"
    assert projection_source(make_recorded_dataset(tmp_path)) == "raw"
    assert projection_source(make_recorded_dataset(tmp_path, with_templates=False)) is None


def test_that_a_sample_comes_first_and_then_all(tmp_path, monkeypatch):
    for name in ("QUICK_BYTES", "QUICK_SPIKES"):
        monkeypatch.setattr(template_features_module, name, 0)
    monkeypatch.setattr(template_features_module, "_CHUNK_SPIKES", 20)
    monkeypatch.setattr(template_features_module, "SAMPLED_SPIKES", 20)
    dataset, _ = make_pcs(tmp_path)
    query = query_of(dataset)
    answers = list(compute_projections(query))
    assert [a.is_full for a in answers[:-1]] == [False] * (len(answers) - 1)
    assert answers[-1].is_full
    assert 0 < len(answers[0].clusters[0].spike_ids) < 20
    weights = TemplateWeights.of(dataset, query.axes)
    for given, spikes in zip(answers[-1].clusters, query.spike_ids, strict=True):
        whole = project_computed(dataset, spikes, weights, query.means)
        np.testing.assert_array_equal(given.spike_ids, whole.spike_ids)
        np.testing.assert_allclose(given.values, whole.values, rtol=1e-6)


def test_that_raw_waveforms_come_part_by_part_up_to_a_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(template_features_module, "RAW_SPIKES", 40)
    dataset = make_recorded_dataset(tmp_path)
    answers = list(compute_projections(query_of(dataset)))
    counts = [sum(c.n_asked for c in a.clusters) for a in answers]
    assert counts == sorted(counts)
    assert len(answers) == 8
    assert counts[-1] == 80
    assert [a.is_full for a in answers] == [False] * 7 + [True]
    ids = np.sort(answers[0].clusters[0].spike_ids)
    assert ids[-1] - ids[0] > 0.7 * dataset.n_spikes * 4 / 5  # the first part is spread as well


def test_that_pairs_that_the_sorter_left_out_are_computed(tmp_path):
    """The file holds the projection on each spike's own template only."""
    own = np.arange(4, dtype=np.int32)[:, None]
    stored, _ = make_stored(tmp_path, own, n_spikes=160)
    dataset, _ = make_pcs(tmp_path)
    dataset = replace(dataset, template_features=stored.template_features)
    pairs = {}
    for a, b in ((0, 1), (0, 3)):
        clusters = tuple(
            np.flatnonzero(dataset.spike_templates == k).astype(np.int32) for k in (a, b)
        )
        query = ProjectionQuery(dataset, clusters, clusters, MeanFeatureCache(dataset))
        *_, pairs[a, b] = compute_projections(query)
        assert share_channels(query) == (b == 1)
    assert (pairs[0, 1].source, has_pairs(pairs[0, 1])) == ("computed", True)
    # Far apart: nothing can be computed either, and nothing is read for it.
    assert (pairs[0, 3].source, has_pairs(pairs[0, 3])) == ("stored", False)
