from __future__ import annotations

import random
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from gtview.base.errors import UsageError
from gtview.jobs.queue import JobQueue
from gtview.jobs.queue_file import MOST_KEPT, JobFile, log_path
from gtview.jobs.queued import JobSpec, JobState, QueuedJob, time_in_words

HERE = Path(__file__).resolve().parent
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

TETRODE = {
    "duration_s": 4,
    "n_units": 5,
    "seed": 1,
    "probe": {"kind": "tetrode"},
    "motion": {"motions": [{"kind": "zigzag", "period_s": 2}]},
    "output": {"has_static": True},
}


@pytest.fixture(autouse=True)
def tasks_of_the_tests(monkeypatch):
    """Let workers find and accept the tasks of the tests."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    monkeypatch.setenv("GTVIEW_TASK_PACKAGES", "tasks_for_tests")


@pytest.fixture
def queue(tmp_path):
    made = JobQueue(JobFile(tmp_path / "state" / "jobs.json"))
    yield made
    made.close()


def task(name, folder=None, **spec):
    return JobSpec(f"tasks_for_tests:{name}", spec, name, folder)


def wait_for(condition, seconds=30.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.01)


def ended(queue, job):
    wait_for(lambda: queue.job(job.id).state.is_over)
    return queue.job(job.id)


def test_that_a_job_runs_and_tells_its_states_in_order(queue, tmp_path):
    told = []
    queue.listen(told.append)
    job = queue.add(task("steps", n=3, where=tmp_path), "mine")
    assert job.state is JobState.WAITING
    last = ended(queue, job)
    assert last.state is JobState.FINISHED
    assert last.result["n"] == 3
    assert last.title == "mine"
    assert queue.log_of(job.id) == ("printed 0", "printed 1", "printed 2")
    wait_for(lambda: told[-1].state.is_over)
    states = list(dict.fromkeys(job.state for job in told))
    assert states == [JobState.WAITING, JobState.RUNNING, JobState.FINISHED]
    messages = list(dict.fromkeys(job.message for job in told))
    assert messages == ["", "starting", "step 0", "step 1", "step 2"]
    fractions = [job.fraction() for job in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_that_one_job_runs_at_a_time_in_the_order_of_adding(queue, tmp_path):
    most, begun = [0], []

    def listen(_job):
        jobs = queue.jobs
        most[0] = max(most[0], sum(job.state is JobState.RUNNING for job in jobs))
        begun.extend(job.id for job in jobs if job.state is JobState.RUNNING)

    queue.listen(listen)
    jobs = [queue.add(task("steps", n=2, where=tmp_path)) for _ in range(4)]
    for job in jobs:
        ended(queue, job)
    assert most == [1]
    assert list(dict.fromkeys(begun)) == [job.id for job in jobs]


def test_that_a_chain_stops_at_the_first_failure(queue, tmp_path):
    never = tmp_path / "never"
    steps = [
        task("whole", tmp_path / "a", target=tmp_path / "a"),
        task("fail"),
        task("whole", never, target=never),
    ]
    job = ended(queue, queue.add(steps[0], then=steps[1:]))
    assert job.state is JobState.FAILED
    assert job.error == "The recording is empty."
    assert "DatasetError" in job.details
    assert job.step == 1
    assert (tmp_path / "a").is_dir()
    assert job.folder == tmp_path / "a"
    assert not never.exists()


def test_that_a_chain_runs_to_its_end_and_opens_the_last_folder(queue, tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    job = queue.add(
        task("whole", first, target=first), then=[task("whole", second, target=second)]
    )
    last = ended(queue, job)
    assert last.state is JobState.FINISHED
    assert last.opens == last.folder == second
    assert first.is_dir()
    assert second.is_dir()


def test_that_a_failed_job_is_tried_again_from_the_step_that_failed(queue, tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    second.mkdir()
    job = queue.add(
        task("whole", first, target=first), then=[task("whole", second, target=second)]
    )
    failed = ended(queue, job)
    assert failed.error == f"{second} exists already."
    second.rmdir()
    # The first step would fail now: its folder is there.
    again = queue.retry(job.id)
    assert again.state is JobState.WAITING
    last = ended(queue, again)
    assert last.state is JobState.FINISHED
    assert last.error == ""
    assert (second / "result.txt").is_file()
    with pytest.raises(UsageError):
        queue.retry(job.id)


def test_that_a_waiting_job_is_cancelled_at_once_and_never_starts(queue, tmp_path):
    running = queue.add(task("wait", target=tmp_path / "a", pids=tmp_path / "pids"))
    waiting = queue.add(task("whole", target=tmp_path / "b"))
    queue.cancel(waiting.id)
    assert queue.job(waiting.id).state is JobState.CANCELLED
    queue.cancel(running.id)
    assert ended(queue, running).state is JobState.CANCELLED
    wait_for(lambda: queue.running is None)
    assert not (tmp_path / "b").exists()


def test_that_a_cancelled_job_leaves_no_process_and_no_file(queue, tmp_path):
    pids = tmp_path / "pids"
    job = queue.add(task("wait", target=tmp_path / "a", pids=pids))
    wait_for(lambda: queue.job(job.id).message == "waiting")
    began = time.monotonic()
    queue.cancel(job.id)
    assert time.monotonic() - began < 0.5, "the caller must not wait"
    assert ended(queue, job).state is JobState.CANCELLED
    assert not list(tmp_path.glob("a*"))
    for pid in pids.read_text(encoding="utf-8").split():
        assert not psutil.pid_exists(int(pid)) or (
            psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE
        )


@posix
@pytest.mark.parametrize("name", ["die", "crash", "exit_at_once"])
def test_that_a_killed_worker_is_a_failure_and_the_next_job_runs(queue, tmp_path, name):
    killed = queue.add(task(name))
    after = queue.add(task("whole", target=tmp_path / "b"))
    assert ended(queue, killed).state is JobState.FAILED
    assert queue.job(killed.id).error.endswith((".", ")."))
    assert ended(queue, after).state is JobState.FINISHED


@posix
def test_that_a_worker_killed_while_it_writes_leaves_nothing_half_written(queue, tmp_path):
    target = tmp_path / "a"
    job = queue.add(task("die_with_partial", target=target, pids=tmp_path / "pids"))
    assert "killed" in ended(queue, job).error
    assert not list(tmp_path.glob("a*"))


def test_that_a_task_that_does_not_exist_is_told(queue):
    job = ended(queue, queue.add(JobSpec("gtview.jobs.tasks.nothing:at_all", {}, "nothing")))
    assert job.state is JobState.FAILED
    assert "\n" not in job.error


def test_that_a_spec_without_a_form_in_json_is_told(queue):
    job = ended(queue, queue.add(JobSpec("tasks_for_tests:steps", {"n": object()}, "odd")))
    assert job.state is JobState.FAILED


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_that_a_dataset_cancelled_at_any_moment_is_whole_or_not_there(queue, tmp_path, seed):
    folder = tmp_path / "dataset"
    step = JobSpec(
        "gtview.jobs.tasks.generate:generate_dataset",
        {"folder": folder, "recipe": TETRODE, "n_workers": 2},
        "Generate",
        folder,
    )
    job = queue.add(step)
    # By what was told, not by the clock: so every stage is met on any machine.
    at = random.Random(seed).uniform(0.0, 1.0)
    wait_for(lambda: queue.job(job.id).step_fraction >= at or queue.job(job.id).state.is_over)
    queue.cancel(job.id)
    last = ended(queue, job)
    assert last.state in (JobState.CANCELLED, JobState.FINISHED)
    assert folder.exists() == (last.state is JobState.FINISHED)
    assert not list(tmp_path.rglob("*.partial"))


@pytest.mark.slow
def test_that_a_disk_that_fills_half_way_is_told_and_nothing_is_left(queue, tmp_path):
    folder = tmp_path / "dataset"
    spec = {"folder": folder, "recipe": TETRODE, "n_workers": 2, "n_chunks": 4}
    job = ended(queue, queue.add(JobSpec("tasks_for_tests:fill_disk", spec, "fill", folder)))
    assert job.state is JobState.FAILED
    assert "became full" in job.error
    assert not list(tmp_path.glob("dataset*"))


def test_that_a_running_job_cannot_be_removed_and_others_can(queue, tmp_path):
    running = queue.add(task("wait", target=tmp_path / "a", pids=tmp_path / "pids"))
    waiting = queue.add(task("whole", target=tmp_path / "b"))
    wait_for(lambda: queue.job(running.id).state is JobState.RUNNING)
    with pytest.raises(UsageError, match="running"):
        queue.remove(running.id)
    queue.remove(waiting.id)
    queue.cancel(running.id)
    ended(queue, running)
    queue.remove(running.id)
    assert queue.jobs == ()


def test_that_jobs_that_are_over_are_there_the_next_time(tmp_path):
    file = JobFile(tmp_path / "jobs.json")
    queue = JobQueue(file)
    good = queue.add(
        task("whole", tmp_path / "a", target=tmp_path / "a"), "good", opens=tmp_path / "a"
    )
    bad = queue.add(task("fail"), "bad")
    ended(queue, good)
    before = ended(queue, bad)
    queue.close()
    later = JobQueue(file)
    later.load()
    assert [job.title for job in later.jobs] == ["good", "bad"]
    first, second = later.jobs
    assert first.folder == first.opens == tmp_path / "a"
    assert (second.error, second.details) == (before.error, before.details)
    assert second.steps == before.steps
    later.remove(first.id)
    again = JobQueue(file)
    again.load()
    assert [job.title for job in again.jobs] == ["bad"]
    later.close()


def test_that_what_a_job_printed_is_there_the_next_time_and_goes_with_it(tmp_path):
    file = JobFile(tmp_path / "jobs.json")
    queue = JobQueue(file)
    job = queue.add(task("steps", n=2, where=tmp_path))
    ended(queue, job)
    queue.close()
    later = JobQueue(file)
    later.load()
    assert later.log_of(job.id) == ("printed 0", "printed 1")
    assert log_path(job.id, 0).is_file()
    later.remove(job.id)
    assert not log_path(job.id, 0).exists()


def test_that_two_windows_do_not_lose_each_others_jobs(tmp_path):
    file = JobFile(tmp_path / "jobs.json")
    one, two = JobQueue(file), JobQueue(file)
    for queue in (one, two):
        queue.load()
    for queue, title in ((one, "one"), (two, "two")):
        ended(queue, queue.add(task("steps", n=1, where=tmp_path), title))
    wait_for(lambda: {job.title for job in file.read()} == {"one", "two"})
    for queue in (one, two):
        queue.close()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '[{"id": 1}]', "[3]", '[{"steps": []}]'])
def test_that_a_damaged_list_counts_as_empty(tmp_path, text):
    path = tmp_path / "jobs.json"
    path.write_text(text, encoding="utf-8")
    assert JobFile(path).read() == []


def test_that_only_the_newest_are_kept(tmp_path):
    file = JobFile(tmp_path / "jobs.json")
    jobs = [
        QueuedJob(str(i), str(i), (task("steps"),), state=JobState.FINISHED, ended=float(i))
        for i in range(MOST_KEPT + 5)
    ]
    file.keep(jobs)
    assert [job.id for job in file.read()] == [str(i) for i in range(5, MOST_KEPT + 5)]


def test_that_closing_ends_everything_and_takes_nothing_more(tmp_path):
    queue = JobQueue()
    pids = tmp_path / "pids"
    running = queue.add(task("wait", target=tmp_path / "a", pids=pids))
    waiting = queue.add(task("whole", target=tmp_path / "b"))
    wait_for(lambda: queue.job(running.id).message == "waiting")
    queue.close()
    assert queue.job(running.id).state is JobState.CANCELLED
    assert queue.job(waiting.id).state is JobState.CANCELLED
    assert not list(tmp_path.glob("a*"))
    with pytest.raises(UsageError):
        queue.add(task("whole", target=tmp_path / "c"))


def test_that_a_listener_that_fails_or_leaves_stops_nobody(queue, tmp_path):
    told = []

    def fail(_job):
        raise ValueError

    queue.listen(fail)
    stop = queue.listen(lambda _job: pytest.fail("it left"))
    queue.listen(told.append)
    stop()
    stop()
    assert ended(queue, queue.add(task("steps", n=1, where=tmp_path))).state is JobState.FINISHED
    wait_for(lambda: told and told[-1].state is JobState.FINISHED)


def test_that_a_listener_may_use_the_queue(queue, tmp_path):
    added = threading.Event()

    def add_another(job):
        if job.state is JobState.FINISHED and not added.is_set():
            added.set()
            queue.add(task("whole", target=tmp_path / "b"), "second")

    queue.listen(add_another)
    queue.add(task("whole", target=tmp_path / "a"))
    wait_for(lambda: len(queue.jobs) == 2 and queue.n_unfinished == 0)
    assert (tmp_path / "b").is_dir()


# How far it is ---------------------------------------------------------------------------------


def running(*steps, **fields):
    return QueuedJob(
        "a", "a", tuple(steps), state=JobState.RUNNING, started=0.0, step_started=0.0, **fields
    )


def step_of(expected_s, **fields):
    return JobSpec("m:f", {}, "step", expected_s=expected_s, **fields)


def test_that_steps_count_by_the_time_that_they_take():
    job = running(step_of(10), step_of(30), step=1, step_fraction=0.5)
    assert job.fraction(5.0) == pytest.approx(25 / 40)


def test_that_the_time_left_follows_the_speed_that_was_seen():
    job = running(step_of(10), step_of(30), step_fraction=0.5)
    assert job.seconds_left(20.0) == pytest.approx(20 + 30)


def test_that_at_first_the_plan_says_how_long_it_takes():
    job = running(step_of(100), step_fraction=0.0)
    assert job.seconds_left(1.0) == pytest.approx(99)
    # A hundredth after ten seconds would mean a quarter of an hour; it is believed a little.
    early = running(step_of(100), step_fraction=0.01).seconds_left(10.0)
    assert 90 < early < 200


def test_that_a_step_without_progress_goes_by_the_clock_and_never_claims_its_end():
    job = running(step_of(10, is_timed=True))
    assert job.fraction(5.0) == pytest.approx(0.5)
    assert job.seconds_left(4.0) == pytest.approx(6.0)
    assert job.fraction(1000.0) < 1.0
    assert job.seconds_left(1000.0) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.4, "59 s"), (60, "1 min"), (130, "2 min 10 s"), (1500, "25 min"),
     (3600, "1 h"), (3900, "1 h 5 min")],
)  # fmt: skip
def test_that_times_are_told_as_people_say_them(seconds, text):
    assert time_in_words(seconds) == text
