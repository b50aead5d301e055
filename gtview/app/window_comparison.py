"""How the window asks for other sortings to compare with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..session.session import Session
    from .main_window import MainWindow

VIEW = "comparison"


class WindowComparison:
    """The action "Compare with another sorting…"."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        # What was chosen for each export stays while the window is open.
        self._chosen: dict[Path, list[Path]] = {}

    @property
    def can_compare(self) -> bool:
        """Whether there is a truth to compare with, and it may be seen."""
        session = self._window.session
        return session is not None and session.truth is not None

    def attach(self, session: Session) -> None:
        """Begin with a session: what was compared before a reload is compared again."""
        for export in self._chosen.get(Path(session.dataset.folder), ()):
            session.others.add(export)

    def ask(self) -> None:
        """Ask for another export of the same recording, and show the comparison."""
        window, session = self._window, self._window.session
        if session is None or session.truth is None:
            return
        start = str(Path(session.dataset.folder).parent)
        folder = window.dialogs.ask_folder("Compare with another sorting", start)
        if folder is None:
            return
        from ..data.discovery import find_dataset

        window.pool.run(
            lambda: find_dataset(Path(folder)).export_folder,
            lambda export: self._add(session, export),
            window.tell_error,
        )

    def _add(self, session: Session, export: Path) -> None:
        window = self._window
        if window.session is not session:
            return
        chosen = self._chosen.setdefault(Path(session.dataset.folder), [])
        if export not in chosen:
            chosen.append(export)
        session.others.add(export)
        window.host.open_view(VIEW)
