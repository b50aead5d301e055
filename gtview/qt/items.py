"""The one item that draws points: any number of them, rendered in a thread.

Use it in a view like this::

    self.cloud = PointCloud(self.context.pool)      # build()
    panel.add(self.cloud)
    target = self.cloud.target                      # query(): what there is to render
    picture = render(layers, target)                # compute(): the first picture
    self.cloud.set_layers(layers, picture)          # draw()

From then on the item renders itself again when the panel is moved, zoomed or resized. Without a
picture it renders the first one itself too.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QColor, QPainter

from .compute import ComputePool
from .plot import PlotPanel
from .points import (
    Mode,
    Picture,
    PointLayer,
    Target,
    find_dots,
    find_nearest,
    render,
    render_points,
    to_pixels,
)
from .rendered import RenderedItem

# More dots than this in a file are an image there.
MOST_VECTOR_DOTS = 5000


class PointCloud(RenderedItem):
    """Points as dots where few are in sight, else as density; see `PointLayer`."""

    def __init__(self, pool: ComputePool, mode: Mode = "auto") -> None:
        super().__init__(pool)
        self.layers: tuple[PointLayer, ...] = ()
        self._mode = mode

    @property
    def mode(self) -> Mode:
        """How points are drawn: "auto", "dots" or "density"."""
        return self._mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        self._mode = mode
        self.refresh()

    def set_layers(self, layers: Sequence[PointLayer], picture: Picture | None = None) -> None:
        """Show these points.

        `picture` is what `render` made of them for `target`, in a thread; if it is missing, or
        the target is another one meanwhile, a new one is rendered.
        """
        self.layers = tuple(layers)
        self.set_renderer(partial(render, self.layers) if self.layers else None, picture)

    def nearest(self, x: float, y: float, reach_px: float = 8.0) -> tuple[int, int] | None:
        """Return the layer and the index in it of the point nearest to a place, if any is near.

        The place is in data coordinates, the reach in pixels of the screen.
        """
        target = self.target
        if target.is_empty:
            return None
        return find_nearest(self.layers, x, y, target, reach_px * target.ratio)

    def paint_vectors(self, painter: QPainter, panel: PlotPanel, target: Target) -> bool:
        """Paint dots one by one, if there are few."""
        dots = find_dots(self.layers, target)
        if dots is None or sum(map(len, dots)) > MOST_VECTOR_DOTS:
            return False
        levels = [(not layer.is_background, layer.is_on_top) for layer in self.layers]
        for k in sorted(range(len(dots)), key=levels.__getitem__):
            paint_dots(painter, self.layers[k], dots[k], target)
        return True


def paint_dots(painter: QPainter, layer: PointLayer, ids: Any, target: Target) -> None:
    """Paint some points of a layer as round vectors; (0, 0) is the top left of the target."""
    colors = layer.colors()
    shades = [0] * len(ids) if layer.values is None else layer.to_shades(layer.values[ids])
    columns, rows = to_pixels(layer, ids, target)
    radius = layer.size / 2
    painter.setPen(Qt.PenStyle.NoPen)
    for x, y, shade in zip(columns, rows, shades, strict=True):
        color = QColor(*(int(part) for part in colors[shade]))
        color.setAlphaF(layer.alpha)
        painter.setBrush(color)
        painter.drawEllipse(QPointF(x, y), radius, radius)
    painter.setBrush(Qt.BrushStyle.NoBrush)


__all__ = ["Mode", "Picture", "PointCloud", "PointLayer", "Target", "render", "render_points"]
