from __future__ import annotations

import os
import shutil
from collections import namedtuple

import numpy as np
import pytest

from gtview.data.copy_store import SPARE_BYTES, CopyStore, NoRoomError, fingerprint, hash_numbers
from gtview.data.features import FeatureFile

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def features(tmp_path):
    path = tmp_path / "pc_features.npy"
    np.save(path, np.arange(240, dtype=np.float32).reshape(20, 3, 4))
    return path, np.arange(20, dtype=np.int32) % 4


def key_of(path, templates, rows=None):
    return fingerprint(FeatureFile.open(path, None, rows, 20), hash_numbers(templates))


def test_that_the_same_data_have_the_same_fingerprint(features):
    path, templates = features
    assert key_of(path, templates) == key_of(path, templates.copy())


def test_that_a_moved_dataset_keeps_its_fingerprint(features, tmp_path):
    path, templates = features
    before = key_of(path, templates)
    moved = tmp_path / "elsewhere" / path.name
    moved.parent.mkdir()
    path.rename(moved)
    assert key_of(moved, templates) == before


def test_that_a_changed_time_changes_the_fingerprint(features):
    path, templates = features
    before = key_of(path, templates)
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1000))
    assert key_of(path, templates) != before


def test_that_changed_values_of_the_same_size_and_time_change_the_fingerprint(features):
    path, templates = features
    before, status = key_of(path, templates), path.stat()
    np.save(path, np.zeros((20, 3, 4), np.float32))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_mtime_ns == status.st_mtime_ns
    assert key_of(path, templates) != before


def test_that_other_templates_change_the_fingerprint(features):
    path, templates = features
    other = templates.copy()
    other[3] += 1
    assert key_of(path, other) != key_of(path, templates)


def test_that_other_rows_change_the_fingerprint(features):
    path, templates = features
    templates = np.r_[templates, templates]
    keys = {
        fingerprint(FeatureFile.open(path, None, rows, 40), hash_numbers(templates))
        for rows in (np.arange(20), np.arange(20) + 1)
    }
    assert len(keys) == 2


def put(store, key, n_bytes, age_s):
    path = store.path_of(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * n_bytes)
    now = path.stat().st_mtime
    os.utime(path, (now - age_s, now - age_s))
    return path


def test_that_the_longest_unused_copies_are_deleted_first(tmp_path):
    store = CopyStore(tmp_path / "features", max_bytes=100)
    old, middle, new = (put(store, k, 30, age) for k, age in (("a", 300), ("b", 200), ("c", 100)))
    store.mark_used(old)
    store.make_room(35)
    assert old.exists()
    assert new.exists()
    assert not middle.exists()
    assert store.size_bytes() + 35 <= 100


def test_that_all_copies_together_stay_bounded(tmp_path):
    store = CopyStore(tmp_path / "features", max_bytes=100)
    for k in range(12):
        store.make_room(17 + k)
        put(store, str(k), 17 + k, 100 - k)
        assert store.size_bytes() <= 100


def test_that_a_copy_larger_than_all_may_be_is_refused_and_nothing_deleted(tmp_path):
    store = CopyStore(tmp_path / "features", max_bytes=100)
    kept = put(store, "a", 60, 100)
    with pytest.raises(NoRoomError, match="GB"):
        store.make_room(101)
    assert kept.exists()


def test_that_a_full_disk_is_noticed_before_writing(tmp_path, monkeypatch):
    store = CopyStore(tmp_path / "features")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 0, SPARE_BYTES + 999))
    store.make_room(999)
    with pytest.raises(NoRoomError, match="left"):
        store.make_room(1000)


def test_that_an_unfinished_copy_never_takes_its_place(tmp_path):
    store = CopyStore(tmp_path / "features")

    def fail(partial):
        partial.write_bytes(b"half")
        raise RuntimeError

    with pytest.raises(RuntimeError), store.written("k") as partial:
        fail(partial)
    assert list(store.folder.iterdir()) == []
    with store.written("k") as partial:
        partial.write_bytes(b"whole")
        assert not store.path_of("k").exists()
    assert store.path_of("k").read_bytes() == b"whole"
    assert list(store.folder.iterdir()) == [store.path_of("k")]


def test_that_what_a_crash_left_is_deleted_after_a_day(tmp_path):
    store = CopyStore(tmp_path / "features")
    store.folder.mkdir()
    old, new = (store.folder / f"{k}.features.partial" for k in "ab")
    for path in (old, new):
        path.write_bytes(b"x")
    day_s = 25 * 3600
    os.utime(old, (old.stat().st_mtime - day_s,) * 2)
    store.make_room(1)
    assert not old.exists()
    assert new.exists()


def test_that_all_copies_can_be_deleted(tmp_path):
    store = CopyStore(tmp_path / "features")
    put(store, "a", 10, 0)
    put(store, "b", 10, 0)
    assert store.size_bytes() == 20
    store.clear()
    assert store.size_bytes() == 0


def test_that_copies_live_in_the_users_cache_folder(own_folders):
    assert CopyStore.of_user().folder == own_folders / "cache" / "features"
