"""The Qt application: made once, with theme, log and hooks for whatever fails."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from PyQt6.QtCore import QMessageLogContext, Qt, QtMsgType, qInstallMessageHandler
from PyQt6.QtGui import QGuiApplication, QIcon
from PyQt6.QtWidgets import QApplication

from ..base.failures import Failure, install_hooks
from ..base.log import set_up_logging
from ..base.resources import resource
from ..base.settings import SettingsFile
from ..jobs.compiling import start_compiling
from ..qt.dialogs import Dialogs
from ..qt.garbage import GarbageCollector
from ..qt.keys import building
from ..qt.theme import ThemeKeeper
from .main_window import MainWindow

if TYPE_CHECKING:
    from .opening import Opening

_TURN_S = 0.001

_kept: list[QApplication] = []
_qt_log = logging.getLogger("gtview.qt.messages")
_qt_problems: list[str] = []


def has_screen() -> bool:
    """Whether a window could be shown here."""
    if os.environ.get("QT_QPA_PLATFORM"):
        return os.environ["QT_QPA_PLATFORM"] not in ("offscreen", "minimal")
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


def use_no_screen() -> None:
    """Draw into memory from now on; before the application is made."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"


def make_application() -> QApplication:
    """Return the one QApplication of this process."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    qInstallMessageHandler(_log_qt_message)
    app = QApplication(sys.argv[:1])
    # Qt's object dies with its last reference in Python.
    _kept.append(app)
    GarbageCollector(app)
    # What paints and what computes take turns within a thousandth of a second, not five: a view
    # that could be painted does not wait for whoever has Python's lock.
    sys.setswitchinterval(_TURN_S)
    app.setApplicationName("gtview")
    app.setApplicationDisplayName("gtview")
    app.setDesktopFileName("gtview")
    app.setWindowIcon(QIcon(str(resource("icons", "gtview.svg"))))
    return app


def _log_qt_message(kind: QtMsgType, _context: QMessageLogContext, text: str | None) -> None:
    """Keep Qt's own messages out of the terminal: they mean nothing to the user."""
    level = (
        logging.ERROR if kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg) else logging.DEBUG
    )
    _qt_log.log(level, "%s", text)
    if not _kept:
        _tell_no_start(kind, text or "")


def _tell_no_start(kind: QtMsgType, text: str) -> None:
    """Say why Qt cannot start: it would end the process with a core dump and not a word."""
    _qt_problems.append(text.strip())
    if kind == QtMsgType.QtFatalMsg:
        first = _qt_problems[0].splitlines()[0].strip()
        sys.stderr.write(f"gtview: no window can be shown here ({first})\n")
        leave(1)


def make_window(
    *, persistent: bool = True, theme: str | None = None, dialogs: Dialogs | None = None
) -> MainWindow:
    """Return a window with the user's settings, or with defaults (`persistent` False)."""
    settings = SettingsFile("window", persistent=persistent)
    themes = ThemeKeeper(theme or settings.get("theme", "dark"))
    themes.apply()
    with building():
        return MainWindow(settings, themes, dialogs)


def tell_failures(window: MainWindow) -> Callable[[], None]:
    """Catch what nobody catches: write it to the log, and tell one sentence in the window.

    An exception in a slot would otherwise end the process. Returns what undoes it.
    """

    def show(failure: Failure) -> None:
        window.notice.tell(
            failure.sentence,
            "error",
            Copy_details=lambda: window.help.copy_details(failure.details),
        )

    # From whatever thread it happened in.
    return install_hooks(lambda failure: window.pool.call(lambda: show(failure)))


def run_window(
    opening: Opening | None, *, demo_in: Path | None = None, study: Path | None = None
) -> int:
    """Show the window until it is closed; return the exit code.

    With a dataset that is being read, or the demo, or the results of a study.
    """
    set_up_logging()
    app = make_application()
    window = make_window()
    tell_failures(window)
    window.show()
    start_compiling()
    if opening is not None:
        window.follow(opening)
    elif demo_in is not None:
        window.demo.open(demo_in)
    elif study is not None:
        window.study.open(study)
    return app.exec()


def leave(code: int) -> NoReturn:
    """End the process at once, with everything written out.

    PyQt takes its wrappers down in an order of its own when the interpreter ends, and sometimes
    crashes in it; by then windows are closed and jobs ended, so nothing is lost.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)
