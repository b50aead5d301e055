from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from factories import DIALECTS, make_phy_folder, make_whitening, nearest_channels, write_table

from gtview.base.errors import DatasetError
from gtview.data.dataset import Gain
from gtview.data.phy_reader import read_export

SHARED = Path(__file__).resolve().parents[2] / "../shared/data"


def load(made, name):
    return np.load(made.path / f"{name}.npy")


def save(made, name, array):
    np.save(made.path / f"{name}.npy", array)


def edit_params(made, **values):
    lines = (made.path / "params.py").read_text().splitlines()
    kept = [line for line in lines if line.split(" = ")[0] not in values]
    added = [f"{name} = {value!r}" for name, value in values.items() if value is not ...]
    (made.path / "params.py").write_text("\n".join(kept + added) + "\n")


def scaled_waveform(dataset, template):
    waveform = dataset.templates.waveform(template)
    return (
        waveform if dataset.template_gain is None else waveform * dataset.template_gain[template]
    )


@pytest.fixture(params=DIALECTS)
def dialect(request):
    return request.param


@pytest.fixture
def made(tmp_path):
    return make_phy_folder(tmp_path / "phy")


def test_that_every_dialect_opens_as_what_was_written(tmp_path, dialect):
    made = make_phy_folder(
        tmp_path / "phy", dialect=dialect, n_shanks=2, n_raw_channels=20, with_raw=True
    )
    dataset = read_export(made.path)
    assert dataset.diagnostics == ()
    assert dataset.kind == {"kilosort1": "kilosort", "kilosort2": "kilosort"}.get(dialect, dialect)
    assert dataset.spike_samples.dtype == np.int64
    assert dataset.spike_clusters.dtype == dataset.spike_templates.dtype == np.int32
    assert np.array_equal(dataset.spike_samples, made.spike_samples)
    assert np.array_equal(dataset.spike_templates, made.spike_templates)
    assert np.array_equal(dataset.spike_clusters, made.spike_clusters)
    assert dataset.time_order is None
    assert dataset.amplitudes.shape == made.spike_samples.shape
    assert np.array_equal(dataset.channels.raw_channels, made.raw_channels)
    assert np.array_equal(dataset.channels.positions_um, made.positions_um)
    assert np.array_equal(dataset.channels.shanks, made.shanks)
    assert (dataset.n_raw_channels, dataset.sample_rate_hz) == (20, 30_000.0)
    assert dataset.duration_s == made.duration_s
    assert dataset.raw.n_samples == len(made.raw)
    assert dataset.has_whitening == (dialect != "spikeinterface")
    assert not dataset.is_high_passed


def test_that_scaled_templates_are_what_the_raw_file_holds(tmp_path, dialect):
    made = make_phy_folder(tmp_path / "phy", dialect=dialect)
    dataset = read_export(made.path)
    expected = made.templates_raw.copy()
    if dialect == "spikeinterface":
        ids = nearest_channels(made, 8)
        for k, channels in enumerate(ids):
            unused = np.ones(16, bool)
            unused[channels[: 6 if k % 2 == 0 else 8]] = False
            expected[k][:, unused] = 0
    for k in range(dataset.n_templates):
        # Kilosort 1 to 3: the size is a median over spikes of 5 % spread.
        tolerance = 0.03 if dialect in ("kilosort1", "kilosort2") else 1e-4
        size = np.abs(expected[k]).max()
        assert np.allclose(scaled_waveform(dataset, k), expected[k], atol=tolerance * size)
    assert dataset.templates.trough_sample == made.n_before


@pytest.mark.parametrize("whitening", ["identity", "scaled", "real", None])
@pytest.mark.parametrize("has_inverse", [True, False])
def test_that_templates_are_unwhitened(tmp_path, whitening, has_inverse):
    made = make_phy_folder(tmp_path / "phy", dialect="kilosort4", whitening=whitening)
    if whitening and not has_inverse:
        (made.path / "whitening_mat_inv.npy").unlink()
    dataset = read_export(made.path)
    assert dataset.has_whitening == (whitening in ("scaled", "real"))
    assert np.allclose(dataset.templates.waveform(0), made.templates_raw[0], atol=0.02)


@pytest.mark.parametrize("dialect", ["kilosort4", "spikeinterface"])
def test_that_template_scaling_multiplies_templates(tmp_path, dialect):
    made = make_phy_folder(tmp_path / "phy", dialect=dialect)
    before = read_export(made.path).templates.waveform(0)
    edit_params(made, template_scaling=20.0)
    assert np.allclose(read_export(made.path).templates.waveform(0), 20 * before, rtol=1e-4)


def test_that_opening_changes_no_byte_and_makes_no_file(tmp_path, dialect):
    made = make_phy_folder(tmp_path / "phy", dialect=dialect, with_raw=True)
    (made.path / "spike_clusters.npy").unlink()
    (made.path / "whitening_mat_inv.npy").unlink(missing_ok=True)
    templates = load(made, "templates")
    templates[0, 0, 0] = np.nan
    save(made, "templates", templates)
    for path in made.path.iterdir():
        path.chmod(0o444)
    made.path.chmod(0o555)
    try:
        before = _take_stock(tmp_path)
        dataset = read_export(made.path)
        dataset.templates.waveform(0)
        assert _take_stock(tmp_path) == before
    finally:
        made.path.chmod(0o755)
    for array in (dataset.spike_samples, dataset.spike_clusters, dataset.amplitudes):
        assert not array.flags.writeable


def _take_stock(folder):
    return {
        str(path): (
            path.stat().st_mtime_ns,
            path.stat().st_mode,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in [folder, *sorted(folder.rglob("*"))]
    }


def test_that_params_are_not_run_and_its_file_can_be_named(made):
    mark = made.path.parent / "executed"
    with (made.path / "params.py").open("a") as file:
        file.write(f"open({str(mark)!r}, 'w')\n")
    dataset = read_export(made.path / "params.py")
    assert next(d.level for d in dataset.diagnostics if d.file == "params.py") == "warning"
    assert dataset.folder == made.path
    assert not mark.exists()


def test_that_a_missing_assignment_starts_as_the_templates(made):
    (made.path / "spike_clusters.npy").unlink()
    dataset = read_export(made.path)
    assert np.array_equal(dataset.spike_clusters, made.spike_templates)
    assert [d for d in dataset.diagnostics if d.level != "info"] == []


def test_that_the_assignment_is_not_mapped(made):
    # Other programs cut this file off while they write it: a map would end the process.
    save(made, "spike_clusters", made.spike_clusters)
    dataset = read_export(made.path)
    os.truncate(made.path / "spike_clusters.npy", 0)
    assert np.array_equal(dataset.spike_clusters, made.spike_clusters)


def test_that_a_dataset_of_one_template_opens(tmp_path, dialect):
    made = make_phy_folder(tmp_path / "phy", dialect=dialect, n_clusters=1, n_spikes=50)
    dataset = read_export(made.path)
    assert dataset.n_templates == 1
    assert dataset.similar_templates.shape == (1, 1)
    assert dataset.templates.waveform(0).shape == made.templates_raw[0].shape
    for name in ("templates", "similar_templates", "template_ind", "pc_feature_ind"):
        if (made.path / f"{name}.npy").exists():
            save(made, name, load(made, name).squeeze())
    squeezed = read_export(made.path)
    assert [d for d in squeezed.diagnostics if d.level != "info"] == []
    assert np.array_equal(squeezed.templates.waveform(0), dataset.templates.waveform(0))
    assert squeezed.pc_features is not None


def test_that_a_dataset_of_one_spike_opens(tmp_path, dialect):
    made = make_phy_folder(tmp_path / "phy", dialect=dialect, n_clusters=1, n_spikes=1)
    dataset = read_export(made.path)
    assert dataset.n_spikes == 1
    assert dataset.amplitudes.shape == (1,)


@pytest.mark.parametrize("name", ["template_ind", "templates_ind"])
def test_that_sparse_templates_lie_on_their_channels(tmp_path, name):
    made = make_phy_folder(tmp_path / "phy", dialect="kilosort4", whitening=None)
    order = np.stack([np.random.default_rng(k).permutation(16) for k in range(8)])
    local = np.take_along_axis(made.templates_raw, order[:, None], axis=2)
    save(made, "templates", local)
    save(made, name, order.astype(float))
    dataset = read_export(made.path)
    assert np.allclose(dataset.templates.waveform(3), made.templates_raw[3])


def test_that_padding_is_not_a_channel(tmp_path):
    made = make_phy_folder(tmp_path / "phy", dialect="spikeinterface", n_local=4)
    ids, templates = load(made, "template_ind"), load(made, "templates")
    assert (ids[0] == -1).any()
    templates[0][:, ids[0] == -1] = 1e6
    save(made, "templates", templates)
    assert np.abs(read_export(made.path).templates.waveform(0)).max() < 1e4


def test_that_an_export_without_templates_opens(tmp_path, dialect):
    made = make_phy_folder(tmp_path / "phy", dialect=dialect, with_templates=False)
    dataset = read_export(made.path)
    assert dataset.templates is None
    assert dataset.template_gain is None
    assert dataset.n_templates == 8
    assert dataset.pc_features is not None
    assert ("info", "templates.npy") in [(d.level, d.file) for d in dataset.diagnostics]


def test_that_features_of_a_subset_are_absent_elsewhere(tmp_path):
    rows = np.arange(0, 2000, 3)
    made = make_phy_folder(tmp_path / "phy", feature_spike_ids=rows)
    dataset = read_export(made.path)
    for features in (dataset.pc_features, dataset.template_features):
        _, has = features.read(np.arange(6))
        assert has.tolist() == [True, False, False, True, False, False]
    values, _ = dataset.pc_features.read(np.array([6]))
    assert np.array_equal(values[0].T, load(made, "pc_features")[2])


def test_that_features_belong_to_the_channels_of_the_template(tmp_path, dialect):
    made = make_phy_folder(tmp_path / "phy", dialect=dialect, with_raw=True)
    features = read_export(made.path).pc_features
    assert np.array_equal(features.channel_ids, nearest_channels(made, 8))


def test_that_other_arrays_of_the_spikes_are_attributes(made):
    rng = np.random.default_rng(0)
    n = len(made.spike_samples)
    depth, pair = rng.normal(size=(n, 1)), rng.normal(size=(n, 2)).astype(">f4")
    save(made, "spike_depth", depth)
    save(made, "spike_pair", pair)
    save(made, "spike_times_reordered", made.spike_samples)
    save(made, "spike_short", depth[:-1])
    save(made, "spike_positions", np.c_[pair, pair[:, 0]])
    dataset = read_export(made.path)
    assert sorted(dataset.spike_attributes) == ["depth", "pair"]
    assert np.array_equal(dataset.spike_attributes["depth"], depth[:, 0])
    assert np.array_equal(dataset.spike_attributes["pair"], pair)
    assert np.array_equal(dataset.spike_positions_um, pair)
    assert [d.file for d in dataset.diagnostics if d.level == "warning"] == ["spike_short.npy"]


def test_that_the_raw_file_is_found_by_name(tmp_path):
    made = make_phy_folder(tmp_path / "phy", with_raw=True)
    for asked in ("raw.bin", "/elsewhere/raw.bin", r"D:\data\raw.bin", ["gone/raw.bin"]):
        edit_params(made, dat_path=asked)
        dataset = read_export(made.path)
        assert dataset.raw.paths == (made.raw_path,)
        assert ("info", "params.py") in [(d.level, d.file) for d in dataset.diagnostics]


@pytest.mark.parametrize("asked", ["", "None", [], None, [""], ..., 3])
def test_that_an_export_that_names_no_raw_file_opens(made, asked):
    edit_params(made, dat_path=asked)
    dataset = read_export(made.path)
    assert dataset.raw is None
    assert dataset.raw_path_asked == ""
    assert dataset.duration_s == (made.spike_samples[-1] + 1) / 30_000
    assert [d.level for d in dataset.diagnostics] == ["info"]


def test_that_several_files_are_one_recording(tmp_path):
    made = make_phy_folder(tmp_path / "phy", with_raw=True)
    half = len(made.raw) // 2
    made.raw[:half].tofile(made.path / "a.bin")
    made.raw[half:].tofile(made.path / "b.bin")
    edit_params(made, dat_path=("a.bin", "b.bin"))
    raw = read_export(made.path).raw
    assert raw.n_samples == len(made.raw)
    assert np.array_equal(raw.read(half - 5, half + 5), made.raw[half - 5 : half + 5])
    edit_params(made, dat_path=["a.bin", "c.bin"])
    dataset = read_export(made.path)
    assert dataset.raw is None
    assert dataset.raw_path_asked == "a.bin, c.bin"
    assert "c.bin" in dataset.diagnostics[0].message


def test_that_the_user_may_locate_the_raw_file_and_set_the_gain(tmp_path):
    made = make_phy_folder(tmp_path / "phy", with_raw=True)
    moved = made.raw_path.rename(tmp_path / "moved.dat")
    assert read_export(made.path).raw is None
    dataset = read_export(made.path, raw_path=moved, gain=Gain(0.195, "set by you"))
    assert dataset.raw.n_samples == len(made.raw)
    assert dataset.gain == Gain(0.195, "set by you")
    with pytest.raises(DatasetError, match="nowhere"):
        read_export(made.path, raw_path=tmp_path / "nowhere.dat")


@pytest.mark.parametrize(("text", "expected"), [(True, True), (False, False), ("True", True)])
def test_that_a_filtered_raw_file_is_known(made, text, expected):
    edit_params(made, hp_filtered=text)
    assert read_export(made.path).is_high_passed == expected


@pytest.mark.parametrize("in_uv", [True, False])
@pytest.mark.parametrize("with_raw", [True, False])
def test_that_the_unit_of_spikeinterfaces_templates_is_found(tmp_path, in_uv, with_raw):
    made = make_phy_folder(tmp_path / "phy", dialect="spikeinterface", with_raw=True)
    edit_params(made, gain_to_uv=0.195, **({} if with_raw else {"dat_path": ""}))
    if in_uv:
        save(made, "templates", load(made, "templates") * np.float32(0.195))
    dataset = read_export(made.path)
    largest = int(np.ptp(made.templates_raw, axis=1).max(1).argmax())
    ratio = np.abs(scaled_waveform(dataset, largest)).max() / np.abs(made.templates_raw).max()
    # Without the raw file: microvolts, as SpikeInterface writes them by default.
    assert ratio == pytest.approx(1 if in_uv or with_raw else 1 / 0.195, rel=0.01)


def test_that_the_kind_is_told_by_the_files(tmp_path):
    bare = make_phy_folder(
        tmp_path / "phy", dialect="kilosort4", with_tables=False, with_templates=False
    )
    assert read_export(bare.path).kind == "kilosort4"
    for name in ("spike_detection_templates", "kept_spikes", "whitening_mat_dat"):
        (bare.path / f"{name}.npy").unlink()
    assert read_export(bare.path).kind == "phy"
    write_table(bare.path / "cluster_si_unit_ids.tsv", {"si_unit_id": {0: 0}})
    assert read_export(bare.path).kind == "spikeinterface"
    circus = make_phy_folder(tmp_path / "raw.GUI", dialect="kilosort1")
    assert read_export(circus.path).kind == "spyking-circus"


def test_that_median_amplitudes_are_those_of_all_spikes_when_few(made):
    dataset = read_export(made.path)
    amplitudes = load(made, "amplitudes")[:, 0]
    oracle = [np.median(amplitudes[made.spike_templates == k]) for k in range(8)]
    assert np.allclose(dataset.template_gain, oracle)


def test_that_the_factory_agrees_with_itself(tmp_path):
    made = make_phy_folder(tmp_path / "phy", with_raw=True)
    matrix = make_whitening("real", made.positions_um)
    assert np.allclose(matrix @ made.unwhitening, np.eye(16))
    template = int(np.bincount(made.spike_templates).argmax())
    channel = int(np.ptp(made.templates_raw[template], axis=0).argmax())
    samples = made.spike_samples[made.spike_templates == template]
    window = samples[:, None] + np.arange(82) - made.n_before
    mean = np.median(made.raw[window, made.raw_channels[channel]], axis=0)
    assert np.abs(mean - made.templates_raw[template][:, channel]).max() < 12


@pytest.mark.skipif(not SHARED.exists(), reason="needs the real exports")
class TestRealExports:
    def test_that_kilosort_1_opens(self):
        dataset = read_export(SHARED / "phy_template")
        assert dataset.kind == "kilosort"
        assert (dataset.n_spikes, dataset.n_templates) == (314, 64)
        assert (dataset.channels.n_channels, dataset.n_raw_channels) == (32, 34)
        assert dataset.sample_rate_hz == 25_000.0
        assert dataset.raw_path_asked == "sim_binary.dat"
        assert dict(dataset.properties.values("group")) == {4: "good"}
        assert set(dataset.channels.shanks.tolist()) == {0, 1}
        # Every spike has a row, although there are files that say which do.
        assert dataset.pc_features.read(np.arange(314))[1].all()
        assert dataset.template_features is not None

    def test_that_kilosort_4_opens(self):
        dataset = read_export(SHARED / "ks4_32ch/kilosort4")
        assert dataset.kind == "kilosort4"
        assert (dataset.n_spikes, dataset.n_templates) == (17_891, 21)
        assert dataset.properties.names == ("Amplitude", "ContamPct", "KSLabel")
        assert dataset.templates.trough_sample == 20
        assert dataset.template_gain is None
        assert [d for d in dataset.diagnostics if d.file == "kept_spikes.npy"] == []
