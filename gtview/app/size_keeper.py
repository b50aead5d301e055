"""Measures true spikes in the background, where the ground truth does not tell their sizes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from ..base.errors import CancelledError
from ..session.events import DatasetChanged, StatesChanged

if TYPE_CHECKING:
    from ..qt.compute import ComputePool
    from ..session.session import Session

_log = logging.getLogger(__name__)

# One pass; then somebody else may have the thread for what nobody waits for.
PASS_S = 1.0


class SizeKeeper(QObject):
    """Has the raw recording read once, when nothing else is computed, after the first scoring.

    Parameters
    ----------
    session, pool
        Whose truth, and the threads.
    tell
        Says how far it is; "" when it is done.
    """

    def __init__(
        self, session: Session, pool: ComputePool, tell: Callable[[str], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._pool = pool
        self._tell = tell
        self._steps: Iterator[float] | None = None
        self._is_stopped = False
        self._unsubscribe = [
            session.bus.subscribe(kind, self._on_event) for kind in (StatesChanged, DatasetChanged)
        ]

    @property
    def is_busy(self) -> bool:
        """Whether sizes are being measured."""
        return self._steps is not None

    @property
    def can_start(self) -> bool:
        """Whether there is something to measure that was not measured yet."""
        from ..session.true_sizes import can_measure

        facts = self._session.truth_access.facts
        if facts is None or facts.sizes is not None or self.is_busy:
            return False
        return can_measure(self._session.dataset, facts.truth)

    def start(self) -> None:
        """Measure, if that was not done; however large the raw file is."""
        facts, index = self._session.truth_access.facts, self._session.truth_index
        if facts is None or index is None or not self.can_start:
            return
        from ..data.size_store import SizeStore
        from ..session.true_sizes import measure_sizes

        self._is_stopped = False
        self._steps = measure_sizes(facts, self._session.dataset, index, SizeStore.of_user())
        self._go_on(0.0)

    def cancel(self) -> None:
        """Stop measuring; nothing is kept, and it does not begin again by itself."""
        self._is_stopped = True
        self._steps = None
        self._tell("")

    def close(self) -> None:
        """Drop what is under way, and listen no more."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self.cancel()

    def _on_event(self, _event: object) -> None:
        from ..session.true_sizes import is_automatic

        if not self._is_stopped and is_automatic(self._session.dataset):
            self.start()

    def _go_on(self, fraction: float) -> None:
        steps = self._steps
        if steps is None:
            return
        # A hidden truth is nowhere: what is measured meanwhile is for later.
        text = f"Measuring the true spikes in the recording, {100 * fraction:.0f} %"
        self._tell("" if self._session.blind else text)

        def take(done: float | None) -> None:
            if self._steps is not steps:
                return
            if done is not None:
                self._go_on(done)
                return
            self._steps = None
            self._tell("")
            # While the truth is hidden there is nobody to tell; `facts` keep the sizes.
            self._session.truth_access.tell_sizes()

        def fail(error: BaseException) -> None:
            if self._steps is steps:
                self.cancel()
                if not isinstance(error, CancelledError):
                    # Such as a raw file that is gone: the causes say that sizes are not known.
                    _log.warning("true spikes were not measured", exc_info=error)

        self._pool.run_idle(partial(_one_pass, steps, lambda: self._steps is steps), take, fail)


def _one_pass(
    steps: Iterator[float], is_wanted: Callable[[], bool], pause: Callable[[], None]
) -> float | None:
    """Go on for a while; return how much is done, None for all."""
    end = time.monotonic() + PASS_S
    for done in steps:
        pause()
        if time.monotonic() > end or not is_wanted():
            return done
    return None
