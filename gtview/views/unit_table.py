"""The table of the units of the ground truth."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QWidget

from ..qt.table_cells import Sparklines, StackedBars
from ..qt.theme import Theme
from ..scoring.thresholds import LEAST_SHARE, MOST_SHARE, Thresholds
from ..session.events import SelectionChanged, SizesMeasured
from ..session.problems import GOOD
from ..session.session import Session
from ..session.tables import TableSource
from .cause_colors import cause_colors
from .table_view import RowsView, TableSettings
from .unit_rows import CAUSE, OVER_TIME, UnitQuery, UnitRows, compute_unit_rows
from .wording import TRUTH_IS_HIDDEN, count_text


@dataclass(frozen=True, slots=True)
class UnitTableSettings(TableSettings):
    """What is remembered of the table, and where the categories begin."""

    tolerance: float = field(
        default=0.2,
        metadata={
            "label": "Share that may be lost",
            "help": "Units that lose less are well detected; more than it in another cluster is "
            "a large share. Every category follows at once, in all views.",
            "min": LEAST_SHARE,
            "max": MOST_SHARE,
            "slider": True,
        },
    )


class UnitTableView(RowsView):
    """Units with their numbers, and what the sorter made of them."""

    id = "units"
    title = "Units"
    listens_to = (*RowsView.listens_to, SizesMeasured)
    empty_text = "the ground truth holds no units"
    Settings = UnitTableSettings
    filter_placeholder = "filter: recall < 0.8 and category != 'missed'"
    sorted_by = ("id", False)
    gestures: ClassVar[tuple[tuple[str, str], ...]] = (
        *RowsView.gestures,
        ("type in the filter line", "show some rows only; Esc shows all"),
        ("alt+down in the filter line", "saved filters"),
        ("pointer on a bar", "how many spikes are lost, and why"),
    )
    settings: UnitTableSettings

    @classmethod
    def missing(cls, session: Session) -> str | None:
        if session.blind:
            return TRUTH_IS_HIDDEN
        if session.truth is not None:
            return None
        return (
            "There is no ground truth: put it into a folder ground_truth beside the export, or "
            "open the dataset with one."
        )

    def __init__(self, context: Any, parent: QWidget | None = None) -> None:
        self.unit_rows: UnitRows | None = None
        super().__init__(context, parent)
        self._unsubscribe.append(self.session.problems.follow(self._rows_in_sight))
        self._use_thresholds()

    def build(self) -> QWidget:
        content = super().build()
        self.bars = StackedBars(cause_colors())
        self.lines = Sparklines(self.theme.color("accent"), self.theme.color("line"))
        self.table.cell_painters = {CAUSE: self.bars, OVER_TIME: self.lines}
        return content

    def apply_theme(self, theme: Theme) -> None:
        self.lines.color, self.lines.faint = theme.color("accent"), theme.color("line")
        super().apply_theme(theme)

    # Query, compute, draw ------------------------------------------------------------------

    def query(self) -> UnitQuery | None:
        truth = self.session.truth
        if truth is None or not truth.n_units:
            return None
        current = self.session.truth_access.current
        return UnitQuery(TableSource.of(self.session), current, self.unit_rows)

    compute = staticmethod(compute_unit_rows)

    def draw(self, result: UnitRows) -> None:
        is_first = self.unit_rows is None or not self.unit_rows.words
        self.unit_rows = result
        self.bars.shares, self.bars.words = result.shares, result.words
        self.bars.tips = result.cause_tips
        self.lines.curves, self.lines.tips = result.curves, result.curve_tips
        super().draw(result.table)
        if is_first and result.words:
            # Until then there were no words to fit.
            self.table.header.forget_widths((CAUSE, "category"))

    # Thresholds of the categories ------------------------------------------------------------

    def change(self, **values: Any) -> None:
        super().change(**values)
        if "tolerance" in values:
            self._use_thresholds()

    def _use_thresholds(self) -> None:
        tolerance = min(max(self.settings.tolerance, LEAST_SHARE), MOST_SHARE)
        self.session.truth_access.set_thresholds(Thresholds.tolerating(tolerance))

    # The one selection -----------------------------------------------------------------------

    def _rows_in_sight(self) -> list[Any] | None:
        is_seen = self.isVisible() and len(self.table.rows.table.row_ids) > 0
        return list(self.table.rows.shown_ids) if is_seen else None

    def selected_ids(self) -> tuple[Hashable, ...]:
        unit_id = self.session.selection.state.unit_id
        return () if unit_id is None else (unit_id,)

    def on_rows_selected(self, ids: list[Any]) -> None:
        # One unit is looked at: of a range, the one chosen last.
        self.session.select_unit(ids[-1] if ids else None, source=self)
        self.show_selection()

    def is_outdated_by(self, event: SelectionChanged) -> bool:
        return False

    def color_of(self, row_id: Hashable) -> QColor | None:
        is_selected = row_id == self.session.selection.state.unit_id
        return self.theme.color("truth") if is_selected else None

    def status_parts(self) -> list[str]:
        scores = self.session.scores
        n_units = len(self.table.rows.table.row_ids)
        parts = [count_text(n_units, "unit")]
        if self.table.rows.rowCount() != n_units:
            parts = [f"{self.count_shown()} units"]
        if scores is not None:
            n_good = scores.category_counts[GOOD]
            parts.append(f"{n_good:,} well detected")
            parts.append(f"mean accuracy {scores.mean_accuracy:.2f}")
        return parts
