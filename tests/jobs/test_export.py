"""An export of SpikeInterface's objects, read back by gtview, SpikeInterface and phylib."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from made_recordings import (
    GAIN_UV,
    RATE_HZ,
    as_recording,
    as_sorting,
    filtered_uv,
    make_recording,
    windows_of,
)

from gtview.base.errors import CancelledError, DatasetError, UsageError
from gtview.base.progress import ignore_progress
from gtview.data.phy_reader import read_export
from gtview.jobs.events import JobCancelled, JobDone, JobProgress
from gtview.jobs.export import start_export
from gtview.jobs.tasks.export import export_sorting

# Unit 2 has no spikes.
UNIT_IDS = np.array(["pyramidal 1", "b", "empty", "d", "7"])

pytestmark = pytest.mark.filterwarnings("ignore:The extractor is not serializable")


@pytest.fixture(scope="module")
def made():
    return make_recording(n_channels=8, n_shanks=2)


@pytest.fixture(scope="module")
def saved(made, tmp_path_factory):
    """A recording and a sorting as SpikeInterface saves them."""
    home = tmp_path_factory.mktemp("saved") / "with space"
    home.mkdir()
    as_recording(made).save(folder=home / "recording", verbose=False, progress_bar=False)
    units = made.units + (made.units >= 2)
    sorting = as_sorting(made, UNIT_IDS, units=units)
    sorting.set_property("quality", np.array(["good", "mua", "noise", "unsorted", "Good"]))
    sorting.set_property("score", np.array([0.5, 1.5, 2.5, np.nan, 4.5]))
    sorting.set_property("n_spikes", np.full(5, 3))
    sorting.save(folder=home / "sorting")
    return home


def export(home, folder, **options):
    spec = {"sorting": str(home / "sorting"), "recording": str(home / "recording"), **options}
    return export_sorting({"folder": str(folder), **spec}, ignore_progress)


@pytest.fixture(scope="module")
def done(saved):
    folder = saved / "phy"
    return folder, export(saved, folder)


@pytest.fixture
def dataset(done):
    return read_export(done[0])


def test_that_what_was_left_out_is_told(done):
    folder, result = done
    assert result["folder"] == str(folder)
    assert (result["n_clusters"], result["n_spikes"]) == (4, 242)
    assert result["notes"] == ["1 unit without spikes left out: empty."]


def test_that_it_opens_without_any_remark(dataset):
    assert dataset.diagnostics == ()
    assert dataset.kind == "gtview"
    assert dataset.has_whitening is False
    assert dataset.is_high_passed is False


def test_that_spikes_and_units_are_exactly_those_of_the_sorting(dataset, made):
    np.testing.assert_array_equal(dataset.spike_samples, made.samples)
    np.testing.assert_array_equal(dataset.spike_clusters, made.units)
    np.testing.assert_array_equal(dataset.spike_templates, made.units)
    names = dataset.properties.values("si_unit_id")
    assert dict(names) == {0: "pyramidal 1", 1: "b", 2: "d", 3: 7}
    assert dict(dataset.properties.values("group")) == {
        0: "good", 1: "mua", 2: "unsorted", 3: "good",
    }  # fmt: skip
    assert dict(dataset.properties.values("score")) == {0: 0.5, 1: 1.5, 3: 4.5}
    assert "n_spikes" not in dataset.properties.names, "phy counts itself, also after a merge"


def test_that_channels_have_places_and_shanks(dataset, made):
    np.testing.assert_array_equal(dataset.channels.positions_um, made.positions_um)
    np.testing.assert_array_equal(dataset.channels.shanks, made.shanks)
    np.testing.assert_array_equal(dataset.channels.raw_channels, np.arange(8))


def test_that_the_recording_is_used_where_it_is(done, dataset, saved):
    assert not list(done[0].glob("*.dat"))
    params = (done[0] / "params.py").read_text(encoding="utf-8")
    assert "dat_path = '../recording/traces_cached_seg0.raw'" in params
    assert dataset.gain.uv_per_bit == pytest.approx(GAIN_UV)
    assert dataset.raw.n_samples == 120_000


def test_that_templates_are_mean_waveforms_in_microvolts(dataset, made):
    windows = windows_of(filtered_uv(made), made.samples, 41)
    for unit in range(4):
        mean = windows[made.units == unit][1:-1].mean(axis=0)
        template_uv = dataset.templates.waveform(unit) * dataset.gain.uv_per_bit
        np.testing.assert_allclose(template_uv, mean, atol=1e-2 * np.ptp(mean))
    assert dataset.template_gain is None
    # Where phy cuts raw waveforms: in the middle.
    assert dataset.templates.n_samples == 82
    assert abs(dataset.templates.trough_sample - 41) <= 1


def test_that_features_are_those_of_the_file(dataset, done, made):
    values = np.load(done[0] / "pc_features.npy")
    assert values.shape == (242, 3, 8)
    found, has = dataset.pc_features.read(np.arange(242))
    assert has.all()
    np.testing.assert_array_equal(found, values.transpose(0, 2, 1))
    local = dataset.pc_features.channel_ids
    assert local[:, 0].tolist() == made.best.tolist()
    # On its best channel the first component of a spike is about as long as its waveform.
    windows = windows_of(filtered_uv(made), made.samples, 41)
    lengths = np.linalg.norm(windows[np.arange(242), :, made.best[made.units]], axis=1)
    assert np.median(found[:, 0, 0] / lengths) > 0.9


def test_that_projections_tell_units_apart(dataset):
    found, has = dataset.template_features.read(np.arange(242))
    assert has.all()
    ids = dataset.template_features.channel_ids
    assert sorted(ids[0]) == [0, 1, 2, 3]
    spikes = dataset.spike_templates
    own = found[:, 0, 0]
    for column in range(1, 4):
        assert (own > found[:, column, 0]).mean() > 0.98
    assert ids[spikes][:, 0].tolist() == spikes.tolist()


def test_that_similarity_is_one_with_itself_only(dataset):
    similar = dataset.similar_templates
    np.testing.assert_allclose(np.diag(similar), 1)
    assert (similar[~np.eye(4, dtype=bool)] < 0.99).all()


def test_that_spikeinterface_reads_the_same_units(tmp_path, made, saved):
    from spikeinterface.extractors import read_phy

    ids = np.array([12, 3, 40, 7])
    as_sorting(made, ids).save(folder=tmp_path / "sorting")
    shutil.copytree(saved / "recording", tmp_path / "recording")
    export(tmp_path, tmp_path / "phy")
    found = read_phy(tmp_path / "phy")
    assert sorted(found.unit_ids) == [3, 7, 12, 40]
    for index, unit in enumerate(ids):
        train = found.get_unit_spike_train(unit)
        np.testing.assert_array_equal(train, made.samples[made.units == index])


PHYLIB = """
import json, sys
import numpy as np
from phylib.io.model import load_model
m = load_model(sys.argv[1])
ids = np.arange(m.n_spikes)
t = m.get_template(0)
print(json.dumps({
    "samples": m.spike_samples.tolist(), "clusters": m.spike_clusters.tolist(),
    "n_templates": m.n_templates, "shanks": m.channel_shanks.tolist(),
    "features": float(np.abs(m.get_features(ids, np.arange(m.n_channels))).sum()),
    "template_features": None if m.template_features is None
        else float(np.abs(m.get_template_features(ids)).sum()),
    "template": t.template.tolist(), "channels": t.channel_ids.tolist(),
    "traces": list(m.traces.shape), "similar": m.similar_templates.tolist(),
    "names": sorted(m.metadata), "waveforms": list(m.get_waveforms(ids[4:7], [0, 1]).shape),
}))
"""


def read_with_phylib(params):
    """Read in a process of its own; GTVIEW_PHYLIB_PYTHON may name a Python that has phylib."""
    python = os.environ.get("GTVIEW_PHYLIB_PYTHON")
    if python is None and find_spec("phylib") is None:
        pytest.skip("phylib is not installed")
    command = [python or sys.executable, "-c", PHYLIB, str(params)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return json.loads(output.splitlines()[-1])


@pytest.mark.parametrize("templates", ["dense", "sparse"])
def test_that_phylib_reads_it(saved, made, tmp_path, templates):
    folder = tmp_path / "phy"
    export(saved, folder, templates=templates)
    found = read_with_phylib(folder / "params.py")
    dataset = read_export(folder)
    assert found["samples"] == made.samples.tolist()
    assert found["clusters"] == made.units.tolist()
    assert found["n_templates"] == 4
    assert found["shanks"] == made.shanks.tolist()
    assert found["traces"] == [120_000, 8]
    values, _ = dataset.pc_features.read(np.arange(242))
    assert found["features"] == pytest.approx(np.abs(values).sum(), rel=1e-4)
    values, _ = dataset.template_features.read(np.arange(242))
    assert found["template_features"] == pytest.approx(np.abs(values).sum(), rel=1e-4)
    waveform = dataset.templates.waveform(0)[:, found["channels"]]
    np.testing.assert_allclose(found["template"], waveform, atol=1e-3)
    np.testing.assert_allclose(found["similar"], dataset.similar_templates, atol=1e-5)
    assert {"group", "si_unit_id", "score"} <= set(found["names"])
    assert found["waveforms"] == [3, 82, 2]


def test_that_phylib_reads_a_sorting_of_one_unit(saved, made, tmp_path):
    alone = made.units == 1
    sorting = as_sorting(made, [4], made.samples[alone], np.zeros(alone.sum(), int))
    sorting.save(folder=tmp_path / "sorting")
    shutil.copytree(saved / "recording", tmp_path / "recording")
    export(tmp_path, tmp_path / "phy")
    dataset = read_export(tmp_path / "phy")
    assert set(dataset.spike_clusters.tolist()) == {4}
    assert set(dataset.spike_templates.tolist()) == {0}
    found = read_with_phylib(tmp_path / "phy" / "params.py")
    assert set(found["clusters"]) == {4}


def test_that_sparse_templates_are_the_same_where_they_are_large(saved, done, tmp_path):
    export(saved, tmp_path / "phy", templates="sparse")
    sparse, dense = read_export(tmp_path / "phy").templates, read_export(done[0]).templates
    assert (tmp_path / "phy" / "template_ind.npy").is_file()
    for unit in range(4):
        full = dense.waveform(unit)
        limit = 0.03 * np.ptp(full, axis=0).max()
        assert np.abs(sparse.waveform(unit) - full).max() < limit


# Other recordings -----------------------------------------------------------------------------


def test_that_a_computed_recording_of_floats_is_copied_as_it_is(made, tmp_path):
    from gtview.jobs.tasks.export import export_objects

    traces = (made.traces * GAIN_UV).astype(np.float64)
    recording = as_recording(made, traces, gain=None)
    (tmp_path / "phy").mkdir()
    export_objects(recording, as_sorting(made), tmp_path / "phy", ignore_progress)
    dataset = read_export(tmp_path / "phy")
    assert dataset.diagnostics == ()
    assert dataset.gain.uv_per_bit == 1.0
    copied = np.fromfile(tmp_path / "phy" / "recording.dat", np.float32).reshape(-1, 8)
    np.testing.assert_array_equal(copied, traces.astype(np.float32))
    windows = windows_of(filtered_uv(made), made.samples, 41)
    mean = windows[made.units == 2].mean(axis=0)
    np.testing.assert_allclose(dataset.templates.waveform(2), mean, atol=0.01 * np.ptp(mean))


def test_that_a_computed_recording_need_not_be_copied(made, tmp_path):
    from gtview.jobs.tasks.export import ExportOptions, export_objects

    (tmp_path / "phy").mkdir()
    options = ExportOptions(copy_recording="never")
    told = export_objects(
        as_recording(made), as_sorting(made), tmp_path / "phy", ignore_progress, options
    )
    assert "was not copied" in told["notes"][-1]
    dataset = read_export(tmp_path / "phy")
    assert dataset.raw is None
    assert dataset.gain.uv_per_bit == GAIN_UV
    assert {d.level for d in dataset.diagnostics} <= {"info"}


def test_that_chosen_channels_are_columns_of_the_file(made, saved, tmp_path):
    import spikeinterface.core as si

    from gtview.jobs.tasks.export import export_objects

    recording = si.load(saved / "recording")
    kept = np.array([6, 0, 3, 1])
    chosen = recording.select_channels(recording.channel_ids[kept])
    (tmp_path / "phy").mkdir()
    export_objects(chosen, as_sorting(made), tmp_path / "phy", ignore_progress)
    dataset = read_export(tmp_path / "phy")
    assert dataset.channels.raw_channels.tolist() == kept.tolist()
    assert dataset.n_raw_channels == 8
    np.testing.assert_array_equal(dataset.channels.positions_um, made.positions_um[kept])
    whole = read_export(saved / "phy").templates if (saved / "phy").exists() else None
    if whole is not None:
        expected = whole.waveform(1)[:, kept]
        np.testing.assert_allclose(dataset.templates.waveform(1), expected, atol=1e-3)


def test_that_gains_of_channels_may_differ(made, tmp_path):
    from gtview.jobs.tasks.export import export_objects

    gains = np.linspace(0.1, 0.4, 8)
    recording = as_recording(made)
    recording.set_channel_gains(gains)
    (tmp_path / "phy").mkdir()
    export_objects(recording, as_sorting(made), tmp_path / "phy", ignore_progress)
    dataset = read_export(tmp_path / "phy")
    # There is no common one; templates are in units of the file all the same.
    assert dataset.gain is None
    mean = windows_of(filtered_uv(made) / GAIN_UV, made.samples, 41)[made.units == 3].mean(axis=0)
    np.testing.assert_allclose(dataset.templates.waveform(3), mean, atol=0.01 * np.ptp(mean))


def test_that_a_recording_without_a_probe_gets_a_line(made, tmp_path):
    import spikeinterface.core as si

    from gtview.jobs.tasks.export import export_objects

    recording = si.NumpyRecording([made.traces], RATE_HZ)
    (tmp_path / "phy").mkdir()
    told = export_objects(recording, as_sorting(made), tmp_path / "phy", ignore_progress)
    assert "no probe" in told["notes"][-1]
    dataset = read_export(tmp_path / "phy")
    assert dataset.gain is None
    assert np.diff(dataset.channels.positions_um[:, 1]).tolist() == [20.0] * 7


def test_that_spikes_outside_of_the_recording_are_left_out_and_told(made, saved, tmp_path):
    samples = np.r_[-5, made.samples, 120_000, 130_000]
    units = np.r_[0, made.units, 1, 4]
    as_sorting(made, np.arange(5), samples, units).save(folder=tmp_path / "sorting")
    shutil.copytree(saved / "recording", tmp_path / "recording")
    told = export(tmp_path, tmp_path / "phy")
    assert told["n_spikes"] == 242
    assert told["notes"] == [
        "3 spikes outside of the recording left out.",
        "1 unit without spikes left out: 4.",
    ]
    dataset = read_export(tmp_path / "phy")
    np.testing.assert_array_equal(dataset.spike_samples, made.samples)


# Refusals -------------------------------------------------------------------------------------


def test_that_an_existing_folder_is_kept_unless_it_may_be_replaced(saved, tmp_path):
    folder = tmp_path / "phy"
    export(saved, folder)
    (folder / "cluster_old.tsv").write_text("cluster_id\told\n0\t1\n", encoding="utf-8")
    with pytest.raises(UsageError, match="exists already"):
        export(saved, folder)
    assert (folder / "cluster_old.tsv").exists()
    export(saved, folder, replace=True)
    assert not (folder / "cluster_old.tsv").exists()
    assert read_export(folder).n_spikes == 242
    assert [path.name for path in tmp_path.iterdir()] == ["phy"]
    (folder / ".gtview").mkdir()
    with pytest.raises(UsageError, match="curated"):
        export(saved, folder, replace=True)


def test_that_only_exports_are_replaced(saved, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="no export"):
        export(saved, tmp_path, replace=True)
    assert os.listdir(tmp_path) == ["thesis.txt"]


def test_that_a_folder_is_not_replaced_by_what_is_made_from_it(saved, tmp_path):
    folder = tmp_path / "phy"
    shutil.copytree(saved, folder)
    (folder / "params.py").touch()
    with pytest.raises(UsageError, match="from which"):
        export(folder, folder, replace=True)
    assert (folder / "recording").is_dir()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"sorting": "nothing"}, "There is no"),
        ({"recording": "sorting"}, "holds no recording"),
        ({"sorting": "recording"}, "holds no sorting"),
        ({"recording": "notes.txt"}, "SpikeInterface cannot open"),
        ({"recording": "any.pkl"}, "pickle"),
    ],
)
def test_that_wrong_paths_are_told_in_a_sentence(saved, tmp_path, wrong, words):
    (saved / "notes.txt").touch()
    (saved / "any.pkl").touch()
    spec = {"sorting": "sorting", "recording": "recording", **wrong}
    with pytest.raises(DatasetError, match=words):
        export_sorting(
            {k: str(saved / v) for k, v in spec.items()} | {"folder": str(tmp_path / "phy")},
            ignore_progress,
        )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("wrong", [{"templates": "many"}, {"copy_recording": 3}, {"x": 1}])
def test_that_a_wrong_wish_is_told_by_name(saved, tmp_path, wrong):
    (name,) = wrong
    with pytest.raises(UsageError, match=name):
        export(saved, tmp_path / "phy", **wrong)


def test_that_what_does_not_belong_together_is_refused(made, tmp_path):
    import spikeinterface.core as si

    from gtview.jobs.tasks.export import export_objects

    recording, sorting = as_recording(made), as_sorting(made)
    faster = si.NumpySorting(sorting.to_spike_vector(), 32_000.0, sorting.unit_ids)
    with pytest.raises(DatasetError, match="32,000"):
        export_objects(recording, faster, tmp_path, ignore_progress)
    twice = si.append_recordings([recording, recording])
    with pytest.raises(DatasetError, match="2 segments"):
        export_objects(twice, sorting, tmp_path, ignore_progress)
    silent = as_sorting(made, [0], np.zeros(0, int), np.zeros(0, int))
    with pytest.raises(DatasetError, match="no spikes"):
        export_objects(recording, silent, tmp_path, ignore_progress)


# Progress and cancel --------------------------------------------------------------------------


def test_that_progress_only_grows_and_says_what_is_done(saved, tmp_path):
    told = []
    spec = {"sorting": str(saved / "sorting"), "recording": str(saved / "recording")}
    export_sorting(
        {**spec, "folder": str(tmp_path / "phy"), "copy_recording": "always"},
        lambda fraction, message="": told.append((fraction, message)),
    )
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    messages = {message for _, message in told if message}
    assert {"copying the recording", "averaging waveforms", "computing features"} <= messages


def test_that_cancelling_at_any_moment_leaves_nothing(saved, tmp_path, monkeypatch):
    from gtview.analysis import export_chunks

    monkeypatch.setattr(export_chunks, "_CHUNK_VALUES", 1 << 17)
    spec = {"sorting": str(saved / "sorting"), "recording": str(saved / "recording")}
    spec |= {"folder": str(tmp_path / "phy"), "copy_recording": "always"}
    calls = []
    export_sorting(spec, lambda *_told: calls.append(1))
    shutil.rmtree(tmp_path / "phy")
    for moment in range(0, len(calls), max(1, len(calls) // 12)):
        left = iter(range(moment))

        def stop(fraction, message="", left=left):
            if next(left, None) is None:
                raise CancelledError("stop")

        with pytest.raises(CancelledError):
            export_sorting(spec, stop)
        assert not list(tmp_path.iterdir())


def test_that_it_runs_in_a_child_process_and_can_be_ended(saved, tmp_path):
    job = start_export(saved / "sorting", saved / "recording", tmp_path / "phy")
    events = list(job.events())
    assert isinstance(events[-1], JobDone), events[-1]
    assert events[-1].result["n_spikes"] == 242
    job = start_export(saved / "sorting", saved / "recording", tmp_path / "again")
    for event in job.events():
        if isinstance(event, JobProgress):
            job.cancel()
    assert isinstance(event, JobCancelled)
    assert [path.name for path in tmp_path.iterdir()] == ["phy"]


def test_that_the_command_exports_and_tells_errors_in_one_line(saved, tmp_path):
    def run(*args):
        command = [sys.executable, "-m", "gtview", "export", *map(str, args)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    out = tmp_path / "phy"
    done = run(saved / "sorting", saved / "recording", out)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()) == out
    assert "empty" in done.stderr
    assert read_export(out).n_spikes == 242
    done = run(saved / "sorting", saved / "recording", out)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == f"gtview: {out} exists already."
