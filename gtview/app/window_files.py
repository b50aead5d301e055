"""What the window asks about files: what to open, where the raw file is, the gain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..data.dataset import Gain

if TYPE_CHECKING:
    from ..session.session import Opened
    from .main_window import MainWindow

USUAL_GAIN_UV = 0.195
LARGEST_GAIN_UV = 1e6


class WindowFiles:
    """The part of the File menu that asks."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def ask_and_open(self) -> None:
        """Ask for a folder and open it."""
        window = self._window
        start = str(window.request.path) if window.request else str(Path.home())
        folder = window.dialogs.ask_folder("Open a Kilosort or phy export", start)
        if folder is not None:
            window.open_path(folder)

    def ask_ground_truth(self) -> None:
        """Ask for a ground truth, and open the dataset again with it."""
        window = self._window
        if window.request is None:
            return
        start = str(window.request.path.parent)
        folder = window.dialogs.ask_folder("Open a ground truth", start)
        if folder is not None:
            window.open_path(window.request.path, folder)

    def ask_raw_file(self) -> None:
        """Ask where the recording is."""
        opened = self._window.session_opened
        if opened is None:
            return
        name = Path(opened.dataset.raw_path_asked or "the recording").name
        start = str(opened.dataset.folder)
        path = self._window.dialogs.ask_file(f"Where is {name}?", start, "Recordings (*)")
        if path is not None:
            self._reopen(opened, raw_path=path)

    def ask_gain(self) -> None:
        """Ask for the gain of the recording."""
        opened = self._window.session_opened
        if opened is None:
            return
        known = opened.dataset.gain
        gain = self._window.dialogs.ask_number(
            "Gain of the recording",
            "Microvolts of one step of the raw file:",
            known.uv_per_bit if known else USUAL_GAIN_UV,
            LARGEST_GAIN_UV,
        )
        if gain is not None:
            self._reopen(opened, gain=Gain(gain, "set by you"))

    def _reopen(self, opened: Opened, **known: Any) -> None:
        from ..session.open import reopen_with

        window = self._window

        def take(better: Opened) -> None:
            if window.session_opened is opened:
                window.take_better(better)

        window.pool.run(lambda: reopen_with(opened, **known), take, window.tell_error)
