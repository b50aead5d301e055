"""Where a recording is written, how it is sorted then, what it costs, and the button."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QWidget,
)

from ...generation.destination import problem_with
from ...generation.prediction import Prediction
from ...jobs.queued import time_in_words
from ...jobs.sorting import SortChoice
from ...qt.dock_titles import ElidedLabel
from ...qt.value_editors import PathEditor

_GB = 1000.0


class DestinationBar(QWidget):
    """The lower edge of the panel.

    Signals
    -------
    generate_asked()
        The button was pressed, and it is possible.
    sort_asked()
        The user wants to choose a sorter.
    problem_clicked()
        The user wants to see what is wrong.
    """

    generate_asked = pyqtSignal()
    sort_asked = pyqtSignal()
    problem_clicked = pyqtSignal()

    def __init__(self, ask_folder: Callable[[], str | None]) -> None:
        super().__init__()
        self.folder = PathEditor(
            [("Choose\N{HORIZONTAL ELLIPSIS}", "Where to put it", ask_folder)]
        )
        self.folder.line.setAccessibleName("folder of the dataset")
        self.folder.line.textEdited.connect(lambda _: self._edited())
        self.folder.changed.connect(lambda _: self._edited())
        self.is_own_folder = False
        self.folder_problem = QLabel()
        self.folder_problem.setProperty("problem", True)
        self.folder_problem.hide()
        self.sort_button = QToolButton()
        self.sort_button.setObjectName("pathButton")
        self.sort_button.clicked.connect(self.sort_asked)
        self.no_sort_button = QToolButton()
        self.no_sort_button.setText("\N{MULTIPLICATION SIGN}")
        self.no_sort_button.setObjectName("removeButton")
        self.no_sort_button.setToolTip("Do not sort")
        self.no_sort_button.clicked.connect(lambda: self.show_sort(None))
        self.opens = QCheckBox("Open it when ready")
        self.opens.setChecked(True)
        self.cost = ElidedLabel()
        self.cost.setProperty("quiet", True)
        self.reason = QToolButton()
        self.reason.setObjectName("reason")
        self.reason.clicked.connect(self.problem_clicked)
        self.button = QPushButton("Generate")
        # Enter ends the typing of a number; it must not begin a job.
        self.button.setAutoDefault(False)
        self.button.setObjectName("primaryButton")
        self.button.clicked.connect(self.generate_asked)
        self.sort: SortChoice | None = None
        self._problem = ""
        self._prediction: Prediction | None = None
        self._build()
        self.show_sort(None)

    @property
    def path(self) -> Path:
        """The folder that is asked for."""
        return Path(self.folder.line.text().strip()).expanduser()

    @property
    def can_generate(self) -> bool:
        """Whether nothing is wrong."""
        return self.button.isEnabled()

    def suggest(self, path: Path) -> None:
        """Name a folder, unless the user has named one."""
        if not self.is_own_folder:
            self.folder.show_value(str(path))
            self.update_state()

    def show_sort(self, choice: SortChoice | None) -> None:
        """Show how it is sorted then."""
        self.sort = choice
        if choice is None:
            self.sort_button.setText("Nothing\N{HORIZONTAL ELLIPSIS}")
            self.sort_button.setToolTip("Choose a sorter that runs when the recording is there")
        else:
            self.sort_button.setText(f"{choice.sorter}, {_of(choice)}")
            self.sort_button.setToolTip("Choose another sorter, or other parameters")
        self.no_sort_button.setVisible(choice is not None)

    def show_cost(self, prediction: Prediction | None) -> None:
        """Tell what is needed."""
        self._prediction = prediction
        self.cost.set_full_text("" if prediction is None else cost_in_words(prediction))
        self.update_state()

    def show_problem(self, problem: str) -> None:
        """Say what is wrong with the recipe; "" for nothing."""
        self._problem = problem
        self.update_state()

    def update_state(self) -> None:
        """Look at the folder again, and tell why the button is grey, if it is."""
        needed = 0.0 if self._prediction is None else self._prediction.disk_mb
        wrong = problem_with(self.path, needed) if self.folder.line.text().strip() else ""
        if not self.folder.line.text().strip():
            wrong = "Name a folder for the dataset."
        self.folder_problem.setText(wrong)
        self.folder_problem.setVisible(bool(wrong))
        why = self._problem or wrong
        self.button.setEnabled(not why)
        self.button.setToolTip(why or "Make the recording in the background (Ctrl+Return)")
        self.reason.setText(self._problem)
        self.reason.setVisible(bool(self._problem))
        self.reason.setToolTip("Show the field")

    def _edited(self) -> None:
        self.is_own_folder = True
        self.update_state()

    def _build(self) -> None:
        sort = QWidget()
        sort_row = QHBoxLayout(sort)
        sort_row.setContentsMargins(0, 0, 0, 0)
        sort_row.setSpacing(4)
        for widget in (_quiet("then sort with"), self.sort_button, self.no_sort_button):
            sort_row.addWidget(widget)
        grid = QGridLayout(self)
        grid.setContentsMargins(10, 6, 10, 8)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        grid.addWidget(QLabel("Folder"), 0, 0)
        grid.addWidget(self.folder, 0, 1)
        grid.addWidget(sort, 0, 2)
        grid.addWidget(self.opens, 0, 3)
        grid.addWidget(self.button, 0, 4)
        bottom = QHBoxLayout()
        bottom.addWidget(self.folder_problem)
        bottom.addWidget(self.reason)
        bottom.addWidget(self.cost, 1)
        grid.addLayout(bottom, 1, 1, 1, 4)
        grid.setColumnStretch(1, 1)


def cost_in_words(prediction: Prediction) -> str:
    """Return what a recipe needs, as one line."""
    return (
        f"{prediction.n_channels:,} channels, {prediction.n_spikes:,} spikes: "
        f"about {time_in_words(prediction.time_s)}, {_size(prediction.memory_mb)} of memory, "
        f"{_size(prediction.disk_mb)} on disk"
    )


def _size(mb: float) -> str:
    return f"{mb / _GB:.1f} GB" if mb >= _GB else f"{mb:.0f} MB"


def _of(choice: SortChoice) -> str:
    if choice.of_drifting and choice.of_static:
        return "both recordings"
    return "static" if choice.of_static else "drifting"


def _quiet(text: str) -> Any:
    label = QLabel(text)
    label.setProperty("quiet", True)
    return label
