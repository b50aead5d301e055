"""Journal, lock and saving in the window: sentences, questions and faults."""

from __future__ import annotations

import json

import numpy as np
from driving import ALT, CTRL, Key, group_of, message, press, session_of, shown
from opening_in_tests import open_in

from gtview.app.waiting import wait_until, wait_until_drawn

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
