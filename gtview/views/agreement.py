"""How the units of the ground truth and the clusters of the sorter go together, as a matrix."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..qt.matrix import Frame
from ..qt.theme import cluster_color
from ..session.events import ScoresChanged, SelectionChanged
from .agreement_matrix import VALUES, Matrix, make_matrix
from .base import ViewAction
from .matrix_view import MATRIX_GESTURES, MatrixView, matrix_actions

if TYPE_CHECKING:
    from ..scoring.scores import Scores
    from ..session.selection import SelectionState
    from ..session.session import Session

NO_TRUTH = (
    "No ground truth. Open one with File > Open ground truth, "
    "or put it beside the export as ../ground_truth."
)
DOT = " \N{MIDDLE DOT} "


@dataclass(frozen=True, slots=True)
class AgreementSettings:
    """What the numbers and colours are: one of `VALUES`."""

    value: str = field(
        default=VALUES[0],
        metadata={"label": "Value", "choices": VALUES, "help": "What numbers and colours are."},
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    scores: Scores
    value: str
    known: Matrix | None


class AgreementView(MatrixView):
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
        *matrix_actions("agreement", "Unit", "Cluster"),
    )
    gestures = (
        ("Click", "select the unit and the cluster of a cell"),
        ("Pointer on a cell", "what the two share, in the title bar"),
        *MATRIX_GESTURES,
    )
    row_title = "unit"
    column_title = "cluster"

    settings: AgreementSettings
    matrix: Matrix | None = None

    @classmethod
    def missing(cls, session: Session) -> str | None:
        return NO_TRUTH if session.truth is None else None

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
        n_rows, n_columns = result.shape
        units = [str(result.unit_at(i)) for i in range(n_rows)]
        clusters = [str(result.cluster_at(j)) for j in range(n_columns)]
        self.show_matrix(result, units, clusters)
        self._mark_selection(result, self.session.selection.state)
        self.tell_summary()

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
        self.mark_names({} if row is None else {row: self.theme.color("truth")}, colors)

    # Cells ---------------------------------------------------------------------------------

    def select_cell(self, row: int, column: int, *, is_added: bool = False) -> None:
        """Select a unit and a cluster, or add the cluster."""
        if self.matrix is None:
            return
        cluster_id = self.matrix.cluster_at(column)
        unit_id = self.matrix.unit_at(row)
        before = self.session.selection.state.cluster_ids if is_added else ()
        self.session.select_match(unit_id, (*before, cluster_id), source=self)

    def chosen_cell(self) -> tuple[int | None, int | None]:
        """Return the row of the selected unit and the column of the last cluster."""
        if self.matrix is None:
            return None, None
        unit_id = self.session.matched_unit()
        shown = self.session.selection.state.shown_ids
        row = None if unit_id is None else self.matrix.row_of(unit_id)
        return row, self.matrix.column_of(shown[-1]) if shown else None

    def cell_text(self, row: int, column: int) -> str:
        """Say what a unit and a cluster share."""
        return "" if self.matrix is None else cell_text(self.matrix, row, column)

    def summary(self) -> str:
        """Say in one line how well the units are found, and which value is shown."""
        if self.matrix is None:
            return ""
        text = summary(self.matrix.scores)
        is_plain = self.matrix.value == VALUES[0]
        return text if is_plain else f"{self.matrix.value}{DOT}{text}"

    # Keys ----------------------------------------------------------------------------------

    def show_next_value(self) -> None:
        """Show the next of agreement, recall, precision, counts."""
        self._step_value(1)

    def show_previous_value(self) -> None:
        """Show the previous of them."""
        self._step_value(-1)

    def _step_value(self, step: int) -> None:
        now = VALUES.index(self.settings.value) if self.settings.value in VALUES else 0
        self.change(value=VALUES[(now + step) % len(VALUES)])


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
