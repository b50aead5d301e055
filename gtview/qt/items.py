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

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PyQt6 import sip
from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QImage, QPainter

from .canvas import to_qimage
from .compute import ComputePool
from .picture import PIXEL_RATIO, is_vector
from .plot import PlotPanel
from .plot_items import PixelItem
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

_log = logging.getLogger(__name__)

# More dots than this in a file are an image there.
MOST_VECTOR_DOTS = 5000


class PointCloud(PixelItem):
    """Points as dots where few are in sight, else as density; see `PointLayer`.

    The old picture stays, moved and stretched, until the new one is there; while the mouse goes
    on moving, each picture is shown as it comes. `rendered` tells that a new one is shown.
    """

    rendered = pyqtSignal()
    failed = pyqtSignal(object)

    def __init__(self, pool: ComputePool, mode: Mode = "auto") -> None:
        super().__init__()
        self.layers: tuple[PointLayer, ...] = ()
        self.picture: Picture | None = None
        self._mode: Mode = mode
        self._pool = pool
        self._image = QImage()
        self._running: object | None = None
        self._is_new = False
        self.setZValue(-50)

    def attach(self, panel: PlotPanel) -> None:
        """Become part of a panel."""
        super().attach(panel)
        panel.box.sigRangeChanged.connect(self.refresh)
        panel.box.sigResized.connect(self.refresh)

    # What a view uses ----------------------------------------------------------------------

    @property
    def target(self) -> Target:
        """What there is to render now; safe to hand to a thread."""
        if self._panel is None:
            return Target((0.0, 1.0), (0.0, 1.0), 0, 0)
        rect = self._panel.box.rect()
        ratio = self._ratio()
        y_low, y_high = self._panel.y_range
        inverted = self._panel.box.yInverted()
        return Target(
            self._panel.x_range,
            (y_high, y_low) if inverted else (y_low, y_high),
            round(rect.width() * ratio),
            round(rect.height() * ratio),
            ratio,
            self._mode,
        )

    @property
    def mode(self) -> Mode:
        """How points are drawn: "auto", "dots" or "density"."""
        return self._mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        self._mode = mode
        self.refresh()

    @property
    def is_busy(self) -> bool:
        """Whether a newer picture is still to come."""
        return self._running is not None or self._pool.waits(self)

    def set_layers(self, layers: Sequence[PointLayer], picture: Picture | None = None) -> None:
        """Show these points.

        `picture` is what `render` made of them for `target`, in a thread; if it is missing, or
        the target is another one meanwhile, a new one is rendered.
        """
        self.layers = tuple(layers)
        self._running = None
        self._is_new = picture is None
        self._pool.forget(self)
        if picture is not None:
            self._show(picture)
        elif not self.layers:
            self._clear()
        self.refresh()

    def nearest(self, x: float, y: float, reach_px: float = 8.0) -> tuple[int, int] | None:
        """Return the layer and the index in it of the point nearest to a place, if any is near.

        The place is in data coordinates, the reach in pixels of the screen.
        """
        target = self.target
        if target.is_empty:
            return None
        return find_nearest(self.layers, x, y, target, reach_px * target.ratio)

    def refresh(self, *_: Any) -> None:
        """Render again, unless the picture that is shown is the right one."""
        if not self.layers or self._running is not None or not self._is_seen():
            return
        target = self.target
        is_shown = self.picture is not None and self.picture.target == target
        if target.is_empty or (is_shown and not self._is_new):
            return
        token = self._running = object()
        self._pool.run(
            partial(render, self.layers, target),
            partial(self._on_rendered, token),
            partial(self._on_failed, token),
        )

    # Behind it -----------------------------------------------------------------------------

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        for_vectors = is_vector(painter)
        scale = PIXEL_RATIO if for_vectors else painter.deviceTransform().m11()
        if for_vectors or abs(scale - self._ratio()) > 1e-6:
            self._paint_for_file(painter, panel, scale, for_vectors=for_vectors)
            return
        # The screen may be another one now.
        self.refresh()
        if self.picture is None:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        if self.picture.target == self.target:
            painter.drawImage(_on_whole_pixels(painter), self._image)
        else:
            painter.drawImage(_place(panel, self.picture.target), self._image)

    def _paint_for_file(
        self, painter: QPainter, panel: PlotPanel, scale: float, *, for_vectors: bool
    ) -> None:
        """Paint at another scale than the screen's: at once, few dots as vectors."""
        target = _scaled(self.target, panel.box.rect(), 1.0)
        if not self.layers or target.is_empty:
            return
        dots = find_dots(self.layers, target) if for_vectors else None
        if dots is None or sum(map(len, dots)) > MOST_VECTOR_DOTS:
            picture = render(self.layers, _scaled(target, panel.box.rect(), scale))
            painter.drawImage(panel.box.rect(), to_qimage(picture.pixels))
            return
        for k in sorted(range(len(dots)), key=lambda k: not self.layers[k].is_background):
            _paint_dots(painter, self.layers[k], dots[k], target)

    def _is_seen(self) -> bool:
        widget = self._panel.box.getViewWidget() if self._panel is not None else None
        return widget is not None and widget.isVisible()

    def _ratio(self) -> float:
        widget = self._panel.box.getViewWidget() if self._panel is not None else None
        return 1.0 if widget is None else float(widget.devicePixelRatioF())

    def _on_rendered(self, token: object, picture: Picture) -> None:
        if token is self._running and not sip.isdeleted(self):
            self._pool.draw_soon(self, partial(self._show_and_go_on, token, picture))

    def _show_and_go_on(self, token: object, picture: Picture) -> None:
        if token is self._running and not sip.isdeleted(self):
            self._running = None
            self._is_new = False
            self._show(picture)
            self.refresh()

    def _on_failed(self, token: object, error: BaseException) -> None:
        if token is self._running and not sip.isdeleted(self):
            # The layers are not tried again: they would fail at each painting.
            self._running = None
            self.layers = ()
            _log.error("points cannot be drawn", exc_info=error)
            self.failed.emit(error)

    def _show(self, picture: Picture) -> None:
        self.picture = picture
        self._image = to_qimage(picture.pixels, picture.target.ratio)
        self.update()
        self.rendered.emit()

    def _clear(self) -> None:
        self.picture = None
        self._image = QImage()
        self.update()


def _on_whole_pixels(painter: QPainter) -> QPointF:
    """Return the place nearest to (0, 0) at which a picture's pixels are pixels of the screen."""
    transform = painter.deviceTransform()
    origin = transform.map(QPointF(0, 0))
    whole = QPointF(round(origin.x()), round(origin.y()))
    inverse, is_possible = transform.inverted()
    return inverse.map(whole) if is_possible else QPointF(0, 0)


def _scaled(target: Target, rect: QRectF, ratio: float) -> Target:
    size = round(rect.width() * ratio), round(rect.height() * ratio)
    return replace(target, ratio=ratio, width_px=size[0], height_px=size[1])


def _place(panel: PlotPanel, target: Target) -> QRectF:
    """Return where a picture that was made for other ranges belongs now."""
    (left, right), (bottom, top) = target.x_range, target.y_range
    return QRectF(panel.to_pixels(left, top), panel.to_pixels(right, bottom))


def _paint_dots(painter: QPainter, layer: PointLayer, ids: Any, target: Target) -> None:
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
