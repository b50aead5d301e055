"""What the lines of a journal lead to: every action is done again, from the beginning."""

from __future__ import annotations

import calendar
import time
from collections.abc import Mapping
from dataclasses import dataclass

from ..base.errors import DatasetError
from ..data.journal_file import JournalLines
from .history import History
from .journal import VERSION, Record
from .records import change_from_record


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


def _from_iso(text: object) -> float:
    try:
        whole, _, rest = str(text).rstrip("Z").partition(".")
        seconds = calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S"))
        return seconds + float(f"0.{rest or 0}")
    except ValueError:
        return 0.0


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
