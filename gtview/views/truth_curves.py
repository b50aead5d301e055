"""What recall, precision and accuracy depend on: signal to noise, rate, depth, motion, time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QWidget

from ..analysis.quality import NoiseLevels
from ..base.events import Event
from ..qt.curve_items import Dots, DotsItem, StepCurve, StepCurvesItem
from ..qt.plot import GESTURES, PlotWidget
from ..qt.theme import Theme
from ..scoring.curves import MEASURES
from ..session.events import DatasetChanged, ScoresChanged, SelectionChanged, SizesMeasured
from ..session.problems import GOOD
from ..session.session import Session
from .base import View, ViewAction
from .match_view import MatchView
from .truth_curves_compute import (
    QUANTITIES,
    CurvesQuery,
    CurvesResult,
    axis_title,
    compute_curves,
    why_not,
)
from .wording import count_text

ALL = "all"
SHOWN = (*MEASURES, ALL)
COLORS = {"recall": "#3fb68b", "precision": "#4a90f0", "accuracy": "#e97410"}
DOT = " \N{MIDDLE DOT} "
_TOP, _TOP_WITH_LEGEND, _BOTTOM = 1.06, 1.3, -0.04


@dataclass(frozen=True, slots=True)
class TruthCurvesSettings:
    """What is drawn against what."""

    quantity: str = field(
        default=QUANTITIES[0], metadata={"label": "Against", "choices": QUANTITIES}
    )
    measure: str = field(default=MEASURES[0], metadata={"label": "Score", "choices": SHOWN})
    n_bins: int = field(default=8, metadata={"label": "Bins", "min": 2, "max": 60})
    is_even: bool = field(
        default=False,
        metadata={
            "label": "Bins of equal width",
            "help": "Of units; otherwise each bin holds about as many units.",
        },
    )


class TruthCurvesView(View):
    """Scores in bins with 95 % intervals, and a dot a unit."""

    id = "truth_curves"
    title = "Score curves"
    Settings = TruthCurvesSettings
    listens_to = (SelectionChanged, ScoresChanged, DatasetChanged, SizesMeasured)
    actions_declared = (
        ViewAction(
            "truth_curves.next", "Against the next quantity", ("O",), "show_next_quantity",
            "Signal-to-noise ratio, rate, depth, size, displacement, time, lag of collisions.",
        ),
        ViewAction(
            "truth_curves.previous", "Against the previous quantity", ("Shift+O",),
            "show_previous_quantity",
        ),
        ViewAction(
            "truth_curves.measure", "Next score", ("V",), "show_next_measure",
            "Recall, precision, accuracy, or all three.",
        ),
        ViewAction("truth_curves.coarser", "Fewer bins", ("Alt+Up",), "take_fewer_bins"),
        ViewAction("truth_curves.finer", "More bins", ("Alt+Down",), "take_more_bins"),
        ViewAction("truth_curves.fit", "Show everything", ("R",), "fit"),
    )  # fmt: skip
    gestures = (
        ("Click on a dot", "select the unit"),
        ("Pointer on a dot or bin", "its numbers, in the title bar"),
        *GESTURES,
    )

    settings: TruthCurvesSettings
    result: CurvesResult | None = None
    _measures: tuple[str, ...] = ()

    @classmethod
    def missing(cls, session: Session) -> str | None:
        return MatchView.missing(session)

    def build(self) -> QWidget:
        self._noise = NoiseLevels(self.session.dataset)
        self.plot = PlotWidget()
        self.panel = self.plot.add_panel(0, 0, "", "")
        self.panel.show_grid(x=False)
        self.curves, self.dots = StepCurvesItem(self.theme), DotsItem(self.theme)
        self.panel.add(self.dots)
        self.panel.add(self.curves)
        self.panel.clicked.connect(self._on_click)
        self.panel.hovered.connect(self._on_hover)
        self.panel.left.connect(self._on_leave)
        self.plot.apply_theme(self.theme)
        return self.plot

    def on_event(self, event: Event) -> None:
        if isinstance(event, DatasetChanged):
            self._noise = NoiseLevels(self.session.dataset)
        if not isinstance(event, SelectionChanged):
            self.invalidate()
        elif event.touches("unit_id", "cluster_ids") and self.result is not None:
            self._draw_dots(self.result)

    def apply_theme(self, theme: Theme) -> None:
        self.curves.theme = self.dots.theme = theme
        self.plot.apply_theme(theme)

    # Query, compute, draw ------------------------------------------------------------------

    def query(self) -> CurvesQuery | None:
        session, settings = self.session, self.settings
        truth = session.truth_access.current
        quantity = settings.quantity if settings.quantity in QUANTITIES else QUANTITIES[0]
        self.empty_text = "Scoring \N{HORIZONTAL ELLIPSIS}"
        if truth is not None:
            has_raw = session.dataset.raw is not None
            self.empty_text = why_not(truth.facts.sized_truth, quantity, has_raw=has_raw)
            if not truth.facts.truth.n_units:
                self.empty_text = "The ground truth has no units."
        if truth is None or self.empty_text:
            self.result = None
            return None
        return CurvesQuery(
            truth, quantity, settings.n_bins, settings.is_even, session.dataset, self._noise
        )

    compute = staticmethod(compute_curves)

    def draw(self, result: CurvesResult) -> None:
        before, self.result = self.result, result
        wanted = self.settings.measure
        told = tuple(result.rates)
        self._measures = told if wanted == ALL else (wanted,) if wanted in told else told[:1]
        self.curves.set_curves(
            [
                StepCurve(
                    result.edges, rates.value, QColor(COLORS[measure]), rates.low, rates.high,
                    name=measure if len(self._measures) > 1 else "",
                )
                for measure, rates in result.rates.items()
                if measure in self._measures
            ]
        )  # fmt: skip
        self.panel.x_axis.set_title(axis_title(result.quantity))
        self.panel.y_axis.set_title(" / ".join(self._measures))
        low, high = float(result.edges[0]), float(result.edges[-1])
        margin = 0.03 * (high - low)
        self.panel.set_home(
            (low - margin, high + margin),
            (_BOTTOM, _TOP if len(self._measures) == 1 else _TOP_WITH_LEGEND),
        )
        if before is None or before.quantity != result.quantity:
            self.panel.fit()
        self._draw_dots(result)
        self._on_leave()

    def _draw_dots(self, result: CurvesResult) -> None:
        if result.values is None or len(self._measures) != 1:
            self.dots.set_dots(None, None)
            return
        measure = self._measures[0]
        units = result.truth.scores.units
        ids = result.truth.scores.unit_ids
        unit_id = self.session.matched_unit()
        self.dots.set_dots(
            Dots(
                result.values,
                result.scores_of_units(measure),
                tuple(f"unit {i}" for i in ids),
                QColor(COLORS[measure]),
                np.array([u.category != GOOD for u in units], np.bool_),
            ),
            ids.index(unit_id) if unit_id in ids else None,
        )

    def summary(self) -> str:
        """Say what is shown, and what is left out."""
        result = self.result
        if result is None:
            return ""
        what = f"{' / '.join(self._measures)} against {result.quantity}"
        parts = [what, "95 % intervals"]
        if self.settings.measure not in (*self._measures, ALL):
            parts.append(
                f"{self.settings.measure} cannot be told: false spikes have no such value"
            )
        if result.quantity == "relative size" and result.truth.facts.sizes is not None:
            parts.append("measured in the recording, with its noise")
        if self.dots.dots is not None:
            parts.append("a dot a unit, hollow where it is not well detected")
        if result.n_left_out:
            name = "unit" if result.values is not None else "spike"
            parts.append(f"{count_text(result.n_left_out, name)} without a value")
        return DOT.join(parts)

    # Mouse ---------------------------------------------------------------------------------

    def _on_leave(self) -> None:
        self.set_status(self.summary())

    def _on_click(self, x: float, y: float, modifiers: Any, button: Any) -> None:
        place = self.dots.nearest(self.panel, x, y)
        is_plain = button == Qt.MouseButton.LeftButton and not modifiers
        if place is not None and is_plain and self.result is not None:
            unit_id = self.result.truth.scores.unit_ids[place]
            self.session.select_unit(unit_id, source=self)

    def _on_hover(self, x: float, y: float) -> None:
        result, place = self.result, self.dots.nearest(self.panel, x, y)
        if result is None:
            return
        if place is not None and result.values is not None:
            unit = result.truth.scores.units[place]
            category = unit.category.replace("_", " ")
            self.set_status(
                f"unit {unit.unit_id}, {category}{DOT}{result.quantity} "
                f"{result.values[place]:.4g}{DOT}recall {unit.recall:.2f}, "
                f"precision {unit.precision:.2f}, accuracy {unit.accuracy:.2f}"
            )
            return
        k = int(np.searchsorted(result.edges, x, side="right")) - 1
        self.set_status(bin_text(result, self._measures, k) or self.summary())

    # Keys ----------------------------------------------------------------------------------

    def show_next_quantity(self) -> None:
        """Draw against the next quantity that is known."""
        self._step_quantity(1)

    def show_previous_quantity(self) -> None:
        """Draw against the previous quantity that is known."""
        self._step_quantity(-1)

    def _step_quantity(self, step: int) -> None:
        facts = self.session.truth_access.facts
        if facts is None:
            return
        truth = facts.sized_truth
        has_raw = self.session.dataset.raw is not None
        known = [q for q in QUANTITIES if not why_not(truth, q, has_raw=has_raw)]
        now = self.settings.quantity
        place = known.index(now) if now in known else -step
        self.change(quantity=known[(place + step) % len(known)])

    def show_next_measure(self) -> None:
        """Show the next score."""
        now = self.settings.measure
        place = SHOWN.index(now) if now in SHOWN else -1
        self.change(measure=SHOWN[(place + 1) % len(SHOWN)])

    def take_fewer_bins(self) -> None:
        """Take wider bins."""
        self.change(n_bins=max(self.settings.n_bins - 1, 2))

    def take_more_bins(self) -> None:
        """Take narrower bins."""
        self.change(n_bins=min(self.settings.n_bins + 1, 60))

    def fit(self) -> None:
        """Show everything."""
        self.plot.fit()


def bin_text(result: CurvesResult, measures: tuple[str, ...], k: int) -> str:
    """Say what is in a bin; "" where there is none."""
    if not 0 <= k < len(result.edges) - 1:
        return ""
    parts = [f"{result.quantity} {result.edges[k]:.4g} to {result.edges[k + 1]:.4g}"]
    for measure in measures:
        rates = result.rates[measure]
        if rates.n[k]:
            parts.append(
                f"{measure} {rates.value[k]:.3f} ({rates.low[k]:.3f} to {rates.high[k]:.3f}) "
                f"of {count_text(int(rates.n[k]), 'spike')}"
            )
    if result.n_units is not None:
        parts.append(count_text(int(result.n_units[k]), "unit"))
    return DOT.join(parts)
