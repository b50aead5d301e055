"""The window: pages, menus, and the session that is open."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QLabel, QMainWindow, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from ..base.errors import CancelledError, GtviewError
from ..base.settings import SettingsFile
from ..qt.compute import ComputePool
from ..qt.dialogs import Dialogs
from ..qt.keys import KeyRouter
from ..qt.menus import Menus
from ..qt.notice import NoticeBar
from ..qt.theme import ThemeKeeper
from ..session.events import ScoresChanged, SelectionChanged
from ..session.session import Opened, Session
from ..views.base import ViewContext
from .actions import ACTIONS
from .demo_runner import DemoRunner
from .diagnostics import describe_diagnostics
from .opening import Opening, OpenRequest
from .recent import read_recent, remember_recent
from .score_keeper import ScoreKeeper
from .start_page import LoadingPage, StartPage
from .status import describe_selection
from .view_host import ViewHost
from .window_files import WindowFiles
from .window_help import WindowHelp
from .window_look import WindowLook

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
        self.demo = DemoRunner(self)
        self.files = WindowFiles(self)
        self.look = WindowLook(self)
        self.help = WindowHelp(self)
        self._build()
        self.menus = Menus(self, ACTIONS)
        self.look.add_layout_menu()
        self._keys = KeyRouter(self.host.keys_of, self)
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
        self._selection_text.setText("")
        self._diagnostics_button.hide()
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
            chosen = self.session.selection.state.cluster_ids
            request = self.request
            self.follow(
                Opening(
                    OpenRequest(request.path, request.ground_truth, request.sorting, chosen)
                ).start()
            )

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
        self.host.drawn.connect(self._on_drawn)
        page_layout = QVBoxLayout(self._dock_page)
        page_layout.setContentsMargins(0, 0, 0, 0)
        page_layout.addWidget(self.host.docks.widget)
        self._pages = QStackedWidget()
        for page in (self._start, self._loading, self._dock_page):
            self._pages.addWidget(page)
        central = QWidget()
        layout = QVBoxLayout(central)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.notice)
        layout.addWidget(self._pages, 1)
        self.setCentralWidget(central)
        self._selection_text = QLabel()
        self.statusBar().addWidget(self._selection_text, 1)
        self._diagnostics_button = QToolButton()
        self._diagnostics_button.clicked.connect(self.help.show_diagnostics)
        self.statusBar().addPermanentWidget(self._diagnostics_button)
        self.resize(1440, 900)

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
            self._tell_open_failed(opening.request, error)
        self.open_failed.emit(error)

    def _tell_open_failed(self, request: OpenRequest, error: BaseException) -> None:
        sentence = str(error)
        if not isinstance(error, GtviewError):
            sentence = f"{request.path} could not be opened ({type(error).__name__})."
        details = "\n".join(getattr(error, "__notes__", [])) or repr(error)
        show: Callable[[], None] = lambda: self.dialogs.show_text("Details", sentence, details)  # noqa: E731
        self.notice.tell(sentence, "error", Details=show)

    def _show_session(self, request: OpenRequest, opened: Opened) -> None:
        self._leave_session()
        self.request, self.session_opened = request, opened
        self.session = Session(opened, self.tell_error)
        self.scores = ScoreKeeper(self.session, self.pool, self)
        self.scores.failed.connect(self.tell_error)
        self.session.bus.subscribe(SelectionChanged, self._on_selection)
        self.session.bus.subscribe(ScoresChanged, self._on_selection)
        chosen = request.select or self._first_cluster(opened)
        self.session.select_clusters(chosen)
        context = ViewContext(self.session, self.pool, self.themes, self.settings)
        self.host.open(context, self.width())
        self.look.fill_views_menu()
        self._awaits_drawing = True
        self._pages.setCurrentWidget(self._dock_page)
        self.host.fit_parts(self.width())
        remember_recent(self.settings, request.path)
        self.setWindowTitle(f"{opened.dataset.folder} — gtview")
        self._show_diagnostics_count(opened)
        self.menus_changed()
        self._on_selection(None)
        self.opened.emit()

    @staticmethod
    def _first_cluster(opened: Opened) -> tuple[int, ...]:
        """Return the largest cluster: a window that shows something explains itself."""
        ids = opened.clustering.cluster_ids
        return (max(ids, key=opened.clustering.n_spikes_of),) if ids else ()

    def _show_diagnostics_count(self, opened: Opened) -> None:
        text, level = describe_diagnostics(opened.dataset.diagnostics)
        self._diagnostics_button.setText(text)
        self._diagnostics_button.setVisible(bool(text))
        if level == "error":
            self.notice.tell(text, "error", Details=self.help.show_diagnostics)
        elif opened.dataset.raw is None and opened.dataset.raw_path_asked:
            self.notice.tell(
                f"The recording {Path(opened.dataset.raw_path_asked).name} was not found: "
                "templates are shown, raw waveforms and traces are not.",
                "warning",
                Locate_it=self.files.ask_raw_file,
            )
        else:
            self.notice.hide()

    def _leave_session(self) -> None:
        if self.session is None:
            return
        self.host.remember_layout(self.width())
        self.look.clear_views_menu()
        if self.scores is not None:
            self.scores.stop()
        self.host.close()
        self.session = self.scores = self.session_opened = self.request = None

    def take_better(self, better: Opened) -> None:
        """Take the same dataset of which more is known."""
        if self.session is not None:
            self.session_opened = better
            self.session.replace_opened(better)
            self._show_diagnostics_count(better)

    def tell_error(self, error: BaseException) -> None:
        """Tell one sentence about something that failed."""
        sentence = str(error) if isinstance(error, GtviewError) else ""
        self.notice.tell(
            sentence or f"Something failed ({type(error).__name__}); the log has the details.",
            "error",
            Show_the_log=self.help.show_log,
        )

    def _on_cancel(self) -> None:
        if self.demo.cancel():
            return
        if self._opening is not None:
            self._opening.cancel()

    def _on_drawn(self) -> None:
        if self._awaits_drawing and self.host.is_settled:
            self._awaits_drawing = False
            self.pool.draw_soon(self, self._after_first_drawing)

    def _after_first_drawing(self) -> None:
        # Scores need scipy, half a second of imports, and kernels that were never compiled take
        # seconds: both after the first picture, not before.
        from ..kernels.compiled import compile_once

        if self.scores is not None:
            self.scores.start()
        self.pool.submit(compile_once)

    def _on_selection(self, _event: object) -> None:
        if self.session is not None:
            self._selection_text.setText(describe_selection(self.session))

    def dragEnterEvent(self, event: Any) -> None:
        if self._dropped_folder(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: Any) -> None:
        folder = self._dropped_folder(event)
        if folder is not None:
            event.acceptProposedAction()
            self.open_path(folder)

    @staticmethod
    def _dropped_folder(event: Any) -> Path | None:
        urls = event.mimeData().urls() if event.mimeData().hasUrls() else []
        local = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        return local[0] if local else None

    def closeEvent(self, event: Any) -> None:
        if self._opening is not None:
            self._opening.cancel()
        self.demo.cancel()
        self._leave_session()
        self.pool.close()
        super().closeEvent(event)
