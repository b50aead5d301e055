"""Which widget a key is meant for."""

from __future__ import annotations

import gc
import weakref

import pytest
from PyQt6 import sip
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QAction, QCursor, QKeySequence
from PyQt6.QtWidgets import QHBoxLayout, QLineEdit, QMainWindow, QWidget

from gtview.qt.keys import KeyRouter, building, portable


class Place(QWidget):
    """A view as the router sees it: it takes the focus and has keys."""

    def __init__(self, keys):
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(100, 100)
        self.pressed: list[str] = []
        self.keys = {portable(k): (lambda k=k: self.pressed.append(k)) for k in keys}


@pytest.fixture
def window(qtbot):
    made = QMainWindow()
    central = QWidget()
    row = QHBoxLayout(central)
    made.left, made.right = Place(["W", "Ctrl+Up", "O"]), Place(["W", "Shift+W"])
    made.field = QLineEdit()
    for widget in (made.left, made.right, made.field):
        row.addWidget(widget)
    made.setCentralWidget(central)
    made.window_keys = []
    action = QAction("do", made)
    action.setShortcuts([QKeySequence("O"), QKeySequence("Ctrl+S")])
    action.triggered.connect(lambda: made.window_keys.append("done"))
    made.addAction(action)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()

    def keys_of(widget):
        while widget is not None and not isinstance(widget, Place):
            widget = widget.parentWidget()
        return widget.keys if widget is not None else None

    made.router = KeyRouter(keys_of, made)
    made.left.setFocus()
    away(made)
    yield made
    away(made)


def away(window):
    QCursor.setPos(window.mapToGlobal(QPoint(-500, -500)))


def point_at(widget):
    QCursor.setPos(widget.mapToGlobal(widget.rect().center()))


def press(qtbot, window, key, modifier=Qt.KeyboardModifier.NoModifier):
    from PyQt6.QtWidgets import QApplication

    qtbot.keyClick(QApplication.focusWidget() or window, key, modifier)


def test_that_the_view_with_the_focus_takes_a_key_when_the_pointer_is_nowhere(qtbot, window):
    press(qtbot, window, Qt.Key.Key_W)
    assert window.left.pressed == ["W"]


def test_that_the_view_under_the_pointer_takes_it_before_the_one_with_the_focus(qtbot, window):
    point_at(window.right)
    press(qtbot, window, Qt.Key.Key_W)
    assert window.right.pressed == ["W"]
    assert window.left.pressed == []


def test_that_a_key_unknown_under_the_pointer_goes_to_the_focus(qtbot, window):
    point_at(window.right)
    press(qtbot, window, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert window.left.pressed == ["Ctrl+Up"]


def test_that_a_view_comes_before_the_window(qtbot, window):
    press(qtbot, window, Qt.Key.Key_O)
    assert window.left.pressed == ["O"]
    assert window.window_keys == []


def test_that_the_window_takes_what_no_view_wants(qtbot, window):
    window.right.setFocus()
    press(qtbot, window, Qt.Key.Key_O)
    press(qtbot, window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert window.window_keys == ["done", "done"]


def test_that_keys_typed_in_a_field_stay_in_the_field(qtbot, window):
    point_at(window.right)
    window.field.setFocus()
    qtbot.keyClicks(window.field, "wow")
    assert window.field.text() == "wow"
    assert window.right.pressed == []
    assert window.window_keys == []


def test_that_shift_makes_another_key(qtbot, window):
    point_at(window.right)
    press(qtbot, window, Qt.Key.Key_W, Qt.KeyboardModifier.ShiftModifier)
    assert window.right.pressed == ["Shift+W"]


def test_that_keys_go_where_they_should_after_widgets_were_made(qtbot, window):
    with building(), building():
        press(qtbot, window, Qt.Key.Key_W)
    assert window.left.pressed == []
    press(qtbot, window, Qt.Key.Key_W)
    assert window.left.pressed == ["W"]


def test_that_a_window_that_is_gone_is_not_kept_for_its_keys(qtbot):
    gone = QWidget()
    gone.router = KeyRouter(lambda _widget, gone=gone: gone.keys, gone)
    gone.keys = {}
    kept = weakref.ref(gone)
    del gone
    gc.collect()
    assert kept() is None
    with building():
        pass


def test_that_a_router_made_among_widgets_works_when_they_are_there(qtbot, window):
    sip.delete(window.router)
    with building():
        window.router = KeyRouter(lambda _widget: window.left.keys, window)
    press(qtbot, window, Qt.Key.Key_W)
    assert window.left.pressed == ["W"]
