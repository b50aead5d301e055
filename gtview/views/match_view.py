"""What matrices of units and clusters share: selecting both, frames, names, the next value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from ..qt.matrix import Frame
from ..qt.theme import cluster_color
from ..session.events import ScoresChanged, SelectionChanged
from .base import ViewAction
from .matrix_view import MatrixView, matrix_actions
from .wording import TRUTH_IS_HIDDEN

if TYPE_CHECKING:
    from ..scoring.scores import Scores
    from ..session.selection import SelectionState
    from ..session.session import Session

NO_TRUTH = (
    "No ground truth. Open one with File > Open ground truth, "
    "or put it beside the export as ../ground_truth."
)


class MatchCells(Protocol):
    """A matrix of units and clusters, in the order of the display."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""

    def row_of(self, unit_id: Any) -> int | None:
        """Return where a unit is shown."""

    def column_of(self, cluster_id: int) -> int | None:
        """Return where a cluster is shown."""

    def unit_at(self, row: int) -> Any:
        """Return the unit of a row."""

    def cluster_at(self, column: int) -> Any:
        """Return the cluster of a column."""


def match_actions(view_id: str, values: str) -> tuple[ViewAction, ...]:
    """Return what keys do in a matrix of units and clusters; `values` tells what it can show."""
    return (
        ViewAction(f"{view_id}.next", "Next value", ("V",), "show_next_value", values),
        ViewAction(f"{view_id}.previous", "Previous value", ("Shift+V",), "show_previous_value"),
        *matrix_actions(view_id, "Unit", "Cluster"),
    )


class MatchView(MatrixView):
    """Units x clusters; a click selects both. Its settings have a `value`, one of `values_of`."""

    listens_to = (ScoresChanged, SelectionChanged)
    row_title = "unit"
    column_title = "cluster"
    values_of: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def missing(cls, session: Session) -> str | None:
        if session.blind:
            return TRUTH_IS_HIDDEN
        return NO_TRUTH if session.truth is None else None

    @property
    def value(self) -> str:
        """What numbers and colours are."""
        value: str = self.settings.value
        return value if value in self.values_of else self.values_of[0]

    def names(self, matrix: MatchCells) -> tuple[list[str], list[str]]:
        n_rows, n_columns = matrix.shape
        units = [str(matrix.unit_at(i)) for i in range(n_rows)]
        return units, [str(matrix.cluster_at(j)) for j in range(n_columns)]

    def mark_selection(self, matrix: MatchCells, state: SelectionState) -> None:
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
        self.mark_names({} if row is None else {row: self.theme.color("truth")}, colors)

    def select_cell(self, row: int, column: int, *, is_added: bool = False) -> None:
        """Select a unit and a cluster, or add the cluster."""
        if self.matrix is None:
            return
        before = self.session.selection.state.cluster_ids if is_added else ()
        cluster_ids = (*before, self.matrix.cluster_at(column))
        self.session.select_match(self.matrix.unit_at(row), cluster_ids, source=self)

    def chosen_cell(self) -> tuple[int | None, int | None]:
        """Return the row of the selected unit and the column of the last cluster."""
        if self.matrix is None:
            return None, None
        unit_id = self.session.matched_unit()
        shown = self.session.selection.state.shown_ids
        row = None if unit_id is None else self.matrix.row_of(unit_id)
        return row, self.matrix.column_of(shown[-1]) if shown else None

    def show_next_value(self) -> None:
        """Show the next value."""
        self.turn("value", self.values_of)

    def show_previous_value(self) -> None:
        """Show the previous value."""
        self.turn("value", self.values_of, -1)


def empty_text(scores: Scores | None) -> str:
    """Say why there is no matrix; "" when there is one."""
    if scores is None:
        return "Scoring \N{HORIZONTAL ELLIPSIS}"
    if not scores.unit_ids:
        return "The ground truth has no units."
    return "" if scores.cluster_ids else "The sorting has no clusters."
