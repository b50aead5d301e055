"""The template-feature view: how much the spikes of clusters look like each other's templates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from ..analysis.mean_features import MeanFeatureCache
from ..analysis.template_features import projection_source
from ..base.events import Event
from ..qt.scatter import AxisKey
from ..qt.scatter_grid import ScatterGrid
from ..qt.scatter_layout import Range
from ..qt.theme import Theme, cluster_rgb
from ..session.events import ClusteringChanged, DatasetChanged, SelectionChanged
from ..session.session import ClusterSpikes, Session
from .base import View, ViewAction
from .template_feature_compute import (
    Asked,
    AxisState,
    Look,
    Partners,
    ProjectionPicture,
    ProjectionViewQuery,
    compute_picture,
)
from .template_feature_status import NOTHING_TO_COMPARE, describe_projections

MAX_CLUSTERS = 6
_SCALE_STEP = 1.15
_SHOWN_FIELDS = ("cluster_ids", "similar_ids", "color_ids", "time_window_s")


@dataclass(frozen=True, slots=True)
class TemplateFeatureSettings:
    """What the user may set."""

    marker_size: float = field(
        default=2.5,
        metadata={"label": "Size of dots", "help": "Diameter in pixels.", "min": 1.0, "max": 12.0},
    )


class TemplateFeatureView(View):
    """Every pair of the selected clusters: each spike's projection on both."""

    id = "template_feature"
    title = "Template features"
    Settings = TemplateFeatureSettings
    listens_to = (SelectionChanged, ClusteringChanged, DatasetChanged)
    actions_declared = (
        ViewAction("template_feature.larger", "Zoom in", ("+", "="), "zoom_in"),
        ViewAction("template_feature.smaller", "Zoom out", ("-",), "zoom_out"),
        ViewAction("template_feature.fit", "Fit the axes", ("R",), "fit"),
    )
    gestures = (
        ("drag", "move"),
        ("wheel", "zoom at the pointer"),
        ("right drag", "zoom in x and y independently"),
        ("double click", "fit the axes"),
        ("alt+wheel", "size of the dots"),
    )

    settings: TemplateFeatureSettings
    grid: ScatterGrid

    def __init__(self, context: Any, parent: QWidget | None = None) -> None:
        self.picture: ProjectionPicture | None = None
        self._axes = AxisState()
        self._means = MeanFeatureCache(context.session.dataset)
        super().__init__(context, parent)

    # The contract of views -----------------------------------------------------------------

    @classmethod
    def missing(cls, session: Session) -> str | None:
        if projection_source(session.dataset) is not None:
            return None
        return (
            "The export has neither template_features.npy nor pc_features.npy, and without a "
            "raw file and templates.npy there is nothing to compute projections from."
        )

    def build(self) -> QWidget:
        self.grid = ScatterGrid(self.theme)
        self.grid.limits_changed.connect(self._on_limits)
        self.grid.resized.connect(self.invalidate)
        self.grid.home_asked.connect(self.fit)
        self.grid.wheeled.connect(self._on_wheel)
        return self.grid

    def query(self) -> ProjectionViewQuery | None:
        clusters = self.session.shown_clusters()[:MAX_CLUSTERS]
        if not clusters:
            self.picture = None
            return None
        return ProjectionViewQuery(
            asked=self._asked(clusters),
            known=None if self.picture is None else self.picture.known,
            axes=self._axes,
            surface=self.grid.surface(),
            look=Look(
                tuple(cluster_rgb(c.color_id) for c in clusters),
                self.theme.color("noise").getRgb()[:3],  # type: ignore[arg-type]
                self.settings.marker_size,
            ),
        )

    compute = staticmethod(compute_picture)

    def draw(self, result: ProjectionPicture) -> None:
        if result is self.picture:
            return
        self.picture = result
        self._axes = result.axes
        self.grid.set_scatter(result.scatter)
        n_selected = len(self.session.selection.state.shown_ids)
        self.set_status(describe_projections(result.known, n_selected))

    def show_content(self) -> None:
        if self.picture is not None and self.picture.scatter is None:
            self.show_message(NOTHING_TO_COMPARE)
        else:
            super().show_content()

    def on_event(self, event: Event) -> None:
        if isinstance(event, DatasetChanged):
            self._means = MeanFeatureCache(self.session.dataset)
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

    def zoom_in(self) -> None:
        """Zoom in at the middle of every plot."""
        self._zoom(_SCALE_STEP)

    def zoom_out(self) -> None:
        """Zoom out from the middle of every plot."""
        self._zoom(1 / _SCALE_STEP)

    def fit(self) -> None:
        """Choose the axes for what is shown now."""
        self._axes = AxisState()
        self.invalidate()

    # Behind it -----------------------------------------------------------------------------

    def _asked(self, clusters: tuple[ClusterSpikes, ...]) -> Asked:
        session = self.session
        ids = tuple(c.cluster_id for c in clusters)
        spikes = {c.cluster_id: c.spike_ids for c in clusters}
        window = session.selection.state.time_window_s
        return Asked(
            key=(id(session.dataset), session.clustering.version, ids, window),
            dataset=session.dataset,
            cluster_ids=ids,
            spikes_of=lambda i: spikes[i] if i in spikes else session.spikes_in_window(i),
            all_spikes_of=session.clustering.spikes_of,
            partners=self._partners(),
            means=self._means,
        )

    def _partners(self) -> Partners | None:
        stats = self.session.stats
        if stats is None or not self.session.similar_templates.exists:
            return None
        return Partners(self.session.similar_templates, stats.cluster_ids, stats.templates)

    def _on_limits(self, limits: dict[AxisKey, Range]) -> None:
        self._axes = AxisState(self._axes.common, {**self._axes.own, **limits})
        self.invalidate()

    def _zoom(self, factor: float) -> None:
        limits = {}
        for key, (low, high) in self.grid.limits().items():
            middle, half = (low + high) / 2, (high - low) / 2 / factor
            limits[key] = (middle - half, middle + half)
        self.grid.set_limits(limits)

    def _on_wheel(self, steps: float, modifiers: Any) -> None:
        if modifiers == Qt.KeyboardModifier.AltModifier:
            size = self.settings.marker_size * _SCALE_STEP**steps
            self.change(marker_size=min(max(size, 1.0), 12.0))
