"""The palette of commands: everything is found, and does what it says."""

from __future__ import annotations

import pytest
from opening_in_tests import open_in
from PyQt6.QtCore import Qt

from gtview.app.actions import ACTIONS
from gtview.app.palette import PALETTE_ID, list_commands, numbered_commands
from gtview.app.view_chrome import settings_of
from gtview.app.waiting import wait_until_drawn


@pytest.fixture
def opened(window, export_with_truth):
    open_in(window, export_with_truth)
    return window


def search(window, typed):
    window.palette_of_commands.toggle()
    palette = window.palette_of_commands.shown
    palette.line.setText(typed)
    return palette


def test_that_every_action_view_setting_and_layout_is_found(opened):
    texts = {command.text for command in list_commands(opened)}
    for action in ACTIONS:
        if action.id != PALETTE_ID and opened.menus.actions[action.id].isEnabled():
            assert action.text.replace("&", "") in texts
    for instance_id in opened.host.ids:
        title = opened.host.title(instance_id)
        assert f"Open {title}" in texts
        for action in opened.host.view(instance_id).actions_declared:
            assert f"{title}: {action.text}" in texts
        for _, label in settings_of(instance_id):
            assert f"{title}: {label}" in texts
    assert {"Layout Curate", "Layout Drift"} <= texts


def test_that_without_a_dataset_only_what_makes_sense_is_found(window):
    texts = [command.text for command in list_commands(window)]
    assert "Open folder…" in texts
    assert "Reload" not in texts
    assert not [text for text in texts if text.startswith("Open Wave")]


def test_that_a_view_is_opened(opened, qtbot):
    opened.host.close_view("correlogram")
    palette = search(opened, "open correl")
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert opened.host.docks.is_open("correlogram")
    assert opened.palette_of_commands.shown is None


def test_that_a_setting_opens_its_form_at_its_line(opened, qtbot):
    palette = search(opened, "setting high-pass")
    assert palette.shown[0].text == "Waveforms: High-pass"
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    form = opened.host.chrome["waveform"].popups["settings"].content
    assert form.isVisible()
    assert form.focusWidget() is form.editor("cutoff_hz")


def test_that_an_action_of_a_view_is_done(opened, qtbot):
    before = opened.host.view("waveform").settings.is_overlap
    palette = search(opened, "waveforms over one another")
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert opened.host.view("waveform").settings.is_overlap != before


@pytest.mark.parametrize("typed", ["2", "cluster 2", "c 2", "CLUSTER 2"])
def test_that_a_cluster_is_selected_by_its_number(opened, qtbot, typed):
    palette = search(opened, typed)
    assert palette.shown[0].text == "Select cluster 2"
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert opened.session.selection.state.cluster_ids == (2,)
    assert wait_until_drawn(opened)


def test_that_several_clusters_and_units_are_selected(opened):
    (command,) = numbered_commands(opened, "3, 1")
    command.run()
    assert opened.session.selection.state.cluster_ids == (3, 1)
    (unit,) = list(numbered_commands(opened, "unit 2"))
    unit.run()
    assert opened.session.selection.state.unit_id == 2


def test_that_a_number_that_is_no_cluster_is_not_offered(opened):
    assert list(numbered_commands(opened, "999")) == []
