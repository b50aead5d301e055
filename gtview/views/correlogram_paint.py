"""Paints the correlograms of all pairs in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from ..qt.primitives import draw_lines, fill_rects
from ..qt.theme import Theme
from ..qt.ticks import MINUS
from .correlogram_lags import Line, expected_lines, lag_ticks
from .correlogram_layout import Box, Grid, bars, lag_pixel
from .correlogram_text import ARROW, violation_text
from .correlogram_values import CellValues

if TYPE_CHECKING:
    from ..analysis.correlograms import Correlograms

PATCH = 7.0
NARROWEST = 1.5

Place = tuple[int, int, Box]


class GridPainting:
    """Paints one picture of the grid."""

    def __init__(
        self,
        painter: QPainter,
        grid: Grid,
        result: Correlograms,
        values: CellValues,
        colors: tuple[QColor, ...],
        theme: Theme,
        names: tuple[str, ...],
    ) -> None:
        self.painter = painter
        self.grid = grid
        self.result = result
        self.values = values
        self.colors = colors
        self.theme = theme
        self.names = names
        self.metrics = QFontMetricsF(painter.font())

    def paint(self, places: list[Place], pixel: float, is_uniform: bool) -> None:
        largest = self._largest(is_uniform)
        cells = [place for place in places if place[0] < len(self.colors)]
        merged = [place for place in places if place[0] >= len(self.colors)]
        for part in (cells, merged):
            self._paint_bars(part, largest, pixel)
        self._paint_lines(places, largest)
        if self.grid.is_labelled:
            for row, column, box in cells:
                self._paint_label(row, column, box)
        else:
            self._paint_names(cells)
        self._paint_lags()
        for _, _, box in merged:
            self._paint_merged(box)

    def _largest(self, is_uniform: bool) -> np.ndarray:
        """Return the value that fills each cell."""
        values = np.where(np.isfinite(self.values.values), self.values.values, 0.0)
        largest = values.max(axis=2)
        n = len(self.colors)
        if is_uniform:
            largest[:n, :n] = largest[:n, :n].max()
        return largest

    def _paint_bars(self, places: list[Place], largest: np.ndarray, pixel: float) -> None:
        if not places:
            return
        rows, columns = np.array([(row, column) for row, column, _ in places]).T
        boxes = np.array([(box.left, box.top, box.width, box.height) for *_, box in places])
        values = np.nan_to_num(self.values.values[rows, columns], posinf=0.0)
        owners, made = bars(values, largest[rows, columns], boxes, pixel)
        fill_rects(self.painter, made[(rows != columns)[owners]], self._neutral())
        for place in np.flatnonzero(rows == columns):
            first, last = np.searchsorted(owners, [place, place + 1])
            fill_rects(self.painter, made[first:last], self._color(rows[place]))

    def _color(self, row: int) -> QColor:
        return self.colors[row] if row < len(self.colors) else self.theme.color("quiet")

    def _neutral(self) -> QColor:
        """Return the colour of pairs: calmer than any cluster's."""
        quiet, plot = self.theme.color("quiet"), self.theme.color("plot")
        parts = zip(quiet.getRgb()[:3], plot.getRgb()[:3], strict=True)
        return QColor(*(round(0.75 * a + 0.25 * b) for a, b in parts))  # type: ignore[operator]

    def _paint_lines(self, places: list[Place], largest: np.ndarray) -> None:
        floors: list[Line] = []
        expected: list[Line] = []
        refractory: list[Line] = []
        bins = self.result.bins
        lag = float(bins.positions(self.result.refractory_ms))
        for row, column, box in places:
            bottom = box.top + box.height
            floors.append((box.left, bottom, box.left + box.width, bottom))
            expected += expected_lines(
                self.values.expected[row, column] / max(largest[row, column], 1e-9), box
            )
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
        self._paint_note(x, top, box, self._notes(row, column))

    def _paint_merged(self, box: Box) -> None:
        """Paint name and lags of the selection as one cluster."""
        n = len(self.colors)
        top = box.top - self.metrics.height() - 2
        name = "as one cluster"
        notes = self._notes(n, n)
        # What matters is the number, not the name.
        if self._width(name) + 8 + self._width(notes[-1]) > box.width:
            name = "as one"
        self._text(box.left, top, name, "text")
        self._paint_note(box.left + self._width(name), top, box, notes)
        self._paint_lag_ticks(box)

    def _paint_note(self, x: float, top: float, box: Box, notes: list[str]) -> None:
        room = box.left + box.width - x - 8
        text = next((t for t in notes if self._width(t) <= room), "")
        self._text(box.left + box.width - self._width(text), top, text, "quiet")

    def _notes(self, row: int, column: int) -> list[str]:
        """Return what may stand beside a label, from the longest text to the shortest."""
        values = self.values.values[row, column]
        largest = float(values[np.isfinite(values)].max(initial=0.0))
        most = f"max {self.values.text(largest)}"
        if row != column:
            return [most]
        violations = violation_text(self.result, row)
        return [f"{violations} \N{MIDDLE DOT} {most}", violations]

    def _paint_name(self, x: float, top: float, index: int) -> float:
        """Paint a coloured patch and a cluster id; return where they end."""
        patch = QRectF(x, top + (self.metrics.height() - PATCH) / 2, PATCH, PATCH)
        self.painter.fillRect(patch, self.colors[index])
        name = self.names[index]
        self._text(x + PATCH + 4, top, name, "text")
        return x + PATCH + 4 + self._width(name)

    def _paint_names(self, places: list[Place]) -> None:
        """Paint the ids once above the columns and beside the rows."""
        line = self.metrics.height()
        rows = {row: box for row, _, box in places}
        columns = {column: box for _, column, box in places}
        for index, box in columns.items():
            width = PATCH + 4 + self._width(self.names[index])
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

    # Lags ----------------------------------------------------------------------------------

    def _paint_lags(self) -> None:
        area, reach = self.grid.area, self.result.bins.reach_ms
        last = self.grid.n - 1
        bottom = area.top + area.height - self.grid.gap
        n_texts = 0
        for column in range(self.grid.n if self.grid.has_ticks else 0):
            n_texts += self._paint_lag_ticks(self.grid.bars_of(last, column))
        title = "lag (ms)"
        if not n_texts:
            title += f", {MINUS}{reach:g} to {reach:g} in each"
        center = area.left + (area.width - self.grid.gap) / 2
        top = bottom + 5 + (self.metrics.height() if self.grid.has_ticks else 0)
        self._text(center - self._width(title) / 2, top, title, "quiet")

    def _paint_lag_ticks(self, box: Box) -> int:
        """Paint ticks and lags below a box; return how many."""
        bins = self.result.bins
        values, texts = lag_ticks(bins, box.width, self._width)
        bottom = box.top + box.height
        for place, text in zip(bins.positions(values).tolist(), texts, strict=True):
            x = lag_pixel(place, bins.n_bins, box)
            self.painter.setPen(QPen(self.theme.color("line"), 0))
            self.painter.drawLine(QPointF(x, bottom), QPointF(x, bottom + 3))
            # Within its column, so that the last one does not touch the first of the next.
            width = self._width(text)
            left = min(max(x - width / 2, box.left), box.left + box.width - width)
            self._text(left, bottom + 4, text, "quiet")
        return len(texts)

    def _width(self, text: str) -> float:
        return self.metrics.horizontalAdvance(text)

    def _text(self, x: float, top: float, text: str, color: str) -> None:
        self.painter.setPen(self.theme.color(color))
        self.painter.drawText(QPointF(x, top + self.metrics.ascent()), text)
