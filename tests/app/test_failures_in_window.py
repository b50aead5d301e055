"""What nobody catches must not end the process: log, one sentence, "copy details"."""

from __future__ import annotations

import logging
import sys
import threading
from io import FileIO

import pytest
from opening_in_tests import open_in
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication, QLabel

from gtview.app.application import tell_failures
from gtview.app.waiting import wait_until, wait_until_drawn
from gtview.base.errors import GtviewError
from gtview.data import positional
from gtview.jobs.queued import JobSpec, JobState, QueuedJob


@pytest.fixture
def telling_window(window):
    """A window that tells failures, with the hooks of the test runner put back afterwards."""
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    uninstall = tell_failures(window)
    yield window
    uninstall()
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks


def told(window):
    assert wait_until(window, lambda: bool(window.notice.sentence), 10)
    return window.notice.sentence


def fail():
    raise ZeroDivisionError("a fault of the program")


def test_that_a_failing_slot_is_told_logged_and_survived(telling_window, caplog):
    hook = sys.excepthook
    QTimer.singleShot(0, fail)
    with caplog.at_level(logging.ERROR):
        assert "ZeroDivisionError" in told(telling_window)
    assert sys.excepthook is hook, "the hook of the program was asked, not that of the tests"
    assert "Traceback" not in telling_window.notice.sentence
    assert "a fault of the program" in caplog.text
    telling_window.notice.press("Copy details")
    assert "Traceback" in QApplication.clipboard().text()


def test_that_a_failing_task_of_the_pool_is_told(telling_window):
    telling_window.pool.submit(fail)
    assert "ZeroDivisionError" in told(telling_window)


def test_that_a_failing_thread_is_told(telling_window):
    thread = threading.Thread(target=fail, name="fails")
    thread.start()
    thread.join()
    assert "ZeroDivisionError" in told(telling_window)


def test_that_a_failing_view_shows_its_sentence_and_the_others_go_on(telling_window, export):
    open_in(telling_window, export)
    views = telling_window.host.views

    def compute(_query):
        raise GtviewError("the disk went away")

    views["waveform"].compute = compute
    telling_window.session.select_clusters((1, 2))
    assert wait_until(telling_window, lambda: telling_window.is_settled, 30)
    assert views["waveform"]._message.text() == "the disk went away"
    assert views["correlogram"].error is None
    assert views["correlogram"].n_drawn > 1


def test_that_a_failing_demo_is_told_with_its_details(telling_window, tmp_path):
    step = JobSpec("m:f", {}, "Generate")
    failed = {"state": JobState.FAILED, "error": "the disk is full", "details": "Traceback: x"}
    telling_window.demo._on_end(QueuedJob("a", "Demo", (step,), **failed))
    assert "the disk is full" in told(telling_window)
    telling_window.notice.press("Details")
    assert telling_window.dialogs.shown[-1][2] == "Traceback: x"


class FailingFile(FileIO):
    """A file on a disk that fails."""

    def readinto(self, _buffer):
        raise OSError(5, "Input/output error")


def test_that_a_disk_that_fails_is_told_in_the_views_that_read_it_and_nowhere_else(
    window, export, monkeypatch
):
    open_in(window, export)
    first, second, third = window.session.clustering.cluster_ids[:3]
    reading = {
        "waveform": "raw.bin",
        "trace": "raw.bin",
        "merge": "raw.bin",
        "feature": "pc_features.npy",
        "template_feature": "template_features.npy",
    }
    monkeypatch.setattr(positional, "FileIO", FailingFile)
    window.session.select_clusters((second, third))
    for instance_id in (*reading, "correlogram", "isi", "probe", "raster"):
        window.host.open_view(instance_id)
        assert wait_until_drawn(window, 60)
        view = window.host.view(instance_id)
        if instance_id in reading:
            sentence = f"The file {reading[instance_id]} cannot be read: Input/output error."
            assert str(view.error) == sentence
            assert view.findChild(QLabel, "viewMessage").text() == sentence
        else:
            assert view.error is None
        assert not window.notice.isVisible(), window.notice.sentence
    monkeypatch.undo()
    window.session.select_clusters((first, third))
    for instance_id in reading:
        window.host.open_view(instance_id)
        assert wait_until_drawn(window, 60)
        assert window.host.view(instance_id).error is None, "the disk is well again"
