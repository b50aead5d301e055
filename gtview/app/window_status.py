"""What the window says of what is open: the line at its bottom, and notices at its top."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QLabel, QToolButton

from ..base.errors import GtviewError
from .diagnostics import describe_diagnostics
from .status import describe_selection

if TYPE_CHECKING:
    from ..session.session import Opened
    from .main_window import MainWindow
    from .opening import OpenRequest


class WindowStatus:
    """The status line and the notices."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.selection_text = QLabel()
        self.work_text = QLabel()
        self.diagnostics_button = QToolButton()

    def build(self) -> None:
        """Put it into the window."""
        line = self._window.statusBar()
        line.addWidget(self.selection_text, 1)
        line.addPermanentWidget(self.work_text)
        self.diagnostics_button.clicked.connect(self._window.help.show_diagnostics)
        line.addPermanentWidget(self.diagnostics_button)

    def clear(self) -> None:
        """Nothing is open."""
        self.selection_text.setText("")
        self.diagnostics_button.hide()

    def show_work(self, text: str) -> None:
        """Say what is being prepared in the background; "": nothing."""
        self.work_text.setText(text)

    def show_selection(self, _event: object = None) -> None:
        """Say what is selected."""
        if self._window.session is not None:
            self.selection_text.setText(describe_selection(self._window.session))

    def show_diagnostics(self, opened: Opened) -> None:
        """Say how much was noticed while reading, and what is missing."""
        window = self._window
        text, level = describe_diagnostics(opened.dataset.diagnostics)
        self.diagnostics_button.setText(text)
        self.diagnostics_button.setVisible(bool(text))
        if level == "error":
            window.notice.tell(text, "error", Details=window.help.show_diagnostics)
        elif opened.dataset.raw is None and opened.dataset.raw_path_asked:
            window.notice.tell(
                f"The recording {Path(opened.dataset.raw_path_asked).name} was not found: "
                "templates are shown, raw waveforms and traces are not.",
                "warning",
                Locate_it=window.files.ask_raw_file,
            )
        else:
            window.notice.hide()

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
