"""The window: pages, menus, and the session that is open."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from ..base.settings import SettingsFile
from ..qt.compute import ComputePool
from ..qt.dialogs import Dialogs
from ..qt.keys import KeyRouter
from ..qt.menus import Menus
from ..qt.notice import NoticeBar
from ..qt.theme import ThemeKeeper
from ..session.session import Opened, Session
from .actions import ACTIONS
from .background import Background
from .demo_runner import DemoRunner
from .dropping import dropped_folder
from .opening import Opening, OpenRequest
from .palette import WindowPalette
from .recent import read_recent
from .score_keeper import ScoreKeeper
from .shortcuts import Shortcuts, key_table
from .start_page import LoadingPage, StartPage
from .view_chrome import ViewChrome
from .view_host import ViewHost
from .window_cache import WindowCache
from .window_comparison import WindowComparison
from .window_curation import WindowCuration
from .window_files import WindowFiles
from .window_generation import WindowGeneration
from .window_help import WindowHelp
from .window_jobs import WindowJobs
from .window_look import WindowLook
from .window_opening import WindowOpening
from .window_snippets import WindowSnippets
from .window_sorting import WindowSorting
from .window_splitting import WindowSplitting
from .window_status import WindowStatus
from .window_study import WindowStudy
from .window_truth import WindowTruth
from .window_wizard import WindowWizard


class MainWindow(QMainWindow):
    """Holds the session that is open and puts its views around it.

    Signals
    -------
    opened()
        A dataset is open and its views are made.
    open_failed(object)
        Why a dataset could not be opened.
    """

    opened = pyqtSignal()
    open_failed = pyqtSignal(object)

    def __init__(
        self, settings: SettingsFile, themes: ThemeKeeper, dialogs: Dialogs | None = None
    ) -> None:
        super().__init__()
        self.settings = settings
        self.themes = themes
        self.dialogs = dialogs or Dialogs(self)
        self.pool = ComputePool(self)
        self.session: Session | None = None
        self.scores: ScoreKeeper | None = None
        self.session_opened: Opened | None = None
        self.request: OpenRequest | None = None
        self.opening = WindowOpening(self)
        self.jobs = WindowJobs(self)
        self.sorting = WindowSorting(self)
        self.generation = WindowGeneration(self)
        self.demo = DemoRunner(self)
        self.files = WindowFiles(self)
        self.look = WindowLook(self)
        self.help = WindowHelp(self)
        self.status = WindowStatus(self)
        self.background = Background(self.pool, self.status)
        self.cache = WindowCache(self)
        self.curation = WindowCuration(self)
        self.splitting = WindowSplitting(self)
        self.wizard = WindowWizard(self)
        self.snippets = WindowSnippets(self)
        self.truth = WindowTruth(self)
        self.study = WindowStudy(self)
        self.comparison = WindowComparison(self)
        self.palette_of_commands = WindowPalette(self)
        self.shortcuts = Shortcuts(settings, self)
        self._build()
        self.menus = Menus(self, ACTIONS)
        self.look.add_menus()
        self._keys = KeyRouter(self.look.keys_of, self)
        self.shortcuts.changed.connect(self._use_keys)
        self._use_keys()
        self.setAcceptDrops(True)
        self.show_start()

    # What is open --------------------------------------------------------------------------

    @property
    def has_dataset(self) -> bool:
        """Whether a dataset is open."""
        return self.session is not None

    @property
    def is_settled(self) -> bool:
        """Whether everything that is visible is drawn in full, scores included."""
        is_scoring = self.scores is not None and self.scores.is_busy
        is_waiting = is_scoring or self.wizard.is_busy
        return self.opening.is_settled and not is_waiting and self.host.is_settled

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is being opened: a dataset is there, or could not be opened."""
        return self.opening.is_at_rest

    def open_path(self, path: Path, ground_truth: Path | None = None) -> None:
        """Open a dataset; the window stays usable meanwhile."""
        self.opening.open_path(path, ground_truth)

    def follow(self, opening: Opening) -> None:
        """Show the progress of a dataset that is being read, and open it when it is there."""
        self.opening.follow(opening)

    def close_dataset(self) -> None:
        """Go back to the start page."""
        self.opening.close_dataset()

    def show_start(self) -> None:
        """Show what one can do."""
        self._start.show_recent(read_recent(self.settings))
        self._pages.setCurrentWidget(self._start)
        self.status.clear()
        self.setWindowTitle("gtview")
        self.menus_changed()

    def begin_progress(self, title: str) -> None:
        """Show that something long is being done."""
        self._loading.begin(title)
        self._pages.setCurrentWidget(self._loading)

    def show_progress(self, fraction: float, message: str) -> None:
        """Show how far it is."""
        self._loading.tell(fraction, message)

    def end_progress(self) -> None:
        """Go back to what was there before."""
        if self.session is not None:
            self._pages.setCurrentWidget(self._dock_page)
        elif self.study.is_there:
            self.study.back()
        else:
            self.show_start()

    def menus_changed(self) -> None:
        """Enable what makes sense now."""
        if hasattr(self, "menus"):
            self.menus.update()

    def reload(self) -> None:
        """Read the dataset, or the study, again; what was selected stays selected."""
        if self.study.is_shown:
            self.study.refresh()
        else:
            self.opening.reload()

    @property
    def can_reload(self) -> bool:
        """Whether there is something to read again."""
        return self.has_dataset or self.study.is_shown

    @property
    def page(self) -> QWidget | None:
        """The page that is seen."""
        return self._pages.currentWidget()

    def show_page(self, page: QWidget) -> None:
        """Show a page of somebody else instead of the views; it is kept."""
        if self._pages.indexOf(page) < 0:
            self._pages.addWidget(page)
        self._pages.setCurrentWidget(page)

    def show_docks(self) -> None:
        """Show the views of the session that is open."""
        self._pages.setCurrentWidget(self._dock_page)
        # Keys pressed now are meant for it, not for a field of the page that was there before.
        self._dock_page.setFocus()

    def show_solo(self, *, is_shown: bool) -> None:
        """Show the page of one view alone, or all docks again."""
        if is_shown or self._pages.currentWidget() is self.look.solo:
            self._pages.setCurrentWidget(self.look.solo if is_shown else self._dock_page)

    # Behind it -----------------------------------------------------------------------------

    def _build(self) -> None:
        self.notice = NoticeBar()
        self._start = StartPage()
        self._start.open_asked.connect(self.files.ask_and_open)
        self._start.demo_asked.connect(self.demo.open)
        self._start.generate_asked.connect(self.generation.open)
        self._start.path_asked.connect(self.open_path)
        self._loading = LoadingPage()
        self._loading.cancelled.connect(self._on_cancel)
        self._dock_page = QWidget()
        self.host = ViewHost(self._dock_page, self.settings)
        self.host.make_chrome = lambda instance_id: ViewChrome(self, instance_id)
        self.host.make_keys = partial(key_table, self.shortcuts)
        self.host.drawn.connect(self.opening.on_drawn)
        self.host.docks.title_double_clicked.connect(self.look.toggle_full_view)
        page_layout = QVBoxLayout(self._dock_page)
        page_layout.setContentsMargins(0, 0, 0, 0)
        page_layout.addWidget(self.host.docks.widget)
        self._pages = QStackedWidget()
        for page in (self._start, self._loading, self._dock_page, self.look.solo):
            self._pages.addWidget(page)
        central = QWidget()
        layout = QVBoxLayout(central)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.notice)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self.snippets.line)
        self.setCentralWidget(central)
        self.status.build()
        self.jobs.build()
        self.resize(1440, 900)

    def take_better(self, better: Opened) -> None:
        """Take the same dataset of which more is known."""
        if self.session is not None:
            self.session_opened = better
            self.session.replace_opened(better)
            self.status.show_opened()

    def tell_error(self, error: BaseException) -> None:
        """Tell one sentence about something that failed."""
        self.status.tell_error(error)

    def _on_cancel(self) -> None:
        if self.demo.cancel():
            return
        self.opening.cancel()

    def _use_keys(self) -> None:
        for action in ACTIONS:
            self.menus.set_keys(action.id, self.shortcuts.keys_of(action.id, action.keys))
        self.host.update_keys()
        for chrome in self.host.chrome.values():
            chrome.update_buttons()

    def keyPressEvent(self, event: Any) -> None:
        if event.key() == Qt.Key.Key_Escape and self.look.full_id:
            self.look.leave_full_view()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: Any) -> None:
        if dropped_folder(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: Any) -> None:
        folder = dropped_folder(event.mimeData())
        if folder is not None:
            event.acceptProposedAction()
            self.open_path(folder)

    def closeEvent(self, event: Any) -> None:
        if not self.curation.saving.may_leave(self.close):
            event.ignore()
            return
        if not self.jobs.may_close():
            event.ignore()
            return
        self.opening.cancel()
        self.generation.close()
        self.jobs.close()
        self.opening.leave()
        self.pool.close()
        super().closeEvent(event)
