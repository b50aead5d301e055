"""The journal: every action is written as it happens; `replay` reads it."""

from __future__ import annotations

import getpass
import platform
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from .. import __version__
from ..base.types import Int32Array
from ..data.dataset import Dataset
from ..data.journal_file import JournalWriter
from .fingerprint import Fingerprint
from .history import Entry
from .records import change_to_record

VERSION = 1
ASIDE = "journal-aside.jsonl"
DAMAGED = "journal-damaged.jsonl"

Record = dict[str, Any]


class Journal:
    """Writes what happens to a history, line by line, through one thread.

    The first line, with the fingerprint, is written with the first action.

    Parameters
    ----------
    writer
        Appends lines.
    first_line
        Makes the first line; None: the file has one. Called in the writer's thread.
    """

    def __init__(self, writer: JournalWriter, first_line: Callable[[], Record] | None) -> None:
        self.writer = writer
        self._first_line = first_line
        self._deferred: list[tuple[Entry, Mapping[str, str]]] = []

    def begin(self) -> None:
        """Write the first line, if there is none yet, and what was deferred."""
        if self._first_line is not None:
            first, self._first_line = self._first_line, None
            self.writer.append(first)
        deferred, self._deferred = self._deferred, []
        for entry, tables in deferred:
            self._write_action(entry, {"tables": dict(tables)})

    def defer_action(self, entry: Entry, tables: Mapping[str, str]) -> None:
        """Write an action before the next one: to open an export changes nothing in it.

        Parameters
        ----------
        entry
            Labels that another program wrote.
        tables
            Hashes of the tables that hold them: they are taken over once.
        """
        self._deferred.append((entry, tables))

    def write_action(self, entry: Entry) -> int:
        """Write an action; return the ticket by which it is told to be safe."""
        self.begin()
        return self._write_action(entry, {})

    def _write_action(self, entry: Entry, more: Record) -> int:
        return self.writer.append(
            lambda: {"n": entry.number, **_when(entry), **_what(entry), **more}
        )

    def write_step(self, step: str, entry: Entry) -> int:
        """Write that an action was taken back ("undo") or done again ("redo")."""
        self.begin()
        now = time.time()
        return self.writer.append(lambda: {"op": step, "of": entry.number, "time": _iso(now)})

    def write_saved(self, number: int, clusters_hash: str, tables: Mapping[str, str]) -> int:
        """Write what the files hold after a save."""
        return self._write_save("saved", number, clusters_hash, tables)

    def write_saving(self, number: int, clusters_hash: str) -> int:
        """Write what the files will hold, before the first of them is replaced."""
        return self._write_save("saving", number, clusters_hash, {})

    def _write_save(
        self, op: str, number: int, clusters_hash: str, tables: Mapping[str, str]
    ) -> int:
        self.begin()
        record = {
            "op": op,
            "at": number,
            "spike_clusters": clusters_hash,
            "tables": dict(tables),
            "time": _iso(time.time()),
        }
        return self.writer.append(lambda: record)


def first_line(
    dataset: Dataset, first_clusters: Int32Array, first_free: int, tables: Mapping[str, str]
) -> Record:
    """Return the first line of a journal."""
    return {
        "gtview_journal": VERSION,
        "fingerprint": Fingerprint.of(dataset, first_clusters).to_json(),
        "first_free_id": first_free,
        "tables": dict(tables),
        "time": _iso(time.time()),
        "gtview": __version__,
    }


def _what(entry: Entry) -> Record:
    return change_to_record(entry.change)


def _when(entry: Entry) -> Record:
    return {"time": _iso(entry.time_s), "gtview": __version__, "by": entry.by}


def _iso(time_s: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time_s)) + f".{time_s % 1:.3f}"[2:] + "Z"


def whoami() -> str:
    """Return the user and the computer, for the history."""
    user = "somebody"
    with suppress(OSError, KeyError, ImportError):
        user = getpass.getuser()
    return f"{user}@{platform.node()}"
