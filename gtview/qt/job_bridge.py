"""Bring the events of a job to the thread of the interface."""

from __future__ import annotations

import threading

from PyQt6.QtCore import QObject, pyqtSignal

from ..jobs.events import JobCancelled, JobDone, JobFailed, JobProgress
from ..jobs.runner import JobProcess


class JobBridge(QObject):
    """Reads a job in a thread of its own.

    Signals
    -------
    progressed(float, str)
        The part done, and what is being done.
    ended(object)
        `JobDone`, `JobFailed` or `JobCancelled`; always comes, once.
    """

    progressed = pyqtSignal(float, str)
    ended = pyqtSignal(object)

    def __init__(self, process: JobProcess, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = process
        self._thread = threading.Thread(target=self._read, name="gtview-job", daemon=True)

    def start(self) -> None:
        """Begin to read the events."""
        self._thread.start()

    def cancel(self) -> None:
        """End the job and everything that it started; does not wait."""
        threading.Thread(target=self._process.cancel, name="gtview-cancel", daemon=True).start()

    def _read(self) -> None:
        for event in self._process.events():
            if isinstance(event, JobProgress):
                self.progressed.emit(event.fraction, event.message)
            elif isinstance(event, JobDone | JobFailed | JobCancelled):
                self.ended.emit(event)
