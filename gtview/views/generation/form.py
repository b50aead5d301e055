"""The form of a recipe: every field of its model, in groups, with a line to find them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from ...generation.draft import RecipeDraft
from ...generation.fields import fields_of
from ...generation.recipe import GenerationRecipe
from ...qt.compute import single_shot
from ...qt.filter_line import FilterLine
from ...qt.fold import Fold
from .field_row import FieldRow, SpecialEditors
from .labels import GROUPS
from .part import Extras, FormContext, Part
from .parts import make_part

FORM_PX = 400
_FOLDED_AT_FIRST = ("Hybrid",)


class RecipeForm(QWidget):
    """Edits a draft.

    Signals
    -------
    changed()
        The user changed something; the draft has it.
    """

    changed = pyqtSignal()

    def __init__(
        self,
        draft: RecipeDraft,
        special: SpecialEditors = lambda _path, _spec: None,
        extras: Extras = lambda _path: None,
    ) -> None:
        super().__init__()
        self.draft = draft
        self._open = {title: title not in _FOLDED_AT_FIRST for title, _ in GROUPS}
        context = FormContext(draft, special, extras, self._on_changed, make_part)
        self._specs = {spec.name: spec for spec in fields_of(GenerationRecipe)}
        self.search = FilterLine(
            "Find a field", "Show the fields whose name or explanation holds these words"
        )
        self.search.textChanged.connect(self._find)
        self.search.left.connect(self._leave_search)
        self.nothing = QLabel("No field is called like that.")
        self.nothing.setProperty("quiet", True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.hide()
        self.groups: dict[str, Fold] = {}
        self._parts: dict[str, Part] = {}
        self._context = context
        self._waiting = [title for title, _ in GROUPS]
        self._scroll = self._make_area()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.search)
        layout.addWidget(self._scroll, 1)
        # One group a turn: all at once would keep the window from answering.
        self._next = single_shot(self, 0, self._build_next)
        self._build_next()

    def _make_area(self) -> QScrollArea:
        inner = QWidget()
        inner.setObjectName("recipeForm")
        box = QVBoxLayout(inner)
        box.setContentsMargins(4, 0, 8, 12)
        box.setSpacing(0)
        box.addWidget(self.nothing)
        for title, _ in GROUPS:
            fold = Fold(title)
            fold.set_open(is_open=self._open[title])
            fold.toggled.connect(lambda is_open, title=title: self._remember(title, is_open))
            self.groups[title] = fold
            box.addWidget(fold)
        box.addStretch(1)
        area = QScrollArea()
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        area.setMinimumWidth(FORM_PX)
        return area

    def build_all(self) -> None:
        """Make the rows of all groups now."""
        while self._waiting:
            self._build_next()

    def _build_next(self) -> None:
        if not self._waiting:
            return
        title = self._waiting.pop(0)
        specs = [self._specs[name] for name in dict(GROUPS)[title]]
        self._parts[title] = Part(self._context, "", specs)
        self.groups[title].set_content(self._parts[title])
        self._widen()
        self._refresh_group(title)
        if self._waiting:
            self._next.start()

    def _widen(self) -> None:
        """Let no row be cut: there is no scrolling sideways."""
        inner, bar = self._scroll.widget(), self._scroll.verticalScrollBar()
        if inner is not None and bar is not None:
            needed = inner.minimumSizeHint().width() + bar.sizeHint().width()
            self._scroll.setMinimumWidth(max(FORM_PX, needed))

    def rows(self) -> Iterator[FieldRow]:
        """Return all rows that there are now."""
        self.build_all()
        for part in self._parts.values():
            yield from part.rows()

    def row(self, path: str) -> FieldRow:
        """Return the row of a field.

        Raises
        ------
        KeyError
            There is none now: its part is switched off, or another alternative is chosen.
        """
        for row in self.rows():
            if row.path == path:
                return row
        raise KeyError(path)

    def part(self, path: str) -> Any:
        """Return a part that is no single row, such as "motion.motions".

        Raises
        ------
        KeyError
            There is none.
        """
        self.build_all()
        waiting = list(self._parts.values())
        while waiting:
            part = waiting.pop()
            if part.path == path and type(part) is not Part:
                return part
            waiting += [item for item in part.items if isinstance(item, Part)]
        raise KeyError(path)

    def refresh(self) -> None:
        """Show the draft as it is now."""
        for title in self._parts:
            self._refresh_group(title)
        if self.search.text().strip():
            self._find(self.search.text())

    def _refresh_group(self, title: str) -> None:
        self._parts[title].refresh()
        rows = list(self._parts[title].rows())
        n_wrong = sum(row.has_problem for row in rows)
        n_changed = sum(row.is_changed for row in rows)
        text = f"{n_changed} changed" if n_changed else ""
        note = f"{n_wrong} wrong" if n_wrong else text
        self.groups[title].set_note(note, is_problem=bool(n_wrong))

    def show_field(self, path: str) -> None:
        """Unfold and scroll to a field, or the part that holds it, and give it the focus."""
        self.build_all()
        for title, part in self._parts.items():
            for row in part.rows():
                if row.path == path or path.startswith(f"{row.path}."):
                    self.groups[title].set_open(is_open=True)
                    # Its place is known after the layout.
                    QTimer.singleShot(0, lambda row=row: self._scroll.ensureWidgetVisible(row))
                    row.editor.setFocus()
                    return

    @property
    def open_groups(self) -> list[str]:
        """Titles of the groups that are unfolded."""
        return [title for title, is_open in self._open.items() if is_open]

    def set_open_groups(self, titles: list[str]) -> None:
        """Unfold these groups and fold the others."""
        for title, fold in self.groups.items():
            self._open[title] = title in titles
            fold.set_open(is_open=self._open[title])

    def _remember(self, title: str, is_open: bool) -> None:
        if not self.search.text().strip():
            self._open[title] = is_open

    def _on_changed(self) -> None:
        self.refresh()
        self.changed.emit()

    def _find(self, text: str) -> None:
        self.build_all()
        words = text.lower().split()
        n_found = 0
        for title, part in self._parts.items():
            is_found = part.find(words, title.lower())
            fold = self.groups[title]
            fold.setVisible(is_found or not words)
            fold.set_open(is_open=is_found if words else self._open[title])
            n_found += is_found
        self.nothing.setVisible(bool(words) and not n_found)

    def _leave_search(self) -> None:
        for row in self.rows():
            if row.isVisible():
                row.editor.setFocus()
                return
