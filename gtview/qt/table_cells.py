"""Cells of a table that are pictures: stacked bars, and small curves."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Protocol

import numpy as np
from PyQt6.QtCore import QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetrics, QPainter, QPen, QPolygonF

from ..base.types import Float64Array

BAR_HEIGHT = 10
NEARLY_ALL = 0.99
_GAP = 6


class CellPainter(Protocol):
    """Paints the cells of one column."""

    def width(self, metrics: QFontMetrics) -> int:
        """Return the pixels that a cell needs."""

    def paint(self, painter: QPainter, rect: QRect, row_id: Hashable, color: QColor) -> None:
        """Paint a cell; `color` is that of the text of its row."""

    def tip(self, row_id: Hashable) -> str:
        """Return what the tooltip of a cell says, as HTML; "" for none."""


class StackedBars:
    """A bar a row, of parts in colours of their own, and a word for what is not the first part.

    Parameters
    ----------
    colors
        Of the parts.
    bar_px
        Length of a whole bar.
    """

    def __init__(self, colors: Sequence[QColor], bar_px: int = 64) -> None:
        self.colors = tuple(colors)
        self.bar_px = bar_px
        self.shares: Mapping[Hashable, Float64Array] = {}
        self.words: Mapping[Hashable, str] = {}
        self.tips: Mapping[Hashable, str] = {}

    def width(self, metrics: QFontMetrics) -> int:
        words = [metrics.horizontalAdvance(word) for word in self.words.values()]
        return self.bar_px + _GAP + max(words, default=0)

    def paint(self, painter: QPainter, rect: QRect, row_id: Hashable, color: QColor) -> None:
        shares = self.shares.get(row_id)
        if shares is None:
            return
        left, top = rect.left() + _GAP, rect.top() + (rect.height() - BAR_HEIGHT) / 2
        ends = np.concatenate([[0.0], np.cumsum(shares)]) * self.bar_px
        for k, part_color in enumerate(self.colors):
            if ends[k + 1] > ends[k]:
                # A part that is there is seen.
                width = max(ends[k + 1] - ends[k], 1.0)
                painter.fillRect(QRectF(left + ends[k], top, width, BAR_HEIGHT), part_color)
        # Where hardly anything is lost, a name would say more than there is.
        word = self.words.get(row_id, "") if shares[0] < NEARLY_ALL else ""
        room = rect.adjusted(2 * _GAP + self.bar_px, 0, -2, 0)
        if word and room.width() > 0:
            text = painter.fontMetrics().elidedText(
                word, Qt.TextElideMode.ElideRight, room.width()
            )
            painter.setPen(color)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)

    def tip(self, row_id: Hashable) -> str:
        return self.tips.get(row_id, "")


class Sparklines:
    """A curve a row between 0 and 1, from left to right; gaps where nothing is known."""

    def __init__(self, color: QColor, faint: QColor, wide_px: int = 84) -> None:
        self.color, self.faint = color, faint
        self.wide_px = wide_px
        self.curves: Mapping[Hashable, Float64Array] = {}
        self.tips: Mapping[Hashable, str] = {}

    def width(self, metrics: QFontMetrics) -> int:
        return self.wide_px

    def paint(self, painter: QPainter, rect: QRect, row_id: Hashable, color: QColor) -> None:
        values = self.curves.get(row_id)
        if values is None or not len(values):
            return
        box = QRectF(rect.adjusted(_GAP, 4, -_GAP, -4))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.faint, 1))
        for edge in (box.top(), box.bottom()):
            painter.drawLine(QPointF(box.left(), edge), QPointF(box.right(), edge))
        x = box.left() + (np.arange(len(values)) + 0.5) * box.width() / len(values)
        y = box.bottom() - np.clip(values, 0, 1) * box.height()
        painter.setPen(QPen(self.color, 1.4))
        for piece in _pieces(np.isfinite(values)):
            points = [QPointF(x[i], y[i]) for i in piece]
            if len(points) == 1:
                painter.drawPoint(points[0])
            painter.drawPolyline(QPolygonF(points))
        painter.restore()

    def tip(self, row_id: Hashable) -> str:
        return self.tips.get(row_id, "")


def _pieces(is_known: np.ndarray) -> list[list[int]]:
    """Return runs of places where something is known."""
    places = np.flatnonzero(is_known)
    return [run.tolist() for run in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)]
