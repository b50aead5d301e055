"""Many rectangles or lines at once, without a Python object for each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6 import sip
from PyQt6.QtCore import QLineF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen


def _as_objects(kind: Any, values: NDArray[np.float64]) -> Any:
    """Return an array of objects that consist of four doubles each, from (n, 4)."""
    n = len(values)
    made: Any = sip.array(kind, n)  # type: ignore[call-arg]
    memory: Any = sip.voidptr(made, n * 32)
    np.frombuffer(memory, dtype=np.float64).reshape(n, 4)[:] = values
    return made


def fill_rects(painter: QPainter, rectangles: NDArray[np.float64], color: QColor) -> None:
    """Fill rectangles with one colour; (n, 4): left, top, width, height."""
    if len(rectangles):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRects(_as_objects(QRectF, rectangles))
        painter.setBrush(Qt.BrushStyle.NoBrush)


def draw_lines(painter: QPainter, lines: NDArray[np.float64], pen: QPen) -> None:
    """Draw lines with one pen; (n, 4): x and y of one end, x and y of the other."""
    if len(lines):
        painter.setPen(pen)
        painter.drawLines(_as_objects(QLineF, lines))


def draw_rects(painter: QPainter, rectangles: NDArray[np.float64], pen: QPen) -> None:
    """Draw the outlines of rectangles with one pen; (n, 4): left, top, width, height."""
    if len(rectangles):
        painter.setPen(pen)
        painter.drawRects(_as_objects(QRectF, rectangles))
