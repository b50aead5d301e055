"""Fifty random actions in the window by key; what is saved is read with phylib."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from factories import make_phy_folder
from opening_in_tests import open_in
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from gtview.app.waiting import wait_until, wait_until_drawn

N_ACTIONS = 50
Key = Qt.Key
NONE = Qt.KeyboardModifier.NoModifier
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier

# Each with how often it is taken.
KEYS = (
    (6, Key.Key_G, NONE),
    (3, Key.Key_K, NONE),
    (2, Key.Key_K, CTRL | SHIFT),
    (4, Key.Key_Z, CTRL),
    (2, Key.Key_Y, CTRL),
    (1, Key.Key_S, CTRL),
    (2, Key.Key_L, NONE),
    *((1, key, modifier) for key in (Key.Key_G, Key.Key_M, Key.Key_N, Key.Key_U)
      for modifier in (ALT, CTRL, CTRL | ALT)),
)  # fmt: skip

READ = """
import json, sys
from phylib.io.model import load_model
model = load_model(sys.argv[1])
groups = {str(k): v for k, v in model.metadata.get("group", {}).items()}
notes = {str(k): v for k, v in model.metadata.get("note", {}).items()}
print(json.dumps({"clusters": model.spike_clusters.tolist(), "groups": groups, "notes": notes}))
"""


def real_exports() -> list[Path]:
    """Exports to be tried besides the made ones, as `GTVIEW_TEST_EXPORTS` names them."""
    named = os.environ.get("GTVIEW_TEST_EXPORTS", "")
    return [Path(p) for p in named.split(os.pathsep) if p]


def phylib_python() -> str:
    """Return a Python that has phylib: this one, or the one that `GTVIEW_PHYLIB_PYTHON` names."""
    named = os.environ.get("GTVIEW_PHYLIB_PYTHON", sys.executable)
    done = subprocess.run([named, "-c", "import phylib"], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("phylib is not installed")
    return named


def read_with_phylib(export: Path) -> dict:
    done = subprocess.run(
        [phylib_python(), "-c", READ, str(export / "params.py")],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.strip().splitlines()[-1])


@pytest.fixture(params=["kilosort4", "kilosort1", *real_exports()], ids=str)
def any_export(request, tmp_path) -> Path:
    """A made export, or a copy of a real one."""
    if isinstance(request.param, Path):
        shutil.copytree(request.param, tmp_path / "phy")
    else:
        made = {"dialect": request.param, "with_features": True}
        make_phy_folder(tmp_path / "phy", n_spikes=3000, n_clusters=12, n_channels=12, **made)
    return tmp_path / "phy"


class Curator:
    """Presses keys as somebody with no plan does, and looks at what the window shows."""

    def __init__(self, window, seed: int) -> None:
        self.window = window
        self.random = np.random.default_rng(seed)

    @property
    def session(self):
        return self.window.session

    def act(self) -> None:
        """Select something, and press a key."""
        weights = np.array([k[0] for k in KEYS], float)
        _, key, modifiers = KEYS[self.random.choice(len(KEYS), p=weights / weights.sum())]
        if key not in (Key.Key_Z, Key.Key_Y, Key.Key_S):
            self.select()
        if key == Key.Key_K and modifiers == NONE:
            self.propose_split()
        self.press(key, modifiers)
        if self.window.curation.label_dialog is not None:
            self.fill_in(self.window.curation.label_dialog)

    def select(self) -> None:
        ids = self.session.clustering.cluster_ids
        n = int(self.random.integers(1, min(4, len(ids)) + 1))
        chosen = self.random.choice(ids, n, replace=False).tolist()
        k = int(self.random.integers(1, n + 1))
        self.session.select_clusters(chosen[:k], chosen[k:])

    def propose_split(self) -> None:
        shown = self.session.selection.state.shown_ids
        spikes = np.concatenate([self.session.clustering.spikes_of(i) for i in shown])
        share = self.random.random()
        part = np.sort(spikes[self.random.random(len(spikes)) < share])
        self.session.splitting.propose([part], "chance")

    def fill_in(self, dialog) -> None:
        dialog.field.setCurrentText("note")
        dialog.value.setCurrentText(str(self.random.choice(["", "look again", "3", "1e-3"])))
        dialog.accept()

    def press(self, key, modifiers) -> None:
        self.window.activateWindow()
        QApplication.processEvents()
        QTest.keyClick(self.window.focusWidget() or self.window, key, modifiers)
        self.settle()

    def settle(self) -> None:
        window = self.window
        assert wait_until(window, lambda: not self.session.curation.saving.is_busy, 60)
        assert wait_until_drawn(window, 120)

    def check(self) -> None:
        """What is shown is what there is."""
        window, clustering = self.window, self.session.clustering
        failed = [v.title for v in window.host.visible_views() if v.error is not None]
        assert not failed
        table = window.host.view("clusters").table.rows.table
        assert list(table.row_ids) == clustering.cluster_ids
        counts = [clustering.n_spikes_of(i) for i in clustering.cluster_ids]
        assert table.column("spikes").values.tolist() == counts
        labels = self.session.curation.labels
        groups = [labels.get("group", i) or "unsorted" for i in clustering.cluster_ids]
        assert table.column("group").values.tolist() == groups


def labels_of(session, field: str) -> dict[str, object]:
    labels = session.curation.labels
    found = {str(i): labels.get(field, i) for i in session.clustering.cluster_ids}
    return {i: value for i, value in found.items() if value is not None}


def test_that_phylib_reads_what_fifty_actions_made(window, any_export):
    first = np.load(any_export / "spike_clusters.npy").ravel().copy()
    phylib_python()
    window.resize(1600, 1000)
    open_in(window, any_export)
    curator = Curator(window, seed=5)
    while len(window.session.curation.history.entries) < N_ACTIONS:
        curator.act()
        curator.check()
    session = window.session
    if session.curation.is_dirty:
        curator.press(Key.Key_S, CTRL)
    assert not session.curation.is_dirty
    read = read_with_phylib(any_export)
    assert np.array_equal(read["clusters"], session.clustering.copied())
    assert read["groups"] == labels_of(session, "group")
    assert read["notes"] == labels_of(session, "note")
    while session.curation.history.position:
        session.curation.undo()
    assert np.array_equal(session.clustering.copied(), first)
    curator.settle()
    curator.check()
