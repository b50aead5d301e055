"""What the mouse does in the trace view."""

from __future__ import annotations

from typing import Any

import numpy as np
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtWidgets import QWidget

from .trace_canvas import TraceCanvas
from .trace_errors import TraceErrors
from .trace_lanes import lane_tops
from .trace_layout import LANE_PX, RowZoom
from .trace_navigation import ZOOM
from .trace_scene import Picture, pick_spike

REACH_PX = 12.0
_WHEEL = 1.15
_CTRL = Qt.KeyboardModifier.ControlModifier
_ALT = Qt.KeyboardModifier.AltModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_NONE = Qt.KeyboardModifier.NoModifier
_LEFT_BUTTON = Qt.MouseButton.LeftButton


class TraceGestures(TraceErrors):
    """Wheel, drag and click on the canvas, and the scale of the traces."""

    canvas: TraceCanvas

    def __init__(self, context: Any, parent: QWidget | None = None) -> None:
        self.picture: Picture | None = None
        self._gain = 1.0
        super().__init__(context, parent)

    def reset(self) -> None:
        """Show the first interval, all rows, at the first scale."""
        raise NotImplementedError

    def connect_canvas(self) -> None:
        """Listen to the canvas."""
        self.canvas.wheeled.connect(self._on_wheel)
        self.canvas.dragged.connect(self._on_drag)
        self.canvas.clicked.connect(self._on_click)
        self.canvas.home_asked.connect(self.reset)
        self.canvas.resized.connect(self.invalidate_if_resized)

    def scale_up(self) -> None:
        """Draw traces larger."""
        self._scale(ZOOM)

    def scale_down(self) -> None:
        """Draw traces smaller."""
        self._scale(1 / ZOOM)

    def wheelEvent(self, event: Any) -> None:
        # Where an error is shown instead of the traces, one must get away from it.
        if self.error is not None:
            self.canvas.wheelEvent(event)

    def _on_wheel(self, at: QPointF, steps: float, modifiers: Any) -> None:
        if modifiers == _ALT:
            self.scroll(-0.1 * steps)
        elif modifiers == _CTRL:
            self._scale(_WHEEL**steps)
        elif modifiers == _SHIFT and self.picture is not None:
            zoom = self.zoom.zoomed(at.y() - self.picture.layout.top, _WHEEL**steps)
            self._set_zoom(zoom)
        elif modifiers == _NONE:
            self.zoom_time(self._time_at(at.x()), _WHEEL**-steps)

    def _on_drag(self, dx: float, dy: float) -> None:
        if self.picture is None:
            return
        self._set_zoom(self.zoom.moved(dy))
        self.scroll(-dx / self.picture.layout.plot_width)

    def _on_click(self, at: QPointF, button: Any, modifiers: Any) -> None:
        is_left = button == _LEFT_BUTTON
        if self.picture is None:
            return
        if modifiers == _CTRL and is_left:
            self._pick(at)
            return
        row = self.picture.layout.row_at(at.y())
        if row is None:
            return
        channel_id = int(self.picture.layout.channel_ids[row])
        if modifiers == _SHIFT and is_left:
            self._choose_channel(channel_id, 0)
        elif modifiers == _CTRL and button == Qt.MouseButton.RightButton:
            self._choose_channel(channel_id, 1)

    def _pick(self, at: QPointF) -> None:
        """Select the cluster of the spike at a place; in the lane of true spikes the unit."""
        picture = self.picture
        if picture is None:
            return
        at_s = self._time_at(at.x())
        reach_s = REACH_PX / picture.layout.plot_width * self._now().length_s
        row = picture.layout.row_at(at.y())
        index = None if row is None else pick_spike(picture, at_s, row, reach_s)
        if index is None and at.y() < picture.layout.top:
            index = self._pick_in_lane(at.y(), at_s, reach_s)
        if index is not None:
            self.session.select_clusters([int(picture.marks.clusters[index])], source=self)

    def _pick_in_lane(self, y: float, at_s: float, reach_s: float) -> int | None:
        picture = self.picture
        if picture is None or not self.settings.has_lanes:
            return None
        true, rate = picture.true_spikes, picture.sample_rate_hz
        n_own = 1 if true is None else 2
        tops = lane_tops(picture.layout.top, n_own + len(picture.others))
        if y >= tops[n_own - 1] + LANE_PX:
            return None  # of another sorting
        tops = tops[:n_own]
        if true is not None and tops[0] <= y < tops[1] and len(true.samples):
            distance = np.abs(true.samples / rate - at_s)
            nearest = int(distance.argmin())
            if distance[nearest] <= reach_s and self.session.truth is not None:
                unit = int(true.units[nearest])
                self.session.select_unit(self.session.truth.unit_ids[unit], source=self)
            return None
        is_shown = (picture.marks.color_ids >= 0) | self.settings.has_all_spikes
        distance = np.abs(picture.marks.samples / rate - at_s)
        distance[~is_shown] = np.inf
        if y < tops[-1] or not len(distance) or distance.min() > reach_s:
            return None
        return int(distance.argmin())

    def _choose_channel(self, channel_id: int, place: int) -> None:
        """Make it the first or second channel; one that already is goes back to automatic."""
        chosen = list(self.session.selection.state.channel_ids[:2])
        if chosen[place : place + 1] == [channel_id]:
            del chosen[place]
        elif place == 0:
            chosen = [channel_id, *(c for c in chosen[1:] if c != channel_id)]
        else:
            chosen = [*(c for c in chosen[:1] if c != channel_id), channel_id]
        self.session.selection.update(channel_ids=tuple(chosen), source=self)

    def _time_at(self, x: float) -> float:
        if self.picture is None:
            return self._now().middle_s
        return self.picture.layout.time_at(x, self._now())

    def _scale(self, factor: float) -> None:
        self._gain = min(max(self._gain * factor, 0.01), 100.0)
        self.invalidate()

    def _set_zoom(self, zoom: RowZoom) -> None:
        height = 1.0 if self.picture is None else self.picture.layout.plot_height
        zoom = zoom.within(height)
        if zoom != self.zoom:
            self.zoom = zoom
            self.invalidate()
