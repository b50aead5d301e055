"""Widgets that edit numbers, pairs of them, and ranges; see `value_editors`."""

from __future__ import annotations

import math
import re
from typing import Any

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtWidgets import QLabel, QLineEdit

from .form import NumberBox
from .ticks import tick_step
from .value_editors import ValueEditor, is_number

_LARGEST = 1e9
_BOX_PX = 60
_WIDEST_PX = 120


def make_number_box() -> NumberBox:
    """Return a box for any number; what is being typed is not told before it is meant."""
    box = NumberBox()
    box.setRange(-_LARGEST, _LARGEST)
    box.setKeyboardTracking(False)
    box.setAlignment(Qt.AlignmentFlag.AlignRight)
    box.setMinimumWidth(_BOX_PX)
    box.setButtonSymbols(NumberBox.ButtonSymbols.NoButtons)
    return box


class NumberEditor(ValueEditor):
    """One number."""

    def __init__(self, *, is_whole: bool = False) -> None:
        super().__init__()
        self.box = make_number_box()
        self.box.setButtonSymbols(NumberBox.ButtonSymbols.UpDownArrows)
        if is_whole:
            self.box.setDecimals(0)
        self._is_whole = is_whole
        self.box.valueChanged.connect(self._tell)
        self.box.setMaximumWidth(_WIDEST_PX)
        self.row.addWidget(self.box, 1)
        self.row.addStretch(0)
        self.setFocusProxy(self.box)

    def show_value(self, value: Any) -> None:
        with QSignalBlocker(self.box):
            self.box.setValue(float(value) if is_number(value) else 0.0)

    def _tell(self, value: float) -> None:
        self.changed.emit(int(value) if self._is_whole else value)


class LongNumberEditor(ValueEditor):
    """A whole number of any length, such as a seed."""

    def __init__(self) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.line.editingFinished.connect(self._tell)
        self._shown: Any = None
        self.row.addWidget(self.line, 1)
        self.setFocusProxy(self.line)

    def show_value(self, value: Any) -> None:
        self._shown = value
        self.line.setText("" if value is None else str(value))

    def _tell(self) -> None:
        text = self.line.text().strip()
        value: Any = int(text) if re.fullmatch(r"-?\d+", text) else text
        if value != self._shown:
            self._shown = value
            self.changed.emit(value)


class RangeEditor(ValueEditor):
    """Two numbers: a box at each end of a slider with two handles.

    The slider spans what is usual; a number outside of it, which only the boxes can give, makes
    it longer.
    """

    def __init__(self, lowest: float, highest: float) -> None:
        super().__init__()
        from superqt import QDoubleRangeSlider

        self.low, self.high = make_number_box(), make_number_box()
        self.slider: Any = QDoubleRangeSlider(Qt.Orientation.Horizontal)
        self.slider.setMinimumWidth(60)
        self._limits = (lowest, highest)
        self._values = (0.0, 1.0)
        self.low.setAccessibleName("lowest")
        self.high.setAccessibleName("highest")
        self.low.valueChanged.connect(lambda _: self._from_boxes())
        self.high.valueChanged.connect(lambda _: self._from_boxes())
        self.slider.valueChanged.connect(self._from_slider)
        self.row.addWidget(self.low)
        self.row.addWidget(self.slider, 1)
        self.row.addWidget(self.high)
        self.setFocusProxy(self.low)

    def show_value(self, value: Any) -> None:
        """Show a pair of numbers."""
        low, high = (float(v) if is_number(v) else 0.0 for v in value)
        self._show(low, high, widen=(low, high) != self._values)

    def _show(self, low: float, high: float, *, widen: bool) -> None:
        self._values = (low, high)
        boxes = QSignalBlocker(self.low), QSignalBlocker(self.high), QSignalBlocker(self.slider)
        self.low.setValue(low)
        self.high.setValue(high)
        if widen:
            self._fit_slider(low, high)
            self.slider.setValue((min(low, high), max(low, high)))
        del boxes

    def _fit_slider(self, low: float, high: float) -> None:
        if self.slider.minimum() <= min(low, high) and max(low, high) <= self.slider.maximum():
            is_wide = max(abs(low), abs(high)) < 0.1 * self.slider.maximum()
            if not is_wide:
                return
        bottom, top = usual_span(low, high, *self._limits)
        self.slider.setRange(bottom, top)
        self.slider.setSingleStep((top - bottom) / 100)

    def _from_boxes(self) -> None:
        self._show(self.low.value(), self.high.value(), widen=True)
        self.changed.emit(self._values)

    def _from_slider(self, values: tuple[float, float]) -> None:
        step = tick_step(self.slider.maximum() - self.slider.minimum(), 200)
        low, high = (round(round(v / step) * step, 10) for v in values)
        if (low, high) != self._values:
            self._show(low, high, widen=False)
            self.changed.emit((low, high))


def usual_span(low: float, high: float, lowest: float, highest: float) -> tuple[float, float]:
    """Return what a slider spans: from 0, or as far below it, to about twice the larger number."""
    largest = max(abs(low), abs(high), 1e-3)
    power = 10.0 ** math.floor(math.log10(2 * largest))
    top = next(power * m for m in (1, 2, 5, 10) if power * m >= 1.6 * largest)
    bottom = -top if min(low, high) < 0 else 0.0
    bottom, top = max(bottom, lowest), min(top, highest)
    return (bottom, top) if bottom < top else (min(low, bottom), max(high, top, bottom + 1))


class PairEditor(ValueEditor):
    """Two numbers side by side, each with its name."""

    def __init__(self, names: tuple[str, str]) -> None:
        super().__init__()
        self.boxes = (make_number_box(), make_number_box())
        for name, box in zip(names, self.boxes, strict=True):
            label = QLabel(name)
            label.setProperty("quiet", True)
            box.setAccessibleName(name)
            box.valueChanged.connect(
                lambda _: self.changed.emit([box.value() for box in self.boxes])
            )
            self.row.addWidget(label)
            self.row.addWidget(box, 1)
        self.setFocusProxy(self.boxes[0])

    def show_value(self, value: Any) -> None:
        for box, number in zip(self.boxes, value, strict=True):
            with QSignalBlocker(box):
                box.setValue(float(number))
