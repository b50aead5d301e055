"""Makes the demo dataset in a child process, shows how far it is, and opens it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..jobs.demo import demo_folder, is_demo_ready

if TYPE_CHECKING:
    from ..qt.job_bridge import JobBridge
    from .main_window import MainWindow


class DemoRunner:
    """The action "Open the demo"; the second time it opens at once."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._bridge: JobBridge | None = None

    @property
    def is_running(self) -> bool:
        """Whether the demo is being made."""
        return self._bridge is not None

    def open(self, folder: Path | None = None) -> None:
        """Open the demo, made first where it is not there yet."""
        folder = folder or demo_folder()
        if is_demo_ready(folder):
            self._window.open_path(folder)
        elif self._bridge is None:
            self._make(folder)

    def cancel(self) -> bool:
        """Stop making it; False when it was not being made."""
        if self._bridge is None:
            return False
        self._bridge.cancel()
        return True

    def _make(self, folder: Path) -> None:
        from ..jobs.demo import start_demo
        from ..qt.job_bridge import JobBridge

        bridge = JobBridge(start_demo(folder), self._window)
        bridge.progressed.connect(self._window.show_progress)
        bridge.ended.connect(lambda event: self._on_end(folder, event))
        self._bridge = bridge
        self._window.begin_progress("Making the demo: a recording with known truth, then sorted")
        bridge.start()

    def _on_end(self, folder: Path, event: object) -> None:
        from ..jobs.events import JobDone, JobFailed

        self._bridge = None
        if isinstance(event, JobDone):
            self._window.open_path(folder)
            return
        self._window.end_progress()
        if isinstance(event, JobFailed):
            details = event.traceback
            dialogs = self._window.dialogs
            sentence = f"The demo could not be made: {event.error}"
            self._window.notice.tell(
                sentence, "error", Details=lambda: dialogs.show_text("Demo", sentence, details)
            )
