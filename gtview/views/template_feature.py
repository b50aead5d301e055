"""The template-feature view: how much the spikes of clusters look like each other's templates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from PyQt6.QtWidgets import QWidget

from ..analysis.mean_features import MeanFeatureCache
from ..analysis.pick_planes import ProjectionPlane
from ..analysis.template_features import projection_source
from ..base.events import Event
from ..qt.theme import cluster_rgb
from ..session.events import DatasetChanged
from ..session.session import ClusterSpikes, Session
from .base import ViewAction
from .part_colors import Parts
from .scatter_view import SCALE_STEP, ScatterView
from .split_lasso import CTRL_GESTURES, Plane, lasso_actions
from .state_view import state_action, state_field
from .template_feature_compute import (
    Asked,
    AxisState,
    Look,
    Partners,
    ProjectionPicture,
    ProjectionViewQuery,
    compute_picture,
    find_answers,
)
from .template_feature_status import NOTHING_TO_COMPARE, describe_projections

MAX_CLUSTERS = 6


@dataclass(frozen=True, slots=True)
class TemplateFeatureSettings:
    """What the user may set."""

    by_state: bool = state_field()
    marker_size: float = field(
        default=2.5,
        metadata={"label": "Size of dots", "help": "Diameter in pixels.", "min": 1.0, "max": 12.0},
    )


class TemplateFeatureView(ScatterView):
    """Every pair of the selected clusters: each spike's projection on both."""

    id = "template_feature"
    title = "Template features"
    Settings = TemplateFeatureSettings
    AxisState = AxisState
    shown_fields = ("cluster_ids", "similar_ids", "color_ids", "time_window_s", "unit_id")
    most_clusters = MAX_CLUSTERS
    actions_declared = (
        ViewAction("template_feature.larger", "Zoom in", ("+", "="), "zoom_in"),
        ViewAction("template_feature.smaller", "Zoom out", ("-",), "zoom_out"),
        state_action("template_feature"),
        ViewAction("template_feature.fit", "Fit the axes", ("R",), "fit"),
        *lasso_actions("template_feature"),
    )
    gestures = (
        *CTRL_GESTURES,
        ("drag", "move"),
        ("wheel", "zoom at the pointer"),
        ("right drag", "zoom in x and y independently"),
        ("double click", "fit the axes"),
        ("alt+wheel", "size of the dots"),
    )

    settings: TemplateFeatureSettings
    picture: ProjectionPicture | None

    def __init__(self, context: Any, parent: QWidget | None = None) -> None:
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

    def query(self) -> ProjectionViewQuery | None:
        clusters = self.session.shown_clusters()[:MAX_CLUSTERS]
        if not clusters:
            self.picture = None
            return None
        asked = self.asked_of(clusters)
        return ProjectionViewQuery(
            asked=asked,
            known=self.known_for(asked),
            axes=self._axes,
            surface=self.grid.surface(),
            look=Look(
                tuple(cluster_rgb(c.color_id) for c in clusters),
                self.quiet_color(),
                self.settings.marker_size,
                Parts.of(self.session, self.theme, self.state_colors()),
            ),
        )

    compute = staticmethod(compute_picture)
    find_answers = staticmethod(find_answers)

    def describe(self, picture: ProjectionPicture) -> str:
        n_selected = len(self.session.selection.state.shown_ids)
        return describe_projections(picture.known, n_selected)

    def plane_of(self, plot: Any) -> Plane | str:
        cell, picture = self.grid.cell_of(plot), self.picture
        if cell is None or picture is None or picture.known.data is None:
            return "nothing is shown there"
        asked, ids = picture.known.asked, (cell.x, cell.y)
        axes = tuple(asked.all_spikes_of(i) for i in ids if isinstance(i, int))
        return ProjectionPlane(asked.dataset, axes, picture.known.data.source, self._means)

    def show_content(self) -> None:
        if self.picture is not None and self.picture.scatter is None:
            self.show_message(NOTHING_TO_COMPARE)
        else:
            super().show_content()

    def on_event(self, event: Event) -> None:
        if isinstance(event, DatasetChanged):
            self._means = MeanFeatureCache(self.session.dataset)
        super().on_event(event)

    # What keys do --------------------------------------------------------------------------

    def zoom_in(self) -> None:
        """Zoom in at the middle of every plot."""
        self._zoom(SCALE_STEP)

    def zoom_out(self) -> None:
        """Zoom out from the middle of every plot."""
        self._zoom(1 / SCALE_STEP)

    # Behind it -----------------------------------------------------------------------------

    def asked_of(self, clusters: tuple[ClusterSpikes, ...]) -> Asked:
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

    def _zoom(self, factor: float) -> None:
        limits = {}
        for key, (low, high) in self.grid.limits().items():
            middle, half = (low + high) / 2, (high - low) / 2 / factor
            limits[key] = (middle - half, middle + half)
        self.grid.set_limits(limits)
