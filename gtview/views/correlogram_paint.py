"""Paints the correlograms of all pairs in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from ..qt.primitives import draw_lines, fill_rects
from ..qt.theme import Theme
from ..qt.ticks import next_step, tick_step, tick_texts, ticks_between
from .correlogram_layout import Box, Grid, bars, lag_pixel

if TYPE_CHECKING:
    from ..analysis.correlograms import Correlograms

ARROW = "\N{RIGHTWARDS ARROW}"
PATCH = 7.0
NARROWEST = 1.5

Line = tuple[float, float, float, float]


class GridPainting:
    """Paints one picture of the grid."""

    def __init__(
        self,
        painter: QPainter,
        grid: Grid,
        result: Correlograms,
        colors: tuple[QColor, ...],
        theme: Theme,
    ) -> None:
        self.painter = painter
        self.grid = grid
        self.result = result
        self.colors = colors
        self.theme = theme
        self.metrics = QFontMetricsF(painter.font())

    def paint(self, places: list[tuple[int, int, Box]], pixel: float, is_uniform: bool) -> None:
        largest = self._largest(is_uniform)
        self._paint_bars(places, largest, pixel)
        self._paint_lines(places, largest)
        if self.grid.is_labelled:
            for row, column, box in places:
                self._paint_label(row, column, box)
        else:
            self._paint_names(places)
        self._paint_lags()

    def _largest(self, is_uniform: bool) -> np.ndarray:
        """Return the count that fills each cell, (n, n)."""
        largest = self.result.counts.max(axis=2).astype(np.float64)
        return np.full_like(largest, largest.max()) if is_uniform else largest

    def _paint_bars(
        self, places: list[tuple[int, int, Box]], largest: np.ndarray, pixel: float
    ) -> None:
        rows, columns = np.array([(row, column) for row, column, _ in places]).T
        boxes = np.array([(box.left, box.top, box.width, box.height) for *_, box in places])
        owners, made = bars(
            self.result.counts[rows, columns], largest[rows, columns], boxes, pixel
        )
        fill_rects(self.painter, made[(rows != columns)[owners]], self._neutral())
        for place in np.flatnonzero(rows == columns):
            first, last = np.searchsorted(owners, [place, place + 1])
            fill_rects(self.painter, made[first:last], self.colors[rows[place]])

    def _neutral(self) -> QColor:
        """Return the colour of pairs: calmer than any cluster's."""
        quiet, plot = self.theme.color("quiet"), self.theme.color("plot")
        parts = zip(quiet.getRgb()[:3], plot.getRgb()[:3], strict=True)
        return QColor(*(round(0.75 * a + 0.25 * b) for a, b in parts))  # type: ignore[operator]

    def _paint_lines(self, places: list[tuple[int, int, Box]], largest: np.ndarray) -> None:
        floors: list[Line] = []
        expected: list[Line] = []
        refractory: list[Line] = []
        bins = self.result.bins
        lag = self.result.refractory_ms / bins.bin_ms
        for row, column, box in places:
            bottom = box.top + box.height
            right = box.left + box.width
            floors.append((box.left, bottom, right, bottom))
            share = self.result.expected[row, column] / max(largest[row, column], 1e-9)
            if share <= 1:  # False for NaN: the length is not known
                y = round(bottom - share * box.height) + 0.5
                expected.append((box.left, y, right, y))
            # Closer together they would hide what they are to show.
            is_clear = lag <= bins.n_half and lag * box.width / bins.n_bins >= NARROWEST
            for side in (-lag, lag) if is_clear else ():
                x = round(lag_pixel(side, bins.n_bins, box)) + 0.5
                refractory.append((x, box.top, x, bottom))
        dashes = QPen(self.theme.color("warning"), 1)
        dashes.setDashPattern([3, 3])
        pens = (
            QPen(self.theme.color("line"), 0),
            QPen(self.theme.color("text", 190), 0),
            dashes,
        )
        for lines, pen in zip((floors, expected, refractory), pens, strict=True):
            draw_lines(self.painter, np.array(lines).reshape(-1, 4), pen)

    # Texts ---------------------------------------------------------------------------------

    def _paint_label(self, row: int, column: int, box: Box) -> None:
        top = box.top - self.grid.strip
        x = self._paint_name(box.left, top, row)
        if column != row:
            self._text(x + 3, top, ARROW, "quiet")
            x = self._paint_name(x + 6 + self.metrics.horizontalAdvance(ARROW), top, column)
        room = box.left + box.width - x - 8
        text = next((t for t in self._notes(row, column) if self._width(t) <= room), "")
        self._text(box.left + box.width - self._width(text), top, text, "quiet")

    def _notes(self, row: int, column: int) -> list[str]:
        """Return what may stand beside a label, from the longest text to the shortest."""
        most = f"max {self.result.counts[row, column].max():,}"
        if row != column:
            return [most]
        violations = violation_text(self.result, row)
        return [f"{violations} \N{MIDDLE DOT} {most}", violations]

    def _paint_name(self, x: float, top: float, index: int) -> float:
        """Paint a coloured patch and a cluster id; return where they end."""
        patch = QRectF(x, top + (self.metrics.height() - PATCH) / 2, PATCH, PATCH)
        self.painter.fillRect(patch, self.colors[index])
        name = str(self.result.cluster_ids[index])
        self._text(x + PATCH + 4, top, name, "text")
        return x + PATCH + 4 + self._width(name)

    def _paint_names(self, places: list[tuple[int, int, Box]]) -> None:
        """Paint the ids once above the columns and beside the rows."""
        line = self.metrics.height()
        rows = {row: box for row, _, box in places}
        columns = {column: box for _, column, box in places}
        for index, box in columns.items():
            width = PATCH + 4 + self._width(str(self.result.cluster_ids[index]))
            if width <= box.width + self.grid.gap:
                self._paint_name(box.left + (box.width - width) / 2, 2, index)
            else:
                patch = QRectF(box.left, 2 + line / 2 - 1, box.width, 3)
                self.painter.fillRect(patch, self.colors[index])
        for index, box in rows.items():
            if box.height + self.grid.gap >= line * 0.8:
                self._paint_name(6, box.top + (box.height - line) / 2, index)
            else:
                self.painter.fillRect(QRectF(6, box.top, 3, box.height), self.colors[index])

    def _paint_lags(self) -> None:
        area = self.grid.area
        bins = self.result.bins
        reach = reach_ms(self.result)
        last = self.grid.n - 1
        values, texts = self._lag_ticks(self.grid.bars_of(last, 0).width, reach)
        bottom = area.top + area.height - self.grid.gap
        for column in range(self.grid.n):
            box = self.grid.bars_of(last, column)
            for value, text in zip(values, texts, strict=True):
                x = lag_pixel(value / bins.bin_ms, bins.n_bins, box)
                self.painter.setPen(QPen(self.theme.color("line"), 0))
                self.painter.drawLine(QPointF(x, bottom), QPointF(x, bottom + 3))
                # Within its column, so that the last one does not touch the first of the next.
                width = self._width(text)
                left = min(max(x - width / 2, box.left), box.left + box.width - width)
                self._text(left, bottom + 4, text, "quiet")
        title = "lag (ms)"
        if not texts:
            title += f", \N{MINUS SIGN}{reach:g} to {reach:g} in each"
        center = area.left + (area.width - self.grid.gap) / 2
        top = bottom + 5 + (self.metrics.height() if self.grid.has_ticks else 0)
        self._text(center - self._width(title) / 2, top, title, "quiet")

    def _lag_ticks(self, width: float, reach: float) -> tuple[list[float], list[str]]:
        """Return the ticks of one column; none when three of them have no room."""
        step = tick_step(2 * reach, 8)
        while self.grid.has_ticks and step <= reach:
            values = ticks_between(-reach, reach, step)
            texts = tick_texts(values, step)
            if max(self._width(t) for t in texts) + 8 <= step / (2 * reach) * width:
                return values.tolist(), texts
            step = next_step(step)
        return [], []

    def _width(self, text: str) -> float:
        return self.metrics.horizontalAdvance(text)

    def _text(self, x: float, top: float, text: str, color: str) -> None:
        self.painter.setPen(self.theme.color(color))
        self.painter.drawText(QPointF(x, top + self.metrics.ascent()), text)


def reach_ms(result: Correlograms) -> float:
    """Return the largest lag on each side."""
    return result.bins.n_half * result.bins.bin_ms


def violation_text(result: Correlograms, index: int) -> str:
    """Return the share of a cluster's intervals within the refractory period."""
    n_intervals = int(result.n_spikes[index]) - 1
    if n_intervals < 1:
        return ""
    percent = 100 * int(result.n_violations[index]) / n_intervals
    digits = 0 if percent == 0 or percent >= 9.95 else 1 if percent >= 0.095 else 2
    shown = f"{percent:.{digits}f}" if percent == 0 or percent >= 0.005 else "< 0.01"
    return f"{shown} % < {result.refractory_ms:g} ms"
