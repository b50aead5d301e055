"""A view as a picture or a text elsewhere: clipboard, PNG, SVG, PDF, CSV, TSV."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.errors import GtviewError
from ..base.files import write_text_whole
from ..qt.compute import single_shot
from ..qt.dialogs import copy_text
from ..qt.picture import FORMATS, Picture, record
from ..qt.theme import load_theme

if TYPE_CHECKING:
    from ..views.base import View
    from .main_window import MainWindow

TEXT_FORMATS = ("csv", "tsv")
_FOLDER = "picture.folder"
_POLL_MS = 5
_LONGEST_S = 60.0


class PictureFlow:
    """Takes a view elsewhere: drawn anew in the light theme, kept, and drawn back.

    The view is drawn by its own way in the pool; meanwhile its old picture stays on the screen.
    """

    def __init__(self, window: MainWindow, instance_id: str) -> None:
        self._window = window
        self._instance_id = instance_id
        self._until = 0.0
        self._then: list[Callable[[Picture], None]] = []
        self._is_light = False
        self._poll = single_shot(window, _POLL_MS, self._go_on)

    @property
    def _view(self) -> View:
        return self._window.host.view(self._instance_id)

    @property
    def is_busy(self) -> bool:
        """Whether a picture is being made."""
        return self._poll.isActive()

    def choices(self) -> list[tuple[str, Callable[[], None]]]:
        """Return what can be done, in words."""
        found: list[tuple[str, Callable[[], None]]] = []
        if self._view.table_text("\t") is not None:
            found += [
                ("Copy the table", self.copy_table),
                ("Save the table as CSV or TSV…", lambda: self.ask_and_save(TEXT_FORMATS)),
            ]
        return [
            *found,
            ("Copy the picture", self.copy),
            ("Save the picture as PNG, SVG or PDF…", lambda: self.ask_and_save(FORMATS)),
        ]

    def copy(self) -> None:
        """Put the picture on the clipboard."""
        self.make(self._copy)

    def copy_table(self) -> None:
        """Put the rows that are shown on the clipboard."""
        copy_text(self._view.table_text("\t") or "")

    def ask_and_save(self, formats: tuple[str, ...] = ()) -> None:
        """Ask for a file, and write what its ending says."""
        is_table = self._view.table_text("\t") is not None
        formats = formats or ((*TEXT_FORMATS, *FORMATS) if is_table else FORMATS)
        folder = Path(self._window.settings.get(_FOLDER) or Path.home())
        path = self._window.dialogs.ask_new_file(
            f"Save {self._window.host.title(self._instance_id).lower()}",
            str(folder / f"{_file_name(self._instance_id)}.{formats[0]}"),
            ";;".join(f"{name.upper()} (*.{name})" for name in formats),
        )
        if path is not None:
            path = path if path.suffix else path.with_suffix(f".{formats[0]}")
            self._window.settings.set(_FOLDER, str(path.parent))
            self.save(path)

    def save(self, path: Path) -> None:
        """Write a file; its ending says what."""
        if path.suffix.lower().lstrip(".") in TEXT_FORMATS:
            self._guarded(lambda: self._save_table(path))
        else:
            self.make(lambda picture: self._guarded(lambda: self._save_picture(picture, path)))

    def make(self, then: Callable[[Picture], None]) -> None:
        """Draw the view in the light theme, and hand its picture on, a little later."""
        view = self._view
        if not view.isVisible():
            self._window.host.open_view(self._instance_id)
        self._then.append(then)
        if self._poll.isActive():
            return
        self._until = time.monotonic() + _LONGEST_S
        view.setUpdatesEnabled(False)
        view.use_picture_theme(load_theme("light"))
        self._is_light = True
        self._poll.start()

    def _go_on(self) -> None:
        view = self._window.host.views.get(self._instance_id)
        if view is None:
            self._then.clear()
        elif not view.is_settled and time.monotonic() < self._until:
            self._poll.start()
        elif self._is_light:
            self._take(view)
            self._poll.start()
        else:
            view.setUpdatesEnabled(True)

    def _take(self, view: View) -> None:
        then, self._then = self._then, []
        try:
            view.setUpdatesEnabled(True)
            picture = record(view.picture_now())
        finally:
            self._is_light = False
            view.use_picture_theme(None)
            view.setUpdatesEnabled(False)
        for function in then:
            function(picture)

    def _copy(self, picture: Picture) -> None:
        picture.copy()
        self._window.statusBar().showMessage("The picture is on the clipboard.", 4000)

    def _save_picture(self, picture: Picture, path: Path) -> None:
        picture.save(path)
        self._window.statusBar().showMessage(f"Saved {path}", 6000)

    def _save_table(self, path: Path) -> None:
        separator = "," if path.suffix.lower() == ".csv" else "\t"
        try:
            write_text_whole(path, self._view.table_text(separator) or "")
        except OSError as error:
            raise GtviewError(f"{path} cannot be written: {error.strerror}") from error
        self._window.statusBar().showMessage(f"Saved {path}", 6000)

    def _guarded(self, function: Callable[[], None]) -> None:
        try:
            function()
        except GtviewError as error:
            self._window.tell_error(error)


def _file_name(instance_id: str) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in instance_id)
