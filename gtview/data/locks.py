"""Which program curates which export: one file an export, in the user's own folder."""

from __future__ import annotations

import json
import os
import platform
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ..base.folders import state_folder
from .journal_file import key_of

# psutil's start times of one process differ by rounding.
_SAME_START_S = 1.0


@dataclass(frozen=True, slots=True)
class LockHolder:
    """Who curates an export: path, computer, process and when that process began."""

    path: str
    host: str
    pid: int
    started_s: float

    @property
    def is_here(self) -> bool:
        """Whether it runs on this computer."""
        return self.host == platform.node()

    @property
    def sentence(self) -> str:
        """What to tell whoever cannot curate it meanwhile."""
        where = "" if self.is_here else f" on the computer {self.host}"
        return (
            f"Another window (process {self.pid}{where}) curates this export: "
            "here it can only be looked at."
        )

    def is_alive(self) -> bool:
        """Whether it still runs; True for another computer, where nobody can tell."""
        import psutil

        if not self.is_here:
            return True
        try:
            started_s = float(psutil.Process(self.pid).create_time())
            return abs(started_s - self.started_s) < _SAME_START_S
        except psutil.NoSuchProcess:
            return False
        except psutil.Error:
            return True


class ExportLock:
    """The right to curate an export; one program at a time has it.

    Parameters
    ----------
    export
        Folder of the export; links are followed.
    """

    def __init__(self, export: Path) -> None:
        self._export = str(export.resolve())
        self.path = state_folder() / "locks" / f"{key_of(export)}.json"
        self.is_held = False

    def acquire(self, *, force: bool = False) -> LockHolder | None:
        """Take the lock; return who has it if that is not possible.

        A lock of a program that has ended is taken over.

        Parameters
        ----------
        force
            Take it from whoever has it: for a computer that is known to be off.

        Raises
        ------
        OSError
            The user's folder cannot be written.
        """
        if self.is_held:
            return None
        self.path.parent.mkdir(parents=True, exist_ok=True)
        for _ in range(3):
            if self._create():
                self.is_held = True
                return None
            holder = self.holder()
            if holder is not None and holder.is_alive() and not force:
                return holder
            with suppress(FileNotFoundError):
                self.path.unlink()
        return self.holder()

    def holder(self) -> LockHolder | None:
        """Return who the lock file names; None without one, or when it is damaged."""
        try:
            values = json.loads(self.path.read_text(encoding="utf-8"))
            return LockHolder(
                str(values["path"]),
                str(values["host"]),
                int(values["pid"]),
                float(values["started_s"]),
            )
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def release(self) -> None:
        """Give it back; nothing happens when it is not held here."""
        if self.is_held:
            self.is_held = False
            with suppress(OSError):
                self.path.unlink()

    def _create(self) -> bool:
        # Made whole under another name first: a reader never sees half of it.
        draft = self.path.with_suffix(f".{os.getpid()}-{id(self)}")
        draft.write_text(json.dumps(asdict(_myself(self._export))), encoding="utf-8")
        try:
            os.link(draft, self.path)
        except FileExistsError:
            return False
        except OSError:
            return self._create_plainly(draft)
        finally:
            with suppress(OSError):
                draft.unlink()
        return True

    def _create_plainly(self, draft: Path) -> bool:
        # A file system without links.
        try:
            with self.path.open("x", encoding="utf-8") as file:
                file.write(draft.read_text(encoding="utf-8"))
        except FileExistsError:
            return False
        return True


def _myself(path: str) -> LockHolder:
    import psutil

    return LockHolder(path, platform.node(), os.getpid(), psutil.Process().create_time())
