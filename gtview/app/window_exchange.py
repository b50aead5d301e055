"""Curations of SpikeInterface as files: read and done here, or written of what was done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.errors import UsageError
from ..base.files import write_text_whole
from ..base.wording import count_text

if TYPE_CHECKING:
    from .main_window import MainWindow

_PATTERN = "Curation of SpikeInterface (*.json)"


class WindowExchange:
    """Imports and exports curations; SpikeInterface takes seconds to load: in a thread."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def import_json(self) -> None:
        """Ask for a curation of SpikeInterface, and do what it says."""
        window, session = self._window, self._window.session
        if session is None:
            return
        reason = session.curation.keeping.read_only_reason
        if reason:
            window.curation.tell(reason)
            return
        start = str(session.dataset.folder)
        path = window.dialogs.ask_file("Import a curation of SpikeInterface", start, _PATTERN)
        if path is None:
            return

        def do(value: dict[str, Any]) -> None:
            if window.session is session:
                self._do(path, value)

        window.curation.tell(f"Reading {path.name}…")
        window.pool.run(lambda: _read(path), do, window.tell_error)

    def _do(self, path: Path, value: dict[str, Any]) -> None:
        window = self._window
        if window.session is None:
            return
        history = window.session.curation.history
        before = history.position
        try:
            notes = window.session.curation.from_spikeinterface(value)
        except (UsageError, KeyError) as error:
            done = history.position - before
            more = f" {done} actions of it were done; undo takes them back." if done else ""
            window.notice.tell(f"{path.name} cannot be done here: {error}{more}", "error")
            return
        actions = count_text(history.position - before, "action")
        window.curation.tell(f"{path.name}: {actions} done.")
        if notes:
            text = f"{actions} of {path.name} done. {' '.join(notes)}"
            window.notice.tell(text, "warning")

    def export_json(self) -> None:
        """Ask for a file, and write what was done as a curation of SpikeInterface."""
        window, session = self._window, self._window.session
        if session is None:
            return
        start = str(session.dataset.folder / "curation.json")
        path = window.dialogs.ask_new_file("Export the curation", start, _PATTERN)
        if path is None:
            return

        def write() -> None:
            text = json.dumps(session.curation.to_spikeinterface(), indent=1)
            write_text_whole(path, text)

        def tell(_done: object) -> None:
            window.curation.tell(f"Written: {path}")

        window.pool.run(write, tell, window.tell_error)


def _read(path: Path) -> dict[str, Any]:
    from ..curation.exchange import check_curation

    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path.name} cannot be read as JSON: {error}") from error
    if not isinstance(value, dict):
        raise UsageError(f"{path.name} is no curation of SpikeInterface.")
    check_curation(value)
    return value
