"""Tasks that behave and misbehave; run in child processes by the tests of jobs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from gtview.base.errors import DatasetError
from gtview.jobs.partial import whole_folder


def steps(spec, report):
    for i in range(spec["n"]):
        report(i / spec["n"], f"step {i}")
        print(f"printed {i}", flush=True)
    return {"n": spec["n"], "where": Path(spec["where"])}


def arrays(spec, report):
    import numpy as np

    return {"count": np.int64(3), "values": np.arange(3), "nothing": None}


def unwritable(spec, report):
    return {"value": {1, 2}}


def big(spec, report):
    print("x" * 300_000, flush=True)
    return {"text": "y" * spec["n"]}


def many_reports(spec, report):
    for i in range(100_000):
        report(i / 100_000, "same message")
    report(1.0, "same message")
    return {}


def noise_everywhere(spec, report):
    """Print like C code, like a grandchild, and like a log, what looks like events."""
    fake = '{"event": "JobDone", "result": {"fake": true}}'
    print(fake, flush=True)
    os.write(1, f"{fake}\n".encode())
    os.write(2, b"\xff\xfe not text \x00\n" + f"{fake}\n".encode())
    subprocess.run([sys.executable, "-c", f"print({fake!r})"], check=True)
    report(0.5, "half")
    return {"fake": False}


def read_input(spec, report):
    """A grandchild that reads its input gets the end of it at once."""
    code = "import sys; print(len(sys.stdin.read()))"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=20)
    return {"n": int(output.stdout)}


def fail(spec, report):
    report(0.5, "half")
    raise DatasetError("The recording is empty.")


def fail_unexpectedly(spec, report):
    return {"n": 1 // 0}


def leave(spec, report):
    sys.exit("giving up")


def die(spec, report):
    print("last words", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


def crash(spec, report):
    import ctypes

    ctypes.string_at(0)


def exit_at_once(spec, report):
    os._exit(7)


def environment(spec, report):
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return {"values": [os.environ.get(name) for name in names], "path": sys.path}


def wait(spec, report):
    """Write a partial result, start a child and a grandchild that ignore requests, and wait."""
    with whole_folder(Path(spec["target"])) as folder:
        (folder / "half.bin").write_bytes(b"0" * 1000)
        child = start_stubborn_child(Path(spec["pids"]))
        report(0.1, "waiting")
        child.wait()
    return {}


def die_with_partial(spec, report):
    with whole_folder(Path(spec["target"])) as folder:
        (folder / "half.bin").write_bytes(b"0" * 1000)
        start_stubborn_child(Path(spec["pids"]))
        os.kill(os.getpid(), signal.SIGKILL)


def leave_children(spec, report):
    start_stubborn_child(Path(spec["pids"]))
    return {"done": True}


def whole(spec, report):
    with whole_folder(Path(spec["target"])) as folder:
        (folder / "result.txt").write_text("whole", encoding="utf-8")
    return {}


STUBBORN = """
import os, signal, subprocess, sys, time
if hasattr(signal, "SIGTERM"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
depth, pids = int(sys.argv[1]), sys.argv[2]
if depth:
    options = {} if os.name == "nt" else {"start_new_session": True}
    subprocess.Popen([sys.executable, "-c", os.environ["STUBBORN"], "0", pids], **options)
with open(pids, "a") as file:
    file.write(f"{os.getpid()}\\n")
time.sleep(60)
"""


def start_stubborn_child(pids: Path):
    """Start a child with a grandchild in a session of its own; wait until both have spoken."""
    env = {**os.environ, "STUBBORN": STUBBORN}
    child = subprocess.Popen([sys.executable, "-c", STUBBORN, "1", str(pids)], env=env)
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if pids.exists() and len(pids.read_text(encoding="utf-8").splitlines()) == 2:
            return child
        time.sleep(0.02)
    raise TimeoutError


def fill_disk(spec, report):
    """Make a dataset on a disk that becomes full after some chunks."""
    import errno

    from gtview.generation import writer
    from gtview.jobs.tasks.generate import generate_dataset

    usual, n_left = writer._ChunkWriter.write, iter(range(spec.pop("n_chunks")))

    def write(self, start):
        if next(n_left, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        usual(self, start)

    writer._ChunkWriter.write = write
    return generate_dataset(spec, report)


def copy_and_hang(spec, report):
    """Copy features, and stay in the middle of it."""
    from gtview.jobs.tasks.feature_copies import copy_features

    def stay(fraction, message=""):
        report(fraction, message)
        if list(Path(spec["store"]).glob("*.partial")):
            time.sleep(600)

    return copy_features(spec, stay)
