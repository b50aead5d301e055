"""Finding commands: what fits, in which order, by keys and by mouse."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from gtview.qt.fuzzy import match
from gtview.qt.palette import Command, CommandPalette, find


@pytest.mark.parametrize(
    ("typed", "better", "worse"),
    [
        ("wave", "Open Waveforms", "Shockwave"),
        ("light theme", "Light theme", "Light thing of the memory"),
        ("cor", "Correlograms", "Record all"),
        ("lt", "Light theme", "Alter"),
        ("reload", "Reload", "Reset layout and load"),
    ],
)
def test_that_what_is_meant_fits_better(typed, better, worse):
    assert match(typed, better) > match(typed, worse)


@pytest.mark.parametrize(("typed", "text"), [("xyz", "Waveforms"), ("wave xyz", "Waveforms")])
def test_that_what_lacks_a_word_does_not_fit(typed, text):
    assert match(typed, text) == 0


def test_that_every_typed_word_must_fit_in_any_order():
    assert match("theme light", "Light theme") > 0


def test_that_nothing_typed_lists_all_in_their_order():
    commands = [Command(text, print) for text in ("b", "a", "c")]
    assert find(commands, " ") == commands


def test_that_the_kind_is_searched_too_but_counts_less():
    setting = Command("Waveforms: Width", print, "setting")
    other = Command("Setting of the sun", print, "view")
    assert find([setting, other], "setting") == [other, setting]


def test_that_what_is_done_often_comes_first():
    often = Command("Open Waveforms", print, weight=20)
    rarely = Command("Waveforms: Help", print)
    assert find([rarely, often], "wave") == [often, rarely]


@pytest.fixture
def opened(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 600)
    window.show()
    done = []
    commands = [Command(text, lambda text=text: done.append(text)) for text in ("one", "two")]
    palette = CommandPalette(
        commands, lambda typed: [Command("number", print)] if typed == "12" else [], window
    )
    palette.open_in(window)
    palette.done = done
    palette.keeps = window
    return palette


def test_that_enter_does_the_best_and_closes(opened, qtbot):
    qtbot.keyClicks(opened.line, "tw")
    assert [c.text for c in opened.shown] == ["two"]
    qtbot.keyClick(opened.line, Qt.Key.Key_Return)
    assert opened.done == ["two"]
    assert not opened.isVisible()


def test_that_arrows_choose_another(opened, qtbot):
    qtbot.keyClick(opened.line, Qt.Key.Key_Down)
    qtbot.keyClick(opened.line, Qt.Key.Key_Down)
    qtbot.keyClick(opened.line, Qt.Key.Key_Return)
    assert opened.done == ["two"]


def test_that_esc_does_nothing_and_closes(opened, qtbot):
    with qtbot.waitSignal(opened.closed):
        qtbot.keyClick(opened.line, Qt.Key.Key_Escape)
    assert opened.done == []


def test_that_more_commands_come_first(opened, qtbot):
    qtbot.keyClicks(opened.line, "12")
    assert [c.text for c in opened.shown] == ["number"]


def test_that_enter_on_nothing_does_nothing(opened, qtbot):
    qtbot.keyClicks(opened.line, "zzz")
    qtbot.keyClick(opened.line, Qt.Key.Key_Return)
    assert opened.done == []
    assert opened.isVisible()
