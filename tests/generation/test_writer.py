from __future__ import annotations

import errno
import json
import random
import shutil

import numpy as np
import pytest
import spikeinterface.core as si
from small_plans import make_plan

from gtview.base.errors import CancelledError, GtviewError, UsageError
from gtview.generation import writer
from gtview.generation.signal import SignalMaker, make_chunk
from gtview.generation.writer import TRACES_NAME, write_recording

PLAN = make_plan(2)
CHUNK_S = 0.01  # 45 chunks


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("written") / "recording"
    write_recording(PLAN, folder, drifting=True, chunk_s=CHUNK_S)
    return folder


def test_that_spikeinterface_loads_what_is_written(written):
    recording = si.load(written)
    expected = make_chunk(PLAN, 0, PLAN.n_samples, drifting=True)
    np.testing.assert_array_equal(recording.get_traces(), expected)
    assert recording.sampling_frequency == PLAN.sample_rate_hz
    assert list(recording.channel_ids) == list("012345")
    np.testing.assert_allclose(recording.get_channel_gains(), PLAN.gain_uv)
    np.testing.assert_allclose(recording.get_channel_offsets(), 0)
    np.testing.assert_allclose(recording.get_channel_locations(), PLAN.channel_positions_um)
    contacts = recording.get_probe().device_channel_indices
    np.testing.assert_array_equal(contacts, np.arange(6))
    assert not recording.is_filtered()


def test_that_the_folder_can_be_moved(written, tmp_path):
    moved = tmp_path / "elsewhere" / "moved"
    shutil.copytree(written, moved)
    np.testing.assert_array_equal(si.load(moved).get_traces(), si.load(written).get_traces())
    described = json.loads((moved / "binary.json").read_text(encoding="utf-8"))
    assert str(written.parent) not in json.dumps(described)


def test_that_other_functions_of_spikeinterface_take_it(written, tmp_path):
    recording = si.load(written)
    saved = recording.save(folder=tmp_path / "again", verbose=False, progress_bar=False)
    np.testing.assert_array_equal(saved.get_traces(), recording.get_traces())
    np.testing.assert_allclose(saved.get_channel_gains(), PLAN.gain_uv)


@pytest.mark.parametrize("n_workers", [1, 2, 5])
@pytest.mark.parametrize("chunk_s", [0.0003, 0.0128, 0.1, 100.0])
def test_that_workers_and_chunks_change_no_byte(written, tmp_path, n_workers, chunk_s):
    plan, expected = PLAN, (written / TRACES_NAME).read_bytes()
    folder = tmp_path / "recording"
    write_recording(plan, folder, drifting=True, n_workers=n_workers, chunk_s=chunk_s)
    assert (folder / TRACES_NAME).read_bytes() == expected


def test_that_microvolts_can_be_written(tmp_path):
    plan = make_plan(2, dtype="float32")
    write_recording(plan, tmp_path / "floats", drifting=False)
    recording = si.load(tmp_path / "floats")
    expected = make_chunk(plan, 0, plan.n_samples, drifting=False)
    np.testing.assert_array_equal(recording.get_traces(return_in_uV=True), expected)


@pytest.mark.parametrize("n_workers", [1, 2])
def test_that_it_tells_how_far_it_is(tmp_path, n_workers):
    told = []
    write_recording(
        PLAN,
        tmp_path / "recording",
        drifting=True,
        n_workers=n_workers,
        chunk_s=CHUNK_S,
        report=lambda fraction, message="": told.append(fraction),
    )
    assert told[0] == 0
    assert told[-1] == 1
    assert told == sorted(told)
    # Two writers may finish several chunks between two reports; one tells each.
    assert len(set(told)) > (20 if n_workers == 1 else 5)


@pytest.mark.parametrize("seed", range(10))
def test_that_nothing_is_left_of_what_was_cancelled(tmp_path, seed):
    rng = random.Random(seed)
    left = rng.randrange(0, 60)

    def report(fraction, message=""):
        nonlocal left
        left -= 1
        if left < 0:
            raise CancelledError("enough")

    with pytest.raises(CancelledError):
        write_recording(
            PLAN,
            tmp_path / "recording",
            drifting=True,
            n_workers=rng.choice([1, 2, 4]),
            chunk_s=0.005,
            report=report,
        )
    assert list(tmp_path.iterdir()) == []


def test_that_an_interrupt_leaves_nothing_either(tmp_path):
    def report(fraction, message=""):
        if fraction > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_recording(
            PLAN,
            tmp_path / "recording",
            drifting=True,
            n_workers=2,
            chunk_s=CHUNK_S,
            report=report,
        )
    assert list(tmp_path.iterdir()) == []


class _Disk:
    """A disk on which less and less is free."""

    def __init__(self, *free):
        self._free = list(free)

    def __call__(self, _path):
        free = self._free.pop(0) if len(self._free) > 1 else self._free[0]
        return shutil._ntuple_diskusage(10**12, 10**12 - free, free)


def test_that_a_disk_that_is_too_small_is_refused_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setattr(writer.shutil, "disk_usage", _Disk(writer.SPARE_BYTES))
    monkeypatch.setattr(SignalMaker, "make", None)
    with pytest.raises(UsageError, match=r"needs 0\.00 GB, but the disk of .* only 0\.10 GB"):
        write_recording(PLAN, tmp_path / "recording", drifting=True)
    assert list(tmp_path.iterdir()) == []


def test_that_a_disk_that_others_fill_meanwhile_ends_the_work(tmp_path, monkeypatch):
    enough = 10 * writer.SPARE_BYTES
    monkeypatch.setattr(writer.shutil, "disk_usage", _Disk(*[enough] * 10, 1000))
    with pytest.raises(GtviewError, match="became full"):
        write_recording(PLAN, tmp_path / "recording", drifting=True, n_workers=2, chunk_s=CHUNK_S)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_that_a_full_disk_is_told_in_a_sentence(tmp_path, monkeypatch, number):
    make, calls = SignalMaker.make, []

    def full(self, start, stop, out=None):
        calls.append(start)
        if len(calls) > 20:
            raise OSError(number, "No space left on device")
        return make(self, start, stop, out)

    monkeypatch.setattr(SignalMaker, "make", full)
    with pytest.raises(GtviewError, match="became full; the recording was not written"):
        write_recording(PLAN, tmp_path / "recording", drifting=True, chunk_s=CHUNK_S)
    assert list(tmp_path.iterdir()) == []


def test_that_other_faults_are_told_as_they_are_and_leave_nothing(tmp_path, monkeypatch):
    def fail(*_args, **_kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(SignalMaker, "make", fail)
    with pytest.raises(ZeroDivisionError):
        write_recording(PLAN, tmp_path / "recording", drifting=True, n_workers=3)
    assert list(tmp_path.iterdir()) == []


def test_that_a_folder_that_exists_is_left_alone(tmp_path):
    kept = tmp_path / "recording" / "notes.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        write_recording(PLAN, kept.parent, drifting=True)
    assert kept.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["recording"]


def test_that_what_an_ended_process_left_is_replaced(tmp_path):
    old = tmp_path / "recording.partial" / "traces"
    old.parent.mkdir()
    old.write_text("half")
    write_recording(PLAN, tmp_path / "recording", drifting=True)
    assert [path.name for path in tmp_path.iterdir()] == ["recording"]
    assert not (tmp_path / "recording" / "traces").exists()


def test_that_memory_does_not_grow_with_the_duration(tmp_path):
    import tracemalloc

    peaks = []
    for n_samples in (20_000, 200_000):
        plan = make_plan(2, n_samples=n_samples)
        tracemalloc.start()
        write_recording(plan, tmp_path / str(n_samples), drifting=True, chunk_s=0.1)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 1_000_000
