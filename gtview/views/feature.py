"""The feature view: principal components of the selected clusters on two channels, and in time."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from ..analysis.features import BackgroundCache
from ..analysis.pick_planes import Feature, FeaturePlane
from ..qt.scatter import AxisKey, ScatterCell
from ..qt.scatter_layout import Range
from ..qt.theme import cluster_rgb
from ..session.session import ClusterSpikes, Session
from .feature_compute import compute_picture, find_answers
from .feature_query import TIME, Asked, AxisState, FeaturePicture, FeatureViewQuery, Look
from .feature_settings import ACTIONS, GESTURES, FeatureSettings
from .feature_status import describe_features
from .part_colors import Parts
from .scatter_view import SCALE_STEP, ScatterView
from .split_lasso import Plane

MAX_CLUSTERS = 8
_CTRL = Qt.KeyboardModifier.ControlModifier
_ALT = Qt.KeyboardModifier.AltModifier


class FeatureView(ScatterView):
    """All pairs of features as a grid, and each feature over time on its diagonal."""

    id = "feature"
    title = "Features"
    Settings = FeatureSettings
    AxisState = AxisState
    actions_declared = ACTIONS
    gestures = GESTURES
    shown_fields = (
        "cluster_ids", "similar_ids", "color_ids", "channel_ids", "time_window_s", "feature",
        "unit_id",
    )  # fmt: skip
    most_clusters = MAX_CLUSTERS

    settings: FeatureSettings
    picture: FeaturePicture | None

    def __init__(self, context: Any, parent: QWidget | None = None) -> None:
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
        grid = super().build()
        self.grid.clicked.connect(self._on_click)
        return grid

    def query(self) -> FeatureViewQuery | None:
        clusters = self.session.shown_clusters()[:MAX_CLUSTERS]
        if not clusters:
            self.picture = None
            return None
        asked = self.asked_of(clusters)
        return FeatureViewQuery(
            asked=asked,
            known=self.known_for(asked),
            axes=self._axes,
            surface=self.grid.surface(),
            look=Look(
                tuple(cluster_rgb(c.color_id) for c in clusters),
                self.quiet_color(),
                self.settings.marker_size,
                self.session.selection.state.feature,
                Parts.of(self.session, self.theme, self.state_colors()),
            ),
        )

    compute = staticmethod(compute_picture)
    find_answers = staticmethod(find_answers)

    def draw(self, result: FeaturePicture) -> None:
        before = self.picture
        if before is not None and before.known.channel_ids != result.known.channel_ids:
            # A line around points of other channels would mean nothing.
            self.lasso.forget()
        super().draw(result)

    def describe(self, picture: FeaturePicture) -> str:
        return describe_features(picture.known, len(self.session.selection.state.shown_ids))

    def plane_of(self, plot: Any) -> Plane | str:
        cell, picture = self.grid.cell_of(plot), self.picture
        if cell is None or picture is None:
            return "nothing is shown there"
        x, y = (self._feature_of(key, picture) for key in (cell.x, cell.y))
        return FeaturePlane(self.session.dataset, x, y, picture.known.asked.n_pcs)

    def shown_features(self) -> tuple[tuple[int, ...], int] | None:
        """Return the channels and the number of components that are shown; None: nothing yet."""
        if self.picture is None:
            return None
        return self.picture.known.channel_ids, self.picture.known.asked.n_pcs

    # What keys do --------------------------------------------------------------------------

    def use_best_channels(self) -> None:
        """Go back to the best channels of the first cluster."""
        self.session.selection.update(channel_ids=(), source=self)

    def scale_up(self) -> None:
        """Draw features larger."""
        self._scale(SCALE_STEP)

    def scale_down(self) -> None:
        """Draw features smaller."""
        self._scale(1 / SCALE_STEP)

    def toggle_background(self) -> None:
        """Show spikes of all clusters in grey, or not."""
        self.change(has_background=not self.settings.has_background)

    # Behind it -----------------------------------------------------------------------------

    def asked_of(self, clusters: tuple[ClusterSpikes, ...]) -> Asked:
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
            self._scale(SCALE_STEP**steps)
        else:
            super()._on_wheel(steps, modifiers)

    def _on_click(self, cell: ScatterCell, button: Any, modifiers: Any) -> None:
        if modifiers != _ALT or self.picture is None:
            return
        key = cell.y if button == Qt.MouseButton.RightButton or cell.x == TIME else cell.x
        if not isinstance(key, tuple):
            return
        self.session.selection.update(feature=self._feature_of(key, self.picture), source=self)

    @staticmethod
    def _feature_of(key: AxisKey, picture: FeaturePicture) -> Feature:
        if not isinstance(key, tuple):
            return None
        slot, pc = key
        return picture.known.channel_ids[slot], pc
