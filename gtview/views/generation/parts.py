"""Groups of rows of the form: parts that can be switched, alternatives, lists."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ...generation.fields import FieldSpec, fields_of
from .field_row import NAME_PX, FieldRow
from .labels import choice_text, label_of
from .part import INDENT_PX, FormContext, NamedPart, Part


def make_part(context: FormContext, path: str, spec: FieldSpec) -> Any:
    """Return what edits a field: a row, or a part with rows of its own."""
    if spec.kind == "section":
        if spec.is_optional:
            return SwitchedPart(context, path, spec)
        return Part(context, path, fields_of(spec.models[""]))
    if spec.kind == "alternatives":
        return ChosenPart(context, path, spec)
    if spec.kind == "list":
        return ListPart(context, path, spec)
    row = FieldRow(path, spec, context.draft, context.special)

    def edit(where: str, value: Any) -> None:
        context.draft.set(where, value)
        context.changed()

    row.edited.connect(edit)
    return row


class SwitchedPart(NamedPart):
    """A section that is switched on with a check mark."""

    def __init__(self, context: FormContext, path: str, spec: FieldSpec) -> None:
        self._is_on: bool | None = None
        super().__init__(context, path, spec, fields_of(spec.models[""]))

    def build(self) -> None:
        self.check = QCheckBox(label_of(self._spec))
        self.check.setToolTip(str(self._spec.models[""].__doc__))
        self.check.clicked.connect(self._switch)
        self._inner = QFrame()
        self._inner.setObjectName("indented")
        self._inner_box = QVBoxLayout(self._inner)
        self._inner_box.setContentsMargins(14, 0, 0, 4)
        self._inner_box.setSpacing(2)
        head = QHBoxLayout()
        head.setContentsMargins(INDENT_PX, 2, 0, 2)
        head.addWidget(self.check)
        self.box.addLayout(head)
        self.add_problem()
        self.box.addWidget(self._inner)
        self.refresh()

    def refresh(self) -> None:
        is_on = self._context.draft.get(self.path) is not None
        if is_on != self._is_on:
            self._is_on = is_on
            self._inner.setVisible(is_on)
            part = Part(self._context, self.path, self._specs) if is_on else None
            self.refill(self._inner_box, part)
        self.check.setChecked(is_on)
        super().refresh()

    def _switch(self, is_on: bool) -> None:
        self._context.draft.switch(self.path, self._spec, is_on=is_on)
        self._context.changed()


class ChosenPart(NamedPart):
    """Alternatives: the kind in a box, and the fields of that kind below it."""

    def __init__(self, context: FormContext, path: str, spec: FieldSpec) -> None:
        self._kind: str | None = None
        super().__init__(context, path, spec)

    def build(self) -> None:
        self.kind_box = QComboBox()
        for kind in self._spec.models:
            self.kind_box.addItem(choice_text(self._spec.name, kind), kind)
        self.kind_box.activated.connect(self._choose)
        self.head = QWidget()
        row = QHBoxLayout(self.head)
        row.setContentsMargins(INDENT_PX, 1, 0, 1)
        row.setSpacing(8)
        self.title = QLabel(label_of(self._spec))
        self.title.setFixedWidth(NAME_PX - INDENT_PX)
        row.addWidget(self.title)
        row.addWidget(self.kind_box, 1)
        self.box.addWidget(self.head)
        self.add_problem()
        self._fields_box = QVBoxLayout()
        self._fields_box.setContentsMargins(0, 0, 0, 0)
        self.box.addLayout(self._fields_box)
        self.refresh()

    def refresh(self) -> None:
        value = self._context.draft.get(self.path)
        kind = value.get("kind") if isinstance(value, dict) else None
        model = self._spec.models.get(str(kind))
        if kind != self._kind:
            self._kind = kind
            self.refill(self._fields_box, None if model is None else self._fields(model))
        self.kind_box.setCurrentIndex(self.kind_box.findData(kind))
        self.kind_box.setToolTip(str(model.__doc__) if model else "")
        super().refresh()

    def _fields(self, model: Any) -> Part:
        # What a kind has for itself comes before what it has in common with others.
        own = sorted(fields_of(model), key=lambda s: s.name not in model.__annotations__)
        return Part(self._context, self.path, own)

    def _choose(self, index: int) -> None:
        kind = str(self.kind_box.itemData(index))
        if kind != self._kind:
            self._context.draft.choose(self.path, self._spec, kind)
            self._context.changed()

    @property
    def heading(self) -> str:
        return f"{self.title.text()} {self._kind}"


class ListPart(NamedPart):
    """A list of alternatives: each can be taken out, and others added."""

    def __init__(self, context: FormContext, path: str, spec: FieldSpec) -> None:
        self._n = -1
        super().__init__(context, path, spec)

    def build(self) -> None:
        self._list = QWidget()
        self._list_box = QVBoxLayout(self._list)
        self._list_box.setContentsMargins(0, 0, 0, 0)
        self._list_box.setSpacing(4)
        self.add_button = QToolButton()
        self.add_button.setText("Add a motion")
        self.add_button.setObjectName("textButton")
        self.add_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.add_button)
        for kind, model in self._spec.models.items():
            action = menu.addAction(choice_text(self._spec.name, kind))
            if action is not None:
                action.setToolTip(str(model.__doc__))
                action.triggered.connect(lambda _checked=False, kind=kind: self.add(kind))
        self.add_button.setMenu(menu)
        self.box.addWidget(self._list)
        self.add_problem()
        row = QHBoxLayout()
        row.setContentsMargins(INDENT_PX, 0, 0, 0)
        row.addWidget(self.add_button)
        row.addStretch(1)
        self.box.addLayout(row)
        self.refresh()

    def add(self, kind: str) -> None:
        """Add a part of a kind at the end."""
        self._context.draft.add(self.path, self._spec, kind)
        self._context.changed()

    def remove(self, index: int) -> None:
        """Take a part out."""
        self._context.draft.remove(self.path, index)
        # Those behind it have other paths now.
        self._n = -1
        self._context.changed()

    def _on_remove(self, index: int, _checked: bool = False) -> None:
        self.remove(index)

    def refresh(self) -> None:
        n = len(self._context.draft.get(self.path) or [])
        if n != self._n:
            self._n = n
            self._rebuild()
        super().refresh()

    def _rebuild(self) -> None:
        self.empty(self._list_box)
        for i in range(self._n):
            frame = QFrame()
            frame.setObjectName("listItem")
            box = QVBoxLayout(frame)
            box.setContentsMargins(0, 4, 4, 4)
            part = ChosenPart(self._context, f"{self.path}.{i}", self._spec)
            part.title.setText(f"Motion {i + 1}")
            _add_remove(part, partial(self._on_remove, i))
            box.addWidget(part)
            self.items.append(part)
            self._list_box.addWidget(frame)
        self._list.setVisible(bool(self._n))


def _add_remove(part: ChosenPart, remove: Callable[[bool], None]) -> None:
    button = QToolButton()
    button.setText("\N{MULTIPLICATION SIGN}")
    button.setObjectName("removeButton")
    button.setToolTip("Remove this motion")
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(remove)
    layout = part.head.layout()
    if layout is not None:
        layout.addWidget(button)
