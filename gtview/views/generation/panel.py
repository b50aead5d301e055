"""The panel of generation: a recipe as a form, what it leads to, and the button that makes it."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from ...base.errors import GtviewError
from ...generation.draft import RecipeDraft
from ...generation.presets import read_preset
from ...generation.problems import RecipeError
from ...generation.recipe import GenerationRecipe
from ...jobs.sorting import SortChoice
from .destination_bar import DestinationBar
from .form import RecipeForm
from .labels import label_of
from .library_table import PATH as LIBRARY_PATH
from .library_table import LibraryTable
from .preview_pane import PreviewPane
from .recipe_bar import RecipeBar
from .recipe_files import RecipeFiles
from .services import PanelServices
from .special_editors import SpecialEditors

_log = logging.getLogger(__name__)
FIRST_PRESET = "quick"
_FORM_PX = 470


class GenerationPanel(QWidget):
    """Writes one recipe.

    Signals
    -------
    submitted()
        A recipe was handed to the queue of jobs.
    """

    submitted = pyqtSignal()

    def __init__(self, services: PanelServices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self.draft = RecipeDraft(read_preset(FIRST_PRESET))
        self._restore_recipe()
        special = SpecialEditors(services.dialogs, services.pool, services.dataset)
        self._library: LibraryTable | None = None
        self.bar = RecipeBar()
        self._files = RecipeFiles(self.draft, self.bar, services.dialogs, self.load)
        self.form = RecipeForm(self.draft, special, self._extra)
        self.preview = PreviewPane(services.pool, services.themes)
        self.destination = DestinationBar(self._ask_folder)
        self._build()
        self._connect()
        self._restore_rest()
        self._refresh()

    @property
    def is_settled(self) -> bool:
        """Whether everything shown is that of the recipe as it is now."""
        return self.preview.is_settled

    def load(self, recipe: GenerationRecipe) -> None:
        """Begin again with another recipe."""
        self.draft.load(recipe.to_json())
        self.preview.forget_time()
        self.destination.is_own_folder = False
        self._refresh()

    def load_preset(self, name: str) -> None:
        """Begin again with a preset."""
        self.load(read_preset(name))

    def generate(self) -> None:
        """Hand the recipe to the queue of jobs, if it can be."""
        self.destination.update_state()
        recipe = self.draft.recipe
        if recipe is None or not self.destination.can_generate:
            return
        sort = self.destination.sort
        sorts = () if sort is None else (sort,)
        path = self.destination.path
        try:
            self._services.submit(recipe, path, sorts, self.destination.opens.isChecked())
        except GtviewError as error:
            self.destination.show_problem(str(error))
            return
        self._services.settings.set("generation.folder", str(path.parent))
        self.destination.is_own_folder = False
        self._suggest_folder()
        self.submitted.emit()

    def keep_state(self) -> None:
        """Remember the recipe and how the panel looks."""
        settings = self._services.settings
        settings.set("generation.recipe", self.draft.data)
        settings.set("generation.splitter", self._splitter.sizes())
        settings.set("generation.groups", self.form.open_groups)
        sort = self.destination.sort
        settings.set("generation.sort", None if sort is None else asdict(sort))

    def stop(self) -> None:
        """Compute nothing any more; the panel is not used again."""
        self.keep_state()
        self.preview.stop()

    # Behind it -----------------------------------------------------------------------------

    def _build(self) -> None:
        left = QWidget()
        left_box = QVBoxLayout(left)
        left_box.setContentsMargins(8, 6, 0, 0)
        left_box.setSpacing(6)
        left_box.addWidget(self.bar)
        left_box.addWidget(self.form, 1)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.addWidget(left)
        self._splitter.addWidget(self.preview)
        self._splitter.setStretchFactor(0, 0)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([_FORM_PX, 3 * _FORM_PX])
        self._splitter.setChildrenCollapsible(False)
        self.destination.setObjectName("destination")
        self.destination.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._splitter, 1)
        layout.addWidget(self.destination)

    def _connect(self) -> None:
        self.form.changed.connect(self._refresh)
        self.bar.preset_chosen.connect(self.load_preset)
        self.bar.open_asked.connect(self._files.open)
        self.bar.save_asked.connect(self._files.save)
        self.bar.seed_asked.connect(self._draw_seed)
        self.bar.copy_asked.connect(self._files.copy)
        self.preview.shown.connect(self._on_shown)
        self.preview.failed.connect(self._on_failed)
        self.destination.generate_asked.connect(self.generate)
        self.destination.sort_asked.connect(self._ask_sort)
        self.destination.problem_clicked.connect(self._show_problem)
        shortcut = QShortcut(QKeySequence("Ctrl+Return"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.generate)

    def _restore_recipe(self) -> None:
        kept = self._services.settings.get("generation.recipe")
        if isinstance(kept, dict):
            try:
                self.draft.load({**GenerationRecipe().to_json(), **kept})
            except (TypeError, ValueError):
                _log.warning("the last recipe cannot be used: %s", json.dumps(kept)[:200])
                self.draft.load(read_preset(FIRST_PRESET).to_json())
        if self.draft.recipe is None:
            # What was wrong would confuse somebody who begins.
            self.draft.load(read_preset(FIRST_PRESET).to_json())

    def _restore_rest(self) -> None:
        settings = self._services.settings
        sizes = settings.get("generation.splitter")
        if isinstance(sizes, list) and len(sizes) == 2 and all(isinstance(n, int) for n in sizes):
            self._splitter.setSizes(sizes)
        groups = settings.get("generation.groups")
        if isinstance(groups, list):
            self.form.set_open_groups(groups)
        sort = settings.get("generation.sort")
        if isinstance(sort, dict):
            try:
                self.destination.show_sort(SortChoice(**sort))
            except TypeError:
                _log.warning("the last sorter cannot be used: %s", sort)

    def _extra(self, path: str) -> QWidget | None:
        """Return what stands below the fields of a part: the table of a template library."""
        if path == LIBRARY_PATH and self.draft.get(f"{path}.kind") == "library":
            self._library = LibraryTable(self.draft, self._services.pool, self._on_library)
            return self._library
        return None

    def _on_library(self) -> None:
        self.form.refresh()
        self._refresh()

    def _refresh(self) -> None:
        """Show the draft as it is now everywhere."""
        self.form.refresh()
        self.bar.show_name(str(self.draft.get("name") or ""))
        if self._library is not None and self.draft.get(f"{LIBRARY_PATH}.kind") == "library":
            self._library.refresh()
        if self.draft.recipe is not None:
            self.preview.show_recipe(self.draft.recipe)
        self._show_reason()
        self._suggest_folder()

    def _show_reason(self) -> None:
        problems = self.draft.problems
        if not problems:
            self.destination.show_problem("")
            return
        name, message = self._name_of(problems[0].field), problems[0].message
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        self.destination.show_problem(f"{name} {message}{more}".strip())

    def _name_of(self, path: str) -> str:
        for row in self.form.rows():
            if path == row.path or path.startswith(f"{row.path}."):
                return f"{label_of(row.spec)}:"
        return path

    def _show_problem(self) -> None:
        if self.draft.problems:
            self.form.search.clear()
            self.form.show_field(self.draft.problems[0].field)

    def _on_shown(self, recipe: GenerationRecipe) -> None:
        if recipe is self.draft.recipe:
            self.destination.show_cost(self.preview.prediction)
            preview = self.preview.preview
            self.bar.show_notes(() if preview is None else preview.warnings)

    def _on_failed(self, recipe: GenerationRecipe, error: BaseException) -> None:
        if recipe is not self.draft.recipe:
            return
        if isinstance(error, RecipeError):
            self.draft.tell_later(error.problems)
            self.form.refresh()
            self._show_reason()
        elif isinstance(error, GtviewError):
            self.destination.show_problem(str(error))
        else:
            _log.error("the preview failed", exc_info=error)
            kind = type(error).__name__
            self.destination.show_problem(f"This cannot be computed ({kind}); see the log.")

    # What the buttons do ---------------------------------------------------------------------

    def _suggest_folder(self) -> None:
        parent = Path(str(self._services.settings.get("generation.folder") or Path.home()))
        self.destination.suggest(suggest_folder(parent, str(self.draft.get("name") or "")))

    def _ask_folder(self) -> str | None:
        start = str(self.destination.path.parent)
        found = self._services.dialogs.ask_folder("In which folder?", start)
        if found is None:
            return None
        name = self.destination.path.name or "recording"
        return str(suggest_folder(found, name))

    def _ask_sort(self) -> None:
        has_static = bool(self.draft.get("output.has_static"))
        take = self.destination.show_sort
        self._services.ask_sort(take, has_static, self.destination.sort)

    def _draw_seed(self) -> None:
        editor: Any = self.form.row("seed").editor
        editor.draw()


def suggest_folder(parent: Path, name: str) -> Path:
    """Return a folder that does not exist yet, called after a recipe."""
    plain = re.sub(r"[^\w.-]+", "_", name).strip("._") or "recording"
    path, n = parent / plain, 1
    while path.exists():
        n += 1
        path = parent / f"{plain}_{n}"
    return path
