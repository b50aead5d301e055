"""The journal on disk: appended, synced, told; torn and damaged lines."""

from __future__ import annotations

import errno
import os
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtview.base.errors import DatasetError
from gtview.data import journal_file
from gtview.data.journal_file import JournalWriter, journal_folder, read_journal
from gtview.data.packed_ids import content_hash, hash_ids, pack_ids, unpack_ids


@given(st.sets(st.integers(0, 2**31 - 1), max_size=200))
def test_that_packed_ids_come_back(ids):
    ids = np.array(sorted(ids), np.int32)
    back = unpack_ids(pack_ids(ids))
    assert back.dtype == np.int32
    np.testing.assert_array_equal(back, ids)


@pytest.mark.parametrize("text", ["", "1:", "9:AAAA", "1:not base64!", "x"])
def test_that_damaged_ids_are_told(text):
    with pytest.raises(DatasetError, match="damaged"):
        unpack_ids(text)


def test_that_a_hash_is_of_the_numbers_and_not_of_their_type():
    values = np.arange(3_000_000)
    assert content_hash(values, "<i4") == content_hash(
        values.astype(np.uint16) * 0 + values, "<i4"
    )
    assert content_hash(values.astype(np.int32), "<i4") == content_hash(values, "<i4")
    assert content_hash(values[:-1], "<i4") != content_hash(values, "<i4")
    assert hash_ids(np.array([1, 2], np.int32)) != hash_ids(np.array([2, 1], np.int32))


def test_that_records_are_written_in_order_and_told_when_they_are_safe(tmp_path):
    path, told = tmp_path / "new" / "journal.jsonl", []
    writer = JournalWriter(path, on_written=told.append)
    tickets = [writer.append(lambda k=k: {"k": k}) for k in range(50)]
    assert writer.wait(10)
    assert [r["k"] for r in read_journal(path).records] == list(range(50))
    # The last batch may still be on its way to be told.
    for thread in threading.enumerate():
        if thread.name == "journal":
            thread.join()
    assert told[-1] == tickets[-1]
    assert told == sorted(told)


def test_that_nothing_is_made_before_the_first_record(tmp_path):
    JournalWriter(tmp_path / "x" / "journal.jsonl").wait(1)
    assert not (tmp_path / "x").exists()


def test_that_a_torn_last_line_is_dropped_and_cut_off(tmp_path):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"a":1}\n{"a":2}\n{"a":')
    lines = read_journal(path)
    assert [r["a"] for r in lines.records] == [1, 2]
    assert lines.damage == ""
    writer = JournalWriter(path, keep_bytes=lines.ends[-1])
    writer.append(lambda: {"a": 3})
    assert writer.wait(10)
    assert [r["a"] for r in read_journal(path).records] == [1, 2, 3]


def test_that_damage_in_the_middle_is_told(tmp_path):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"a":1}\nrubbish\n{"a":3}\n')
    lines = read_journal(path)
    assert [r["a"] for r in lines.records] == [1]
    assert "2 lines" in lines.damage


def test_that_a_full_disk_leaves_whole_lines_and_can_be_tried_again(tmp_path, monkeypatch):
    path = tmp_path / "journal.jsonl"
    writer = JournalWriter(path)
    writer.append(lambda: {"a": 1})
    assert writer.wait(10)
    real, failed = os.fsync, []

    def full(handle):
        if not failed:
            failed.append(handle)
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    monkeypatch.setattr(journal_file.os, "fsync", full)
    writer.append(lambda: {"a": 2})
    assert not writer.wait(10)
    assert writer.error.errno == errno.ENOSPC
    assert writer.n_pending == 1
    assert path.read_bytes() == b'{"a":1}\n'
    writer.retry()
    assert writer.wait(10)
    assert [r["a"] for r in read_journal(path).records] == [1, 2]


def test_that_a_journal_is_put_aside_and_never_overwritten(tmp_path):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"old":1}\n')
    writer = JournalWriter(path, aside="journal-aside.jsonl")
    writer.append(lambda: {"new": 1})
    assert writer.wait(10)
    assert path.read_bytes() == b'{"new":1}\n'
    (aside,) = tmp_path.glob("journal-aside-*.jsonl")
    assert aside.read_bytes() == b'{"old":1}\n'


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="root may write everywhere")
def test_that_the_journal_of_a_read_only_export_is_in_the_users_folder(tmp_path):
    export = tmp_path / "export"
    export.mkdir()
    assert journal_folder(export) == export / ".gtview"
    export.chmod(0o555)
    assert tmp_path not in journal_folder(export).parents


def test_that_an_export_that_cannot_be_written_has_its_journal_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(journal_file.os, "access", lambda *_: False)
    other = tmp_path / "other"
    assert journal_folder(tmp_path / "export") != journal_folder(other)
    assert tmp_path not in journal_folder(other).parents
