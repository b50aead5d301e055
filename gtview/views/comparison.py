"""Several sortings of one recording beside the truth: a table, and bars of every unit."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QSplitter, QWidget

from ..base.events import Event
from ..base.table import Table
from ..base.table_fields import Field, table_of
from ..qt.plot import GESTURES as PLOT_GESTURES
from ..qt.plot import PlotWidget
from ..qt.table import TableView
from ..qt.theme import Theme, cluster_color
from ..session.comparing import compute_comparison
from ..session.events import ScoresChanged, SelectionChanged, SortingsChanged
from ..session.other_sortings import Comparison, ComparisonQuery
from ..session.session import Session
from .base import View, ViewAction
from .comparison_items import BarsItem, order_units
from .match_view import NO_TRUTH
from .wording import TRUTH_IS_HIDDEN

DOT = " \N{MIDDLE DOT} "
MEASURES = ("accuracy", "recall", "precision")
ORDERS = ("value", "difference")
ALONE = "only this sorting: Truth > Compare with another sorting adds one"


@dataclass(frozen=True, slots=True)
class ComparisonSettings:
    """What the bars are, and in which order."""

    measure: str = field(
        default=MEASURES[0],
        metadata={"label": "Bars", "choices": MEASURES, "help": "What the bars of a unit are."},
    )
    order: str = field(
        default=ORDERS[0],
        metadata={
            "label": "Order of units",
            "choices": ORDERS,
            "help": "By the bars of this sorting, or by how much sortings differ.",
        },
    )


class ComparisonView(View):
    """Sortings of the same dataset, the one before curation, and others that were chosen."""

    id = "comparison"
    title = "Comparison of sortings"
    Settings = ComparisonSettings
    listens_to = (SelectionChanged, ScoresChanged, SortingsChanged)
    empty_text = "the clusters are being compared with the truth"
    actions_declared = (
        ViewAction(
            "comparison.measure", "Next measure", ("V",), "next_measure",
            "Accuracy, recall or precision.",
        ),
        ViewAction(
            "comparison.order", "Order of units", ("S",), "next_order",
            "By the bars of this sorting, or by how much sortings differ.",
        ),
        ViewAction("comparison.fit", "Show everything", ("R",), "fit"),
    )  # fmt: skip
    gestures = (
        ("Click on a unit", "select it, and its cluster here"),
        ("Pointer on a unit", "what each sorting has of it, in the title bar"),
        *PLOT_GESTURES,
    )

    settings: ComparisonSettings
    result: Comparison | None = None

    @classmethod
    def missing(cls, session: Session) -> str | None:
        if session.blind:
            return TRUTH_IS_HIDDEN
        return NO_TRUTH if session.truth is None else None

    # The contract of views -----------------------------------------------------------------

    def build(self) -> QWidget:
        self.table = TableView()
        self.table.rows.color_of = self._color_of
        self.plot = PlotWidget()
        self.panel = self.plot.add_panel(0, 0, "unit", "")
        self.panel.show_grid(x=False)
        self.item = BarsItem(self.theme)
        self.panel.add(self.item)
        self.panel.clicked.connect(self._on_click)
        self.panel.hovered.connect(self._on_hover)
        self.panel.left.connect(self._on_leave)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.addWidget(self.table)
        parts.addWidget(self.plot)
        parts.setStretchFactor(0, 1)
        parts.setStretchFactor(1, 3)
        parts.setSizes([150, 450])
        parts.setChildrenCollapsible(False)
        self.apply_theme(self.theme)
        return parts

    def apply_theme(self, theme: Theme) -> None:
        self.plot.apply_theme(theme)
        self.item.theme = theme
        self.table.viewport().update()

    def on_event(self, event: Event) -> None:
        if isinstance(event, SelectionChanged):
            self._show_selected()
        else:
            self.invalidate()

    def query(self) -> ComparisonQuery | None:
        found = self.session.others.query()
        if found is None:
            self.result = None
        return found

    compute = staticmethod(compute_comparison)

    def draw(self, result: Comparison) -> None:
        before, self.result = self.result, result
        self.session.others.keep_read(result.read)
        comparison = result.sortings
        self.table.set_table(summary_table(result))
        settings = self.settings
        measure = settings.measure if settings.measure in MEASURES else MEASURES[0]
        bars = order_units(comparison, measure, settings.order)
        self.item.set_bars(bars)
        n = len(bars.unit_ids)
        self.panel.x_axis.set_names(range(n), [str(i) for i in bars.unit_ids])
        self.panel.y_axis.set_title(measure)
        self.panel.set_home((-0.6, max(n, 1) - 0.4), (-0.02, 1.03))
        if before is None:
            self.panel.fit()
        self._show_selected()
        self._tell()

    def table_text(self, separator: str) -> str | None:
        return self.table.as_text(None, separator)

    # What keys do --------------------------------------------------------------------------

    def next_measure(self) -> None:
        """Show another measure."""
        self.change(measure=_next(MEASURES, self.settings.measure))

    def next_order(self) -> None:
        """Put the units into another order."""
        self.change(order=_next(ORDERS, self.settings.order))

    def fit(self) -> None:
        """Show all units."""
        self.panel.fit()

    # Behind it -----------------------------------------------------------------------------

    def _color_of(self, row_id: Hashable) -> QColor | None:
        return cluster_color(row_id) if isinstance(row_id, int) else None

    def _show_selected(self) -> None:
        bars = self.item.bars
        if bars is not None:
            self.item.set_chosen(bars.place_of(self.session.matched_unit()))

    def _on_click(self, x: float, _y: float, _modifiers: Any, button: Any) -> None:
        bars = self.item.bars
        place = None if bars is None else bars.place_at(x)
        if bars is not None and place is not None and button == Qt.MouseButton.LeftButton:
            self.session.select_unit(bars.unit_ids[place], source=self)

    def _on_hover(self, x: float, _y: float) -> None:
        bars = self.item.bars
        place = None if bars is None else bars.place_at(x)
        self.item.set_hovered(place)
        if bars is None or place is None or self.result is None:
            self._tell()
        else:
            self.set_status(describe_unit(self.result, int(bars.rows[place])))

    def _on_leave(self) -> None:
        self.item.set_hovered(None)
        self._tell()

    def _tell(self) -> None:
        if self.result is not None:
            self.set_status(describe(self.result))


def summary_table(result: Comparison) -> Table:
    """Return one row a sorting, by its place."""
    rows = list(enumerate(result.sortings.summaries))

    def of(name: str) -> Any:
        return lambda row: getattr(row[1], name)

    def well(row: Any) -> int:
        return int(row[1].unit_counts.get("well_detected", 0))

    def alone(row: Any) -> int:
        return len(result.sortings.only_in(row[0]))

    return table_of(
        rows,
        lambda row: row[0],
        # Under the square with the colour of its bars.
        Field("#", lambda row: row[0] + 1, "integer"),
        Field("sorting", of("name"), "text"),
        Field("accuracy", of("mean_accuracy"), digits=3, help="Mean over all units."),
        Field("recall", of("mean_recall"), digits=3, help="Mean over all units."),
        Field("precision", of("mean_precision"), digits=3, help="Mean over all units."),
        Field("well detected", well, "integer", help="Units of this category."),
        Field("only here", alone, "integer",
              help="Units with an accuracy of at least 0.8 here and in no other sorting."),
        Field("matched", of("n_matched"), "integer", help="Units that have a cluster."),
        Field("clusters", of("n_clusters"), "integer"),
        Field("false", of("n_false"), digits=0, help="Clusters that are noise."),
        Field("shared", lambda row: result.n_shared[row[0]], "integer",
              help="Clusters in common with this sorting."),
        Field("spikes", of("n_spikes"), "integer"),
    )  # fmt: skip


def describe(result: Comparison) -> str:
    """Return the status."""
    n = len(result.sortings.summaries)
    text = ALONE if n == 1 else f"{n} sortings, {len(result.sortings.unit_ids):,} units"
    reading = () if result.is_full else ("reading others",)
    return DOT.join((text, *reading, *result.problems))


def describe_unit(result: Comparison, row: int) -> str:
    """Say what each sorting has of a unit."""
    comparison = result.sortings
    parts = [f"unit {comparison.unit_ids[row]}"]
    for k, summary in enumerate(comparison.summaries):
        cluster = comparison.cluster_ids[row][k]
        what = comparison.categories[row][k].replace("_", " ")
        where = "" if cluster is None else f", cluster {cluster}"
        parts.append(f"{summary.name} {comparison.accuracy[row, k]:.2f} ({what}{where})")
    return DOT.join(parts)


def _next(values: tuple[str, ...], value: str) -> str:
    return values[(values.index(value) + 1) % len(values)] if value in values else values[0]
