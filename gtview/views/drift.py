"""Depth of every spike over time, with the selected clusters and the motion of the tissue."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from ..analysis.drift import SpikeDepths, has_depths
from ..analysis.pick_planes import ColumnPlane
from ..base.events import Event
from ..data.ground_truth import UnitId
from ..qt.items import PointCloud
from ..qt.lasso import SHIFT
from ..qt.lasso_frames import PanelFrame
from ..qt.plot import PlotPanel, PlotWidget
from ..qt.theme import Theme, cluster_rgb
from ..session.events import (
    ClusteringChanged,
    DatasetChanged,
    SelectionChanged,
    SplitProposed,
)
from ..session.session import ClusterSpikes, Session
from .drift_compute import (
    DriftQuery,
    DriftResult,
    Overview,
    background_layer,
    compute_drift,
)
from .drift_depths import DepthReader
from .drift_items import MotionItem, grey_table
from .drift_settings import ACTIONS, GESTURES, DriftSettings
from .drift_truth import RecallItem
from .part_colors import Parts
from .split_lasso import LassoView, Plane
from .state_colors import StateColors
from .state_view import STATE_EVENTS, StateColored
from .time_axis import TimeBrush
from .wording import seconds_text

_CTRL = Qt.KeyboardModifier.ControlModifier
_SHOWN_FIELDS = (
    "cluster_ids", "similar_ids", "color_ids", "unit_id", "time_window_s", "highlight",
)  # fmt: skip
_LEFT = Qt.MouseButton.LeftButton
DOT = " \N{MIDDLE DOT} "
SOURCES = {"positions": "", "features": "depth from features", "templates": "depth of templates"}


class DriftView(LassoView, StateColored):
    """All spikes in grey, the selected clusters on top; a part of time is chosen here."""

    id = "drift"
    title = "Drift"
    Settings = DriftSettings
    listens_to = (
        SelectionChanged, ClusteringChanged, DatasetChanged, SplitProposed, *STATE_EVENTS,
    )  # fmt: skip
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
        self.motion = MotionItem(self.theme)
        self.recall = RecallItem(self.theme)
        for item in (self.background, self.recall, self.foreground, self.motion):
            self.panel.add(item)
        self.brush = TimeBrush(self.panel, self.session, self.theme)
        self.panel.clicked.connect(self._on_click)
        frame = PanelFrame(self.plot, self.panel)
        # Ctrl and a click select the cluster of a spike here.
        self.add_lasso(self.plot.viewport(), frame, click_keys=(SHIFT,))
        self.plot.apply_theme(self.theme)
        return self.plot

    def on_event(self, event: Event) -> None:
        if not isinstance(event, SelectionChanged) or event.touches(*_SHOWN_FIELDS):
            self.invalidate()

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self.plot.apply_theme(theme)
        self.brush.apply_theme(theme)
        self.motion.theme = theme
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
            parts=Parts.of(self.session, self.theme, self._states()),
            recall_of=self.session.truth_access.current if self.settings.recall_bands else None,
            chosen_units=self._unit_places(),
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
        self.recall.set_bands(result.bands)
        self.brush.refresh()
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

    def _unit_places(self) -> tuple[int, ...]:
        """Return where the units of `_units` are among all."""
        truth, wanted = self.session.truth, self._units()
        known = () if truth is None else truth.unit_ids
        return tuple(place for place, unit in enumerate(known) if unit in wanted)

    def _states(self) -> StateColors | None:
        found = self.state_colors(self._unit_places())
        # All spikes are shown, also outside of the chosen part.
        return None if found is None else replace(found, window_s=None)

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
            parts.append(seconds_text(window))
        if lines.truth or lines.units:
            parts.append("true motion")
        if result.bands:
            parts.append("recall along true trajectories: from yellow (0) to green (1)")
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
            self.tell_with_states(self._describe(self.result), self.result.states)

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

    def toggle_recall(self) -> None:
        """Show recall along the true trajectories, or not."""
        self.change(recall_bands=not self.settings.recall_bands)

    def toggle_amplitude(self) -> None:
        """Colour by amplitude, or not."""
        self.change(by_amplitude=not self.settings.by_amplitude)

    def clear_window(self) -> None:
        """Show the whole recording in every view."""
        self.brush.clear()

    def step_back(self) -> None:
        """Forget the proposed split; where there is none, show the whole recording."""
        if self.has_proposal:
            self.clear_split()
        else:
            self.clear_window()

    def plane_of(self, plot: Any) -> Plane | str:
        if self.overview is None:
            return "depths are not known yet"
        depths = self.overview.depths.depths_um
        return ColumnPlane(self.session.dataset, depths, why_left_out="without depth")

    def judged_clusters(self) -> tuple[int, ...]:
        """Return the selected clusters."""
        return self.session.selection.state.shown_ids

    def _on_click(self, x: float, y: float, modifiers: Any, button: Any) -> None:
        if button != _LEFT or not modifiers & _CTRL:
            return
        found = self.background.nearest(x, y)
        if found is not None:
            spike_ids = np.array([found[1]], np.int32)
            cluster_id = int(self.session.clustering.clusters_of(spike_ids)[0])
            self.session.select_clusters((cluster_id,), source=self)
