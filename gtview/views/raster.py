"""Every spike of every cluster over time, one row a cluster."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from ..base.events import Event
from ..qt.plot import GESTURES, PlotWidget
from ..qt.point_layers import Target
from ..qt.rendered import RenderedItem
from ..qt.theme import Theme, cluster_color, cluster_rgb
from ..session.events import (
    ClusteringChanged,
    DatasetChanged,
    SelectionChanged,
    TableOrderChanged,
)
from .base import View, ViewAction
from .cluster_order import (
    ORDER_HELP,
    ORDER_WORDS,
    ORDERS,
    known_order,
    next_order,
    order_clusters,
)
from .raster_picture import Raster, RasterPicture, render_raster
from .time_axis import TIME_GESTURES, TimeAxis
from .wording import count_text

SHOWN_FIELDS = ("cluster_ids", "similar_ids", "color_ids")
SHORTEST_S = 0.01
DOT = " \N{MIDDLE DOT} "
_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@dataclass(frozen=True, slots=True)
class RasterSettings:
    """In which order clusters stand: one of `ORDERS`."""

    order: str = field(
        default=ORDERS[0], metadata={"label": "Order of clusters", "choices": ORDERS}
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    raster: Raster
    target: Target
    known: RasterPicture | None


@dataclass(frozen=True, slots=True, eq=False)
class _Result:
    raster: Raster
    picture: RasterPicture


class RasterView(View):
    """Ticks where few spikes are in sight, else density; selected clusters in their colours."""

    id = "raster"
    title = "Raster"
    Settings = RasterSettings
    empty_text = "The sorting has no clusters."
    listens_to = (SelectionChanged, ClusteringChanged, DatasetChanged, TableOrderChanged)
    actions_declared = (
        ViewAction(
            "raster.order",
            "Next order",
            ("O",),
            "show_next_order",
            ORDER_HELP,
        ),
        ViewAction("raster.fit", "Show all spikes", ("R",), "fit"),
    )
    gestures = (
        ("Ctrl+click", "select the cluster of a row"),
        ("Ctrl+Shift+click", "add it to the selection, or take it out"),
        ("Pointer on a row", "its cluster and the time in the title bar"),
        *TIME_GESTURES,
        *GESTURES,
    )

    settings: RasterSettings
    raster: Raster | None = None

    def build(self) -> QWidget:
        self.plot = PlotWidget()
        self.panel = self.plot.add_panel(0, 0, "time (s)", "cluster")
        self.panel.box.invertY(True)
        self.item = RenderedItem(self.context.pool)
        self.item.rendered.connect(self._tell_summary)
        self.panel.add(self.item)
        self.time_axis = TimeAxis(self.panel, self.session, self.theme)
        self.panel.clicked.connect(self._on_click)
        self.panel.hovered.connect(self._on_hover)
        self.panel.left.connect(self._tell_summary)
        self.plot.apply_theme(self.theme)
        return self.plot

    def on_event(self, event: Event) -> None:
        if isinstance(event, TableOrderChanged) and self._order != "table":
            return
        if not isinstance(event, SelectionChanged) or event.touches(*SHOWN_FIELDS):
            self.invalidate()
        else:
            self.time_axis.refresh()

    def apply_theme(self, theme: Theme) -> None:
        self.plot.apply_theme(theme)
        self.time_axis.apply_theme(theme)

    # Query, compute, draw ------------------------------------------------------------------

    def query(self) -> _Query | None:
        stats, dataset = self.session.stats, self.session.dataset
        if not len(stats.cluster_ids):
            self.raster = None
            return None
        state = self.session.selection.state
        colors = {i: cluster_rgb(c) for i, c in zip(state.shown_ids, state.color_ids, strict=True)}
        red, green, blue, _ = self.theme.color("quiet").getRgb()
        order = order_clusters(stats, self._order, self.session.table_order.cluster_ids)
        raster = Raster(
            dataset.spike_samples,
            self.session.clustering.assignment(),
            dataset.time_order is None,
            stats.cluster_ids[order].astype(np.int64),
            colors,
            (int(red or 0), int(green or 0), int(blue or 0)),
            dataset.sample_rate_hz,
            self.session.clustering.version,
        )
        self._set_home(raster)
        return _Query(raster, self.item.target, self.item.picture)

    @staticmethod
    def compute(query: _Query) -> _Result:
        return _Result(query.raster, render_raster(query.raster, query.target, query.known))

    def draw(self, result: _Result) -> None:
        before, self.raster = self.raster, result.raster
        ids = result.raster.cluster_ids
        if before is None or not np.array_equal(before.cluster_ids, ids):
            names = [str(i) for i in ids.tolist()]
            self.panel.y_axis.set_names([k + 0.5 for k in range(len(names))], names)
        state = self.session.selection.state
        places = {i: k for k, i in enumerate(ids.tolist())}
        self.panel.y_axis.set_marks(
            {
                places[i]: cluster_color(color)
                for i, color in zip(state.shown_ids, state.color_ids, strict=True)
                if i in places
            }
        )
        self.item.set_renderer(partial(render_raster, result.raster), result.picture)
        self.time_axis.refresh()
        self._tell_summary()

    def _set_home(self, raster: Raster) -> None:
        """Say what all of it is, before the first picture is made."""
        end = max(self.session.dataset.duration_s, SHORTEST_S)
        n = float(len(raster.cluster_ids))
        self.panel.set_home((0.0, end), (0.0, n), smallest=(SHORTEST_S, 1.0))

    # Mouse and keys ------------------------------------------------------------------------

    def cluster_at(self, y: float) -> int | None:
        """Return the cluster of the row at a place of the vertical axis."""
        row = math.floor(y)
        if self.raster is None or not 0 <= row < len(self.raster.cluster_ids):
            return None
        return int(self.raster.cluster_ids[row])

    def fit(self) -> None:
        """Show all spikes of all clusters."""
        self.panel.fit()

    def show_next_order(self) -> None:
        """Order clusters in the next way."""
        self.change(order=next_order(self._order))

    @property
    def _order(self) -> str:
        return known_order(self.settings.order)

    def _on_click(self, _x: float, y: float, modifiers: Any, button: Any) -> None:
        cluster_id = self.cluster_at(y)
        if cluster_id is None or button != Qt.MouseButton.LeftButton or not modifiers & _CTRL:
            return
        self.session.pick_cluster(cluster_id, is_added=bool(modifiers & _SHIFT), source=self)

    def _on_hover(self, x: float, y: float) -> None:
        cluster_id = self.cluster_at(y)
        if cluster_id is None or cluster_id not in self.session.clustering:
            self._tell_summary()
            return
        n = self.session.clustering.n_spikes_of(cluster_id)
        duration_s = self.session.dataset.duration_s
        rate = f", {n / duration_s:.3g} Hz" if duration_s > 0 else ""
        self.set_status(f"cluster {cluster_id}{DOT}{count_text(n, 'spike')}{rate}{DOT}{x:,.3f} s")

    def _tell_summary(self) -> None:
        picture = self.item.picture
        if self.raster is None or picture is None:
            return
        n_rows = len(self.raster.cluster_ids)
        how = ", as density" if picture.is_density else ""
        self.set_status(
            f"{count_text(n_rows, 'cluster')} {ORDER_WORDS[self._order]}{DOT}"
            f"{count_text(picture.n_in_sight, 'spike')} in sight{how}"
        )
