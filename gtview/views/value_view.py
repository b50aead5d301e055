"""What the amplitude view and the views of spike attributes share: gestures, time, background."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from ..analysis.spike_values import SpikeValues
from ..base.events import Event
from ..base.types import Int32Array
from ..qt.plot import GESTURES
from ..qt.theme import Theme
from ..qt.ticks import MINUS
from ..session.events import ClusteringChanged, DatasetChanged, SelectionChanged, SplitProposed
from ..session.session import ClusterSpikes, Session
from .state_view import STATE_EVENTS, StateColored
from .time_axis import AXIS_GESTURES, TimeBrush
from .trace_place import centred
from .value_picture import Color
from .value_plot import ValuePlot
from .value_split import SPLIT_GESTURES, ValueSplit

MAX_CLUSTERS = ValueSplit.most_clusters
_SHOWN_FIELDS = (
    "cluster_ids",
    "similar_ids",
    "color_ids",
    "time_window_s",
    "unit_id",
    "highlight",
)
_CTRL = Qt.KeyboardModifier.ControlModifier
_ALT = Qt.KeyboardModifier.AltModifier
_SCALE_STEP = 1.15


class ValueView(ValueSplit, StateColored):
    """Points of the selected clusters over time, or over another value."""

    listens_to = (
        SelectionChanged, ClusteringChanged, DatasetChanged, SplitProposed, *STATE_EVENTS,
    )  # fmt: skip
    gestures: ClassVar[tuple[tuple[str, str], ...]] = (
        *SPLIT_GESTURES,
        *AXIS_GESTURES,
        ("Alt+click", "show this time in the trace view"),
        ("Ctrl+wheel", "stretch the vertical axis"),
        ("Alt+wheel", "larger or smaller dots"),
        ("Pointer", "time and value, in the title bar"),
        *GESTURES,
    )
    shown_fields: ClassVar[tuple[str, ...]] = _SHOWN_FIELDS

    x_is_time = True
    _summary = ""

    def build(self) -> QWidget:
        self.plot = ValuePlot(self.context.pool)
        panel = self.plot.panel
        panel.clicked.connect(self._on_click)
        panel.scrolled.connect(self._on_wheel)
        panel.hovered.connect(self._tell_place)
        panel.left.connect(lambda: self.set_status(self._summary))
        self.plot.apply_theme(self.theme)
        self.add_split()
        if self.x_is_time:
            TimeBrush(panel, self.session, self.theme, is_on_axis_only=True)
        self._show_trace_window()
        return self.plot

    def on_event(self, event: Event) -> None:
        if self.concerns_states(event):
            return
        if not isinstance(event, SelectionChanged) or event.touches(*self.shown_fields):
            self.invalidate()
        if isinstance(event, SelectionChanged):
            self._show_trace_window()

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self.plot.apply_theme(theme)

    # What keys do --------------------------------------------------------------------------

    def fit(self) -> None:
        """Show everything, and choose the axes for what is shown now."""
        self.plot.forget_limits()
        self.invalidate()

    def toggle_background(self) -> None:
        """Show spikes of other clusters in grey, or not."""
        self.change(has_background=not self.settings.has_background)

    def toggle_histograms(self) -> None:
        """Show histograms at the side, or not."""
        self.change(has_histograms=not self.settings.has_histograms)

    # For subclasses ------------------------------------------------------------------------

    def tell(self, summary: str) -> None:
        """Show the status, and keep it for when the pointer has left."""
        self._summary = summary
        self.set_status(summary)

    def time_limits(self) -> tuple[float, float]:
        """Return what the axis of time shows when everything is seen."""
        window = self.session.selection.state.time_window_s
        return window or (0.0, max(self.session.dataset.duration_s, 1e-3))

    def grey(self) -> Color:
        """Return the colour of the background spikes."""
        red, green, blue, _ = self.theme.color("noise").getRgb()
        return int(red or 0), int(green or 0), int(blue or 0)

    # Behind it -----------------------------------------------------------------------------

    def _show_trace_window(self) -> None:
        window = self.session.selection.state.trace_s if self.x_is_time else None
        self.plot.band.set_span(window)

    def _on_click(self, x: float, _y: float, modifiers: Any, button: Any) -> None:
        if modifiers == _ALT and button == Qt.MouseButton.LeftButton and self.x_is_time:
            self.session.selection.update(trace_s=centred(self.session, x), source=self)

    def _on_wheel(self, steps: float, modifiers: Any, _x: float, _y: float) -> None:
        if modifiers == _CTRL:
            self.plot.scale_values(steps)
        elif modifiers == _ALT:
            size = self.settings.dot_size * _SCALE_STEP**steps
            self.change(dot_size=round(min(max(size, 1.0), 12.0), 2))

    def _tell_place(self, x: float, y: float) -> None:
        if self._summary:
            place = f"{x:,.3f} s, {y:,.4g}" if self.x_is_time else f"{x:,.4g}, {y:,.4g}"
            self.set_status(place.replace("-", MINUS))


def background_spikes(
    session: Session, clusters: Iterable[ClusterSpikes]
) -> tuple[Int32Array, ...]:
    """Return the spikes of all other clusters with a best channel that is one of these clusters'.

    Those of the time window, one array a cluster.
    """
    stats = session.stats
    known = stats.cluster_ids
    own = np.isin(known, [c.cluster_id for c in clusters])
    channels = np.unique(stats.best_channels[own])
    is_behind = np.isin(stats.best_channels, channels[channels >= 0]) & ~own
    ids = known[is_behind].tolist()
    return tuple(session.spikes_in_window(i) for i in ids if i in session.clustering)


def best_channel(session: Session, cluster_id: int) -> int | None:
    """Return the channel on which a cluster is largest; None: not known."""
    stats = session.stats
    place = int(np.searchsorted(stats.cluster_ids, cluster_id))
    if place < len(stats.cluster_ids) and stats.cluster_ids[place] == cluster_id:
        channel = int(stats.best_channels[place])
        return channel if channel >= 0 else None
    return session.best_channels(cluster_id).best


def count_text(values: Iterable[SpikeValues]) -> list[str]:
    """Say how many spikes are shown of how many, and why others are not."""
    shown = list(values)
    n_shown = sum(v.n_shown for v in shown)
    n_asked = sum(v.n_asked for v in shown)
    n_broken = sum(v.n_not_finite for v in shown)
    parts = [f"{n_shown:,} of {n_asked:,} {'spike' if n_asked == 1 else 'spikes'}"]
    return parts + ([f"{n_broken:,} not finite"] if n_broken else [])
