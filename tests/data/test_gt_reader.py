from __future__ import annotations

import json
import pickle
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from gtview.base.errors import DatasetError
from gtview.data.diagnostics import DiagnosticLog
from gtview.data.gt_reader import read_ground_truth

FS = 30_000.0
REAL = Path(__file__).resolve().parents[2] / "../shared/data/ks4_32ch/ground_truth"
SPIKE = [("sample_index", "int64"), ("unit_index", "int64"), ("segment_index", "int64")]


def plain(folder, times, units, **others):
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {"spike_times": np.asarray(times), "spike_units": np.asarray(units), **others}
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    return folder


def numpy_folder(folder, unit_ids, times, units, n_segments=1):
    folder.mkdir(parents=True)
    info = {"sampling_frequency": FS, "unit_ids": unit_ids, "num_segments": n_segments}
    (folder / "numpysorting_info.json").write_text(json.dumps(info), encoding="utf-8")
    spikes = np.zeros(len(times), SPIKE)
    spikes["sample_index"], spikes["unit_index"] = times, units
    np.save(folder / "spikes.npy", spikes)
    return folder


def trains(truth):
    return {unit_id: truth.train(i).tolist() for i, unit_id in enumerate(truth.unit_ids)}


def refused(path, **options):
    with pytest.raises(DatasetError) as caught:
        read_ground_truth(path, **options)
    sentence = str(caught.value)
    assert "Traceback" not in sentence
    return sentence


# Plain arrays


def test_that_plain_arrays_are_read_whatever_their_order(tmp_path):
    truth = read_ground_truth(plain(tmp_path, [50, 10, 30, 20], [4, 9, 4, 9]))
    assert trains(truth) == {4: [30, 50], 9: [10, 20]}
    assert truth.spike_samples.dtype == truth.offsets.dtype == np.int64
    assert truth.unit_sizes.tolist() == [2, 2]
    assert truth.sample_rate_hz is None
    assert not truth.spike_samples.flags.writeable


@pytest.mark.parametrize("dtype", ["int32", "uint32", "uint64", ">i8", "float64", "float32"])
@pytest.mark.parametrize("shape", [(-1,), (-1, 1), (1, -1)])
def test_that_number_types_and_shapes_do_not_matter(tmp_path, dtype, shape):
    times = np.array([10, 20, 30], dtype).reshape(shape)
    units = np.array([2, 1, 2]).astype("uint16").reshape(shape)
    truth = read_ground_truth(plain(tmp_path, times, units))
    assert trains(truth) == {1: [20], 2: [10, 30]}
    assert all(type(i) is int for i in truth.unit_ids)


def test_that_text_ids_stay_text_even_if_made_of_digits(tmp_path):
    truth = read_ground_truth(plain(tmp_path, [1, 2, 3], ["10", "9", "#a"]))
    assert trains(truth) == {"#a": [3], "10": [1], "9": [2]}


def test_that_times_in_seconds_need_the_sampling_rate(tmp_path):
    folder = plain(tmp_path, [0.5, 1.00001], [0, 0])
    log = DiagnosticLog()
    truth = read_ground_truth(folder, sample_rate_hz=FS, log=log)
    assert trains(truth) == {0: [15_000, 30_000]}
    assert "seconds" in log.items[0].meaning
    assert "seconds" in refused(folder)


def test_that_fractions_of_large_samples_are_rounded(tmp_path):
    log = DiagnosticLog()
    truth = read_ground_truth(plain(tmp_path, [5.4, 2_000_000.6], [0, 0]), log=log)
    assert trains(truth) == {0: [5, 2_000_001]}
    assert [d.level for d in log.items] == ["warning"]


def test_that_units_without_spikes_are_known_from_their_rows(tmp_path):
    places = np.arange(12.0).reshape(4, 3)
    truth = read_ground_truth(plain(tmp_path, [5, 6], [2, 0], unit_locations=places))
    assert trains(truth) == {0: [6], 1: [], 2: [5], 3: []}
    assert truth.locations_um.tolist() == places[:, :2].tolist()


def test_that_ids_of_units_may_be_given(tmp_path):
    folder = plain(tmp_path, [5, 6], [20, 10], unit_ids=np.array([20, 30, 10]))
    assert trains(read_ground_truth(folder)) == {20: [5], 30: [], 10: [6]}
    np.save(folder / "unit_ids.npy", np.array([20, 30]))
    assert "10" in refused(folder)
    np.save(folder / "unit_ids.npy", np.array([20, 10, 20]))
    assert "twice" in refused(folder)


def test_that_rows_that_do_not_suit_the_units_are_left_out(tmp_path):
    log = DiagnosticLog()
    folder = plain(tmp_path, [5, 6], [7, 8], unit_locations=np.zeros((3, 2)))
    truth = read_ground_truth(folder, log=log)
    assert truth.unit_ids == (7, 8)
    assert truth.locations_um is None
    assert log.items[0].file == "unit_locations.npy"


def test_that_a_truth_without_spikes_is_read_and_told(tmp_path):
    log = DiagnosticLog()
    truth = read_ground_truth(plain(tmp_path, [], []), log=log)
    assert (truth.n_units, truth.offsets.tolist()) == (0, [0])
    assert "no spikes" in log.items[0].message


def test_that_lengths_that_differ_are_refused(tmp_path):
    sentence = refused(plain(tmp_path, [1, 2, 3], [0, 0]))
    assert "spike_times.npy holds 3" in sentence
    assert "spike_units.npy 2" in sentence


@pytest.mark.parametrize(
    ("times", "word"),
    [
        ([1.0, np.nan], "NaN"),
        ([1, 1 << 60], "no samples"),
        (["a", "b"], "not spike times"),
        ([[1, 2], [3, 4]], "shape"),
        ([True, False], "not spike times"),
    ],
)
def test_that_times_that_are_none_are_refused_by_name(tmp_path, times, word):
    sentence = refused(plain(tmp_path, times, [0, 0]))
    assert "spike_times.npy" in sentence
    assert word in sentence


def test_that_labels_with_fractions_are_refused(tmp_path):
    assert "spike_units.npy" in refused(plain(tmp_path, [1, 2], [0.5, 1.0]))


def test_that_no_pickle_is_loaded(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("the pickle was run",))

    times = np.array([Trap(), 3], object)
    folder = plain(tmp_path / "a", times, [0, 0])
    assert "never loaded" in refused(folder)
    (tmp_path / "truth.pkl").write_bytes(pickle.dumps(Trap()))
    assert "pickle" in refused(tmp_path / "truth.pkl")
    sorting = numpy_folder(tmp_path / "b", [0], [1], [0])
    (sorting / "properties").mkdir()
    np.save(sorting / "properties" / "gt_unit_locations.npy", times)
    assert read_ground_truth(sorting).locations_um is None
    (sorting / "numpysorting_info.json").rename(sorting / "si_folder.json")
    assert "never loaded" in refused(sorting)


def test_that_the_trough_of_the_templates_is_found(tmp_path):
    templates = np.zeros((4, 60, 3), np.float32)
    templates[0, 20, 1], templates[0, 35, 1], templates[0, 5, 2] = -90, 30, -10
    templates[1, 20, 0] = -50
    templates[2, 22, 2] = -40  # one that is late
    positions = np.arange(6.0).reshape(3, 2)
    folder = plain(tmp_path, [1], [0], templates_uv=templates, channel_positions=positions)
    truth = read_ground_truth(folder)
    assert truth.templates.n_before == 20
    assert truth.templates.channel_positions_um.tolist() == positions.tolist()
    assert (truth.templates.waveforms_uv == templates).all()
    assert truth.n_units == 4


def test_that_parts_that_cannot_be_used_are_left_out_and_named(tmp_path):
    folder = plain(
        tmp_path,
        [1, 2],
        [0, 1],
        templates_uv=np.full((2, 30, 4), np.nan),
        unit_locations=np.zeros(2),
        drift_um=np.zeros(5),
        drift_times_s=np.zeros(5),
    )
    log = DiagnosticLog()
    truth = read_ground_truth(folder, log=log)
    assert truth.templates is truth.locations_um is truth.motion is None
    assert {d.file for d in log.items} == {
        "templates_uv.npy",
        "unit_locations.npy",
        "drift_um.npy",
    }
    (folder / "templates_uv.npy").write_bytes(b"")
    assert read_ground_truth(folder).templates is None


def test_that_motion_may_be_rigid_or_by_depth(tmp_path):
    times = np.array([0.0, 1.0, 2.0])
    rigid = plain(tmp_path / "a", [1], [0], drift_um=times * 3, drift_times_s=times)
    motion = read_ground_truth(rigid).motion
    assert motion.displacement_um.tolist() == [[0], [3], [6]]
    assert motion.depths_um.tolist() == [0]
    by_depth = plain(
        tmp_path / "b",
        [1],
        [0],
        drift_um=np.ones((3, 2)),
        drift_times_s=times,
        drift_depths_um=np.array([10.0, 90.0]),
    )
    assert read_ground_truth(by_depth).motion.displacement_um.shape == (3, 2)


# SpikeInterface


def test_that_a_numpy_folder_is_read_without_spikeinterface(tmp_path):
    folder = numpy_folder(tmp_path / "s", [5, 3, 8], [40, 10, 30], [1, 0, 1])
    (folder / "properties").mkdir()
    np.save(folder / "properties" / "gt_unit_locations.npy", np.arange(9.0).reshape(3, 3))
    truth = read_ground_truth(folder)
    assert trains(truth) == {5: [10], 3: [30, 40], 8: []}
    assert truth.sample_rate_hz == FS
    assert truth.locations_um.tolist() == [[0, 1], [3, 4], [6, 7]]
    code = (
        "import sys; from gtview.data.gt_reader import read_ground_truth;"
        f"read_ground_truth({str(folder)!r});"
        "print([m for m in sys.modules if m in ('spikeinterface', 'scipy', 'numba')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("ids", [["0", "1"], ["#0", "#1"], [4, 2]])
def test_that_sortings_that_spikeinterface_saves_are_read_back(tmp_path, ids):
    core = pytest.importorskip("spikeinterface.core")
    rng = np.random.default_rng(0)
    samples, labels = np.sort(rng.integers(0, 10**6, 500)), rng.integers(0, 2, 500)
    sorting = core.NumpySorting.from_samples_and_labels(
        [samples], [np.array(ids)[labels]], FS, unit_ids=ids
    )
    sorting.set_property("gt_unit_locations", np.array([[1.0, 2, 3], [4, 5, 6]]))
    sorting.save(folder=tmp_path / "numpy", format="numpy_folder")
    sorting.save(folder=tmp_path / "zarr.zarr", format="zarr")
    core.NpzSortingExtractor.write_sorting(sorting, tmp_path / "sorting_cached.npz")
    places = (tmp_path / "numpy", tmp_path / "zarr.zarr", tmp_path / "sorting_cached.npz")
    for place in (*places, tmp_path):
        truth = read_ground_truth(place)
        assert list(truth.unit_ids) == ids
        assert truth.sample_rate_hz == FS
        for unit_id, spikes in trains(truth).items():
            assert spikes == sorting.get_unit_spike_train(unit_id).tolist()
    assert read_ground_truth(places[0]).locations_um.tolist() == [[1, 2], [4, 5]]


def test_that_several_segments_are_refused(tmp_path):
    folder = numpy_folder(tmp_path / "s", [0], [1], [0], n_segments=2)
    assert "2 segments" in refused(folder)


def test_that_damaged_sortings_are_refused_by_name(tmp_path):
    folder = numpy_folder(tmp_path / "a", [0], [1], [3])
    assert "spikes.npy" in refused(folder)
    np.save(folder / "spikes.npy", np.zeros(3))
    assert "spikes.npy" in refused(folder)
    (folder / "spikes.npy").unlink()
    assert "missing" in refused(folder)
    (folder / "numpysorting_info.json").write_text("{", encoding="utf-8")
    assert "numpysorting_info.json" in refused(folder)
    (folder / "numpysorting_info.json").write_text("{}", encoding="utf-8")
    assert "numpysorting_info.json" in refused(folder)
    (tmp_path / "x.npz").write_bytes(b"no archive")
    assert "x.npz" in refused(tmp_path / "x.npz")
    (tmp_path / "x.json").write_text("{}", encoding="utf-8")
    assert "x.json" in refused(tmp_path / "x.json")


def test_that_sampling_rates_that_differ_are_told(tmp_path):
    folder = numpy_folder(tmp_path / "s", [0], [1], [0])
    for rate, n in ((30_000.0, 0), (29_999.8, 0), (25_000.0, 1)):
        log = DiagnosticLog()
        read_ground_truth(folder, sample_rate_hz=rate, log=log)
        assert len(log.items) == n


# Generated datasets


def generated(dataset):
    truth = dataset / "ground_truth"
    numpy_folder(truth / "sorting", ["u1", "u2"], [10, 20], [0, 1])
    np.savez(truth / "units.npz", unit_ids=["u2", "u1"], locations_um=[[1, 2, 3], [4, 5, 6]])
    return truth


def test_that_a_generated_dataset_is_read_from_its_folder_or_its_truth(tmp_path):
    folder = generated(tmp_path)
    for place in (tmp_path, folder, str(folder)):
        truth = read_ground_truth(place)
        assert trains(truth) == {"u1": [10], "u2": [20]}
        # By name, not by row.
        assert truth.locations_um.tolist() == [[4, 5], [1, 2]]
        assert not truth.is_partial
        assert truth.source == folder


def test_that_sizes_of_spikes_follow_them_when_they_are_sorted_by_unit(tmp_path):
    numpy_folder(tmp_path / "ground_truth" / "sorting", ["a", "b"], [10, 20, 30, 25], [1, 0, 1, 0])
    np.savez(tmp_path / "ground_truth" / "spikes.npz", amplitude_factors=[1.0, 0.5, 0.8, 2.0])
    truth = read_ground_truth(tmp_path)
    assert trains(truth) == {"a": [20, 25], "b": [10, 30]}
    assert truth.amplitude_factors.tolist() == pytest.approx([0.5, 2.0, 1.0, 0.8])
    assert truth.amplitude_factors.dtype == np.float32


def test_that_sizes_of_another_number_of_spikes_are_left_out(tmp_path):
    folder = generated(tmp_path)
    np.savez(folder / "spikes.npz", amplitude_factors=[1.0, 0.5, 0.8])
    log = DiagnosticLog()
    assert read_ground_truth(folder, log=log).amplitude_factors is None
    assert {d.file for d in log.items} == {"spikes.npz"}


def test_that_a_hybrid_truth_is_partial(tmp_path):
    folder = generated(tmp_path)
    np.savez(folder / "units.npz", unit_ids=["u1", "u2"], is_partial=True)
    assert read_ground_truth(folder).is_partial


def test_that_sparse_templates_are_spread_over_all_channels(tmp_path):
    folder = generated(tmp_path)
    sparse = np.arange(2 * 5 * 2, dtype=np.float32).reshape(2, 5, 2) + 1
    sparse[1, :, 1] = 0
    mask = np.array([[True, False, True], [False, True, False]])
    np.savez(
        folder / "templates.npz",
        templates_array=sparse,
        sparsity_mask=mask,
        nbefore=3,
        channel_positions_um=np.zeros((3, 2)),
    )
    templates = read_ground_truth(folder).templates
    expected = np.zeros((2, 5, 3))
    expected[0][:, [0, 2]] = sparse[0]
    expected[1][:, 1] = sparse[1, :, 0]
    assert (templates.waveforms_uv == expected).all()
    assert templates.n_before == 3


def test_that_the_motion_that_spikeinterface_saves_is_read(tmp_path):
    motion_module = pytest.importorskip("spikeinterface.core.motion")
    folder = generated(tmp_path)
    displacement = np.arange(6.0).reshape(3, 2)
    motion_module.Motion([displacement], [np.arange(3.0)], np.array([0.0, 50.0])).save(
        folder / "motion"
    )
    motion = read_ground_truth(folder).motion
    assert motion.displacement_um.tolist() == displacement.tolist()
    assert motion.times_s.tolist() == [0, 1, 2]
    assert motion.depths_um.tolist() == [0, 50]


def test_that_damaged_parts_of_a_dataset_do_not_hide_its_spikes(tmp_path):
    folder = generated(tmp_path)
    (folder / "units.npz").write_bytes(b"PK")
    np.savez(folder / "templates.npz", templates_array=np.zeros((2, 4)), sparsity_mask=[True])
    log = DiagnosticLog()
    truth = read_ground_truth(folder, log=log)
    assert truth.n_units == 2
    assert truth.templates is truth.locations_um is None
    assert {d.file for d in log.items} == {"units.npz", "templates.npz"}


# Anything else


def test_that_a_mearec_file_says_what_it_needs(tmp_path):
    for package in ("MEArec", "h5py"):
        if find_spec(package) is not None:
            pytest.skip(f"{package} is here")
    (tmp_path / "recording.h5").write_bytes(b"\x89HDF")
    assert "MEArec and h5py" in refused(tmp_path / "recording.h5")


def test_that_what_is_no_truth_is_refused_by_name(tmp_path):
    assert "There is no ground truth" in refused(tmp_path / "nowhere")
    assert "holds no ground truth" in refused(tmp_path)
    np.save(tmp_path / "spike_times.npy", [1])
    assert "spike_units.npy" in refused(tmp_path)
    (tmp_path / "params.py").write_text("", encoding="utf-8")
    assert "export" in refused(tmp_path)
    assert "give a folder" in refused(tmp_path / "spike_times.npy")


def test_that_reading_changes_no_byte(tmp_path):
    folder = generated(tmp_path)
    plain(tmp_path / "b", [1, 2], [0, 1], unit_locations=np.zeros((2, 2)))

    def snapshot():
        return {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}

    before = snapshot()
    read_ground_truth(folder)
    read_ground_truth(tmp_path / "b")
    assert snapshot() == before


def test_that_the_truth_of_the_real_export_is_read():
    if not REAL.is_dir():
        pytest.skip("the real export is not here")
    log = DiagnosticLog()
    truth = read_ground_truth(REAL, sample_rate_hz=FS, log=log)
    assert log.items == []
    assert truth.unit_ids == tuple(range(24))
    assert len(truth.spike_samples) == 20_795
    assert truth.templates.n_before == 30
    assert truth.templates.waveforms_uv.shape == (24, 90, 32)
    assert truth.motion.displacement_um.shape == (600, 1)
    assert all((np.diff(truth.train(i)) > 0).all() for i in range(24))
