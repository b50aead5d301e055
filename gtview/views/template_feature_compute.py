"""From the selected clusters to plots of their projections; runs in threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ..analysis.limits import Limits, kept_limits, robust_limits
from ..analysis.mean_features import MeanFeatureCache
from ..analysis.similarity import compute_cluster_similarity
from ..analysis.template_counts import TemplateCounts
from ..analysis.template_features import ClusterProjections, ProjectionQuery, compute_projections
from ..analysis.template_projections import Projections
from ..base.types import Int32Array
from ..data.dataset import Dataset
from ..qt.points import PointLayer
from ..qt.scatter import AxisKey, Scatter, ScatterAxis, ScatterCell, render_cells
from ..qt.scatter_layout import Surface
from ..session.similarity import SimilarTemplates
from .part_colors import NO_PARTS, ON_TOP_SIZE, Part, Parts
from .state_colors import NO_PLACE, StateCounts

Color = tuple[int, int, int]

NOTHING_IN_COMMON = "no template or channel in common"


@dataclass(frozen=True, slots=True, eq=False)
class Partners:
    """What it takes to find the cluster that is most similar to one.

    Attributes
    ----------
    similar_templates
        Their values may take a while, the first time.
    cluster_ids : int32 array, (n_clusters,)
    templates
        Of these clusters.
    """

    similar_templates: SimilarTemplates
    cluster_ids: Int32Array
    templates: TemplateCounts

    def of(self, cluster_id: int) -> int | None:
        """Return the most similar cluster; None when nothing is known."""
        values = self.similar_templates.values()
        index = np.flatnonzero(self.cluster_ids == cluster_id)
        if values is None or not len(index):
            return None
        similarity = compute_cluster_similarity(values, self.templates, int(index[0]))
        similarity[index[0]] = np.nan
        if np.isnan(similarity).all():
            return None
        return int(self.cluster_ids[np.nanargmax(similarity)])


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Which clusters are projected on one another; `key` is equal for equal questions.

    `spikes_of` returns the spikes of a cluster within the time window, `all_spikes_of` all of
    them; both hand out arrays that never change, so a thread may call them.
    """

    key: tuple[object, ...]
    dataset: Dataset
    cluster_ids: tuple[int, ...]
    spikes_of: Callable[[int], Int32Array]
    all_spikes_of: Callable[[int], Int32Array]
    partners: Partners | None
    means: MeanFeatureCache


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """The answer to `asked`, or a first part of it.

    `cluster_ids` are those of the question; of a single one, with its most similar cluster.
    """

    asked: Asked
    cluster_ids: tuple[int, ...]
    n_spikes: int
    data: ClusterProjections | None


@dataclass(frozen=True, slots=True)
class AxisState:
    """Limits of before: those of all axes, and those that the user has chosen by cluster."""

    common: Limits | None = None
    own: Mapping[AxisKey, Limits] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Look:
    """Colours and sizes; `partner` is the colour of a cluster that is not selected."""

    colors: tuple[Color, ...]
    partner: Color
    marker_size: float
    parts: Parts = NO_PARTS


@dataclass(frozen=True, slots=True, eq=False)
class ProjectionViewQuery:
    """A snapshot of all that the view needs."""

    asked: Asked
    known: Known | None
    axes: AxisState
    surface: Surface
    look: Look


@dataclass(frozen=True, slots=True, eq=False)
class ProjectionPicture:
    """What is drawn, and what it was made from; without plots, nothing is to be compared."""

    known: Known
    axes: AxisState
    scatter: Scatter | None
    states: StateCounts | None = None


def compute_picture(query: ProjectionViewQuery) -> Iterator[ProjectionPicture]:
    """Project spikes unless that is known, and render every plot."""
    picture: ProjectionPicture | None = None
    for known in find_answers(query.asked, query.known):
        if picture is None or picture.known.data is not known.data:
            picture = _draw(query, known)
            query = replace(query, axes=picture.axes)
        yield picture


def find_answers(asked: Asked, known: Known | None = None) -> Iterator[Known]:
    """Yield better and better answers; `known` may be the answer of before."""
    is_same = known is not None and known.asked.key == asked.key
    if known is not None and is_same and known.data is not None and known.data.is_full:
        yield known
        return
    ids = _compared(asked)
    if len(ids) < 2:
        yield Known(asked, ids, 0, None)
        return
    spikes = tuple(asked.spikes_of(i) for i in ids)
    axes = tuple(asked.all_spikes_of(i) for i in ids)
    n_spikes = sum(map(len, spikes))
    for data in compute_projections(ProjectionQuery(asked.dataset, spikes, axes, asked.means)):
        yield Known(asked, ids, n_spikes, data)


def _compared(asked: Asked) -> tuple[int, ...]:
    if len(asked.cluster_ids) > 1 or asked.partners is None:
        return asked.cluster_ids
    partner = asked.partners.of(asked.cluster_ids[0])
    if partner is None:
        return asked.cluster_ids
    try:
        asked.all_spikes_of(partner)
    except KeyError:
        return asked.cluster_ids  # merged or split away meanwhile: a newer question follows
    return (*asked.cluster_ids, partner)


def _draw(query: ProjectionViewQuery, known: Known) -> ProjectionPicture:
    if known.data is None:
        return ProjectionPicture(known, query.axes, None)
    state = _fitted(query.axes, known.cluster_ids, known.data)
    axes: dict[AxisKey, ScatterAxis] = {
        cluster_id: ScatterAxis(
            f"projection on {cluster_id}",
            state.own.get(cluster_id, state.common or (-1.0, 1.0)),
            f"on {cluster_id}",
            rgb=_color(query.look, k),
        )
        for k, cluster_id in enumerate(known.cluster_ids)
    }
    n = len(known.cluster_ids) - 1
    scatter = Scatter((n, n), axes, tuple(_cells(query, known, known.data)))
    rendered = render_cells(scatter, query.surface.layout(scatter.shape))
    states = query.look.parts.states
    shown = (projections.spike_ids for projections in known.data.clusters)
    counts = None if states is None else states.count(shown, NO_PLACE)
    return ProjectionPicture(known, state, rendered, counts)


def _fitted(
    before: AxisState, cluster_ids: tuple[int, ...], data: ClusterProjections
) -> AxisState:
    """Return one range for all axes, so that sizes can be compared: that of before if it suits."""
    common = kept_limits(before.common, robust_limits([c.values for c in data.clusters]))
    own: dict[AxisKey, Limits] = {
        key: limits for key, limits in before.own.items() if key in cluster_ids
    }
    return AxisState(common, own)


def _cells(
    query: ProjectionViewQuery, known: Known, data: ClusterProjections
) -> Iterator[ScatterCell]:
    """Yield every pair once, in the lower left half: columns and rows then share their axes."""
    parts = [
        [*query.look.parts.divide(found.spike_ids, _color(query.look, k))]
        for k, found in enumerate(data.clusters)
    ]
    for j in range(1, len(known.cluster_ids)):
        for i in range(j):
            layers = tuple(
                _layer(data.clusters[k], part, (i, j), query.look.marker_size)
                for k in (i, j)
                for part in parts[k]
            )
            is_empty = not any(np.isfinite(p.x + p.y).any() for p in layers)
            note = NOTHING_IN_COMMON if is_empty and data.is_full else ""
            pair = known.cluster_ids[i], known.cluster_ids[j]
            yield ScatterCell(j - 1, i, *pair, layers, note=note)


def _color(look: Look, k: int) -> Color:
    return look.colors[k] if k < len(look.colors) else look.partner


def _layer(projections: Projections, part: Part, axes: tuple[int, int], size: float) -> PointLayer:
    x, y = (projections.values[axis, part.where] for axis in axes)
    larger = size * (1.6 if len(x) < 100 else 1.25 if len(x) < 1000 else 1.0)
    larger *= ON_TOP_SIZE if part.is_on_top else 1
    return PointLayer(x, y, rgb=part.rgb, size=larger, is_on_top=part.is_on_top)
