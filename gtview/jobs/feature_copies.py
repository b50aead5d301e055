"""Makes the compact copies of features beside the window, in a child process; knows no Qt."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from ..base.progress import Reporter, ignore_progress
from ..data.dataset import Dataset
from ..data.feature_copies import LEAST_BYTES, FeatureCopies
from .events import JobDone, JobEvent, JobProgress
from .runner import JobProcess

COPY_TASK = "gtview.jobs.tasks.feature_copies:copy_features"

_log = logging.getLogger(__name__)


class FeatureCopyJob:
    """Provides the copies of a dataset's features, once.

    They are made in a process of its own, so that the memory it takes is not the window's, and
    behind everything else that the machine has to do.

    Parameters
    ----------
    dataset
        Its feature files get their copies attached, and read from them from then on.
    copies
        Which copies, and where; by default the user's, of large files.
    """

    def __init__(self, dataset: Dataset, copies: FeatureCopies | None = None) -> None:
        self._copies = FeatureCopies(dataset) if copies is None else copies
        self._folder = dataset.folder
        self._lock = threading.Lock()
        self._is_cancelled = False
        self._process: JobProcess | None = None
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether copies are being looked for or made."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def told(self) -> list[str]:
        """Why a copy could not be made, in plain sentences."""
        return self._copies.told

    def start(
        self, report: Reporter = ignore_progress, on_done: Callable[[], None] | None = None
    ) -> None:
        """Begin, unless it has begun; returns at once.

        Parameters
        ----------
        report
            Told the part done while something is copied; called in a thread.
        on_done
            Called in that thread at the end, whatever came of it.
        """
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._run, args=(report, on_done), name="gtview-feature-copy", daemon=True
            )
            self._thread.start()

    def cancel(self) -> None:
        """Stop soon; what is half done is deleted."""
        with self._lock:
            self._is_cancelled = True
            process = self._process
        if process is not None:
            threading.Thread(target=process.cancel, daemon=True).start()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until it has ended; False: it took longer than that. True when it never began."""
        if self._thread is not None:
            self._thread.join(timeout_s)
        return not self.is_running

    def _run(self, report: Reporter, on_done: Callable[[], None] | None) -> None:
        try:
            if self._copies.attach_existing():
                self._make(report)
        except Exception:  # noqa: BLE001  (a thread has nobody above it)
            # Nothing is lost without a copy: reading only stays slower.
            _log.exception("copying of features failed")
        finally:
            if on_done is not None:
                on_done()

    def _make(self, report: Reporter) -> None:
        with self._lock:
            if self._is_cancelled:
                return
            process = self._process = JobProcess(COPY_TASK, self._spec())
        last: JobEvent | None = None
        for event in process.events():
            last = event
            if isinstance(event, JobProgress):
                report(event.fraction, event.message)
        if isinstance(last, JobDone):
            self.told.extend(last.result["told"])
            self._copies.attach_existing()
        else:
            _log.info("features were not copied: %s", last)

    def _spec(self) -> dict[str, object]:
        store = self._copies.store
        return {
            "export": self._folder,
            "store": store.folder,
            "max_bytes": store.max_bytes,
            "least_bytes": self._copies.least_bytes,
        }


__all__ = ["COPY_TASK", "LEAST_BYTES", "FeatureCopyJob"]
