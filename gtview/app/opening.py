"""Opens a dataset in a thread, from before Qt has started; knows no widget."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.errors import CancelledError
from ..base.progress import part_of
from ..base.threads import limit_algebra_threads

if TYPE_CHECKING:
    from ..curation.started import OnChange
    from ..session.session import Opened
    from .kept import Kept


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """What to open, as the user asked for it; `again` is what was shown before a reload.

    `recording` is that of a sorting of SpikeInterface, which is no export yet. `use_journal` and
    `on_change` are those of `open_files`. `is_blind` hides the truth, now and later.
    """

    path: Path
    ground_truth: Path | None = None
    sorting: str | None = None
    select: tuple[int, ...] = ()
    again: Kept | None = None
    recording: Path | None = None
    use_journal: bool = True
    on_change: OnChange = "ask"
    is_blind: bool = False


class Opening:
    """A dataset that is being read. `future` gives an `Opened`, or the error.

    Reading starts before the window exists: imports, files and Qt's own start overlap.
    `before` is called first, in the reading thread.
    """

    def __init__(self, request: OpenRequest, before: Callable[[], object] | None = None) -> None:
        self.request = request
        self._before = before
        self.future: Future[Opened] = Future()
        self.progress: tuple[float, str] = (0.0, "")
        self._listener: Callable[[float, str], None] | None = None
        self._is_cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gtview-opening", daemon=True)

    def start(self) -> Opening:
        """Begin to read."""
        limit_algebra_threads()
        self._thread.start()
        return self

    def cancel(self) -> None:
        """Stop soon; the future then holds a `CancelledError`."""
        self._is_cancelled.set()

    def listen(self, listener: Callable[[float, str], None]) -> None:
        """Tell progress to somebody, from the reading thread."""
        self._listener = listener
        listener(*self.progress)

    def _report(self, fraction: float, message: str = "") -> None:
        if self._is_cancelled.is_set():
            raise CancelledError("opening was cancelled")
        self.progress = (fraction, message)
        if self._listener is not None:
            self._listener(fraction, message)

    def _run(self) -> None:
        try:
            if self._before is not None:
                self._before()
            from ..session.reading import read_files
            from .exporting import exported_first

            request, report = exported_first(self.request, self._report), self._report
            if request is not self.request:
                report = part_of(self._report, 0.5, 1.0)
            read = read_files(request.path, request.sorting, report=report)
            # numba and the kernels, half a second, are imported here, when Qt has started: both
            # need Python's lock, which reading does not. So is what tells whether another window
            # curates this export.
            import psutil  # noqa: F401

            from ..session.open import open_files

            opened = open_files(
                read,
                ground_truth=request.ground_truth,
                report=report,
                use_journal=request.use_journal,
                on_change=request.on_change,
            )
            self._report(1.0)
        except BaseException as error:  # noqa: BLE001  (told to whoever waits)
            self.future.set_exception(error)
        else:
            self.future.set_result(opened)
