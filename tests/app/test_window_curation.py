"""Curation in the window: keys, sentences, questions and faults."""

from __future__ import annotations

import json

import numpy as np
import pytest
from opening_in_tests import open_in
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from gtview.app.layouts import LAYOUTS
from gtview.app.waiting import wait_until, wait_until_drawn

NONE = Qt.KeyboardModifier.NoModifier
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


@pytest.fixture
def opened(window, export):
    """A window with a dataset; its table has the focus, and nothing else is selected by itself."""
    window.settings.set("wizard", {"goes_on": False})
    open_in(window, export)
    window.activateWindow()
    window.host.view("clusters").table.setFocus()
    return window


def press(window, key, modifiers=NONE):
    """Press a key in whatever has the focus, as the window system would."""
    window.activateWindow()
    QApplication.processEvents()
    QTest.keyClick(window.focusWidget() or window, key, modifiers)
    assert wait_until_drawn(window, 60)


def session_of(window):
    assert window.session is not None
    return window.session


def message(window):
    return window.statusBar().currentMessage()


def group_of(window, cluster_id):
    return session_of(window).curation.labels.get("group", cluster_id)


def shown(window):
    return session_of(window).selection.state.shown_ids


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


# Journal and lock ----------------------------------------------------------------------------


def test_that_opening_writes_nothing_into_the_folder(opened, export):
    assert not (export / ".gtview").exists()
    before = {p: p.stat().st_mtime_ns for p in export.rglob("*")}
    opened.close_dataset()
    assert {p: p.stat().st_mtime_ns for p in export.rglob("*")} == before


def test_that_work_goes_on_after_closing_without_saving(opened, export):
    session = session_of(opened)
    session.select_clusters(session.clustering.cluster_ids[:2])
    press(opened, Key.Key_G)
    ids = session.clustering.cluster_ids
    opened.dialogs.answers["button"] = "Keep for next time"
    opened.close_dataset()
    assert opened.dialogs.asked[-1][2] == ("Save", "Keep for next time", "Cancel")
    assert not opened.has_dataset
    open_in(opened, export)
    assert session_of(opened).clustering.cluster_ids == ids
    assert "The curation of this export goes on" in opened.notice.sentence
    press(opened, Key.Key_Z, CTRL)
    assert session_of(opened).clustering.cluster_ids == [0, 1, 2, 3, 4, 5]


def test_that_a_second_window_only_looks_and_says_why(opened, export, second_window):
    second = second_window
    open_in(second, export)
    assert "curates this export" in second.notice.sentence
    assert "Try again" in second.notice.button_texts
    assert second.status.saved_text.text() == "read-only"
    session = session_of(second)
    session.select_clusters(session.clustering.cluster_ids[:2])
    second.curation.merge()
    assert "curates this export" in message(second)
    assert not session.curation.history.entries


def test_that_a_window_that_only_looks_never_writes_over_what_was_done_meanwhile(
    opened, export, second_window
):
    second = second_window
    open_in(second, export)
    first = session_of(opened)
    first.curation.merge(first.clustering.cluster_ids[:2])
    merged = first.clustering.cluster_ids
    opened.dialogs.answers["button"] = "Keep for next time"
    opened.close_dataset()
    stale = session_of(second)
    stale.select_clusters(stale.clustering.cluster_ids[2:4])
    second.curation.merge()
    assert not stale.curation.history.entries
    second.notice.press("Try again")
    assert wait_until(second, lambda: second.is_at_rest, 60)
    assert wait_until_drawn(second, 60)
    assert session_of(second).clustering.cluster_ids == merged
    assert not session_of(second).curation.keeping.read_only_reason


def test_that_a_lock_taken_after_reading_is_of_no_use_when_the_journal_went_on(opened, export):
    first = session_of(opened)
    from gtview.session.open import open_dataset
    from gtview.session.session import Session

    other = Session(open_dataset(export))
    first.curation.merge(first.clustering.cluster_ids[:2])
    first.curation.keeping.close()
    assert "Reload" in other.curation.keeping.take_lock()
    assert other.curation.why_not("merge")


def test_that_a_journal_that_cannot_be_written_is_told_and_tried_again(
    opened, export, monkeypatch
):
    session = session_of(opened)
    writer = session.curation.keeping._journal.writer
    real = writer._write

    def full(_data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer, "_write", full)
    session.select_clusters(session.clustering.cluster_ids[:2])
    press(opened, Key.Key_G)
    assert wait_until(opened, lambda: "No space left" in opened.notice.sentence, 20)
    assert opened.status.saved_text.text() == "journal not written"
    # Input goes on.
    press(opened, Key.Key_G, ALT)
    assert group_of(opened, shown(opened)[0]) == "good"
    monkeypatch.setattr(writer, "_write", real)
    opened.notice.press("Try again")
    assert wait_until(opened, lambda: not session.curation.keeping.n_pending, 20)
    assert wait_until(opened, lambda: opened.notice.sentence == "", 20)
    lines = (export / ".gtview" / "journal.jsonl").read_text().splitlines()
    assert [json.loads(line).get("op") for line in lines[1:]] == ["merge", "label"]


def test_that_leaving_with_a_journal_that_cannot_be_written_asks(opened, monkeypatch):
    session = session_of(opened)
    writer = session.curation.keeping._journal.writer
    real = writer._write

    def full(_data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer, "_write", full)
    session.curation.merge(session.clustering.cluster_ids[:2])
    assert wait_until(opened, lambda: session.curation.keeping.error is not None, 20)
    opened.dialogs.answers["button"] = "Keep for next time"
    monkeypatch.setattr(
        type(opened.dialogs),
        "ask_button",
        lambda self, title, _q, buttons: (
            "Keep for next time" if len(buttons) == 3 and buttons[0] == "Save" else None
        ),
    )
    opened.close_dataset()
    assert opened.has_dataset
    monkeypatch.setattr(writer, "_write", real)
    session.curation.keeping.retry()
    assert session.curation.keeping.wait(20)


# Saving --------------------------------------------------------------------------------------


def saved(window):
    return wait_until(window, lambda: not session_of(window).curation.saving.is_busy, 60)


def test_that_saving_writes_what_phy_reads_and_says_so(opened, export):
    session = session_of(opened)
    session.select_clusters(session.clustering.cluster_ids[:2])
    press(opened, Key.Key_G)
    press(opened, Key.Key_G, ALT)
    assert opened.isWindowModified()
    assert opened.status.saved_text.text().startswith("2 unsaved")
    press(opened, Key.Key_S, CTRL)
    assert saved(opened)
    assert not opened.isWindowModified()
    assert opened.status.saved_text.text().startswith("saved ")
    (merged,) = shown(opened)
    now = np.load(export / "spike_clusters.npy")
    assert np.array_equal(
        np.flatnonzero(now == merged), np.sort(session.clustering.spikes_of(merged))
    )
    assert f"{merged}\tgood" in (export / "cluster_group.tsv").read_text()
    press(opened, Key.Key_S, CTRL)
    assert message(opened) == "Everything is saved."
    press(opened, Key.Key_Z, CTRL)
    assert opened.isWindowModified()


def test_that_a_change_by_another_program_is_noticed_and_asked(opened, export):
    session = session_of(opened)
    session.curation.merge(session.clustering.cluster_ids[:2])
    theirs = np.load(export / "spike_clusters.npy")
    theirs[:10] = 77
    np.save(export / "spike_clusters.npy", theirs)
    opened.curation.save()
    assert saved(opened)
    assert "Another program changed spike_clusters.npy" in opened.dialogs.asked[-1][1]
    assert np.array_equal(np.load(export / "spike_clusters.npy"), theirs)
    opened.dialogs.answers["button"] = opened.dialogs.asked[-1][2][0]
    opened.curation.save()
    assert wait_until(opened, lambda: not session.curation.is_dirty, 60)
    kept = [np.load(p) for p in (export / ".gtview").rglob("spike_clusters.npy")]
    assert any(np.array_equal(k, theirs) for k in kept)


def test_that_a_changed_export_can_be_read_again_instead(opened, export):
    session = session_of(opened)
    session.curation.merge(session.clustering.cluster_ids[:2])
    assert session.curation.keeping.wait(20)
    theirs = np.load(export / "spike_clusters.npy")
    theirs[:10] = 77
    np.save(export / "spike_clusters.npy", theirs)
    answers = ["Read the export again", "Use the clusters on the disk"]
    opened.dialogs.ask_button = lambda *_args: answers.pop(0)
    opened.curation.save()
    assert wait_until(opened, lambda: not answers and opened.is_at_rest, 60)
    assert wait_until_drawn(opened, 60)
    assert 77 in session_of(opened).clustering
    assert not session_of(opened).curation.keeping.read_only_reason


def test_that_only_looking_at_a_changed_export_is_possible(window, export):
    from gtview.session.open import open_dataset
    from gtview.session.session import Session

    before = Session(open_dataset(export))
    before.curation.merge(before.clustering.cluster_ids[:2])
    before.curation.saving.save()
    assert before.curation.keeping.close()
    theirs = np.load(export / "spike_clusters.npy")
    theirs[:10] = 77
    np.save(export / "spike_clusters.npy", theirs)
    files = {p: p.stat().st_mtime_ns for p in export.rglob("*")}
    open_in(window, export)
    assert wait_until(window, lambda: bool(window.dialogs.asked), 20)
    assert 77 in session_of(window).clustering
    assert "Decide" in window.notice.button_texts
    assert session_of(window).curation.why_not("merge")
    assert {p: p.stat().st_mtime_ns for p in export.rglob("*")} == files
    window.dialogs.answers["button"] = "Use the history kept here"
    window.notice.press("Decide")
    assert wait_until(window, lambda: window.is_at_rest, 60)
    assert wait_until_drawn(window, 60)
    assert 77 not in session_of(window).clustering
    assert session_of(window).clustering.n_clusters == 5


def test_that_what_another_window_curates_is_not_decided_here(window, export):
    from gtview.session.open import open_dataset
    from gtview.session.session import Session

    first = Session(open_dataset(export))
    first.curation.merge(first.clustering.cluster_ids[:2])
    assert first.curation.keeping.wait(20)
    theirs = np.load(export / "spike_clusters.npy")
    theirs[:10] = 77
    np.save(export / "spike_clusters.npy", theirs)
    open_in(window, export)
    assert wait_until(window, lambda: "curates this export" in window.notice.sentence, 20)
    assert not window.dialogs.asked
    first.curation.keeping.close()


def test_that_a_read_only_export_is_saved_into_another_folder(
    window, export, tmp_path, monkeypatch
):
    from gtview.data import journal_file
    from gtview.session import saving

    monkeypatch.setattr(journal_file, "is_writable", lambda _folder: False)
    monkeypatch.setattr(saving, "is_writable", lambda _folder: False)
    open_in(window, export)
    session = session_of(window)
    session.curation.merge(session.clustering.cluster_ids[:2])
    assert not (export / ".gtview").exists()
    target = tmp_path / "copy"
    target.mkdir()
    window.dialogs.answers["folder"] = target
    window.curation.save()
    assert saved(window)
    assert wait_until(
        window, lambda: "saved elsewhere only" in window.status.saved_text.text(), 20
    )
    written = np.load(target / "spike_clusters.npy")
    assert set(written.tolist()) == set(session.clustering.cluster_ids)
    assert (target / "templates.npy").exists()
    # What is safe elsewhere is not asked for.
    window.close_dataset()
    assert not window.dialogs.asked


def test_that_a_folder_that_is_not_empty_is_refused(opened, export, tmp_path):
    opened.dialogs.answers["folder"] = export
    opened.curation.save_elsewhere()
    assert "not empty" in opened.notice.sentence
    assert not session_of(opened).curation.saving.is_busy


def test_that_a_save_that_fails_is_told_and_nothing_is_lost(opened, export, monkeypatch):
    from gtview.base.errors import DatasetError
    from gtview.session import saving

    session = session_of(opened)
    session.curation.merge(session.clustering.cluster_ids[:2])

    def fail(*_args, **_kwargs):
        raise DatasetError("The disk is full: nothing was saved, and the old files are whole.")

    monkeypatch.setattr(saving, "save_export", fail)
    opened.curation.save()
    assert saved(opened)
    assert "The disk is full" in opened.notice.sentence
    assert session.curation.is_dirty


def test_that_leaving_by_saving_waits_for_the_save(opened, export):
    session = session_of(opened)
    session.curation.merge(session.clustering.cluster_ids[:2])
    ids = session.clustering.cluster_ids
    opened.dialogs.answers["button"] = "Save"
    opened.close_dataset()
    assert wait_until(opened, lambda: not opened.has_dataset, 60)
    assert set(np.load(export / "spike_clusters.npy").tolist()) == set(ids)


def test_that_leaving_can_be_cancelled(opened):
    session = session_of(opened)
    session.curation.merge(session.clustering.cluster_ids[:2])
    opened.close_dataset()
    assert opened.has_dataset
    opened.reload()
    assert opened.is_at_rest
    assert not opened.close()
    assert opened.isVisible()


def test_that_a_reload_keeps_the_journal_whole(opened):
    session = session_of(opened)
    session.curation.merge(session.clustering.cluster_ids[:2])
    ids = session.clustering.cluster_ids
    opened.dialogs.answers["button"] = "Keep for next time"
    opened.reload()
    # Nothing is changed behind the back of the one that is being read.
    assert session.curation.why_not("merge")
    assert wait_until(opened, lambda: opened.is_at_rest, 60)
    again = session_of(opened)
    assert again is not session
    assert again.clustering.cluster_ids == ids
    again.curation.merge(again.clustering.cluster_ids[:2])
    again.curation.undo()
    assert again.clustering.cluster_ids == ids


def test_that_a_reload_that_is_cancelled_lets_the_work_go_on(opened):
    session = session_of(opened)
    opened.reload()
    opened.opening.cancel()
    assert wait_until(opened, lambda: opened.is_at_rest, 60)
    # It may have been read before it could be cancelled.
    assert session_of(opened).curation.why_not("label") == ""
    session_of(opened).curation.merge(session.clustering.cluster_ids[:2])


def test_that_autosave_never_asks(opened, export):
    session = session_of(opened)
    theirs = np.load(export / "spike_clusters.npy")
    theirs[:10] = 77
    np.save(export / "spike_clusters.npy", theirs)
    opened.curation.saving.toggle_autosave()
    opened.curation.saving._autosave_soon.setInterval(10)
    session.curation.merge(session.clustering.cluster_ids[:2])
    assert wait_until(opened, lambda: "Another program changed" in opened.notice.sentence, 60)
    assert not opened.dialogs.asked


def test_that_autosave_is_off_and_saves_when_it_is_on(opened, export):
    session = session_of(opened)
    saving = opened.curation.saving
    assert not saving.is_autosaving
    saving.toggle_autosave()
    saving._autosave_soon.setInterval(10)
    session.curation.merge(session.clustering.cluster_ids[:2])
    assert wait_until(opened, lambda: not session.curation.is_dirty, 60)
    assert set(np.load(export / "spike_clusters.npy").tolist()) == set(
        session.clustering.cluster_ids
    )
    assert opened.menus.actions["curate.autosave"].isChecked()


def test_that_one_can_go_back_to_the_sorters_original(opened, export):
    first = np.load(export / "spike_clusters.npy").ravel()
    session = session_of(opened)
    opened.curation.show_saves()
    assert "Nothing was saved yet" in message(opened)
    session.curation.merge(session.clustering.cluster_ids[:2])
    opened.curation.save()
    assert saved(opened)
    opened.curation.show_saves()
    dialog = opened.curation.saving.dialog
    assert "as it was found" in dialog.list.item(0).text()
    dialog.list.setCurrentRow(0)
    dialog.accept()
    assert wait_until(opened, lambda: session.clustering.n_clusters == 6, 20)
    assert np.array_equal(session.clustering.copied(), first)
    opened.curation.undo()
    assert session.clustering.n_clusters == 5


# SpikeInterface ------------------------------------------------------------------------------


def test_that_a_curation_goes_out_and_comes_back(opened, export, tmp_path):
    session = session_of(opened)
    merged = session.curation.merge(session.clustering.cluster_ids[:2]).added[0]
    session.curation.label([merged], "good")
    want = [np.sort(session.clustering.spikes_of(i)) for i in session.clustering.cluster_ids]
    path = tmp_path / "curation.json"
    opened.dialogs.answers["new file"] = path
    opened.curation.export_json()
    assert wait_until(opened, path.exists, 120)
    while session.curation.history.position:
        session.curation.undo()
    opened.dialogs.answers["file"] = path
    opened.curation.import_json()
    assert wait_until(opened, lambda: session.curation.history.position > 0, 120)
    got = [np.sort(session.clustering.spikes_of(i)) for i in session.clustering.cluster_ids]
    assert sorted(map(tuple, got)) == sorted(map(tuple, want))


def test_that_what_is_no_curation_is_refused_in_one_sentence(opened, tmp_path):
    path = tmp_path / "other.json"
    path.write_text("[1, 2]", encoding="utf-8")
    opened.dialogs.answers["file"] = path
    opened.curation.import_json()
    assert wait_until(opened, lambda: "no curation" in opened.notice.sentence, 60)
