from __future__ import annotations

import numpy as np
import pytest
from factories import make_phy_folder

from gtview.base.errors import DatasetError
from gtview.curation.clustering import Clustering
from gtview.data.phy_reader import read_export


@pytest.fixture
def made(tmp_path):
    return make_phy_folder(tmp_path / "phy", n_spikes=600, with_raw=True)


def save(made, name, array):
    np.save(made.path / f"{name}.npy", array)


def load(made, name):
    return np.load(made.path / f"{name}.npy")


def remove(made, name):
    (made.path / f"{name}.npy").unlink()


def edit_params(made, **values):
    lines = (made.path / "params.py").read_text().splitlines()
    kept = [line for line in lines if line.split(" = ")[0] not in values]
    added = [f"{name} = {value!r}" for name, value in values.items() if value is not ...]
    (made.path / "params.py").write_text("\n".join(kept + added) + "\n")


def cut(made, name):
    path = made.path / f"{name}.npy"
    path.write_bytes(path.read_bytes()[:-9])


def with_first(array, value, n=1):
    array = array.copy()
    array.reshape(-1)[:n] = value
    return array


def _with_long_ids(clusters):
    clusters = clusters.astype(np.int64)
    clusters[clusters == 2] = 2**31 + 5
    clusters[clusters == 3] = 10**12
    return clusters


# What is done to the export, and the file that the refusal must name.
REFUSED = {
    "no params": (lambda m: (m.path / "params.py").unlink(), "params.py"),
    "bad params": (lambda m: (m.path / "params.py").write_text("x = ="), "params.py"),
    "no sample rate": (lambda m: edit_params(m, sample_rate=...), "sample_rate"),
    "rate of zero": (lambda m: edit_params(m, sample_rate=0), "sample_rate"),
    "rate of text": (lambda m: edit_params(m, sample_rate="fast"), "sample_rate"),
    "no times": (lambda m: remove(m, "spike_times"), "spike_times.npy"),
    "times cut off": (lambda m: cut(m, "spike_times"), "spike_times.npy"),
    "no spike": (lambda m: save(m, "spike_times", np.empty(0, int)), "spike_times.npy"),
    "seconds": (lambda m: save(m, "spike_times", m.spike_samples / 30_000), "seconds"),
    "NaN times": (lambda m: save(m, "spike_times", np.full(600, np.nan)), "spike_times.npy"),
    "2-D times": (lambda m: save(m, "spike_times", np.ones((300, 2), int)), "spike_times.npy"),
    "huge times": (lambda m: save(m, "spike_times", np.full(600, 2**60)), "spike_times.npy"),
    "object times": (
        lambda m: save(m, "spike_times", np.array([None] * 600, object)),
        "spike_times.npy",
    ),
    "short templates": (
        lambda m: save(m, "spike_templates", m.spike_templates[:-1]),
        "spike_templates.npy",
    ),
    "long clusters": (
        lambda m: save(m, "spike_clusters", np.r_[m.spike_clusters, 0]),
        "spike_clusters.npy",
    ),
    "neither": (
        lambda m: (remove(m, "spike_templates"), remove(m, "spike_clusters")),
        "spike_templates.npy",
    ),
    "absurd templates": (
        lambda m: save(m, "spike_templates", with_first(m.spike_templates, 10**8)),
        "spike_templates.npy",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_that_what_cannot_be_opened_is_refused_by_name_in_one_sentence(made, case):
    damage, word = REFUSED[case]
    damage(made)
    with pytest.raises(DatasetError) as caught:
        read_export(made.path)
    assert word in str(caught.value)
    assert "\n" not in str(caught.value)


# What is done, the level and file of the one diagnostic, and what must be true of the dataset.
REPAIRED = {
    "unsorted times": (
        lambda m: save(m, "spike_times", m.spike_samples[::-1]),
        ("warning", "spike_times.npy"),
        lambda d, m: (
            np.array_equal(d.spike_samples, m.spike_samples[::-1])
            and np.array_equal(d.spike_samples[d.time_order], m.spike_samples)
        ),
    ),
    "negative times": (
        lambda m: save(m, "spike_times", with_first(m.spike_samples, -5)),
        ("warning", "spike_times.npy"),
        lambda d, m: d.spike_samples[0] == 0 and d.time_order is None,
    ),
    "empty clusters": (
        lambda m: (m.path / "spike_clusters.npy").write_bytes(b""),
        ("error", "spike_clusters.npy"),
        lambda d, m: np.array_equal(d.spike_clusters, m.spike_templates),
    ),
    "object clusters": (
        lambda m: save(m, "spike_clusters", np.array([None] * 600, object)),
        ("error", "spike_clusters.npy"),
        lambda d, m: np.array_equal(d.spike_clusters, m.spike_templates),
    ),
    "fractions of clusters": (
        lambda m: save(m, "spike_clusters", m.spike_clusters + 0.5),
        ("error", "spike_clusters.npy"),
        lambda d, m: np.array_equal(d.spike_clusters, m.spike_templates),
    ),
    "no spike templates": (
        lambda m: remove(m, "spike_templates"),
        ("warning", "spike_templates.npy"),
        lambda d, m: np.array_equal(d.spike_templates, m.spike_clusters),
    ),
    "negative clusters": (
        lambda m: save(m, "spike_clusters", with_first(m.spike_clusters, -1, 3)),
        ("warning", "spike_clusters.npy"),
        lambda d, m: (
            d.spike_clusters[:4].tolist() == [8, 8, 8, m.spike_clusters[3]]
            and Clustering(d.spike_clusters).n_clusters == 9
        ),
    ),
    "huge clusters": (
        lambda m: save(m, "spike_clusters", with_first(m.spike_clusters, 2**31 - 2)),
        ("warning", "spike_clusters.npy"),
        lambda d, m: d.spike_clusters[0] == 8,
    ),
    "clusters beyond int32": (
        lambda m: save(m, "spike_clusters", _with_long_ids(m.spike_clusters)),
        ("warning", "spike_clusters.npy"),
        # Two clusters, not the one that both would be cut to.
        lambda d, m: (
            set(d.spike_clusters[m.spike_clusters == 2]) == {8}
            and set(d.spike_clusters[m.spike_clusters == 3]) == {9}
            and Clustering(d.spike_clusters).n_clusters == 8
        ),
    ),
    "templates of zeros": (
        lambda m: save(m, "templates", 0 * load(m, "templates")),
        ("warning", "templates.npy"),
        lambda d, m: not d.templates.peak_to_peak().any(),
    ),
    "templates beyond any size": (
        lambda m: save(m, "templates", with_first(load(m, "templates"), 1e38)),
        ("warning", "templates.npy"),
        lambda d, m: np.isfinite(d.templates.peak_to_peak()).all(),
    ),
    "templates beyond": (
        lambda m: save(m, "spike_templates", with_first(m.spike_templates, 11)),
        ("error", "spike_templates.npy"),
        lambda d, m: (
            d.n_templates == 12
            and not d.templates.waveform(11).any()
            and d.similar_templates.shape == (12, 12)
            and len(d.template_gain) == 12
            and len(d.pc_features.channel_ids) == 12
        ),
    ),
    "negative templates": (
        lambda m: save(m, "spike_templates", with_first(m.spike_templates, -1)),
        ("warning", "spike_templates.npy"),
        lambda d, m: d.spike_templates[0] == 8 and d.n_templates == 9,
    ),
    "short amplitudes": (
        lambda m: save(m, "amplitudes", np.ones(599)),
        ("warning", "amplitudes.npy"),
        lambda d, m: d.amplitudes is None and d.template_gain is None,
    ),
    "NaN amplitudes": (
        lambda m: save(m, "amplitudes", with_first(np.ones(600), np.nan)),
        ("warning", "amplitudes.npy"),
        lambda d, m: d.amplitudes[0] == 0,
    ),
    "amplitudes cut off": (
        lambda m: cut(m, "amplitudes"),
        ("error", "amplitudes.npy"),
        lambda d, m: d.amplitudes is None,
    ),
    "short positions of spikes": (
        lambda m: save(m, "spike_positions", np.ones((599, 2))),
        ("warning", "spike_positions.npy"),
        lambda d, m: d.spike_positions_um is None,
    ),
    "kept spikes of another run": (
        lambda m: save(m, "kept_spikes", np.ones(700, bool)),
        ("warning", "kept_spikes.npy"),
        lambda d, m: True,
    ),
    "map beyond the raw file": (
        lambda m: save(m, "channel_map", m.raw_channels + 3),
        ("error", "channel_map.npy"),
        lambda d, m: d.raw is None and d.n_raw_channels == 16,
    ),
    "map that counts from 1": (
        lambda m: save(m, "channel_map", m.raw_channels + 1),
        ("warning", "channel_map.npy"),
        lambda d, m: np.array_equal(d.channels.raw_channels, m.raw_channels),
    ),
    "no map": (
        lambda m: remove(m, "channel_map"),
        ("warning", "channel_map.npy"),
        lambda d, m: d.channels.raw_channels.tolist() == list(range(16)),
    ),
    "no positions": (
        lambda m: remove(m, "channel_positions"),
        ("warning", "channel_positions.npy"),
        lambda d, m: _are_apart(d),
    ),
    "two channels at one place": (
        lambda m: save(m, "channel_positions", with_first(m.positions_um, m.positions_um[1], 2)),
        ("warning", "channel_positions.npy"),
        lambda d, m: (
            _are_apart(d) and np.array_equal(d.channels.positions_um[2:], m.positions_um[2:])
        ),
    ),
    "all channels at one place": (
        lambda m: save(m, "channel_positions", np.zeros((16, 2))),
        ("warning", "channel_positions.npy"),
        lambda d, m: _are_apart(d),
    ),
    "NaN positions": (
        lambda m: save(m, "channel_positions", with_first(m.positions_um, np.nan)),
        ("warning", "channel_positions.npy"),
        lambda d, m: _are_apart(d),
    ),
    "positions of another probe": (
        lambda m: save(m, "channel_positions", m.positions_um[:-1]),
        ("warning", "channel_positions.npy"),
        lambda d, m: _are_apart(d),
    ),
    "short shanks": (
        lambda m: save(m, "channel_shanks", np.ones(3)),
        ("warning", "channel_shanks.npy"),
        lambda d, m: not d.channels.shanks.any(),
    ),
    "similarity of the wrong shape": (
        lambda m: save(m, "similar_templates", np.eye(9)),
        ("warning", "similar_templates.npy"),
        lambda d, m: d.similar_templates is None,
    ),
    "NaN templates": (
        lambda m: save(m, "templates", with_first(load(m, "templates"), np.nan, 3)),
        ("warning", "templates.npy"),
        lambda d, m: np.isfinite(d.templates.waveform(0)).all(),
    ),
    "templates cut off": (
        lambda m: cut(m, "templates"),
        ("error", "templates.npy"),
        lambda d, m: d.templates is None and d.n_templates == 8,
    ),
    "flat templates": (
        lambda m: save(m, "templates", np.ones(8)),
        ("error", "templates.npy"),
        lambda d, m: d.templates is None,
    ),
    "whitening of another probe": (
        lambda m: (remove(m, "whitening_mat_inv"), save(m, "whitening_mat", np.eye(4))),
        ("warning", "whitening_mat.npy"),
        lambda d, m: not d.has_whitening,
    ),
    "whitening without inverse": (
        lambda m: (remove(m, "whitening_mat_inv"), save(m, "whitening_mat", np.ones((16, 16)))),
        ("warning", "whitening_mat.npy"),
        lambda d, m: np.isfinite(d.templates.waveform(0)).all(),
    ),
    "features of other spikes": (
        lambda m: save(m, "pc_features", np.ones((599, 3, 8), np.float32)),
        ("error", "pc_features.npy"),
        lambda d, m: d.pc_features is None,
    ),
    "features of spikes that do not exist": (
        lambda m: save(m, "pc_feature_spike_ids", np.arange(1, 601)),
        ("error", "pc_features.npy"),
        lambda d, m: d.pc_features is None,
    ),
    "features on unknown channels": (
        lambda m: remove(m, "pc_feature_ind"),
        ("error", "pc_features.npy"),
        lambda d, m: d.pc_features is None,
    ),
    "features of some templates": (
        lambda m: save(m, "pc_feature_ind", load(m, "pc_feature_ind")[:5]),
        ("warning", "pc_feature_ind.npy"),
        lambda d, m: (d.pc_features.channel_ids[5:] == -1).all(),
    ),
    "raw file cut off within a sample": (
        lambda m: m.raw_path.write_bytes(m.raw_path.read_bytes()[:-3]),
        ("warning", "raw.bin"),
        lambda d, m: d.raw.n_samples == len(m.raw) - 1,
    ),
    "raw file that ends too early": (
        lambda m: m.raw[: len(m.raw) // 2].tofile(m.raw_path),
        ("warning", "raw.bin"),
        lambda d, m: d.duration_s == (m.spike_samples[-1] + 1) / 30_000,
    ),
    "compressed raw file": (
        lambda m: (
            m.raw_path.rename(m.path / "raw.cbin"),
            edit_params(m, dat_path="raw.cbin"),
        ),
        ("warning", "raw.cbin"),
        lambda d, m: d.raw is None,
    ),
    "missing raw file": (
        lambda m: m.raw_path.unlink(),
        ("warning", "params.py"),
        lambda d, m: d.raw is None and d.raw_path_asked == "../raw.bin",
    ),
    "no dtype": (
        lambda m: edit_params(m, dtype=...),
        ("warning", "params.py"),
        lambda d, m: d.raw.n_samples == len(m.raw),
    ),
    "dtype of nothing": (
        lambda m: edit_params(m, dtype="float12"),
        ("error", "params.py"),
        lambda d, m: d.raw is None,
    ),
    "no channel count": (
        lambda m: edit_params(m, n_channels_dat=...),
        ("warning", "params.py"),
        lambda d, m: d.raw is None and d.n_raw_channels == 16,
    ),
    "negative offset": (
        lambda m: edit_params(m, offset=-2),
        ("warning", "params.py"),
        lambda d, m: d.raw.n_samples == len(m.raw),
    ),
}


def _are_apart(dataset):
    positions = dataset.channels.positions_um
    return np.isfinite(positions).all() and len(np.unique(positions, axis=0)) == 16


@pytest.mark.parametrize("case", REPAIRED)
def test_that_damage_is_repaired_in_memory_and_told_once(made, case):
    damage, expected, is_repaired = REPAIRED[case]
    damage(made)
    dataset = read_export(made.path)
    assert [(d.level, d.file) for d in dataset.diagnostics] == [expected]
    assert dataset.diagnostics[0].message.endswith(".")
    assert dataset.diagnostics[0].meaning
    assert is_repaired(dataset, made)


def test_that_labels_follow_clusters_that_get_another_id(made):
    save(made, "spike_clusters", with_first(made.spike_clusters, -1))
    (made.path / "cluster_group.tsv").write_text("cluster_id\tgroup\n-1\tnoise\n0\tgood\n")
    dataset = read_export(made.path)
    assert dict(dataset.properties.values("group")) == {8: "noise", 0: "good"}


@pytest.mark.parametrize("name", ["channel_shanks", "channel_probe", "channel_groups"])
def test_that_every_file_of_shanks_counts(made, name):
    remove(made, "channel_shanks")
    save(made, name, np.arange(16).reshape(-1, 1) // 4)
    assert read_export(made.path).channels.shanks.tolist() == (np.arange(16) // 4).tolist()


def test_that_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="params"):
        read_export(tmp_path / "nothing")
