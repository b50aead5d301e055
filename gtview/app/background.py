"""What is prepared and measured in the background once the first picture is there."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from ..data.copy_store import DEFAULT_MAX_BYTES, CopyStore
from ..jobs.compiling import is_compiling, start_compiling
from ..views import load_all_views
from .quality_keeper import QualityKeeper
from .reading_ahead import ReadingAhead
from .size_keeper import SizeKeeper

if TYPE_CHECKING:
    from ..jobs.feature_copies import FeatureCopyJob
    from ..qt.compute import ComputePool
    from ..session.session import Session
    from .view_host import ViewHost
    from .window_status import WindowStatus

_TELL_EVERY_S = 0.3


class Background:
    """Compiles what was never compiled, copies features into the order of browsing, measures.

    `quality` measures the clusters of the session, `sizes` its true spikes; None before the first
    drawing.
    """

    def __init__(self, pool: ComputePool, status: WindowStatus) -> None:
        self._pool = pool
        self._status = status
        self._copier: FeatureCopyJob | None = None
        self.quality: QualityKeeper | None = None
        self.sizes: SizeKeeper | None = None
        self.reading_ahead: ReadingAhead | None = None
        self._told_at = 0.0
        self.makes_copies = True
        self.copies_max_bytes = DEFAULT_MAX_BYTES

    @property
    def is_busy(self) -> bool:
        """Whether something is still being prepared."""
        return self.is_copying or is_compiling() or self.is_measuring

    @property
    def is_copying(self) -> bool:
        """Whether features are being copied."""
        return self._copier is not None and self._copier.is_running

    @property
    def is_measuring(self) -> bool:
        """Whether clusters or true spikes are being measured."""
        return any(keeper is not None and keeper.is_busy for keeper in (self.quality, self.sizes))

    def start(self, session: Session, host: ViewHost) -> None:
        """Begin for a session; returns at once."""
        from ..data.feature_copies import FeatureCopies
        from ..jobs.feature_copies import FeatureCopyJob

        start_compiling()
        if session.has_truth:
            start_compiling("truth")
        # Those that are not seen yet: to look at one later must not freeze the window.
        self._pool.submit(load_all_views)
        tell = partial(self._status.show_work, of="quality")
        self.quality = QualityKeeper(session, self._pool, tell, self._pool)
        self.quality.start()
        if session.has_truth:
            tell = partial(self._status.show_work, of="sizes")
            self.sizes = SizeKeeper(session, self._pool, tell, self._pool)
        self.reading_ahead = ReadingAhead(session, host, self._pool, lambda: not self.is_copying)
        if self.makes_copies:
            copies = FeatureCopies(session.dataset, CopyStore.of_user(self.copies_max_bytes))
            self._copier = FeatureCopyJob(session.dataset, copies)
            self._copier.start(self._report, lambda: self._tell(""))

    def stop(self) -> None:
        """Stop; a copy that is half done is deleted."""
        if self.quality is not None:
            self.quality.stop()
            self.quality.deleteLater()
            self.quality = None
        if self.sizes is not None:
            self.sizes.close()
            self.sizes.deleteLater()
            self.sizes = None
        if self.reading_ahead is not None:
            self.reading_ahead.stop()
            self.reading_ahead.deleteLater()
            self.reading_ahead = None
        self.stop_copying()

    def stop_copying(self) -> None:
        """Stop making copies of features; one that is half done is deleted."""
        if self._copier is not None:
            self._copier.cancel()
            self._copier = None
            self._status.show_work("")

    def _report(self, fraction: float, message: str = "") -> None:
        if time.monotonic() - self._told_at > _TELL_EVERY_S:
            self._told_at = time.monotonic()
            self._tell(f"{message} {100 * fraction:.0f} %")

    def _tell(self, text: str) -> None:
        self._pool.call(lambda: self._status.show_work(text))
