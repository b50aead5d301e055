"""An item of a plot whose picture is made in a thread, anew for whatever part is seen."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PyQt6 import sip
from PyQt6.QtCore import QPointF, QRectF, pyqtSignal
from PyQt6.QtGui import QImage, QPainter

from .canvas import to_qimage
from .compute import ComputePool
from .picture import PIXEL_RATIO, is_vector
from .plot import PlotPanel
from .plot_items import PixelItem
from .point_layers import Mode, Target

_log = logging.getLogger(__name__)


class Rendered(Protocol):
    """What a thread has made: premultiplied pixels, uint8, (height, width, 4), and for what."""

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The picture."""

    @property
    def target(self) -> Target:
        """The ranges and the size it was made for."""


Renderer = Callable[[Target], Rendered]


class RenderedItem(PixelItem):
    """Shows what a function makes of the part of the axes that is seen.

    The function runs in a thread and depends on the target alone. The old picture stays, moved
    and stretched, until the new one is there; while the mouse goes on moving, each picture is
    shown as it comes. `rendered` tells that a new one is shown.
    """

    rendered = pyqtSignal()
    failed = pyqtSignal(object)

    def __init__(self, pool: ComputePool) -> None:
        super().__init__()
        self.picture: Any = None
        self.renderer: Renderer | None = None
        self._mode: Mode = "auto"
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
    def is_busy(self) -> bool:
        """Whether a newer picture is still to come."""
        return self._running is not None or self._pool.waits(self)

    def set_renderer(self, renderer: Renderer | None, picture: Rendered | None = None) -> None:
        """Show what a function makes; None: nothing.

        `picture` is what it made for `target`, in a thread; if it is missing, or the target is
        another one meanwhile, a new one is rendered.
        """
        self.renderer = renderer
        self._running = None
        self._is_new = picture is None
        self._pool.forget(self)
        if picture is not None:
            self._show(picture)
        elif renderer is None:
            self._clear()
        self.refresh()

    def refresh(self, *_: Any) -> None:
        """Render again, unless the picture that is shown is the right one."""
        if self.renderer is None or self._running is not None or not self._is_seen():
            return
        target = self.target
        is_shown = self.picture is not None and self.picture.target == target
        if target.is_empty or (is_shown and not self._is_new):
            return
        token = self._running = object()
        self._pool.run(
            partial(self.renderer, target),
            partial(self._on_rendered, token),
            partial(self._on_failed, token),
        )

    # Behind it -----------------------------------------------------------------------------

    def paint_vectors(self, painter: QPainter, panel: PlotPanel, target: Target) -> bool:
        """Paint into a file of vectors; the target has one pixel for each of the panel.

        False, as here: it is to be an image.
        """
        return False

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
        """Paint at another scale than the screen's, at once."""
        target = _scaled(self.target, panel.box.rect(), 1.0)
        if self.renderer is None or target.is_empty:
            return
        if not for_vectors or not self.paint_vectors(painter, panel, target):
            picture = self.renderer(_scaled(target, panel.box.rect(), scale))
            painter.drawImage(panel.box.rect(), to_qimage(picture.pixels))

    def _is_seen(self) -> bool:
        widget = self._panel.box.getViewWidget() if self._panel is not None else None
        return widget is not None and widget.isVisible()

    def _ratio(self) -> float:
        widget = self._panel.box.getViewWidget() if self._panel is not None else None
        return 1.0 if widget is None else float(widget.devicePixelRatioF())

    def _on_rendered(self, token: object, picture: Rendered) -> None:
        if token is self._running and not sip.isdeleted(self):
            self._pool.draw_soon(self, partial(self._show_and_go_on, token, picture))

    def _show_and_go_on(self, token: object, picture: Rendered) -> None:
        if token is self._running and not sip.isdeleted(self):
            self._running = None
            self._is_new = False
            self._show(picture)
            self.refresh()

    def _on_failed(self, token: object, error: BaseException) -> None:
        if token is self._running and not sip.isdeleted(self):
            # It is not tried again: it would fail at each painting.
            self._running = None
            self.renderer = None
            _log.error("a part of a plot cannot be drawn", exc_info=error)
            self.failed.emit(error)

    def _show(self, picture: Rendered) -> None:
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
