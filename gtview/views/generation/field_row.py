"""One row of the form: a mark, a name with its unit, an editor, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ...generation.draft import RecipeDraft
from ...generation.fields import FieldSpec
from ...qt.number_editors import LongNumberEditor, NumberEditor, PairEditor
from ...qt.value_editors import (
    ChoiceEditor,
    FlagEditor,
    ListEditor,
    OptionalEditor,
    TextEditor,
    ValueEditor,
    show_if,
)
from .amount_editor import AmountEditor, SpelledRange
from .labels import choice_text, first_value, label_of, matters, off_text, unit_of

NAME_PX = 168
_LARGEST_IN_BOX = 2**31
_LISTS = ("numbers", "words", "places", "pair", "range", "amount")

# Makes the editor of a field that needs more than its type says; None: nothing special.
SpecialEditors = Callable[[str, FieldSpec], "ValueEditor | None"]


def make_editor(path: str, spec: FieldSpec, special: SpecialEditors) -> ValueEditor:
    """Return the editor of a field."""
    editor = special(path, spec) or _plain_editor(spec)
    if not spec.is_optional or spec.kind == "flag":
        return editor
    return OptionalEditor(editor, off_text(spec), first_value(spec))


def _plain_editor(spec: FieldSpec) -> ValueEditor:
    makers: dict[str, Callable[[], ValueEditor]] = {
        "number": NumberEditor,
        "whole": lambda: _whole_editor(spec),
        "range": lambda: SpelledRange(spec.limits),
        "amount": lambda: AmountEditor(spec.limits),
        "flag": lambda: _flag_editor(spec),
        "choice": lambda: ChoiceEditor([(c, choice_text(spec.name, c)) for c in spec.choices]),
        "text": TextEditor,
        "numbers": lambda: ListEditor("numbers", may_be_one=_is_one(spec)),
        "words": lambda: ListEditor("words"),
        "places": lambda: ListEditor("places"),
        "pair": lambda: PairEditor(("x", "depth")),
    }
    return makers[spec.kind]()


def _is_one(spec: FieldSpec) -> bool:
    return isinstance(spec.default, int)


def _whole_editor(spec: FieldSpec) -> ValueEditor:
    if spec.limits.high > _LARGEST_IN_BOX:
        return LongNumberEditor()
    return NumberEditor(is_whole=True)


def _flag_editor(spec: FieldSpec) -> ValueEditor:
    if spec.is_optional:
        return ChoiceEditor([(None, "Where there are several"), (True, "Yes"), (False, "No")])
    return FlagEditor()


class FieldRow(QWidget):
    """Shows one field of a draft.

    Signals
    -------
    edited(str, object)
        The user gave a field another value.
    """

    edited = pyqtSignal(str, object)

    def __init__(
        self, path: str, spec: FieldSpec, draft: RecipeDraft, special: SpecialEditors
    ) -> None:
        super().__init__()
        self.path, self.spec, self._draft = path, spec, draft
        self.editor = make_editor(path, spec, special)
        self.editor.changed.connect(lambda value: self.edited.emit(path, value))
        self.keywords = f"{label_of(spec)} {path} {spec.help} {spec.limits.unit}".lower()
        self._is_found = True
        self._build()
        self.refresh()

    def _build(self) -> None:
        self.mark = _make_mark()
        self.mark.clicked.connect(self.reset)
        self.name = QLabel(label_of(self.spec))
        self.name.setBuddy(self.editor)
        self.unit = QLabel()
        self.unit.setProperty("quiet", True)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(_in_a_row(self.mark, self.name, self.unit))
        line.addWidget(self.editor, 1)
        self.problem = QLabel()
        self.problem.setProperty("problem", True)
        self.problem.setWordWrap(True)
        self.problem.setIndent(NAME_PX + 8)
        self.problem.hide()
        self.mark.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 1, 0, 1)
        layout.setSpacing(1)
        layout.addLayout(line)
        layout.addWidget(self.problem)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        tip = _explain(self.spec)
        for widget in (self.name, self.editor):
            widget.setToolTip(tip)
        proxy = self.editor.focusProxy()
        if proxy is not None:
            proxy.setAccessibleName(label_of(self.spec))

    @property
    def has_problem(self) -> bool:
        """Whether something is wrong with the value."""
        return bool(self.problem.text())

    @property
    def is_changed(self) -> bool:
        """Whether the value is not the default."""
        if self.spec.is_required:
            return False
        return bool(self._draft.get(self.path) != self.spec.default)

    def refresh(self) -> None:
        """Show the value of the draft, and what is wrong with it."""
        self.editor.show_value(self._draft.get(self.path))
        self.unit.setText(unit_of(self.path, self.spec, self._draft))
        show_if(self.mark, self.is_changed)
        self.mark.setToolTip(f"Back to the default: {in_words(self.spec.default, self.spec)}")
        problem = self._draft.problem_at(self.path, with_items=self.spec.kind in _LISTS)
        self.problem.setText(_sentence(problem))
        show_if(self.problem, bool(problem))
        self._update_visible()

    def reset(self) -> None:
        """Give the field its default."""
        self.edited.emit(self.path, self.spec.default)

    def find(self, words: list[str], above: str) -> bool:
        """Show the row only if it, or what is above it, holds all words; return whether."""
        self._is_found = all(word in f"{above} {self.keywords}" for word in words)
        self._update_visible()
        return self._is_found and self._can_be_seen()

    def _can_be_seen(self) -> bool:
        return matters(self.path, self._draft) or self.is_changed or self.has_problem

    def _update_visible(self) -> None:
        show_if(self, self._is_found and self._can_be_seen())


def _make_mark() -> QToolButton:
    mark = QToolButton()
    mark.setObjectName("changedMark")
    mark.setText("\N{BLACK CIRCLE}")
    mark.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    policy = mark.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    mark.setSizePolicy(policy)
    return mark


def _in_a_row(mark: QWidget, name: QWidget, unit: QWidget) -> QWidget:
    head = QWidget()
    head.setFixedWidth(NAME_PX)
    row = QHBoxLayout(head)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    row.addWidget(mark)
    row.addWidget(name)
    row.addStretch(1)
    row.addWidget(unit)
    return head


def in_words(value: Any, spec: FieldSpec) -> str:
    """Return a value as a tooltip tells it."""
    if value is None:
        return off_text(spec)
    if isinstance(value, bool):
        return "yes" if value else "no"
    unit = f" {spec.limits.unit}" if spec.limits.unit else ""
    if isinstance(value, dict) and "range" in value:
        return "{:g} to {:g}".format(*value["range"]) + unit
    if isinstance(value, (int, float)):
        return f"{value:g}{unit}"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return choice_text(spec.name, value) if spec.kind == "choice" else str(value) or "nothing"


def _explain(spec: FieldSpec) -> str:
    parts = [spec.help]
    if spec.limits.low > float("-inf"):
        parts.append(f"Valid: {spec.limits.in_words()}.")
    if not spec.is_required:
        parts.append(f"Default: {in_words(spec.default, spec)}.")
    return " ".join(part for part in parts if part)


def _sentence(problem: str) -> str:
    return f"{problem[:1].upper()}{problem[1:]}." if problem else ""
