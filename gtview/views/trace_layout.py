"""Where times and channels are in the trace view; pixels and seconds only."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..base.types import Float64Array, Int32Array

SHORTEST_S = 0.002
LONGEST_S = 30.0
LANE_PX = 17.0
# Free rows between two shanks.
SHANK_GAP = 1.0


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """What is seen of a recording, in seconds."""

    start_s: float
    stop_s: float

    @property
    def length_s(self) -> float:
        """Seconds in sight."""
        return self.stop_s - self.start_s

    @property
    def middle_s(self) -> float:
        """Time in the middle."""
        return (self.start_s + self.stop_s) / 2

    def moved(self, by_s: float) -> TimeWindow:
        """Return it later by some seconds."""
        return TimeWindow(self.start_s + by_s, self.stop_s + by_s)

    def centred(self, at_s: float) -> TimeWindow:
        """Return it with another time in the middle."""
        return self.moved(at_s - self.middle_s)

    def zoomed(self, at_s: float, factor: float, longest_s: float = LONGEST_S) -> TimeWindow:
        """Return it longer by a factor, with one time staying where it is on the screen."""
        length = min(max(self.length_s * factor, SHORTEST_S), longest_s)
        share = (at_s - self.start_s) / self.length_s
        return TimeWindow(at_s - share * length, at_s + (1 - share) * length)

    def within(self, duration_s: float) -> TimeWindow:
        """Return it moved such that it lies in a recording, or covers all of a shorter one."""
        if self.length_s >= duration_s:
            return TimeWindow(0.0, self.length_s)
        return self.moved(max(0.0, -self.start_s) - max(0.0, self.stop_s - duration_s))


@dataclass(frozen=True, slots=True)
class RowZoom:
    """How the rows are stretched: pixel = scale * place + shift, from the top of the rows."""

    scale: float = 1.0
    shift: float = 0.0

    def zoomed(self, at: float, factor: float) -> RowZoom:
        """Return it stretched such that what is at a pixel stays there; never below all rows."""
        scale = min(max(self.scale * factor, 1.0), 60.0)
        return RowZoom(scale, at - (at - self.shift) * scale / self.scale)

    def moved(self, by: float) -> RowZoom:
        """Return it moved by some pixels."""
        return replace(self, shift=self.shift + by)

    def within(self, height: float) -> RowZoom:
        """Return it such that rows fill the height."""
        return replace(self, shift=min(max(self.shift, height * (1 - self.scale)), 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class TraceLayout:
    """Rows and margins.

    Attributes
    ----------
    width, height
        Pixels of the widget.
    left, top, bottom
        Margins around the traces: channel numbers, lanes of spikes, time axis.
    channel_ids : int32 array, (n_rows,)
        From the top downwards.
    row_y : float64 array, (n_rows,)
        Where the value 0 of each is, from the top of the widget.
    row_px
        From one row to the next.
    shank_y : tuple of float
        Where a shank ends and the next begins.
    """

    width: int
    height: int
    left: float
    top: float
    bottom: float
    channel_ids: Int32Array
    row_y: Float64Array
    row_px: float
    shank_y: tuple[float, ...]

    @property
    def plot_width(self) -> float:
        """Pixels of the traces along time."""
        return max(self.width - self.left, 1.0)

    @property
    def plot_height(self) -> float:
        """Pixels of all rows that are seen."""
        return max(self.height - self.top - self.bottom, 1.0)

    def x_of(self, times_s: Float64Array | float, window: TimeWindow) -> Float64Array:
        """Return the pixels of some times."""
        share = (np.asarray(times_s, np.float64) - window.start_s) / window.length_s
        return self.left + share * self.plot_width

    def time_at(self, x: float, window: TimeWindow) -> float:
        """Return the time at a pixel."""
        return window.start_s + (x - self.left) / self.plot_width * window.length_s

    def row_at(self, y: float) -> int | None:
        """Return the row at a pixel; None beside all of them."""
        if not len(self.row_y) or not self.top <= y <= self.height - self.bottom:
            return None
        row = int(np.abs(self.row_y - y).argmin())
        return row if abs(self.row_y[row] - y) <= max(self.row_px, 6.0) else None


def lay_out(
    channel_ids: Int32Array,
    shanks: Int32Array,
    size: tuple[int, int],
    margins: tuple[float, float, float],
    zoom: RowZoom,
) -> TraceLayout:
    """Place the rows of some channels.

    Parameters
    ----------
    channel_ids, shanks : int32 arrays, (n_rows,)
        Channels from the top downwards, and the shank of each.
    size
        Pixels of the widget.
    margins
        Left, top and bottom.
    zoom
        Of the rows.
    """
    left, top, bottom = margins
    height = max(size[1] - top - bottom, 1.0)
    is_next = np.diff(shanks, prepend=shanks[:1]) != 0
    place = np.arange(len(channel_ids)) + SHANK_GAP * np.cumsum(is_next)
    row_px = height / max(float(place[-1]) + 1 if len(place) else 1.0, 1.0)
    zoom = zoom.within(height)

    def to_y(rows: Float64Array) -> Float64Array:
        y: Float64Array = top + (rows + 0.5) * row_px * zoom.scale + zoom.shift
        return y

    gaps = to_y(place[is_next] - (1 + SHANK_GAP) / 2)
    return TraceLayout(
        size[0], size[1], left, top, bottom, channel_ids, to_y(place), row_px * zoom.scale,
        tuple(gaps.tolist()),
    )  # fmt: skip
