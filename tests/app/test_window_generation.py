"""The panel of generation in the window: from the menu, from the start page, and as a dock."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import Qt

from gtview.app.start_page import StartPage
from gtview.generation.presets import read_preset
from gtview.jobs.sorting import SortChoice


def open_panel(window, qtbot, how="open"):
    with qtbot.waitSignal(window.generation.opened, timeout=60_000) as signal:
        getattr(window.generation, how)()
    return signal.args[0]


def open_export(window, qtbot, path):
    with qtbot.waitSignal(window.opened, timeout=60_000):
        window.open_path(path)


@pytest.fixture(autouse=True)
def no_jobs(window):
    yield
    window.generation.close()


def test_that_the_menu_opens_the_panel_without_a_dataset(window, qtbot):
    action = window.menus.actions["generate.new"]
    assert action.isEnabled()
    with qtbot.waitSignal(window.generation.opened, timeout=60_000):
        action.trigger()
    dialog = window.generation.dialog
    assert dialog.isVisible()
    assert not dialog.isModal()
    action.trigger()
    assert window.generation.dialog is dialog
    assert not window.menus.actions["generate.dock"].isEnabled()


def test_that_the_start_page_opens_the_panel(window, qtbot):
    page = window.findChild(StartPage)
    with qtbot.waitSignal(window.generation.opened, timeout=60_000):
        page.generate_button.click()
    assert window.generation.panel is not None


def test_that_escape_closes_the_panel_and_it_comes_back_as_it_was(window, qtbot):
    panel = open_panel(window, qtbot)
    panel.load_preset("tetrode")
    panel.window().resize(1111, 777)
    qtbot.keyClick(panel.window(), Qt.Key.Key_Escape)
    assert window.generation.panel is None
    again = open_panel(window, qtbot)
    assert again.draft.recipe == read_preset("tetrode")
    assert (again.window().width(), again.window().height()) == (1111, 777)


def test_that_the_panel_is_a_dock_while_a_dataset_is_open(window, qtbot, export):
    open_export(window, qtbot, export)
    action = window.menus.actions["generate.dock"]
    assert action.isEnabled()
    panel = open_panel(window, qtbot, "toggle_dock")
    assert panel.isVisible()
    assert action.isChecked()
    assert window.generation.dialog is None
    window.generation.toggle_dock()
    assert window.generation.panel is None
    assert not action.isChecked()


def test_that_what_is_open_can_be_used_in_a_recipe(window, qtbot, export):
    open_export(window, qtbot, export)
    session = window.session
    ids = session.clustering.cluster_ids[:2]
    session.select_clusters(ids)
    known = window.generation._dataset()
    assert known.export == export
    assert known.recording is None
    templates = session.dataset.spike_templates
    expected = np.unique(np.concatenate([templates[session.clustering.spikes_of(c)] for c in ids]))
    assert known.templates == tuple(expected.tolist())


def test_that_generate_hands_the_recipe_to_the_queue(window, qtbot, tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(window.jobs, "generate", lambda *a, **k: calls.append((a, k)))
    panel = open_panel(window, qtbot)
    panel.load_preset("quick")
    panel.destination.folder.line.setText(str(tmp_path / "out"))
    panel.destination.folder.line.textEdited.emit("")
    panel.destination.show_sort(SortChoice("simple"))
    panel.destination.button.click()
    assert calls == [
        ((read_preset("quick"), tmp_path / "out", (SortChoice("simple"),)), {"then_open": True})
    ]
    assert window.generation.dialog is None


def test_that_a_folder_that_another_job_makes_is_told(window, qtbot, tmp_path, monkeypatch):
    from gtview.base.errors import UsageError

    def refuse(*_args, **_kwargs):
        raise UsageError("It is being made by another job already.")

    monkeypatch.setattr(window.jobs, "generate", refuse)
    panel = open_panel(window, qtbot)
    panel.destination.folder.line.setText(str(tmp_path / "out"))
    panel.destination.folder.line.textEdited.emit("")
    panel.destination.button.click()
    assert "another job" in panel.destination.reason.text()
    assert window.generation.dialog is not None


def test_that_the_panel_goes_with_the_window(window, qtbot):
    open_panel(window, qtbot)
    window.close()
    assert window.generation.panel is None
