"""Where the correlograms of a grid, their bars and their ticks lie; knows pixels, no Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..base.types import Float64Array, Int64Array

# Below that width names stand once at the sides of the grid, not over each correlogram.
LABELLED_WIDTH = 96.0
LABELLED_HEIGHT = 60.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels."""

    left: float
    top: float
    width: float
    height: float

    def contains(self, x: float, y: float) -> bool:
        """Whether a point lies inside."""
        return 0 <= x - self.left < self.width and 0 <= y - self.top < self.height


@dataclass(frozen=True, slots=True)
class Grid:
    """An n x n grid of correlograms in a widget.

    Attributes
    ----------
    n
        Correlograms along each side.
    area
        All cells together.
    strip
        Height above the bars of each cell for its label; 0: labels stand at the sides.
    gap
        Free pixels between two cells.
    has_ticks
        Whether lags are written below each column.
    merged
        Place of the bars of the selection as one cluster; None: not shown.
    """

    n: int
    area: Box
    strip: float
    gap: float
    has_ticks: bool = True
    merged: Box | None = None

    @property
    def is_labelled(self) -> bool:
        """Whether each cell has its own label."""
        return self.strip > 0

    def cell(self, row: int, column: int) -> Box:
        """Return a cell, label included; whole pixels."""
        left, right = self._edges(self.area.left, self.area.width, column)
        top, bottom = self._edges(self.area.top, self.area.height, row)
        return Box(left, top, right - left, bottom - top)

    def bars_of(self, row: int, column: int) -> Box:
        """Return the part of a cell that holds the bars."""
        cell = self.cell(row, column)
        return Box(cell.left, cell.top + self.strip, cell.width, cell.height - self.strip)

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Return the row and the column of the cell at a point."""
        if not self.n or not self.area.contains(x, y):
            return None
        row = int((y - self.area.top) / self.area.height * self.n)
        column = int((x - self.area.left) / self.area.width * self.n)
        return (row, column) if self.cell(row, column).contains(x, y) else None

    def _edges(self, start: float, length: float, index: int) -> tuple[float, float]:
        first = start + index * length / self.n
        last = start + (index + 1) * length / self.n
        return round(first), max(round(first) + 1.0, round(last - self.gap))


def lay_out(
    n: int,
    width: float,
    height: float,
    line: float,
    name_width: float,
    tick_width: float,
    *,
    has_merged: bool = False,
) -> Grid:
    """Place n x n correlograms.

    Parameters
    ----------
    n
        Correlograms along each side.
    width, height
        Pixels of the widget.
    line
        Height of a line of text.
    name_width
        Width of the longest cluster id.
    tick_width
        Width of the longest lag; three of them must have room below a column.
    has_merged
        Whether the selection as one cluster stands at the right of them, where there is room.
    """
    has_merged = has_merged and width - _merged_width(width) >= name_width + 26 + 4 * n
    total, width = width, width - _merged_width(width) if has_merged else width
    has_ticks = n > 0 and (width - 16) / n >= 3 * tick_width + 24
    bottom = (2 if has_ticks else 1) * line + 8
    is_labelled = n > 0 and (width - 16) / n >= LABELLED_WIDTH
    is_labelled = is_labelled and (height - bottom) / n >= LABELLED_HEIGHT
    left, top = (8.0, 4.0) if is_labelled else (name_width + 22, line + 6)
    area = Box(left, top, max(width - left - 4, n + 1.0), max(height - top - bottom, n + 1.0))
    pitch = min(area.width, area.height) / max(n, 1)
    gap = 12.0 if is_labelled else max(1.0, min(6.0, math.floor(pitch / 8)))
    strip = math.ceil(line) + 2.0
    merged = None
    if has_merged:
        # Its floor and its lags are at the height of those of the grid.
        across = max(1.0, total - width - 16)
        tall = min(area.height - strip - gap, 0.75 * across)
        floor = area.top + area.height - gap
        merged = Box(round(width) + 8.0, round(floor - tall), round(across), max(1.0, round(tall)))
    return Grid(n, area, strip if is_labelled else 0.0, gap, has_ticks, merged)


def _merged_width(width: float) -> float:
    return min(max(0.32 * width, 110.0), 360.0, 0.5 * width)


def bars(
    counts: Int64Array | Float64Array,
    largest: Float64Array,
    boxes: Float64Array,
    pixel: float = 1.0,
) -> tuple[Int64Array, Float64Array]:
    """Return the bars of some correlograms, at most one a pixel: it has the largest value there.

    Parameters
    ----------
    counts : int64 or float64 array, (n, n_bins)
        Counts, or other values from 0.
    largest : float64 array, (n,)
        Value that fills the height of each.
    boxes : float64 array, (n, 4), pixels
        Left, top, width, height of the place of each.
    pixel
        Size of a pixel of the device.

    Returns
    -------
    owners : int64 array, (n_bars,)
        Correlogram of each bar, increasing.
    rectangles : float64 array, (n_bars, 4), pixels
        Left, top, width, height of the bars that are not empty; each at least one pixel high, on
        whole pixels, with a pixel between two where they are wide enough.
    """
    n_bins = counts.shape[1]
    lefts, tops, widths, heights = boxes.T
    n_bars = int(min(n_bins, max(1, widths.min() // pixel)))
    first_bins = np.arange(n_bars, dtype=np.int64) * n_bins // n_bars
    edges = np.append(first_bins, n_bins) / n_bins * widths[:, None]
    edges = lefts[:, None] + np.round(edges / pixel) * pixel
    values = np.maximum.reduceat(counts, first_bins, axis=1)
    owners, index = np.nonzero(values)
    tall = values[owners, index] * (heights / np.maximum(largest, 1e-9))[owners]
    tall = np.clip(np.ceil(tall / pixel) * pixel, pixel, heights[owners])
    # Rounding may leave nothing of a bar of about a pixel: it is seen all the same.
    wide = np.maximum(np.diff(edges, axis=1)[owners, index], pixel)
    wide = np.where(wide >= 5 * pixel, wide - pixel, wide)
    starts = np.minimum(edges[owners, index], (lefts + widths)[owners] - wide)
    bottoms = (tops + heights)[owners]
    return owners, np.column_stack([starts, bottoms - tall, wide, tall])


def lag_pixel(lag_bins: float, n_bins: int, box: Box) -> float:
    """Return where a lag lies, given in bins from the centre one."""
    return box.left + (lag_bins + n_bins / 2) * box.width / n_bins


def bin_at(x: float, n_bins: int, box: Box) -> int:
    """Return the bin at a pixel."""
    return min(max(int((x - box.left) / box.width * n_bins), 0), n_bins - 1)
