"""Depth of every spike over time, with the selected clusters and the motion of the tissue."""

from __future__ import annotations

from typing import Any

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QWidget

from ..analysis.drift import SpikeDepths, has_depths
from ..base.events import Event
from ..data.ground_truth import UnitId
from ..qt.items import PointCloud
from ..qt.plot import PlotPanel, PlotWidget
from ..qt.plot_items import Drag
from ..qt.theme import Theme, cluster_rgb
from ..session.events import ClusteringChanged, DatasetChanged, ScoresChanged, SelectionChanged
from ..session.session import ClusterSpikes, Session
from .base import View
from .drift_compute import (
    DriftQuery,
    DriftResult,
    Overview,
    background_layer,
    compute_drift,
)
from .drift_depths import DepthReader
from .drift_items import BandItem, MotionItem
from .drift_settings import ACTIONS, GESTURES, DriftSettings

_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
_LEFT = Qt.MouseButton.LeftButton
DOT = " \N{MIDDLE DOT} "
SOURCES = {"positions": "", "features": "depth from features", "templates": "depth of templates"}
# Greys that leave the clusters their colours: small and large amplitudes.
GREYS = {"dark": ("#3d444f", "#b3bac4"), "light": ("#c8cdd5", "#47505d")}


class DriftView(View):
    """All spikes in grey, the selected clusters on top; a part of time is chosen here."""

    id = "drift"
    title = "Drift"
    Settings = DriftSettings
    listens_to = (SelectionChanged, ClusteringChanged, DatasetChanged, ScoresChanged)
    empty_text = "this dataset has no spikes"
    actions_declared = ACTIONS
    gestures = GESTURES

    settings: DriftSettings
    plot: PlotWidget
    panel: PlotPanel

    def __init__(self, context: Any, parent: QWidget | None = None) -> None:
        self.overview: Overview | None = None
        self.result: DriftResult | None = None
        self._background_key: object = None
        self.reader = DepthReader(context.pool)
        super().__init__(context, parent)
        self.reader.progressed.connect(self._tell)
        self.reader.finished.connect(self._on_read)

    @classmethod
    def missing(cls, session: Session) -> str | None:
        if has_depths(session.dataset):
            return None
        return (
            "Where spikes are along the probe is told by spike_positions.npy, pc_features.npy or "
            "templates.npy; the export has none of them that can be used."
        )

    def build(self) -> QWidget:
        self.plot = PlotWidget()
        self.panel = self.plot.add_panel(0, 0, "time (s)", "depth (\N{MICRO SIGN}m)")
        self.background = PointCloud(self.context.pool)
        self.foreground = PointCloud(self.context.pool)
        self.band, self.motion = BandItem(self.theme), MotionItem(self.theme)
        for item in (self.background, self.foreground, self.band, self.motion):
            self.panel.add(item)
        self.panel.dragged.connect(self._on_drag)
        self.panel.clicked.connect(self._on_click)
        self.panel.takes_double_click = self._on_double_click
        self.plot.apply_theme(self.theme)
        return self.plot

    def on_event(self, event: Event) -> None:
        fields = ("cluster_ids", "similar_ids", "color_ids", "unit_id", "time_window_s")
        if not isinstance(event, SelectionChanged) or event.touches(*fields):
            self.invalidate()

    def apply_theme(self, theme: Theme) -> None:
        self.plot.apply_theme(theme)
        self.band.theme = self.motion.theme = theme
        self.band.update()
        self.motion.update()

    # Query, compute, draw ------------------------------------------------------------------

    def query(self) -> DriftQuery | None:
        dataset, overview = self.session.dataset, self.overview
        if overview is not None and not overview.is_of(dataset):
            overview = self.overview = None
            self.reader.stop()
        if not dataset.n_spikes:
            return None
        state = self.session.selection.state
        # All of their spikes, also outside of the chosen part, which the veil tells apart.
        clusters = tuple(
            ClusterSpikes(i, self.session.clustering.spikes_of(i), color)
            for i, color in zip(state.shown_ids, state.color_ids, strict=True)
            if i in self.session.clustering
        )
        return DriftQuery(
            dataset=dataset,
            truth=self.session.truth,
            overview=overview,
            clusters=clusters,
            colors=tuple(cluster_rgb(c.color_id) for c in clusters),
            unit_ids=self._units(),
            dot_size=self.settings.dot_size,
            target=self.foreground.target,
            shows_true_motion=self.settings.true_motion,
            shows_sorter_motion=self.settings.sorter_motion,
        )

    compute = staticmethod(compute_drift)

    def draw(self, result: DriftResult) -> None:
        self.result = result
        if self.overview is None or not self.overview.is_of(result.overview.dataset):
            self.overview = result.overview
            self.panel.set_home(self.overview.x_range, self.overview.y_range)
            self._read_features()
        self._draw_background(self.overview)
        self.foreground.set_layers(result.layers, result.picture)
        self.motion.set_lines(result.lines)
        self.band.set_window(self.session.selection.state.time_window_s)
        self.plot.setToolTip(self.overview.complaint)
        self._tell()

    def _draw_background(self, overview: Overview) -> None:
        """Give all spikes to their item, only if something of them is new."""
        key = (overview.depths, self.theme.name, self.settings.by_amplitude)
        if key == self._background_key:
            return
        self._background_key = key
        table = grey_table(self.theme)
        layer = background_layer(overview, table, by_amplitude=self.settings.by_amplitude)
        self.background.set_layers([layer])

    def _units(self) -> tuple[UnitId, ...]:
        """Return the chosen unit, else the best units of the selected clusters."""
        state, scores = self.session.selection.state, self.session.scores
        if state.unit_id is not None:
            return (state.unit_id,)
        if scores is None:
            return ()
        found = (scores.unit_of_cluster(i) for i in state.shown_ids)
        return tuple(dict.fromkeys(match.unit_id for match in found if match is not None))

    def _describe(self, result: DriftResult) -> str:
        overview, lines = result.overview, result.lines
        parts = [f"all {result.query.dataset.n_spikes:,} spikes"]
        if overview.depths.n_unknown:
            parts.append(f"{overview.depths.n_unknown:,} without depth")
        if SOURCES[overview.depths.source]:
            parts.append(SOURCES[overview.depths.source])
        if self.reader.is_busy:
            parts.append(f"reading features {self.reader.fraction:.0%}")
        if self.reader.complaint:
            parts.append(self.reader.complaint)
        window = self.session.selection.state.time_window_s
        if window is not None:
            parts.append(f"{window[0]:,.4g} to {window[1]:,.4g} s")
        if lines.truth or lines.units:
            parts.append("true motion")
        if lines.sorter:
            parts.append("sorter's motion")
        elif overview.complaint:
            parts.append("sorter's motion cannot be read")
        return DOT.join(parts)

    # Depths from features, little by little ------------------------------------------------

    def _read_features(self) -> None:
        overview = self.overview
        if overview is not None and overview.depths.source == "templates":
            self.reader.start(overview.dataset, overview.depths)
        if self.isVisible():
            self.reader.go_on()

    def _on_read(self, depths: SpikeDepths) -> None:
        if self.overview is not None:
            self.overview = self.overview.with_depths(depths)
            self.panel.set_home(self.overview.x_range, self.overview.y_range)
            self.invalidate()

    def _tell(self) -> None:
        if self.result is not None:
            self.set_status(self._describe(self.result))

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self.reader.go_on()

    def hideEvent(self, event: Any) -> None:
        super().hideEvent(event)
        self.reader.pause()

    def close_view(self) -> None:
        super().close_view()
        self.reader.stop()

    # What the mouse and keys do ------------------------------------------------------------

    def fit(self) -> None:
        """Show the whole recording and the whole probe."""
        self.panel.fit()

    def toggle_true_motion(self) -> None:
        """Show or hide the true motion."""
        self.change(true_motion=not self.settings.true_motion)

    def toggle_amplitude(self) -> None:
        """Colour by amplitude, or not."""
        self.change(by_amplitude=not self.settings.by_amplitude)

    def clear_window(self) -> None:
        """Show the whole recording in every view."""
        self.session.selection.update(time_window_s=None, source=self)

    def _on_drag(self, drag: Drag) -> None:
        if drag.button != _LEFT or not drag.modifiers & _SHIFT:
            return
        duration_s = self.session.dataset.duration_s
        ends = sorted(min(max(t, 0.0), duration_s) for t in (drag.start[0], drag.end[0]))
        window = (ends[0], ends[1]) if ends[1] > ends[0] else None
        if drag.is_finished:
            self.session.selection.update(time_window_s=window, source=self)
            window = self.session.selection.state.time_window_s
        self.band.set_window(window)

    def _on_double_click(self, x: float, y: float) -> bool:
        window = self.session.selection.state.time_window_s
        if window is None or not window[0] <= x <= window[1]:
            return False
        self.clear_window()
        return True

    def _on_click(self, x: float, y: float, modifiers: Any, button: Any) -> None:
        if button != _LEFT or not modifiers & _CTRL:
            return
        found = self.background.nearest(x, y)
        if found is not None:
            spike_ids = np.array([found[1]], np.int32)
            cluster_id = int(self.session.clustering.clusters_of(spike_ids)[0])
            self.session.select_clusters((cluster_id,), source=self)


def grey_table(theme: Theme) -> np.ndarray:
    """Return the colours of amplitudes: uint8, (256, 3), from faint to strong."""
    ends = [QColor(text).getRgb()[:3] for text in GREYS["dark" if theme.is_dark else "light"]]
    share = np.linspace(0, 1, 256)[:, None]
    low, high = np.array(ends[0], float), np.array(ends[1], float)
    return np.round(low + (high - low) * share).astype(np.uint8)
