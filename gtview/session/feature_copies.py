"""Makes the compact copies of an opened dataset's features in the background; knows no Qt."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

import numpy as np

from ..base.errors import CancelledError, DatasetError, GtviewError
from ..base.progress import Reporter, ignore_progress, part_of
from ..base.types import Int32Array
from ..data.copy_store import CopyStore, NoRoomError, fingerprint, remove
from ..data.dataset import Dataset
from ..data.feature_copy import FeatureCopy
from ..data.feature_copy_writer import lay_out_copy, write_feature_copy
from ..data.features import FeatureFile

_log = logging.getLogger(__name__)

# Smaller files are read fast enough from where they are.
LEAST_BYTES = 100_000_000
# Rows of one template that follow one another on average: then the file is as good as a copy.
ORDERED_RUN = 50

MESSAGE = "Copying features for faster browsing"


class FeatureCopier:
    """Finds or makes the copies of a dataset's features, one thread, once.

    The thread yields to all others (on Linux, where threads have a priority of their own), takes
    about 100 MB and 24 bytes a spike, and reads and writes each file about twice.

    Parameters
    ----------
    dataset
        Its feature files get their copies attached, and read from them from then on.
    store
        Where copies are kept; by default the user's.
    least_bytes
        Smaller files are not copied.
    """

    def __init__(
        self,
        dataset: Dataset,
        store: CopyStore | None = None,
        least_bytes: int = LEAST_BYTES,
    ) -> None:
        self._templates = dataset.spike_templates
        self._files = [f for f in (dataset.pc_features, dataset.template_features) if f]
        self._store = CopyStore.of_user() if store is None else store
        self._least_bytes = least_bytes
        self._is_cancelled = threading.Event()
        self._thread: threading.Thread | None = None
        self.told: list[str] = []
        """Why a copy could not be made, in plain sentences."""

    @property
    def is_running(self) -> bool:
        """Whether copies are being looked for or made."""
        return self._thread is not None and self._thread.is_alive()

    def start(
        self, report: Reporter = ignore_progress, on_done: Callable[[], None] | None = None
    ) -> None:
        """Begin, unless it has begun; returns at once.

        Parameters
        ----------
        report
            Told the part done while something is copied; called in the thread.
        on_done
            Called in the thread at the end, whatever came of it.
        """
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._run, args=(report, on_done), name="gtview-feature-copy", daemon=True
            )
            self._thread.start()

    def attach_existing(self) -> None:
        """Find copies that were made before, in the calling thread; makes none."""
        for file in self._files:
            with suppress(GtviewError, OSError):
                if file.copy is None and self._helps(file):
                    copy = self._opened(fingerprint(file, self._templates))
                    if copy is not None:
                        file.attach(copy)

    def cancel(self) -> None:
        """Stop soon; what is half done is deleted."""
        self._is_cancelled.set()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until it has ended; False: it took longer than that. True when it never began."""
        if self._thread is not None:
            self._thread.join(timeout_s)
        return not self.is_running

    # In the thread -------------------------------------------------------------------------

    def _run(self, report: Reporter, on_done: Callable[[], None] | None) -> None:
        _yield_to_others()
        total = sum(f.header.stamp.size_bytes for f in self._files) or 1
        done = 0.0
        try:
            for file in self._files:
                share = file.header.stamp.size_bytes / total
                self._provide(file, part_of(self._watched(report), done, done + share))
                done += share
        except CancelledError:
            _log.info("copying of features was stopped")
        except Exception:  # noqa: BLE001  (a thread has nobody above it)
            # Nothing is lost without a copy: reading only stays slower.
            _log.exception("copying of features failed")
        finally:
            if on_done is not None:
                on_done()

    def _watched(self, report: Reporter) -> Reporter:
        def tell(fraction: float, message: str = "") -> None:
            if self._is_cancelled.is_set():
                raise CancelledError("The copying of features was stopped.")
            report(fraction, message or MESSAGE)

        return tell

    def _provide(self, file: FeatureFile, report: Reporter) -> None:
        if file.copy is not None or not self._helps(file):
            return
        try:
            key = fingerprint(file, self._templates)
            copy = self._opened(key) or self._made(file, key, report)
        except CancelledError:
            raise
        except (GtviewError, OSError) as error:
            sentence = str(error) if isinstance(error, NoRoomError) else _sentence(file, error)
            _log.warning("no copy of %s: %s", file.path, error)
            self.told.append(sentence)
            return
        file.attach(copy)

    def _helps(self, file: FeatureFile) -> bool:
        if file.header.stamp.size_bytes < self._least_bytes or not file.has_increasing_spikes:
            return False
        return not is_ordered_by_template(self._templates[file.spikes_of_rows()])

    def _opened(self, key: str) -> FeatureCopy | None:
        path = self._store.path_of(key)
        if not path.is_file():
            return None
        try:
            copy = FeatureCopy.open(path, key, self._templates)
        except DatasetError as error:
            _log.warning("the copy %s is made again: %s", path.name, error)
            remove(path)
            return None
        self._store.mark_used(path)
        return copy

    def _made(self, file: FeatureFile, key: str, report: Reporter) -> FeatureCopy:
        report(0.0)
        layout = lay_out_copy(file, self._templates, key)
        self._store.make_room(layout.total_bytes)
        with self._store.written(key) as partial:
            write_feature_copy(file, layout, self._templates, partial, report)
        return FeatureCopy.open(self._store.path_of(key), key, self._templates)


def is_ordered_by_template(templates_of_rows: Int32Array) -> bool:
    """Whether a file whose rows have these templates, int32 (n_rows,), is as good as a copy."""
    n_runs = int(np.count_nonzero(np.diff(templates_of_rows))) + 1
    return n_runs * ORDERED_RUN <= len(templates_of_rows)


def _sentence(file: FeatureFile, error: BaseException) -> str:
    return f"The features of {file.path.name} could not be copied for faster browsing: {error}"


def _yield_to_others() -> None:
    if sys.platform.startswith("linux"):
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
