"""A grid of scatter plots that share their axes: what it holds, and how it is rendered.

Needs no widget: `render_cells` is meant for threads.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..kernels.overlay import lay_over
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
    short_title
        Where the title has no room; "": the title is cut.
    has_zero
        Whether zero has a line.
    is_marked
        Whether the title stands out.
    rgb
        Colour of a patch beside the title; None: it has none.
    """

    title: str
    limits: Range
    short_title: str = ""
    has_zero: bool = True
    is_marked: bool = False
    rgb: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ScatterCell:
    """One plot.

    Attributes
    ----------
    row, column
        Place in the grid.
    x, y
        Keys of its axes.
    layers, behind
        Points, and those below them.
    mode
        How the points are drawn.
    note
        Written in the middle.
    """

    row: int
    column: int
    x: AxisKey
    y: AxisKey
    layers: tuple[PointLayer, ...]
    behind: tuple[PointLayer, ...] = ()
    mode: Mode = "auto"
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class CellPictures:
    """What was rendered of one plot.

    Attributes
    ----------
    front, behind
        The points, and those below them if there are any.
    pixels : uint8 array, (height, width, 4), premultiplied red, green, blue, alpha
        Both together.
    """

    front: Picture
    behind: Picture | None
    pixels: NDArray[np.uint8]

    @classmethod
    def of(cls, front: Picture, behind: Picture | None) -> CellPictures:
        """Lay the points over those below them."""
        if behind is None:
            return cls(front, None, front.pixels)
        return cls(front, behind, lay_over(behind.pixels, front.pixels))


@dataclass(frozen=True, slots=True, eq=False)
class Scatter:
    """All that is to be seen: plots, their axes, and the pictures of each plot."""

    shape: tuple[int, int]
    axes: Mapping[AxisKey, ScatterAxis]
    cells: tuple[ScatterCell, ...]
    pictures: tuple[CellPictures, ...] = ()

    def with_limits(self, limits: Mapping[AxisKey, Range]) -> Scatter:
        """Return it with other limits of some axes; the pictures are those of before."""
        axes = {
            key: replace(axis, limits=limits[key]) if key in limits else axis
            for key, axis in self.axes.items()
        }
        return replace(self, axes=axes)


def render_cells(
    scatter: Scatter, layout: ScatterLayout, before: Scatter | None = None
) -> Scatter:
    """Return it with the pictures of every plot.

    Parameters
    ----------
    scatter
        Plots, their pictures or not.
    layout
        Where they lie.
    before
        What was rendered last: pictures of the very same layers are taken from it.
    """
    known = {} if before is None else _known_pictures(before)
    pictures = []
    for cell in scatter.cells:
        target = target_of(scatter, cell, layout)
        place = (cell.row, cell.column)
        behind = None
        if cell.behind:
            behind = _rendered(cell.behind, target, known.get((place, id(cell.behind))))
        front = _rendered(cell.layers, target, known.get((place, id(cell.layers))))
        pictures.append(CellPictures.of(front, behind))
    return replace(scatter, pictures=tuple(pictures))


def _rendered(layers: tuple[PointLayer, ...], target: Target, known: Picture | None) -> Picture:
    return known if known is not None and known.target == target else render(layers, target)


def _known_pictures(before: Scatter) -> dict[tuple[tuple[int, int], int], Picture]:
    """Return pictures by place and by identity of their layers: `before` keeps these alive."""
    known = {}
    for cell, pictures in zip(before.cells, before.pictures, strict=False):
        place = (cell.row, cell.column)
        known[place, id(cell.layers)] = pictures.front
        if pictures.behind is not None:
            known[place, id(cell.behind)] = pictures.behind
    return known


def target_of(scatter: Scatter, cell: ScatterCell, layout: ScatterLayout) -> Target:
    """Return what has to be rendered for one plot."""
    size = layout.device_size(cell.row, cell.column)
    x, y = scatter.axes[cell.x].limits, scatter.axes[cell.y].limits
    return Target(x, y, *size, layout.ratio, cell.mode)
