"""Lines drawn around waveforms: from pixels to milliseconds and microvolts of a channel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PyQt6.QtCore import QPointF

from ..base.types import Float64Array
from ..kernels.polygons import curves_through_polygon
from ..qt.canvas import Canvas
from ..qt.lasso import Plot, Spot
from .waveform_scene import Scene

# A corner within so many boxes of the channel of the first one continues the line.
_REACH = 2.0


class ChannelFrame:
    """The boxes of channels; a line belongs to the channel in whose box it begins.

    x is in widths of a box from its middle, y in the unit of the waveforms from their zero line:
    so a line stays where it is on the waveforms, whatever is stretched or moved.
    """

    def __init__(self, canvas: Canvas, scene: Callable[[], Scene | None]) -> None:
        self._canvas, self._scene = canvas, scene

    def locate(self, at: QPointF, plot: Plot | None) -> Spot | None:
        """Return the channel, and what is at a pixel in its box."""
        scene = self._scene()
        if scene is None:
            return None
        x, y = self._canvas.viewport.place(at.x(), at.y())
        channel = scene.layout.channel_at(x, y) if plot is None else plot
        row = row_of(scene, channel)
        if row is None:
            return None
        width, height = scene.layout.box
        across = (x - scene.layout.centers[row, 0]) / width
        up = (scene.layout.zero_y()[row] - y) / height * scene.per_box
        return channel, float(across), float(up)

    def to_pixels(self, spot: Spot) -> QPointF | None:
        """Return the pixel of a place in the box of a channel; None when it is not shown."""
        scene = self._scene()
        row = None if scene is None else row_of(scene, spot[0])
        if scene is None or row is None:
            return None
        (x,), (y,) = _places(scene, row, np.array([spot[1:]]))
        viewport = self._canvas.viewport
        return QPointF(float(viewport.x(x)), float(viewport.y(y)))

    def continues(self, plot: Plot | None, at: QPointF) -> bool:
        """Whether it is near the box of the channel: waveforms are larger than their boxes."""
        scene = self._scene()
        row = None if scene is None else row_of(scene, plot)
        if scene is None or row is None:
            return False
        x, y = self._canvas.viewport.place(at.x(), at.y())
        middle, (width, height) = scene.layout.centers[row], scene.layout.box
        is_near = abs(x - middle[0]) <= _REACH * width and abs(y - middle[1]) <= _REACH * height
        return bool(is_near)


def nearest_channel(scene: Scene, channel: Any, corners: Float64Array) -> Any:
    """Return the channel that a line is meant for: its waveforms pass through it, or are nearest.

    Waveforms may be larger than their box, so it is not always the one that was pointed at first.

    Parameters
    ----------
    scene, channel
        What is shown, and to which channel the line belongs now.
    corners : float64 array, (n, 2)
        As `ChannelFrame` tells them for that channel.
    """
    row = row_of(scene, channel)
    if row is None:
        return channel
    layout = scene.layout
    x, y = _places(scene, row, corners)
    away_x, away_y = (np.abs(layout.centers - [x.mean(), y.mean()]) / np.array(layout.box)).T
    near = np.flatnonzero((away_x <= _REACH / 2) & (away_y <= _REACH))
    if not len(near):
        return channel
    away = [_distance(scene, int(k), x, y) - 1e-6 * (k == row) for k in near]
    return int(layout.channel_ids[near[int(np.argmin(away))]])


def _distance(scene: Scene, row: int, x: Float64Array, y: Float64Array) -> float:
    """Return how far a line is from the mean waveforms of a channel; 0: they pass through it."""
    layout, nearest = scene.layout, np.inf
    outline = np.column_stack([x, y])
    n = len(scene.times_ms)
    for curves in scene.thick or scene.thin:
        mean = curves.values[:, :, row].mean(axis=0)
        places = layout.zero_y()[row] - mean / scene.per_box * layout.box[1]
        across = layout.curve_left(curves.slot)[row] + np.linspace(0, layout.curve_width, n)
        if curves_through_polygon(across, places[None], outline)[0]:
            return 0.0
        nearest = min(nearest, float(np.abs(np.interp(x, across, places) - y).min()))
    return nearest


def _places(scene: Scene, row: int, corners: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return x and y of corners in the drawing."""
    layout = scene.layout
    x = layout.centers[row, 0] + corners[:, 0] * layout.box[0]
    y = layout.zero_y()[row] - corners[:, 1] / scene.per_box * layout.box[1]
    return x, y


def moved_to(scene: Scene, channel: Any, corners: Float64Array, to: Any) -> Float64Array:
    """Return the corners of a line as they are told for another channel, (n, 2)."""
    row, new = row_of(scene, channel), row_of(scene, to)
    if row is None or new is None:
        return corners
    layout = scene.layout
    x, y = _places(scene, row, corners)
    across = (x - layout.centers[new, 0]) / layout.box[0]
    return np.column_stack([across, (layout.zero_y()[new] - y) / layout.box[1] * scene.per_box])


def row_of(scene: Scene, channel: Any) -> int | None:
    """Return the place of a channel among those that are shown."""
    if channel is None:
        return None
    found = np.flatnonzero(scene.layout.channel_ids == channel)
    return int(found[0]) if len(found) else None


def curve_polygon(scene: Scene, channel: Any, slot: int, corners: Float64Array) -> Float64Array:
    """Return a line in ms and in the unit of the waveforms, as it lies on one cluster's.

    Where clusters stand side by side, the same line is at other times of each of them.

    Parameters
    ----------
    scene
        What is shown.
    channel
        To which the line belongs.
    slot
        Where the cluster stands in the box.
    corners : float64 array, (n, 2)
        As `ChannelFrame` tells them.
    """
    row = row_of(scene, channel)
    if row is None:
        return np.empty((0, 2))
    layout = scene.layout
    x, _ = _places(scene, row, corners)
    share = (x - layout.curve_left(slot)[row]) / layout.curve_width
    start, stop = float(scene.times_ms[0]), float(scene.times_ms[-1])
    return np.column_stack([start + share * (stop - start), corners[:, 1]])
