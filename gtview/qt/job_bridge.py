"""Brings what happens in the queue of jobs to the thread of the interface."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal

from ..jobs.queue import JobQueue
from ..jobs.queued import QueuedJob


class QueueBridge(QObject):
    """Tells the changes of a queue's jobs in the thread that made it.

    Signals
    -------
    changed(object)
        A job changed: a `QueuedJob` as it was then.
    """

    changed = pyqtSignal(object)

    def __init__(self, queue: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.queue = queue
        self._stop = queue.listen(self._tell)

    def close(self) -> None:
        """Tell nothing any more."""
        self._stop()

    def _tell(self, job: QueuedJob) -> None:
        try:
            self.changed.emit(job)
        except RuntimeError:
            # The object of Qt is gone already.
            self._stop()
