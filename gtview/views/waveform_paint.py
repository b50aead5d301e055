"""Paints the waveform view: on the screen, or into a vector file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from ..qt.canvas import Viewport, to_qimage
from ..qt.theme import Theme, cluster_color
from .waveform_scene import (
    BAND_OPACITY,
    MAX_VERTICES,
    RIM,
    RIM_OPACITY,
    Curves,
    Scene,
    Surface,
    with_raster,
)

_NICE = tuple(d * 10.0**e for e in range(-4, 7) for d in (1, 2, 5))
MAX_BAR_MS_PX, MAX_BAR_UNIT_PX = 80.0, 30.0
_ALIGN = Qt.AlignmentFlag


def for_file(scene: Scene, surface: Surface) -> Scene:
    """Return the scene for a file of vectors: raw waveforms as a sharp image where they are many.

    Means, spreads and the truth stay lines; so many thin ones would take whoever opens it long.
    """
    if sum(curves.n_vertices for curves in scene.thin) <= MAX_VERTICES:
        return replace(scene, raster=None, rastered=frozenset())
    thin = with_raster(replace(scene, bands=(), thick=(), truth=None), surface)
    return replace(thin, bands=scene.bands, thick=scene.thick, truth=scene.truth)


def paint_waveforms(
    painter: QPainter, scene: Scene, theme: Theme, viewport: Viewport, *, use_raster: bool = True
) -> None:
    """Paint the scene on whatever background is there.

    Parameters
    ----------
    painter
        Of a widget, an image, or a vector file.
    scene, theme
        What to paint, and in which colours.
    viewport
        Where; the image of a scene made elsewhere is stretched to it.
    use_raster
        Whether the image is used where there is one; without it all is drawn as lines.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_zero_lines(painter, scene, theme, viewport)
    _paint_chosen(painter, scene, theme, viewport)
    rastered = scene.rastered if use_raster else frozenset()
    if scene.raster is not None and rastered:
        _paint_raster(painter, scene, viewport)
    if "bands" not in rastered:
        _paint_bands(painter, scene, viewport)
    for curves in scene.thin if "thin" not in rastered else ():
        _paint_curves(painter, scene, viewport, curves, _pen_of(curves))
    for curves in scene.thick if "thick" not in rastered else ():
        if scene.has_rims:
            # A mean has the colour of its waveforms: a rim parts them.
            rim = QPen(theme.color("plot", round(255 * RIM_OPACITY)), curves.width + RIM)
            _paint_curves(painter, scene, viewport, curves, rim)
        _paint_curves(painter, scene, viewport, curves, _pen_of(curves))
    if scene.truth is not None:
        pen = QPen(theme.color("truth"), scene.truth.width)
        pen.setDashPattern([3.0, 2.0])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        _paint_curves(painter, scene, viewport, scene.truth, pen)
    _paint_folds(painter, scene, theme, viewport)
    _paint_labels(painter, scene, theme, viewport)
    _paint_scale_bars(painter, scene, theme, viewport)
    painter.restore()


def _pen_of(curves: Curves) -> QPen:
    color = cluster_color(curves.color_id or 0, round(255 * curves.opacity))
    pen = QPen(color, curves.width)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _paint_curves(
    painter: QPainter, scene: Scene, viewport: Viewport, curves: Curves, pen: QPen
) -> None:
    painter.setPen(pen)
    x = scene.curve_x(viewport, curves.slot)
    y = scene.curve_y(viewport, curves.values)
    seen = np.isfinite(y) & (x > -1e5) & (x < 1e5) & (np.abs(y) < 1e6)
    for curve, is_seen in zip(y, seen, strict=True):
        for channel in range(len(x)):
            keep = is_seen[channel]
            if keep.sum() > 1:
                painter.drawPolyline(_polygon(x[channel][keep], curve[channel][keep]))


def _polygon(x: np.ndarray, y: np.ndarray) -> QPolygonF:
    polygon = QPolygonF([QPointF()] * len(x))
    pointer = polygon.data()
    pointer.setsize(16 * len(x))
    memory = np.frombuffer(cast(Any, pointer), np.float64).reshape(-1, 2)
    memory[:, 0] = x
    memory[:, 1] = y
    return polygon


def _paint_bands(painter: QPainter, scene: Scene, viewport: Viewport) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    for band in scene.bands:
        painter.setBrush(cluster_color(band.color_id, round(255 * BAND_OPACITY)))
        x = scene.curve_x(viewport, band.slot)
        low, high = scene.curve_y(viewport, band.low), scene.curve_y(viewport, band.high)
        outline_x = np.concatenate([x, x[:, ::-1]], axis=1)
        outline_y = np.concatenate([high, low[:, ::-1]], axis=1)
        for channel in np.flatnonzero(np.isfinite(outline_y).all(axis=1)):
            painter.drawPolygon(_polygon(outline_x[channel], outline_y[channel]))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_raster(painter: QPainter, scene: Scene, viewport: Viewport) -> None:
    drawn = scene.viewport or Viewport()
    image = to_qimage(scene.raster, scene.device_pixel_ratio)
    if drawn == viewport:
        painter.drawImage(QPointF(0, 0), image)
    else:
        painter.drawImage(viewport.rect_since(drawn, *scene.size), image)


def _paint_zero_lines(painter: QPainter, scene: Scene, theme: Theme, viewport: Viewport) -> None:
    layout = scene.layout
    painter.setPen(QPen(theme.color("line"), 1.0))
    # Half pixels: a horizontal line of one pixel, not of two grey ones.
    rows = np.floor(viewport.y(layout.zero_y())) + 0.5
    for slot in range(layout.n_slots):
        left = viewport.x(layout.curve_left(slot))
        right = viewport.x(layout.curve_left(slot) + layout.curve_width)
        for x0, x1, y in zip(left, right, rows, strict=True):
            painter.drawLine(QLineF(x0, y, x1, y))


def box_of(scene: Scene, viewport: Viewport, index: int) -> QRectF:
    """Return the rectangle of the box at a position of the layout."""
    (x, y), (width, height) = scene.layout.centers[index], scene.layout.box
    left, right = viewport.x([x - width / 2, x + width / 2])
    top, bottom = viewport.y([y - height / 2, y + height / 2])
    return QRectF(QPointF(left, top), QPointF(right, bottom))


def _paint_chosen(painter: QPainter, scene: Scene, theme: Theme, viewport: Viewport) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for place, channel_id in enumerate(scene.chosen):
        for index in np.flatnonzero(scene.layout.channel_ids == channel_id):
            pen = QPen(theme.color("accent", 230), 1.0)
            if place:
                pen.setDashPattern([4.0, 3.0])
            painter.setPen(pen)
            box = box_of(scene, viewport, int(index)).adjusted(0.5, 0.5, -1.5, -1.5)
            painter.drawRoundedRect(box, 3.0, 3.0)


def _paint_folds(painter: QPainter, scene: Scene, theme: Theme, viewport: Viewport) -> None:
    """Mark the gaps that are drawn shorter than they are, with their true length."""
    if not scene.layout.folds:
        return
    centers, half = scene.layout.centers, np.array(scene.layout.box) / 2
    (left, top), (right, bottom) = centers.min(axis=0) - half, centers.max(axis=0) + half
    (left, right), (top, bottom) = viewport.x([left, right]), viewport.y([top, bottom])
    metrics = QFontMetricsF(painter.font())
    for fold in scene.layout.folds:
        text = f"{fold.length_um:,.0f} \N{MICRO SIGN}m apart"
        wide, high = metrics.horizontalAdvance(text), metrics.height()
        painter.setPen(QPen(theme.color("line"), 1.0, Qt.PenStyle.DotLine))
        if fold.axis == 1:
            y = float(viewport.y(fold.at_px))
            painter.drawLine(QLineF(left, y, right, y))
            place = QRectF(right - wide - 6, y - high / 2, wide + 6, high)
        else:
            x = float(viewport.x(fold.at_px))
            painter.drawLine(QLineF(x, top, x, bottom))
            place = QRectF(x - wide / 2 - 3, top, wide + 6, high)
        painter.fillRect(place, theme.color("plot", 215))
        painter.setPen(theme.color("quiet"))
        painter.drawText(place, _ALIGN.AlignCenter, text)


def _paint_labels(painter: QPainter, scene: Scene, theme: Theme, viewport: Viewport) -> None:
    if not scene.labels:
        return
    high = QFontMetricsF(painter.font()).height()
    gutter = scene.layout.gutter
    flags = _ALIGN.AlignRight | _ALIGN.AlignVCenter | Qt.TextFlag.TextDontClip
    right = viewport.x(scene.layout.curve_left(0)) - 5
    for x, y, channel_id, text in zip(
        right,
        viewport.y(scene.layout.zero_y()),
        scene.layout.channel_ids,
        scene.labels,
        strict=True,
    ):
        is_chosen = int(channel_id) in scene.chosen
        painter.setPen(theme.color("accent" if is_chosen else "quiet"))
        painter.drawText(QRectF(x - gutter, y - high / 2, gutter, high), flags, text)


def nice_length(px_per_unit: float, max_px: float) -> float:
    """Return the largest of 1, 2, 5, 10, ... whose length in pixels is not above a limit."""
    fitting = [value for value in _NICE if value * px_per_unit <= max_px]
    return fitting[-1] if fitting else _NICE[0]


def scale_bars(scene: Scene, viewport: Viewport) -> tuple[tuple[float, float], ...]:
    """Return (value, pixels) of the bar of time, in ms, and of the bar of amplitude."""
    duration = max(float(scene.times_ms[-1] - scene.times_ms[0]), 1e-9)
    px_per_ms = scene.layout.curve_width * viewport.scale_x / duration
    px_per_unit = scene.layout.box[1] * viewport.scale_y / scene.per_box
    time = min(nice_length(px_per_ms, MAX_BAR_MS_PX), 1.0)
    size = nice_length(px_per_unit, MAX_BAR_UNIT_PX)
    return (time, time * px_per_ms), (size, size * px_per_unit)


def _paint_scale_bars(painter: QPainter, scene: Scene, theme: Theme, viewport: Viewport) -> None:
    (time, time_px), (size, size_px) = scale_bars(scene, viewport)
    metrics = QFontMetricsF(painter.font())
    texts = f"{size:,g} {scene.unit}", f"{time:g} ms"
    widths = [metrics.horizontalAdvance(text) for text in texts]
    high = metrics.height()
    width, height = scene.size
    bottom = np.floor(height - 7) + 0.5
    # From the right: the amplitude, its bar, the time, its bar.
    right = width - 8.0
    x = np.floor(right - widths[0] - 6) + 0.5
    time_right = x - 14 - widths[1] - 6
    # Where the drawing is zoomed, curves may run here: they must not cross the words.
    left = time_right - time_px - 6
    if not viewport.is_home:
        painter.fillRect(QRectF(left, bottom - 36, width - left, 44), theme.color("plot", 215))
    ink = QColor(theme.color("text"))
    painter.setPen(QPen(ink, 1.4, cap=Qt.PenCapStyle.FlatCap))
    painter.drawLine(QLineF(x, bottom - size_px, x, bottom))
    painter.drawLine(QLineF(time_right - time_px, bottom - 4, time_right, bottom - 4))
    painter.setPen(theme.color("quiet"))
    flags = _ALIGN.AlignLeft | _ALIGN.AlignVCenter | Qt.TextFlag.TextDontClip
    painter.drawText(QRectF(x + 6, bottom - high + 2, widths[0] + 1, high), flags, texts[0])
    painter.drawText(
        QRectF(time_right + 6, bottom - high + 2, widths[1] + 1, high), flags, texts[1]
    )


def label_font(font: QFont) -> QFont:
    """Return the font of labels in a drawing: a little smaller than the window's."""
    small = QFont(font)
    if font.pointSizeF() > 0:
        small.setPointSizeF(max(font.pointSizeF() - 1.0, 7.0))
    return small
