"""From the selected clusters to the plots of the feature view; runs in threads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..analysis.features import ClusterFeatures, FeatureQuery, compute_features
from ..analysis.limits import Limits, kept_limits, robust_limits, with_zero
from ..analysis.spike_features import SpikeFeatures, features_of
from ..base.types import Int64Array
from ..data.dataset import Dataset
from ..qt.points import PointLayer
from ..qt.scatter import AxisKey, Scatter, ScatterAxis, ScatterCell, render_cells
from .feature_query import (
    TIME,
    Asked,
    AxisState,
    Color,
    Dimension,
    FeaturePicture,
    FeatureViewQuery,
    Known,
)
from .part_colors import ON_TOP_SIZE, Where
from .state_colors import NO_PLACE, StateCounts

# More plots than 12 x 12 show nothing.
MAX_DIMENSIONS = 12
_BACKGROUND_ALPHA = 0.45


def compute_picture(query: FeatureViewQuery) -> Iterator[FeaturePicture]:
    """Read features unless they are known, and render every plot."""
    last: ClusterFeatures | None = None
    picture: FeaturePicture | None = None
    for known in find_answers(query.asked, query.known):
        if picture is None or known.data is not last:
            picture = _draw(query, known, picture)
            # From the first part on, axes stay where they are.
            query = replace(query, axes=picture.axes)
            last = known.data
        yield picture


def find_answers(asked: Asked, known: Known | None = None) -> Iterator[Known]:
    """Yield better and better answers; `known` may be the answer of before."""
    if known is not None and known.asked.key == asked.key and known.data.is_full:
        yield known
        return
    channels = _channels(asked)
    features = FeatureQuery(
        asked.dataset,
        asked.spike_ids,
        channels,
        asked.n_pcs,
        asked.time_window_s,
        asked.backgrounds if asked.n_background else None,
        asked.n_background,
    )
    for data in compute_features(features):
        yield Known(asked, channels, data)


def _channels(asked: Asked) -> tuple[int, ...]:
    """Return the chosen channels, and then the best ones of the first cluster."""
    chosen = asked.chosen[: asked.n_channels]
    if len(chosen) == asked.n_channels:
        return chosen
    best = asked.finder.find(asked.first_cluster).channel_ids.tolist()
    more = [channel for channel in best if channel not in chosen]
    if not best:
        more = [c for c in range(asked.dataset.channels.n_channels) if c not in chosen]
    return (*chosen, *more)[: asked.n_channels]


def _draw(query: FeatureViewQuery, known: Known, before: FeaturePicture | None) -> FeaturePicture:
    """Render what is known; what was rendered of the same spikes just before is taken over."""
    if before is not None and before.known.data.clusters is not known.data.clusters:
        before = None
    n_pcs = min(query.asked.n_pcs, features_of(query.asked.dataset).n_pcs)
    dimensions = tuple(
        (channel, pc) for pc in range(n_pcs) for channel in range(len(known.channel_ids))
    )[:MAX_DIMENSIONS]
    state = fitted_axes(query.axes, known, n_pcs)
    scatter = Scatter(
        (len(dimensions), len(dimensions)),
        _axes(query, known, dimensions, state),
        tuple(_cells(query, known, dimensions, before)),
    )
    layout = query.surface.layout(scatter.shape)
    rendered = render_cells(scatter, layout, None if before is None else before.scatter)
    return FeaturePicture(known, state, dimensions, rendered, _count_states(query, known))


def _count_states(query: FeatureViewQuery, known: Known) -> StateCounts | None:
    states = query.look.parts.states
    return None if states is None else states.count(query.asked.spike_ids, NO_PLACE)


def fitted_axes(before: AxisState, known: Known, n_pcs: int) -> AxisState:
    """Return limits for what is known now: those of before as long as they suit it."""
    data = known.data
    by_pc, own = dict(before.by_pc), dict(before.own)
    for pc in range(n_pcs):
        wanted = robust_limits([c.values[:, pc] for c in data.clusters])
        if wanted is None and data.background is not None:
            wanted = robust_limits([data.background.features.values[:, pc]])
        kept = kept_limits(by_pc.get(pc), None if wanted is None else with_zero(wanted))
        if kept is not None:
            by_pc[pc] = kept
        for key, limits in before.own.items():
            # What the user has chosen stays, unless it shows nothing at all any more.
            is_of_pc = isinstance(key, tuple) and key[1] == pc
            if is_of_pc and wanted is not None and not _overlap(limits, wanted):
                own = {}
    return AxisState(by_pc, own)


def _overlap(a: Limits, b: Limits) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def _axes(
    query: FeatureViewQuery, known: Known, dimensions: tuple[Dimension, ...], state: AxisState
) -> dict[AxisKey, ScatterAxis]:
    asked = query.asked
    whole = asked.time_window_s or (0.0, max(asked.dataset.duration_s, 1e-3))
    axes: dict[AxisKey, ScatterAxis] = {
        TIME: ScatterAxis("time (s)", state.own.get(TIME, whole), "s", has_zero=False)
    }
    for slot, pc in dimensions:
        channel = known.channel_ids[slot]
        limits = state.own.get((slot, pc), state.by_pc.get(pc, (-1.0, 1.0)))
        is_marked = query.look.feature == (channel, pc)
        axes[slot, pc] = ScatterAxis(
            feature_title(asked.dataset, channel, pc),
            limits,
            feature_title(asked.dataset, channel, pc).replace(" PC", "."),
            is_marked=is_marked,
        )
    return axes


def feature_title(dataset: Dataset, channel_id: int, pc: int) -> str:
    """Return the name of a feature, such as "8 PC1": the channel is called as on the probe."""
    return f"{int(dataset.channels.raw_channels[channel_id])} PC{pc + 1}"


def _cells(
    query: FeatureViewQuery,
    known: Known,
    dimensions: tuple[Dimension, ...],
    before: FeaturePicture | None,
) -> Iterator[ScatterCell]:
    """Yield all pairs of features, and each of them over time on the diagonal.

    The halves mirror each other: the upper shows dots as long as they are few, the lower density.
    """
    in_front, behind = _sources(query, known), _sources_behind(query, known)
    n = len(dimensions)
    for row, y in enumerate(dimensions):
        for column, other in enumerate(dimensions):
            x: AxisKey = TIME if row == column else other
            yield ScatterCell(
                row,
                column,
                x,
                y,
                tuple(_layer(s, query, x, y) for s in in_front)
                if before is None
                else before.scatter.cells[row * n + column].layers,
                tuple(_layer(s, query, x, y) for s in behind),
                "density" if row > column else "auto",
            )


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """The spikes of one layer: their samples, and their values by channel and component."""

    samples: Int64Array
    features: SpikeFeatures
    color: Color
    is_background: bool = False
    is_on_top: bool = False


def _sources(query: FeatureViewQuery, known: Known) -> list[_Source]:
    samples = query.asked.dataset.spike_samples
    return [
        _Source(samples[found.spike_ids], found, part.rgb, is_on_top=part.is_on_top)
        for f, rgb in zip(known.data.clusters, query.look.colors, strict=True)
        for part in query.look.parts.divide(f.spike_ids, rgb)
        for found in (_part_of(f, part.where),)
    ]


def _part_of(features: SpikeFeatures, where: Where) -> SpikeFeatures:
    values = features.values[:, :, where]
    return replace(features, spike_ids=features.spike_ids[where], values=values)


def _sources_behind(query: FeatureViewQuery, known: Known) -> list[_Source]:
    if known.data.background is None:
        return []
    features = known.data.background.features
    samples = query.asked.dataset.spike_samples[features.spike_ids]
    return [_Source(samples, features, query.look.background, True)]


def _dot_size(size: float, source: _Source) -> float:
    """Return the diameter of dots: few of them are larger, so that they are seen."""
    n = len(source.features.spike_ids)
    larger = size * (1.6 if n < 100 else 1.25 if n < 1000 else 1.0)
    if source.is_on_top:
        return larger * ON_TOP_SIZE
    return 0.75 * larger if source.is_background else larger


def _layer(source: _Source, query: FeatureViewQuery, x: AxisKey, y: Dimension) -> PointLayer:
    values: Any = source.features.values
    is_time = x == TIME
    return PointLayer(
        source.samples if is_time else values[x],
        values[y],
        rgb=source.color,
        alpha=_BACKGROUND_ALPHA if source.is_background else 0.85,
        size=_dot_size(query.look.marker_size, source),
        is_background=source.is_background,
        is_on_top=source.is_on_top,
        x_scale=1 / query.asked.dataset.sample_rate_hz if is_time else 1.0,
    )
