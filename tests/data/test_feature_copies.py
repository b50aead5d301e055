from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from small_sessions import make_dataset

from gtview.base.errors import CancelledError
from gtview.data import feature_copies
from gtview.data.copy_store import CopyStore
from gtview.data.feature_copies import FeatureCopies, is_ordered_by_template
from gtview.data.features import FeatureFile


@pytest.fixture
def made(tmp_path):
    """Give a dataset of 3 templates in turn whose features are on disk, and a store."""
    rng = np.random.default_rng(0)
    trains = {k: range(k, 3000, 3) for k in range(3)}
    dataset = make_dataset(trains)
    paths = tmp_path / "pc_features.npy", tmp_path / "template_features.npy"
    np.save(paths[0], rng.normal(size=(3000, 3, 4)).astype(np.float32))
    np.save(paths[1], rng.normal(size=(3000, 3)).astype(np.float32))
    files = [FeatureFile.open(path, None, None, 3000) for path in paths]
    dataset = replace(dataset, pc_features=files[0], template_features=files[1])
    return dataset, CopyStore(tmp_path / "copies")


def run(dataset, store, least_bytes=0):
    copies = FeatureCopies(dataset, store, least_bytes)
    copies.make()
    return copies


def test_that_both_files_get_a_copy_that_reads_the_same(made):
    dataset, store = made
    wanted = np.arange(0, 3000, 3)
    before = [f.read(wanted)[0] for f in (dataset.pc_features, dataset.template_features)]
    run(dataset, store)
    for file, expected in zip(
        (dataset.pc_features, dataset.template_features), before, strict=True
    ):
        assert file.copy is not None
        np.testing.assert_array_equal(file.read(wanted)[0], expected)
        assert file.copy is not None
    assert len(list(store.folder.iterdir())) == 2


def test_that_a_copy_is_made_only_once(made, monkeypatch):
    dataset, store = made
    run(dataset, store)
    dataset.pc_features.attach(None)
    monkeypatch.setattr(
        feature_copies, "write_feature_copy", lambda *_: pytest.fail("made a second time")
    )
    assert run(dataset, store).told == []
    assert dataset.pc_features.copy is not None


def test_that_a_changed_file_gets_another_copy(made, tmp_path):
    dataset, store = made
    run(dataset, store)
    path = dataset.pc_features.path
    values = np.load(path) + 1
    np.save(path, values)
    file = FeatureFile.open(path, None, None, 3000)
    run(replace(dataset, pc_features=file), store)
    np.testing.assert_array_equal(file.read(np.arange(3000))[0], values.transpose(0, 2, 1))
    assert len(list(store.folder.iterdir())) == 3


def test_that_a_damaged_copy_is_made_again(made):
    dataset, store = made
    run(dataset, store)
    damaged = dataset.pc_features.copy.path
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[: len(whole) // 2])
    dataset.pc_features.attach(None)
    run(dataset, store)
    assert dataset.pc_features.copy is not None
    assert damaged.read_bytes() == whole


def test_that_small_files_are_left_alone(made):
    dataset, store = made
    run(dataset, store, least_bytes=10**6)
    assert dataset.pc_features.copy is None
    assert not store.folder.exists()


def test_that_a_file_in_order_of_templates_needs_no_copy(made):
    dataset, store = made
    ordered = replace(dataset, spike_templates=np.sort(dataset.spike_templates))
    run(ordered, store)
    assert ordered.pc_features.copy is None


def test_what_counts_as_ordered():
    assert is_ordered_by_template(np.repeat(np.arange(4, dtype=np.int32), 100))
    assert not is_ordered_by_template(np.tile(np.arange(4, dtype=np.int32), 100))


def test_that_rows_in_no_order_are_left_alone(made, tmp_path):
    dataset, store = made
    file = FeatureFile.open(dataset.pc_features.path, None, np.arange(3000)[::-1], 3000)
    run(replace(dataset, pc_features=file, template_features=None), store)
    assert file.copy is None


def test_that_a_refused_copy_is_told_and_nothing_else_happens(made):
    dataset, store = made
    copier = run(dataset, CopyStore(store.folder, max_bytes=1000))
    assert dataset.pc_features.copy is None
    assert len(copier.told) == 2
    assert "GB" in copier.told[0]


def test_that_a_folder_that_cannot_be_written_is_told(made, tmp_path):
    dataset, _ = made
    blocked = tmp_path / "a file"
    blocked.write_text("")
    copier = run(dataset, CopyStore(blocked))
    assert dataset.pc_features.copy is None
    assert "pc_features.npy" in copier.told[0]


def test_that_copying_can_be_stopped_and_leaves_nothing(made):
    dataset, store = made

    def report(fraction, message=""):
        if fraction > 0:
            raise CancelledError("stop")

    with pytest.raises(CancelledError):
        FeatureCopies(dataset, store, 0).make(report)
    assert dataset.pc_features.copy is None
    assert list(store.folder.iterdir()) == []


def test_that_progress_covers_both_files(made):
    dataset, store = made
    told = []
    FeatureCopies(dataset, store, 0).make(lambda fraction, text="": told.append((fraction, text)))
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0
    assert fractions[-1] > 0.9
    assert all(text for _, text in told)


def test_that_it_tells_whether_a_copy_is_missing(made):
    dataset, store = made
    copies = FeatureCopies(dataset, store, 0)
    assert copies.attach_existing()
    assert not FeatureCopies(dataset, store, 10**6).attach_existing()
    copies.make()
    for file in (dataset.pc_features, dataset.template_features):
        file.attach(None)
    assert not copies.attach_existing()
    assert dataset.pc_features.copy is not None


def test_that_who_watches_is_told_the_path_as_long_as_it_is_written(made):
    dataset, store = made
    seen = []

    @contextmanager
    def watch(path):
        assert not path.exists()
        yield
        seen.append(path)

    FeatureCopies(dataset, store, 0).make(watch=watch)
    assert [path.name.endswith(".partial") for path in seen] == [True, True]
