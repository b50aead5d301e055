"""A window with answers prepared, and datasets small enough to open at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from factories import make_phy_folder
from opening_in_tests import open_in

from gtview.app.application import make_application, make_window


class PreparedDialogs:
    """Answers questions as the test wants, and keeps what was shown."""

    def __init__(self) -> None:
        self.answers: dict[str, object] = {}
        self.shown: list[tuple[str, str, str]] = []
        self.asked: list[tuple[str, str, tuple[str, ...]]] = []

    def _answer(self, kind: str):
        return self.answers.get(kind)

    def ask_folder(self, *_args):
        return self._answer("folder")

    def ask_file(self, *_args):
        return self._answer("file")

    def ask_new_file(self, *_args):
        return self._answer("new file")

    def ask_text(self, *_args):
        return self._answer("text")

    def ask_number(self, *_args):
        return self._answer("number")

    def ask_choice(self, *_args):
        return self._answer("choice")

    def ask_button(self, title, question, buttons):
        self.asked.append((title, question, tuple(buttons)))
        return self._answer("button")

    def confirm(self, *_args):
        return self._answer("confirm")

    def show_text(self, title, sentence, text):
        self.shown.append((title, sentence, text))


@pytest.fixture
def export(tmp_path) -> Path:
    """A small export with its raw file."""
    make_phy_folder(tmp_path / "phy", n_spikes=800, n_clusters=6, n_channels=8, with_raw=True)
    return tmp_path / "phy"


@pytest.fixture
def export_with_truth(export) -> Path:
    """The same, with a truth beside it: every cluster is a unit, found to nine tenths."""
    truth = export.parent / "ground_truth"
    truth.mkdir()
    times = np.load(export / "spike_times.npy").ravel().astype(np.int64)
    clusters = np.load(export / "spike_clusters.npy").ravel().astype(np.int32)
    extra = times[::10] + 40
    order = np.argsort(np.r_[times, extra], kind="stable")
    np.save(truth / "spike_times.npy", np.r_[times, extra][order])
    np.save(truth / "spike_units.npy", np.r_[clusters, clusters[::10]][order])
    return export


@pytest.fixture
def opened(window, export):
    """A window with a dataset; its table has the focus, and nothing else is selected by itself."""
    window.settings.set("wizard", {"goes_on": False})
    open_in(window, export)
    window.activateWindow()
    window.host.view("clusters").table.setFocus()
    return window


def leave_for_good(window) -> None:
    """Let a window close whatever was done in it, and let no thread outlive it."""
    window.dialogs.ask_button = lambda _title, _question, buttons: (
        "Keep for next time" if "Keep for next time" in buttons else "Leave, and lose them"
    )
    window.pool.close()


@pytest.fixture
def window(qtbot):
    """An empty window with prepared dialogs."""
    make_application()
    made = make_window(dialogs=PreparedDialogs())
    made.resize(1400, 900)
    qtbot.addWidget(made, before_close_func=leave_for_good)
    made.show()
    return made


@pytest.fixture
def second_window(qtbot):
    """One more window of the same kind."""
    made = make_window(dialogs=PreparedDialogs())
    qtbot.addWidget(made, before_close_func=leave_for_good)
    made.show()
    return made
