"""The templates of all clusters in one picture: columns are clusters, rows are channels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from ..analysis.template_shapes import TemplateShapes, compute_template_shapes
from ..base.events import Event
from ..base.types import Int64Array
from ..qt.plot import PlotWidget
from ..qt.point_layers import Target
from ..qt.rendered import RenderedItem
from ..qt.theme import Theme, cluster_color, cluster_rgb
from ..session.events import (
    ClusteringChanged,
    DatasetChanged,
    SelectionChanged,
    TableOrderChanged,
)
from .base import View
from .cluster_order import (
    ORDER_WORDS,
    known_order,
    next_order,
    order_clusters,
)
from .template_picture import Overview, OverviewPicture, render_overview
from .templates_settings import ACTIONS, GESTURES, TemplatesSettings
from .wording import count_text

if TYPE_CHECKING:
    from ..analysis.clusters import ClusterStats
    from ..data.dataset import Channels, Dataset
    from ..session.selection import SelectionState
    from ..session.session import Session

NO_TEMPLATES = "There are no templates to show: the export has no templates.npy."
SHOWN_FIELDS = ("cluster_ids", "similar_ids", "color_ids")
DOT = " \N{MIDDLE DOT} "
_SCALE_STEP = 1.15
_CTRL = Qt.KeyboardModifier.ControlModifier
_NO_KEY = Qt.KeyboardModifier.NoModifier


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What was read of the templates, and from what."""

    dataset: Dataset
    stats: ClusterStats
    shapes: TemplateShapes


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    dataset: Dataset
    stats: ClusterStats
    settings: TemplatesSettings
    order: str
    table_ids: tuple[int, ...]
    state: SelectionState
    neutral: tuple[int, int, int]
    target: Target
    known: _Known | None


@dataclass(frozen=True, slots=True, eq=False)
class _Result:
    known: _Known
    overview: Overview
    picture: OverviewPicture


class TemplatesView(View):
    """Waveforms where there is room, else shades of size; a click selects."""

    id = "templates"
    title = "Templates"
    Settings = TemplatesSettings
    listens_to = (SelectionChanged, ClusteringChanged, DatasetChanged, TableOrderChanged)
    actions_declared = ACTIONS
    gestures = GESTURES

    settings: TemplatesSettings
    _shown: _Result | None = None

    @classmethod
    def missing(cls, session: Session) -> str | None:
        return NO_TEMPLATES if session.dataset.templates is None else None

    def build(self) -> QWidget:
        self.plot = PlotWidget()
        self.panel = self.plot.add_panel(0, 0, "cluster", "channel, by depth")
        self.panel.box.invertY(True)
        self.item = RenderedItem(self.context.pool)
        self.item.rendered.connect(self._tell_summary)
        self.panel.add(self.item)
        self.panel.clicked.connect(self._on_click)
        self.panel.hovered.connect(self._on_hover)
        self.panel.left.connect(self._tell_summary)
        self.panel.scrolled.connect(self._on_wheel)
        self.plot.apply_theme(self.theme)
        return self.plot

    def on_event(self, event: Event) -> None:
        if isinstance(event, TableOrderChanged) and self._order != "table":
            return
        if not isinstance(event, SelectionChanged) or event.touches(*SHOWN_FIELDS):
            self.invalidate()

    def apply_theme(self, theme: Theme) -> None:
        self.plot.apply_theme(theme)

    # Query, compute, draw ------------------------------------------------------------------

    def query(self) -> _Query | None:
        stats, dataset = self.session.stats, self.session.dataset
        n_clusters, n_channels = len(stats.cluster_ids), dataset.channels.n_channels
        if not n_clusters:
            self.empty_text = "The sorting has no clusters."
            return None
        smallest = (1.0, min(4.0, float(n_channels)))
        self.panel.set_home((0.0, float(n_clusters)), (0.0, float(n_channels)), smallest=smallest)
        red, green, blue, _ = self.theme.color("quiet").getRgb()
        return _Query(
            dataset,
            stats,
            self.settings,
            self._order,
            self.session.table_order.cluster_ids,
            self.session.selection.state,
            (int(red or 0), int(green or 0), int(blue or 0)),
            self.item.target,
            None if self._shown is None else self._shown.known,
        )

    @staticmethod
    def compute(query: _Query) -> _Result:
        known, stats = query.known, query.stats
        if known is None or known.dataset is not query.dataset or known.stats is not stats:
            shapes = compute_template_shapes(query.dataset, stats)
            known = _Known(query.dataset, stats, shapes)
        order = order_clusters(stats, query.order, query.table_ids)
        places = {i: k for k, i in enumerate(stats.cluster_ids[order].tolist())}
        shown = zip(query.state.shown_ids, query.state.color_ids, strict=True)
        overview = Overview(
            known.shapes,
            order,
            row_of_channels(query.dataset.channels),
            {places[i]: cluster_rgb(color) for i, color in shown if i in places},
            query.neutral,
            query.settings.scale,
            query.settings.is_uniform,
        )
        return _Result(known, overview, render_overview(overview, query.target))

    def draw(self, result: _Result) -> None:
        before, self._shown = self._shown, result
        order, stats = result.overview.order, result.known.stats
        is_same = before is not None and np.array_equal(before.overview.order, order)
        if before is None or not is_same or before.known.stats is not stats:
            self._set_names(result)
        state, places = self.session.selection.state, stats.cluster_ids[order].tolist()
        self.panel.x_axis.set_marks(
            {
                places.index(i): cluster_color(color)
                for i, color in zip(state.shown_ids, state.color_ids, strict=True)
                if i in places
            }
        )
        self.item.set_renderer(partial(render_overview, result.overview), result.picture)
        self._tell_summary()

    def _set_names(self, result: _Result) -> None:
        clusters = result.known.stats.cluster_ids[result.overview.order].tolist()
        places = [k + 0.5 for k in range(len(clusters))]
        self.panel.x_axis.set_names(places, [str(i) for i in clusters])
        channels = np.argsort(result.overview.rows)
        raw = result.known.dataset.channels.raw_channels[channels].tolist()
        self.panel.y_axis.set_names([k + 0.5 for k in range(len(raw))], [str(c) for c in raw])

    # Mouse and keys ------------------------------------------------------------------------

    def cluster_at(self, x: float) -> int | None:
        """Return the cluster of the column at a place of the horizontal axis."""
        column = math.floor(x)
        if self._shown is None or not 0 <= column < len(self._shown.overview.order):
            return None
        return int(self._shown.known.stats.cluster_ids[self._shown.overview.order[column]])

    def show_next_order(self) -> None:
        """Order clusters in the next way."""
        self.change(order=next_order(self._order))

    def toggle_uniform(self) -> None:
        """Give all clusters one scale, or each its own."""
        self.change(is_uniform=not self.settings.is_uniform)

    def scale_up(self) -> None:
        """Draw waveforms larger."""
        self._scale(1)

    def scale_down(self) -> None:
        """Draw waveforms smaller."""
        self._scale(-1)

    def fit(self) -> None:
        """Show all templates on all channels."""
        self.panel.fit()

    @property
    def _order(self) -> str:
        return known_order(self.settings.order)

    def _scale(self, steps: float) -> None:
        self.change(scale=min(max(self.settings.scale * _SCALE_STEP**steps, 0.05), 20.0))

    def _on_wheel(self, steps: float, modifiers: Any, *_: float) -> None:
        if modifiers == _CTRL:
            self._scale(steps)

    def _on_click(self, x: float, _y: float, modifiers: Any, button: Any) -> None:
        cluster_id = self.cluster_at(x)
        if cluster_id is None or button != Qt.MouseButton.LeftButton:
            return
        if modifiers in (_NO_KEY, _CTRL):
            self.session.pick_cluster(cluster_id, is_added=modifiers == _CTRL, source=self)

    def _on_hover(self, x: float, y: float) -> None:
        if self.cluster_at(x) is None or self._shown is None:
            self._tell_summary()
        else:
            self.set_status(cell_text(self._shown.known, self._shown.overview, x, y))

    def _tell_summary(self) -> None:
        if self._shown is None:
            return
        shown, picture = self._shown, self.item.picture
        text = f"{count_text(len(shown.overview.order), 'cluster')} {ORDER_WORDS[self._order]}"
        if picture is not None and picture.is_shaded:
            text += f"{DOT}shades show sizes, zoom in for waveforms"
        self.set_status(text)


def row_of_channels(channels: Channels) -> Int64Array:
    """Return the row of each channel: shank by shank, the deepest last; int64, (n_channels,)."""
    x, depth = channels.positions_um.T
    rows = np.empty(channels.n_channels, np.int64)
    rows[np.lexsort((x, -depth, channels.shanks))] = np.arange(channels.n_channels)
    return rows


def cell_text(known: _Known, overview: Overview, x: float, y: float) -> str:
    """Say how large a cluster is on the channel at the pointer, and where it is largest."""
    index = int(overview.order[math.floor(x)])
    cluster_id = int(known.stats.cluster_ids[index])
    part = known.shapes.of(index)
    ids, sizes = known.shapes.channel_ids[part], known.shapes.sizes[part]
    raw, unit = known.dataset.channels.raw_channels, known.dataset.amplitude_unit
    if not len(ids):
        return f"cluster {cluster_id}{DOT}nothing is known of its template"
    text = f"cluster {cluster_id}{DOT}largest on channel {raw[ids[0]]}: {sizes[0]:,.3g} {unit}"
    here = np.flatnonzero(overview.rows[ids] == math.floor(y))
    if len(here) and here[0] > 0:
        text += f"{DOT}here on {raw[ids[here[0]]]}: {sizes[here[0]]:,.3g} {unit}"
    return text
