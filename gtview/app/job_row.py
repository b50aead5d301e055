"""One job in the list of jobs: what it is, how far it is, and what can be done with it."""

from __future__ import annotations

import time
from datetime import datetime
from functools import partial

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..jobs.queued import JobState, QueuedJob, time_in_words
from ..qt.dock_titles import ElidedLabel

# What can be done with a job: its name, the text of its button, and what it means.
BUTTONS = (
    ("cancel", "Cancel", "Stop it; nothing half-written is left"),
    ("retry", "Retry", "Try it again, from the step that did not end well"),
    ("open", "Open", "Open the result in this window"),
    ("folder", "Show folder", "Show the folder of the result"),
    ("log", "Log", "Show what it printed"),
    ("remove", "Remove", "Take it from this list; its results stay"),
)


def state_in_words(job: QueuedJob, now: float) -> str:
    """Return "running, 63 %, 20 s left"."""
    if job.state is JobState.RUNNING:
        left = job.seconds_left(now)
        taken = time_in_words(job.seconds_taken(now) or 0.0)
        end = f"about {time_in_words(left)} left" if left is not None else f"{taken} so far"
        return f"{100 * job.fraction(now):.0f} %, {end}"
    if job.state is JobState.WAITING:
        return "waiting"
    taken = time_in_words(job.seconds_taken() or 0.0)
    when = "" if job.ended is None else _when(job.ended)
    ended = {JobState.FINISHED: f"finished in {taken}", JobState.FAILED: "failed"}
    return f"{ended.get(job.state, 'cancelled')}{when}"


def message_of(job: QueuedJob) -> str:
    """Return the line below the title: what is done now, why it failed, or where the result is."""
    if job.state is JobState.FAILED:
        return f"{job.current.title}: {job.error}" if len(job.steps) > 1 else job.error
    if job.state is JobState.RUNNING:
        of = f" ({job.step + 1} of {len(job.steps)})" if len(job.steps) > 1 else ""
        return f"{job.current.title}{of}: {job.message}" if job.message else job.current.title + of
    if job.state is JobState.WAITING:
        return ", then ".join(step.title for step in job.steps[job.step :])
    notes = [*job.result.get("warnings", ()), *job.result.get("notes", ())]
    where = "" if job.folder is None else str(job.folder)
    return "   ".join([where, *notes]) if job.state is JobState.FINISHED else where


def can(job: QueuedJob, name: str) -> bool:
    """Tell whether a button makes sense now."""
    is_over = job.state.is_over
    return {
        "cancel": not is_over,
        "retry": job.can_retry,
        "open": job.state is JobState.FINISHED and job.opens is not None,
        "folder": job.folder is not None,
        "log": job.started is not None,
        "remove": is_over,
    }[name]


class JobRow(QFrame):
    """Shows a job; its buttons are told by their names in `BUTTONS`."""

    pressed = pyqtSignal(str, str)

    def __init__(self, job: QueuedJob, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("jobRow")
        self._title = QLabel()
        self._title.setObjectName("jobTitle")
        self._state = QLabel()
        self._state.setProperty("quiet", True)
        self._message = ElidedLabel()
        self._message.setAlignment(Qt.AlignmentFlag.AlignLeft)
        # An error is read to its end.
        self._error = QLabel()
        self._error.setObjectName("jobError")
        self._error.setWordWrap(True)
        self._error.setTextFormat(Qt.TextFormat.PlainText)
        self._error.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self.buttons: dict[str, QToolButton] = {}
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addWidget(self._state, 1)
        for name, text, tip in BUTTONS:
            button = QToolButton()
            button.setText(text)
            button.setToolTip(tip)
            button.clicked.connect(partial(self._press, name))
            self.buttons[name] = button
            head.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 6, 8)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self._message)
        layout.addWidget(self._error)
        layout.addWidget(self._bar)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.show_job(job)

    def show_job(self, job: QueuedJob) -> None:
        """Show a job as it is now."""
        self.job = job
        self._title.setText(job.title)
        is_failed = job.state is JobState.FAILED
        self._error.setVisible(is_failed)
        self._message.setVisible(not is_failed)
        self._error.setText(message_of(job) if is_failed else "")
        self._message.set_full_text("" if is_failed else message_of(job))
        for name, button in self.buttons.items():
            button.setVisible(can(job, name))
        self._bar.setVisible(not job.state.is_over)
        self.show_time()

    def show_time(self) -> None:
        """Show how far it is and how long it will take."""
        now = time.time()
        self._state.setText(state_in_words(self.job, now))
        self._bar.setValue(round(1000 * self.job.fraction(now)))

    def _press(self, name: str) -> None:
        self.pressed.emit(self.job.id, name)


def _when(seconds: float) -> str:
    moment, today = datetime.fromtimestamp(seconds), datetime.now()
    if moment.date() == today.date():
        return f", {moment:%H:%M}"
    return f", {moment:%d %b %H:%M}"
