from __future__ import annotations

import json
import shutil
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from gtview.base.errors import CancelledError, UsageError
from gtview.base.progress import ignore_progress
from gtview.jobs.tasks.generate import generate_dataset

RECIPE = {
    "duration_s": 4,
    "n_units": 5,
    "seed": 1,
    "probe": {"kind": "tetrode"},
    "motion": {"motions": [{"kind": "zigzag", "period_s": 2}]},
    "output": {"has_static": True},
}


def spec(folder, **changes):
    return {"folder": str(folder), "recipe": {**RECIPE, **changes}, "n_workers": 2}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "dataset"
    told = []
    result = generate_dataset(spec(folder), lambda fraction, _message="": told.append(fraction))
    assert result["n_units"] == 5
    assert told == sorted(told)
    assert told[-1] == 1.0
    return folder


def test_that_every_part_of_a_dataset_opens_in_spikeinterface(dataset):
    import spikeinterface as si

    for name in ("recording", "recording_static"):
        recording = si.load(dataset / name)
        assert recording.get_num_samples() == 120_000
        assert recording.get_dtype() == np.int16
        assert recording.get_channel_gains()[0] == pytest.approx(0.195)
        assert recording.get_probe().get_contact_count() == 4
    assert si.load(dataset / "ground_truth" / "sorting").get_num_units() == 5
    assert si.load(dataset / "ground_truth" / "motion").displacement[0].shape[0] == 20
    assert si.load(dataset / "ground_truth" / "templates.zarr").num_units == 5
    assert not list(dataset.rglob("*.partial"))


def test_that_the_recipe_of_a_dataset_makes_it_again_to_the_byte(dataset, tmp_path):
    told = json.loads((dataset / "recipe.json").read_text(encoding="utf-8"))
    assert told["master_seed"] == 1
    assert {"gtview", "numpy", "spikeinterface"} <= told["versions"].keys()
    generate_dataset(
        {"folder": str(tmp_path / "b"), "recipe": told, "n_workers": 1}, ignore_progress
    )
    for path in dataset.rglob("*"):
        # Descriptions of SpikeInterface hold the folder's name and the time.
        if path.suffix in (".raw", ".npy", ".npz"):
            copy = tmp_path / "b" / path.relative_to(dataset)
            assert path.read_bytes() == copy.read_bytes(), path.name


def test_that_a_folder_that_exists_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match="exists already"):
        generate_dataset(spec(tmp_path / "mine"), ignore_progress)
    assert (tmp_path / "mine" / "file").read_text(encoding="utf-8") == "x"


def test_that_a_bad_recipe_or_spec_leaves_nothing(tmp_path):
    for bad in (spec(tmp_path / "a", n_units=0), {"folder": str(tmp_path / "a")}):
        with pytest.raises(UsageError):
            generate_dataset(bad, ignore_progress)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("at", [0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.6, 0.8, 0.95])
def test_that_cancelling_at_any_moment_leaves_nothing(at, tmp_path):
    def report(fraction, _message=""):
        if fraction >= at:
            raise CancelledError("stop")

    with pytest.raises(CancelledError):
        generate_dataset(spec(tmp_path / "a"), report)
    assert list(tmp_path.iterdir()) == []


def test_that_a_disk_without_room_is_refused_before_any_work(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10**9, 10**9, 10**6))
    with pytest.raises(UsageError, match=r"only 0\.0 GB left"):
        generate_dataset(spec(Path(tmp_path, "a")), ignore_progress)
    assert list(tmp_path.iterdir()) == []
