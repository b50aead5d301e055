"""Paints the rows of the trace view as lines, for files whose text and curves stay vectors."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QColor, QPainter, QPen, QPolygonF

from ..base.types import Float32Array
from ..kernels.trace_extremes import column_extremes
from ..qt.theme import Theme, cluster_color
from .trace_layout import TimeWindow
from .trace_scene import (
    LEAST_SIGNAL,
    SPIKE_AFTER_MS,
    SPIKE_BEFORE_MS,
    Picture,
    columns_of,
    scale_of,
)

# Pixel columns per pixel: finer than any printer needs, coarser than the samples of a long trace.
_FINER = 2


def paint_vectors(painter: QPainter, picture: Picture, window: TimeWindow, theme: Theme) -> None:
    """Paint traces, signals and spikes as lines, in the colours of a theme."""
    traces = picture.traces
    if not len(traces.values):
        return
    least = LEAST_SIGNAL * picture.noise
    paint_signal(painter, picture, window, picture.values, QPen(theme.color("quiet", 190), 0.6))
    coloured = picture.values
    if traces.prediction is not None and not picture.look.is_residual:
        coloured = traces.prediction
        paint_signal(painter, picture, window, coloured, QPen(theme.color("text"), 0.8), least)
    _paint_spikes(painter, picture, window, coloured)
    if traces.truth is not None:
        pen = QPen(theme.color("truth"), 1.0)
        pen.setDashPattern([3.0, 2.0])
        paint_signal(painter, picture, window, traces.truth, pen, least)


def paint_signal(
    painter: QPainter,
    picture: Picture,
    window: TimeWindow,
    values: Float32Array,
    pen: QPen,
    least: float = 0.0,
) -> None:
    """Paint a signal on all rows, with the extremes of each pixel, where it is large enough."""
    layout = picture.layout
    n = max(round(layout.plot_width) * _FINER, 1)
    columns = columns_of(picture.traces, window, n, picture.sample_rate_hz)
    n_seen = min(n, round(len(values) / columns.per_column) + n)
    low, high = column_extremes(values, columns)
    hidden = np.isnan(low) | (np.maximum(-low, high) < least)
    x = layout.left + (np.arange(n_seen) + 0.5) * layout.plot_width / n
    scale = scale_of(layout, picture.look, picture.noise)
    painter.setPen(pen)
    for row, zero in enumerate(layout.row_y.tolist()):
        y = np.stack([zero - low[row] * scale, zero - high[row] * scale], axis=1)
        for part in np.split(np.arange(n), np.flatnonzero(np.diff(hidden[row])) + 1):
            if not hidden[row, part[0]] and len(part) > 1:
                painter.drawPolyline(_polygon(np.repeat(x[part], 2), y[part].ravel()))


def _paint_spikes(
    painter: QPainter, picture: Picture, window: TimeWindow, values: Float32Array
) -> None:
    layout, marks, rate = picture.layout, picture.marks, picture.sample_rate_hz
    row_of = {int(channel): row for row, channel in enumerate(layout.channel_ids)}
    scale = scale_of(layout, picture.look, picture.noise)
    for i in np.flatnonzero(marks.color_ids >= 0).tolist():
        painter.setPen(QPen(QColor(cluster_color(int(marks.color_ids[i]))), 1.2))
        sample = int(marks.samples[i]) - picture.traces.start
        first = max(sample - round(SPIKE_BEFORE_MS * rate / 1000), 0)
        last = min(sample + round(SPIKE_AFTER_MS * rate / 1000) + 1, len(values))
        times = (np.arange(first, last) + picture.traces.start) / rate
        for channel in picture.channels[i].tolist():
            if channel in row_of and last - first > 1:
                row = row_of[channel]
                y = layout.row_y[row] - values[first:last, row] * scale
                painter.drawPolyline(_polygon(layout.x_of(times, window), y))


def _polygon(x: Any, y: Any) -> QPolygonF:
    polygon = QPolygonF([QPointF()] * len(x))
    pointer = polygon.data()
    pointer.setsize(16 * len(x))
    memory = np.frombuffer(cast(Any, pointer), np.float64).reshape(-1, 2)
    memory[:, 0] = x
    memory[:, 1] = y
    return polygon
