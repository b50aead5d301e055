from __future__ import annotations

import json
import os
import shutil

import numpy as np
import pytest

from gtview.base.errors import UsageError
from gtview.data.gt_reader import read_ground_truth
from gtview.data.phy_reader import read_export
from gtview.jobs.demo import (
    demo_export,
    demo_folder,
    demo_recipe,
    demo_steps,
    is_demo,
    is_demo_ready,
    make_room,
)
from gtview.jobs.events import JobDone, JobProgress
from gtview.jobs.runner import JobProcess

# What the user gets: how well its units are found is a property of this one recording.
DURATION_S, N_UNITS = 60.0, 12


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Make the demo once, as `gtview demo` does: in child processes."""
    home = tmp_path_factory.mktemp("demo home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GTVIEW_HOME", str(home))
        folder = home / "with space" / "demo"
        events = [list(JobProcess(step.task, step.spec).events()) for step in demo_steps(folder)]
    return folder, events


@pytest.fixture
def folder(made):
    return made[0]


def write_recipe(folder, **fields):
    folder.mkdir(parents=True, exist_ok=True)
    recipe = {"kind": "gtview dataset", "asked": demo_recipe().to_json(), **fields}
    (folder / "recipe.json").write_text(json.dumps(recipe), encoding="utf-8")


def write_whole_demo(folder, **fields):
    write_recipe(folder, **fields)
    for path in (demo_export(folder) / "params.py", folder / "ground_truth" / "units.npz"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


@pytest.mark.slow
def test_that_the_demo_is_made_with_progress_and_plain_messages(made):
    folder, events = made
    for of_step in events:
        assert isinstance(of_step[-1], JobDone), of_step[-1]
        progress = [event for event in of_step if isinstance(event, JobProgress)]
        fractions = [event.fraction for event in progress]
        assert fractions == sorted(fractions)
        assert fractions[-1] == 1.0
        assert progress[-1].message == "ready"
    made_by_generator = events[0][-1].result
    assert made_by_generator["n_units"] == N_UNITS
    assert made_by_generator["warnings"] == []
    assert is_demo_ready(folder)
    assert demo_steps(folder) == ()


@pytest.mark.slow
def test_that_nothing_is_left_beside_the_demo_or_half_inside(folder):
    assert [path.name for path in folder.parent.iterdir()] == ["demo"]
    names = {path.name for path in folder.iterdir()}
    assert names == {"recipe.json", "recording", "ground_truth", "sortings"}
    inside = {path.name for path in (folder / "sortings" / "simple").iterdir()}
    assert inside == {"spec.json", "log.json", "phy"}
    raw_files = [path for path in folder.rglob("*") if path.suffix in (".raw", ".dat", ".bin")]
    assert len(raw_files) == 1


@pytest.mark.slow
def test_that_the_export_opens_with_its_raw_file_and_gain(folder):
    dataset = read_export(demo_export(folder))
    assert dataset.kind == "gtview"
    assert dataset.diagnostics == ()
    assert dataset.raw is not None
    assert dataset.gain is not None
    assert dataset.gain.uv_per_bit == pytest.approx(0.195)
    assert dataset.duration_s == DURATION_S
    assert dataset.channels.n_channels == dataset.n_raw_channels == 32
    # An empty cluster would shift the templates of those behind it.
    assert np.bincount(dataset.spike_clusters, minlength=dataset.n_templates).min() > 0


@pytest.mark.slow
def test_that_the_demo_still_opens_after_it_was_moved(folder, tmp_path):
    moved = tmp_path / "elsewhere"
    shutil.copytree(folder, moved)
    params = (demo_export(moved) / "params.py").read_text(encoding="utf-8")
    assert str(folder) not in params
    assert ".partial" not in params
    assert read_export(demo_export(moved)).raw is not None


@pytest.mark.slow
def test_that_templates_of_the_export_are_the_mean_of_the_raw_waveforms(folder):
    dataset = read_export(demo_export(folder))
    raw = np.memmap(
        folder / "recording" / "traces_cached_seg0.raw", dtype=np.int16, mode="r"
    ).reshape(-1, 32)
    cluster = int(np.bincount(dataset.spike_clusters).argmax())
    spikes = dataset.spike_samples[dataset.spike_clusters == cluster]
    spikes = spikes[(spikes > 100) & (spikes < len(raw) - 100)]
    mean_uv = np.mean([raw[s - 30 : s + 30] for s in spikes], axis=0) * 0.195
    assert dataset.gain is not None
    template = int(dataset.spike_templates[dataset.spike_clusters == cluster][0])
    biggest = dataset.templates.waveform(template) * dataset.gain.uv_per_bit
    channel = np.ptp(biggest, axis=0).argmax()
    assert np.ptp(mean_uv, axis=0).argmax() == channel
    assert np.ptp(biggest[:, channel]) == pytest.approx(np.ptp(mean_uv[:, channel]), rel=0.15)


@pytest.mark.slow
def test_that_the_recording_opens_in_spikeinterface_and_holds_the_true_waveforms(folder):
    import spikeinterface.core as si

    recording = si.load(folder / "recording")
    sorting = si.load(folder / "ground_truth" / "sorting")
    truth = read_ground_truth(folder / "ground_truth")
    assert recording.get_dtype() == np.int16
    assert np.array_equal(recording.get_probe().device_channel_indices, np.arange(32))
    assert truth.unit_ids == tuple(int(unit) for unit in sorting.unit_ids)
    for index, unit in enumerate(sorting.unit_ids):
        assert np.array_equal(truth.train(index), sorting.get_unit_spike_train(unit))
    traces_uv = recording.get_traces(return_in_uV=True)
    # Before the drift begins (after a tenth) the tissue is at rest.
    still = int(0.1 * DURATION_S * 30_000)
    templates = truth.templates
    assert templates is not None
    largest = int(np.ptp(templates.waveforms_uv, axis=1).max(axis=1).argmax())
    train = truth.train(largest)
    train = train[(train > 100) & (train < still - 200)]
    assert len(train) > 2
    n_samples = templates.waveforms_uv.shape[1]
    cuts = [traces_uv[s - templates.n_before :][:n_samples] for s in train]
    true_uv, mean_uv = templates.waveforms_uv[largest], np.mean(cuts, axis=0)
    channel = int(np.ptp(true_uv, axis=0).argmax())
    scale = mean_uv[:, channel] @ true_uv[:, channel] / (true_uv[:, channel] ** 2).sum()
    assert scale == pytest.approx(1.0, abs=0.15)


@pytest.mark.slow
def test_that_the_truth_tells_places_and_a_drift_of_both_directions(folder):
    truth = read_ground_truth(folder / "ground_truth")
    assert truth.locations_um is not None
    assert truth.locations_um.shape == (N_UNITS, 2)
    motion = truth.motion
    assert motion is not None
    still = motion.times_s < 0.1 * DURATION_S
    assert np.abs(motion.displacement_um[still]).max() == 0
    assert motion.displacement_um.min() < -4
    assert motion.displacement_um.max() > 4
    # More at the top than at the tip.
    reach = np.ptp(motion.displacement_um, axis=0)
    assert (np.diff(reach) > -1e-5).all()
    assert reach[-1] > 1.3 * reach[0]
    # The largest channel of a unit is near its place.
    templates = truth.templates
    assert templates is not None
    assert templates.channel_positions_um is not None
    channels = np.ptp(templates.waveforms_uv, axis=1).argmax(axis=1)
    depths_um = templates.channel_positions_um[channels, 1]
    assert np.abs(depths_um - truth.locations_um[:, 1]).max() < 40


@pytest.mark.slow
def test_that_the_sorter_finds_some_units_well_and_some_not(folder):
    from spikeinterface.comparison import compare_sorter_to_ground_truth
    from spikeinterface.core import NumpySorting, load

    dataset = read_export(demo_export(folder))
    sorted_ = NumpySorting.from_samples_and_labels(
        [dataset.spike_samples], [dataset.spike_clusters], dataset.sample_rate_hz
    )
    truth = load(folder / "ground_truth" / "sorting")
    scores = compare_sorter_to_ground_truth(truth, sorted_).get_performance()
    n_good = int((scores["accuracy"].astype(float) > 0.8).sum())
    assert 4 <= n_good <= N_UNITS - 3


@pytest.mark.slow
def test_that_rates_and_sizes_of_units_are_drawn_apart(folder):
    units = np.load(folder / "ground_truth" / "units.npz")
    values = np.array([units["rates_hz"], units["alpha"]])
    assert abs(np.corrcoef(values)[0, 1]) < 0.6


@pytest.mark.slow
def test_that_a_demo_that_is_ready_is_left_as_it_is(folder):
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    make_room(folder)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_that_the_demo_is_kept_with_the_users_data(own_folders):
    assert demo_folder() == own_folders / "data" / "demo"
    assert not is_demo_ready(demo_folder())
    assert len(demo_steps(demo_folder())) == 2


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"kind": "other"}', '{"kind": "gtview dataset", "asked": []}']
)
def test_that_a_folder_without_a_recipe_of_the_demo_is_none(tmp_path, text):
    (tmp_path / "recipe.json").write_text(text, encoding="utf-8")
    assert not is_demo(tmp_path)
    assert not is_demo_ready(tmp_path)


def test_that_a_dataset_of_the_user_is_no_demo(tmp_path):
    write_whole_demo(tmp_path, asked={**demo_recipe().to_json(), "name": "mine"})
    assert not is_demo(tmp_path)
    with pytest.raises(UsageError, match="no demo"):
        make_room(tmp_path)


def test_that_only_the_sorting_is_made_where_the_recording_is_there(tmp_path):
    write_whole_demo(tmp_path)
    assert is_demo_ready(tmp_path)
    (demo_export(tmp_path) / "params.py").unlink()
    assert not is_demo_ready(tmp_path)
    make_room(tmp_path)
    # What was half there would be in the way.
    assert not demo_export(tmp_path).parent.exists()
    (step,) = demo_steps(tmp_path)
    assert step.spec["sorter"] == "simple"
    assert step.spec["folder"] == str(demo_export(tmp_path).parent)


@pytest.mark.parametrize(
    "fields", [{"kind": "gtview demo"}, {"asked": {"name": "demo", "seed": 5}}]
)
def test_that_a_demo_of_another_version_is_replaced(tmp_path, fields):
    folder = tmp_path / "demo"
    write_whole_demo(folder, **fields)
    assert is_demo(folder)
    assert not is_demo_ready(folder)
    make_room(folder)
    assert list(tmp_path.iterdir()) == []
    assert len(demo_steps(folder)) == 2


def test_that_an_empty_folder_may_become_the_demo(tmp_path):
    (tmp_path / "demo").mkdir()
    make_room(tmp_path / "demo")
    assert list(tmp_path.iterdir()) == []


def test_that_a_folder_with_something_else_is_refused_and_kept(tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="no demo"):
        make_room(tmp_path)
    assert os.listdir(tmp_path) == ["notes.txt"]
