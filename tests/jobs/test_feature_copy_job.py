from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from factories import make_phy_folder

from gtview.data.copy_store import CopyStore
from gtview.data.feature_copies import FeatureCopies
from gtview.data.phy_reader import read_export
from gtview.jobs import feature_copies
from gtview.jobs.feature_copies import FeatureCopyJob


@pytest.fixture
def dataset(tmp_path):
    return read_export(make_phy_folder(tmp_path / "export").path)


@pytest.fixture
def store(tmp_path):
    return CopyStore(tmp_path / "copies")


@pytest.fixture
def hanging(monkeypatch, dataset, store):
    """Give a job that has begun to write a copy and does not go on."""
    monkeypatch.setenv("GTVIEW_TASK_PACKAGES", "tasks_for_tests")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    monkeypatch.setattr(feature_copies, "COPY_TASK", "tasks_for_tests:copy_and_hang")
    job = FeatureCopyJob(dataset, FeatureCopies(dataset, store, 0))
    job.start()
    end = time.monotonic() + 60
    while not list(store.folder.glob("*.partial")):
        assert job.is_running
        assert time.monotonic() < end
        time.sleep(0.02)
    yield job
    job.cancel()
    assert job.wait(30)


def test_that_copies_are_made_in_a_child_and_read_the_same(dataset, store):
    spikes = np.arange(0, dataset.n_spikes, 3)
    before = dataset.pc_features.read(spikes)[0]
    job = FeatureCopyJob(dataset, FeatureCopies(dataset, store, 0))
    told, is_done = [], []
    job.start(lambda fraction, message="": told.append(message), lambda: is_done.append(True))
    assert job.wait(60)
    assert is_done == [True]
    assert job.told == []
    assert any(told)
    assert dataset.pc_features.copy is not None
    np.testing.assert_array_equal(dataset.pc_features.read(spikes)[0], before)
    assert {path.suffix for path in store.folder.iterdir()} == {".features"}


def test_that_no_child_is_started_where_no_copy_helps(dataset, store, monkeypatch):
    monkeypatch.setattr(feature_copies, "JobProcess", lambda *_: pytest.fail("started"))
    job = FeatureCopyJob(dataset, FeatureCopies(dataset, store))
    job.start()
    assert job.wait(20)
    assert not store.folder.exists()


def test_that_cancelling_half_way_leaves_nothing(hanging, dataset, store):
    hanging.cancel()
    assert hanging.wait(30)
    assert list(store.folder.iterdir()) == []
    assert dataset.pc_features.copy is None


def test_that_a_child_that_is_killed_half_way_leaves_nothing(hanging, dataset, store):
    psutil.Process(hanging._process.pid).kill()
    assert hanging.wait(30)
    assert list(store.folder.iterdir()) == []
    assert dataset.pc_features.copy is None
    assert dataset.pc_features.read(np.arange(5))[0].size


def test_that_a_job_cancelled_before_it_begins_starts_no_child(dataset, store, monkeypatch):
    monkeypatch.setattr(feature_copies, "JobProcess", lambda *_: pytest.fail("started"))
    job = FeatureCopyJob(dataset, FeatureCopies(dataset, store, 0))
    job.cancel()
    job.start()
    assert job.wait(20)


def test_that_a_refused_copy_is_told(dataset, store):
    small = CopyStore(store.folder, max_bytes=1000)
    job = FeatureCopyJob(dataset, FeatureCopies(dataset, small, 0))
    job.start()
    assert job.wait(60)
    assert "GB" in job.told[0]
    assert dataset.pc_features.copy is None


def test_that_waiting_for_what_never_began_returns_at_once(dataset):
    assert FeatureCopyJob(dataset).wait(0)
