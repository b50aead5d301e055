"""Lanes above the traces: true and sorted spikes, and those of other sortings, by state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QLineF, QRectF, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter, QPen

from ..qt.theme import Theme, cluster_color
from ..scoring.states import SpikeState
from .spike_marks import STATE_NAMES, paint_state
from .trace_layout import LANE_PX, TimeWindow
from .trace_paint import plot_rect
from .trace_scene import DASH_PX, Picture

LEGEND_PX = 17.0
_SIGN_Y, _TICK_Y = 5.5, 10.5
# More signs than this in a lane are drawn as ticks alone.
MAX_SIGNS = 400
_FLAGS = Qt.AlignmentFlag
_RIGHT = _FLAGS.AlignRight | _FLAGS.AlignVCenter | Qt.TextFlag.TextDontClip
_LEFT = _FLAGS.AlignLeft | _FLAGS.AlignVCenter | Qt.TextFlag.TextDontClip


@dataclass(frozen=True, slots=True)
class LaneSpike:
    """A spike in a lane: time, state or None, and place in the colour list (-1: none)."""

    time_s: float
    state: int | None
    color_id: int
    index: int


def sorted_lane(picture: Picture, *, has_others: bool) -> Iterator[LaneSpike]:
    """Give the sorted spikes that the lane shows; `index` is that of the marks."""
    marks = picture.marks
    for i in range(len(marks.samples)):
        color_id = int(marks.color_ids[i])
        if color_id >= 0 or has_others:
            state = None
            if picture.states is not None:
                state = int(picture.states.sorted_states[marks.spike_ids[i]])
            yield LaneSpike(marks.samples[i] / picture.sample_rate_hz, state, color_id, i)


def true_lane(picture: Picture) -> Iterator[LaneSpike]:
    """Give the true spikes that the lane shows; `index` is that of `true_spikes`."""
    spikes = picture.true_spikes
    for i in range(0 if spikes is None else len(spikes.samples)):
        state = None
        if spikes is not None:
            if picture.states is not None:
                state = int(picture.states.true_states[spikes.positions[i]])
            yield LaneSpike(spikes.samples[i] / picture.sample_rate_hz, state, -1, i)


def other_lane(picture: Picture, place: int) -> Iterator[LaneSpike]:
    """Give the spikes of another sorting; `index` is that of its lane."""
    lane = picture.others[place]
    states = [None] * len(lane.samples) if lane.states is None else lane.states.tolist()
    times_s = lane.samples / picture.sample_rate_hz
    for i, (time_s, state) in enumerate(zip(times_s.tolist(), states, strict=True)):
        yield LaneSpike(time_s, state, -1, i)


def lane_tops(layout_top: float, n_lanes: int) -> list[float]:
    """Return where each lane begins; the last ends where the rows begin."""
    return [layout_top - (n_lanes - k) * LANE_PX for k in range(n_lanes)]


def paint_lanes(
    painter: QPainter, picture: Picture, window: TimeWindow, theme: Theme, *, has_others: bool
) -> None:
    """Paint the lane of true spikes, when there is a truth, of sorted ones, and the others."""
    lanes = [("sorted", list(sorted_lane(picture, has_others=has_others)))]
    if picture.true_spikes is not None:
        lanes.insert(0, ("true", list(true_lane(picture))))
    lanes += [(o.name, list(other_lane(picture, k))) for k, o in enumerate(picture.others)]
    rect, metrics = plot_rect(picture.layout), QFontMetricsF(painter.font())
    tops = lane_tops(rect.top(), len(lanes))
    for k, ((full_name, spikes), top) in enumerate(zip(lanes, tops, strict=True)):
        name = metrics.elidedText(full_name, Qt.TextElideMode.ElideRight, rect.left() - 5)
        is_true = k == 0 and picture.true_spikes is not None
        painter.setPen(theme.color("quiet"))
        painter.drawText(QRectF(0, top, rect.left() - 5, LANE_PX - 2), _RIGHT, name)
        painter.setPen(QPen(theme.color("grid"), 1.0))
        y = np.floor(top + LANE_PX - 1) + 0.5
        painter.drawLine(QLineF(rect.left(), y, rect.right(), y))
        painter.save()
        painter.setClipRect(QRectF(rect.left(), top - 2, rect.width(), LANE_PX + 2))
        for spike in spikes:
            x = float(picture.layout.x_of(spike.time_s, window))
            _paint_spike(painter, spike, x, top, theme, is_true=is_true, n=len(spikes))
        painter.restore()


def _paint_spike(
    painter: QPainter,
    spike: LaneSpike,
    x: float,
    top: float,
    theme: Theme,
    *,
    is_true: bool,
    n: int,
) -> None:
    if spike.color_id >= 0:
        color = cluster_color(spike.color_id)
    else:
        color = theme.color("truth", 200) if is_true else theme.color("quiet", 170)
    has_sign = spike.state is not None and n <= MAX_SIGNS
    painter.setPen(QPen(color, 1.6 if spike.color_id >= 0 else 1.2))
    painter.drawLine(QLineF(x, top + (_TICK_Y if has_sign else 2), x, top + LANE_PX - 2))
    if has_sign and spike.state is not None:
        paint_state(painter, spike.state, x, top + _SIGN_Y)


def paint_errors(
    painter: QPainter, picture: Picture, window: TimeWindow, *, has_others: bool
) -> None:
    """Mark missed and false spikes in the rows too, where each is largest."""
    if picture.states is None or picture.look.is_image:
        return
    layout = picture.layout
    row_of = {int(channel): row for row, channel in enumerate(layout.channel_ids)}
    found = []
    if picture.true_channels is not None:
        channels = picture.true_channels.tolist()
        found += [
            (s.time_s, SpikeState.MISSED, channels[s.index])
            for s in true_lane(picture)
            if s.state == SpikeState.MISSED
        ]
    found += [
        (s.time_s, SpikeState.FALSE, int(channel))
        for s in sorted_lane(picture, has_others=has_others)
        for channel in picture.channels[s.index][:1]
        if s.state == SpikeState.FALSE
    ]
    painter.save()
    painter.setClipRect(plot_rect(layout))
    for time_s, state, channel in found[:MAX_SIGNS]:
        if channel in row_of:
            x, y = float(layout.x_of(time_s, window)), float(layout.row_y[row_of[channel]])
            paint_state(painter, state, x, y - 9, 4.5)
    painter.restore()


def paint_legend(painter: QPainter, picture: Picture, theme: Theme, *, has_lanes: bool) -> None:
    """Say in the line above everything what signs and lines mean; from the right."""
    metrics = QFontMetricsF(painter.font())
    right = plot_rect(picture.layout).right() - 4
    y = LEGEND_PX / 2

    def write(text: str, sign_px: float) -> float:
        nonlocal right
        wide = metrics.horizontalAdvance(text)
        painter.setPen(theme.color("quiet"))
        painter.drawText(QRectF(right - wide, 0, wide, LEGEND_PX), _LEFT, text)
        right -= wide + sign_px + 16
        return right + 16

    if picture.traces.truth is not None and not picture.look.is_image:
        x = write("true signal", 26)
        pen = QPen(theme.color("truth"), 1.4)
        pen.setDashPattern([DASH_PX / 1.4, DASH_PX / 1.4])
        painter.setPen(pen)
        painter.drawLine(QLineF(x, y, x + 20, y))
    if picture.traces.prediction is not None and not (
        picture.look.is_residual or picture.look.is_image
    ):
        x = write("prediction", 26)
        painter.setPen(QPen(theme.color("text"), 1.4))
        painter.drawLine(QLineF(x, y, x + 20, y))
    if has_lanes and picture.states is not None:
        order = (SpikeState.ELSEWHERE, SpikeState.FALSE, SpikeState.MISSED, SpikeState.FOUND)
        for state in order:
            x = write(STATE_NAMES[state], 12)
            paint_state(painter, state, x + 4, y)
