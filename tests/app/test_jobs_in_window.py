"""The page of jobs, the news that they make, and the question before the window closes."""

from __future__ import annotations

from pathlib import Path

import pytest
from opening_in_tests import open_in
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QDesktopServices

from gtview.app.job_row import BUTTONS, can, message_of, state_in_words
from gtview.app.jobs_page import JobsPage, in_order
from gtview.app.waiting import wait_until
from gtview.base.errors import UsageError
from gtview.generation.presets import read_preset
from gtview.jobs.queued import JobSpec, JobState, QueuedJob

TASKS = Path(__file__).resolve().parents[1] / "jobs"


@pytest.fixture(autouse=True)
def tasks_of_the_tests(monkeypatch):
    """Let workers find and accept the tasks of the tests."""
    monkeypatch.setenv("PYTHONPATH", str(TASKS))
    monkeypatch.setenv("GTVIEW_TASK_PACKAGES", "tasks_for_tests")


@pytest.fixture
def jobs(window):
    yield window.jobs
    window.jobs.close()


def task(name, folder=None, **spec):
    return JobSpec(f"tasks_for_tests:{name}", spec, name, folder)


def whole(folder):
    return JobSpec("tasks_for_tests:whole", {"target": folder}, "make it", folder)


def waiting(tmp_path):
    return task("wait", target=tmp_path / "half", pids=tmp_path / "pids")


def until_over(window):
    assert wait_until(window, lambda: window.jobs.queue.n_unfinished == 0, 30)


def row_of(window, job):
    return window.jobs.page.rows[job.id]


def visible_buttons(row):
    return {name for name, button in row.buttons.items() if not button.isHidden()}


def test_that_the_page_is_there_without_a_dataset(window, jobs):
    assert not jobs.is_shown
    window.menus.actions["generate.jobs"].trigger()
    assert jobs.is_shown
    assert "No jobs yet" in jobs.page._empty.text()
    assert not jobs.page._empty.isHidden()
    window.menus.actions["generate.jobs"].trigger()
    assert not jobs.is_shown
    jobs.show()
    assert window.menus.actions["generate.jobs"].isChecked()
    jobs._dock.titleBarWidget().closed.emit()
    assert not jobs.is_shown
    assert not window.menus.actions["generate.jobs"].isChecked()


def test_that_a_job_is_listed_with_its_progress_and_its_end(window, jobs, tmp_path):
    jobs.show()
    job = jobs.add([waiting(tmp_path)], "mine", then_open=False)
    assert wait_until(window, lambda: jobs.queue.job(job.id).message == "waiting", 30)
    row = row_of(window, job)
    assert wait_until(window, lambda: "waiting" in row._message._full, 5)
    assert visible_buttons(row) == {"cancel", "log"}
    assert not jobs.button.isHidden()
    assert jobs.button.text().startswith("mine: ")
    row.buttons["cancel"].click()
    until_over(window)
    assert wait_until(window, lambda: visible_buttons(row) == {"retry", "log", "remove"}, 5)
    assert row._state.text().startswith("cancelled")
    assert jobs.button.isHidden()
    assert not (tmp_path / "half").exists()
    row.buttons["remove"].click()
    assert wait_until(window, lambda: not jobs.page.rows, 5)
    assert not jobs.page._empty.isHidden()


def test_that_a_failed_job_says_why_and_is_tried_again(window, jobs, tmp_path):
    folder = tmp_path / "result"
    folder.mkdir()
    jobs.show()
    job = jobs.add([whole(folder)], "mine", then_open=False)
    until_over(window)
    assert wait_until(window, lambda: bool(window.notice.sentence), 5)
    assert window.notice.sentence == f"mine: {folder} exists already."
    window.notice.press("Details")
    assert jobs.page.logged == job.id
    assert "Traceback" in jobs.page.log.toPlainText()
    folder.rmdir()
    row_of(window, job).buttons["retry"].click()
    until_over(window)
    assert jobs.queue.job(job.id).state is JobState.FINISHED
    assert wait_until(window, lambda: window.notice.sentence == "mine is ready.", 5)


def test_that_what_a_job_prints_is_shown_while_it_runs(window, jobs, tmp_path):
    jobs.show()
    job = jobs.add([task("steps", n=3, where=tmp_path)], "mine", then_open=False)
    jobs.page.show_log(job.id)
    until_over(window)
    assert wait_until(window, lambda: "printed 2" in jobs.page.log.toPlainText(), 5)
    assert not jobs.page.log.isHidden()
    row_of(window, job).buttons["log"].click()
    assert jobs.page.log.isHidden()


def test_that_a_result_is_opened_where_nothing_else_is(window, jobs, export, tmp_path):
    jobs.add([whole(tmp_path / "x")], "mine", opens=export)
    until_over(window)
    assert wait_until(window, lambda: window.has_dataset and window.is_at_rest, 60)
    assert window.session_opened.dataset.folder == export


def test_that_a_result_takes_nothing_away_that_is_looked_at(window, jobs, export, tmp_path):
    open_in(window, export)
    session = window.session
    jobs.add([whole(tmp_path / "x")], "mine", opens=export)
    until_over(window)
    assert wait_until(window, lambda: window.notice.sentence == "mine is ready.", 10)
    assert window.session is session
    window.notice.press("Open it")
    assert wait_until(window, lambda: window.is_at_rest and window.session is not session, 60)


def test_that_a_result_that_was_deleted_is_told(window, jobs, tmp_path):
    jobs.show()
    job = jobs.add([whole(tmp_path / "x")], "mine", then_open=False)
    until_over(window)
    row = row_of(window, job)
    assert wait_until(window, lambda: not row.buttons["open"].isHidden(), 5)
    (tmp_path / "x" / "result.txt").unlink()
    (tmp_path / "x").rmdir()
    for name in ("open", "folder"):
        row.buttons[name].click()
        assert "not there any more" in window.notice.sentence


def test_that_a_folder_is_shown(window, jobs, tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: shown.append(url.toLocalFile()))
    jobs.show()
    job = jobs.add([whole(tmp_path / "x")], "mine", then_open=False)
    until_over(window)
    row = row_of(window, job)
    assert wait_until(window, lambda: not row.buttons["folder"].isHidden(), 5)
    row.buttons["folder"].click()
    assert shown == [str(tmp_path / "x")]


def test_that_the_window_asks_before_jobs_end_with_it(window, jobs, tmp_path, qtbot):
    job = jobs.add([waiting(tmp_path)], "mine")
    assert wait_until(window, lambda: jobs.queue.job(job.id).message == "waiting", 30)
    window.dialogs.answers["confirm"] = False
    assert not window.close()
    assert window.isVisible()
    assert jobs.queue.job(job.id).state is JobState.RUNNING
    window.dialogs.answers["confirm"] = True
    assert window.close()
    assert jobs.queue.job(job.id).state is JobState.CANCELLED
    assert not list(tmp_path.glob("half*"))


def test_that_a_window_without_jobs_closes_without_asking(window, jobs):
    window.dialogs.answers["confirm"] = False
    assert window.close()


def test_that_jobs_of_last_time_are_listed(window, jobs, tmp_path):
    job = jobs.add([whole(tmp_path / "x")], "mine", then_open=False)
    until_over(window)
    from gtview.app.application import make_window

    other = make_window()
    other.jobs.show()
    assert list(other.jobs.page.rows) == [job.id]
    assert visible_buttons(other.jobs.page.rows[job.id]) == {"open", "folder", "log", "remove"}
    assert not other.notice.sentence
    other.close()


def test_that_a_folder_is_made_once(window, jobs, tmp_path):
    recipe = read_preset("quick")
    with pytest.raises(UsageError, match="exists already"):
        jobs.generate(recipe, tmp_path)
    jobs.add([waiting(tmp_path)], "before")
    job = jobs.generate(recipe, tmp_path / "new")
    assert job.opens == tmp_path / "new"
    with pytest.raises(UsageError, match="another job"):
        jobs.generate(recipe, tmp_path / "new")


# The words of a row ----------------------------------------------------------------------------


def job_in(state, **fields):
    steps = fields.pop("steps", (JobSpec("m:f", {}, "Generate", Path("a"), expected_s=10),))
    return QueuedJob("id", "mine", steps, state=state, **fields)


def test_that_a_row_says_how_long_it_takes():
    running = job_in(JobState.RUNNING, started=0.0, step_started=0.0, step_fraction=0.5)
    assert state_in_words(running, 20.0) == "50 %, about 20 s left"
    late = job_in(
        JobState.RUNNING,
        steps=(JobSpec("m:f", {}, "Sort", expected_s=10, is_timed=True),),
        started=0.0,
        step_started=0.0,
    )
    assert state_in_words(late, 70.0) == "95 %, 1 min 10 s so far"
    assert state_in_words(job_in(JobState.WAITING), 0.0) == "waiting"
    done = job_in(JobState.FINISHED, started=0.0, ended=70.0)
    assert state_in_words(done, 0.0).startswith("finished in 1 min 10 s, ")


def test_that_a_row_names_the_step_and_what_it_does():
    steps = tuple(JobSpec("m:f", {}, title) for title in ("Generate", "Sort"))
    running = job_in(JobState.RUNNING, steps=steps, step=1, message="peaks")
    assert message_of(running) == "Sort (2 of 2): peaks"
    assert message_of(job_in(JobState.WAITING, steps=steps)) == "Generate, then Sort"
    failed = job_in(JobState.FAILED, steps=steps, step=1, error="No.")
    assert message_of(failed) == "Sort: No."
    notes = {"warnings": ["two units are close"]}
    assert "two units are close" in message_of(job_in(JobState.FINISHED, result=notes))


def test_that_every_button_makes_sense_in_some_state():
    jobs = [job_in(state, started=0.0, opens=Path("a")) for state in JobState]
    for name, _, _ in BUTTONS:
        assert any(can(job, name) for job in jobs)
        assert not all(can(job, name) for job in jobs) or name == "log"


def test_that_what_runs_stands_above_what_is_done_and_the_newest_first():
    jobs = (
        job_in(JobState.FINISHED, ended=1.0),
        job_in(JobState.FAILED, ended=3.0),
        job_in(JobState.RUNNING),
        job_in(JobState.WAITING),
        job_in(JobState.CANCELLED, ended=2.0),
    )
    assert in_order(jobs) == [jobs[2], jobs[3], jobs[1], jobs[4], jobs[0]]


def test_that_rows_keep_their_place_and_focus_while_others_come(qtbot):
    page = JobsPage(lambda _id: ())
    qtbot.addWidget(page)
    page.show()
    old = QueuedJob("1", "old", job_in(JobState.WAITING).steps, state=JobState.FINISHED, ended=1.0)
    page.show_jobs((old,))
    row = page.rows["1"]
    new = QueuedJob("2", "new", old.steps, state=JobState.RUNNING, started=0.0)
    page.show_jobs((old, new))
    assert page.rows["1"] is row
    assert [page._list.itemAt(i).widget() for i in range(2)] == [page.rows["2"], row]
    assert row.buttons["remove"].focusPolicy() != Qt.FocusPolicy.NoFocus
