"""Splits that a computer suggests: mixtures in features, and original templates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from factories import make_phy_folder

from gtview.analysis.suggested_splits import MixtureQuery, divide_by_mixture, divide_by_template
from gtview.base.errors import UsageError
from gtview.data.phy_reader import read_export


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Four clusters; every seventh spike has no features."""
    return make_phy_folder(
        tmp_path_factory.mktemp("export") / "phy", n_spikes=3000, n_clusters=4, seed=5,
        dialect="kilosort4", n_local=16,
        feature_spike_ids=np.flatnonzero(np.arange(3000) % 7),
    )  # fmt: skip


def with_features(made, values):
    """Write features on two channels of two components, and read the export again."""
    path = made.path
    table = np.load(path / "pc_features.npy")
    ids = np.load(path / "pc_feature_spike_ids.npy")
    channels = np.load(path / "pc_feature_ind.npy")[made.spike_templates[ids]]
    table[:] = 0.001
    for channel in (0, 1):
        row, column = np.nonzero(channels == channel)
        assert len(row) == len(ids)
        # On disk: spike, component, channel.
        table[row, :2, column] = values[ids[row], 2 * channel : 2 * channel + 2]
    np.save(path / "pc_features.npy", table)
    return read_export(path)


@pytest.fixture(scope="module")
def mixed(made):
    """One cluster out of three clouds in four dimensions."""
    rng = np.random.default_rng(0)
    cloud = rng.choice(3, 3000, p=(0.5, 0.3, 0.2))
    centres = np.array([[0, 0, 0, 0], [9, 1, -4, 2], [-3, 8, 5, -6]], np.float32)
    values = centres[cloud] + rng.normal(0, 1, (3000, 4)).astype(np.float32)
    dataset = with_features(made, values)
    return dataset, cloud


def answer(query):
    *chances, found = divide_by_mixture(query)
    assert chances
    assert all(chance is None for chance in chances)
    return found


def query_of(dataset, n_parts=None):
    spikes = np.arange(dataset.n_spikes, dtype=np.int32)
    return MixtureQuery(dataset, (0,), (spikes,), (0, 1), 2, n_parts)


def test_that_clouds_are_found_and_counted(mixed):
    dataset, cloud = mixed
    found = answer(query_of(dataset))
    assert found.n_best == 3
    has = dataset.pc_features.rows_of(np.arange(3000)) >= 0
    assert found.left_out == {0: int((~has).sum())}
    assert sum(map(len, found.parts)) == has.sum()
    assert [len(part) for part in found.parts] == sorted(map(len, found.parts), reverse=True)
    for part in found.parts:
        # Nearly all spikes of a part are of one cloud, and nearly all of that cloud.
        counts = np.bincount(cloud[part], minlength=3)
        best = counts.argmax()
        assert counts[best] > 0.99 * len(part)
        assert counts[best] > 0.99 * np.count_nonzero(has & (cloud == best))


def test_that_a_number_of_parts_can_be_asked_for(mixed):
    found = answer(query_of(mixed[0], 2))
    assert len(found.parts) == 2
    assert found.n_best is None


def test_that_one_cloud_is_told_and_still_divided_in_two(made):
    values = np.random.default_rng(1).normal(0, 1, (3000, 4)).astype(np.float32)
    found = answer(query_of(with_features(made, values)))
    assert found.n_best == 1
    assert len(found.parts) == 2


def test_that_a_few_strays_are_no_part(made):
    rng = np.random.default_rng(2)
    values = rng.normal(0, 1, (3000, 4)).astype(np.float32)
    values[1500:] += 12
    values[:14] += 500
    found = answer(query_of(with_features(made, values)))
    assert found.n_best == 2


def test_that_too_few_spikes_are_not_divided(mixed):
    query = replace(query_of(mixed[0]), spike_ids=(np.arange(30, dtype=np.int32),))
    with pytest.raises(UsageError, match="Too few"):
        answer(query)


def test_that_templates_divide_what_was_merged(mixed):
    dataset = mixed[0]
    spikes = [np.flatnonzero(np.isin(dataset.spike_templates, (0, 2))).astype(np.int32)]
    parts = divide_by_template(dataset, spikes)
    expected = sorted(
        (np.flatnonzero(dataset.spike_templates == t).tolist() for t in (0, 2)),
        key=len,
        reverse=True,
    )
    assert [part.tolist() for part in parts] == expected
    with pytest.raises(UsageError, match="one template"):
        divide_by_template(dataset, [parts[0]])
