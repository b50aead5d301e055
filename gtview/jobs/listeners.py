"""Functions that are told what changed; from any thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

_log = logging.getLogger(__name__)

T = TypeVar("T")


class Listeners(Generic[T]):
    """Tells things to whoever wants to know them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._functions: list[Callable[[T], None]] = []

    def add(self, function: Callable[[T], None]) -> Callable[[], None]:
        """Have a function told everything from now on; return what ends that."""
        with self._lock:
            self._functions.append(function)

        def end() -> None:
            with self._lock:
                if function in self._functions:
                    self._functions.remove(function)

        return end

    def tell(self, what: T) -> None:
        """Call all functions, in this thread and without any lock; logs those that fail."""
        with self._lock:
            functions = list(self._functions)
        for function in functions:
            try:
                function(what)
            except Exception:  # noqa: BLE001  (one that listens must not stop the work)
                _log.exception("a listener failed")
