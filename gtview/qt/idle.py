"""A thread for what nobody waits for: it works while nothing else is computed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from ..base.errors import CancelledError

_LOOK_EVERY_S = 0.5
# Nothing else was computed for so long.
STILL_S = 0.1


class IdleThread:
    """Runs functions one after another; each is given `pause`, to be called between its pieces.

    It steps aside instead of running at a low priority: a thread that the system holds back while
    it has Python's lock would hold back all others too.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="gtview-idle")
        self._lock = threading.Lock()
        self._n_others = 0
        self._is_quiet = threading.Event()
        self._is_quiet.set()
        self._is_closed = False
        self._ended_s = -STILL_S

    def submit(self, function: Callable[[Callable[[], None]], Any]) -> Future[Any]:
        """Run a function when its turn comes; `cancelled` after `close`."""
        if self._is_closed:
            never: Future[Any] = Future()
            never.cancel()
            return never
        return self._thread.submit(self._run, function)

    def follow(self, other: Future[Any]) -> None:
        """Step aside until something else is computed."""
        with self._lock:
            self._n_others += 1
            self._is_quiet.clear()
        other.add_done_callback(self._on_done)

    def pause(self) -> None:
        """Return when nothing else is computed.

        Raises
        ------
        CancelledError
            The thread is closed.
        """
        while not self._is_closed:
            if not self._is_quiet.wait(_LOOK_EVERY_S):
                continue
            # What was computed is drawn now, and often something else follows.
            rest_s = self._ended_s + STILL_S - time.monotonic()
            if rest_s <= 0:
                return
            time.sleep(rest_s)
        if self._is_closed:
            raise CancelledError("The work was stopped.")

    def close(self) -> None:
        """Take no more work, and wait for the end of the piece that is under way."""
        self._is_closed = True
        self._is_quiet.set()
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _run(self, function: Callable[[Callable[[], None]], Any]) -> Any:
        self.pause()
        return function(self.pause)

    def _on_done(self, _other: Future[Any]) -> None:
        with self._lock:
            self._n_others -= 1
            self._ended_s = time.monotonic()
            if not self._n_others:
                self._is_quiet.set()
