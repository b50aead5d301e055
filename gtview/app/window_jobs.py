"""What the window does with jobs: their page, their news, and what is opened when they end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, Qt, QUrl, pyqtSignal
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QToolButton, QWidget

from ..base.errors import GtviewError, UsageError
from ..jobs.queue import JobQueue
from ..jobs.queue_file import JobFile
from ..jobs.queued import JobSpec, JobState, QueuedJob, time_in_words
from ..qt.job_bridge import QueueBridge
from .jobs_page import JobsPage

if TYPE_CHECKING:
    from ..generation.recipe import GenerationRecipe
    from ..jobs.sorting import SortChoice
    from .main_window import MainWindow

_PAGE_HEIGHT_PX = 240


class WindowJobs(QObject):
    """The queue of jobs, and all of the window that shows it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.queue = JobQueue(JobFile.of_user())
        self._bridge = QueueBridge(self.queue, self)
        self._bridge.changed.connect(self._on_changed)
        self.changed = self._bridge.changed
        self._told: set[str] = set()
        self._quiet: set[str] = set()
        self._dock: QDockWidget | None = None
        self.page: JobsPage | None = None
        self.button = QToolButton()
        self.button.setToolTip("Show the jobs (Ctrl+Shift+J)")
        self.button.clicked.connect(self.show)
        self.button.hide()

    def build(self) -> None:
        """Put what is always seen into the window."""
        self._window.statusBar().addPermanentWidget(self.button)

    # The page ----------------------------------------------------------------------------------

    @property
    def is_shown(self) -> bool:
        """Whether the page is seen."""
        return self._dock is not None and not self._dock.isHidden()

    def show(self) -> None:
        """Show the page."""
        dock = self._make_dock()
        dock.show()
        dock.raise_()
        self._show_all()
        self._window.menus_changed()

    def toggle(self) -> None:
        """Show the page, or hide it."""
        if self._dock is not None and self.is_shown:
            self._dock.hide()
            self._window.menus_changed()
        else:
            self.show()

    # New jobs ----------------------------------------------------------------------------------

    def add(
        self,
        steps: Sequence[JobSpec],
        title: str,
        *,
        opens: Path | None = None,
        then_open: bool = True,
        is_quiet: bool = False,
    ) -> QueuedJob:
        """Add a job to the queue; `is_quiet`: whoever adds it tells how it ended.

        Raises
        ------
        UsageError
            The window is being closed.
        """
        job = self.queue.add(steps[0], title, then=steps[1:], opens=opens, then_open=then_open)
        if is_quiet:
            self._quiet.add(job.id)
        return job

    def generate(
        self,
        recipe: GenerationRecipe,
        folder: Path,
        sorts: Sequence[SortChoice] = (),
        *,
        then_open: bool = True,
    ) -> QueuedJob:
        """Add the making of a dataset, and its sorting, to the queue, and show the page.

        Raises
        ------
        UsageError
            The folder exists, or is being made by another job.
        RecipeError
            The probe of the recipe does not exist.
        """
        from ..jobs.generation import generation_steps

        folder = folder.expanduser().absolute()
        self._refuse_taken(folder)
        steps = generation_steps(recipe, folder, sorts)
        # Opened with the first sorting; without one, as it is.
        first = steps[1].folder if len(steps) > 1 else folder
        job = self.add(steps, folder.name, opens=first, then_open=then_open)
        self.show()
        return job

    def _refuse_taken(self, folder: Path) -> None:
        if folder.exists():
            raise UsageError(f"{folder} exists already: choose another folder.")
        for job in self.queue.jobs:
            if not job.state.is_over and folder in {step.folder for step in job.steps}:
                raise UsageError(f"{folder} is being made by another job already.")

    # Closing -----------------------------------------------------------------------------------

    def may_close(self) -> bool:
        """Ask before jobs are ended with the window."""
        n = self.queue.n_unfinished
        if not n:
            return True
        which = "A job is" if n == 1 else f"{n} jobs are"
        return self._window.dialogs.confirm(
            "Jobs are running",
            f"{which} not finished. Stop {'it' if n == 1 else 'them'} and close the window? "
            "Nothing half-written is left behind.",
        )

    def close(self) -> None:
        """End all jobs."""
        self._bridge.close()
        self.queue.close()

    # Behind it ---------------------------------------------------------------------------------

    def _make_dock(self) -> QDockWidget:
        if self._dock is None:
            self.queue.load()
            self._told.update(job.id for job in self.queue.jobs if job.state.is_over)
            self.page = JobsPage(self.queue.log_of)
            self.page.asked.connect(self._on_asked)
            self._dock = QDockWidget("Jobs", self._window)
            self._dock.setObjectName("jobsDock")
            self._dock.setWidget(self.page)
            title = _TitleBar(self._dock.windowTitle())
            title.closed.connect(self.toggle)
            self._dock.setTitleBarWidget(title)
            self._dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
            area = Qt.DockWidgetArea.BottomDockWidgetArea
            self._window.addDockWidget(area, self._dock)
            self._window.resizeDocks([self._dock], [_PAGE_HEIGHT_PX], Qt.Orientation.Vertical)
        return self._dock

    def _show_all(self) -> None:
        if self.page is not None:
            self.page.show_jobs(self.queue.jobs)

    def _on_changed(self, job: QueuedJob) -> None:
        try:
            # What was told may be older than what another thread has told meanwhile.
            job = self.queue.job(job.id)
        except KeyError:
            # It was removed.
            self._show_all()
            self._show_button()
            return
        if self.page is not None and not self.page.show_job(job):
            self._show_all()
        self._show_button()
        if job.state.is_over and job.id not in self._told:
            self._told.add(job.id)
            self._tell_end(job)
        elif not job.state.is_over:
            # A job that is tried again has news again.
            self._told.discard(job.id)

    def _show_button(self) -> None:
        running, n = self.queue.running, self.queue.n_unfinished
        self.button.setVisible(bool(n))
        if running is not None:
            left = running.seconds_left()
            about = "" if left is None else f", {time_in_words(left)} left"
            more = f", {n - 1} more" if n > 1 else ""
            self.button.setText(f"{running.title}: {100 * running.fraction():.0f} %{about}{more}")

    def _tell_end(self, job: QueuedJob) -> None:
        if job.id in self._quiet:
            return
        window = self._window
        if job.state is JobState.FAILED:
            window.notice.tell(
                f"{job.title}: {job.error}", "error", Details=lambda: self._log(job)
            )
        elif job.state is JobState.FINISHED and job.opens is not None:
            if job.then_open and not window.has_dataset and window.is_at_rest:
                window.open_path(job.opens)
            else:
                # What is being looked at is not taken away.
                window.notice.tell(f"{job.title} is ready.", Open_it=lambda: self._open(job))

    def _on_asked(self, job_id: str, name: str) -> None:
        try:
            job = self.queue.job(job_id)
            {
                "cancel": lambda: self.queue.cancel(job_id),
                "retry": lambda: self.queue.retry(job_id),
                "remove": lambda: self.queue.remove(job_id),
                "open": lambda: self._open(job),
                "folder": lambda: self._show_folder(job),
            }[name]()
        except KeyError:
            self._show_all()
        except GtviewError as error:
            self._window.tell_error(error)

    def _log(self, job: QueuedJob) -> None:
        self.show()
        if self.page is not None and self.page.logged != job.id:
            self.page.show_log(job.id)

    def _open(self, job: QueuedJob) -> None:
        if job.opens is None or not job.opens.exists():
            self._window.tell_error(UsageError(f"{job.opens} is not there any more."))
        else:
            self._window.open_path(job.opens)

    def _show_folder(self, job: QueuedJob) -> None:
        if job.folder is None or not job.folder.exists():
            self._window.tell_error(UsageError(f"{job.folder} is not there any more."))
        else:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(job.folder)))


class _TitleBar(QWidget):
    """As the title bars of the views are."""

    closed = pyqtSignal()

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setObjectName("soloHead")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        title = QLabel(text)
        title.setObjectName("soloTitle")
        close = QToolButton()
        close.setText("\N{MULTIPLICATION SIGN}")
        close.setToolTip("Hide the jobs; they go on")
        close.clicked.connect(self.closed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 2, 4, 2)
        layout.addWidget(title, 1)
        layout.addWidget(close)
