"""The list of jobs: what runs, what waits, what is done, and what each printed."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import (
    QFrame,
    QLabel,
    QPlainTextEdit,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ..jobs.queued import JobState, QueuedJob
from .job_row import JobRow

_EMPTY = (
    "No jobs yet. Recordings that are generated, and sorters that are run, are listed here with "
    "their progress and their results."
)
_TICK_MS = 500
_LOG_LINES = 2000


class JobsPage(QWidget):
    """Shows jobs, those that are not over first, then the newest.

    Parameters
    ----------
    read_log
        Returns the lines that the job of an id printed.

    Signals
    -------
    asked(str, str)
        A button was pressed: the id of the job, and the name of the button.
    """

    asked = pyqtSignal(str, str)

    def __init__(
        self, read_log: Callable[[str], tuple[str, ...]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._read_log = read_log
        self.rows: dict[str, JobRow] = {}
        self.logged = ""
        self._n_lines = -1
        self._empty = QLabel(_EMPTY)
        self._empty.setProperty("quiet", True)
        self._empty.setWordWrap(True)
        self._empty.setContentsMargins(12, 8, 12, 8)
        inner = QWidget()
        inner.setObjectName("formInner")
        self._list = QVBoxLayout(inner)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(1)
        self._list.addWidget(self._empty)
        self._list.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.log = QPlainTextEdit()
        self.log.setObjectName("jobLog")
        self.log.setReadOnly(True)
        self.log.setMaximumBlockCount(_LOG_LINES)
        self.log.setAccessibleName("log")
        self.log.hide()
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(scroll)
        splitter.addWidget(self.log)
        splitter.setSizes([600, 500])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)

    def show_jobs(self, jobs: tuple[QueuedJob, ...]) -> None:
        """Show all jobs of the queue, and none that is there no longer."""
        wanted = in_order(jobs)
        for job_id in set(self.rows) - {job.id for job in wanted}:
            self._drop(job_id)
        for place, job in enumerate(wanted):
            row = self.rows.get(job.id)
            if row is None:
                row = self.rows[job.id] = JobRow(job)
                row.pressed.connect(self._on_pressed)
            elif row.job != job:
                row.show_job(job)
            if self._list.indexOf(row) != place:
                self._list.insertWidget(place, row)
        self._empty.setVisible(not wanted)
        is_running = any(job.state is JobState.RUNNING for job in wanted)
        if is_running != self._timer.isActive():
            self._timer.start() if is_running else self._timer.stop()
        self._show_lines()

    def show_job(self, job: QueuedJob) -> bool:
        """Show what changed of a job; False: all have to be shown again."""
        row = self.rows.get(job.id)
        if row is None or row.job.state is not job.state:
            return False
        row.show_job(job)
        self._show_lines()
        return True

    def show_log(self, job_id: str) -> None:
        """Show what a job printed, or close that."""
        self.logged = "" if self.logged == job_id else job_id
        self._n_lines = -1
        self.log.setVisible(bool(self.logged))
        self._show_lines()

    def _on_pressed(self, job_id: str, name: str) -> None:
        if name == "log":
            self.show_log(job_id)
        else:
            self.asked.emit(job_id, name)

    def _drop(self, job_id: str) -> None:
        row = self.rows.pop(job_id)
        self._list.removeWidget(row)
        row.hide()
        row.deleteLater()
        if job_id == self.logged:
            self.show_log(job_id)

    def _show_lines(self) -> None:
        if not self.logged:
            return
        row = self.rows.get(self.logged)
        lines = list(self._read_log(self.logged))
        if row is not None and row.job.details:
            lines += ["", row.job.details]
        if len(lines) == self._n_lines and len(lines) < _LOG_LINES:
            return
        self._n_lines = len(lines)
        bar = self.log.verticalScrollBar()
        is_at_end = bar is None or bar.value() >= bar.maximum() - 2
        at = 0 if bar is None else bar.value()
        self.log.setPlainText("\n".join(lines) or "It printed nothing.")
        if bar is not None:
            bar.setValue(bar.maximum() if is_at_end else at)

    def _tick(self) -> None:
        for row in self.rows.values():
            if row.job.state is JobState.RUNNING:
                row.show_time()
        self._show_lines()


def in_order(jobs: tuple[QueuedJob, ...]) -> list[QueuedJob]:
    """Return those that are not over in the order of the queue, then the others, newest first."""
    going = [job for job in jobs if not job.state.is_over]
    over = [job for job in jobs if job.state.is_over]
    return going + sorted(over, key=lambda job: -(job.ended or 0.0))
