"""What was done to the clusters, action by action; a double click goes back to one."""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QColor, QMouseEvent
from PyQt6.QtWidgets import QWidget

from ..base.errors import GtviewError
from ..base.table import Column, Table
from ..base.wording import listed
from ..session.events import (
    ClusteringChanged,
    GainsChanged,
    HistoryChanged,
    SaveChanged,
    ScoresChanged,
    SelectionChanged,
)
from .declared import ViewAction
from .table_view import RowsView

if TYPE_CHECKING:
    from ..curation.history import Entry
    from ..scoring.rescoring import ScoreDelta

# Row of the state before the first action.
BEGINNING = 0
_ARROW = " \N{RIGHTWARDS ARROW} "


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    entries: tuple[Entry, ...]
    position: int
    saved_position: int | None
    gains: Mapping[int, ScoreDelta]
    has_truth: bool


class HistoryView(RowsView):
    """The actions in their order: where the clusters are now, what is saved, what was undone."""

    id = "history"
    title = "History"
    empty_text = "nothing was done yet"
    filter_placeholder = "filter: merge"
    sorted_by = ("number", True)
    listens_to = (
        HistoryChanged,
        SaveChanged,
        GainsChanged,
        ScoresChanged,
        ClusteringChanged,
        SelectionChanged,
    )
    actions_declared = (
        ViewAction(
            "history.go",
            "Go to this state",
            ("Return",),
            "go_to_chosen",
            "Undo or do again all actions up to the chosen one.",
        ),
    )
    gestures: ClassVar[tuple[tuple[str, str], ...]] = (
        ("click on an action", "select its clusters, as far as they exist"),
        ("double click", "go to the state behind that action; the others can be done again"),
        *RowsView.gestures[3:],
    )

    def build(self) -> QWidget:
        content = super().build()
        self._chosen: Hashable | None = None
        self._shown: _Query | None = None
        self.table.viewport().installEventFilter(self)
        return content

    def query(self) -> _Query | None:
        curation, gains = self.session.curation, self.session.gains
        history = curation.history
        if not history.entries:
            return None
        found = {entry.number: gains.for_entry(entry) for entry in history.entries}
        known = {number: gain for number, gain in found.items() if gain is not None}
        has_truth = self.session.truth is not None
        self._shown = _Query(
            history.entries, history.position, history.saved_position, known, has_truth
        )
        return self._shown

    @staticmethod
    def compute(query: _Query) -> Table:
        numbers = (BEGINNING, *(entry.number for entry in query.entries))
        columns = [
            Column("number", np.array(numbers), "id", help="Counts the actions."),
            Column("action", _texts(["Before the first action", *_names(query)]), "text"),
            Column("state", _texts(_states(query)), "text", help=_STATE_HELP),
            Column("clusters", _texts([None, *_clusters(query)]), "text", help=_CLUSTERS_HELP),
        ]
        if query.has_truth:
            values = [np.nan, *(_gain(query, entry) for entry in query.entries)]
            columns.append(Column("gain", np.array(values), digits=3, help=_GAIN_HELP))
        columns += [
            Column("time", _texts([None, *(_time(e.time_s) for e in query.entries)]), "text"),
            Column("who", _texts([None, *(e.by or None for e in query.entries)]), "text"),
        ]
        return Table(numbers, tuple(columns))

    # The position ----------------------------------------------------------------------------

    def color_of(self, row_id: Hashable) -> QColor | None:
        return self.theme.color("accent") if row_id == self._number_now() else None

    def text_color_of(self, row_id: Hashable) -> QColor | None:
        place = self._position_of(row_id)
        is_undone = place is not None and self._shown is not None and place > self._shown.position
        return self.theme.color("quiet") if is_undone else None

    def marked_ids(self) -> tuple[Hashable, ...]:
        return (self._number_now(),)

    def _number_now(self) -> int:
        shown = self._shown
        if shown is None or not shown.position:
            return BEGINNING
        return shown.entries[shown.position - 1].number

    def _position_of(self, row_id: Hashable | None) -> int | None:
        return (
            self.session.curation.history.position_of(row_id) if isinstance(row_id, int) else None
        )

    # What the user does ------------------------------------------------------------------------

    def selected_ids(self) -> tuple[Hashable, ...]:
        return () if self._chosen is None else (self._chosen,)

    def on_rows_selected(self, ids: list[Any]) -> None:
        self._chosen = ids[-1] if ids else None
        place = self._position_of(self._chosen)
        if not place:
            self.show_selection()
            return
        change = self.session.curation.history.entries[place - 1].change
        exist = [i for i in (*change.added, *change.touched) if i in self.session.clustering]
        self.set_note("" if exist else "none of the clusters of this action exists now")
        if exist:
            self.session.select_clusters(tuple(dict.fromkeys(exist)), source=self)
        self.show_selection()

    def go_to_chosen(self) -> None:
        """Undo or do again all actions up to the chosen one."""
        place = self._position_of(self._chosen)
        if place is None:
            return
        try:
            self.session.curation.go_to(place)
        except GtviewError as error:
            self.set_note(str(error))

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonDblClick:
            is_row = self.table.indexAt(event.position().toPoint()).isValid()
            if is_row and event.button() == Qt.MouseButton.LeftButton:
                self.go_to_chosen()
                return True
        return super().eventFilter(watched, event)

    def is_outdated_by(self, event: SelectionChanged) -> bool:
        if event.source is not self:
            # The chosen action is no longer what is looked at.
            self._chosen = None
            self.set_note("")
        return False

    def status_parts(self) -> list[str]:
        shown = self._shown
        if shown is None:
            return []
        n_undone = len(shown.entries) - shown.position
        history = self.session.curation.history
        parts = [f"{shown.position:,} action{'' if shown.position == 1 else 's'}"]
        if n_undone:
            parts.append(f"{n_undone:,} undone")
        parts.append(f"{history.n_unsaved:,} unsaved" if history.is_dirty else "saved")
        return parts


_CLUSTERS_HELP = "Clusters before the action, and those that it made."
_STATE_HELP = (
    "now: the clusters are as they were after this action. saved: so are the files. undone: taken "
    "back, and can be done again."
)
_GAIN_HELP = "Change of the mean accuracy against the ground truth by this action."


def _names(query: _Query) -> list[str]:
    return [entry.change.name for entry in query.entries]


def _clusters(query: _Query) -> list[str]:
    found = []
    for entry in query.entries:
        change = entry.change
        if change.added or change.removed:
            found.append(f"{listed(change.removed)}{_ARROW}{listed(change.added)}")
        else:
            found.append(listed(change.touched))
    return found


def _states(query: _Query) -> list[str | None]:
    found: list[str | None] = []
    for place in range(len(query.entries) + 1):
        words = ["now"] if place == query.position else []
        words += ["saved"] if place == query.saved_position else []
        words += ["undone"] if place > query.position else []
        found.append(", ".join(words) or None)
    return found


def _gain(query: _Query, entry: Entry) -> float:
    gain = query.gains.get(entry.number)
    return np.nan if gain is None else gain.mean_accuracy_change


def _time(time_s: float) -> str | None:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(time_s)) if time_s else None


def _texts(values: list[Any]) -> Any:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
