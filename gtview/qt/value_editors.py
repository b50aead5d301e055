"""Widgets that edit one value each: lists, texts, choices, paths; numbers in `number_editors`.

All have a signal `changed(object)`, which tells what the user chose, and a method `show_value`,
which tells nothing. They let through what is outside of any limits: whoever uses them says what
is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from PyQt6.QtCore import QSignalBlocker, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStackedLayout,
    QToolButton,
    QWidget,
)


class ValueEditor(QWidget):
    """What all editors have."""

    changed = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(6)

    def show_value(self, value: Any) -> None:
        """Show a value; tells nothing."""
        raise NotImplementedError


def show_if(widget: QWidget, is_shown: bool) -> None:
    """Show or hide a part of a window; Qt does much even where nothing changes."""
    # Without a parent it would be a window of its own; with one it is shown anyway.
    is_part = widget.parentWidget() is not None
    if widget.isHidden() == is_shown and (is_part or not is_shown):
        widget.setVisible(is_shown)


class ListEditor(ValueEditor):
    """Numbers, or words, with commas between them; rows of numbers with semicolons."""

    def __init__(self, kind: str, *, may_be_one: bool = False) -> None:
        super().__init__()
        self._kind, self._may_be_one = kind, may_be_one
        self.line = QLineEdit()
        examples = {"numbers": "2.5, 3, 8", "places": "0, 20, 10; 16, 40, 12", "words": "one, two"}
        self.line.setPlaceholderText(examples[kind])
        self._count = QLabel()
        self._count.setProperty("quiet", True)
        self._shown: Any = None
        self.line.editingFinished.connect(self._tell)
        self.row.addWidget(self.line, 1)
        self.row.addWidget(self._count)
        self.setFocusProxy(self.line)

    def show_value(self, value: Any) -> None:
        """Show a list, or the one number that stands for all."""
        self._shown = value
        items = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
        rows = ["; "] if self._kind == "places" else [", "]
        self.line.setText(rows[0].join(map(_as_text, items)))
        self.line.setCursorPosition(0)
        self._count.setText(f"{len(items)} values" if len(items) > 3 else "")

    def _tell(self) -> None:
        value = read_list(self.line.text(), self._kind)
        if self._may_be_one and len(value) == 1:
            value = value[0]
        if value != self._shown:
            self.show_value(value)
            self.changed.emit(value)


def read_list(text: str, kind: str) -> Any:
    """Read a list as it is typed; what is no number stays text, for somebody else to refuse."""
    if kind == "places":
        return [read_list(part, "numbers") for part in re.split(r"[;\n]+", text) if part.strip()]
    parts = [part.strip() for part in re.split(r"[,;\n\t]+", text)]
    if kind == "numbers":
        parts = [piece for part in parts for piece in part.split()]
        return [_read_number(part) for part in parts]
    return [part for part in parts if part]


def _read_number(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def _as_text(item: Any) -> str:
    if isinstance(item, (list, tuple)):
        return ", ".join(map(_as_text, item))
    return f"{item:.10g}" if is_number(item) else str(item)


def is_number(value: Any) -> bool:
    """Whether a value is a number, and neither true nor false."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class ChoiceEditor(ValueEditor):
    """One of some values."""

    def __init__(self, choices: Sequence[tuple[Any, str]]) -> None:
        super().__init__()
        self.box = QComboBox()
        self._values = [value for value, _ in choices]
        for _, text in choices:
            self.box.addItem(text)
        self.box.activated.connect(lambda index: self.changed.emit(self._values[index]))
        self.row.addWidget(self.box, 1)
        self.setFocusProxy(self.box)

    def show_value(self, value: Any) -> None:
        known = value in self._values
        self.box.setCurrentIndex(self._values.index(value) if known else -1)


class FlagEditor(ValueEditor):
    """Yes or no."""

    def __init__(self) -> None:
        super().__init__()
        self.check = QCheckBox()
        self.check.clicked.connect(lambda is_on: self.changed.emit(bool(is_on)))
        self.row.addWidget(self.check)
        self.row.addStretch(1)
        self.setFocusProxy(self.check)

    def show_value(self, value: Any) -> None:
        self.check.setChecked(bool(value))


class TextEditor(ValueEditor):
    """A line of text; with names, one of them or any other."""

    def __init__(self, names: Sequence[str] | None = None) -> None:
        super().__init__()
        self._box: QComboBox | None = None
        self.line = QLineEdit()
        if names is not None:
            self._box = QComboBox()
            self._box.setEditable(True)
            self._box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            self._box.setLineEdit(self.line)
            self._box.activated.connect(lambda _: self._tell())
        self._shown = ""
        self.line.editingFinished.connect(self._tell)
        # An empty box counts as False.
        shown = self.line if self._box is None else self._box
        self.row.addWidget(shown, 1)
        self.setFocusProxy(shown)
        self.set_names(names or ())

    def set_names(self, names: Sequence[str]) -> None:
        """Offer other names."""
        if self._box is not None:
            with QSignalBlocker(self._box):
                text = self.line.text()
                self._box.clear()
                self._box.addItems(list(names))
                self.line.setText(text)

    def show_value(self, value: Any) -> None:
        self._shown = "" if value is None else str(value)
        if self.line.text() != self._shown:
            self.line.setText(self._shown)
            self.line.setCursorPosition(0)

    def _tell(self) -> None:
        text = self.line.text().strip()
        if text != self._shown:
            self._shown = text
            self.changed.emit(text)


# What a button beside a path does: the path, or None.
Ask = Callable[[], "str | None"]


class PathEditor(TextEditor):
    """A path, and buttons that find one."""

    def __init__(self, buttons: Sequence[tuple[str, str, Ask]]) -> None:
        super().__init__()
        for text, help_text, ask in buttons:
            button = QToolButton()
            button.setText(text)
            button.setToolTip(help_text)
            button.setObjectName("pathButton")
            button.clicked.connect(lambda _checked=False, ask=ask: self._use(ask()))
            self.row.addWidget(button)

    def show_value(self, value: Any) -> None:
        super().show_value(value)
        self.line.setToolTip(self._shown)

    def _use(self, path: str | None) -> None:
        if path is not None:
            self.line.setText(path)
            self._tell()


class OptionalEditor(ValueEditor):
    """A check mark, and another editor beside it; without the mark the value is None."""

    def __init__(self, inner: ValueEditor, off_text: str, first: Any) -> None:
        super().__init__()
        self.inner = inner
        self.check = QCheckBox()
        self.check.setAccessibleName("use")
        self._value: Any = first
        off = QLabel(off_text)
        off.setProperty("quiet", True)
        side = QWidget()
        self._stack = QStackedLayout(side)
        self._stack.addWidget(off)
        self._stack.addWidget(inner)
        self.row.addWidget(self.check)
        self.row.addWidget(side, 1)
        self.check.clicked.connect(self._switch)
        inner.changed.connect(self._tell)
        self.setFocusProxy(self.check)

    def show_value(self, value: Any) -> None:
        self.check.setChecked(value is not None)
        self._stack.setCurrentIndex(0 if value is None else 1)
        if value is not None:
            self._value = value
            self.inner.show_value(value)

    def _switch(self, is_on: bool) -> None:
        value = self._value if is_on else None
        self.show_value(value)
        self.changed.emit(value)

    def _tell(self, value: Any) -> None:
        self._value = value
        self.changed.emit(value)
