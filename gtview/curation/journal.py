"""The journal: every action as it happens, and the state that it leads to when it is read."""

from __future__ import annotations

import getpass
import platform
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import __version__
from ..base.errors import DatasetError
from ..base.types import Int32Array
from ..data.dataset import Dataset
from ..data.journal_file import JournalLines, JournalWriter
from ..data.packed_ids import content_hash
from .history import Entry, History
from .records import change_from_record, change_to_record

VERSION = 1
ASIDE = "journal-aside.jsonl"
DAMAGED = "journal-damaged.jsonl"

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hashes of what a sorter found: a journal belongs to one of them, wherever its folder is.

    The times and templates of all spikes, and the first assignment; no names, no dates.
    """

    n_spikes: int
    spike_times: str
    spike_templates: str
    spike_clusters: str

    @classmethod
    def of(cls, dataset: Dataset, first_clusters: Int32Array) -> Fingerprint:
        """Compute it; some tenths of a second for 20 million spikes: for a thread."""
        return cls(
            dataset.n_spikes,
            content_hash(dataset.spike_samples, "<i8"),
            content_hash(dataset.spike_templates, "<i4"),
            content_hash(first_clusters, "<i4"),
        )

    def to_json(self) -> Record:
        """Return the fields as JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, value: Record) -> Fingerprint:
        """Return what `to_json` wrote.

        Raises
        ------
        DatasetError
            It is damaged.
        """
        try:
            return cls(
                int(value["n_spikes"]),
                str(value["spike_times"]),
                str(value["spike_templates"]),
                str(value["spike_clusters"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DatasetError("The beginning of the journal is damaged.") from error

    def is_same_sorting(self, dataset: Dataset) -> bool:
        """Whether the spikes and their templates are those of a dataset."""
        return (
            self.n_spikes == dataset.n_spikes
            and self.spike_templates == content_hash(dataset.spike_templates, "<i4")
            and self.spike_times == content_hash(dataset.spike_samples, "<i8")
        )


@dataclass(frozen=True, slots=True)
class Saved:
    """What the files of a save hold: the hash of the assignment, and of each table.

    `number` is that of the last action that is in them; `is_done` is False when the program was
    ended while it saved: then any of the files may be the one before.
    """

    number: int
    clusters_hash: str
    tables: Mapping[str, str]
    is_done: bool


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


def _from_iso(text: object) -> float:
    import calendar

    try:
        whole, _, rest = str(text).rstrip("Z").partition(".")
        seconds = calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S"))
        return seconds + float(f"0.{rest or 0}")
    except ValueError:
        return 0.0


def whoami() -> str:
    """Return the user and the computer, for the history."""
    user = "somebody"
    with suppress(OSError, KeyError, ImportError):
        user = getpass.getuser()
    return f"{user}@{platform.node()}"


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """What reading a journal gave.

    Attributes
    ----------
    saves
        All that were written down, the first first.
    n_lines
        Lines that could be used, the first one included.
    problem
        Why the lines behind them could not; "" when all could.
    n_actions
        Actions, undos and redos that were replayed.
    tables
        Hashes of the tables of labels as they were last known.
    """

    saves: tuple[Saved, ...]
    n_lines: int
    problem: str
    n_actions: int
    tables: Mapping[str, str]


def replay(lines: JournalLines, history: History) -> Replay:
    """Do again what a journal says, from the beginning.

    Parameters
    ----------
    lines
        The lines, the first one included.
    history
        Empty, over the first assignment; it is at the end of the journal then, or where the
        journal is damaged.
    """
    saves: list[Saved] = []
    n_actions, problem, n_lines = 0, lines.damage, len(lines.records)
    tables = lines.records[0].get("tables") or {}
    for k, record in enumerate(lines.records[1:], 1):
        try:
            n_actions += _replay_line(record, history, saves)
        except DatasetError as error:
            problem, n_lines = str(error), k
            break
        if "tables" in record and record.get("op") != "saving":
            tables = record["tables"]
    return Replay(tuple(saves), n_lines, problem, n_actions, tables)


def _replay_line(record: Record, history: History, saves: list[Saved]) -> bool:
    op = record.get("op")
    if op in ("saved", "saving"):
        hashes = record.get("tables") or {}
        saves.append(
            Saved(int(record["at"]), str(record["spike_clusters"]), hashes, op == "saved")
        )
        return False
    if op in ("undo", "redo"):
        done = history.undo() if op == "undo" else history.redo()
        if done is None or done.number != record.get("of"):
            raise DatasetError(f"The journal has an {op} of an action that is not there.")
        return True
    change = change_from_record(record, history.state)
    try:
        history.do(
            change,
            number=int(record["n"]),
            time_s=_from_iso(record.get("time")),
            by=str(record.get("by", "")),
        )
    except (ValueError, KeyError) as error:
        raise DatasetError(f"The journal does not fit: {error}.") from error
    return True


def is_journal(lines: JournalLines | None) -> bool:
    """Whether a file begins as a journal that can be understood."""
    return bool(lines and lines.records and lines.records[0].get("gtview_journal") == VERSION)


def highest_id(lines: JournalLines) -> int:
    """Return an id that is larger than all that a journal has ever given."""
    highest = 0
    for record in lines.records:
        ids = [i for i in record.get("after", ()) if isinstance(i, int)]
        first = record.get("first_free_id", 0)
        highest = max([highest, first if isinstance(first, int) else 0, *(i + 1 for i in ids)])
    return highest


def as_first(clusters: Int32Array) -> Int32Array:
    """Return an assignment as one that is never written."""
    view = np.asarray(clusters, np.int32).view()
    view.setflags(write=False)
    return view
