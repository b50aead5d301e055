"""How the units of the ground truth and the clusters of the sorter go together, as a matrix."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from ..base.events import Event
from ..qt.axes import AxisLabel
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
    empty_text = "Scoring \N{HORIZONTAL ELLIPSIS}"
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
        value = self.settings.value if self.settings.value in VALUES else VALUES[0]
        return None if scores is None else _Query(scores, value, self.matrix)

    @staticmethod
    def compute(query: _Query) -> Matrix:
        known = query.known
        if known is not None and known.scores is query.scores and known.value == query.value:
            return known
        return make_matrix(query.scores, query.value)

    def draw(self, result: Matrix) -> None:
        n_rows, n_columns = result.shape
        if not n_rows or not n_columns:
            raise_empty(n_rows)
        self.item.set_matrix(result)
        if result is not self.matrix:
            whole = (0.0, float(n_columns)), (0.0, float(n_rows))
            self.panel.set_limits(*whole, smallest=(FEWEST_CELLS, FEWEST_CELLS))
            self.panel.set_home(*whole)
        self.matrix = result
        self._mark_selection(result, self.session.selection.state)
        self._tell_summary()

    def _mark_selection(self, matrix: Matrix, state: SelectionState) -> None:
        n_rows, n_columns = matrix.shape
        colors: dict[int, Any] = {}
        frames = []
        unit_row = None if state.unit_id is None else matrix.row_of(state.unit_id)
        truth = self.theme.color("truth")
        if unit_row is not None:
            frames.append(Frame(unit_row, 0, 1, n_columns, truth, is_dashed=True))
        for cluster_id, color_id in zip(state.shown_ids, state.color_ids, strict=True):
            column = matrix.column_of(cluster_id)
            if column is not None:
                colors[column] = cluster_color(color_id)
                frames.append(Frame(0, column, n_rows, 1, colors[column]))
        self.item.set_frames(tuple(frames))
        self.panel.x_axis.set_labels(
            [
                AxisLabel(j + 0.5, str(matrix.cluster_at(j)), colors.get(j))
                for j in range(n_columns)
            ]
        )
        self.panel.y_axis.set_labels(
            [
                AxisLabel(i + 0.5, str(matrix.unit_at(i)), truth if i == unit_row else None)
                for i in range(n_rows)
            ]
        )

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
        state = self.session.selection.state
        last = state.shown_ids[-1] if state.shown_ids else None
        row = None if state.unit_id is None else self.matrix.row_of(state.unit_id)
        column = None if last is None else self.matrix.column_of(last)
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
