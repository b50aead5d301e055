"""Rows of the form one below the other, and what all groups of rows have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ...generation.draft import RecipeDraft
from ...generation.fields import FieldSpec, walk
from ...qt.value_editors import show_if
from .field_row import FieldRow, SpecialEditors
from .labels import choice_text, label_of

# As wide as the mark of a row and its gap.
INDENT_PX = 16

# What may stand below the fields of a section; None: nothing.
Extras = Callable[[str], "QWidget | None"]


@dataclass(frozen=True, slots=True)
class FormContext:
    """What all parts of a form share; `make` returns what edits a field."""

    draft: RecipeDraft
    special: SpecialEditors
    extras: Extras
    changed: Callable[[], None]
    make: Callable[[FormContext, str, FieldSpec], Any]


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
            path = f"{self.path}.{spec.name}".lstrip(".")
            self.put(self._context.make(self._context, path, spec))
        extra = self._context.extras(self.path)
        if extra is not None:
            self.box.addWidget(extra)

    def put(self, item: Any) -> None:
        """Add a row or a part at the end."""
        self.items.append(item)
        self.box.addWidget(item)

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


class NamedPart(Part):
    """A part with a name, whose rows are made anew when the draft needs others."""

    def __init__(
        self, context: FormContext, path: str, spec: FieldSpec, specs: Sequence[FieldSpec] = ()
    ) -> None:
        self._spec = spec
        self._keywords = _keywords_of(spec, path)
        super().__init__(context, path, specs)

    def add_problem(self) -> None:
        """Put a line at the end that tells what is wrong, when something is."""
        self.problem = QLabel()
        self.problem.setProperty("problem", True)
        self.problem.setWordWrap(True)
        self.problem.setIndent(INDENT_PX)
        self.problem.hide()
        self.box.addWidget(self.problem)

    def refresh(self) -> None:
        problem = self._context.draft.problem_at(self.path)
        self.problem.setText(f"{problem[:1].upper()}{problem[1:]}." if problem else "")
        show_if(self.problem, bool(problem))
        super().refresh()

    def refill(self, box: QVBoxLayout, part: Part | None) -> None:
        """Show one part, or none, instead of what is in a box."""
        self.empty(box)
        if part is not None:
            self.items.append(part)
            box.addWidget(part)

    def empty(self, box: QVBoxLayout) -> None:
        """Take out all rows, and what is in their box."""
        self.items.clear()
        while (item := box.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                # At once: a row that is still there would be shown with values of another part.
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()

    @property
    def heading(self) -> str:
        """What stands above its rows."""
        return label_of(self._spec)

    def find(self, words: list[str], above: str) -> bool:
        is_found = all(word in f"{above} {self._keywords}" for word in words)
        super().find(words, f"{above} {self.heading}".lower())
        show_if(self, is_found)
        return is_found


def _keywords_of(spec: FieldSpec, path: str) -> str:
    """Return by what a part is found: the names of all that could be in it."""
    inside = [
        f"{choice_text(spec.name, kind) if kind else ''} {label_of(field)} {where}"
        for kind, model in spec.models.items()
        for where, field in walk(model, path)
    ]
    return " ".join((label_of(spec), path, *inside)).lower()
