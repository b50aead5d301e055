"""An axis beside a plot panel: a few well-chosen ticks, or the names of rows and columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QPoint, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PyQt6.QtWidgets import QGraphicsWidget

from .axis_names import AxisNames
from .theme import Theme
from .ticks import labels_with_room, log_ticks, next_step, tick_step, tick_texts, ticks_between

Side = Literal["bottom", "left"]

TICK = 4.0
GAP = 3.0
MARK = 3.0

# Positions in data coordinates, texts, and the colour of a mark or None.
Shown = tuple[list[float], list[str], list[QColor | None]]


class Axis(QGraphicsWidget):
    """Shows the range of a panel on one side; the wheel and the mouse act on that side alone.

    Without names it has ticks at multiples of 1, 2 or 5 times a power of ten, written with the
    same decimals; with names (`set_names`) as many of them as do not touch. The unit belongs
    into the title. With `set_log` the positions are powers of ten, and what is written are the
    values themselves.

    Signals
    -------
    menu_asked(QPoint)
        The right button was clicked, at this place of the screen.
    """

    menu_asked = pyqtSignal(QPoint)

    def __init__(self, box: pg.ViewBox, side: Side, title: str = "") -> None:
        super().__init__()
        self._box = box
        self.side: Side = side
        self.title = title
        self._is_log = False
        self._names: AxisNames | None = None
        self._marks: dict[int, QColor] = {}
        self._font = QFont()
        self._text = self._quiet = self._line = QColor(Qt.GlobalColor.gray)
        self._extent = 0.0
        self._shown: Shown | None = None
        self.setZValue(1)
        box.sigRangeChanged.connect(self._on_changed)
        box.sigResized.connect(self._on_changed)

    # What a panel sets ---------------------------------------------------------------------

    def apply_theme(self, theme: Theme, font: QFont) -> None:
        """Take over colours and the font of the tick texts."""
        self._font = font
        self._text, self._quiet = theme.color("text"), theme.color("quiet")
        self._line = theme.color("line")
        self._on_changed()

    def set_title(self, title: str) -> None:
        """Change the title, unit included, such as "depth (um)"."""
        self.title = title
        self._on_changed()

    def set_log(self, *, is_log: bool) -> None:
        """Write positions as the values whose logarithm to the base of ten they are, or not."""
        if is_log != self._is_log:
            self._is_log = is_log
            self._on_changed()

    def set_numbers(self) -> None:
        """Write numbers again, instead of the names of `set_names`."""
        if self._names is not None:
            self._names, self._extent = None, 0.0
            self._on_changed()

    def set_names(self, positions: Sequence[float], texts: Sequence[str]) -> None:
        """Write names, at increasing positions, instead of numbers; long ones are shortened."""
        self._names = AxisNames(np.asarray(positions, dtype=np.float64), list(texts))
        self._marks = {}
        self._extent = 0.0
        self._on_changed()

    def set_marks(self, colors: Mapping[int, QColor]) -> None:
        """Write some names, given by index, before all others, each with a mark of a colour."""
        self._marks = dict(colors)
        self._on_changed()

    # What is where -------------------------------------------------------------------------

    @property
    def is_bottom(self) -> bool:
        """Whether it is the axis below the panel."""
        return self.side == "bottom"

    def length(self) -> float:
        """Return the pixels along the axis."""
        return float(self._box.width() if self.is_bottom else self._box.height())

    def shown(self) -> Shown:
        """Return what is written: positions in data coordinates, texts, colours of marks."""
        if self._shown is None:
            self._shown = self._choose()
        return self._shown

    def text_rects(self) -> list[QRectF]:
        """Return where the texts are written, in the coordinates of the axis."""
        metrics = QFontMetricsF(self._font)
        positions, texts, _ = self.shown()
        places = self._pixels(np.asarray(positions, dtype=np.float64))
        return [
            self._rect(metrics, place, text) for place, text in zip(places, texts, strict=True)
        ]

    def pixel_positions(self) -> list[float]:
        """Return the pixels of the ticks along the panel, for its grid lines."""
        return [] if self._names else self._pixels(np.asarray(self.shown()[0])).tolist()

    def _pixels(self, positions: np.ndarray) -> np.ndarray:
        low, high = self._range()
        share = (positions - low) / (high - low)
        upwards = not self.is_bottom and not self._box.yInverted()
        return (1 - share if upwards else share) * self.length()

    def _range(self) -> tuple[float, float]:
        low, high = self._box.viewRange()[0 if self.is_bottom else 1]
        return (low, high) if high > low else (low, low + 1.0)

    def _choose(self) -> Shown:
        if self.length() < 8:
            return [], [], []
        metrics = QFontMetricsF(self._font)
        if self._names is None:
            return self._choose_numbers(metrics)
        return self._choose_names(metrics, self._names)

    def _choose_numbers(self, metrics: QFontMetricsF) -> Shown:
        low, high = self._range()
        if self._is_log:
            room = metrics.horizontalAdvance("0,000") + 3 * GAP
            most = self.length() / (room if self.is_bottom else metrics.height() * 2.2)
            positions, texts = log_ticks(low, high, most)
            return positions, texts, [None] * len(texts)
        step = tick_step(high - low, self.length() / (metrics.height() * 2.2))
        while True:
            values = ticks_between(low, high, step)
            texts = tick_texts(values, step)
            widest = max((metrics.horizontalAdvance(t) for t in texts), default=0.0)
            room = step / (high - low) * self.length()
            if not self.is_bottom or len(texts) < 2 or widest + 4 * GAP <= room:
                return values.tolist(), texts, [None] * len(texts)
            step = next_step(step)

    def _choose_names(self, metrics: QFontMetricsF, names: AxisNames) -> Shown:
        start, stop = np.searchsorted(names.positions, self._range()).tolist()
        names.measure(self._font)
        heights = np.full(len(names.texts), metrics.height() * 0.8)
        sizes = names.widths if self.is_bottom else heights
        chosen = labels_with_room(
            self._pixels(names.positions[start:stop]),
            sizes[start:stop],
            [i - start for i in sorted(self._marks) if start <= i < stop],
            2 * GAP if self.is_bottom else 1.0,
        )
        indices = [start + i for i in chosen]
        return (
            names.positions[indices].tolist(),
            [names.shown[i] for i in indices],
            [self._marks.get(i) for i in indices],
        )

    def _rect(self, metrics: QFontMetricsF, place: float, text: str) -> QRectF:
        width, height = metrics.horizontalAdvance(text), metrics.height()
        if self.is_bottom:
            # The first and the last number may reach a little over the end of the panel.
            left = min(max(place - width / 2, -width / 2), self.size().width() + 10 - width)
            return QRectF(left, TICK + 1, width, height)
        top = min(max(place - height / 2, -height / 2), self.size().height() - height / 2)
        return QRectF(self.size().width() - TICK - GAP - width, top, width, height)

    # Size ----------------------------------------------------------------------------------

    def _on_changed(self, *_: Any) -> None:
        self._shown = None
        self._resize()
        self.update()

    def _resize(self) -> None:
        metrics = QFontMetricsF(self._font)
        title = metrics.height() + 1 if self.title else 0.0
        if self.is_bottom:
            extent = TICK + 1 + metrics.height() + title
        else:
            texts = self.shown()[1]
            widest = max((metrics.horizontalAdvance(t) for t in texts), default=0.0)
            if self._names is not None:
                widest = max(widest, self._names.widths.max(initial=0.0))
            # It only grows, so that a plot does not jump while it is moved.
            extent = max(self._extent, widest + TICK + 2 * GAP + title)
        if extent != self._extent:
            self._extent = extent
            if self.is_bottom:
                self.setMinimumHeight(extent)
                self.setMaximumHeight(extent)
            else:
                self.setMinimumWidth(extent)
                self.setMaximumWidth(extent)

    # Painting ------------------------------------------------------------------------------

    def boundingRect(self) -> QRectF:
        size = self.size()
        return QRectF(0, 0, size.width(), size.height()).adjusted(-12, -12, 12, 12)

    def paint(self, painter: QPainter, *_: Any) -> None:
        painter.setFont(self._font)
        self._paint_line(painter)
        center = Qt.AlignmentFlag.AlignCenter
        for rect, text, color in zip(self.text_rects(), *self.shown()[1:], strict=True):
            painter.setPen(self._quiet if color is None else self._text)
            painter.drawText(rect.adjusted(-2, 0, 2, 0), center, text)
            if color is not None:
                painter.fillRect(self._mark_rect(rect), color)
        if self.title:
            self._paint_title(painter)

    def _paint_line(self, painter: QPainter) -> None:
        painter.setPen(QPen(self._line, 0))
        size = self.size()
        if self.is_bottom:
            painter.drawLine(QPointF(0, 0), QPointF(size.width(), 0))
            ends = [(QPointF(p, 0), QPointF(p, TICK)) for p in self.pixel_positions()]
        else:
            right = size.width() - 1
            painter.drawLine(QPointF(right, 0), QPointF(right, size.height()))
            ends = [(QPointF(right - TICK, p), QPointF(right, p)) for p in self.pixel_positions()]
        for start, end in ends:
            painter.drawLine(start, end)

    def _mark_rect(self, text: QRectF) -> QRectF:
        """Return where the mark of a text lies: between it and the panel."""
        if self.is_bottom:
            width = max(text.width(), 3 * MARK)
            return QRectF(text.center().x() - width / 2, 1, width, MARK)
        return QRectF(self.size().width() - 1 - MARK, text.top() + 2, MARK, text.height() - 4)

    def _paint_title(self, painter: QPainter) -> None:
        painter.setPen(self._quiet)
        metrics = QFontMetricsF(self._font)
        height = metrics.height()
        size = self.size()
        room = size.width() if self.is_bottom else size.height()
        title = metrics.elidedText(self.title, Qt.TextElideMode.ElideRight, room)
        center = Qt.AlignmentFlag.AlignCenter
        if self.is_bottom:
            rect = QRectF(0, size.height() - height - 1, size.width(), height)
            painter.drawText(rect, center, title)
            return
        painter.save()
        painter.translate(0, size.height())
        painter.rotate(-90)
        painter.drawText(QRectF(0, 0, size.height(), height), center, title)
        painter.restore()

    # Mouse ---------------------------------------------------------------------------------

    def wheelEvent(self, event: Any) -> None:
        self._box.wheelEvent(event, axis=0 if self.is_bottom else 1)

    def mouseDragEvent(self, event: Any) -> None:
        self._box.mouseDragEvent(event, axis=0 if self.is_bottom else 1)

    def mouseClickEvent(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            event.accept()
            self.menu_asked.emit(event.screenPos().toPoint())
        else:
            self._box.mouseClickEvent(event)
