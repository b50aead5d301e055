"""The journal on disk: lines of JSON, appended and synced by one thread; knows no meaning."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.files import sync_folder
from ..base.folders import data_folder

_log = logging.getLogger(__name__)

FOLDER = ".gtview"
NAME = "journal.jsonl"

Record = dict[str, Any]
MakeRecord = Callable[[], Record]


def is_writable(folder: Path) -> bool:
    """Whether files can be made in a folder, or in the `.gtview` that it has."""
    own = folder / FOLDER
    return os.access(own if own.is_dir() else folder, os.W_OK | os.X_OK)


def journal_folder(export: Path) -> Path:
    """Return where the journal and the backups of an export are, or will be.

    `.gtview` in the export; in the user's data folder when the export cannot be written.
    """
    if is_writable(export):
        return export / FOLDER
    return data_folder() / "journals" / key_of(export)


def key_of(export: Path) -> str:
    """Return a name of an export for files about it that are kept elsewhere."""
    resolved = export.resolve()
    digest = hashlib.blake2b(str(resolved).encode(), digest_size=8).hexdigest()
    return f"{resolved.name[:40]}-{digest}"


@dataclass(frozen=True, slots=True)
class JournalLines:
    """The records of a journal that can be read.

    Attributes
    ----------
    records
        In the order of writing.
    ends
        Place in the file behind each record, in bytes.
    damage
        A sentence about what was left out; "" for a whole file, and for a last line that a power
        cut tore: nobody was told that it is safe.
    n_bytes
        Size of the file.
    """

    records: tuple[Record, ...]
    ends: tuple[int, ...]
    damage: str = ""
    n_bytes: int = 0


def read_journal(path: Path) -> JournalLines | None:
    """Read a journal up to the first line that is damaged; None when there is no file.

    Raises
    ------
    OSError
        The file cannot be read.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    records: list[Record] = []
    ends: list[int] = []
    place = 0
    for line in data.splitlines(keepends=True):
        record = _parse(line)
        if record is None:
            is_last = place + len(line) == len(data)
            lost = data[place:].count(b"\n")
            damage = "" if is_last else f"{lost} lines of {path.name} are damaged or follow one."
            return JournalLines(tuple(records), tuple(ends), damage, len(data))
        place += len(line)
        records.append(record)
        ends.append(place)
    return JournalLines(tuple(records), tuple(ends), "", len(data))


def _parse(line: bytes) -> Record | None:
    if not line.endswith(b"\n"):
        return None
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


class JournalWriter:
    """Appends records to a journal in the order of asking, and tells when the disk has them.

    Records are made, written and synced in one thread, which ends when nothing is left to write:
    the caller never waits. Several records that wait are synced together.

    Parameters
    ----------
    path
        The journal; made, with its folder, when the first record is written.
    keep_bytes
        What is behind this place of an existing file is cut off first; None: nothing is.
    copy
        Name under which the file is copied before it is cut off; None: it is not.
    aside
        Name under which an existing file is put away first; None: it is continued.
    found_bytes
        Size of the file when it was read, 0 for none; None: it was not.
    on_written
        Called in the writer's thread with the ticket of the last record that is safe.
    on_error
        Called in the writer's thread when writing fails; the records wait for `retry`.
    """

    def __init__(
        self,
        path: Path,
        *,
        keep_bytes: int | None = None,
        copy: str | None = None,
        aside: str | None = None,
        found_bytes: int | None = None,
        on_written: Callable[[int], None] | None = None,
        on_error: Callable[[OSError], None] | None = None,
    ) -> None:
        self.path = path
        self.on_written = on_written
        self.on_error = on_error
        self.error: OSError | None = None
        self._keep_bytes = keep_bytes
        self._copy = copy
        self._aside = aside
        self._found_bytes = found_bytes
        self._waiting: deque[tuple[int, MakeRecord]] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._asked = 0
        self._written = 0

    @property
    def n_pending(self) -> int:
        """Records that are not yet safe on the disk."""
        return self._asked - self._written

    @property
    def is_as_found(self) -> bool:
        """Whether nobody else has written the file since it was read.

        True once something was written here: from then on the lock keeps others away.
        """
        if self._found_bytes is None or self._asked:
            return True
        try:
            return self.path.stat().st_size == self._found_bytes
        except OSError:
            return self._found_bytes == 0

    def append(self, make: MakeRecord) -> int:
        """Ask for a record to be made and written; return its ticket."""
        with self._changed:
            self._asked += 1
            self._waiting.append((self._asked, make))
            self._start()
            return self._asked

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until everything asked for is safe; False when it is not (yet)."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._written == self._asked or self.error is not None, timeout_s
            )
            return self._written == self._asked

    def retry(self) -> None:
        """Try again to write what could not be written."""
        with self._changed:
            self.error = None
            self._start()

    def _start(self) -> None:
        if self._thread is None and self._waiting and self.error is None:
            # No daemon: the program does not end before the last action is safe.
            self._thread = threading.Thread(target=self._run, name="journal")
            self._thread.start()

    def _run(self) -> None:
        while True:
            with self._changed:
                batch = list(self._waiting)
                if not batch:
                    self._thread = None
                    return
            try:
                lines = [_encode(make()) for _, make in batch]
                self._write(b"".join(lines))
            except OSError as error:
                self._fail(error)
                return
            except Exception as error:  # noqa: BLE001  (a record that cannot be made)
                _log.exception("the journal cannot be continued")
                self._fail(OSError(0, f"the journal cannot be continued: {error}"))
                return
            with self._changed:
                for _ in batch:
                    self._waiting.popleft()
                self._written = batch[-1][0]
                self._changed.notify_all()
            if self.on_written is not None:
                self.on_written(batch[-1][0])

    def _fail(self, error: OSError) -> None:
        _log.error("the journal %s cannot be written: %s", self.path, error)
        with self._changed:
            self.error = error
            self._thread = None
            self._changed.notify_all()
        if self.on_error is not None:
            self.on_error(error)

    def _write(self, data: bytes) -> None:
        is_new = self._prepare()
        with self.path.open("ab") as file:
            start = file.tell()
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                # A full disk leaves half a line: the next attempt must not continue it.
                with suppress(OSError):
                    os.truncate(self.path, start)
                raise
        if is_new:
            sync_folder(self.path.parent)

    def _prepare(self) -> bool:
        if not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._aside = self._keep_bytes = None
            return True
        if self._aside is not None:
            self.path.replace(_free_name(self.path.with_name(self._aside)))
            self._aside = self._keep_bytes = None
            return True
        if self._keep_bytes is not None:
            if self._copy is not None:
                shutil.copyfile(self.path, _free_name(self.path.with_name(self._copy)))
            os.truncate(self.path, self._keep_bytes)
            self._keep_bytes = None
        return False


def _encode(record: Record) -> bytes:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _free_name(path: Path) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    for k in range(1000):
        number = f"-{k}" if k else ""
        free = path.with_name(f"{path.stem}-{stamp}{number}{path.suffix}")
        if not free.exists():
            return free
    return path.with_name(f"{path.stem}-{stamp}-{time.time_ns()}{path.suffix}")
