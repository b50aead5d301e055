"""Paints a spray: names, single waveforms, means, the one that was picked, and the scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from ..qt.canvas import Viewport, to_qimage
from ..qt.theme import Theme
from ..scoring.states import SpikeState
from .spike_marks import STATE_COLORS, STATE_NAMES, paint_state
from .spray_scene import BOTTOM_PX, LEFT_PX, TOP_PX, SprayPicture
from .waveform_paint import nice_length

if TYPE_CHECKING:
    from ..base.types import Float32Array

_FLAGS = Qt.AlignmentFlag
_LEFT = _FLAGS.AlignLeft | _FLAGS.AlignVCenter | Qt.TextFlag.TextDontClip
_RIGHT = _FLAGS.AlignRight | _FLAGS.AlignVCenter | Qt.TextFlag.TextDontClip
_CENTER = _FLAGS.AlignCenter


def paint_spray(
    painter: QPainter,
    picture: SprayPicture,
    viewport: Viewport,
    theme: Theme,
    labels: tuple[str, ...],
    picked: tuple[int, int] | None,
) -> None:
    """Paint all of it, moved and zoomed as it is now."""
    layout, surface = picture.layout, picture.surface
    inside = QRectF(LEFT_PX, TOP_PX, layout.width - LEFT_PX, layout.height - TOP_PX - BOTTOM_PX)
    _paint_frames(painter, picture, theme, labels, viewport)
    painter.save()
    painter.setClipRect(inside)
    image = to_qimage(picture.image)
    place = viewport.rect_since(surface.viewport, layout.width, layout.height)
    painter.drawImage(place, image, QRectF(image.rect()))
    found = next((g.mean for g in picture.spray.groups if g.state == SpikeState.FOUND), None)
    for column, group in enumerate(picture.spray.groups):
        if found is not None and group.state != SpikeState.FOUND:
            pen = QPen(theme.color("quiet"), 1.2)
            pen.setDashPattern([3, 3])
            _paint_curve(painter, picture, viewport, column, found, pen)
        if group.mean is not None:
            _paint_curve(
                painter, picture, viewport, column, group.mean, QPen(theme.color("plot"), 4.4)
            )
            color = QColor(STATE_COLORS[group.state])
            _paint_curve(painter, picture, viewport, column, group.mean, QPen(color, 2.2))
        if picked is not None and picked[0] == column:
            pen = QPen(theme.color("text"), 1.6)
            _paint_curve(painter, picture, viewport, column, group.waveforms[picked[1]], pen)
    painter.restore()
    _paint_scale(painter, picture, viewport, theme)


def _paint_frames(
    painter: QPainter,
    picture: SprayPicture,
    theme: Theme,
    labels: tuple[str, ...],
    viewport: Viewport,
) -> None:
    layout, metrics = picture.layout, QFontMetricsF(painter.font())
    bottom = layout.height - BOTTOM_PX
    for column, group in enumerate(picture.spray.groups):
        x, wide = layout.left(column), layout.column_px
        if column:
            painter.setPen(QPen(theme.color("grid"), 1))
            painter.drawLine(QLineF(x, 4, x, bottom))
        name, n_read = STATE_NAMES[group.state], len(group.waveforms)
        texts = [f"{n_read:,} of {group.n_spikes:,} {name}", f"{group.n_spikes:,} {name}", name]
        if n_read == group.n_spikes:
            texts = texts[1:]
        room = wide - 24
        text = next((t for t in texts if metrics.horizontalAdvance(t) <= room), "")
        paint_state(painter, group.state, x + 12, TOP_PX / 2)
        painter.setPen(theme.color("text"))
        painter.drawText(QRectF(x + 20, 0, room, TOP_PX), _LEFT, text)
        if not n_read:
            painter.setPen(theme.color("quiet"))
            place = QRectF(x, TOP_PX, wide, bottom - TOP_PX)
            painter.drawText(place, _CENTER, "none" if not group.n_spikes else "not in the file")
    painter.setPen(theme.color("quiet"))
    for row, label in enumerate(labels):
        y = float(viewport.y(layout.middle(row)))
        if TOP_PX <= y <= bottom:
            painter.drawText(QRectF(0, y - 8, LEFT_PX - 4, 16), _RIGHT, label)


def _paint_curve(
    painter: QPainter,
    picture: SprayPicture,
    viewport: Viewport,
    column: int,
    waveform: Float32Array,
    pen: QPen,
) -> None:
    layout = picture.layout
    x = viewport.x(layout.x(column, len(waveform))).tolist()
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for row in range(layout.n_rows):
        y = viewport.y(layout.y(row, waveform[:, row])).tolist()
        points = [QPointF(a, b) for a, b in zip(x, y, strict=True)]
        painter.drawPolyline(QPolygonF(points))


def _paint_scale(
    painter: QPainter, picture: SprayPicture, viewport: Viewport, theme: Theme
) -> None:
    """Paint what lengths stand for, below the waveforms."""
    layout, times = picture.layout, picture.spray.times_ms
    spread = layout.x(0, len(times))
    per_ms = (spread[-1] - spread[0]) / max(times[-1] - times[0], 1e-9) * viewport.scale_x
    time = nice_length(float(per_ms), 60.0)
    per_unit = layout.per_unit * viewport.scale_y
    size = nice_length(per_unit, min(layout.row_px * 0.8, 70.0))
    y = np.floor(layout.height - BOTTOM_PX / 2) + 0.5
    painter.setPen(QPen(theme.color("text"), 1.6, cap=Qt.PenCapStyle.FlatCap))
    length = time * float(per_ms)
    painter.drawLine(QLineF(LEFT_PX, y, LEFT_PX + length, y))
    x = np.floor(layout.width - 10) + 0.5
    high = min(size * per_unit, layout.height - TOP_PX)
    painter.drawLine(QLineF(x, y + 5 - high, x, y + 5))
    painter.setPen(theme.color("quiet"))
    painter.drawText(QRectF(LEFT_PX + length + 5, y - 8, 60, 16), _LEFT, f"{time:g} ms")
    text = f"{size:,g} {picture.spray.unit}"
    painter.drawText(QRectF(x - 126, y - 8, 120, 16), _RIGHT, text)
