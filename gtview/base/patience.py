"""Waiting for a lock without keeping a place that others could work in."""

from __future__ import annotations

import threading
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
