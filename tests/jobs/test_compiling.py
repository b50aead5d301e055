from __future__ import annotations

import os
import subprocess
import sys
import time

import psutil
import pytest

from gtview.jobs import compiling
from gtview.jobs.events import JobDone, JobFailed


class FakeJob:
    """A job that ends as it is told, and counts how often it was started."""

    started: list[str] = []
    last: object = JobDone({})

    def __init__(self, task, spec):
        assert task == compiling.COMPILE_TASK
        self.started.append(spec["part"])

    def events(self):
        yield self.last


@pytest.fixture
def fake(monkeypatch):
    monkeypatch.setattr("gtview.jobs.runner.JobProcess", FakeJob)
    monkeypatch.setattr(FakeJob, "started", [])
    monkeypatch.setattr(compiling, "_threads", {})
    monkeypatch.setattr(compiling, "is_compiled", lambda _part: False)
    return FakeJob


def _wait():
    for thread in compiling._threads.values():
        thread.join(timeout=10)
    assert not compiling.is_compiling()


def test_that_a_process_compiles_at_most_once(fake):
    for _ in range(3):
        compiling.start_compiling()
    _wait()
    assert fake.started == ["window"]


def test_that_what_the_truth_needs_is_compiled_when_there_is_one(fake):
    compiling.start_compiling()
    compiling.start_compiling("truth")
    compiling.start_compiling("truth")
    _wait()
    assert fake.started == ["window", "truth"]


def test_that_nothing_is_started_where_all_is_compiled(fake, monkeypatch):
    monkeypatch.setattr(compiling, "is_compiled", lambda _part: True)
    compiling.start_compiling()
    assert not fake.started
    assert not compiling.is_compiling()


def test_that_a_failure_is_logged_and_disturbs_nobody(fake, monkeypatch, caplog):
    monkeypatch.setattr(fake, "last", JobFailed("no disk", ""))
    compiling.start_compiling()
    _wait()
    assert "no disk" in caplog.text


def test_that_the_child_ends_with_its_parent(tmp_path):
    # The parent leaves at once; what it started must not go on for long.
    code = (
        "import os\n"
        "from gtview.jobs import compiling\n"
        "from gtview.jobs.runner import JobProcess\n"
        "job = JobProcess(compiling.COMPILE_TASK, {'part': 'window'})\n"
        "print(job.pid, flush=True)\n"
        "os._exit(0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
        check=True,
    )
    pid = int(done.stdout)
    end = time.monotonic() + 20
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end
        time.sleep(0.05)
