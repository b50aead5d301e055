"""Which quality metrics tell the truth: each against true accuracy or purity, with a threshold."""

from __future__ import annotations

from typing import Any

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QSplitter, QWidget

from ..base.events import Event
from ..base.table import Table
from ..base.table_fields import Field, table_of
from ..qt.plot import PlotWidget
from ..qt.table import TableView
from ..qt.theme import Theme
from ..qt.threshold import ThresholdItem
from ..scoring.metric_truth import MetricCurve
from ..session.events import (
    ClusteringChanged,
    DatasetChanged,
    LabelsChanged,
    QualityChanged,
    ScoresChanged,
    SelectionChanged,
)
from ..session.session import Session
from ..session.tables import TableSource
from .base import View
from .cluster_scatter_status import limits_of
from .match_view import NO_TRUTH
from .metric_compute import MetricPicture, MetricQuery, compute_metrics
from .metric_items import CurveItem, DotsItem
from .metric_settings import ACTIONS, GESTURES, TRUTHS, MetricSettings
from .wording import TRUTH_IS_HIDDEN

DOT = " \N{MIDDLE DOT} "
# Narrower or lower views have no room for the curve, or for the list.
_LEAST_WIDTH, _LEAST_HEIGHT = 430, 240
_NO_SCORES = "the clusters are being compared with the truth"


class MetricsView(View):
    """Clusters by a metric and by the truth, what a threshold accepts, and a list of metrics."""

    id = "metrics"
    title = "Metrics and truth"
    Settings = MetricSettings
    listens_to = (
        SelectionChanged, ClusteringChanged, DatasetChanged, ScoresChanged, LabelsChanged,
        QualityChanged,
    )  # fmt: skip
    empty_text = _NO_SCORES
    actions_declared = ACTIONS
    gestures = GESTURES

    settings: MetricSettings
    picture: MetricPicture | None = None

    @classmethod
    def missing(cls, session: Session) -> str | None:
        if session.blind:
            return TRUTH_IS_HIDDEN
        return NO_TRUTH if session.truth is None else None

    # The contract of views -----------------------------------------------------------------

    def build(self) -> QWidget:
        # Of each metric, where its line was left.
        self._thresholds: dict[str, float] = {}
        self.plot, self.roc = PlotWidget(), PlotWidget()
        self.panel = self.plot.add_panel(0, 0)
        self.panel.show_grid()
        self.dots, self.curve = DotsItem(self.theme), CurveItem(self.theme)
        self.line, self.level = ThresholdItem("x", self.theme), ThresholdItem("y", self.theme)
        self.level.is_shaded = False
        for item in (self.dots, self.line, self.level):
            self.panel.add(item)
        self.line.moved.connect(self._on_line)
        self.level.moved.connect(self._on_level)
        self.panel.clicked.connect(self._on_click)
        self.panel.hovered.connect(self._on_hover)
        self.panel.left.connect(self._tell)
        self.roc_panel = self.roc.add_panel(0, 0, "false acceptance", "true acceptance")
        self.roc_panel.add(self.curve)
        self.roc_panel.set_home((-0.02, 1.02), (-0.02, 1.02))
        self.list = TableView()
        self.list.row_ids_selected.connect(self._on_row)
        return self._join()

    def _join(self) -> QWidget:
        self._side = QSplitter(Qt.Orientation.Vertical)
        self._side.addWidget(self.roc)
        self._side.addWidget(self.list)
        whole = QSplitter(Qt.Orientation.Horizontal)
        whole.addWidget(self.plot)
        whole.addWidget(self._side)
        whole.setStretchFactor(0, 3)
        whole.setStretchFactor(1, 2)
        whole.setChildrenCollapsible(False)
        self.apply_theme(self.theme)
        return whole

    def apply_theme(self, theme: Theme) -> None:
        for plot in (self.plot, self.roc):
            plot.apply_theme(theme)
        self.line.apply_theme(theme)
        self.level.apply_theme(theme)
        self.dots.theme = self.curve.theme = theme
        self.list.viewport().update()

    def on_event(self, event: Event) -> None:
        if isinstance(event, SelectionChanged):
            self._show_selected()
        else:
            self.invalidate()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._side.setVisible(self.width() >= _LEAST_WIDTH)
        self.list.setVisible(self.height() >= _LEAST_HEIGHT)

    def query(self) -> MetricQuery | None:
        settings = self.settings
        if self.session.scores is None:
            self.picture = None
            return None
        truth = settings.truth if settings.truth in TRUTHS else TRUTHS[0]
        return MetricQuery(
            TableSource.of(self.session), truth, settings.good_from, settings.metric,  # type: ignore[arg-type]
            settings.is_log,
        )  # fmt: skip

    compute = staticmethod(compute_metrics)

    def draw(self, result: MetricPicture | None) -> None:
        before, self.picture = self.picture, result
        if result is None:
            self.set_status("no metric has a value yet")
            return
        query = result.query
        self.panel.x_axis.set_log(is_log=query.is_log)
        self.panel.x_axis.set_title(result.title)
        self.panel.y_axis.set_title(f"true {query.truth}")
        known = np.isfinite(result.x)
        self.panel.set_home(limits_of(result.x[known]), (-0.04, 1.04))
        if before is None or _plane(before) != _plane(result):
            self.panel.fit()
        self.level.show_at(query.good_from)
        self.list.set_table(ranked(result.curves))
        self.list.select_ids([result.curve.name])
        self._show_selected()
        self._show_threshold()

    # What keys do --------------------------------------------------------------------------

    def next_metric(self) -> None:
        """Show the metric that tells a little less."""
        self._turn(1)

    def previous_metric(self) -> None:
        """Show the metric that tells a little more."""
        self._turn(-1)

    def toggle_truth(self) -> None:
        """Compare with accuracy, or with purity."""
        self.change(truth=TRUTHS[1 - TRUTHS.index(self.settings.truth)])

    def toggle_log(self) -> None:
        """Make the metric's axis logarithmic, or not."""
        self.change(is_log=not self.settings.is_log)

    def use_best_threshold(self) -> None:
        """Put the line where true minus false acceptance is largest."""
        if self.picture is not None:
            self._thresholds.pop(self.picture.curve.name, None)
            self._show_threshold()

    def fit(self) -> None:
        """Show everything."""
        self.panel.fit()

    # The line ------------------------------------------------------------------------------

    @property
    def threshold(self) -> float:
        """Where the line is, in the unit of the metric; NaN: nowhere."""
        if self.picture is None:
            return float("nan")
        curve = self.picture.curve
        return self._thresholds.get(curve.name, curve.best_threshold)

    def set_threshold(self, value: float) -> None:
        """Put the line on a value of the metric."""
        if self.picture is not None:
            self._thresholds[self.picture.curve.name] = value
            self._show_threshold()

    def accepted(self) -> tuple[float, float]:
        """Return which share of the good clusters the line accepts, and of the others."""
        return (0.0, 0.0) if self.picture is None else self.picture.curve.at(self.threshold)

    def _show_threshold(self) -> None:
        picture, value = self.picture, self.threshold
        if picture is None:
            return
        curve = picture.curve
        place = None if np.isnan(value) else picture.to_axis(value)
        self.line.show_at(place, is_above=curve.is_higher_better)
        self.dots.set_picture(picture, value)
        self.curve.set_curve(curve, self.accepted())
        self._tell()

    def _on_line(self, place: float) -> None:
        if self.picture is not None:
            self.set_threshold(self.picture.from_axis(place))

    def _on_level(self, place: float) -> None:
        self.change(good_from=round(min(max(place, 0.01), 1.0), 2))

    # The mouse, and what is said -----------------------------------------------------------

    def _turn(self, step: int) -> None:
        if self.picture is not None:
            names = [curve.name for curve in self.picture.curves]
            place = names.index(self.picture.curve.name)
            self.change(metric=names[(place + step) % len(names)])

    def _on_row(self, ids: list[Any]) -> None:
        if ids:
            self.change(metric=ids[-1])

    def _on_click(self, x: float, y: float, modifiers: Any, button: Any) -> None:
        found = self.dots.nearest(x, y)
        if found is not None and button == Qt.MouseButton.LeftButton:
            is_added = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
            self.session.pick_cluster(found, is_added=is_added, source=self)

    def _on_hover(self, x: float, y: float) -> None:
        found, picture = self.dots.nearest(x, y), self.picture
        if found is None or picture is None:
            self._tell()
            return
        row = picture.cluster_ids.index(found)
        value = f"{picture.column.text(row)} {picture.column.unit}".strip()
        truth = f"true {picture.query.truth} {picture.y[row]:.2f}"
        self.set_status(DOT.join((f"cluster {found}", f"{picture.column.name} {value}", truth)))

    def _show_selected(self) -> None:
        state = self.session.selection.state
        self.dots.set_selected(dict(zip(state.shown_ids, state.color_ids, strict=True)))

    def _tell(self) -> None:
        if self.picture is not None:
            self.set_status(describe(self.picture, self.threshold))


def describe(picture: MetricPicture, threshold: float) -> str:
    """Return the status: what a threshold accepts, and how much the metric tells."""
    curve = picture.curve
    counts = f"{curve.n_good:,} good, {curve.n_bad:,} not"
    if curve.n_unknown:
        counts += f", {curve.n_unknown:,} without a value"
    if np.isnan(curve.auc):
        return DOT.join((curve.name, counts, "nothing to tell apart"))
    true, false = curve.at(threshold)
    sign = (
        "\N{GREATER-THAN OR EQUAL TO}" if curve.is_higher_better else "\N{LESS-THAN OR EQUAL TO}"
    )
    return DOT.join(
        (
            f"{curve.name} {sign} {threshold:.4g} accepts {true:.0%} of the good and "
            f"{false:.0%} of the other clusters",
            f"AUC {curve.auc:.2f}",
            counts,
        )
    )


def ranked(curves: tuple[MetricCurve, ...]) -> Table:
    """Return the list of metrics, those that tell most first."""
    return table_of(
        curves,
        lambda curve: curve.name,
        Field("metric", lambda curve: curve.name, "text"),
        Field("AUC", lambda curve: curve.auc, digits=2, help=_AUC),
        Field("good is", lambda curve: "high" if curve.is_higher_better else "low", "text"),
        Field("threshold", lambda curve: curve.best_threshold, digits=2, help=_BEST),
        Field("clusters", lambda curve: curve.n_good + curve.n_bad, "integer"),
    )


_AUC = "How probably a good cluster has the better value: 1 is perfect, 0.5 tells nothing."
_BEST = "Where true minus false acceptance is largest."


def _plane(picture: MetricPicture) -> tuple[object, ...]:
    return picture.curve.name, picture.query.is_log
