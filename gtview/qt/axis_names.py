"""Names at places of an axis, shortened and measured once for each font."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFont, QFontMetricsF

LONGEST_NAME = 90.0


class AxisNames:
    """Names at places of an axis, and how wide they are in its font."""

    def __init__(self, positions: np.ndarray, texts: list[str]) -> None:
        self.positions = positions
        self.texts = texts
        self.shown = texts
        self.widths = np.zeros(len(texts))
        self._font: QFont | None = None

    def measure(self, font: QFont) -> None:
        """Shorten and measure them, once for each font."""
        if font == self._font:
            return
        self._font = QFont(font)
        metrics = QFontMetricsF(font)
        middle = Qt.TextElideMode.ElideMiddle
        self.shown = [metrics.elidedText(text, middle, LONGEST_NAME) for text in self.texts]
        self.widths = np.array([metrics.horizontalAdvance(text) for text in self.shown])
