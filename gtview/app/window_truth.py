"""What the window does with the ground truth: gains of actions, hiding it, the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QLabel

from ..data.user_choices import is_blind, remember_blind
from ..session.events import BlindChanged, GainsChanged, HistoryChanged
from ..views.base import ViewContext
from .gain_keeper import GainKeeper

if TYPE_CHECKING:
    from ..session.session import Opened, Session
    from .main_window import MainWindow
    from .opening import OpenRequest

_ARROW = "\N{RIGHTWARDS ARROW}"


class WindowTruth:
    """The Truth menu, and the line at the bottom that tells what an action did."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._keeper: GainKeeper | None = None
        self._place = (0, 0)
        self._told_number: int | None = None
        self.gain_text = QLabel()

    # What menus ask ----------------------------------------------------------------------------

    @property
    def is_there(self) -> bool:
        """Whether there is a ground truth, shown or hidden."""
        return self._window.session is not None and self._window.session.has_truth

    @property
    def is_hidden(self) -> bool:
        """Whether it is hidden."""
        return self._window.session is not None and self._window.session.blind

    # Sizes of true spikes ----------------------------------------------------------------------

    @property
    def is_measuring(self) -> bool:
        """Whether the true spikes are being measured in the raw recording."""
        keeper = self._window.background.sizes
        return keeper is not None and keeper.is_busy

    @property
    def can_measure(self) -> bool:
        """Whether that could be done, or is being done."""
        keeper = self._window.background.sizes
        return keeper is not None and (keeper.is_busy or keeper.can_start)

    def toggle_measuring(self) -> None:
        """Measure the true spikes, or stop it."""
        keeper = self._window.background.sizes
        if keeper is not None and keeper.is_busy:
            keeper.cancel()
        elif keeper is not None:
            keeper.start()
        self._window.menus_changed()

    # Problems ----------------------------------------------------------------------------------

    def next_problem(self) -> None:
        """Select the next unit that is not well detected."""
        self._go_to_problem(1)

    def previous_problem(self) -> None:
        """Select the unit before that is not well detected."""
        self._go_to_problem(-1)

    def _go_to_problem(self, step: int) -> None:
        session = self._window.session
        if session is not None:
            told = session.problems.go(step, source=self)
            if told:
                self._window.notice.tell(told, "info")

    # A session ---------------------------------------------------------------------------------

    @staticmethod
    def starts_hidden(request: OpenRequest, opened: Opened) -> bool:
        """Tell whether the truth of what was opened is not to be seen."""
        if request.is_blind:
            remember_blind(opened.dataset.folder, True)
        return request.is_blind or is_blind(opened.dataset.folder)

    def attach(self, session: Session) -> None:
        """Begin with a session that was just opened."""
        if self.gain_text.parent() is None:
            self._window.statusBar().insertPermanentWidget(1, self.gain_text)
        self._tell(None)
        self._place = self._place_now(session)
        self._keeper = GainKeeper(session, self._window.pool, self._window)
        session.bus.subscribe(BlindChanged, self._on_blind)
        session.bus.subscribe(HistoryChanged, self._on_history)
        session.bus.subscribe(GainsChanged, self._on_gains)

    def detach(self) -> None:
        """Let go of the session."""
        self._tell(None)
        if self._keeper is not None:
            self._keeper.stop()
            self._keeper = None

    # Hiding ------------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Hide the truth, or show it again."""
        session = self._window.session
        if session is not None and session.has_truth:
            self._set_hidden(not session.blind)

    def _set_hidden(self, is_hidden: bool) -> None:
        session = self._window.session
        if session is None:
            return
        remember_blind(session.dataset.folder, is_hidden)
        self._window.look.leave_full_view()
        # Layouts with and without a truth are remembered apart.
        self._window.host.remember_layout(self._window.width())
        session.set_blind(is_hidden)
        self._window.menus_changed()

    def _on_blind(self, _event: BlindChanged) -> None:
        """Make all views anew: what they kept of the truth goes with them."""
        window, session = self._window, self._window.session
        if session is None:
            return
        self._tell(None)
        if window.scores is not None:
            window.scores.stop()
        kept = window.host.keep_state()
        context = ViewContext(session, window.pool, window.themes, window.settings)
        window.host.open(context, window.width())
        window.host.restore_state(kept)
        window.host.fit_parts(window.width())
        window.status.show_opened()
        window.status.show_selection()
        if window.scores is not None:
            window.scores.start()

    # What an action did --------------------------------------------------------------------------

    def _on_history(self, _event: HistoryChanged) -> None:
        session = self._window.session
        if session is None:
            return
        before, self._place = self._place, self._place_now(session)
        if self._place == before:
            return  # what was done is on the disk now
        is_done = self._place[0] >= before[0]
        self._tell(self._place[1] if is_done else None)
        self._on_gains()

    @staticmethod
    def _place_now(session: Session) -> tuple[int, int]:
        """Return the position in the history, and the number of the action before it."""
        history = session.curation.history
        return history.position, history.number_at(history.position)

    def _on_gains(self, _event: GainsChanged | None = None) -> None:
        session = self._window.session
        last = None if session is None else session.gains.last
        # It loads numba, which is still being loaded while the window's modules are imported.
        from ..session.gains import describe_gain

        if last is None or last[0].number != self._told_number:
            return
        change = last[0].change
        if change.spikes is None:
            return
        name = change.name
        if len(change.added) == 1:
            name += f" {_ARROW} {change.added[0]}"
        self.gain_text.setText(f"{name}: {describe_gain(last[1])}")
        self.gain_text.setToolTip(describe_gain(last[1], 12))

    def _tell(self, number: int | None) -> None:
        self._told_number = number
        self.gain_text.setText("")
        self.gain_text.setToolTip("")

    # The report --------------------------------------------------------------------------------

    def reveal_and_report(self) -> None:
        """Ask for a file, show the truth, and write the report."""
        window, session = self._window, self._window.session
        if session is None or not session.has_truth:
            return
        name = f"{session.dataset.folder.name} curation report.html"
        start = str(session.dataset.folder.parent / name)
        path = window.dialogs.ask_new_file("Write the report", start, "Page and table (*.html)")
        if path is None:
            return
        self._set_hidden(False)
        self._write_report(session, path)

    def _write_report(self, session: Session, path: Path) -> None:
        from ..session.curation_report import report_query
        from ..session.report_files import write_report

        query = report_query(session)
        self._window.status.show_work("Scoring every action for the report…")
        self._window.pool.run(
            lambda: write_report(query, path), self._on_written, self._on_report_failed
        )

    def _on_written(self, paths: tuple[Path, ...]) -> None:
        page = paths[0]
        self._window.status.show_work("")
        names = " and ".join(path.name for path in paths)
        self._window.notice.tell(
            f"The report was written: {names} in {page.parent}.",
            "info",
            Open_it=lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(page))),
        )

    def _on_report_failed(self, error: BaseException) -> None:
        self._window.status.show_work("")
        self._window.tell_error(error)
