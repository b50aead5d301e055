"""Paints the mean waveforms of a merge: one place a channel, the parts over one another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPolygonF

from ..base.types import Float32Array, Float64Array
from ..qt.plot import PlotPanel
from ..qt.plot_items import PixelItem

# Room between two channels, as a share of the length of a waveform.
GAP = 0.15


@dataclass(frozen=True, slots=True, eq=False)
class MeanLine:
    """One mean waveform.

    Attributes
    ----------
    waveform : float32 array, (n_samples, n_channels)
    color, width_px, is_dashed
        How it is drawn.
    """

    waveform: Float32Array
    color: QColor
    width_px: float = 1.5
    is_dashed: bool = False


class MeanWaveforms(PixelItem):
    """Waveforms on channels side by side; channel k lies from k to k + 1."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: tuple[MeanLine, ...] = ()

    def set_lines(self, lines: tuple[MeanLine, ...]) -> None:
        """Show waveforms; the last one is on top."""
        self.lines = lines
        self.update()

    def paint_pixels(self, painter: QPainter, panel: PlotPanel) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for line in self.lines:
            pen = QPen(line.color, line.width_px)
            pen.setCosmetic(True)
            if line.is_dashed:
                pen.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(pen)
            n_samples, n_channels = line.waveform.shape
            for channel in range(n_channels):
                x = places(n_samples, channel)
                y = line.waveform[:, channel]
                points = [
                    panel.to_pixels(*point) for point in zip(x.tolist(), y.tolist(), strict=True)
                ]
                painter.drawPolyline(QPolygonF([QPointF(p) for p in points]))


def places(n_samples: int, channel: int) -> Float64Array:
    """Return where the samples of a channel lie along the axis, float64, (n_samples,)."""
    step = np.linspace(GAP / 2, 1 - GAP / 2, n_samples)
    return np.asarray(channel + step, np.float64)
