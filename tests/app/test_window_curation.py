"""Curation in the window: keys, labels, and tables that follow."""

from __future__ import annotations

import numpy as np
import pytest
from driving import ALT, CTRL, SHIFT, Key, group_of, message, press, session_of, shown
from opening_in_tests import open_in
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from gtview.app.layouts import LAYOUTS
from gtview.app.waiting import wait_until, wait_until_drawn

# Keys ----------------------------------------------------------------------------------------


def test_that_g_merges_what_is_selected_and_selects_the_result(opened):
    session = session_of(opened)
    first, second = session.clustering.cluster_ids[:2]
    n = session.clustering.n_spikes_of(first) + session.clustering.n_spikes_of(second)
    session.select_clusters((first,), (second,))
    press(opened, Key.Key_G)
    (merged,) = shown(opened)
    assert merged > max(first, second)
    assert session.clustering.n_spikes_of(merged) == n
    assert message(opened).startswith(f"Merge of {first}, {second}.")


def test_that_a_merge_of_one_cluster_tells_what_is_missing(opened):
    session = session_of(opened)
    session.select_clusters(session.clustering.cluster_ids[:1])
    press(opened, Key.Key_G)
    assert message(opened) == "Select at least two clusters to merge."
    assert not session.curation.history.entries


def test_that_undo_and_redo_have_keys_and_names(opened):
    session = session_of(opened)
    pair = tuple(session.clustering.cluster_ids[:2])
    session.select_clusters(pair)
    press(opened, Key.Key_G)
    merged = shown(opened)
    undo = opened.menus.actions["curate.undo"]
    assert undo.text() == f"&Undo merge of {pair[0]}, {pair[1]}"
    press(opened, Key.Key_Z, CTRL)
    assert shown(opened) == pair
    assert undo.text() == "&Undo"
    press(opened, Key.Key_Y, CTRL)
    assert shown(opened) == merged
    press(opened, Key.Key_Z, CTRL)
    press(opened, Key.Key_Z, CTRL | SHIFT)
    assert shown(opened) == merged
    press(opened, Key.Key_Y, CTRL)
    assert message(opened) == "There is nothing to do again."


@pytest.mark.parametrize(
    ("modifiers", "which"), [(ALT, "best"), (CTRL, "similar"), (CTRL | ALT, "all")]
)
@pytest.mark.parametrize(
    ("key", "group"),
    [
        (Key.Key_G, "good"),
        (Key.Key_M, "mua"),
        (Key.Key_N, "noise"),
        (Key.Key_U, "unsorted"),
    ],
)
def test_that_each_group_has_its_key_for_best_similar_and_all(
    opened, qtbot, modifiers, which, key, group
):
    session = session_of(opened)
    best, similar = session.clustering.cluster_ids[:2]
    session.select_clusters((best,), (similar,))
    before = {i: group_of(opened, i) for i in (best, similar)}
    with qtbot.waitSignal(opened.curation.grouped) as told:
        press(opened, key, modifiers)
    assert told.args == [group, which]
    wanted = {"best": {best}, "similar": {similar}, "all": {best, similar}}[which]
    for i in (best, similar):
        assert group_of(opened, i) == (group if i in wanted else before[i])


def test_that_a_group_for_similar_ones_needs_some(opened):
    session = session_of(opened)
    session.select_clusters(session.clustering.cluster_ids[:1])
    press(opened, Key.Key_G, CTRL)
    assert "similar cluster" in message(opened)


def test_that_split_by_template_has_its_key(opened):
    session = session_of(opened)
    pair = tuple(session.clustering.cluster_ids[:2])
    sizes = sorted(session.clustering.n_spikes_of(i) for i in pair)
    session.select_clusters(pair)
    press(opened, Key.Key_G)
    press(opened, Key.Key_K, CTRL | SHIFT)
    assert sorted(session.clustering.n_spikes_of(i) for i in shown(opened)) == sizes


def test_that_k_without_a_lasso_tells_what_to_do(opened):
    press(opened, Key.Key_K)
    assert message(opened)
    assert not session_of(opened).curation.history.entries


def test_that_k_splits_and_shift_k_discards_what_is_proposed(opened):
    session = session_of(opened)
    first = session.clustering.cluster_ids[0]
    session.select_clusters((first,))
    part = session.clustering.spikes_of(first)[::3]
    session.splitting.propose([part], "a line")
    press(opened, Key.Key_K)
    cut, rest = shown(opened)
    assert np.array_equal(session.clustering.spikes_of(cut), part)
    press(opened, Key.Key_K, SHIFT)
    assert "Nothing is proposed" in message(opened)
    session.splitting.propose([session.clustering.spikes_of(rest)[:5]], "a line")
    press(opened, Key.Key_K, SHIFT)
    noise = [
        i for i in session.clustering.cluster_ids if group_of(opened, i) == "noise" and i > rest
    ]
    assert [session.clustering.n_spikes_of(i) for i in noise] == [5]


def test_that_a_label_field_gets_another_name(opened):
    session = session_of(opened)
    opened.curation.rename_field()
    assert "no labels but the group" in message(opened) or not session.curation.history.entries
    session.curation.label(session.clustering.cluster_ids[:1], "x", "note")
    opened.dialogs.answers |= {"choice": "note", "text": "remark"}
    opened.curation.rename_field()
    assert "remark" in session.curation.labels.fields
    assert "note" not in session.curation.labels.fields


def test_that_letters_typed_into_the_filter_stay_there(opened):
    session = session_of(opened)
    session.select_clusters(session.clustering.cluster_ids[:2])
    line = opened.host.view("clusters").filter_line
    line.setFocus()
    for key in (Key.Key_G, Key.Key_K, Key.Key_L):
        QTest.keyClick(line, key)
    assert line.text() == "gkl"
    assert not session.curation.history.entries
    assert opened.curation.label_dialog is None
    line.clear()
    press(opened, Key.Key_G, ALT)
    assert session.curation.history.entries


# Labels --------------------------------------------------------------------------------------


def test_that_l_labels_with_any_field_and_offers_what_exists(opened):
    session = session_of(opened)
    first, second = session.clustering.cluster_ids[:2]
    session.curation.label([second], "later", "note")
    session.select_clusters((first,))
    press(opened, Key.Key_L)
    dialog = opened.curation.label_dialog
    assert dialog.cluster_ids == (first,)
    fields = [dialog.field.itemText(k) for k in range(dialog.field.count())]
    assert fields[0] == "group"
    assert "note" in fields
    assert "KSLabel" not in fields
    dialog.field.setCurrentText("note")
    assert [dialog.value.itemText(k) for k in range(dialog.value.count())] == ["later"]
    dialog.value.setCurrentText("in-progress")
    dialog.accept()
    assert session.curation.labels.get("note", first) == "in-progress"
    assert opened.curation.label_dialog is None


def test_that_an_empty_value_takes_the_label_and_a_bad_field_is_told(opened):
    session = session_of(opened)
    first = session.clustering.cluster_ids[0]
    session.curation.label([first], "x", "note")
    session.select_clusters((first,))
    opened.curation.ask_label()
    dialog = opened.curation.label_dialog
    dialog.field.setCurrentText("note")
    dialog.value.setCurrentText("")
    dialog.accept()
    assert session.curation.labels.get("note", first) is None
    opened.curation.ask_label()
    dialog = opened.curation.label_dialog
    dialog.field.setCurrentText("a/b")
    dialog.value.setCurrentText("1")
    dialog.accept()
    assert "cannot name a label" in message(opened)


# Tables --------------------------------------------------------------------------------------


def cell(window, cluster_id, column):
    rows = window.host.view("clusters").table.rows
    section = rows.table.names.index(column)
    return rows.text_at(rows.row_of(cluster_id), section)


def measured(window):
    assert wait_until(window, lambda: not window.background.is_measuring, 60)
    assert wait_until_drawn(window, 60)


def test_that_the_table_follows_every_action(opened):
    session = session_of(opened)
    measured(opened)
    pair = tuple(session.clustering.cluster_ids[:2])
    table = opened.host.view("clusters").table
    n_rows = table.rows.rowCount()
    session.select_clusters(pair)
    press(opened, Key.Key_G)
    (merged,) = shown(opened)
    assert table.rows.rowCount() == n_rows - 1
    assert table.selected_ids == [merged]
    n = session.clustering.n_spikes_of(merged)
    assert cell(opened, merged, "spikes") == f"{n:,}"
    measured(opened)
    assert cell(opened, merged, "presence ratio") != "-"
    press(opened, Key.Key_G, ALT)
    assert cell(opened, merged, "group") == "good"
    color = table.rows.text_color_of(merged)
    assert color == opened.themes.theme.color("good")
    press(opened, Key.Key_Z, CTRL)
    press(opened, Key.Key_Z, CTRL)
    assert table.rows.rowCount() == n_rows
    assert set(table.selected_ids) == set(pair)


def test_that_only_clusters_that_changed_are_measured_again(opened, monkeypatch):
    from gtview.analysis import quality

    session = session_of(opened)
    measured(opened)
    asked = []
    real = quality.compute_quality

    def counting(query, *args):
        asked.extend(query.cluster_ids)
        return real(query, *args)

    monkeypatch.setattr(quality, "compute_quality", counting)
    session.select_clusters(session.clustering.cluster_ids[:2])
    press(opened, Key.Key_G)
    measured(opened)
    assert asked == list(shown(opened))


def test_that_sort_filter_and_place_survive_a_label(opened):
    session = session_of(opened)
    view = opened.host.view("clusters")
    view.table.sort_by("id", descending=True)
    view.filter_line.setText("spikes > 0")
    assert wait_until_drawn(opened, 60)
    order = view.table.rows.shown_ids
    session.select_clusters(session.clustering.cluster_ids[:1])
    press(opened, Key.Key_N, ALT)
    assert view.table.rows.shown_ids == order
    assert view.filter_line.text() == "spikes > 0"


def test_that_how_clusters_stand_apart_is_measured_on_demand(opened):
    session = session_of(opened)
    measured(opened)
    if session.dataset.pc_features is None:
        opened.curation.measure_selected()
        assert "pc_features.npy" in message(opened)
        return
    first = session.clustering.cluster_ids[0]
    session.select_clusters((first,))
    opened.curation.measure_selected()
    measured(opened)
    assert set(session.pc) == {first}
    assert "isolation distance" in opened.host.view("clusters").table.rows.table.names
    opened.curation.measure_all()
    measured(opened)
    assert set(session.pc) == set(session.clustering.cluster_ids)
    neighbour = session.pc[first].neighbours[0]
    session.curation.merge([neighbour, session.pc[first].neighbours[1]])
    assert first not in session.pc


@pytest.mark.parametrize("layout", LAYOUTS)
def test_that_no_view_shows_what_was_before_an_action(window, export_with_truth, layout):
    window.resize(1900, 1100)
    window.settings.set("wizard", {"goes_on": False})
    open_in(window, export_with_truth)
    window.look.use_layout(layout)
    measured(window)
    session = session_of(window)
    ids = session.clustering.cluster_ids
    session.select_clusters(ids[:2], ids[2:3])
    spikes = session.clustering.spikes_of(ids[0])[::2]
    for act in (
        window.curation.merge,
        lambda: window.curation.set_group("noise", "all"),
        window.curation.undo,
        window.curation.undo,
        lambda: session.curation.split(np.sort(spikes)),
        window.curation.undo,
        window.curation.redo,
    ):
        act()
        assert wait_until_drawn(window, 60)
        measured(window)
        for view in window.host.visible_views():
            assert view.error is None
            before = picture(window, view)
            view.invalidate()
            assert wait_until_drawn(window, 60)
            assert picture(window, view) == before, f"{view.title} was out of date"


def picture(window, view):
    """Return what a view shows, once it is painted."""
    QApplication.processEvents()
    assert wait_until_drawn(window, 60)
    image = view.content.grab().toImage()
    return bytes(image.constBits().asarray(image.sizeInBytes())), view.status
