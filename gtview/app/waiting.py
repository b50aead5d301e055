"""Runs the real event loop until a window has drawn what it should."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QEventLoop, QTimer

from .main_window import MainWindow

# Often enough to measure with, seldom enough not to be what is measured.
CHECK_MS = 4


def wait_until(window: MainWindow, is_done: Callable[[], bool], timeout_s: float) -> bool:
    """Run the event loop until `is_done`, and what was drawn is painted; False: it took longer."""
    if is_done():
        return True
    loop = QEventLoop()
    checks = QTimer()
    checks.setInterval(CHECK_MS)

    def check() -> None:
        if is_done():
            checks.stop()
            # Painting is posted: it is done before a timer of the next turn.
            QTimer.singleShot(0, lambda: QTimer.singleShot(0, loop.quit))

    checks.timeout.connect(check)
    checks.start()
    stop = QTimer()
    stop.setSingleShot(True)
    stop.timeout.connect(lambda: loop.exit(1))
    stop.start(round(timeout_s * 1000))
    is_in_time = loop.exec() == 0
    checks.stop()
    stop.stop()
    return is_in_time


def wait_until_drawn(window: MainWindow, timeout_s: float = 120.0) -> bool:
    """Wait until every visible view shows its full result, scores included."""
    return wait_until(window, lambda: window.is_settled, timeout_s)
