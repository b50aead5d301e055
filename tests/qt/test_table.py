"""The table widget: what a click, a key, sorting, filtering and new data do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mouse import CTRL, NONE, RIGHT, click, drag
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QGuiApplication
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QWidget

from gtview.base.table import Column, Table
from gtview.qt.table import TableView
from gtview.qt.theme import ThemeKeeper

SHIFT = Qt.KeyboardModifier.ShiftModifier
NAN = float("nan")


def make_table(ids, seed: int = 0, extra: tuple[Column, ...] = ()) -> Table:
    ids = tuple(ids)
    rng = np.random.default_rng(seed)
    rates = rng.integers(0, 5, len(ids)).astype(float)
    rates[rng.random(len(ids)) < 0.2] = NAN
    groups = np.array(rng.choice(["good", "mua"], len(ids)), dtype=object)
    return Table(
        ids,
        (
            Column("id", np.array(ids, dtype=np.int64), "id", help="Which one."),
            Column("rate", rates, unit="Hz"),
            Column("group", groups, "text"),
            *extra,
        ),
    )


@pytest.fixture
def view(qtbot):
    ThemeKeeper("dark").apply()
    view = TableView()
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    view.set_table(make_table(range(10)))
    view.told = []
    view.row_ids_selected.connect(view.told.append)
    return view


def place(view, row_id) -> tuple[float, float]:
    row = view.rows.row_of(row_id)
    return 12.0, view.rowViewportPosition(row) + view.row_height / 2


def click_row(view, row_id, modifiers=NONE) -> None:
    click(view.viewport(), place(view, row_id), modifiers=modifiers)


def test_that_a_click_chooses_one(view):
    click_row(view, 3)
    click_row(view, 5)
    assert view.told == [[3], [5]]


def test_that_ctrl_adds_and_takes_away_newest_last(view):
    click_row(view, 3)
    click_row(view, 7, CTRL)
    click_row(view, 1, CTRL)
    click_row(view, 3, CTRL)
    assert view.told == [[3], [3, 7], [3, 7, 1], [7, 1]]


def test_that_shift_chooses_a_range_towards_the_click(view):
    click_row(view, 5)
    click_row(view, 2, SHIFT)
    click_row(view, 7, SHIFT)
    assert view.told[1:] == [[5, 4, 3, 2], [5, 6, 7]]


def test_that_ctrl_and_shift_add_a_range(view):
    click_row(view, 1)
    click_row(view, 5, CTRL)
    click_row(view, 7, CTRL | SHIFT)
    assert view.told[-1] == [1, 5, 6, 7]


def test_that_dragging_chooses_a_range_and_tells_it_once_at_the_end(view):
    drag(view.viewport(), place(view, 6), place(view, 3))
    assert view.told == [[6], [6, 5, 4, 3]]


def test_that_dragging_back_to_the_start_chooses_one(view):
    at = place(view, 4)
    drag(view.viewport(), at, at)
    assert view.told == [[4]]


def test_that_other_buttons_and_the_empty_part_choose_nothing(view):
    click(view.viewport(), place(view, 4), button=RIGHT)
    click(view.viewport(), (12.0, view.viewport().height() - 3.0))
    assert view.told == []


def test_that_ranges_follow_the_order_on_the_screen(view):
    view.sort_by("rate", descending=True)
    order = view.rows.shown_ids
    click_row(view, order[2])
    click_row(view, order[5], SHIFT)
    assert view.told[-1] == order[2:6]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    ids=st.lists(st.integers(0, 999), unique=True, min_size=1, max_size=30),
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("sort"), st.sampled_from(["id", "rate", "group"]), st.booleans()),
            st.tuples(st.just("filter"), st.integers(0, 2**30), st.booleans()),
            st.tuples(st.just("data"), st.integers(0, 9), st.booleans()),
        ),
        max_size=5,
    ),
    which=st.integers(0, 10**6),
)
def test_that_a_click_always_chooses_the_id_that_the_row_shows(view, ids, steps, which):
    view.set_table(make_table(ids), resort=True)
    for kind, value, flag in steps:
        if kind == "sort":
            view.sort_by(value, descending=flag)
        elif kind == "filter":
            mask = np.array([bool(value >> i & 1) for i in range(len(view.rows.table.row_ids))])
            view.keep_rows(mask if flag else None)
        else:
            view.set_table(make_table(ids[value:] or ids, seed=value), resort=flag)
    if not view.rows.rowCount():
        return
    row = which % view.rows.rowCount()
    shown = int(view.rows.index(row, 0).data())  # what a person reads in that row
    view._scroll_to_row(row)
    click(view.viewport(), (12.0, view.rowViewportPosition(row) + view.row_height / 2))
    assert view.told[-1] == [shown]
    assert view.selected_ids == [shown]


def test_that_chosen_ids_are_told_only_when_the_user_chooses(view):
    view.select_ids([4, 2])
    assert view.selected_ids == [4, 2]
    assert view.told == []


def test_that_chosen_rows_stay_chosen_through_sorting_filtering_and_new_data(view):
    view.select_ids([4, 2])
    view.sort_by("rate", descending=False)
    view.keep_rows(np.array([i != 4 for i in range(10)]))
    assert view.rows.row_of(4) is None
    assert view.selected_ids == [4, 2]
    view.set_table(make_table(range(2, 14)))
    assert view.selected_ids == [4, 2]


def test_that_sorting_is_by_number_and_keeps_missing_last(view):
    rates = dict(zip(range(10), view.rows.table.column("rate").values, strict=True))
    for descending in (False, True):
        view.sort_by("rate", descending=descending)
        shown = [rates[i] for i in view.rows.shown_ids]
        known = [v for v in shown if v == v]
        assert known == sorted(known, reverse=descending)
        assert all(v != v for v in shown[len(known) :])


def test_that_a_click_on_a_header_sorts_and_again_the_other_way(view):
    header = view.header
    at = header.sectionViewportPosition(1) + 8.0, header.height() / 2
    click(header.viewport(), at)
    assert view.rows.sorted_by == ("rate", True)  # numbers: the largest first
    click(header.viewport(), at)
    assert view.rows.sorted_by == ("rate", False)


def test_that_new_data_resort_nothing(view):
    view.sort_by("rate", descending=True)
    order = view.rows.shown_ids
    view.set_table(make_table(range(10), seed=5))
    assert view.rows.shown_ids == order
    view.set_table(make_table(range(10), seed=5), resort=True)
    assert view.rows.shown_ids != order


def test_that_the_scroll_position_is_kept_by_new_data(view):
    view.set_table(make_table(range(500)))
    view.verticalScrollBar().setValue(2000)
    top = view.rows.id_at(view.rowAt(0))
    view.set_table(make_table(range(500), seed=3))
    assert view.verticalScrollBar().value() == 2000
    view.set_table(make_table(range(20, 600), seed=3))
    assert view.rows.id_at(view.rowAt(0)) == top


def test_that_a_selection_from_elsewhere_is_brought_into_sight_sideways_kept(view):
    extra = tuple(Column(f"c{i}", np.zeros(500)) for i in range(20))
    view.set_table(make_table(range(500), extra=extra))
    view.horizontalScrollBar().setValue(150)
    view.select_ids([400])
    assert 0 <= view.rowViewportPosition(400) < view.viewport().height()
    assert view.horizontalScrollBar().value() == 150


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([Qt.Key.Key_Down], [4]),
        ([Qt.Key.Key_Up], [2]),
        ([Qt.Key.Key_Home], [0]),
        ([Qt.Key.Key_End], [9]),
        ([Qt.Key.Key_PageDown], [9]),
        ([Qt.Key.Key_PageUp], [0]),
        ([Qt.Key.Key_Up] * 9, [0]),
    ],
)
def test_that_keys_choose_another_row(view, keys, expected):
    click_row(view, 3)
    for key in keys:
        QTest.keyClick(view, key)
    assert view.told[-1] == expected


def test_that_shift_and_keys_extend(view):
    click_row(view, 3)
    QTest.keyClick(view, Qt.Key.Key_Down, SHIFT)
    QTest.keyClick(view, Qt.Key.Key_Down, SHIFT)
    assert view.told[-1] == [3, 4, 5]


def test_that_letters_are_left_to_the_window(view, qtbot):
    class Window(QWidget):
        seen = ""

        def keyPressEvent(self, event):
            self.seen += event.text()

    window = Window()
    qtbot.addWidget(window)
    view.setParent(window)
    QTest.keyClick(view, "w")
    view.setParent(None)
    assert window.seen == "w"


def test_that_keys_in_an_empty_table_do_nothing(view):
    view.set_table(Table((), ()))
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.told == []


def test_that_chosen_rows_are_copied_as_a_spreadsheet_takes_them(view):
    table = Table(
        (1, 2, 3),
        (
            Column("id", np.array([1, 2, 3]), "id"),
            Column("rate", np.array([1204.25, NAN, 3.0]), unit="Hz"),
            Column("note", np.array(["a\tb", None, "c"], dtype=object), "text"),
        ),
    )
    view.set_table(table)
    view.set_hidden_columns(["nothing"])
    view.select_ids([2, 1])
    QTest.keyClick(view, Qt.Key.Key_C, CTRL)
    expected = "id\trate Hz\tnote\n1\t1204.25\ta b\n2\t\t\n"
    assert QGuiApplication.clipboard().text() == expected
    view.set_hidden_columns(["note"])
    view.copy_selected()
    assert QGuiApplication.clipboard().text() == "id\trate Hz\n1\t1204.25\n2\t\n"


def test_that_columns_are_hidden_by_name_and_told(view):
    told = []
    view.hidden_columns_changed.connect(told.append)
    actions = {a.text(): a for a in view.header.menu().actions()}
    assert "id" not in actions  # a row without its id could not be told
    actions["rate"].setChecked(False)
    assert told == [["rate"]]
    assert view.isColumnHidden(1)
    extra = (Column("new", np.zeros(10)),)
    table = make_table(range(10))
    view.set_table(Table(table.row_ids, (table.columns[0], *extra, *table.columns[1:])))
    assert [view.isColumnHidden(i) for i in range(4)] == [False, False, True, False]
    actions = {a.text(): a for a in view.header.menu().actions()}
    actions["Show all columns"].trigger()
    assert told[-1] == []
    assert not view.isColumnHidden(2)


def test_that_widths_are_kept_by_name(view):
    view.setColumnWidth(1, 111)
    table = make_table(range(10))
    view.set_table(Table(table.row_ids, (table.columns[0], table.columns[2], table.columns[1])))
    assert view.columnWidth(2) == 111


def test_that_numbers_stand_right_and_texts_left_under_their_headers(view):
    model, role = view.rows, Qt.ItemDataRole.TextAlignmentRole
    right, left = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft
    for section, side in ((0, right), (1, right), (2, left)):
        assert model.index(0, section).data(role) & side
        assert model.headerData(section, Qt.Orientation.Horizontal, role) & side
    title = model.headerData(1, Qt.Orientation.Horizontal)
    assert title == "rate Hz"
    tip = Qt.ItemDataRole.ToolTipRole
    assert model.headerData(0, Qt.Orientation.Horizontal, tip) == "Which one."


def count_painted(view, qtbot, change) -> int:
    """Texts that are painted because of a change."""
    qtbot.wait(30)
    painted = []
    text = Column.text
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Column, "text", lambda self, row: painted.append(row) or text(self, row))
        change()
        qtbot.wait(30)
    return len(painted)


def test_that_another_selection_paints_only_the_rows_that_change(view, qtbot):
    view.set_table(make_table(range(2000)))
    view.select_ids([2])
    n_columns = 3
    assert 0 < count_painted(view, qtbot, lambda: view.select_ids([5])) <= 3 * n_columns


def test_that_even_a_whole_painting_is_bounded_by_what_is_seen(view, qtbot):
    view.set_table(make_table(range(2000)))
    n_seen = view.viewport().height() // view.row_height + 2
    n = count_painted(view, qtbot, view.viewport().update)
    assert 0 < n <= 3 * n_seen
    assert 0 < count_painted(view, qtbot, lambda: view.select_ids(range(2000))) <= 2 * 3 * n_seen


def pixel(view, x, y) -> QColor:
    return view.viewport().grab().toImage().pixelColor(int(x), int(y))


def test_that_a_row_has_its_square_and_its_highlight_in_both_themes(view):
    themes = ThemeKeeper("dark")
    view.rows.color_of = lambda row_id: QColor("#3d8bfd") if row_id == 4 else None
    view.select_ids([4])
    for name in ("dark", "light"):
        themes.use(name)
        _, y = place(view, 4)
        assert pixel(view, 10, y).name() == "#3d8bfd"
        assert pixel(view, 3, y).name() == themes.theme.selection
        _, y = place(view, 6)
        assert pixel(view, 10, y).name() == themes.theme.panel
