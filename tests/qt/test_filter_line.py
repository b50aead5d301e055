"""The line of a filter: its keys, what it says when it is wrong, and the filters that it keeps."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt

from gtview.qt.filter_line import FilterLine, SavedFilters


class Answers:
    """Asks nobody."""

    name: str | None = "mine"

    def ask_text(self, _title, _question, text=""):
        self.offered = text
        return self.name


@pytest.fixture
def kept():
    return {"good ones": "group == 'good'"}


@pytest.fixture
def line(qtbot, kept):
    def write(known):
        kept.clear()
        kept.update(known)

    made = FilterLine("filter", "help", saved=SavedFilters(lambda: kept, write))
    made.dialogs = Answers()
    qtbot.addWidget(made)
    made.show()
    return made


def entries(line):
    line.fill_menu()
    return {action.text(): action for action in line.menu.actions() if action.text()}


def test_that_a_saved_filter_is_used(line):
    entries(line)["good ones"].trigger()
    assert line.text() == "group == 'good'"
    assert entries(line)["good ones"].isChecked()


def test_that_a_filter_is_saved_under_a_name_and_forgotten(line, kept):
    assert not entries(line)["Save this filter…"].isEnabled()
    line.setText("rate > 2")
    entries(line)["Save this filter…"].trigger()
    assert kept == {"good ones": "group == 'good'", "mine": "rate > 2"}
    assert line.dialogs.offered == "rate > 2"
    entries(line)["Forget “mine”"].trigger()
    assert kept == {"good ones": "group == 'good'"}


def test_that_a_filter_with_an_error_or_without_a_name_is_not_saved(line, kept):
    line.setText("rate >")
    line.set_problem("Not complete yet.")
    assert not entries(line)["Save this filter…"].isEnabled()
    line.save()
    line.set_problem("")
    line.dialogs.name = None
    line.save()
    assert list(kept) == ["good ones"]


def test_that_a_problem_is_shown_and_told(line):
    line.set_problem("There is no column x.")
    assert line.property("invalid")
    assert line.toolTip() == "There is no column x."
    line.set_problem("")
    assert not line.property("invalid")
    assert line.toolTip() == "help"


def test_that_alt_down_opens_the_menu_and_down_leaves_for_the_rows(line, qtbot):
    qtbot.keyClick(line, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert line.menu.isVisible()
    line.menu.close()
    with qtbot.waitSignal(line.left):
        qtbot.keyClick(line, Qt.Key.Key_Down)


def test_that_esc_empties_the_line_and_then_leaves_it(line, qtbot):
    line.setText("x")
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert line.text() == ""
    with qtbot.waitSignal(line.left):
        qtbot.keyClick(line, Qt.Key.Key_Escape)


def test_that_a_line_without_saved_filters_has_no_menu(qtbot):
    made = FilterLine("filter", "help")
    qtbot.addWidget(made)
    made.show_menu()
    assert not made.menu.isVisible()
    assert made.actions() == []
