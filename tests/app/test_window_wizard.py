"""Going from cluster to cluster by keys, typed commands, and keys that stay in fields."""

from __future__ import annotations

import pytest
from driving import ALT, CTRL, SHIFT, Key, group_of, message, press
from opening_in_tests import open_in
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QCheckBox, QComboBox, QSpinBox

from gtview.app.waiting import wait_until, wait_until_drawn


@pytest.fixture
def opened(window, export, qtbot):
    open_in(window, export)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.host.view("clusters").table.setFocus()
    yield window
    window.close_dataset()


def chosen(window):
    state = window.session.selection.state
    return state.cluster_ids, state.similar_ids


def listed(window, view_id="clusters"):
    return window.host.view(view_id).table.rows.shown_ids


def type_line(window, text, key=Key.Key_Return):
    press(window, Key.Key_Colon)
    assert window.snippets.line.isVisible()
    QTest.keyClicks(window.snippets.line.edit, text)
    QTest.keyClick(window.snippets.line.edit, key)
    assert wait_until_drawn(window, 60)


# Going ---------------------------------------------------------------------------------------


def test_that_arrows_go_through_the_table_and_home_and_end_to_its_ends(opened):
    order = listed(opened)
    assert chosen(opened) == ((order[0],), ())
    press(opened, Key.Key_Down)
    assert chosen(opened) == ((order[1],), ())
    press(opened, Key.Key_End)
    assert chosen(opened) == ((order[-1],), ())
    press(opened, Key.Key_Down)
    assert message(opened) == "There is no further cluster."
    press(opened, Key.Key_Up)
    assert chosen(opened) == ((order[-2],), ())
    press(opened, Key.Key_Home)
    assert chosen(opened) == ((order[0],), ())


def test_that_the_sorted_and_filtered_table_says_what_comes_next(opened):
    view = opened.host.view("clusters")
    view.table.sort_by("id", descending=False)
    view.show_filter("id > 1")
    opened.session.select_clusters(())
    visited = []
    while len(visited) < 4:
        press(opened, Key.Key_Down)
        visited += chosen(opened)[0]
    assert visited == [2, 3, 4, 5]


def test_that_arrows_leave_out_noise_and_mua_until_the_toggle_is_off(opened):
    order = listed(opened)
    opened.session.curation.label(order[1:3], "noise")
    press(opened, Key.Key_Down)
    assert chosen(opened) == ((order[3],), ())
    opened.menus.actions["wizard.skips"].trigger()
    press(opened, Key.Key_Up)
    assert chosen(opened) == ((order[2],), ())
    assert not opened.menus.actions["wizard.skips"].isChecked()
    assert opened.settings.get("wizard")["skips"] is False


def test_that_space_goes_through_similar_clusters_and_backspace_drops_them(opened):
    best = chosen(opened)[0]
    order = [i for i in listed(opened, "similarity") if i not in best]
    press(opened, Key.Key_Space)
    assert chosen(opened) == (best, (order[0],))
    press(opened, Key.Key_Space)
    assert chosen(opened) == (best, (order[1],))
    press(opened, Key.Key_Space, SHIFT)
    assert chosen(opened) == (best, (order[0],))
    press(opened, Key.Key_Backspace)
    assert chosen(opened) == (best, ())


def test_that_the_table_of_similar_clusters_follows_the_chosen_order(opened):
    table = opened.host.view("similarity").table
    assert table.rows.sorted_by == ("similarity", True)
    opened.menus.actions["wizard.by_likelihood"].trigger()
    assert wait_until_drawn(opened, 60)
    assert table.rows.sorted_by == ("likelihood", True)
    best, order = chosen(opened)[0], listed(opened, "similarity")
    wizard = opened.session.wizard
    values = [wizard.likelihood(best[0], i).value for i in order]
    assert values == sorted(values, reverse=True)
    press(opened, Key.Key_Space)
    assert chosen(opened) == (best, (order[0],))


def test_that_space_waits_for_likelihoods_where_no_table_shows_them(opened):
    opened.host.docks.set_open("similarity", False)
    opened.wizard.order_by_likelihood()
    press(opened, Key.Key_Down)
    best = chosen(opened)[0]
    opened.wizard.next_similar()
    opened.wizard.next_similar()
    assert wait_until(opened, lambda: not opened.wizard.is_busy, 60)
    assert chosen(opened) == (best, (opened.session.wizard.similar_ids()[1],))


def test_that_a_wish_is_forgotten_when_another_cluster_is_selected(opened):
    opened.host.docks.set_open("similarity", False)
    opened.wizard.order_by_likelihood()
    press(opened, Key.Key_Down)
    opened.session.wizard._candidates.clear()
    opened.wizard.next_similar()
    press(opened, Key.Key_Down)
    assert wait_until_drawn(opened, 60)
    assert chosen(opened)[1] == ()


# Going on by itself --------------------------------------------------------------------------


def test_that_a_merge_selects_the_new_cluster_and_the_one_most_similar_to_it(opened):
    press(opened, Key.Key_Space)
    press(opened, Key.Key_G)
    change = opened.session.curation.history.entries[-1].change
    assert chosen(opened)[0] == change.added
    assert chosen(opened)[1] == (opened.session.wizard.similar_ids()[0],)


def test_that_undoing_a_merge_goes_back_to_the_pair(opened):
    press(opened, Key.Key_Space)
    pair = chosen(opened)
    press(opened, Key.Key_G)
    press(opened, Key.Key_Z, CTRL)
    assert chosen(opened) == pair


def test_that_a_group_goes_on_to_the_next_as_in_phy(opened):
    order = listed(opened)
    press(opened, Key.Key_G, ALT)
    assert group_of(opened, order[0]) == "good"
    assert chosen(opened) == ((order[1],), ())
    press(opened, Key.Key_Space)
    first = chosen(opened)[1][0]
    press(opened, Key.Key_N, CTRL)
    assert group_of(opened, first) == "noise"
    assert chosen(opened)[0] == (order[1],)
    assert chosen(opened)[1] not in ((), (first,))
    second = chosen(opened)[1][0]
    press(opened, Key.Key_M, CTRL | ALT)
    assert group_of(opened, order[1]) == group_of(opened, second) == "mua"
    best, similar = chosen(opened)
    assert best == (next(i for i in order[2:] if i not in (first, second)),)
    assert len(similar) == 1, "a pair was shown, so the next pair is"


def test_that_nothing_goes_on_when_that_is_off(opened):
    opened.menus.actions["wizard.goes_on"].trigger()
    before = chosen(opened)
    press(opened, Key.Key_G, ALT)
    assert chosen(opened) == before
    press(opened, Key.Key_Space)
    press(opened, Key.Key_G)
    assert chosen(opened)[1] == ()


def test_that_the_line_at_the_bottom_counts_what_is_reviewed(opened):
    n = opened.session.clustering.n_clusters
    n_done = opened.session.wizard.progress[0]
    unlabelled = next(i for i in listed(opened) if group_of(opened, i) is None)
    opened.session.select_clusters((unlabelled,))
    press(opened, Key.Key_G, ALT)
    assert opened.wizard.progress_text.text() == f"{n_done + 1} of {n} reviewed"
    press(opened, Key.Key_Z, CTRL)
    assert opened.wizard.progress_text.text() == f"{n_done} of {n} reviewed"


# Typed commands ------------------------------------------------------------------------------


def test_that_the_colon_opens_a_line_that_selects_clusters(opened):
    type_line(opened, "c 3 0-1")
    assert chosen(opened) == ((3, 0, 1), ())
    assert not opened.snippets.line.isVisible()
    assert opened.focusWidget() is opened.host.view("clusters").table


def test_that_commands_merge_move_and_label(opened):
    opened.wizard.toggle_goes_on()
    type_line(opened, "g 0,1")
    (merged,) = opened.session.curation.history.entries[-1].change.added
    assert chosen(opened) == ((merged,), ())
    type_line(opened, "move good 2,3")
    assert group_of(opened, 2) == group_of(opened, 3) == "good"
    type_line(opened, "move noise")
    assert group_of(opened, merged) == "noise"
    type_line(opened, "l note in-progress")
    type_line(opened, 'l comment "two words, -1"')
    labels = opened.session.curation.labels
    assert labels.get("note", merged) == "in-progress"
    assert labels.get("comment", merged) == "two words, -1"
    type_line(opened, 'l note ""')
    assert labels.get("note", merged) is None
    type_line(opened, "undo")
    assert labels.get("note", merged) == "in-progress"


def test_that_a_command_filters_and_sorts_the_clusters(opened):
    view = opened.host.view("clusters")
    type_line(opened, "f id > 1 and depth > -5")
    assert sorted(listed(opened)) == [2, 3, 4, 5]
    assert view.status.startswith("4 of 6")
    type_line(opened, "sid asc")
    assert listed(opened) == [2, 3, 4, 5]
    type_line(opened, "s id")
    assert listed(opened) == [5, 4, 3, 2]
    type_line(opened, "f")
    assert len(listed(opened)) == 6


def test_that_a_command_moves_the_traces(opened):
    type_line(opened, "tg 1.5")
    start, stop = opened.session.selection.state.trace_s
    assert (start + stop) / 2 == pytest.approx(1.5)
    type_line(opened, "ts -1")
    start, stop = opened.session.selection.state.trace_s
    assert (start + stop) / 2 == pytest.approx(0.5)


def test_that_what_is_wrong_is_told_while_typing_and_nothing_happens(opened):
    before = chosen(opened)
    press(opened, Key.Key_Colon)
    line = opened.snippets.line
    told = {}
    for text in ("c 99", "c 3 4 99", "f rate >", "f nowhere > 2", "s nowhere", "move fine", "c 3"):
        line.edit.setText(text)
        told[text] = (line.word.text(), bool(line.edit.property("invalid")))
    assert told["c 99"] == ("There is no cluster 99.", False), "990 may follow"
    assert told["c 3 4 99"] == ("There is no cluster 99.", True)
    assert told["f rate >"][0].startswith("Not complete yet")
    assert "no column nowhere" in told["f nowhere > 2"][0]
    assert told["s nowhere"] == ("There is no column nowhere.", True)
    assert told["move fine"][1]
    assert told["c 3"] == (":c CLUSTERS   Select clusters", False)
    line.edit.setText("c 99")
    QTest.keyClick(line.edit, Key.Key_Return)
    assert line.isVisible()
    assert line.edit.property("invalid")
    assert chosen(opened) == before


def test_that_esc_closes_the_line_and_up_brings_earlier_lines_back(opened):
    type_line(opened, "c 3")
    type_line(opened, "c 4")
    press(opened, Key.Key_Colon)
    edit = opened.snippets.line.edit
    QTest.keyClicks(edit, "c 1")
    seen = []
    for key in (Key.Key_Up, Key.Key_Up, Key.Key_Up, Key.Key_Down, Key.Key_Down, Key.Key_Down):
        QTest.keyClick(edit, key)
        seen.append(edit.text())
    assert seen == ["c 4", "c 3", "c 3", "c 4", "c 1", "c 1"]
    assert opened.settings.get("snippets") == ["c 3", "c 4"]
    QTest.keyClick(edit, Key.Key_Escape)
    assert not opened.snippets.line.isVisible()
    assert chosen(opened) == ((4,), ())


def test_that_commands_are_listed_with_the_keys(opened):
    type_line(opened, "help")
    tree = opened.help.shortcuts_window.tree
    group = tree.topLevelItem(tree.topLevelItemCount() - 1)
    usages = [group.child(i).text(1) for i in range(group.childCount())]
    assert ":move GROUP [WHICH]" in usages


# Keys that stay where they are typed -----------------------------------------------------------


def test_that_keys_typed_in_fields_stay_there(opened, qtbot):
    before = chosen(opened)
    line = opened.host.view("clusters").filter_line
    line.setFocus()
    QTest.keyClicks(line, "g k:1 l")
    for key in (Key.Key_Home, Key.Key_End, Key.Key_Backspace, Key.Key_Space):
        QTest.keyClick(line, key)
    assert line.text() == "g k:1  "
    line.clear()
    box, number, check = QComboBox(opened), QSpinBox(opened), QCheckBox(opened)
    box.addItems(["alpha", "gamma"])
    for widget in (box, number, check):
        widget.show()
        widget.setFocus()
        qtbot.waitUntil(widget.hasFocus)
        for key in (Key.Key_Up, Key.Key_Down, Key.Key_Space, Key.Key_End):
            QTest.keyClick(widget, key)
    assert check.isChecked()
    box.setFocus()
    QTest.keyClick(box, Key.Key_G)
    assert box.currentText() == "gamma"
    assert opened.session.curation.history.entries == ()
    assert chosen(opened) == before


def test_that_arrows_in_the_table_of_similar_clusters_stay_there(opened):
    opened.host.view("similarity").table.setFocus()
    best, order = chosen(opened)[0], listed(opened, "similarity")
    press(opened, Key.Key_Down)
    at = order.index(chosen(opened)[1][0])
    press(opened, Key.Key_Down)
    assert chosen(opened) == (best, (order[at + 1],))
    press(opened, Key.Key_Space)
    assert chosen(opened) == (best, (order[at + 2],))
