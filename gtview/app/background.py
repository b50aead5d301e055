"""What is prepared in the background once the first picture is there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..jobs.compiling import is_compiling, start_compiling
from ..views import load_all_views

if TYPE_CHECKING:
    from ..qt.compute import ComputePool
    from ..session.feature_copies import FeatureCopier
    from ..session.session import Session
    from .window_status import WindowStatus

_TELL_EVERY_S = 0.3


class Background:
    """Compiles what was never compiled, and copies features into the order of browsing."""

    def __init__(self, pool: ComputePool, status: WindowStatus) -> None:
        self._pool = pool
        self._status = status
        self._copier: FeatureCopier | None = None
        self._told_at = 0.0
        self.makes_copies = True

    @property
    def is_busy(self) -> bool:
        """Whether something is still being prepared."""
        is_copying = self._copier is not None and self._copier.is_running
        return is_copying or is_compiling()

    def start(self, session: Session) -> None:
        """Begin for a session; returns at once."""
        from ..session.feature_copies import FeatureCopier

        start_compiling()
        # Those that are not seen yet: to look at one later must not freeze the window.
        self._pool.submit(load_all_views)
        if self.makes_copies:
            self._copier = FeatureCopier(session.dataset)
            self._copier.start(self._report, lambda: self._tell(""))

    def stop(self) -> None:
        """Stop copying; what is half done is deleted."""
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
