"""The page of a study: its cells as a table, and a measure against what was varied."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ..base.table import Table
from ..base.table_fields import Field, table_of
from ..base.wording import count_text
from ..qt.table import TableView
from ..qt.theme import ThemeKeeper
from ..study.curves import MEASURES, compute_study_curves, setting_title, settings_of
from ..study.results import Row, StudyResults
from .start_page import quiet
from .study_plot import StudyPlot

_OPEN, _SHOW_LOG = "Open the sorting", "Show the log"


class StudyPage(QWidget):
    """What a study found; a double click on a row, or a click on a point, opens the sorting.

    Of a cell that failed, it shows the log.

    Signals
    -------
    cell_asked(object)
        A row of the results, whose sorting should be opened.
    log_asked(object)
        A row of the results that failed, whose log should be shown.
    refresh_asked(), leave_asked()
        The results should be read again; the start page should be shown.
    """

    cell_asked = pyqtSignal(object)
    log_asked = pyqtSignal(object)
    refresh_asked = pyqtSignal()
    leave_asked = pyqtSignal()

    def __init__(self, themes: ThemeKeeper) -> None:
        super().__init__()
        self.results: StudyResults | None = None
        self.title, self.about = QLabel(), quiet("")
        self.title.setProperty("title", True)
        self.x_box, self.y_box = QComboBox(), QComboBox()
        for name, text in MEASURES.items():
            self.y_box.addItem(text, name)
        self.plot = StudyPlot(themes.theme)
        themes.changed.connect(self.plot.use_theme)
        self.table = TableView()
        self.open_button = QPushButton(_OPEN)
        self.refresh_button = QPushButton("Read again")
        self.leave_button = QPushButton("Start page")
        self._build()
        self._connect()

    def show_results(self, results: StudyResults) -> None:
        """Show results; what is chosen stays chosen, if it is still there."""
        is_same = self.results is not None and self.results.folder == results.folder
        chosen, setting = self.table.selected_ids if is_same else [], self.x_box.currentData()
        self.results = results
        self.title.setText(results.name)
        self.about.setText(describe(results))
        self.table.set_table(study_table(results), resort=not is_same)
        self.table.select_ids(chosen)
        self._offer_settings(setting if is_same else None)
        self._show_curves()
        self._on_selected()
        self.table.setFocus()

    # Behind it -----------------------------------------------------------------------------

    def _build(self) -> None:
        self.refresh_button.setToolTip("A study that still runs has more now (F5)")
        self.open_button.setToolTip("Of the chosen row (double click)")
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addWidget(self.about, 1)
        for button in (self.open_button, self.refresh_button, self.leave_button):
            head.addWidget(button)
        axes = QHBoxLayout()
        for text, box in (("Show", self.y_box), ("against", self.x_box)):
            axes.addWidget(QLabel(text))
            axes.addWidget(box)
        self._under = quiet("")
        axes.addWidget(self._under, 1)
        top = QWidget()
        column = QVBoxLayout(top)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(axes)
        column.addWidget(self.plot, 1)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.addWidget(top)
        parts.addWidget(self.table)
        parts.setStretchFactor(0, 3)
        parts.setStretchFactor(1, 2)
        parts.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.addLayout(head)
        layout.addWidget(parts, 1)

    def _connect(self) -> None:
        self.x_box.currentIndexChanged.connect(self._show_curves)
        self.y_box.currentIndexChanged.connect(self._show_curves)
        self.table.row_ids_selected.connect(self._on_selected)
        self.table.row_id_activated.connect(self._ask)
        self.plot.cell_chosen.connect(self._ask)
        self.plot.cell_hovered.connect(self._on_hover)
        self.open_button.clicked.connect(self._ask_chosen)
        self.refresh_button.clicked.connect(self.refresh_asked)
        self.leave_button.clicked.connect(self.leave_asked)

    def _offer_settings(self, chosen: str | None) -> None:
        assert self.results is not None
        self.x_box.blockSignals(True)
        self.x_box.clear()
        for name in settings_of(self.results):
            self.x_box.addItem(setting_title(name), name)
        place = self.x_box.findData(chosen)
        self.x_box.setCurrentIndex(max(place, 0))
        self.x_box.blockSignals(False)

    def _show_curves(self, _index: int = 0) -> None:
        if self.results is not None and self.x_box.currentData() is not None:
            x, y = self.x_box.currentData(), self.y_box.currentData()
            self.plot.show_curves(compute_study_curves(self.results, x, y))
            self._on_hover("")

    def _row(self, cell: Any) -> Row | None:
        rows = () if self.results is None else self.results.cells
        return next((row for row in rows if row["cell"] == cell), None)

    def _on_selected(self, _ids: object = None) -> None:
        chosen = self.table.selected_ids
        row = self._row(chosen[-1]) if chosen else None
        self.plot.choose("" if row is None else str(row["cell"]))
        self.open_button.setText(_SHOW_LOG if has_failed(row) else _OPEN)
        self.open_button.setEnabled(can_open(row) or has_failed(row))

    def _on_hover(self, cell: str) -> None:
        row, curves = self._row(cell), self.plot.item.curves
        if row is not None and curves is not None:
            value = row[curves.y_name]
            self._under.setText(
                f"{row['recipe']}, seed {row['seed']}, {row['sorter']}: "
                f"{MEASURES[curves.y_name]} {value:.4g}; click opens it"
            )
        elif curves is not None and curves.n_without:
            cells = count_text(curves.n_without, "cell")
            self._under.setText(f"{cells} without {setting_title(curves.x_name)}")
        else:
            self._under.setText("")

    def _ask_chosen(self) -> None:
        if self.table.selected_ids:
            self._ask(self.table.selected_ids[-1])

    def _ask(self, cell: object) -> None:
        row = self._row(cell)
        if can_open(row):
            self.cell_asked.emit(row)
        elif has_failed(row):
            self.log_asked.emit(row)


def can_open(row: Row | None) -> bool:
    """Whether a cell has a sorting to look at."""
    return row is not None and row["state"] == "finished" and bool(row.get("export"))


def has_failed(row: Row | None) -> bool:
    """Whether a cell has nothing but a reason and a log."""
    return row is not None and row["state"] == "failed"


def describe(results: StudyResults) -> str:
    """Return how many cells are in which state."""
    states = [row["state"] for row in results.cells]
    counts = {state: states.count(state) for state in dict.fromkeys(states)}
    told = ", ".join(f"{n:,} {state}" for state, n in counts.items())
    return f"{told or 'no cell is done yet'} \N{MIDDLE DOT} {results.folder}"


def study_table(results: StudyResults) -> Table:
    """Return one row a cell: what it is, what came out, or why nothing did."""

    def value(name: str) -> Any:
        return lambda row: row.get(name)

    varied = [name for name in results.varied if name != "seed"]
    return table_of(
        results.cells,
        lambda row: row["cell"],
        Field("recipe", value("recipe"), "text"),
        *(_setting_field(results, name) for name in varied),
        Field("seed", value("seed"), digits=0),
        Field("sorter", value("sorter"), "text"),
        Field("state", value("state"), "text"),
        Field("accuracy", value("mean_accuracy"), digits=3),
        Field("recall", value("mean_recall"), digits=3),
        Field("precision", value("mean_precision"), digits=3),
        Field("units", value("n_units"), digits=0),
        Field("well detected", value("n_well_detected"), digits=0),
        Field("missed", value("n_missed"), digits=0),
        Field("clusters", value("n_clusters"), digits=0),
        Field("false clusters", value("n_false_clusters"), digits=0),
        Field("time s", value("took_s"), digits=1),
        Field("error", lambda row: row.get("error") or None, "text"),
    )


def _setting_field(results: StudyResults, name: str) -> Field:
    values = [row[name] for row in results.cells if row.get(name) is not None]
    is_number = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    digits = 0 if is_number and all(float(v).is_integer() for v in values) else 3

    def value(row: Row) -> Any:
        return row.get(name)

    return Field(setting_title(name), value, "number" if is_number else "text", digits)
