"""The demo in the window: made as a job, shown with its progress, then opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from gtview.app import demo_runner
from gtview.app.waiting import wait_until
from gtview.base.errors import UsageError
from gtview.jobs.queued import JobSpec, JobState

TASKS = Path(__file__).resolve().parents[1] / "jobs"


@pytest.fixture
def steps(window, monkeypatch, export):
    """The steps that make the demo, to be filled by the test; the result is a small export."""
    made: list[JobSpec] = []
    monkeypatch.setenv("PYTHONPATH", str(TASKS))
    monkeypatch.setenv("GTVIEW_TASK_PACKAGES", "tasks_for_tests")
    monkeypatch.setattr(demo_runner, "demo_steps", lambda _folder: tuple(made))
    monkeypatch.setattr(demo_runner, "demo_export", lambda _folder: export)
    yield made
    window.jobs.close()


def test_that_the_demo_is_made_and_opened(window, steps, export, tmp_path):
    spec = {"target": tmp_path / "x"}
    steps.append(JobSpec("tasks_for_tests:whole", spec, "Generate", tmp_path / "x"))
    window.menus.actions["file.demo"].trigger()
    assert window.demo.is_running
    assert window._pages.currentWidget() is window._loading
    assert wait_until(window, lambda: window.has_dataset, 60)
    assert window.session_opened.dataset.folder == export
    assert not window.demo.is_running
    # It is no news that has to be told: it is seen.
    assert window.notice.sentence == ""


def test_that_the_demo_that_is_there_opens_at_once(window, steps, export, monkeypatch):
    monkeypatch.setattr(demo_runner, "is_demo_ready", lambda _folder: True)
    window.demo.open()
    assert not window.demo.is_running
    assert wait_until(window, lambda: window.has_dataset, 60)
    assert window.jobs.queue.jobs == ()


def test_that_the_demo_is_cancelled_from_its_page(window, steps, tmp_path):
    spec = {"target": tmp_path / "half", "pids": tmp_path / "pids"}
    steps.append(JobSpec("tasks_for_tests:wait", spec, "Generate"))
    window.demo.open()
    # Asked for twice, made once.
    window.demo.open()
    assert len(window.jobs.queue.jobs) == 1
    assert wait_until(window, lambda: window._loading._message.text() == "waiting", 30)
    window._loading.cancel_button.click()
    assert wait_until(window, lambda: not window.demo.is_running, 30)
    assert window._pages.currentWidget() is window._start
    assert window.jobs.queue.jobs[0].state is JobState.CANCELLED
    assert not (tmp_path / "half").exists()
    assert window.notice.sentence == ""


def test_that_a_demo_that_fails_says_why(window, steps):
    steps.append(JobSpec("tasks_for_tests:fail", {}, "Generate"))
    window.demo.open()
    assert wait_until(window, lambda: bool(window.notice.sentence), 30)
    assert window.notice.sentence == "The demo could not be made: The recording is empty."
    assert window._pages.currentWidget() is window._start
    window.notice.press("Details")
    assert "DatasetError" in window.dialogs.shown[-1][2]


def test_that_a_folder_of_the_user_is_left_alone_and_told(window, steps, tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    window.demo.open(tmp_path)
    assert "no demo" in window.notice.sentence
    assert not window.demo.is_running
    with pytest.raises(UsageError):
        demo_runner.make_room(tmp_path)
