"""Where the window shows the panel of generation: a window of its own, or a dock."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import QDialog, QDockWidget, QVBoxLayout, QWidget

from ..data.discovery import find_generated_dataset

if TYPE_CHECKING:
    from ..generation.recipe import GenerationRecipe
    from ..jobs.sorting import SortChoice
    from ..views.generation.panel import GenerationPanel
    from ..views.generation.special_editors import OpenDataset
    from .main_window import MainWindow

_PANEL = "gtview.views.generation.panel"
TITLE = "New recording"
_SIZE = (1280, 820)


class GenerationDialog(QDialog):
    """A window around a panel; the program stays usable beside it."""

    def __init__(self, panel: GenerationPanel, size: Any, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(TITLE)
        self.panel = panel
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(panel)
        self.resize(*size)


class WindowGeneration(QObject):
    """The menu "Generate > New recording".

    Signals
    -------
    opened(object)
        A panel is there; its modules were read in a thread first.
    """

    opened = pyqtSignal(object)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.dialog: GenerationDialog | None = None
        self._dock: QDockWidget | None = None
        self._is_opening = False

    @property
    def is_docked(self) -> bool:
        """Whether the panel is in a dock now."""
        return self._dock is not None

    @property
    def panel(self) -> GenerationPanel | None:
        """The panel that is open, if any."""
        if self.dialog is not None:
            return self.dialog.panel
        return None if self._dock is None else self._dock.widget()  # type: ignore[return-value]

    def open(self) -> None:
        """Show the panel in a window of its own."""
        if self.dialog is not None:
            self.dialog.show()
            self.dialog.raise_()
            self.dialog.activateWindow()
        else:
            self._read_then(self._open_dialog)

    def toggle_dock(self) -> None:
        """Show the panel in a dock, or close it there."""
        if self._dock is not None:
            self._close_dock()
        else:
            self._read_then(self._open_dock)

    def close(self) -> None:
        """Close the panel, wherever it is; its state is kept."""
        self._close_dialog()
        self._close_dock()

    # Behind it ---------------------------------------------------------------------------------

    def _read_then(self, show: Any) -> None:
        # The modules take a third of a second: not in the GUI thread.
        if self._is_opening:
            return
        self._is_opening = True

        def go_on(_module: Any) -> None:
            self._is_opening = False
            show()

        def fail(error: BaseException) -> None:
            self._is_opening = False
            self._window.tell_error(error)

        self._window.pool.run(partial(import_module, _PANEL), go_on, fail)

    def _make_panel(self) -> GenerationPanel:
        from ..views.generation.panel import GenerationPanel
        from ..views.generation.services import PanelServices

        window = self._window
        panel = GenerationPanel(
            PanelServices(
                window.pool,
                window.themes,
                window.settings,
                window.dialogs,
                self._submit,
                self._ask_sort,
                self._dataset,
            )
        )
        panel.submitted.connect(self._close_dialog)
        return panel

    def _open_dialog(self) -> None:
        self._close_dock()
        self.dialog = GenerationDialog(self._make_panel(), self._size(), self._window)
        self.dialog.finished.connect(lambda _code: self._close_dialog())
        self.dialog.show()
        self.opened.emit(self.dialog.panel)

    def _size(self) -> Any:
        size = self._window.settings.get("generation.size")
        is_size = isinstance(size, list) and len(size) == 2
        return size if is_size and all(isinstance(n, int) for n in size) else _SIZE

    def _close_dialog(self) -> None:
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            self._window.settings.set("generation.size", [dialog.width(), dialog.height()])
            dialog.panel.stop()
            dialog.close()
            dialog.deleteLater()

    def _open_dock(self) -> None:
        self._close_dialog()
        panel = self._make_panel()
        dock = self._dock = QDockWidget(TITLE, self._window)
        dock.setObjectName("generationDock")
        dock.setWidget(panel)
        dock.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        dock.show()
        dock.visibilityChanged.connect(partial(self._on_dock_shown, dock))
        share = self._window.width() * 6 // 10
        self._window.resizeDocks([dock], [share], Qt.Orientation.Horizontal)
        self._window.menus_changed()
        self.opened.emit(panel)

    def _on_dock_shown(self, dock: QDockWidget, is_shown: bool) -> None:
        # Its own close button; a minimized window hides it too, and shows it again.
        if dock is self._dock and not is_shown and not dock.isVisibleTo(self._window):
            self._close_dock()

    def _close_dock(self) -> None:
        dock, self._dock = self._dock, None
        if dock is not None:
            panel: Any = dock.widget()
            panel.stop()
            dock.close()
            self._window.removeDockWidget(dock)
            dock.deleteLater()
            self._window.menus_changed()

    # What the panel asks for -------------------------------------------------------------------

    def _submit(
        self,
        recipe: GenerationRecipe,
        folder: Path,
        sorts: tuple[SortChoice, ...],
        then_open: bool,
    ) -> None:
        self._window.jobs.generate(recipe, folder, sorts, then_open=then_open)

    def _ask_sort(self, take: Any, has_static: bool, choice: SortChoice | None) -> None:
        self._window.sorting.ask_choice(take, has_static=has_static, choice=choice)

    def _dataset(self) -> OpenDataset:
        from ..views.generation.special_editors import OpenDataset

        session, opened = self._window.session, self._window.session_opened
        if session is None or opened is None:
            return OpenDataset()
        folder = opened.dataset.folder
        above = find_generated_dataset(folder)
        recording = None if above is None else above / "recording"
        chosen = session.selection.state.cluster_ids
        templates = [
            np.unique(opened.dataset.spike_templates[session.clustering.spikes_of(c)])
            for c in chosen
        ]
        known = np.unique(np.concatenate(templates)).tolist() if templates else []
        is_there = recording is not None and recording.is_dir()
        return OpenDataset(folder, recording if is_there else None, tuple(known))
