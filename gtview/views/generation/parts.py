"""Groups of rows of the form: sections, parts that can be switched, alternatives, lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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

from ...generation.draft import RecipeDraft
from ...generation.fields import FieldSpec, fields_of, walk
from ...qt.value_editors import show_if
from .field_row import NAME_PX, FieldRow, SpecialEditors
from .labels import choice_text, label_of

# As wide as the mark of a row and its gap.
_INDENT_PX = 16

# What may stand below the fields of a section; None: nothing.
Extras = Callable[[str], "QWidget | None"]


@dataclass(frozen=True, slots=True)
class FormContext:
    """What all parts of a form share."""

    draft: RecipeDraft
    special: SpecialEditors
    extras: Extras
    changed: Callable[[], None]


class Part(QWidget):
    """Some fields of one section, one below the other."""

    def __init__(self, context: FormContext, path: str, specs: Sequence[FieldSpec]) -> None:
        super().__init__()
        self._context, self.path, self._specs = context, path, tuple(specs)
        self.items: list[Any] = []
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.setSpacing(2)
        self.build()

    def build(self) -> None:
        """Make what is in it."""
        for spec in self._specs:
            self.put(make_part(self._context, f"{self.path}.{spec.name}".lstrip("."), spec))
        extra = self._context.extras(self.path)
        if extra is not None:
            self.box.addWidget(extra)

    def put(self, item: Any) -> None:
        """Add a row or a part at the end."""
        self.items.append(item)
        self.box.addWidget(item)

    def clear(self) -> None:
        """Take everything out."""
        self.items.clear()
        while (item := self.box.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                # At once: a row that is still there would be shown with values of another part.
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()

    def refresh(self) -> None:
        """Show the draft as it is now."""
        for item in self.items:
            item.refresh()

    def rows(self) -> Iterator[FieldRow]:
        """Return all rows in it."""
        for item in self.items:
            if isinstance(item, FieldRow):
                yield item
            else:
                yield from item.rows()

    def find(self, words: list[str], above: str) -> bool:
        """Show what holds all words; return whether anything does."""
        found = [item.find(words, above) for item in self.items]
        is_found = any(found)
        show_if(self, is_found)
        return is_found


def make_part(context: FormContext, path: str, spec: FieldSpec) -> Any:
    """Return what edits a field: a row, or a part with rows of its own."""
    if spec.kind == "section":
        kind = SwitchedPart if spec.is_optional else Part
        if kind is SwitchedPart:
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


class SwitchedPart(Part):
    """A section that is switched on with a check mark."""

    def __init__(self, context: FormContext, path: str, spec: FieldSpec) -> None:
        self._spec = spec
        self._is_on: bool | None = None
        inside = " ".join(f"{label_of(s)} {p}" for p, s in walk(spec.models[""], path))
        self._keywords = f"{label_of(spec)} {path} {inside}".lower()
        super().__init__(context, path, fields_of(spec.models[""]))

    def build(self) -> None:
        self.check = QCheckBox(label_of(self._spec))
        self.check.setToolTip(str(self._spec.models[""].__doc__))
        self.check.clicked.connect(self._switch)
        self.problem = _problem_label()
        self._inner = QFrame()
        self._inner.setObjectName("indented")
        inner_box = QVBoxLayout(self._inner)
        inner_box.setContentsMargins(14, 0, 0, 4)
        inner_box.setSpacing(2)
        head = QHBoxLayout()
        head.setContentsMargins(_INDENT_PX, 2, 0, 2)
        head.addWidget(self.check)
        self.box.addLayout(head)
        self.box.addWidget(self.problem)
        self.box.addWidget(self._inner)
        self.refresh()

    def refresh(self) -> None:
        is_on = self._context.draft.get(self.path) is not None
        if is_on != self._is_on:
            self._is_on = is_on
            self._rebuild()
        self.check.setChecked(is_on)
        _show_problem(self.problem, self._context.draft.problem_at(self.path))
        super().refresh()

    def _rebuild(self) -> None:
        for item in self.items:
            item.hide()
            item.setParent(None)
            item.deleteLater()
        self.items.clear()
        self._inner.setVisible(bool(self._is_on))
        inner_box = self._inner.layout()
        if self._is_on and inner_box is not None:
            part = Part(self._context, self.path, self._specs)
            self.items.append(part)
            inner_box.addWidget(part)

    def _switch(self, is_on: bool) -> None:
        self._context.draft.switch(self.path, self._spec, is_on=is_on)
        self._context.changed()

    def find(self, words: list[str], above: str) -> bool:
        is_found = all(word in f"{above} {self._keywords}" for word in words)
        super().find(words, f"{above} {label_of(self._spec)}".lower())
        show_if(self, is_found)
        return is_found


class ChosenPart(Part):
    """Alternatives: the kind in a box, and the fields of that kind below it."""

    def __init__(
        self, context: FormContext, path: str, spec: FieldSpec, *, has_kind: bool = True
    ) -> None:
        self._spec, self._has_kind = spec, has_kind
        self._kind: str | None = None
        inside = " ".join(
            f"{choice_text(spec.name, kind)} {label_of(s)} {p}"
            for kind, model in spec.models.items()
            for p, s in walk(model, path)
        )
        self._keywords = f"{label_of(spec)} {path} {inside}".lower()
        super().__init__(context, path, ())

    def build(self) -> None:
        self.kind_box = QComboBox()
        for kind in self._spec.models:
            self.kind_box.addItem(choice_text(self._spec.name, kind), kind)
        self.kind_box.activated.connect(self._choose)
        self.head = QWidget()
        row = QHBoxLayout(self.head)
        row.setContentsMargins(_INDENT_PX, 1, 0, 1)
        row.setSpacing(8)
        self.title = QLabel(label_of(self._spec))
        self.title.setFixedWidth(NAME_PX - _INDENT_PX)
        row.addWidget(self.title)
        row.addWidget(self.kind_box, 1)
        self.problem = _problem_label()
        self.box.addWidget(self.head)
        self.box.addWidget(self.problem)
        self._fields = QWidget()
        fields_box = QVBoxLayout(self._fields)
        fields_box.setContentsMargins(0, 0, 0, 0)
        self.box.addWidget(self._fields)
        self.refresh()

    def refresh(self) -> None:
        value = self._context.draft.get(self.path)
        kind = value.get("kind") if isinstance(value, dict) else None
        if kind != self._kind:
            self._kind = kind
            self._rebuild()
        self.kind_box.setCurrentIndex(self.kind_box.findData(kind))
        model = self._spec.models.get(str(kind))
        self.kind_box.setToolTip(str(model.__doc__) if model else "")
        _show_problem(self.problem, self._context.draft.problem_at(self.path))
        super().refresh()

    def _rebuild(self) -> None:
        for item in self.items:
            item.hide()
            item.setParent(None)
            item.deleteLater()
        self.items.clear()
        model = self._spec.models.get(str(self._kind))
        fields_box = self._fields.layout()
        if model is not None and fields_box is not None:
            # What a kind has for itself comes before what it has in common with others.
            own = sorted(fields_of(model), key=lambda s: s.name not in model.__annotations__)
            part = Part(self._context, self.path, own)
            self.items.append(part)
            fields_box.addWidget(part)

    def _choose(self, index: int) -> None:
        kind = str(self.kind_box.itemData(index))
        if kind != self._kind:
            self._context.draft.choose(self.path, self._spec, kind)
            self._context.changed()

    def find(self, words: list[str], above: str) -> bool:
        is_found = all(word in f"{above} {self._keywords}" for word in words)
        super().find(words, f"{above} {self.title.text()} {self._kind}".lower())
        show_if(self, is_found)
        return is_found


class ListPart(Part):
    """A list of alternatives: each can be taken out, and others added."""

    def __init__(self, context: FormContext, path: str, spec: FieldSpec) -> None:
        self._spec = spec
        self._n = -1
        self._keywords = f"{label_of(spec)} {path}".lower()
        for model in spec.models.values():
            inside = (f"{label_of(s)} {p}" for p, s in walk(model, path))
            self._keywords += " ".join(inside).lower()
        super().__init__(context, path, ())

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
        self.problem = _problem_label()
        self.box.addWidget(self._list)
        self.box.addWidget(self.problem)
        row = QHBoxLayout()
        row.setContentsMargins(_INDENT_PX, 0, 0, 0)
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
        _show_problem(self.problem, self._context.draft.problem_at(self.path))
        super().refresh()

    def _rebuild(self) -> None:
        self.items.clear()
        while (item := self._list_box.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
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

    def find(self, words: list[str], above: str) -> bool:
        is_found = all(word in f"{above} {self._keywords}" for word in words)
        super().find(words, f"{above} {label_of(self._spec)}".lower())
        show_if(self, is_found)
        return is_found


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


def _problem_label() -> QLabel:
    label = QLabel()
    label.setProperty("problem", True)
    label.setWordWrap(True)
    label.setIndent(_INDENT_PX)
    label.hide()
    return label


def _show_problem(label: QLabel, problem: str) -> None:
    label.setText(f"{problem[:1].upper()}{problem[1:]}." if problem else "")
    show_if(label, bool(problem))
