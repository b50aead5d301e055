"""Where the highlighted spikes are among the traces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QRectF

from .trace_layout import LANE_PX
from .trace_paint import plot_rect
from .trace_scene import SPIKE_AFTER_MS, SPIKE_BEFORE_MS

if TYPE_CHECKING:
    from PyQt6.QtGui import QPainter

    from ..qt.theme import Theme
    from .trace_layout import TimeWindow
    from .trace_scene import Picture

NARROWEST_PX = 7.0


def paint_highlighted(
    painter: QPainter, picture: Picture, window: TimeWindow, theme: Theme
) -> None:
    """Lay a faint band behind the rows, and a clearer one behind the lane, at each of them."""
    marks = picture.marks
    if marks.is_highlighted is None or not marks.is_highlighted.any():
        return
    rect, rate = plot_rect(picture.layout), picture.sample_rate_hz
    times = marks.samples[marks.is_highlighted] / rate
    left = picture.layout.x_of(times - SPIKE_BEFORE_MS / 1000, window)
    right = picture.layout.x_of(times + SPIKE_AFTER_MS / 1000, window)
    lack = np.maximum(NARROWEST_PX - (right - left), 0) / 2
    # Lanes of other sortings are between that of the sorted spikes and the rows.
    lane_y = rect.top() - (1 + len(picture.others)) * LANE_PX
    painter.save()
    painter.setClipRect(rect.adjusted(0, lane_y - rect.top(), 0, 0))
    faint, clear = theme.color("text", 34), theme.color("text", 80)
    for x, end in zip((left - lack).tolist(), (right + lack).tolist(), strict=True):
        painter.fillRect(QRectF(x, rect.top(), end - x, rect.height()), faint)
        painter.fillRect(QRectF(x, lane_y, end - x, LANE_PX - 2), clear)
    painter.restore()
