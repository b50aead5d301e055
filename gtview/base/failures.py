"""Errors that nobody caught: written to the log, and told to the user in one plain sentence."""

from __future__ import annotations

import errno
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from .errors import GtviewError

_log = logging.getLogger(__name__)

# The same failure in every mouse move must not bury the user in dialogs.
QUIET_S = 10.0
_MAX_REMEMBERED = 100


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong: one plain sentence, and the traceback for whoever repairs it."""

    sentence: str
    details: str


Tell = Callable[[Failure], None]


def describe(error: BaseException) -> Failure:
    """Return the sentence for the user and the details of an error."""
    return Failure(sentence_for(error), "".join(traceback.format_exception(error)).rstrip())


def sentence_for(error: BaseException) -> str:
    """Return one plain sentence: the message of a `GtviewError` as it is, else our own words."""
    if isinstance(error, GtviewError) and str(error):
        return str(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory for this."
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "The disk is full."
    if isinstance(error, PermissionError):
        return f"Permission is missing for {error.filename or 'a file'}."
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"The Python package {error.name.partition('.')[0]} is needed, but not installed."
    if isinstance(error, ImportError) and "shared object" in str(error):
        library = str(error).partition(":")[0]
        return f"The shared library {library} is missing here; the README tells what Qt needs."
    return f"Something went wrong inside gtview ({_short(error)})."


def _short(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    name = type(error).__name__
    return f"{name}: {lines[0][:200].rstrip('.')}" if lines else name


class _Reporter:
    """Writes each failure to the log, and tells it unless it is a repetition."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._last_told: dict[tuple[str, str, int], float] = {}
        self._inside = threading.local()

    def report(self, error: BaseException, where: str) -> None:
        """Log and tell; never raises, and ends at once when telling fails itself."""
        if getattr(self._inside, "active", False):
            _log_quietly(error, f"{where}, while another failure was told")
            return
        self._inside.active = True
        try:
            _log_quietly(error, where)
            if self._is_new(error):
                self._tell(describe(error))
        except Exception as second:  # noqa: BLE001  (the last line of defence)
            _log_quietly(second, "telling a failure")
        finally:
            self._inside.active = False

    def _is_new(self, error: BaseException) -> bool:
        key, now = _place(error), time.monotonic()
        with self._lock:
            last = self._last_told.get(key)
            if last is not None and now - last < QUIET_S:
                return False
            if len(self._last_told) >= _MAX_REMEMBERED:
                self._last_told.clear()
            self._last_told[key] = now
        return True


def _place(error: BaseException) -> tuple[str, str, int]:
    frame = error.__traceback__
    if frame is None:
        return type(error).__name__, str(error)[:200], 0
    while frame.tb_next is not None:
        frame = frame.tb_next
    return type(error).__name__, frame.tb_frame.f_code.co_filename, frame.tb_lineno


def _log_quietly(error: BaseException, where: str) -> None:
    try:
        _log.error("uncaught in %s", where, exc_info=error)
    except Exception:  # noqa: BLE001  (nothing is left that could be told)
        return


def install_hooks(tell: Tell) -> Callable[[], None]:
    """Send every uncaught error to the log and to `tell`.

    Covers the main thread, other threads, and errors that Python cannot raise (in `__del__`, for
    example). `KeyboardInterrupt` and `SystemExit` go to the hooks that were there before. `tell`
    runs in the thread of the failure, at most once in `QUIET_S` seconds for one place in the
    code; an error inside it is only logged.

    Returns
    -------
    Function that puts the earlier hooks back.
    """
    reporter = _Reporter(tell)
    before = sys.excepthook, threading.excepthook, sys.unraisablehook

    def in_main(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            reporter.report(error, "the main thread")
        else:
            before[0](kind, error, trace)

    def in_thread(args: Any) -> None:
        if isinstance(args.exc_value, Exception):
            name = args.thread.name if args.thread is not None else "unknown"
            reporter.report(args.exc_value, f"thread {name}")
        else:
            before[1](args)

    def unraisable(args: Any) -> None:
        if isinstance(args.exc_value, Exception) and not sys.is_finalizing():
            # The object itself is dying: only its type is safe to look at.
            reporter.report(args.exc_value, args.err_msg or f"a {type(args.object).__name__}")
        else:
            before[2](args)

    installed = in_main, in_thread, unraisable
    sys.excepthook, threading.excepthook, sys.unraisablehook = installed

    def uninstall() -> None:
        # Hooks that somebody put on top of ours stay.
        if sys.excepthook is in_main:
            sys.excepthook = before[0]
        if threading.excepthook is in_thread:
            threading.excepthook = before[1]
        if sys.unraisablehook is unraisable:
            sys.unraisablehook = before[2]

    return uninstall
