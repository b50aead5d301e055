"""Keys: listed, searched, changed, in conflict, reset; and the page about them."""

from __future__ import annotations

from pathlib import Path

import pytest
from opening_in_tests import open_in
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QApplication

from gtview.app.shortcut_docs import page_path, shortcut_page
from gtview.app.shortcuts import declared_shortcuts
from gtview.views import VIEWS, load_view


@pytest.fixture
def keys(window):
    window.help.show_shortcuts()
    return window.help.shortcuts_window


def item_of(keys, action_id):
    (item,) = [i for i in keys.items() if i.data(0, Qt.ItemDataRole.UserRole).id == action_id]
    return item


def shortcut(action_id):
    (found,) = [s for s in declared_shortcuts() if s.id == action_id]
    return found


def press(widget, key, modifiers=Qt.KeyboardModifier.NoModifier, text=""):
    QApplication.sendEvent(widget, QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text))


def test_that_ids_of_actions_are_unique():
    ids = [s.id for s in declared_shortcuts()]
    assert len(ids) == len(set(ids))


def test_that_everything_declared_is_listed(keys):
    assert [i.data(0, Qt.ItemDataRole.UserRole).id for i in keys.items()] == [
        s.id for s in declared_shortcuts()
    ]


def test_that_the_list_is_searched_by_word_and_by_key(keys):
    keys.search.setText("reload")
    assert [i.text(0) for i in keys.items() if not i.isHidden()] == ["Reload"]
    keys.search.setText("ctrl+shift+p")
    assert [i.text(0) for i in keys.items() if not i.isHidden()] == ["Find a command"]


def test_that_a_key_of_the_window_is_changed_and_remembered(window, keys):
    keys.ask_key(item_of(keys, "file.reload"))
    press(keys.line, Qt.Key.Key_Control, Qt.KeyboardModifier.ControlModifier)
    press(keys.line, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert item_of(keys, "file.reload").text(1) == "Ctrl+J"
    assert window.menus.actions["file.reload"].shortcut().toString() == "Ctrl+J"
    assert window.settings.get("keys") == {"file.reload": ["Ctrl+J"]}


def test_that_esc_leaves_the_key_as_it_is(window, keys):
    keys.ask_key(item_of(keys, "file.reload"))
    press(keys.line, Qt.Key.Key_Escape)
    assert item_of(keys, "file.reload").text(1) == "F5"
    assert not keys.line.isVisible()


def test_that_a_key_of_a_view_acts_when_it_is_changed(window, keys, export, qtbot):
    open_in(window, export)
    view = window.host.view("waveform")
    before = view.settings.is_overlap
    keys.set_key(shortcut("waveform.overlap"), "J")
    table = window.host.keys_of(view)
    assert "O" not in table
    table["J"]()
    assert view.settings.is_overlap != before


def test_that_a_taken_key_is_told_and_left_when_the_user_says_no(window, keys):
    window.dialogs.answers["confirm"] = False
    keys.set_key(shortcut("file.reload"), "Ctrl+O")
    assert "Open folder" in keys.message.text()
    assert window.settings.get("keys") is None
    assert window.menus.actions["file.open"].shortcut().toString() == "Ctrl+O"


def test_that_a_taken_key_is_exchanged_when_the_user_says_yes(window, keys):
    window.dialogs.answers["confirm"] = True
    keys.set_key(shortcut("file.reload"), "Ctrl+O")
    assert window.menus.actions["file.reload"].shortcut().toString() == "Ctrl+O"
    assert window.menus.actions["file.open"].shortcut().toString() == "F5"


def test_that_a_view_may_have_a_key_of_the_window_but_it_is_told(window, keys):
    window.dialogs.answers["confirm"] = False
    keys.set_key(shortcut("waveform.overlap"), "F5")
    assert window.shortcuts.keys_of("waveform.overlap", ("O",)) == ("F5",)
    assert "Reload" in keys.message.text()


def test_that_a_key_of_every_view_meets_those_of_each_view(window):
    (rival,) = window.shortcuts.rivals(shortcut("any.settings"), "W")
    assert rival.id == "waveform.next_kind"


def test_that_a_key_is_taken_away_and_all_are_reset(window, keys):
    keys.tree.setCurrentItem(item_of(keys, "file.reload"))
    keys.clear_button.click()
    assert window.menus.actions["file.reload"].shortcut().isEmpty()
    keys.reset_button.click()
    assert window.menus.actions["file.reload"].shortcut().toString() == "F5"
    assert not window.settings.get("keys")


@pytest.mark.parametrize("damaged", [3, {"file.reload": "F5"}, {"file.reload": [3]}])
def test_that_damaged_settings_mean_the_declared_keys(window, damaged):
    window.settings.set("keys", damaged)
    assert window.shortcuts.keys_of("file.reload", ("F5",)) == ("F5",)


def test_that_the_page_about_keys_is_up_to_date():
    path = page_path()
    if not (path.parents[2] / "pyproject.toml").exists():
        pytest.skip("not a checkout")
    again = "run `python -m gtview.app.shortcut_docs`"
    assert path.exists(), again
    assert Path(path).read_text(encoding="utf-8") == shortcut_page(), again


def test_that_the_page_names_every_key_and_gesture():
    page = shortcut_page()
    for declared in declared_shortcuts():
        assert all(f"`{key}`" in page for key in declared.keys)
    for view_id in VIEWS:
        for _, text in load_view(view_id).gestures:
            assert text in page
