"""Keeps curation safe: every action goes to the journal, and one window curates at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..base.errors import UsageError
from ..curation.history import Entry
from ..curation.journal import whoami
from ..curation.started import Started
from ..data.locks import ExportLock
from .events import HistoryChanged

if TYPE_CHECKING:
    from .session import Session

OUTDATED = (
    "Another window has curated this export since it was read here. Reload it to go on from there."
)


class Keeping:
    """The journal and the lock of a session; see `Curation.keeping`.

    Attributes
    ----------
    by
        Who curates.
    is_held_elsewhere
        Whether a program on another computer curates; nobody can tell here whether it still runs.
    """

    def __init__(self, session: Session, started: Started) -> None:
        self._session = session
        self._journal = started.journal
        self._lock: ExportLock | None = None
        self._refusal = started.question
        self._pause = ""
        self.by = ""
        self.is_held_elsewhere = False

    @property
    def read_only_reason(self) -> str:
        """Why nothing can be changed here; "" when it can."""
        return self._pause or self._refusal

    def pause(self, reason: str) -> None:
        """Let nothing be changed for a while, and say why; "" ends it."""
        self._pause = reason
        self.poll()

    @property
    def n_pending(self) -> int:
        """Actions that the disk does not have yet."""
        return 0 if self._journal is None else self._journal.writer.n_pending

    @property
    def error(self) -> OSError | None:
        """Why the journal cannot be written; None when it can. `retry` tries again."""
        return None if self._journal is None else self._journal.writer.error

    def listen(self, on_journal: Callable[[], None]) -> None:
        """Have a function called, in the journal's thread, when actions are safe or have failed.

        It should have `poll` called in the thread of the session.
        """
        if self._journal is not None:
            self._journal.writer.on_written = lambda _ticket: on_journal()
            self._journal.writer.on_error = lambda _error: on_journal()

    def poll(self) -> None:
        """Announce what the journal's thread has done meanwhile."""
        self._session.bus.publish(HistoryChanged())

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until all actions are safe on the disk; False when they are not."""
        return self._journal is None or self._journal.writer.wait(timeout_s)

    def retry(self) -> None:
        """Try again to write a journal that could not be written."""
        if self._journal is not None:
            self._journal.writer.retry()

    def take_lock(self, *, force: bool = False) -> str:
        """Become the one window that curates this export; return why not, "" when it is.

        A window does it when it opens an export; else the first action does.

        Parameters
        ----------
        force
            Take it from a program on another computer that is known to be off.
        """
        if self._journal is None:
            return self.read_only_reason
        self._lock = self._lock or ExportLock(self._session.dataset.folder)
        try:
            holder = self._lock.acquire(force=force)
        except OSError:
            holder = None  # no folder for locks: no reason to stop somebody's work
        self.is_held_elsewhere = holder is not None and not holder.is_here
        self._refusal = "" if holder is None else holder.sentence
        if holder is None and not self._journal.writer.is_as_found:
            # Who had the lock before has curated: what is shown here is not how it is now.
            self._lock.release()
            self._refusal = OUTDATED
        return self.read_only_reason

    def who_else(self) -> str:
        """Return who curates this export now, as a sentence; "" for nobody but this session."""
        if self._lock is not None and self._lock.is_held:
            return ""
        holder = ExportLock(self._session.dataset.folder).holder()
        return "" if holder is None or not holder.is_alive() else holder.sentence

    def close(self) -> bool:
        """Wait for the journal, and let others curate; False when actions are not on the disk."""
        is_safe = self.wait(10.0)
        if self._lock is not None:
            self._lock.release()
        return is_safe

    def prepare(self) -> None:
        """Make sure that something may be changed now.

        Raises
        ------
        UsageError
            It may not, and why.
        """
        is_locked = self._lock is not None and self._lock.is_held
        # Whoever was refused once has to read the export again before anything can be changed.
        if self._journal is not None and not is_locked and not self.read_only_reason:
            self.take_lock()
        if self.read_only_reason:
            raise UsageError(self.read_only_reason)
        self.by = self.by or whoami()

    def write_action(self, entry: Entry) -> None:
        """Write an action down."""
        if self._journal is not None:
            self._journal.write_action(entry)

    def write_step(self, step: str, entry: Entry) -> None:
        """Write down that an action was taken back ("undo") or done again ("redo")."""
        if self._journal is not None:
            self._journal.write_step(step, entry)
