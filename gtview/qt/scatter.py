"""A grid of scatter plots that share their axes: what it holds, and how it is rendered.

Needs no widget: `render_cells` is meant for threads.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace

from .points import Mode, Picture, PointLayer, Target, render
from .scatter_layout import Range, ScatterLayout

AxisKey = Hashable


@dataclass(frozen=True, slots=True)
class ScatterAxis:
    """What one direction of one or several plots means.

    Attributes
    ----------
    title
        With its unit.
    limits
        What is in sight, from low to high.
    has_zero
        Whether zero has a line.
    is_marked
        Whether the title stands out.
    """

    title: str
    limits: Range
    has_zero: bool = True
    is_marked: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class ScatterCell:
    """One plot: the place in the grid, the axes by key, the points."""

    row: int
    column: int
    x: AxisKey
    y: AxisKey
    layers: tuple[PointLayer, ...]
    mode: Mode = "auto"


@dataclass(frozen=True, slots=True, eq=False)
class Scatter:
    """All that is to be seen: plots, their axes, and the picture of each plot."""

    shape: tuple[int, int]
    axes: Mapping[AxisKey, ScatterAxis]
    cells: tuple[ScatterCell, ...]
    pictures: tuple[Picture, ...] = field(default=())

    def with_limits(self, limits: Mapping[AxisKey, Range]) -> Scatter:
        """Return it with other limits of some axes; the pictures are those of before."""
        axes = {
            key: replace(axis, limits=limits[key]) if key in limits else axis
            for key, axis in self.axes.items()
        }
        return replace(self, axes=axes)


def render_cells(scatter: Scatter, layout: ScatterLayout) -> Scatter:
    """Return it with a picture of every plot, made for a layout."""
    return replace(
        scatter,
        pictures=tuple(render(c.layers, target_of(scatter, c, layout)) for c in scatter.cells),
    )


def target_of(scatter: Scatter, cell: ScatterCell, layout: ScatterLayout) -> Target:
    """Return what has to be rendered for one plot."""
    size = layout.device_size(cell.row, cell.column)
    x, y = scatter.axes[cell.x].limits, scatter.axes[cell.y].limits
    return Target(x, y, *size, layout.ratio, cell.mode)
