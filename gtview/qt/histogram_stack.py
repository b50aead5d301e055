"""Histograms above one another that share a horizontal axis; one item paints them all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from ..base.types import Float64Array
from .plot import PlotPanel, small_font
from .plot_items import PixelItem
from .primitives import draw_lines, fill_rects
from .theme import Theme

# Lower rows have no room for a text above their bars.
LOWEST_WITH_TEXT = 34.0
GAP = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """One row.

    Attributes
    ----------
    edges : float64 array, (n_bins + 1,)
        In the coordinates of the horizontal axis.
    values : float64 array, (n_bins,)
        Heights, from 0.
    color
        Of the bars.
    notes
        What may stand above the bars at the right, the longest text first.
    """

    edges: Float64Array
    values: Float64Array
    color: QColor
    notes: tuple[str, ...] = ()


class HistogramStack(PixelItem):
    """Row k lies between k and k + 1 of a vertical axis that points downwards."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.rows: tuple[Histogram, ...] = ()
        self.largest: tuple[float, ...] = ()
        self.line_x: float | None = None
        self._under: tuple[int, int] | None = None

    def set_rows(
        self,
        rows: tuple[Histogram, ...],
        *,
        is_uniform: bool = False,
        line_x: float | None = None,
    ) -> None:
        """Show histograms, all on one scale or each on its own; dashes at `line_x`."""
        self.rows = rows
        most = [float(row.values.max(initial=0.0)) for row in rows]
        self.largest = tuple([max(most, default=0.0)] * len(rows) if is_uniform else most)
        self.line_x = line_x
        self._under = None
        self.update()

    def set_under(self, under: tuple[int, int] | None) -> None:
        """Mark a bin, given by row and index."""
        if under != self._under:
            self._under = under
            self.update()

    def bin_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Return row and bin at a point, in the coordinates of the axes."""
        row = int(np.floor(y))
        if not 0 <= row < len(self.rows):
            return None
        edges = self.rows[row].edges
        index = int(np.searchsorted(edges, x, side="right")) - 1
        return (row, index) if 0 <= index < len(edges) - 1 else None

    def bars_rect(self, panel: PlotPanel, row: int) -> QRectF:
        """Return where the bars of a row lie, in pixels."""
        top, bottom = (round(panel.to_pixels(0, y).y()) for y in (row, row + 1))
        has_text = bottom - top >= LOWEST_WITH_TEXT
        text = QFontMetricsF(small_font()).height() if has_text else 0.0
        gap = GAP if bottom - top >= 3 * GAP else 0.0
        start = top + text + gap
        return QRectF(0, start, panel.box.rect().width(), max(bottom - start, 1.0))

    # Painting ------------------------------------------------------------------------------

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        painter.setFont(small_font())
        pixel = 1.0 / max(painter.deviceTransform().m11(), 1.0)
        for k, row in enumerate(self.rows):
            rect = self.bars_rect(panel, k)
            made = self._bars(panel, row, self.largest[k], rect, pixel)
            fill_rects(painter, made, row.color)
            floor = rect.bottom()
            line = np.array([[0.0, floor, rect.width(), floor]])
            draw_lines(painter, line, QPen(self.theme.color("line"), 0))
        self._paint_line(painter, panel)
        if self._under is not None:
            self._paint_under(painter, panel, *self._under)

    def _bars(
        self, panel: PlotPanel, row: Histogram, largest: float, rect: QRectF, pixel: float
    ) -> Float64Array:
        """Return the bars in sight, at most one a pixel: it has the largest value there."""
        low, high = panel.x_range
        first = max(int(np.searchsorted(row.edges, low, side="right")) - 1, 0)
        stop = min(int(np.searchsorted(row.edges, high)), len(row.values))
        if stop <= first or largest <= 0:
            return np.empty((0, 4))
        share = (row.edges[first : stop + 1] - low) / (high - low)
        places = np.round(np.clip(share, -0.1, 1.1) * rect.width() / pixel) * pixel
        lefts, starts = np.unique(places[:-1], return_index=True)
        values = np.maximum.reduceat(row.values[first:stop], starts)
        widths = np.maximum(np.diff(np.append(lefts, places[-1])), pixel)
        widths = np.where(widths >= 5 * pixel, widths - pixel, widths)
        tall = np.ceil(values / largest * rect.height() / pixel) * pixel
        is_seen = values > 0
        bars = np.column_stack([lefts, rect.bottom() - tall, widths, tall])
        return np.asarray(bars[is_seen], np.float64)

    def _paint_line(self, painter: QPainter, panel: PlotPanel) -> None:
        if self.line_x is None or not panel.x_range[0] < self.line_x < panel.x_range[1]:
            return
        x = round(panel.to_pixels(self.line_x, 0).x()) + 0.5
        lines = []
        for k in range(len(self.rows)):
            rect = self.bars_rect(panel, k)
            lines.append((x, rect.top(), x, rect.bottom()))
        pen = QPen(self.theme.color("warning"), 1)
        pen.setDashPattern([3, 3])
        draw_lines(painter, np.array(lines, np.float64).reshape(-1, 4), pen)

    def _paint_under(self, painter: QPainter, panel: PlotPanel, row: int, index: int) -> None:
        edges = self.rows[row].edges
        left, right = (panel.to_pixels(x, 0).x() for x in edges[index : index + 2])
        rect = self.bars_rect(panel, row)
        place = QRectF(left, rect.top(), max(right - left, 1.0), rect.height())
        painter.fillRect(place, self.theme.color("text", 70))


class StackNotes(PixelItem):
    """What is written above the bars; above all other items, so that nothing veils it."""

    def __init__(self, stack: HistogramStack) -> None:
        super().__init__()
        self._stack = stack
        self.setZValue(30)

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        painter.setFont(small_font())
        painter.setPen(self._stack.theme.color("quiet"))
        metrics = QFontMetricsF(painter.font())
        for k, row in enumerate(self._stack.rows):
            rect = self._stack.bars_rect(panel, k)
            top = panel.to_pixels(0, k).y()
            if rect.top() - top < metrics.height():
                continue
            room = rect.width() - 2 * GAP
            text = next((t for t in row.notes if metrics.horizontalAdvance(t) <= room), "")
            x = rect.right() - GAP - metrics.horizontalAdvance(text)
            painter.drawText(QPointF(x, top + 1 + metrics.ascent()), text)
