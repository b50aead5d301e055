from __future__ import annotations

import pytest

from gtview.base.errors import DatasetError
from gtview.data.discovery import find_dataset


def make_export(folder):
    folder.mkdir(parents=True)
    (folder / "params.py").write_text("")
    return folder


@pytest.fixture
def generated(tmp_path):
    for part in ("ground_truth", "recording", "sortings"):
        (tmp_path / "set" / part).mkdir(parents=True)
    return tmp_path / "set"


def test_that_a_folder_and_its_params_are_one_export(tmp_path, monkeypatch):
    export = make_export(tmp_path / "a" / "kilosort4")
    for path in (export, export / "params.py"):
        found = find_dataset(path)
        assert found.export_folder == export
        assert found.ground_truth_path is None
        assert found.recording_folder is None
    (tmp_path / "a" / "ground_truth").mkdir()
    monkeypatch.chdir(export)
    found = find_dataset(export.relative_to(export))  # "."
    assert found.export_folder == export
    assert found.ground_truth_path == tmp_path / "a" / "ground_truth"


def test_that_one_sorting_of_a_generated_dataset_is_found(generated):
    export = make_export(generated / "sortings" / "ks4" / "phy")
    (generated / "sortings" / "ks5.partial").mkdir()
    for path in (generated, export.parent, export, export / "params.py"):
        found = find_dataset(path)
        assert found.export_folder == export
        assert found.ground_truth_path == generated
        assert found.recording_folder == generated / "recording"


def test_that_one_of_several_sortings_must_be_named(generated):
    first = make_export(generated / "sortings" / "a" / "phy")
    make_export(generated / "sortings" / "b" / "phy")
    assert find_dataset(generated, "a").export_folder == first
    for sorting in (None, "c"):
        with pytest.raises(DatasetError, match="a, b"):
            find_dataset(generated, sorting)
    with pytest.raises(DatasetError, match="'b'"):
        find_dataset(first, "b")


def test_that_what_is_no_dataset_is_refused_with_what_was_looked_for(tmp_path, generated):
    (tmp_path / "file.txt").write_text("")
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "spike_times.npy").write_bytes(b"")
    make_export(tmp_path / "outer" / "sorted")
    (tmp_path / "bare").mkdir()
    for name, words in {
        "nothing": "no folder",
        "file.txt": "params.py",
        "half": "no params.py",
        "outer": "open its folder sorted",
        "bare": "neither a params.py",
        "set": "no sorting yet",
    }.items():
        with pytest.raises(DatasetError, match=words) as caught:
            find_dataset(tmp_path / name)
        assert name in str(caught.value)


def test_that_a_folder_that_a_sorter_made_is_opened_by_its_name(tmp_path):
    export = make_export(tmp_path / "run" / "sorter_output")
    assert find_dataset(tmp_path / "run").export_folder == export
