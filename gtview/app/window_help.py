"""The Help menu: keys, diagnostics, log, about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import __version__
from ..qt.dialogs import copy_text
from ..views import VIEWS, load_view
from .actions import ACTIONS
from .diagnostics import list_diagnostics

if TYPE_CHECKING:
    from .main_window import MainWindow


class WindowHelp:
    """Explains the program to whoever sits before it."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def show_shortcuts(self) -> None:
        """List what keys and mouse do."""
        self._window.dialogs.show_text(
            "Keys and gestures",
            "Keys of a view act in the view under the pointer, or in the one with the focus.",
            list_shortcuts(),
        )

    def show_diagnostics(self) -> None:
        """List what was noticed while reading."""
        opened = self._window.session_opened
        if opened is None:
            return
        text = list_diagnostics(opened.dataset.diagnostics)
        self._window.dialogs.show_text(
            "Diagnostics",
            f"What was noticed while reading {opened.dataset.folder}",
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


def list_shortcuts() -> str:
    """Return every key and gesture, from the declared actions."""
    lines = ["Window"]
    lines += [
        _line(", ".join(a.keys), a.text.replace("&", "").rstrip("…")) for a in ACTIONS if a.keys
    ]
    for view_id in VIEWS:
        view = load_view(view_id)
        entries = [(", ".join(a.keys), a.text) for a in view.actions_declared if a.keys]
        entries += list(view.gestures)
        if entries:
            lines += ["", view.title] + [_line(keys, text) for keys, text in entries]
    return "\n".join(lines)


def _line(keys: str, text: str) -> str:
    return f"    {keys:28} {text}"
