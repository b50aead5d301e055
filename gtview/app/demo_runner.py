"""Makes the demo dataset as a job, shows how far it is, and opens it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..base.errors import GtviewError
from ..jobs.demo import demo_export, demo_folder, demo_steps, is_demo_ready, make_room

if TYPE_CHECKING:
    from ..jobs.queued import QueuedJob
    from .main_window import MainWindow


class DemoRunner:
    """The action "Open the demo"; the second time it opens at once."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._job_id = ""
        window.jobs.changed.connect(self._on_changed)

    @property
    def is_running(self) -> bool:
        """Whether the demo is being made."""
        return bool(self._job_id)

    def open(self, folder: Path | None = None) -> None:
        """Open the demo, made first where it is not there yet."""
        folder = folder or demo_folder()
        if self._job_id:
            return
        if is_demo_ready(folder):
            self._window.open_path(demo_export(folder))
            return
        try:
            make_room(folder)
            self._make(folder)
        except (GtviewError, OSError) as error:
            self._window.tell_error(error)

    def cancel(self) -> bool:
        """Stop making it; False when it was not being made."""
        if not self._job_id:
            return False
        self._window.jobs.queue.cancel(self._job_id)
        return True

    def _make(self, folder: Path) -> None:
        jobs = self._window.jobs
        job = jobs.add(
            demo_steps(folder), "Demo", opens=demo_export(folder), then_open=False, is_quiet=True
        )
        self._job_id = job.id
        self._window.begin_progress("Making the demo: a recording with known truth, then sorted")

    def _on_changed(self, job: QueuedJob) -> None:
        if job.id != self._job_id:
            return
        if not job.state.is_over:
            message = job.message or "Waiting for another job"
            self._window.show_progress(job.fraction(), message)
            return
        self._job_id = ""
        self._on_end(job)

    def _on_end(self, job: QueuedJob) -> None:
        from ..jobs.queued import JobState

        window = self._window
        if job.state is JobState.FINISHED and job.opens is not None:
            window.open_path(job.opens)
            return
        window.end_progress()
        if job.state is JobState.FAILED:
            details, dialogs = job.details, window.dialogs
            sentence = f"The demo could not be made: {job.error}"
            window.notice.tell(
                sentence, "error", Details=lambda: dialogs.show_text("Demo", sentence, details)
            )
