"""Small panels: where they are placed, and how they are closed."""

from __future__ import annotations

import pytest
from mouse import drag
from PyQt6.QtCore import QRect, QSize, Qt
from PyQt6.QtWidgets import QLineEdit, QWidget

from gtview.qt.popup import Popup, place_beside

ROOM = QRect(0, 0, 1000, 700)


@pytest.mark.parametrize(
    ("anchor", "side"),
    [
        (QRect(100, 50, 300, 300), "right"),
        (QRect(700, 50, 300, 300), "left"),
        (QRect(0, 50, 1000, 300), "over"),
    ],
)
def test_that_a_panel_lies_beside_its_widget_where_there_is_room(anchor, side):
    placed = place_beside(anchor, QSize(250, 200), ROOM)
    assert ROOM.contains(placed)
    found = "right" if placed.left() > anchor.right() else "over"
    found = "left" if placed.right() < anchor.left() else found
    assert found == side


def test_that_a_panel_near_the_bottom_stays_in_the_window():
    placed = place_beside(QRect(0, 650, 300, 50), QSize(200, 300), ROOM)
    assert ROOM.contains(placed)


@pytest.fixture
def popup(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 600)
    window.show()
    made = Popup("Title", QLineEdit(), window)
    made.open_beside(window)
    made.keeps = window
    return made


def test_that_esc_closes_it_from_what_is_in_it(popup, qtbot):
    with qtbot.waitSignal(popup.closed):
        qtbot.keyClick(popup.content, Qt.Key.Key_Escape)
    assert not popup.isVisible()


def test_that_it_is_moved_by_its_title_and_not_out_of_the_window(popup):
    start = popup.pos()
    drag(popup, (30, 8), (10, 28))
    assert popup.pos() != start
    drag(popup, (30, 8), (-3000, -3000))
    assert popup.pos().x() == 0
    assert popup.pos().y() == 0
