"""How the units of the ground truth and the clusters of the sorter go together, as a matrix."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from ..base.events import Event
from ..qt.plot import GESTURES, PlotWidget
from ..qt.theme import Theme, cluster_color
from ..session.events import ScoresChanged, SelectionChanged
from .agreement_matrix import VALUES, Frame, Matrix, MatrixItem, make_matrix
from .base import View, ViewAction

if TYPE_CHECKING:
    from ..scoring.scores import Scores
    from ..session.selection import SelectionState
    from ..session.session import Session

NO_TRUTH = (
    "No ground truth. Open one with File > Open ground truth, "
    "or put it beside the export as ../ground_truth."
)
DOT = " \N{MIDDLE DOT} "
FEWEST_CELLS = 4.0


@dataclass(frozen=True, slots=True)
class AgreementSettings:
    """What the numbers and colours are: one of `VALUES`."""

    value: str = VALUES[0]


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    scores: Scores
    value: str
    known: Matrix | None


class AgreementView(View):
    """Units x clusters, ordered by best match; a click selects both."""

    id = "agreement"
    title = "Agreement with ground truth"
    Settings = AgreementSettings
    listens_to = (ScoresChanged, SelectionChanged)
    actions_declared = (
        ViewAction(
            "agreement.next",
            "Next value",
            ("V",),
            "show_next_value",
            "Agreement, recall, precision, or the number of matched spikes.",
        ),
        ViewAction("agreement.previous", "Previous value", ("Shift+V",), "show_previous_value"),
        ViewAction("agreement.fit", "Show the whole matrix", ("R",), "fit"),
        ViewAction("agreement.left", "Cluster to the left", ("Left",), "go_left"),
        ViewAction("agreement.right", "Cluster to the right", ("Right",), "go_right"),
        ViewAction("agreement.up", "Unit above", ("Up",), "go_up"),
        ViewAction("agreement.down", "Unit below", ("Down",), "go_down"),
    )
    gestures = (
        ("Click", "select the unit and the cluster of a cell"),
        ("Ctrl+click", "add the cluster to the selection"),
        ("Pointer on a cell", "what the two share, in the title bar"),
        *GESTURES,
    )

    settings: AgreementSettings
    plot: PlotWidget
    matrix: Matrix | None = None

    @classmethod
    def missing(cls, session: Session) -> str | None:
        return NO_TRUTH if session.truth is None else None

    def build(self) -> QWidget:
        self.plot = PlotWidget()
        self.panel = self.plot.add_panel(0, 0, "cluster", "unit")
        self.panel.box.invertY(True)
        self.item = MatrixItem()
        self.panel.add(self.item)
        self.panel.clicked.connect(self._on_click)
        self.panel.hovered.connect(self._on_hover)
        self.panel.left.connect(self._on_leave)
        self.plot.apply_theme(self.theme)
        return self.plot

    def on_event(self, event: Event) -> None:
        fields = ("cluster_ids", "similar_ids", "color_ids", "unit_id")
        if not isinstance(event, SelectionChanged) or event.touches(*fields):
            self.invalidate()

    def apply_theme(self, theme: Theme) -> None:
        self.plot.apply_theme(theme)

    # Query, compute, draw ------------------------------------------------------------------

    def query(self) -> _Query | None:
        scores = self.session.scores
        self.empty_text = empty_text(scores)
        if self.empty_text or scores is None:
            self.matrix = None
            return None
        value = self.settings.value if self.settings.value in VALUES else VALUES[0]
        return _Query(scores, value, self.matrix)

    @staticmethod
    def compute(query: _Query) -> Matrix:
        known = query.known
        if known is not None and known.scores is query.scores and known.value == query.value:
            return known
        return make_matrix(query.scores, query.value)

    def draw(self, result: Matrix) -> None:
        self.item.set_matrix(result)
        if result is not self.matrix:
            self._set_axes(result)
        self.matrix = result
        self._mark_selection(result, self.session.selection.state)
        self._tell_summary()

    def _set_axes(self, matrix: Matrix) -> None:
        n_rows, n_columns = matrix.shape
        fewest = (FEWEST_CELLS, FEWEST_CELLS)
        self.panel.set_home((0.0, float(n_columns)), (0.0, float(n_rows)), smallest=fewest)
        clusters = [str(matrix.cluster_at(j)) for j in range(n_columns)]
        units = [str(matrix.unit_at(i)) for i in range(n_rows)]
        self.panel.x_axis.set_names([j + 0.5 for j in range(n_columns)], clusters)
        self.panel.y_axis.set_names([i + 0.5 for i in range(n_rows)], units)

    def _mark_selection(self, matrix: Matrix, state: SelectionState) -> None:
        n_rows, n_columns = matrix.shape
        colors: dict[int, Any] = {}
        frames = []
        row = None if state.unit_id is None else matrix.row_of(state.unit_id)
        if row is not None:
            frames.append(Frame(row, 0, 1, n_columns, None))
        for cluster_id, color_id in zip(state.shown_ids, state.color_ids, strict=True):
            column = matrix.column_of(cluster_id)
            if column is not None:
                colors[column] = cluster_color(color_id)
                frames.append(Frame(0, column, n_rows, 1, colors[column]))
        self.item.set_frames(tuple(frames))
        self.panel.x_axis.set_marks(colors)
        self.panel.y_axis.set_marks({} if row is None else {row: self.theme.color("truth")})

    # Mouse ---------------------------------------------------------------------------------

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Return row and column at a point of the panel."""
        if self.matrix is None:
            return None
        row, column = math.floor(y), math.floor(x)
        n_rows, n_columns = self.matrix.shape
        return (row, column) if 0 <= row < n_rows and 0 <= column < n_columns else None

    def _on_hover(self, x: float, y: float) -> None:
        cell = self.cell_at(x, y)
        self.item.set_under(cell)
        if cell is None or self.matrix is None:
            self._tell_summary()
        else:
            self.set_status(cell_text(self.matrix, *cell))

    def _on_leave(self) -> None:
        self.item.set_under(None)
        self._tell_summary()

    def _on_click(self, x: float, y: float, modifiers: Any, button: Any) -> None:
        cell = self.cell_at(x, y)
        if cell is not None and button == Qt.MouseButton.LeftButton:
            is_added = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
            self._select(*cell, is_added=is_added)

    def _select(self, row: int, column: int, *, is_added: bool = False) -> None:
        if self.matrix is None:
            return
        cluster_id = self.matrix.cluster_at(column)
        unit_id = self.matrix.unit_at(row)
        before = self.session.selection.state.cluster_ids if is_added else ()
        self.session.select_match(unit_id, (*before, cluster_id), source=self)

    # Keys ----------------------------------------------------------------------------------

    def show_next_value(self) -> None:
        """Show the next of agreement, recall, precision, counts."""
        self._step_value(1)

    def show_previous_value(self) -> None:
        """Show the previous of them."""
        self._step_value(-1)

    def fit(self) -> None:
        """Show the whole matrix."""
        self.panel.fit()

    def go_left(self) -> None:
        """Select the cluster to the left."""
        self._move(0, -1)

    def go_right(self) -> None:
        """Select the cluster to the right."""
        self._move(0, 1)

    def go_up(self) -> None:
        """Select the unit above."""
        self._move(-1, 0)

    def go_down(self) -> None:
        """Select the unit below."""
        self._move(1, 0)

    def _step_value(self, step: int) -> None:
        now = VALUES.index(self.settings.value) if self.settings.value in VALUES else 0
        self.change(value=VALUES[(now + step) % len(VALUES)])

    def _move(self, down: int, right: int) -> None:
        if self.matrix is None:
            return
        unit_id = self.session.matched_unit()
        shown = self.session.selection.state.shown_ids
        row = None if unit_id is None else self.matrix.row_of(unit_id)
        column = self.matrix.column_of(shown[-1]) if shown else None
        n_rows, n_columns = self.matrix.shape
        to_row = 0 if row is None else min(max(row + down, 0), n_rows - 1)
        to_column = 0 if column is None else min(max(column + right, 0), n_columns - 1)
        self._select(to_row, to_column)
        self.panel.show_point(to_column + 0.5, to_row + 0.5)

    # Status --------------------------------------------------------------------------------

    def _tell_summary(self) -> None:
        if self.matrix is not None:
            text = summary(self.matrix.scores)
            is_plain = self.matrix.value == VALUES[0]
            self.set_status(text if is_plain else f"{self.matrix.value}{DOT}{text}")


def empty_text(scores: Scores | None) -> str:
    """Say why there is no matrix; "" when there is one."""
    if scores is None:
        return "Scoring \N{HORIZONTAL ELLIPSIS}"
    if not scores.unit_ids:
        return "The ground truth has no units."
    return "" if scores.cluster_ids else "The sorting has no clusters."


def summary(scores: Scores) -> str:
    """Say in one line how well the units are found."""
    n = len(scores.unit_ids)
    found = [
        f"{count:,} {name.replace('_', ' ')}"
        for name, count in scores.category_counts.items()
        if count
    ]
    text = f"{n:,} {'unit' if n == 1 else 'units'}: {DOT.join(found)}"
    n_false = len(scores.false_cluster_ids)
    if n_false:
        text += f"; {n_false:,} false {'cluster' if n_false == 1 else 'clusters'}"
    return f"{text}; mean accuracy {scores.mean_accuracy:.2f}"


def cell_text(matrix: Matrix, row: int, column: int) -> str:
    """Say what a unit and a cluster share."""
    scores = matrix.scores
    i, j = int(matrix.rows[row]), int(matrix.columns[column])
    count = int(scores.counts[i, j])
    n_true, n_found = int(scores.unit_sizes[i]), int(scores.cluster_sizes[j])
    shares = {
        "agreement": float(scores.agreement[i, j]),
        "recall": count / max(n_true, 1),
        "precision": count / max(n_found, 1),
    }
    name = matrix.value if matrix.value in shares else "agreement"
    return (
        f"unit {matrix.unit_at(row)}{DOT}cluster {matrix.cluster_at(column)}: "
        f"{name} {shares[name]:.2f}, {count:,} matched of {n_true:,} true and {n_found:,} sorted"
    )
