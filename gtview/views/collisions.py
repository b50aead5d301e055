"""Whether spikes are missed because others come near: rates around missed spikes, and a map."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QWidget

from ..base.events import Event
from ..qt.curve_items import ScoreScale, StepCurve, StepCurvesItem
from ..qt.matrix import MatrixItem
from ..qt.plot import GESTURES, PlotWidget
from ..qt.theme import Theme
from ..scoring.states import SpikeState
from ..session.events import ScoresChanged, SelectionChanged
from ..session.lost_lags import PARTNERS, LostLags, compute_lost_lags, compute_unit_collisions
from ..session.session import Session
from .base import View, ViewAction
from .collision_cells import VALUES, CollisionCells, make_cells
from .match_view import MatchView
from .spike_marks import STATE_COLORS
from .wording import count_text

if TYPE_CHECKING:
    from ..data.ground_truth import UnitId
    from ..session.spike_truth import SpikeTruth

DOT = " \N{MIDDLE DOT} "
# Above the map there is room for what the colours mean, as a share of its height.
_HEADROOM = 0.14


@dataclass(frozen=True, slots=True)
class CollisionSettings:
    """Of what, and how, lags are counted."""

    is_of_all: bool = field(default=False, metadata={"label": "All units"})
    partners: str = field(
        default=PARTNERS[0],
        metadata={
            "label": "Found spikes of",
            "choices": PARTNERS,
            "help": "Neighbours share a channel with the unit.",
        },
    )
    value: str = field(
        default=VALUES[0], metadata={"label": "Number in the map", "choices": VALUES}
    )
    bin_ms: float = field(default=0.5, metadata={"label": "Bin", "min": 0.05, "max": 10.0})
    window_ms: float = field(default=20.0, metadata={"label": "Window", "min": 2.0, "max": 500.0})


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    truth: SpikeTruth
    unit_id: UnitId | None
    settings: CollisionSettings
    theme: Theme


@dataclass(frozen=True, slots=True, eq=False)
class _Result:
    unit_id: UnitId | None
    lags: LostLags
    cells: CollisionCells
    note: str


class CollisionsView(View):
    """Left: found spikes around missed ones. Right: recall of colliding spikes."""

    id = "collisions"
    title = "Collisions"
    Settings = CollisionSettings
    listens_to = (SelectionChanged, ScoresChanged)
    actions_declared = (
        ViewAction(
            "collisions.all", "All units", ("A",), "toggle_all",
            "All units together, or the selected one.", is_checkable=True, setting="is_of_all",
        ),
        ViewAction(
            "collisions.partners", "Neighbours or the same unit", ("O",), "show_next_partners",
            "Around missed spikes: found spikes of neighbours, or of the unit itself.",
        ),
        ViewAction(
            "collisions.value", "Next number in the map", ("V",), "show_next_value",
            "How many pairs of spikes there are, or which share of them is found.",
        ),
        ViewAction("collisions.fit", "Show everything", ("R",), "fit"),
    )  # fmt: skip
    gestures = (("Pointer on a cell or bin", "its numbers, in the title bar"), *GESTURES)

    settings: CollisionSettings
    result: _Result | None = None

    @classmethod
    def missing(cls, session: Session) -> str | None:
        return MatchView.missing(session)

    def build(self) -> QWidget:
        self.plot = PlotWidget()
        self.rates = self.plot.add_panel(0, 0, "lag (ms)", "found spikes (Hz)")
        self.rates.show_grid(x=False)
        self.steps = StepCurvesItem(self.theme)
        self.rates.add(self.steps)
        self.map = self.plot.add_panel(0, 1, "lag of the other spike (ms)", "similarity")
        self.map.box.invertY(True)
        self.item = MatrixItem()
        self.scale = ScoreScale(self.theme, "recall")
        self.map.add(self.item)
        self.map.add(self.scale)
        self.rates.hovered.connect(self._on_rates)
        self.map.hovered.connect(self._on_map)
        for panel in self.plot.panels:
            panel.left.connect(self._on_leave)
        self.plot.apply_theme(self.theme)
        return self.plot

    def on_event(self, event: Event) -> None:
        fields = () if self.settings.is_of_all else ("cluster_ids", "unit_id")
        if not isinstance(event, SelectionChanged) or event.touches(*fields):
            self.invalidate()

    def apply_theme(self, theme: Theme) -> None:
        self.steps.theme = self.scale.theme = theme
        self.plot.apply_theme(theme)

    # Query, compute, draw ------------------------------------------------------------------

    def query(self) -> _Query | None:
        truth = self.session.truth_access.current
        unit_id = None if self.settings.is_of_all else self.session.matched_unit()
        # Before somebody has chosen a unit, all of them tell more than an empty view.
        self.empty_text = "Scoring \N{HORIZONTAL ELLIPSIS}"
        if truth is None or not truth.facts.truth.n_units:
            self.result = None
            return None
        return _Query(truth, unit_id, self.settings, self.theme)

    @staticmethod
    def compute(query: _Query) -> Iterator[_Result | None]:
        truth, settings = query.truth, query.settings
        row = None
        if query.unit_id is not None:
            row = truth.facts.truth.unit_ids.index(query.unit_id)
        cells = make_cells(compute_unit_collisions(truth, row), settings.value, query.theme)
        rows = range(truth.facts.truth.n_units) if row is None else (row,)
        partners = PARTNERS[settings.partners == PARTNERS[1]]
        note = truth.facts.neighbours().note
        for lags in compute_lost_lags(truth, rows, partners, settings.bin_ms, settings.window_ms):
            # Between two units a newer question may come first.
            yield None if lags is None else _Result(query.unit_id, lags, cells, note)

    def draw(self, result: _Result) -> None:
        self.result = result
        lags, cells = result.lags, result.cells
        missed, found = (QColor(STATE_COLORS[s]) for s in (SpikeState.MISSED, SpikeState.FOUND))
        around_missed, around_found = lags.around_missed_hz, lags.around_found_hz
        self.steps.set_curves(
            (
                StepCurve(
                    lags.edges_ms, around_missed, missed, is_filled=True,
                    name=f"around {lags.n_missed:,} missed",
                ),
                StepCurve(
                    lags.edges_ms, around_found, found, name=f"around {lags.n_found:,} found"
                ),
            )
        )  # fmt: skip
        most = float(np.nanmax([*around_missed, *around_found, 0.0]))
        partners = "same unit" if self.settings.partners == PARTNERS[1] else "neighbours"
        self.rates.y_axis.set_title(f"found spikes, {partners} (Hz)")
        ends = float(lags.edges_ms[0]), float(lags.edges_ms[-1])
        self.rates.set_home(ends, (0.0, 1.25 * most or 1.0))
        self._draw_map(cells)
        self._on_leave()

    def _draw_map(self, cells: CollisionCells) -> None:
        n_rows, n_columns = cells.shape
        self.item.set_matrix(cells)
        self.map.set_home((0.0, float(n_columns)), (-_HEADROOM * n_rows, float(n_rows)))
        rows, columns = cells.names()
        self.map.x_axis.set_names([j + 0.5 for j in range(n_columns)], columns)
        self.map.y_axis.set_names([i + 0.5 for i in range(n_rows)], rows)

    def summary(self) -> str:
        """Say whose spikes are shown, and which ones are taken as neighbours."""
        if self.result is None:
            return ""
        unit_id, lags = self.result.unit_id, self.result.lags
        who = "all units" if unit_id is None else f"unit {unit_id}"
        n = int(self.result.cells.map.rates.n.sum())
        parts = [who, f"{lags.n_missed:,} missed, {lags.n_found:,} found"]
        return DOT.join([*parts, f"{count_text(n, 'pair')} within 2 ms", self.result.note])

    # Mouse ---------------------------------------------------------------------------------

    def _on_leave(self) -> None:
        self.item.set_under(None)
        self.set_status(self.summary())

    def _on_rates(self, x: float, _y: float) -> None:
        if self.result is None:
            return
        lags = self.result.lags
        k = int(np.searchsorted(lags.edges_ms, x, side="right")) - 1
        if 0 <= k < len(lags.missed_counts):
            self.set_status(
                f"{lags.edges_ms[k]:z.2f} to {lags.edges_ms[k + 1]:z.2f} ms: "
                f"{lags.around_missed_hz[k]:.3g} Hz around missed spikes, "
                f"{lags.around_found_hz[k]:.3g} Hz around found ones"
            )

    def _on_map(self, x: float, y: float) -> None:
        if self.result is None:
            return
        cells, row, column = self.result.cells, int(np.floor(y)), int(np.floor(x))
        n_rows, n_columns = cells.shape
        if not (0 <= row < n_rows and 0 <= column < n_columns):
            self._on_leave()
            return
        self.item.set_under((row, column))
        self.set_status(cell_text(cells, row, column))

    # Keys ----------------------------------------------------------------------------------

    def toggle_all(self) -> None:
        """Show all units together, or the selected one."""
        self.change(is_of_all=not self.settings.is_of_all)

    def show_next_partners(self) -> None:
        """Take found spikes of neighbours, or of the unit itself."""
        self._turn("partners", PARTNERS)

    def show_next_value(self) -> None:
        """Write pairs of spikes, or recall, into the map."""
        self._turn("value", VALUES)

    def _turn(self, name: str, choices: tuple[Any, ...]) -> None:
        self.change(**{name: choices[getattr(self.settings, name) == choices[0]]})

    def fit(self) -> None:
        """Show everything."""
        self.plot.fit()


def cell_text(cells: CollisionCells, row: int, column: int) -> str:
    """Say what is in a cell of the map."""
    start, stop = cells.map.lag_edges_ms[column : column + 2]
    n = int(cells.values[row, column])
    where = f"{start:z.2f} to {stop:z.2f} ms"
    if cells.shape[0] > 1:
        low, high = cells.similarity_of(row)
        where += f", similarity {low:z.2f} to {high:z.2f}"
    if not n:
        return f"{where}: no spikes collide so"
    rates, place = cells.map.rates, (cells.shape[0] - 1 - row, column)
    return (
        f"{where}: recall {rates.value[place]:.2f} ({rates.low[place]:.2f} to "
        f"{rates.high[place]:.2f}) of {count_text(n, 'colliding spike')}"
    )
