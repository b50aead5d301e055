"""The Help menu: keys, diagnostics, log, about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import __version__
from ..qt.dialogs import copy_text
from .diagnostics import list_diagnostics

if TYPE_CHECKING:
    from .main_window import MainWindow
    from .shortcuts_window import ShortcutsWindow


class WindowHelp:
    """Explains the program to whoever sits before it."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.shortcuts_window: ShortcutsWindow | None = None

    def show_shortcuts(self) -> None:
        """List what keys and mouse do, in a window where keys can be changed."""
        if self.shortcuts_window is None:
            from .shortcuts_window import ShortcutsWindow

            window = self._window
            self.shortcuts_window = ShortcutsWindow(window.shortcuts, window.dialogs, window)
        self.shortcuts_window.show()
        self.shortcuts_window.raise_()
        self.shortcuts_window.activateWindow()

    def show_diagnostics(self) -> None:
        """List what was noticed while reading."""
        session = self._window.session
        if session is None:
            return
        text = list_diagnostics(session.diagnostics)
        self._window.dialogs.show_text(
            "Diagnostics",
            f"What was noticed while reading {session.dataset.folder}",
            text or "Nothing: every file is as it should be.",
        )

    def show_log(self) -> None:
        """Show the last lines of the log."""
        from ..base.log import log_path, read_log_tail

        self._window.dialogs.show_text("Log", str(log_path()), "".join(read_log_tail(400)))

    @staticmethod
    def copy_details(details: str) -> None:
        """Put the details of a failure on the clipboard."""
        copy_text(details)

    def show_about(self) -> None:
        """Say what this is."""
        self._window.dialogs.show_text(
            "About gtview",
            f"gtview {__version__}",
            "See a spike sorter's output, and how far it is from the truth.\n\n"
            "Free software under the GNU General Public License, version 3 or later.",
        )
