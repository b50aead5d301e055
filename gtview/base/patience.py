"""Places to work in, in order of asking; and waiting for a lock without keeping one."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

Meanwhile = Callable[[], AbstractContextManager[object]]


class Lock(Protocol):
    """What `threading.Lock` and `threading.RLock` make."""

    def acquire(self, blocking: bool = ...) -> bool:
        """Take it; without blocking, say whether that was possible."""

    def release(self) -> None:
        """Give it back."""


class Places:
    """So many threads may work at a time; a place that gets free is for who waits longest.

    A semaphore would give it to whoever comes first: one that works in many short pieces could
    keep all others waiting for ever.
    """

    def __init__(self, n: int) -> None:
        self._n_free = n
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    def take(self) -> None:
        """Wait for a place, and take it."""
        with self._lock:
            if self._n_free:
                self._n_free -= 1
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def leave(self) -> None:
        """Give a place to the next one."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._n_free += 1

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Work in a place."""
        self.take()
        try:
            yield
        finally:
            self.leave()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Let another one have the place meanwhile."""
        self.leave()
        try:
            yield
        finally:
            self.take()


_of_thread = threading.local()


def set_meanwhile(meanwhile: Meanwhile) -> None:
    """Have what this thread does in `held` while it waits: a pool lends its place to another."""
    _of_thread.meanwhile = meanwhile


@contextmanager
def held(lock: Lock) -> Iterator[None]:
    """Hold a lock that another thread may hold for seconds."""
    if not lock.acquire(False):
        with getattr(_of_thread, "meanwhile", nullcontext)():
            lock.acquire()
    try:
        yield
    finally:
        lock.release()
