"""The feature view: principal components of the selected clusters on two channels, and in time."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from ..analysis.features import BackgroundCache
from ..base.events import Event
from ..qt.scatter import AxisKey, ScatterCell
from ..qt.scatter_grid import ScatterGrid
from ..qt.scatter_layout import Range
from ..qt.theme import Theme, cluster_rgb
from ..session.events import ClusteringChanged, DatasetChanged, SelectionChanged
from ..session.session import ClusterSpikes, Session
from .base import View
from .feature_compute import (
    TIME,
    Asked,
    AxisState,
    FeaturePicture,
    FeatureViewQuery,
    Look,
    compute_picture,
)
from .feature_settings import ACTIONS, GESTURES, FeatureSettings
from .feature_status import describe_features

MAX_CLUSTERS = 8
_SCALE_STEP = 1.15
_SHOWN_FIELDS = (
    "cluster_ids", "similar_ids", "color_ids", "channel_ids", "time_window_s", "feature",
)  # fmt: skip
_CTRL = Qt.KeyboardModifier.ControlModifier
_ALT = Qt.KeyboardModifier.AltModifier


class FeatureView(View):
    """All pairs of features as a grid, and each feature over time on its diagonal."""

    id = "feature"
    title = "Features"
    Settings = FeatureSettings
    listens_to = (SelectionChanged, ClusteringChanged, DatasetChanged)
    actions_declared = ACTIONS
    gestures = GESTURES

    settings: FeatureSettings
    grid: ScatterGrid

    def __init__(self, context: Any, parent: QWidget | None = None) -> None:
        self.picture: FeaturePicture | None = None
        self._axes = AxisState()
        self._backgrounds = BackgroundCache()
        super().__init__(context, parent)

    # The contract of views -----------------------------------------------------------------

    @classmethod
    def missing(cls, session: Session) -> str | None:
        if session.dataset.pc_features is not None:
            return None
        return (
            "The export has no features: pc_features.npy is missing or cannot be used. "
            "Kilosort writes it; from SpikeInterface, export with compute_pc_features=True."
        )

    def build(self) -> QWidget:
        self.grid = ScatterGrid(self.theme)
        self.grid.limits_changed.connect(self._on_limits)
        self.grid.resized.connect(self.invalidate)
        self.grid.home_asked.connect(self.fit)
        self.grid.wheeled.connect(self._on_wheel)
        self.grid.clicked.connect(self._on_click)
        return self.grid

    def query(self) -> FeatureViewQuery | None:
        clusters = self.session.shown_clusters()[:MAX_CLUSTERS]
        if not clusters:
            self.picture = None
            return None
        return FeatureViewQuery(
            asked=self._asked(clusters),
            known=None if self.picture is None else self.picture.known,
            axes=self._axes,
            surface=self.grid.surface(),
            look=Look(
                tuple(cluster_rgb(c.color_id) for c in clusters),
                self.theme.color("noise").getRgb()[:3],  # type: ignore[arg-type]
                self.settings.marker_size,
                self.session.selection.state.feature,
            ),
        )

    compute = staticmethod(compute_picture)

    def draw(self, result: FeaturePicture) -> None:
        if result is self.picture:
            return
        self.picture = result
        self._axes = result.axes
        self.grid.set_scatter(result.scatter)
        self.set_status(describe_features(result.known, len(self._shown_ids())))

    def on_event(self, event: Event) -> None:
        if not isinstance(event, SelectionChanged) or event.touches(*_SHOWN_FIELDS):
            self.invalidate()

    def apply_theme(self, theme: Theme) -> None:
        self.grid.apply_theme(theme)

    def keep_state(self) -> dict[str, Any]:
        return {"axes": self._axes}

    def restore_state(self, state: dict[str, Any]) -> None:
        self._axes = state.get("axes", self._axes)
        self.invalidate()

    # What keys do --------------------------------------------------------------------------

    def use_best_channels(self) -> None:
        """Go back to the best channels of the first cluster."""
        self.session.selection.update(channel_ids=(), source=self)

    def scale_up(self) -> None:
        """Draw features larger."""
        self._scale(_SCALE_STEP)

    def scale_down(self) -> None:
        """Draw features smaller."""
        self._scale(1 / _SCALE_STEP)

    def toggle_background(self) -> None:
        """Show spikes of all clusters in grey, or not."""
        self.change(has_background=not self.settings.has_background)

    def fit(self) -> None:
        """Choose the axes for what is shown now."""
        self._axes = AxisState()
        self.invalidate()

    # Behind it -----------------------------------------------------------------------------

    def _shown_ids(self) -> tuple[int, ...]:
        return self.session.selection.state.shown_ids

    def _asked(self, clusters: tuple[ClusterSpikes, ...]) -> Asked:
        session, settings = self.session, self.settings
        state = session.selection.state
        ids = tuple(c.cluster_id for c in clusters)
        shown = (settings.n_channels, settings.n_pcs)
        n_background = settings.n_background if settings.has_background else 0
        window = state.time_window_s
        return Asked(
            key=(id(session.dataset), session.clustering.version, ids, state.channel_ids, window,
                 shown, n_background),
            dataset=session.dataset,
            finder=session.channels,
            spike_ids=tuple(c.spike_ids for c in clusters),
            first_cluster=session.clustering.spikes_of(ids[0]),
            chosen=state.channel_ids,
            n_channels=settings.n_channels,
            n_pcs=settings.n_pcs,
            time_window_s=window,
            backgrounds=self._backgrounds,
            n_background=n_background,
        )  # fmt: skip

    def _on_limits(self, limits: dict[AxisKey, Range]) -> None:
        self._axes = AxisState(self._axes.by_pc, {**self._axes.own, **limits})
        self.invalidate()

    def _scale(self, factor: float) -> None:
        """Stretch all features around zero; time stays."""
        limits: dict[AxisKey, Range] = {
            key: (low / factor, high / factor)
            for key, (low, high) in self.grid.limits().items()
            if key != TIME
        }
        self.grid.set_limits(limits)

    def _on_wheel(self, steps: float, modifiers: Any) -> None:
        if modifiers == _CTRL:
            self._scale(_SCALE_STEP**steps)
        elif modifiers == _ALT:
            size = self.settings.marker_size * _SCALE_STEP**steps
            self.change(marker_size=min(max(size, 1.0), 12.0))

    def _on_click(self, cell: ScatterCell, button: Any, modifiers: Any) -> None:
        if modifiers != _ALT or self.picture is None:
            return
        key = cell.y if button == Qt.MouseButton.RightButton or cell.x == TIME else cell.x
        if not isinstance(key, tuple):
            return
        slot, pc = key
        channel = self.picture.known.channel_ids[slot]
        self.session.selection.update(feature=(channel, pc), source=self)
