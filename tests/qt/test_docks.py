"""Docks by id: layouts, states, titles."""

from __future__ import annotations

import pytest
from PyQt6.QtWidgets import QLabel, QMainWindow, QVBoxLayout, QWidget

from gtview.qt.docks import Docks, LayoutNode

TREE = LayoutNode.from_json(
    {
        "columns": [
            {
                "weight": 1,
                "rows": [{"weight": 3, "tabs": ["a"]}, {"weight": 1, "tabs": ["b", "c"]}],
            },
            {"weight": 2, "tabs": ["d"]},
        ]
    }
)


@pytest.fixture
def docks(qtbot):
    window = QMainWindow()
    page = QWidget()
    window.setCentralWidget(page)
    made = Docks(page)
    made.window = window
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(made.widget)
    made.labels = {name: QLabel(name) for name in "abcde"}
    for name, label in made.labels.items():
        made.add(name, f"View {name}", label)
    window.resize(900, 600)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    made.arrange(TREE)
    qtbot.wait(20)
    made.resize_parts(TREE)
    qtbot.wait(20)
    return made


def place(label):
    return label.mapTo(label.window(), label.rect().center())


def test_that_docks_stand_where_the_layout_says_in_the_shares_it_says(docks):
    labels = docks.labels
    assert place(labels["a"]).x() < place(labels["d"]).x()
    assert place(labels["a"]).y() < place(labels["b"]).y()
    assert labels["d"].width() == pytest.approx(2 * labels["a"].width(), rel=0.1)
    assert labels["a"].height() == pytest.approx(3 * labels["b"].height(), rel=0.25)


def test_that_the_first_tab_is_in_front_and_what_is_not_named_is_closed(docks):
    assert docks.labels["b"].isVisible()
    assert not docks.labels["c"].isVisible()
    assert docks.is_open("c")
    assert not docks.is_open("e")
    docks.set_open("c", True)
    assert docks.labels["c"].isVisible()
    docks.set_open("e", True)
    assert docks.labels["e"].isVisible()


def test_that_a_state_is_put_back(docks, qtbot):
    state = docks.state()
    docks.set_open("a", False)
    docks.arrange(LayoutNode.from_json({"columns": [{"tabs": ["d"]}, {"tabs": ["a"]}]}))
    assert docks.restore(state)
    qtbot.wait(10)
    assert docks.is_open("a")
    assert place(docks.labels["a"]).x() < place(docks.labels["d"]).x()


@pytest.mark.parametrize("state", ["", "nonsense!", "QUJD"])
def test_that_a_damaged_state_changes_nothing(docks, state):
    before = {name: place(label) for name, label in docks.labels.items()}
    assert not docks.restore(state)
    assert {name: place(label) for name, label in docks.labels.items()} == before


def test_that_closing_a_dock_is_told(docks, qtbot):
    with qtbot.waitSignal(docks.closed) as told:
        docks.set_open("d", False)
    assert told.args == ["d"]


def test_that_a_layout_without_missing_views_keeps_its_shape():
    assert list(TREE.only({"a", "d"}).ids()) == ["a", "d"]
    assert TREE.only({"c"}) == LayoutNode(tabs=("c",))
    assert TREE.only(set()) is None
    assert TREE.first == "a"


def test_that_a_view_that_was_closed_has_its_title_in_the_next_layout(docks):
    assert not docks.is_open("e")
    docks.arrange(LayoutNode.from_json({"columns": [{"tabs": ["e"]}, {"tabs": ["a"]}]}))
    tab = docks._entries["e"].dock.tabWidget()
    assert tab.isVisible()
    assert tab.text() == "View e"


def test_that_a_status_without_room_is_cut_and_whole_in_its_tooltip(docks, qtbot):
    text = "41,203 of 41,203 spikes, 12 without features, " * 6
    docks.set_status("a", text)
    qtbot.wait(10)
    (label,) = [w for w in docks.window.findChildren(QLabel) if w.toolTip() == text]
    assert label.text().endswith("…")
    assert text.startswith(label.text().rstrip("…"))
    assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()
    docks.set_status("a", "3 spikes")
    assert (label.text(), label.toolTip()) == ("3 spikes", "3 spikes")
