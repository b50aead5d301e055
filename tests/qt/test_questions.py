"""Questions with buttons, notices made of several, and letters of menus."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMainWindow

from gtview.qt.dialogs import Dialogs
from gtview.qt.menus import MenuAction, Menus
from gtview.qt.notice import Notice, NoticeBar

BUTTONS = ("Save", "Keep for next time", "Cancel")


def answered(qtbot, act):
    """Ask, and do something with the box as soon as it is there."""
    window = QMainWindow()
    qtbot.addWidget(window)
    seen = []

    def answer():
        box = QApplication.activeModalWidget()
        if box is None:
            QTimer.singleShot(10, answer)
            return
        seen.extend(button.text() for button in box.buttons())
        act(box)

    QTimer.singleShot(0, answer)
    given = Dialogs(window).ask_button("Unsaved work", "3 actions are not saved.", BUTTONS)
    assert sorted(seen) == sorted(BUTTONS)
    return given


@pytest.mark.parametrize(("text", "given"), [(b, b) for b in BUTTONS[:2]] + [("Cancel", None)])
def test_that_the_button_that_is_pressed_is_the_answer(qtbot, text, given):
    def act(box):
        (button,) = [b for b in box.buttons() if b.text() == text]
        button.click()

    assert answered(qtbot, act) == given


def test_that_esc_does_nothing_and_return_the_first(qtbot):
    assert answered(qtbot, lambda box: QTest.keyClick(box, Qt.Key.Key_Escape)) is None
    assert answered(qtbot, lambda box: QTest.keyClick(box, Qt.Key.Key_Return)) == "Save"


def test_that_several_notices_are_told_as_one(qtbot):
    bar = NoticeBar()
    qtbot.addWidget(bar)
    done = []
    bar.tell_all(
        [Notice("One."), Notice("Two.", "warning", {"Try again": lambda: done.append(1)})]
    )
    assert bar.sentence == "One.\nTwo."
    assert bar.property("level") == "warning"
    bar.press("Try again")
    assert done == [1]
    bar.tell_all([])
    assert bar.sentence == ""


class Window(QMainWindow):
    """Does one thing."""

    def __init__(self):
        super().__init__()
        self.given = []

    def act(self, *args):
        self.given.append(args)


def test_that_no_menu_takes_a_key_with_alt(qtbot):
    window = Window()
    qtbot.addWidget(window)
    actions = (
        MenuAction("a", "A", "Generate", "act", ("Alt+G",), args=("good", "best")),
        MenuAction("b", "B", "Edit", "act"),
        MenuAction("c", "C", "General", "act"),
    )
    menus = Menus(window, actions)
    titles = [menus.menu(m).title() for m in ("Generate", "Edit", "General")]
    # G is a key, and E is taken by then.
    assert titles == ["G&enerate", "E&dit", "Ge&neral"]
    menus.actions["a"].trigger()
    assert window.given == [("good", "best")]
