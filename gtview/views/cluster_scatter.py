"""All clusters as markers: any property against any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QCursor
from PyQt6.QtWidgets import QMenu, QWidget

from ..base.events import Event
from ..base.table import Table
from ..kernels.polygons import points_in_polygon
from ..qt.choice_menu import Choice, ChoiceGroup, show_choices
from ..qt.lasso import CTRL, SHIFT, Lasso
from ..qt.lasso_frames import PanelFrame
from ..qt.plot import PlotWidget
from ..qt.theme import Theme
from ..session.events import (
    ClusteringChanged,
    DatasetChanged,
    LabelsChanged,
    QualityChanged,
    ScoresChanged,
    SelectionChanged,
)
from ..session.tables import TableSource, cluster_table
from .base import View
from .cluster_marker_item import MarkersItem, nearest_marker
from .cluster_markers import (
    MarkerAxes,
    Markers,
    columns_for,
    inside,
    make_markers,
)
from .cluster_scatter_settings import ACTIONS, GESTURES, LOGS, PARTS, ClusterScatterSettings
from .cluster_scatter_status import column_title, describe, describe_marker, limits_of

_ADDING = CTRL | SHIFT


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    source: TableSource
    axes: MarkerAxes
    known: Table | None


@dataclass(frozen=True, slots=True, eq=False)
class _Result:
    markers: Markers
    source: TableSource


class ClusterScatterView(View):
    """Markers for all clusters; a click, or a line drawn around them, selects."""

    id = "cluster_scatter"
    title = "Cluster scatter"
    Settings = ClusterScatterSettings
    empty_text = "there are no clusters"
    listens_to = (
        SelectionChanged, ClusteringChanged, DatasetChanged, ScoresChanged, LabelsChanged,
        QualityChanged,
    )  # fmt: skip
    actions_declared = ACTIONS
    gestures = GESTURES

    settings: ClusterScatterSettings
    plot: PlotWidget
    _shown: _Result | None = None

    # The contract of views -----------------------------------------------------------------

    def build(self) -> QWidget:
        self.menu = QMenu(self)
        self.plot = PlotWidget()
        self.panel = self.plot.add_panel(0, 0)
        self.panel.show_grid()
        self.item = MarkersItem()
        self.panel.add(self.item)
        frame = PanelFrame(self.plot, self.panel)
        widget = self.plot.viewport()
        self.lasso = Lasso(widget, frame, self.theme, drag_keys=(CTRL, SHIFT), click_keys=())
        self.lasso.drawn.connect(self._on_lasso)
        self.panel.clicked.connect(self._on_click)
        self.panel.hovered.connect(self._on_hover)
        self.panel.left.connect(self._on_leave)
        self.panel.x_axis.menu_asked.connect(lambda at: self._show_part(at, "x"))
        self.panel.y_axis.menu_asked.connect(lambda at: self._show_part(at, "y"))
        self.apply_theme(self.theme)
        return self.plot

    def on_event(self, event: Event) -> None:
        if isinstance(event, SelectionChanged):
            self._show_selected()
        else:
            self.invalidate()

    def apply_theme(self, theme: Theme) -> None:
        self.plot.apply_theme(theme)
        self.item.apply_theme(theme)
        self.lasso.apply_theme(theme)

    def query(self) -> _Query | None:
        session, settings = self.session, self.settings
        if not len(session.stats.cluster_ids):
            return None
        source = TableSource.of(session)
        shown = self._shown
        is_same = shown is not None and shown.source.is_same_as(source)
        return _Query(
            source,
            MarkerAxes(
                settings.x, settings.y, settings.size, settings.color,
                settings.is_x_log, settings.is_y_log, settings.is_size_log,
            ),
            shown.markers.table if shown is not None and is_same else None,
        )  # fmt: skip

    @staticmethod
    def compute(query: _Query) -> _Result:
        table = query.known or cluster_table(query.source)
        return _Result(make_markers(table, query.axes), query.source)

    def draw(self, result: _Result) -> None:
        before, self._shown = self.markers, result
        markers, axes = result.markers, result.markers.axes
        for axis, name, is_log in (
            (self.panel.x_axis, axes.x, axes.is_x_log),
            (self.panel.y_axis, axes.y, axes.is_y_log),
        ):
            axis.set_log(is_log=is_log)
            axis.set_title(column_title(markers.table, name))
        self.item.set_markers(markers)
        self.panel.set_home(limits_of(markers.x), limits_of(markers.y))
        if before is None or before.axes.plane != axes.plane:
            self.panel.fit()
        self._show_selected()
        self.set_status(describe(markers))

    @property
    def markers(self) -> Markers | None:
        """What is shown."""
        return None if self._shown is None else self._shown.markers

    # What keys do --------------------------------------------------------------------------

    def next_x(self) -> None:
        """Show the next property from left to right."""
        self._turn("x", 1)

    def previous_x(self) -> None:
        """Show the previous property from left to right."""
        self._turn("x", -1)

    def next_y(self) -> None:
        """Show the next property from bottom to top."""
        self._turn("y", 1)

    def previous_y(self) -> None:
        """Show the previous property from bottom to top."""
        self._turn("y", -1)

    def next_size(self) -> None:
        """Show the next property as size."""
        self._turn("size", 1)

    def previous_size(self) -> None:
        """Show the previous property as size."""
        self._turn("size", -1)

    def next_color(self) -> None:
        """Show the next property as colour."""
        self._turn("color", 1)

    def previous_color(self) -> None:
        """Show the previous property as colour."""
        self._turn("color", -1)

    def toggle_x_log(self) -> None:
        """Make the horizontal axis logarithmic, or not."""
        self.change(is_x_log=not self.settings.is_x_log)

    def toggle_y_log(self) -> None:
        """Make the vertical axis logarithmic, or not."""
        self.change(is_y_log=not self.settings.is_y_log)

    def toggle_size_log(self) -> None:
        """Make sizes grow with the logarithm, or with the value itself."""
        self.change(is_size_log=not self.settings.is_size_log)

    def fit(self) -> None:
        """Show everything."""
        self.panel.fit()

    def show_menu(self) -> None:
        """Show all properties to choose from."""
        self._show_menu(QCursor.pos())

    # Behind it -----------------------------------------------------------------------------

    def _choices(self, part: str) -> list[str]:
        return [] if self.markers is None else columns_for(part, self.markers.table)

    def _turn(self, part: str, step: int) -> None:
        names = self._choices(part)
        if names and self.markers is not None:
            now = getattr(self.markers.axes, part)
            place = names.index(now) if now in names else -step
            self.change(**{part: names[(place + step) % len(names)]})

    def _show_selected(self) -> None:
        state = self.session.selection.state
        self.item.set_selected(dict(zip(state.shown_ids, state.color_ids, strict=True)))

    def _show_part(self, at: QPoint, part: str) -> None:
        show_choices(self.menu, at, [self._group(part)])

    def _show_menu(self, at: QPoint) -> None:
        show_choices(self.menu, at, [self._group(part) for part in PARTS])

    def _group(self, part: str) -> ChoiceGroup:
        now = "" if self.markers is None else getattr(self.markers.axes, part)
        choices = [
            Choice(name, name == now, partial(self._choose, part, name))
            for name in self._choices(part)
        ]
        extra = []
        if part in LOGS:
            is_log = getattr(self.settings, LOGS[part])
            extra.append(
                Choice("Logarithmic", is_log, partial(self._choose, LOGS[part], not is_log))
            )
        return ChoiceGroup(PARTS[part], choices, extra)

    def _choose(self, setting: str, value: object) -> None:
        self.change(**{setting: value})

    def _on_click(self, x: float, y: float, modifiers: Any, button: Any) -> None:
        if button == Qt.MouseButton.RightButton:
            self._show_menu(QCursor.pos())
            return
        if self.markers is None:
            return
        place = nearest_marker(self.markers, self.panel, x, y)
        if place is None:
            return
        cluster_id = self.markers.cluster_ids[place]
        state = self.session.selection.state
        if not modifiers & _ADDING:
            self.session.select_clusters((cluster_id,), source=self)
        elif cluster_id in state.shown_ids:
            kept, similar = (
                [i for i in ids if i != cluster_id]
                for ids in (state.cluster_ids, state.similar_ids)
            )
            self.session.select_clusters(kept, similar, source=self)
        else:
            self._add_clusters((cluster_id,))

    def _on_lasso(self, corners: Any, modifiers: Any) -> None:
        self.lasso.forget()
        if self.markers is None or corners is None:
            return
        ids = inside(self.markers, points_in_polygon(self.markers.x, self.markers.y, corners))
        if modifiers & SHIFT:
            self._add_clusters(ids)
        elif ids:
            self.session.select_clusters(ids, source=self)

    def _add_clusters(self, cluster_ids: Sequence[int]) -> None:
        state = self.session.selection.state
        more = tuple(i for i in cluster_ids if i not in state.shown_ids)
        self.session.select_clusters((*state.cluster_ids, *more), state.similar_ids, source=self)

    def _on_hover(self, x: float, y: float) -> None:
        if self.markers is None:
            return
        place = nearest_marker(self.markers, self.panel, x, y)
        self.item.set_hovered(place)
        self.set_status(
            describe(self.markers) if place is None else describe_marker(self.markers, place)
        )

    def _on_leave(self) -> None:
        self.item.set_hovered(None)
        if self.markers is not None:
            self.set_status(describe(self.markers))
