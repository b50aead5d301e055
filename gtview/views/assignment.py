"""Where the spikes of each unit went, and what each cluster is made of, spike by spike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PyQt6.QtGui import QColor

from ..base.events import Event
from ..session.events import SelectionChanged
from ..session.highlighting import Highlight, highlight_cell
from .assignment_cells import (
    LOST_RGB,
    UNKNOWN_RGB,
    VALUES,
    AssignmentCells,
    make_assignment,
)
from .base import ViewAction
from .match_view import MatchView, empty_text, match_actions
from .matrix_view import MATRIX_GESTURES
from .wording import count_text, percent_text

if TYPE_CHECKING:
    from ..data.ground_truth import UnitId
    from ..session.spike_truth import SpikeTruth

DOT = " \N{MIDDLE DOT} "


@dataclass(frozen=True, slots=True)
class AssignmentSettings:
    """What the numbers and colours are: one of `VALUES`."""

    value: str = field(
        default=VALUES[0],
        metadata={"label": "Value", "choices": VALUES, "help": "What numbers and colours are."},
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    truth: SpikeTruth
    value: str
    known: AssignmentCells | None


class AssignmentView(MatchView):
    """Units x clusters with what was missed and what is noise; every spike counts once."""

    id = "assignment"
    title = "Assignment"
    Settings = AssignmentSettings
    actions_declared = (
        *match_actions(
            "assignment", "Share of the unit, share of the cluster, or the number of spikes."
        ),
        ViewAction(
            "assignment.clear",
            "Highlight nothing",
            ("Esc",),
            "clear_highlight",
            "Takes the highlighted spikes out of every view.",
            enabled="has_highlight",
        ),
    )
    gestures = (
        ("Click", "select unit and cluster of a cell, and highlight its spikes in every view"),
        ("Click on missed", "select the unit and the cluster that stands for it"),
        ("Click on noise", "select the cluster, and highlight its spikes that are of no unit"),
        ("Pointer on a cell", "what is in it, in the title bar"),
        *MATRIX_GESTURES,
    )
    values_of = VALUES

    settings: AssignmentSettings
    matrix: AssignmentCells | None = None
    _asked: tuple[UnitId | None, int | None] | None = None

    # Query, compute, draw ------------------------------------------------------------------

    def query(self) -> _Query | None:
        truth = self.session.truth_access.current
        self.empty_text = empty_text(self.session.scores)
        if self.empty_text or truth is None:
            self.matrix = None
            return None
        return _Query(truth, self.value, self.matrix)

    @staticmethod
    def compute(query: _Query) -> AssignmentCells:
        known, matrix, scores = query.known, query.truth.matrix(), query.truth.scores
        is_same = known is not None and known.matrix is matrix and known.scores is scores
        if known is not None and is_same and known.value == query.value:
            return known
        return make_assignment(matrix, scores, query.value)

    def names(self, matrix: AssignmentCells) -> tuple[list[str], list[str]]:
        units, clusters = super().names(matrix)
        return [*units[:-1], matrix.rest_name], [*clusters[:-1], "missed"]

    def draw(self, result: AssignmentCells) -> None:
        n_rows, n_columns = result.shape
        self.item.set_apart(n_rows - 1, n_columns - 1, self.theme.color("plot"))
        super().draw(result)

    def mark_names(self, rows: Mapping[int, QColor], columns: Mapping[int, QColor]) -> None:
        if self.matrix is None:
            return
        # What is lost is named however little room there is, and in the colour of its cells.
        n_rows, n_columns = self.matrix.shape
        lost = QColor(*LOST_RGB)
        rest = QColor(*UNKNOWN_RGB) if self.matrix.scores.is_partial else lost
        super().mark_names({**rows, n_rows - 1: rest}, {**columns, n_columns - 1: lost})

    def on_event(self, event: Event) -> None:
        super().on_event(event)
        if isinstance(event, SelectionChanged):
            if event.source is not self:
                self._asked = None
            if event.touches("highlight"):
                self.tell_summary()

    # Cells ---------------------------------------------------------------------------------

    def select_cell(self, row: int, column: int, *, is_added: bool = False) -> None:
        """Select unit and cluster of a cell, and highlight its spikes."""
        if self.matrix is None:
            return
        unit_id, cluster_id = self.matrix.unit_at(row), self.matrix.cluster_at(column)
        if unit_id is None and cluster_id is None:
            return
        asked = self._asked = (unit_id, cluster_id)
        if unit_id is not None and cluster_id is None:
            self.session.select_unit(unit_id, source=self)
            return
        before = self.session.selection.state.cluster_ids if is_added else ()
        chosen = (*before, *(() if cluster_id is None else (cluster_id,)))
        self.session.selection.update(
            unit_id=unit_id,
            cluster_ids=tuple(i for i in chosen if i in self.session.clustering),
            similar_ids=(),
            source=self,
        )
        self._ask(asked)

    def _ask(self, asked: tuple[UnitId | None, int | None]) -> None:
        truth = self.session.truth_access.current
        if truth is None:
            return
        self.context.pool.run(
            lambda: highlight_cell(truth, *asked),
            lambda found: self._highlight(asked, found),
            self._on_failed,
        )

    def _highlight(self, asked: tuple[Any, Any], found: Highlight | None) -> None:
        state = self.session.selection.state
        is_still = state.unit_id == asked[0] and asked[1] in state.cluster_ids
        if asked is self._asked and is_still:
            self.session.selection.update(highlight=found, source=self)

    def chosen_cell(self) -> tuple[int | None, int | None]:
        """Return the cell that was chosen last, else that of the selected unit and cluster."""
        if self.matrix is None or self._asked is None:
            return super().chosen_cell()
        unit_id, cluster_id = self._asked
        n_rows, n_columns = self.matrix.shape
        row = n_rows - 1 if unit_id is None else self.matrix.row_of(unit_id)
        column = n_columns - 1 if cluster_id is None else self.matrix.column_of(cluster_id)
        return row, column

    def cell_text(self, row: int, column: int) -> str:
        """Say what is in a cell."""
        return "" if self.matrix is None else cell_text(self.matrix, row, column)

    def summary(self) -> str:
        """Say what is shown and what is highlighted, or how many spikes are found."""
        if self.matrix is None:
            return ""
        highlight = self.session.selection.state.highlight
        if highlight is not None:
            n = count_text(len(highlight.spike_ids), "spike")
            return f"{n} highlighted: {highlight.text}"
        return summary(self.matrix)

    # Keys ----------------------------------------------------------------------------------

    @property
    def has_highlight(self) -> bool:
        """Whether spikes are highlighted."""
        return self.session.selection.state.highlight is not None

    def clear_highlight(self) -> None:
        """Highlight nothing."""
        self.session.selection.update(highlight=None, source=self)


def summary(cells: AssignmentCells) -> str:
    """Say what is shown, and how many spikes are in a cluster, missed, and of no unit."""
    n_true = int(cells.counts[:-1].sum())
    n_sorted = int(cells.counts[:, :-1].sum())
    missed = percent_text(int(cells.counts[:-1, -1].sum()) / max(n_true, 1))
    noise = percent_text(int(cells.counts[-1, :-1].sum()) / max(n_sorted, 1))
    return (
        f"{cells.value}{DOT}{missed} of {n_true:,} true spikes missed{DOT}"
        f"{noise} of {n_sorted:,} sorted ones of {cells.rest_words}"
    )


def cell_text(cells: AssignmentCells, row: int, column: int) -> str:
    """Say what is in a cell."""
    unit_id, cluster_id = cells.unit_at(row), cells.cluster_at(column)
    n = int(cells.counts[row, column])
    spikes = count_text(n, "spike")
    of_row = percent_text(n / max(int(cells.counts[row].sum()), 1))
    of_column = percent_text(n / max(int(cells.counts[:, column].sum()), 1))
    if unit_id is None and cluster_id is None:
        return ""
    if unit_id is None:
        return (
            f"{cells.rest_name}{DOT}cluster {cluster_id}: {spikes} of {cells.rest_words}, "
            f"{of_column} of the cluster"
        )
    if cluster_id is None:
        return f"unit {unit_id}{DOT}missed: {spikes}, {of_row} of the unit"
    return (
        f"unit {unit_id}{DOT}cluster {cluster_id}: {spikes}, {of_row} of the unit, "
        f"{of_column} of the cluster"
    )
