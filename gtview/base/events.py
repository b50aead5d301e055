"""Typed events and the bus that carries them; knows neither Qt nor NumPy."""

from __future__ import annotations

import logging
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import MethodType
from typing import Any, TypeVar

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """Base class of all events: something that has already happened."""


E = TypeVar("E", bound=Event)
Handler = Callable[[Any], None]


class EventBus:
    """Deliver events to their subscribers, one at a time, in the order of subscription.

    An event published by a handler waits until the handlers of the current one have run, so that
    every handler sees the events in one order. Methods are held weakly. A handler that raises is
    logged and told to `on_error`; the others still run. Publishing from another thread than the
    one that made the bus is an error.
    """

    def __init__(self, on_error: Callable[[BaseException], None] | None = None) -> None:
        self._handlers: dict[type[Event], list[Callable[[], Handler | None]]] = {}
        self._queue: deque[Event] = deque()
        self._delivering = False
        self._held = 0
        self._thread = threading.get_ident()
        self.on_error = on_error

    def subscribe(self, kind: type[E], handler: Callable[[E], None]) -> Callable[[], None]:
        """Call `handler` for each event of class `kind`; return a function that unsubscribes."""
        entry: Callable[[], Handler | None]
        if isinstance(handler, MethodType):
            entry = weakref.WeakMethod(handler)
        else:

            def entry() -> Handler:
                return handler

        entries = self._handlers.setdefault(kind, [])
        entries.append(entry)

        def unsubscribe() -> None:
            if entry in entries:
                entries.remove(entry)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Queue an event, and deliver the queue unless it is held or being delivered.

        Raises
        ------
        RuntimeError
            Called from another thread.
        """
        if threading.get_ident() != self._thread:
            raise RuntimeError(f"{event} published outside of the thread of the bus")
        self._queue.append(event)
        self._deliver()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Deliver nothing inside the block, everything when it ends (a transaction)."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            self._deliver()

    def _deliver(self) -> None:
        if self._delivering or self._held:
            return
        self._delivering = True
        try:
            while self._queue:
                self._call_handlers(self._queue.popleft())
        finally:
            self._delivering = False

    def _call_handlers(self, event: Event) -> None:
        entries = self._handlers.get(type(event), [])
        for entry in list(entries):
            if entry not in entries:
                # Unsubscribed by a handler of this very event.
                continue
            handler = entry()
            if handler is None:
                entries.remove(entry)
                continue
            try:
                handler(event)
            except Exception as error:  # noqa: BLE001  (one view must not silence the others)
                _log.exception("a handler of %s failed", type(event).__name__)
                if self.on_error is not None:
                    self.on_error(error)
