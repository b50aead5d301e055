"""Compute what a view shows in threads, drop what is out of date, draw one view a turn."""

from __future__ import annotations

import inspect
import os
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from PyQt6 import sip
from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from ..base.errors import CancelledError
from ..base.patience import Places, set_meanwhile
from .idle import IdleThread

# So many compute at a time.
N_THREADS = max(2, min(4, os.cpu_count() or 2))
# Others wait, for their turn or for what another one computes.
_MOST_THREADS = 24


def single_shot(parent: QObject, ms: int, function: Callable[[], Any]) -> QTimer:
    """Return a timer that calls a function once, some time after it is started."""
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(ms)
    timer.timeout.connect(function)
    return timer


class ComputePool(QObject):
    """Threads for short computations, and the queue of what is to be drawn.

    Qt paints all dirty widgets in one pass; so that the event loop is never blocked for long, at
    most one result is drawn a turn, and painted before the next. A computation that waits for
    what another one computes (`base.patience.held`) takes no place of those that could go on.
    """

    _arrived = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._places = Places(N_THREADS)
        self._threads = ThreadPoolExecutor(
            _MOST_THREADS, "gtview-compute", initializer=lambda: set_meanwhile(self._places.lent)
        )
        self._idle = IdleThread()
        self._draws: OrderedDict[object, Callable[[], None]] = OrderedDict()
        self._turn = single_shot(self, 0, self._draw_one)
        self._arrived.connect(lambda function: function())
        self._is_closed = False

    def submit(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        """Run a function in a thread; an error nobody asked about is raised in the GUI thread."""
        future = self._start(function, *args)
        future.add_done_callback(self._raise_if_failed)
        return future

    def run(
        self,
        function: Callable[[], Any],
        on_done: Callable[[Any], None],
        on_error: Callable[[BaseException], None],
    ) -> Future[Any]:
        """Run a function in a thread, and hand its result to the GUI thread."""
        future = self._start(function)
        future.add_done_callback(partial(self._hand_on, on_done, on_error))
        return future

    def _hand_on(
        self,
        on_done: Callable[[Any], None],
        on_error: Callable[[BaseException], None],
        future: Future[Any],
    ) -> None:
        if not future.cancelled():
            error = future.exception()
            self.call(partial(on_error, error) if error else partial(on_done, future.result()))

    def run_idle(
        self,
        function: Callable[[Callable[[], None]], Any],
        on_done: Callable[[Any], None],
        on_error: Callable[[BaseException], None],
    ) -> Future[Any]:
        """Run what nobody waits for, one after another, while nothing else is computed.

        The function is given another one to call between its pieces of work, some 20 ms each: it
        returns when nothing else is computed, and raises `CancelledError` when the window closes.
        """
        future: Future[Any] = self._idle.submit(function)
        future.add_done_callback(partial(self._hand_on, on_done, on_error))
        return future

    def _start(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        # A window that closes is still laid out and shown for a moment: nobody waits for that.
        if self._is_closed:
            never: Future[Any] = Future()
            never.cancel()
            return never
        future = self._threads.submit(self._in_place, function, *args)
        self._idle.follow(future)
        return future

    def _in_place(self, function: Callable[..., Any], *args: Any) -> Any:
        with self._places.taken():
            if self._is_closed:
                raise CancelledError("The window closes.")
            return function(*args)

    def call(self, function: Callable[[], None]) -> None:
        """Call a function in the GUI thread, soon; may be called from any thread."""
        if not self._is_closed:
            self._arrived.emit(function)

    def draw_soon(self, owner: object, function: Callable[[], None]) -> None:
        """Queue a drawing; one of the same owner that still waits is replaced."""
        self._draws[owner] = function
        if not self._turn.isActive():
            self._turn.start()

    def forget(self, owner: object) -> None:
        """Drop what an owner still has to draw."""
        self._draws.pop(owner, None)

    def waits(self, owner: object) -> bool:
        """Whether an owner still has something to draw."""
        return owner in self._draws

    def close(self) -> None:
        """Take no more work; what runs is waited for, so that no thread outlives the window."""
        self._is_closed = True
        self._draws.clear()
        self._idle.close()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _raise_if_failed(self, future: Future[Any]) -> None:
        error = None if future.cancelled() else future.exception()
        if error is not None:
            self.call(partial(_raise, error))

    def _draw_one(self) -> None:
        if not self._draws:
            return
        owner, function = self._draws.popitem(last=False)
        if self._draws:
            self._turn.start()
        # A widget may be gone before what was computed for it arrives.
        if not (isinstance(owner, QObject) and sip.isdeleted(owner)):
            function()


def _raise(error: BaseException) -> None:
    raise error


class LatestTask(QObject):
    """Runs at most one computation at a time; of the waiting ones it keeps only the latest.

    A computation that is a generator tells intermediate results: each is handed on as it comes,
    and it is stopped between two of them when a newer one waits. Between two of them others have
    their turn too, so that long reading keeps no thread to itself.
    """

    arrived = pyqtSignal(object, bool)
    failed = pyqtSignal(object)

    def __init__(self, pool: ComputePool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._running: object | None = None
        self._waiting: Callable[[], Any] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether something runs or waits."""
        return self._running is not None or self._waiting is not None

    def submit(self, function: Callable[[], Any]) -> None:
        """Compute this, instead of whatever else waits or runs."""
        self._waiting = function
        if self._running is None:
            self._start()

    def drop(self) -> None:
        """Forget what waits, and what runs when it is done."""
        self._waiting = None
        self._running = None

    def _start(self) -> None:
        function, self._waiting = self._waiting, None
        if function is None:
            return
        token = self._running = object()
        self._pool.submit(self._compute, token, function)

    def _compute(self, token: object, function: Callable[[], Any]) -> None:
        try:
            result = function()
            if inspect.isgenerator(result):
                self._advance(token, result, None)
            else:
                self._pool.call(lambda: self._finish(token, result))
        except BaseException as error:  # noqa: BLE001  (told to the view, which shows it)
            caught = error
            self._pool.call(lambda: self._fail(token, caught))

    def _advance(self, token: object, steps: Any, last: Any) -> None:
        """Go one step; the next one waits behind all that others have to compute meanwhile."""
        try:
            result = next(steps)
            if self._running is token and self._waiting is None:
                if result is not last:
                    self._pool.call(partial(self._tell, token, result))
                self._pool.submit(self._advance, token, steps, result)
            else:
                self._pool.call(lambda: self._finish(token, result))
        except StopIteration:
            self._pool.call(lambda: self._finish(token, last))
        except BaseException as error:  # noqa: BLE001  (told to the view, which shows it)
            caught = error
            self._pool.call(lambda: self._fail(token, caught))

    def _is_gone(self) -> bool:
        # With its view; what it computed may still arrive.
        return sip.isdeleted(self)

    def _tell(self, token: object, value: Any) -> None:
        if not self._is_gone() and self._running is token and self._waiting is None:
            self.arrived.emit(value, False)

    def _finish(self, token: object, result: Any) -> None:
        if self._is_gone() or self._running is not token:
            return
        self._running = None
        if self._waiting is not None:
            self._start()
        else:
            self.arrived.emit(result, True)

    def _fail(self, token: object, error: BaseException) -> None:
        if self._is_gone() or self._running is not token:
            return
        self._running = None
        if self._waiting is not None:
            self._start()
        else:
            self.failed.emit(error)
