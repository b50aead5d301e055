"""The log: one rotating file in the user's log folder."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from .folders import log_folder

_FORMAT = "%(asctime)s %(levelname)s %(process)d %(threadName)s %(name)s: %(message)s"
_MAX_BYTES = 1_000_000
_N_OLD = 2
_TAIL_BYTES = 256 * 1024


class _LogFile(RotatingFileHandler):
    """Goes on writing to the same file when another window keeps it from being renamed."""

    def doRollover(self) -> None:  # noqa: N802  (the name is logging's)
        with suppress(OSError):
            super().doRollover()


def log_path() -> Path:
    """Return where the log is, whether or not it exists yet."""
    return log_folder() / "gtview.log"


def set_up_logging(level: int = logging.INFO) -> Path | None:
    """Write gtview's messages, and the warnings of libraries, to the log file.

    Calling it again replaces what the first call made.

    Parameters
    ----------
    level
        Least level of gtview's own messages that is kept.

    Returns
    -------
    The log file, or None when it cannot be written: then messages go to stderr.
    """
    root = logging.getLogger()
    for handler in [h for h in root.handlers if getattr(h, "is_of_gtview", False)]:
        root.removeHandler(handler)
        handler.close()
    handler, path = _make_handler()
    handler.is_of_gtview = True  # type: ignore[attr-defined]
    handler.setFormatter(logging.Formatter(_FORMAT))
    root.addHandler(handler)
    logging.getLogger("gtview").setLevel(level)
    logging.captureWarnings(True)
    return path


def _make_handler() -> tuple[logging.Handler, Path | None]:
    path = log_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _LogFile(path, maxBytes=_MAX_BYTES, backupCount=_N_OLD, encoding="utf-8"), path
    except OSError as error:
        handler = logging.StreamHandler(sys.stderr)
        handler.handle(_warning(f"the log {path} cannot be written: {error}"))
        return handler, None


def _warning(message: str) -> logging.LogRecord:
    return logging.LogRecord(__name__, logging.WARNING, __file__, 0, message, None, None)


def read_log_tail(n: int = 100) -> str:
    """Return the last `n` lines of the log (of its last 256 KiB); "" when there is none."""
    try:
        with log_path().open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL_BYTES))
            lines = file.read().decode("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-n:]) if n > 0 else ""
