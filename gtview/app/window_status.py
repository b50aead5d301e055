"""What the window says of what is open: the line at its bottom, and notices at its top."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QLabel, QToolButton

from ..base.errors import GtviewError
from ..qt.notice import Notice
from .diagnostics import describe_diagnostics
from .status import describe_selection, describe_unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .main_window import MainWindow
    from .opening import OpenRequest


class WindowStatus:
    """The status line and the notices."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._work: dict[str, str] = {}
        self.selection_text = QLabel()
        self.work_text = QLabel()
        self.saved_text = QLabel()
        self.diagnostics_button = QToolButton()

    def build(self) -> None:
        """Put it into the window."""
        line = self._window.statusBar()
        line.addWidget(self.selection_text, 1)
        line.addPermanentWidget(self.work_text)
        line.addPermanentWidget(self.saved_text)
        self.diagnostics_button.clicked.connect(self._window.help.show_diagnostics)
        line.addPermanentWidget(self.diagnostics_button)

    def clear(self) -> None:
        """Nothing is open."""
        self.selection_text.setText("")
        self.diagnostics_button.hide()

    def show_work(self, text: str, of: str = "copy") -> None:
        """Say what is being prepared in the background, each thing by its name; "": nothing."""
        self._work[of] = text
        self.work_text.setText(" \N{MIDDLE DOT} ".join(t for t in self._work.values() if t))

    def show_saved(self, text: str, *, is_bad: bool = False) -> None:
        """Say what is saved, and how far saving is."""
        self.saved_text.setText(text)
        self.saved_text.setProperty("error", is_bad)
        style = self.saved_text.style()
        if style is not None:
            style.polish(self.saved_text)

    def show_selection(self, _event: object = None) -> None:
        """Say what is selected."""
        if self._window.session is not None:
            self.selection_text.setText(describe_selection(self._window.session))

    def show_opened(self, unknown_ids: Sequence[int] = ()) -> None:
        """Say what was noticed while reading, what is missing, and whether it can be curated.

        `unknown_ids` are clusters that somebody asked for and that do not exist.
        """
        opened = self._window.session_opened
        if opened is None:
            return
        session = self._window.session
        items = opened.dataset.diagnostics if session is None else session.diagnostics
        text, level = describe_diagnostics(items)
        self.diagnostics_button.setText(text)
        self.diagnostics_button.setVisible(bool(text))
        notices = self._window.curation.keeping.notices()
        notices += self._window.sorting.notices()
        if unknown_ids:
            notices.append(Notice(describe_unknown(unknown_ids), "warning"))
        if level == "error":
            details = {"Details": self._window.help.show_diagnostics}
            notices.insert(0, Notice(text, "error", details))
        elif opened.dataset.raw is None and opened.dataset.raw_path_asked:
            name = Path(opened.dataset.raw_path_asked).name
            instead = "" if opened.dataset.templates is None else "templates are shown, "
            lacks = "raw waveforms and traces are not" + ("" if instead else " shown")
            sentence = f"The recording {name} was not found: {instead}{lacks}."
            locate = {"Locate it": self._window.files.ask_raw_file}
            notices.append(Notice(sentence, "warning", locate))
        self._window.notice.tell_all(notices)

    def tell_open_failed(self, request: OpenRequest, error: BaseException) -> None:
        """Tell why a dataset was not opened."""
        sentence = str(error)
        if not isinstance(error, GtviewError):
            sentence = f"{request.path} could not be opened ({type(error).__name__})."
        details = "\n".join(getattr(error, "__notes__", [])) or repr(error)

        def show() -> None:
            self._window.dialogs.show_text("Details", sentence, details)

        self._window.notice.tell(sentence, "error", Details=show)

    def tell_error(self, error: BaseException) -> None:
        """Tell one sentence about something that failed."""
        sentence = str(error) if isinstance(error, GtviewError) else ""
        self._window.notice.tell(
            sentence or f"Something failed ({type(error).__name__}); the log has the details.",
            "error",
            Show_the_log=self._window.help.show_log,
        )
