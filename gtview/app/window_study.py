"""How the window shows a study, opens its sortings, and comes back to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .recent import remember_recent

if TYPE_CHECKING:
    from ..study.results import Row, StudyResults
    from .main_window import MainWindow
    from .study_page import StudyPage

# Of a log, so many letters at its end are shown.
_LOG_END = 100_000


class WindowStudy:
    """The page of a study, made when the first one is opened."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.page: StudyPage | None = None
        self.folder: Path | None = None
        self.is_reading = False

    @property
    def is_there(self) -> bool:
        """Whether there is a study to go back to."""
        return self.folder is not None and not self.is_shown

    @property
    def is_shown(self) -> bool:
        """Whether the page of a study is what is seen."""
        return self.page is not None and self._window.page is self.page

    def open(self, folder: Path) -> None:
        """Read a study in a thread, and show its page instead of what is open."""
        window = self._window
        if not window.curation.saving.may_leave(lambda: self.open(folder)):
            return
        from ..study.results import read_results

        self.is_reading = True
        window.status.show_work(f"Reading the study {folder.name}…")
        window.pool.run(lambda: read_results(folder), self._show, self._fail)

    def refresh(self) -> None:
        """Read the results again: a study that runs has more now."""
        if self.folder is not None:
            self.open(self.folder)

    def back(self) -> None:
        """Leave the sorting that is open, and show the study again."""
        if self.folder is not None:
            self.open(self.folder)

    def close(self) -> None:
        """Forget the study, and show the start page."""
        self.folder = None
        self._window.show_start()

    # Behind it -----------------------------------------------------------------------------

    def _make_page(self) -> StudyPage:
        from .study_page import StudyPage

        page = StudyPage(self._window.themes)
        page.cell_asked.connect(self._open_cell)
        page.log_asked.connect(self._show_log)
        page.refresh_asked.connect(self.refresh)
        page.leave_asked.connect(self.close)
        return page

    def _show(self, results: StudyResults) -> None:
        window = self._window
        self.is_reading = False
        window.status.show_work("")
        if not window.is_at_rest:
            return  # something else was opened meanwhile
        if self.page is None:
            self.page = self._make_page()
        # Keys that change clusters must not act on something that is not seen.
        window.opening.leave()
        window.status.clear()
        self.folder = results.folder
        self.page.show_results(results)
        window.show_page(self.page)
        window.setWindowTitle(f"{results.name} \N{EM DASH} gtview")
        remember_recent(window.settings, results.folder)
        window.menus_changed()

    def _fail(self, error: BaseException) -> None:
        self.is_reading = False
        self._window.status.show_work("")
        self._window.tell_error(error)

    def _open_cell(self, row: Row) -> None:
        if self.folder is not None:
            self._window.open_path(self.folder / str(row["export"]))

    def _show_log(self, row: Row) -> None:
        if self.folder is None:
            return
        path = self.folder / str(row.get("log"))
        try:
            text = path.read_text(encoding="utf-8", errors="replace")[-_LOG_END:]
        except OSError:
            text = ""
        told = text or f"{path.name} is empty or gone."
        self._window.dialogs.show_text("Log", str(row.get("error") or ""), told)
