"""Edits a number for all units, a range to draw from, or one number for each unit."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QActionGroup
from PyQt6.QtWidgets import QMenu, QStackedLayout, QToolButton, QWidget

from ...generation.values import Limits
from ...qt.number_editors import NumberEditor, RangeEditor
from ...qt.value_editors import ListEditor, ValueEditor

_MODES = (
    ("number", "One value for all"),
    ("range", "Drawn from a range"),
    ("values", "One value for each"),
)


class AmountEditor(ValueEditor):
    """Spelled as in JSON: a number, {"range": [low, high]}, or {"values": [...]}."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.number = NumberEditor()
        self.range = RangeEditor(limits.low, limits.high)
        self.list = ListEditor("numbers")
        self._value: Any = 0.0
        side = QWidget()
        self._stack = QStackedLayout(side)
        for editor in (self.number, self.range, self.list):
            self._stack.addWidget(editor)
        self.number.changed.connect(self._tell)
        self.range.changed.connect(lambda pair: self._tell({"range": list(pair)}))
        self.list.changed.connect(lambda values: self._tell({"values": values}))
        self.row.addWidget(side, 1)
        self.row.addWidget(self._make_button())

    @property
    def mode(self) -> str:
        """How the value is given: "number", "range" or "values"."""
        return _MODES[self._stack.currentIndex()][0]

    def show_value(self, value: Any) -> None:
        self._value = value
        mode = next(iter(value)) if isinstance(value, dict) and value else "number"
        index = [name for name, _ in _MODES].index(mode)
        self._stack.setCurrentIndex(index)
        self._actions[index].setChecked(True)
        editors = (self.number, self.range, self.list)
        editors[index].show_value(value[mode] if isinstance(value, dict) else value)

    def use(self, mode: str) -> None:
        """Give the value in another way; what it was is kept as far as possible."""
        if mode != self.mode:
            value = _turned(self._value, mode)
            self.show_value(value)
            self.changed.emit(value)

    def _make_button(self) -> QToolButton:
        button = QToolButton()
        button.setText("\N{VERTICAL ELLIPSIS}")
        button.setObjectName("modeButton")
        button.setToolTip("One value for all, a range, or one value for each unit")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menu, group = QMenu(button), QActionGroup(button)
        self._actions: list[Any] = []
        for name, text in _MODES:
            action: Any = menu.addAction(text)
            action.setCheckable(True)
            group.addAction(action)
            action.triggered.connect(lambda _checked=False, name=name: self.use(name))
            self._actions.append(action)
        button.setMenu(menu)
        return button

    def _tell(self, value: Any) -> None:
        self._value = value
        self.changed.emit(value)


class SpelledRange(ValueEditor):
    """A range, spelled as in JSON."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.range = RangeEditor(limits.low, limits.high)
        self.range.changed.connect(lambda pair: self.changed.emit({"range": list(pair)}))
        self.row.addWidget(self.range, 1)
        self.setFocusProxy(self.range)

    def show_value(self, value: Any) -> None:
        self.range.show_value(value["range"])


def _turned(value: Any, mode: str) -> Any:
    numbers = _numbers(value)
    if mode == "number":
        return sum(numbers) / len(numbers)
    if mode == "values":
        return {"values": numbers}
    return {"range": [min(numbers), max(numbers)]}


def _numbers(value: Any) -> list[float]:
    items = next(iter(value.values())) if isinstance(value, dict) else [value]
    numbers = [float(item) for item in items if isinstance(item, (int, float))]
    return numbers or [0.0]
