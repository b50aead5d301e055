"""From numbers of spikes to layers of points, limits of axes and histograms; runs in threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..analysis.limits import Limits, kept_limits, robust_limits, with_zero
from ..analysis.value_histograms import compute_fine_histogram
from ..qt.points import Picture, PointLayer, Target, render
from .part_colors import ON_TOP_SIZE
from .side_histogram import HistogramCurve

Color = tuple[int, int, int]
_BACKGROUND_ALPHA = 0.5
_NO_LIMITS = (0.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class ValueGroup:
    """Points of one colour; `x * x_scale` is in the unit of the axis."""

    x: NDArray[Any]
    y: NDArray[Any]
    rgb: Color
    x_scale: float = 1.0
    is_background: bool = False
    is_sorted: bool = False
    is_on_top: bool = False


@dataclass(frozen=True, slots=True)
class AxisLimits:
    """What the axes show when everything is seen; None: not chosen yet."""

    x: Limits | None = None
    y: Limits | None = None


@dataclass(frozen=True, slots=True)
class PlotState:
    """What there is to draw into.

    Attributes
    ----------
    target
        Of the points, as the panel is now.
    follows_x, follows_y
        Whether the panel will follow new limits in that direction.
    before
        Limits of before, which are kept as long as they suit.
    x_limits
        Those of time, which do not depend on the points; None: from the points.
    has_zero
        Whether zero belongs to the vertical axis.
    has_histograms
        Whether distributions are shown.
    dot_size
        Diameter of a dot in pixels of the screen.
    """

    target: Target
    follows_x: bool
    follows_y: bool
    before: AxisLimits
    x_limits: Limits | None
    has_zero: bool = False
    has_histograms: bool = True
    dot_size: float = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class ValuePicture:
    """What is drawn."""

    layers: tuple[PointLayer, ...]
    points: Picture
    limits: AxisLimits
    curves: tuple[HistogramCurve, ...]


def make_value_picture(groups: Sequence[ValueGroup], state: PlotState) -> ValuePicture:
    """Choose limits, count, and render the points for them."""
    limits = choose_limits(groups, state)
    layers = tuple(_layer(group, state.dot_size) for group in groups)
    target = replace(
        state.target,
        x_range=limits.x if state.follows_x and limits.x else state.target.x_range,
        y_range=limits.y if state.follows_y and limits.y else state.target.y_range,
    )
    curves = _curves(groups, limits.y) if state.has_histograms else ()
    return ValuePicture(layers, render(layers, target), limits, curves)


def choose_limits(groups: Sequence[ValueGroup], state: PlotState) -> AxisLimits:
    """Return limits that hold nearly all points of the clusters; those of before if they do.

    The background counts where there is nothing else.
    """
    fronts = [g for g in groups if not g.is_background and len(g.y)] or groups
    y = robust_limits([g.y for g in fronts])
    if y is not None and state.has_zero:
        y = with_zero(y)
    x = state.x_limits
    if x is None:
        x = kept_limits(state.before.x, robust_limits([g.x * g.x_scale for g in fronts]))
    return AxisLimits(x or _NO_LIMITS, kept_limits(state.before.y, y) or _NO_LIMITS)


def _layer(group: ValueGroup, dot_size: float) -> PointLayer:
    return PointLayer(
        group.x,
        group.y,
        group.rgb,
        alpha=_BACKGROUND_ALPHA if group.is_background else 0.85,
        size=dot_size * (ON_TOP_SIZE if group.is_on_top else 1),
        is_background=group.is_background,
        is_on_top=group.is_on_top,
        x_scale=group.x_scale,
        is_sorted=group.is_sorted,
    )


def _curves(groups: Sequence[ValueGroup], limits: Limits | None) -> tuple[HistogramCurve, ...]:
    if limits is None:
        return ()
    shown = sorted((g for g in groups if len(g.y)), key=lambda g: not g.is_background)
    return tuple(
        HistogramCurve(
            compute_fine_histogram(np.asarray(g.y, np.float32), limits), g.rgb, g.is_background
        )
        for g in shown
    )
