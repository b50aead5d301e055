"""What views have read ahead: for selections that may come next, bounded in bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

# Of each view that reads ahead.
MAX_BYTES = 24_000_000

# Called between two pieces of work: returns when nothing else is to be computed, and raises
# `CancelledError` when the work is not wanted any more.
Pause = Callable[[], None]
ReadAhead = Callable[[Pause], None]


class Ahead:
    """Answers by their questions, the longest unused out first; safe to use from threads."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._answers: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()

    @property
    def n_bytes(self) -> int:
        """Bytes of all answers."""
        with self._lock:
            return sum(n_bytes for _, n_bytes in self._answers.values())

    def get(self, key: Hashable) -> Any:
        """Return an answer; None: there is none."""
        with self._lock:
            found = self._answers.get(key)
            if found is not None:
                self._answers.move_to_end(key)
            return None if found is None else found[0]

    def put(self, key: Hashable, answer: Any, n_bytes: int) -> None:
        """Keep an answer of so many bytes, unless it is too large by itself."""
        with self._lock:
            self._answers.pop(key, None)
            if n_bytes > self._max_bytes:
                return
            self._answers[key] = answer, n_bytes
            total = sum(size for _, size in self._answers.values())
            while total > self._max_bytes:
                _, (_, size) = self._answers.popitem(last=False)
                total -= size

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._answers.clear()


def size_of(answer: Any, without: str = "asked") -> int:
    """Return the bytes of all arrays that an answer holds, each once.

    A field `without` is the question: it holds what is there anyway.
    """
    arrays: dict[int, int] = {}

    def walk(part: Any) -> None:
        if isinstance(part, np.ndarray):
            arrays[id(part)] = part.nbytes
        elif is_dataclass(part) and not isinstance(part, type):
            for field in fields(part):
                if field.name != without:
                    walk(getattr(part, field.name))
        elif isinstance(part, Mapping):
            walk(tuple(part.values()))
        elif isinstance(part, tuple | list):
            for one in part:
                walk(one)

    walk(answer)
    return sum(arrays.values())
