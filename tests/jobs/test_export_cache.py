from __future__ import annotations

import os

import pytest

from gtview.jobs.export_cache import ExportCache, fingerprint, is_for_spikeinterface


def make_export(folder, n_bytes, used_s):
    folder.mkdir(parents=True)
    (folder / "params.py").touch()
    (folder / "x.npy").write_bytes(b"0" * n_bytes)
    os.utime(folder, (used_s, used_s))
    return folder


@pytest.fixture
def sorting(tmp_path):
    folder = tmp_path / "my sorting.v2"
    folder.mkdir()
    (folder / "numpysorting_info.json").write_text("{}", encoding="utf-8")
    (folder / "spikes.npy").write_bytes(b"1234")
    return folder


def test_that_the_name_follows_the_files(sorting, tmp_path):
    cache = ExportCache(tmp_path / "exports")
    first = cache.path_for(sorting, None)
    assert first.parent == tmp_path / "exports"
    assert first.name.startswith("my_sorting_v2-")
    assert cache.path_for(sorting, None) == first
    recording = tmp_path / "recording"
    recording.mkdir()
    with_recording = cache.path_for(sorting, recording)
    assert with_recording != first
    (sorting / "spikes.npy").write_bytes(b"12345")
    assert cache.path_for(sorting, None) != first
    assert cache.path_for(sorting, recording) != with_recording


def test_that_a_changed_time_is_another_file(sorting):
    before = fingerprint(sorting, None)
    os.utime(sorting / "spikes.npy", (5, 5))
    assert fingerprint(sorting, None) != before


def test_that_the_longest_unused_go_first_and_curated_ones_never(tmp_path):
    cache = ExportCache(tmp_path, max_bytes=250)
    curated = make_export(tmp_path / "curated", 100, 1)
    (curated / ".gtview").mkdir()
    os.utime(curated, (1, 1))
    old = make_export(tmp_path / "old", 100, 2)
    used = make_export(tmp_path / "used", 100, 3)
    new = make_export(tmp_path / "new", 100, 4)
    cache.shrink(new)
    assert (curated.exists(), old.exists(), used.exists(), new.exists()) == (
        True, False, False, True,
    )  # fmt: skip


def test_that_the_one_in_use_stays_however_large(tmp_path):
    cache = ExportCache(tmp_path, max_bytes=10)
    only = make_export(tmp_path / "only", 100, 1)
    cache.shrink(only)
    assert only.exists()


def test_that_being_wanted_counts_as_use(tmp_path):
    cache = ExportCache(tmp_path, max_bytes=150)
    first = make_export(tmp_path / "first", 100, 1)
    second = make_export(tmp_path / "second", 100, 2)
    cache.mark_used(first)
    cache.shrink(tmp_path / "another")
    assert first.exists()
    assert not second.exists()


def test_that_the_last_recording_is_remembered_while_it_exists(sorting, tmp_path):
    cache = ExportCache(tmp_path / "exports")
    assert cache.last_recording(sorting) is None
    recording = tmp_path / "recording"
    recording.mkdir()
    export = make_export(cache.path_for(sorting, recording), 1, 1)
    cache.remember(export, sorting, recording)
    assert cache.last_recording(sorting) == recording
    assert cache.last_recording(tmp_path / "other") is None
    recording.rmdir()
    assert cache.last_recording(sorting) is None


@pytest.mark.parametrize(
    "name", ["si_folder.json", "numpysorting_info.json", "spikeinterface_info.json"]
)
def test_that_folders_of_spikeinterface_are_known(tmp_path, name):
    assert not is_for_spikeinterface(tmp_path)
    (tmp_path / name).touch()
    assert is_for_spikeinterface(tmp_path)
    assert not is_for_spikeinterface(tmp_path / "nothing")
