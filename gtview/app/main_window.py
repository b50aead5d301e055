"""The window: pages, menus, and the session that is open."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from ..base.errors import CancelledError
from ..base.settings import SettingsFile
from ..qt.compute import ComputePool, single_shot
from ..qt.dialogs import Dialogs
from ..qt.keys import KeyRouter
from ..qt.menus import Menus
from ..qt.notice import NoticeBar
from ..qt.theme import ThemeKeeper
from ..session.events import ScoresChanged, SelectionChanged
from ..session.session import Opened, Session
from ..views import load_views
from ..views.base import ViewContext
from .actions import ACTIONS
from .background import Background
from .demo_runner import DemoRunner
from .dropping import dropped_folder
from .kept import Kept
from .layouts import LAYOUTS, read_layout
from .opening import Opening, OpenRequest
from .palette import WindowPalette
from .recent import read_recent, remember_recent
from .score_keeper import ScoreKeeper
from .shortcuts import Shortcuts, key_table
from .start_page import LoadingPage, StartPage
from .view_chrome import ViewChrome
from .view_host import ViewHost
from .window_files import WindowFiles
from .window_help import WindowHelp
from .window_look import WindowLook
from .window_status import WindowStatus

_log = logging.getLogger(__name__)


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
        self._opening: Opening | None = None
        self.request: OpenRequest | None = None
        self._awaits_drawing = False
        self._drawn_soon = single_shot(self, 10, self._on_drawn)
        self.demo = DemoRunner(self)
        self.files = WindowFiles(self)
        self.look = WindowLook(self)
        self.help = WindowHelp(self)
        self.status = WindowStatus(self)
        self.background = Background(self.pool, self.status)
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
        return not (self._opening or self._awaits_drawing or is_scoring) and self.host.is_settled

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is being opened: a dataset is there, or could not be opened."""
        return self._opening is None

    def open_path(self, path: Path, ground_truth: Path | None = None) -> None:
        """Open a dataset; the window stays usable meanwhile."""
        self.follow(Opening(OpenRequest(path, ground_truth)).start())

    def follow(self, opening: Opening) -> None:
        """Show the progress of a dataset that is being read, and open it when it is there."""
        if self._opening is not None:
            self._opening.cancel()
        self._opening = opening
        self.pool.submit(load_views, self._views_in_front())
        self.begin_progress(f"Opening {opening.request.path.name or opening.request.path}")
        opening.listen(lambda f, m: self.pool.call(lambda: self.show_progress(f, m)))
        opening.future.add_done_callback(
            lambda _future: self.pool.call(lambda: self._on_read(opening))
        )

    def close_dataset(self) -> None:
        """Go back to the start page."""
        self._leave_session()
        self.show_start()

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
        else:
            self.show_start()

    def menus_changed(self) -> None:
        """Enable what makes sense now."""
        if hasattr(self, "menus"):
            self.menus.update()

    def reload(self) -> None:
        """Read the dataset again; what was selected stays selected."""
        if self.request is not None and self.session is not None:
            self.look.leave_full_view()
            kept = Kept.of(self.session, self.host)
            self.follow(Opening(replace(self.request, again=kept)).start())

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
        self._start.path_asked.connect(self.open_path)
        self._loading = LoadingPage()
        self._loading.cancelled.connect(self._on_cancel)
        self._dock_page = QWidget()
        self.host = ViewHost(self._dock_page, self.settings)
        self.host.make_chrome = lambda instance_id: ViewChrome(self, instance_id)
        self.host.make_keys = partial(key_table, self.shortcuts)
        self.host.drawn.connect(self._on_drawn)
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
        self.setCentralWidget(central)
        self.status.build()
        self.resize(1440, 900)

    def _views_in_front(self) -> list[str]:
        """Return the views that will be seen first; a truth, if there is one, is not known yet."""
        name = self.settings.get("layout", LAYOUTS[0])
        tree = read_layout(name if name in LAYOUTS else LAYOUTS[0]).for_width(self.width())
        return list(tree.front_ids())

    def _on_read(self, opening: Opening) -> None:
        if opening is not self._opening:
            return
        self._opening = None
        error = opening.future.exception()
        if error is None:
            try:
                self._show_session(opening.request, opening.future.result())
            except Exception as fault:  # noqa: BLE001  (back to the start page, with a sentence)
                _log.exception("the window could not show %s", opening.request.path)
                self._leave_session()
                error = fault
            else:
                return
        self.end_progress()
        if not isinstance(error, CancelledError):
            self.status.tell_open_failed(opening.request, error)
        self.open_failed.emit(error)

    def _show_session(self, request: OpenRequest, opened: Opened) -> None:
        self._leave_session()
        self.request, self.session_opened = replace(request, again=None), opened
        self.session = Session(opened, self.tell_error)
        self.scores = ScoreKeeper(self.session, self.pool, self)
        self.scores.failed.connect(self.tell_error)
        self.session.bus.subscribe(SelectionChanged, self.status.show_selection)
        self.session.bus.subscribe(ScoresChanged, self.status.show_selection)
        if request.again is None:
            self.session.select_clusters(request.select or self._first_cluster(opened))
        else:
            self.session.restore_selection(request.again.selection)
        context = ViewContext(self.session, self.pool, self.themes, self.settings)
        self.host.open(context, self.width())
        if request.again is not None:
            self.host.restore_state(request.again.views)
        self._awaits_drawing = True
        self._pages.setCurrentWidget(self._dock_page)
        self.host.fit_parts(self.width())
        remember_recent(self.settings, request.path)
        self.setWindowTitle(f"{opened.dataset.folder} — gtview")
        self.status.show_diagnostics(opened)
        self.menus_changed()
        self.status.show_selection()
        self.opened.emit()

    @staticmethod
    def _first_cluster(opened: Opened) -> tuple[int, ...]:
        """Return the largest cluster: a window that shows something explains itself."""
        ids = opened.clustering.cluster_ids
        return (max(ids, key=opened.clustering.n_spikes_of),) if ids else ()

    def _leave_session(self) -> None:
        if self.session is None:
            return
        self.look.leave_full_view()
        self.host.remember_layout(self.width())
        self.background.stop()
        if self.scores is not None:
            self.scores.stop()
        self.host.close()
        self.session = self.scores = self.session_opened = self.request = None

    def take_better(self, better: Opened) -> None:
        """Take the same dataset of which more is known."""
        if self.session is not None:
            self.session_opened = better
            self.session.replace_opened(better)
            self.status.show_diagnostics(better)

    def tell_error(self, error: BaseException) -> None:
        """Tell one sentence about something that failed."""
        self.status.tell_error(error)

    def _on_cancel(self) -> None:
        if self.demo.cancel():
            return
        if self._opening is not None:
            self._opening.cancel()

    def _on_drawn(self) -> None:
        if not self._awaits_drawing:
            return
        if self.host.is_settled:
            self._awaits_drawing = False
            self.pool.draw_soon(self, self._after_first_drawing)
        else:
            # Items that render themselves are ready a little after their view has drawn.
            self._drawn_soon.start()

    def _after_first_drawing(self) -> None:
        # Scores need scipy, half a second of imports, and kernels that were never compiled take
        # seconds: both after the first picture, not before.
        if self.scores is not None and self.session is not None:
            self.scores.start()
            self.background.start(self.session)

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
        if self._opening is not None:
            self._opening.cancel()
        self.demo.cancel()
        self._leave_session()
        self.pool.close()
        super().closeEvent(event)
