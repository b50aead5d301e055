import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from gtview.jobs.events import JobCancelled, JobDone, JobFailed, JobLog, JobProgress
from gtview.jobs.runner import JobProcess

HERE = Path(__file__).resolve().parent
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture(autouse=True)
def tasks_of_the_tests(monkeypatch):
    """Let workers find and accept the tasks of the tests."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    monkeypatch.setenv("GTVIEW_TASK_PACKAGES", "tasks_for_tests")


def run(task, log_path=None, **spec):
    return list(JobProcess(f"tasks_for_tests:{task}", spec, log_path).events())


def of_kind(events, kind):
    return [event for event in events if isinstance(event, kind)]


def pids_in(path):
    return [int(line) for line in path.read_text(encoding="utf-8").split()]


def is_living(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until_dead(pids, seconds=10.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end and any(is_living(pid) for pid in pids):
        time.sleep(0.02)
    return [pid for pid in pids if is_living(pid)]


def test_that_progress_and_prints_come_in_their_order_and_the_result_last(tmp_path):
    events = run("steps", n=4, where=tmp_path)
    progress = of_kind(events, JobProgress)
    assert progress == [JobProgress(i / 4, f"step {i}") for i in range(4)]
    assert of_kind(events, JobLog) == [JobLog(f"printed {i}") for i in range(4)]
    assert events[-1] == JobDone({"n": 4, "where": str(tmp_path)})
    assert len(of_kind(events, JobDone)) == 1


def test_that_arrays_come_back_as_lists():
    assert run("arrays")[-1] == JobDone({"count": 3, "values": [0, 1, 2], "nothing": None})


def test_that_a_result_that_cannot_be_told_is_a_failure():
    last = run("unwritable")[-1]
    assert isinstance(last, JobFailed)
    assert "cannot hand back a set" in last.error


def test_that_huge_lines_and_results_pass():
    events = run("big", n=5_000_000)
    assert events[-1] == JobDone({"text": "y" * 5_000_000})
    assert all(len(event.text) <= 4001 for event in of_kind(events, JobLog))


def test_that_progress_does_not_flood_and_its_end_is_told():
    progress = of_kind(run("many_reports"), JobProgress)
    assert len(progress) < 2000
    assert progress[-1] == JobProgress(1.0, "same message")
    assert [event.fraction for event in progress] == sorted(event.fraction for event in progress)


def test_that_nothing_that_is_printed_is_taken_for_an_event(tmp_path):
    log_path = tmp_path / "logs" / "job.log"
    events = run("noise_everywhere", log_path)
    assert events[-1] == JobDone({"fake": False})
    assert len(of_kind(events, JobDone)) == 1
    assert of_kind(events, JobProgress) == [JobProgress(0.5, "half")]
    lines = [event.text for event in of_kind(events, JobLog)]
    assert sum("fake" in line for line in lines) == 4
    text = log_path.read_text(encoding="utf-8")
    assert text.count("fake") == 4
    assert "not text" in text


def test_that_grandchildren_have_no_input_to_wait_for():
    assert run("read_input")[-1] == JobDone({"n": 0})


def test_that_a_failure_is_told_in_one_sentence_with_the_traceback_apart():
    events = run("fail")
    last = events[-1]
    assert of_kind(events, JobProgress) == [JobProgress(0.5, "half")]
    assert last.error == "The recording is empty."
    assert "in fail" in last.traceback


@pytest.mark.parametrize(
    ("task", "words"),
    [("fail_unexpectedly", "ZeroDivisionError"), ("leave", "giving up"), ("missing", "no task")],
)
def test_that_whatever_goes_wrong_the_last_event_is_failed(task, words):
    last = run(task)[-1]
    assert isinstance(last, JobFailed)
    assert words in last.error
    assert "\n" not in last.error


@posix
def test_that_a_killed_job_has_failed_with_its_last_words():
    events = run("die")
    assert isinstance(events[-1], JobFailed)
    assert "killed" in events[-1].error
    assert "last words" in events[-1].traceback


@posix
def test_that_a_crash_is_told_with_the_place():
    last = run("crash")[-1]
    assert isinstance(last, JobFailed)
    assert "SIGSEGV" in last.error
    assert "tasks_for_tests.py" in last.traceback


def test_that_an_exit_without_a_result_has_failed():
    last = run("exit_at_once")[-1]
    assert isinstance(last, JobFailed)
    assert "exit code 7" in last.error


@pytest.mark.parametrize("task", ["os:getpid", "gtview_like:x", "json:loads", ":x", "gtview:x"])
def test_that_only_tasks_of_gtview_are_run(task, monkeypatch):
    monkeypatch.delenv("GTVIEW_TASK_PACKAGES")
    (last,) = of_kind(JobProcess(task, {}).events(), JobFailed)
    assert "task" in last.error


def test_that_workers_use_one_thread_and_not_the_current_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "psutil.py").write_text("raise SystemExit('shadowed')", encoding="utf-8")
    result = run("environment")[-1].result
    assert result["values"] == ["1", "1", "1"]
    assert str(tmp_path) not in result["path"]
    assert "" not in result["path"]


def test_that_cancelling_ends_the_whole_tree_and_deletes_the_partial_result(tmp_path):
    pids, target = tmp_path / "pids.txt", tmp_path / "result"
    job = JobProcess("tasks_for_tests:wait", {"target": target, "pids": pids})
    events = []
    for event in job.events():
        events.append(event)
        if isinstance(event, JobProgress):
            tree = [job.pid, *pids_in(pids)]
            assert all(is_living(pid) for pid in tree)
            assert (tmp_path / "result.partial" / "half.bin").exists()
            start = time.monotonic()
            job.cancel(grace_s=2.0)
            assert wait_until_dead(tree, 0.5) == []
            assert time.monotonic() - start < 2.5
    assert len(tree) == 3
    assert events[-1] == JobCancelled()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pids.txt"]


def test_that_leaving_the_loop_ends_the_job(tmp_path):
    pids, target = tmp_path / "pids.txt", tmp_path / "result"
    job = JobProcess("tasks_for_tests:wait", {"target": target, "pids": pids})
    events = job.events()
    assert any(isinstance(event, JobProgress) for event in events)
    events.close()
    assert wait_until_dead([job.pid, *pids_in(pids)]) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pids.txt"]


def test_that_cancelling_a_job_that_has_ended_changes_nothing(tmp_path):
    job = JobProcess("tasks_for_tests:steps", {"n": 1, "where": "x"})
    events = list(job.events())
    job.cancel()
    assert isinstance(events[-1], JobDone)
    with pytest.raises(RuntimeError, match="once"):
        job.events()


@posix
def test_that_a_killed_job_leaves_no_process_and_no_partial_result(tmp_path):
    pids = tmp_path / "pids.txt"
    last = run("die_with_partial", target=tmp_path / "result", pids=pids)[-1]
    assert isinstance(last, JobFailed)
    assert wait_until_dead(pids_in(pids)) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pids.txt"]


def test_that_a_job_that_is_done_leaves_no_process_behind(tmp_path):
    pids = tmp_path / "pids.txt"
    events = run("leave_children", pids=pids)
    assert events[-1] == JobDone({"done": True})
    assert wait_until_dead(pids_in(pids)) == []


def test_that_a_whole_result_stays_and_spec_files_go(tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    events = run("whole", target=tmp_path / "result")
    assert events[-1] == JobDone({})
    assert (tmp_path / "result" / "result.txt").read_text(encoding="utf-8") == "whole"
    assert list(folder.iterdir()) == []


def test_that_a_worker_ends_with_its_tree_when_its_parent_dies(tmp_path):
    pids, spec = tmp_path / "pids.txt", tmp_path / "spec.json"
    spec.write_text(
        json.dumps({"target": str(tmp_path / "result"), "pids": str(pids)}), encoding="utf-8"
    )
    command = [sys.executable, "-m", "gtview.jobs.worker", "tasks_for_tests:wait", str(spec)]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    # The first line announces the partial result, the second is the progress.
    lines = [json.loads(worker.stdout.readline()) for _ in range(2)]
    assert [line["event"] for line in lines] == ["JobPartial", "JobProgress"]
    tree = [worker.pid, *pids_in(pids)]
    assert len(tree) == 3
    worker.stdin.close()
    assert worker.wait(timeout=10) == 3
    worker.stdout.close()
    assert wait_until_dead(tree) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pids.txt", "spec.json"]


def test_that_the_worker_says_failed_for_a_spec_that_cannot_be_read(tmp_path):
    command = [sys.executable, "-m", "gtview.jobs.worker", "tasks_for_tests:steps"]
    for arguments in ([], [str(tmp_path / "none.json")]):
        # The input stays open: its end would end the worker.
        reading, writing = os.pipe()
        worker = subprocess.run([*command, *arguments], stdin=reading, capture_output=True)
        os.close(reading)
        os.close(writing)
        assert worker.returncode == 1
        (line,) = worker.stdout.splitlines()
        assert json.loads(line)["event"] == "JobFailed"
