"""Paints sample templates, each at the contacts around its unit."""

from __future__ import annotations

from typing import Any

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen
from PyQt6.QtWidgets import QWidget
from pyqtgraph.functions import arrayToQPolygonF

from ...generation.preview import Preview, SampleTemplate
from ...qt.plot import small_font
from ...qt.theme import Theme, cluster_color

_GAP = 6.0


class TemplateCells(QWidget):
    """One cell a unit: waveforms at rest, and thinner where the unit is in the traces."""

    def __init__(self) -> None:
        super().__init__()
        self._preview: Preview | None = None
        self._theme: Theme | None = None
        self.setMinimumSize(120, 90)

    def show_preview(self, preview: Preview, theme: Theme) -> None:
        """Show the samples of a preview."""
        self._preview, self._theme = preview, theme
        self.update()

    @property
    def is_busy(self) -> bool:
        """Never: it paints what it has."""
        return False

    def paintEvent(self, event: Any) -> None:
        painter = QPainter(self)
        if self._theme is not None:
            painter.fillRect(self.rect(), self._theme.color("plot"))
        if self._preview is not None and self._theme is not None:
            self._paint(painter, self._preview, self._theme)
        painter.end()

    def _paint(self, painter: QPainter, preview: Preview, theme: Theme) -> None:
        painter.setFont(small_font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        n = len(preview.samples)
        width, height = self.width() - 2 * _GAP, self.height() - _GAP
        columns = max(1, min(n, 3 if width > 0.9 * height else 2))
        rows = -(-n // columns)
        for i, sample in enumerate(preview.samples):
            row, column = divmod(i, columns)
            cell = QRectF(
                _GAP + column * width / columns,
                row * height / rows,
                width / columns - _GAP,
                height / rows - _GAP,
            )
            _paint_cell(painter, cell, preview, sample, cluster_color(i), theme)
        self._paint_time_bar(painter, preview, theme, width / columns)

    def _paint_time_bar(
        self, painter: QPainter, preview: Preview, theme: Theme, cell_width: float
    ) -> None:
        if not preview.samples:
            return
        sample = preview.samples[0]
        n = sample.rest_uv.shape[1]
        across = _scale(preview, sample, cell_width - _GAP)[1]
        length = across * preview.recipe.sample_rate_hz / 1000 / n
        y = self.height() - 5.0
        right = self.width() - 8.0
        painter.setPen(QPen(theme.color("quiet"), 2))
        painter.drawLine(QPointF(right - length, y), QPointF(right, y))
        text = "1 ms"
        wide = painter.fontMetrics().horizontalAdvance(text)
        painter.drawText(QPointF(right - length - wide - 5, y + 4), text)


def _scale(preview: Preview, sample: SampleTemplate, width: float) -> tuple[Any, float]:
    """Return where each channel begins, as a part of the width, and how wide a waveform is."""
    x = preview.positions_um[sample.channels, 0]
    places, columns = np.unique(np.round(x, 1), return_inverse=True)
    n = max(1, len(places))
    return columns / n, width / n * 0.9


def _paint_cell(
    painter: QPainter,
    cell: QRectF,
    preview: Preview,
    sample: SampleTemplate,
    color: QColor,
    theme: Theme,
) -> None:
    metrics = painter.fontMetrics()
    peak = f"{sample.peak_uv:.0f} \N{MICRO SIGN}V"
    room = cell.width() - 12
    titles = (f"unit {sample.unit}  {peak}", f"{sample.unit}: {peak}", peak)
    title = next((t for t in titles if metrics.horizontalAdvance(t) <= room), "")
    painter.setPen(theme.color("quiet"))
    painter.drawText(QPointF(cell.left() + 10, cell.top() + metrics.ascent() + 2), title)
    painter.setPen(QPen(color, 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(cell.left() + 4, cell.top() + metrics.ascent() - 2), 3.2, 3.2)
    body = cell.adjusted(0, metrics.height() + 2, 0, -2)
    starts, wide = _scale(preview, sample, body.width())
    y = preview.positions_um[sample.channels, 1]
    order = np.unique(np.round(y, 1), return_inverse=True)
    levels, n_levels = order[1], len(order[0])
    pitch = body.height() / (n_levels + 0.6)
    # The largest waveform reaches over two levels, the others are true to it.
    per_uv = 1.7 * pitch / max(float(np.ptp(sample.rest_uv, axis=1).max()), 1e-9)
    painter.setClipRect(body)
    times = np.linspace(0, wide, sample.rest_uv.shape[1])
    moved = QColor(theme.color("quiet"))
    for waveforms, pen in ((sample.moved_uv, QPen(moved, 1)), (sample.rest_uv, QPen(color, 1.5))):
        painter.setPen(pen)
        for k in range(len(sample.channels)):
            left = body.left() + starts[k] * body.width()
            middle = body.bottom() - (levels[k] + 0.7) * pitch
            line = arrayToQPolygonF(left + times, middle - waveforms[k] * per_uv)
            painter.drawPolyline(line)
    painter.setClipping(False)
