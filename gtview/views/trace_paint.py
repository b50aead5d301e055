"""Paints the trace view: on the screen, or into a vector file."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from ..qt.canvas import to_qimage
from ..qt.primitives import draw_lines, fill_rects
from ..qt.theme import Theme, cluster_color
from ..qt.ticks import labels_with_room, tick_step, tick_texts, ticks_between
from .trace_layout import TimeWindow, TraceLayout
from .trace_scene import NOISE_IN_IMAGE, Picture, heat_table
from .trace_vectors import paint_vectors
from .waveform_paint import nice_length

AXIS_PX = 20.0
TICK_PX = 4.0
MAX_BAR_PX = 48.0
_FLAGS = Qt.AlignmentFlag
_RIGHT = _FLAGS.AlignRight | _FLAGS.AlignVCenter | Qt.TextFlag.TextDontClip
_LEFT = _FLAGS.AlignLeft | _FLAGS.AlignVCenter | Qt.TextFlag.TextDontClip


def plot_rect(layout: TraceLayout) -> QRectF:
    """Return where the rows are."""
    return QRectF(layout.left, layout.top, layout.plot_width, layout.plot_height)


def paint_rows(
    painter: QPainter, picture: Picture, window: TimeWindow, theme: Theme, *, use_image: bool
) -> None:
    """Paint the rows, moved and stretched to a window; the image where it fits, else lines."""
    layout = picture.layout
    painter.save()
    painter.setClipRect(plot_rect(layout))
    if use_image:
        left, right = layout.x_of(
            np.array([picture.window.start_s, picture.window.stop_s]), window
        )
        image = to_qimage(picture.image)
        target = QRectF(left, layout.top, right - left, layout.plot_height)
        painter.drawImage(target, image, QRectF(image.rect()))
    else:
        paint_vectors(painter, picture, window, theme)
    painter.restore()


def paint_frame(
    painter: QPainter,
    layout: TraceLayout,
    window: TimeWindow,
    theme: Theme,
    labels: tuple[str, ...],
    chosen: tuple[int, ...],
    shanks: tuple[int, ...],
) -> None:
    """Paint grid, time axis, channel numbers, and the gaps between shanks."""
    rect = plot_rect(layout)
    ticks, texts = time_ticks(painter, layout, window)
    x = np.floor(layout.x_of(ticks, window)) + 0.5
    ends = np.full_like(x, rect.top()), np.full_like(x, rect.bottom())
    draw_lines(painter, np.stack([x, ends[0], x, ends[1]], axis=1), QPen(theme.color("grid"), 1.0))
    _paint_time_axis(painter, layout, theme, x, texts)
    _paint_labels(painter, layout, theme, labels, chosen)
    pen = QPen(theme.color("line"), 1.0, Qt.PenStyle.DotLine)
    for place, y in enumerate(layout.shank_y, 1):
        if rect.top() < y < rect.bottom():
            painter.setPen(pen)
            painter.drawLine(QLineF(rect.left(), y, rect.right(), y))
            painter.setPen(theme.color("quiet"))
            text = f"shank {shanks[place]}" if place < len(shanks) else ""
            painter.drawText(QRectF(rect.left() + 4, y - 1, 80, 14), _LEFT, text)


def time_ticks(
    painter: QPainter, layout: TraceLayout, window: TimeWindow
) -> tuple[np.ndarray, list[str]]:
    """Return times in seconds that have room for their text, and the texts."""
    metrics = QFontMetricsF(painter.font())
    example = tick_texts([window.stop_s], tick_step(window.length_s, 5))[0]
    room = max(layout.plot_width / (metrics.horizontalAdvance(example) + 34), 1.0)
    step = tick_step(window.length_s, room)
    ticks = ticks_between(window.start_s, window.stop_s, step)
    return ticks, tick_texts(ticks, step)


def _paint_time_axis(
    painter: QPainter, layout: TraceLayout, theme: Theme, x: np.ndarray, texts: list[str]
) -> None:
    rect = plot_rect(layout)
    metrics = QFontMetricsF(painter.font())
    line = np.array([[rect.left(), rect.bottom() + 0.5, rect.right(), rect.bottom() + 0.5]])
    marks = np.stack(
        [x, np.full_like(x, rect.bottom()), x, np.full_like(x, rect.bottom() + TICK_PX)], axis=1
    )
    draw_lines(painter, np.concatenate([line, marks]), QPen(theme.color("line"), 1.0))
    painter.setPen(theme.color("quiet"))
    top = rect.bottom() + TICK_PX + 1
    high = metrics.height()
    title = "time (s)" if layout.plot_width > 220 else "s"
    wide = metrics.horizontalAdvance(title)
    end = rect.right() - wide - 4
    painter.drawText(QRectF(end, top, wide, high), _RIGHT, title)
    for place, text in zip(x.tolist(), texts, strict=True):
        half = metrics.horizontalAdvance(text) / 2
        if place + half < end - 8:
            painter.drawText(QRectF(place - half, top, 2 * half, high), _LEFT, text)


def _paint_labels(
    painter: QPainter,
    layout: TraceLayout,
    theme: Theme,
    labels: tuple[str, ...],
    chosen: tuple[int, ...],
) -> None:
    if not labels:
        return
    high = QFontMetricsF(painter.font()).height()
    seen = np.flatnonzero(
        (layout.row_y >= layout.top) & (layout.row_y <= layout.height - layout.bottom)
    )
    y = layout.row_y[seen]
    first = [k for k, row in enumerate(seen) if int(layout.channel_ids[row]) in chosen]
    # Their boxes may touch: digits have no descenders.
    for k in labels_with_room(y, np.full(len(y), high * 0.75), first, 1.0):
        row = int(seen[k])
        is_chosen = int(layout.channel_ids[row]) in chosen
        painter.setPen(theme.color("accent" if is_chosen else "quiet"))
        place = QRectF(0, y[k] - high / 2, layout.left - 5, high)
        painter.drawText(place, _RIGHT, labels[row])


def paint_scale(painter: QPainter, picture: Picture, theme: Theme, unit: str) -> None:
    """Paint what a length, or a colour, stands for, at the lower right."""
    rect = plot_rect(picture.layout)
    if picture.look.is_image:
        _paint_color_bar(painter, picture, theme, unit, rect)
        return
    size = nice_length(picture.px_per_unit, MAX_BAR_PX)
    length = size * picture.px_per_unit
    text = f"{size:,g} {unit}"
    metrics = QFontMetricsF(painter.font())
    wide, high = metrics.horizontalAdvance(text), metrics.height()
    bottom = np.floor(rect.bottom() - 8)
    x = np.floor(rect.right() - wide - 20) + 0.5
    back = QRectF(x - 7, bottom - max(length, high) - 5, wide + 24, max(length, high) + 10)
    painter.fillRect(back, theme.color("plot", 225))
    painter.setPen(QPen(QColor(theme.text), 1.6, cap=Qt.PenCapStyle.FlatCap))
    painter.drawLine(QLineF(x, bottom - length, x, bottom))
    painter.setPen(theme.color("text"))
    middle = bottom - max(length, high) / 2
    painter.drawText(QRectF(x + 7, middle - high / 2, wide, high), _LEFT, text)


def _paint_color_bar(
    painter: QPainter, picture: Picture, theme: Theme, unit: str, rect: QRectF
) -> None:
    limit = NOISE_IN_IMAGE * picture.noise / picture.look.gain
    text = f"\N{PLUS-MINUS SIGN}{float(f'{limit:.2g}'):,g} {unit}"
    metrics = QFontMetricsF(painter.font())
    wide, high = metrics.horizontalAdvance(text), metrics.height()
    width = 64.0
    x, y = rect.right() - wide - width - 20, rect.bottom() - high - 8
    painter.fillRect(QRectF(x - 6, y - 3, wide + width + 20, high + 6), theme.color("plot", 235))
    table = heat_table(picture.look.is_dark, picture.look.background)
    for k in range(32):
        red, green, blue = (int(v) for v in table[k * 8 + 4, :3])
        bar = QRectF(x + k * width / 32, y + high / 2 - 4, width / 32 + 0.5, 8)
        painter.fillRect(bar, QColor(red, green, blue))
    painter.setPen(theme.color("text"))
    painter.drawText(QRectF(x + width + 6, y, wide, high), _LEFT, text)


def paint_ends(
    painter: QPainter,
    layout: TraceLayout,
    window: TimeWindow,
    theme: Theme,
    duration_s: float,
    raw_s: float,
) -> None:
    """Say where the raw file ends, when that is in sight."""
    if raw_s >= window.stop_s:
        return
    rect = plot_rect(layout)
    x = max(float(layout.x_of(raw_s, window)), rect.left())
    beyond = np.array([[x, rect.top(), rect.right() - x, rect.height()]])
    fill_rects(painter, beyond, theme.color("window", 160))
    painter.setPen(QPen(theme.color("line"), 1.0))
    painter.drawLine(QLineF(x, rect.top(), x, rect.bottom()))
    is_short = raw_s < duration_s - 1e-6
    text = f"the {'raw file' if is_short else 'recording'} ends at {raw_s:.3f} s"
    painter.setPen(theme.color("quiet"))
    wide = QFontMetricsF(painter.font()).horizontalAdvance(text)
    left = min(x + 8, rect.right() - wide - 8)
    painter.drawText(QRectF(left, rect.top() + 6, wide, 16), _LEFT, text)


def paint_spots(painter: QPainter, picture: Picture, window: TimeWindow) -> None:
    """Mark the selected spikes in an image, where lines cannot be coloured."""
    layout = picture.layout
    row_of = {int(channel): row for row, channel in enumerate(layout.channel_ids)}
    painter.save()
    painter.setClipRect(plot_rect(layout))
    times = picture.marks.samples / picture.sample_rate_hz
    for i in np.flatnonzero(picture.marks.color_ids >= 0).tolist():
        channels = picture.channels[i][:1].tolist()
        if channels and channels[0] in row_of:
            painter.setPen(QPen(cluster_color(int(picture.marks.color_ids[i])), 1.6))
            x, y = float(layout.x_of(times[i], window)), layout.row_y[row_of[channels[0]]]
            painter.drawEllipse(QPointF(x, y), 5.5, 5.5)
    painter.restore()
