"""Curation of a session: operations, events, the journal, saving, and other programs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from curating import clusters_of, labels_of, labels_on_disk, make_export, open_session

from gtview.base.errors import DatasetError, UsageError
from gtview.data import phy_writer
from gtview.data.journal_file import read_journal
from gtview.data.phy_writer import ExportChangedError
from gtview.session.events import (
    ClusteringChanged,
    HistoryChanged,
    LabelsChanged,
    SaveChanged,
    SelectionChanged,
)
from gtview.session.saving import run_save
from gtview.session.tables import TableSource, cluster_table


@pytest.fixture
def export(tmp_path):
    return make_export(tmp_path / "export")


@pytest.fixture
def session(export):
    session = open_session(export)
    yield session
    session.curation.keeping.close()


def first_spikes(session, cluster_id, n):
    return session.clustering.spikes_of(cluster_id)[:n].copy()


def reopened(session, **options):
    session.curation.keeping.close()
    return open_session(session.dataset.folder, **options)


# Operations -----------------------------------------------------------------------------------


def test_that_merging_selects_the_new_cluster_and_undoing_the_old_ones(session):
    session.select_clusters((1,), (2,))
    assert session.curation.can_merge
    session.curation.merge_selected()
    assert session.selection.state.shown_ids == (6,)
    session.select_clusters((3,))
    session.curation.undo()
    assert session.selection.state.cluster_ids == (1,)
    assert session.selection.state.similar_ids == (2,)
    session.curation.redo()
    assert session.selection.state.shown_ids == (6,)


def test_that_a_change_is_told_once_and_whole(session):
    seen = []

    def note(event):
        # Everything has happened when the first is told.
        seen.append(
            (type(event).__name__, session.clustering.cluster_ids, len(session.stats.rate_hz))
        )

    for kind in (ClusteringChanged, LabelsChanged, SelectionChanged, HistoryChanged):
        session.bus.subscribe(kind, note)
    session.curation.discard(first_spikes(session, 0, 5))
    names = [name for name, *_ in seen]
    assert names == ["ClusteringChanged", "LabelsChanged", "SelectionChanged", "HistoryChanged"]
    assert {tuple(ids) for _, ids, _ in seen} == {(1, 2, 3, 4, 5, 6, 7)}
    assert {n for *_, n in seen} == {7}


def test_that_tables_follow_merges_splits_and_labels(session):
    session.curation.merge([0, 1])
    session.curation.label([6], "good")
    table = cluster_table(TableSource.of(session))
    assert table.row_ids == (2, 3, 4, 5, 6)
    row = table.row_ids.index(6)
    assert table.column("group").text(row) == "good"
    assert table.column("spikes").values[row] == session.clustering.n_spikes_of(6)
    assert table.column("ContamPct").text(row) == "\N{EN DASH}", "no measurement of the sorter"
    fresh = open_session(session.dataset.folder).stats
    for name in ("n_spikes", "rate_hz", "best_channels", "depths_um", "amplitudes"):
        np.testing.assert_array_equal(
            getattr(session.stats, name), getattr(fresh, name), err_msg=name
        )
    for i in range(5):
        for mine, theirs in zip(session.stats.templates.of(i), fresh.templates.of(i), strict=True):
            np.testing.assert_array_equal(mine, theirs)


def test_that_going_to_a_position_is_as_many_undos(session):
    states = [clusters_of(session)]
    for ids in ([0, 1], [2, 3], [4, 5]):
        session.curation.merge(ids)
        states.append(clusters_of(session))
    for position in (0, 3, 1, 2):
        session.curation.go_to(position)
        np.testing.assert_array_equal(clusters_of(session), states[position])
    with pytest.raises(UsageError):
        session.curation.go_to(9)


def test_that_reasons_are_given_in_words(session):
    curation = session.curation
    assert "at least two" in curation.why_not("merge")
    assert not curation.can_undo
    assert not curation.can_redo
    assert not curation.can_save
    assert curation.why_not("undo") == "There is nothing to undo."


# The journal ----------------------------------------------------------------------------------


def test_that_looking_writes_nothing(export):
    before = sorted(p.name for p in export.iterdir())
    session = open_session(export)
    session.select_clusters((1, 2))
    session.curation.keeping.close()
    assert sorted(p.name for p in export.iterdir()) == before


def test_that_unsaved_work_is_there_again_with_its_history(session):
    session.curation.merge([0, 1])
    session.curation.label([6], "good")
    session.curation.split(first_spikes(session, 6, 30))
    session.curation.undo()
    clusters, labels = clusters_of(session), labels_of(session)
    again = reopened(session)
    np.testing.assert_array_equal(clusters_of(again), clusters)
    assert labels_of(again) == labels
    assert again.curation.is_dirty
    assert again.curation.history.undo_name == "Label 6 group good"
    assert again.curation.history.redo_name == "Split of 6 (30 spikes)"
    assert "goes on" in again.curation.messages[0]
    assert again.clustering.next_id == 9, "ids are not given again, those of undone actions too"
    again.curation.go_to(0)
    np.testing.assert_array_equal(clusters_of(again), again.dataset.spike_clusters)
    again.curation.keeping.close()


def test_that_undo_goes_back_behind_a_save_after_opening_again(session):
    first = clusters_of(session)
    session.curation.merge([0, 1])
    session.curation.saving.save()
    session.curation.merge([2, 3])
    again = reopened(session)
    assert again.curation.is_dirty
    again.curation.undo()
    assert not again.curation.is_dirty
    again.curation.undo()
    np.testing.assert_array_equal(clusters_of(again), first)
    again.curation.keeping.close()


def test_that_a_copied_folder_keeps_its_journal(session, tmp_path):
    session.curation.merge([0, 1])
    session.curation.keeping.close()
    copy = tmp_path / "elsewhere"
    shutil.copytree(session.dataset.folder, copy)
    again = open_session(copy)
    assert 6 in again.clustering
    again.curation.keeping.close()


def test_that_a_journal_of_another_sorting_is_put_aside(session, tmp_path):
    session.curation.merge([0, 1])
    session.curation.keeping.close()
    other = make_export(tmp_path / "other", seed=5)
    shutil.copytree(session.dataset.folder / ".gtview", other / ".gtview")
    again = open_session(other)
    assert "another sorting" in again.curation.messages[0]
    assert again.clustering.cluster_ids == [0, 1, 2, 3, 4, 5]
    again.curation.merge([2, 3])
    again.curation.keeping.close()
    names = sorted(p.name for p in (other / ".gtview").iterdir())
    assert names[0].startswith("journal-aside-")
    assert [r.get("op") for r in read_journal(other / ".gtview/journal.jsonl").records][1:] == [
        "merge"
    ]


def test_that_a_damaged_journal_is_used_up_to_the_damage(session):
    session.curation.merge([0, 1])
    session.curation.merge([2, 3])
    session.curation.keeping.close()
    path = session.dataset.folder / ".gtview/journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], b"rubbish\n", *lines[2:]]))
    again = open_session(session.dataset.folder)
    assert again.clustering.cluster_ids == [2, 3, 4, 5, 6]
    assert any("damaged" in m for m in again.curation.messages)
    again.curation.merge([2, 4])
    third = reopened(again)
    (copy,) = path.parent.glob("journal-damaged-*.jsonl")
    assert b"rubbish" in copy.read_bytes()
    assert third.clustering.cluster_ids == [3, 5, 6, 7]
    third.curation.keeping.close()


def test_that_a_replayed_journal_gives_the_same_bytes(session, export, tmp_path):
    pristine = tmp_path / "pristine"
    shutil.copytree(export, pristine)
    session.curation.merge([0, 1])
    session.curation.label([6], "good")
    session.curation.discard(first_spikes(session, 6, 30))
    session.curation.label([3], "in-progress", "note")
    session.curation.saving.save()
    session.curation.keeping.close()
    for source in (pristine, export):
        out = tmp_path / f"out of {source.name}"
        command = [sys.executable, "-m", "gtview", "replay"]
        command += [str(export / ".gtview/journal.jsonl"), str(source), "-o", str(out)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for name in ("spike_clusters.npy", "cluster_group.tsv", "cluster_note.tsv"):
            assert (out / name).read_bytes() == (export / name).read_bytes(), name
        assert (out / "cluster_info.tsv").read_bytes() == (
            export / "cluster_info.tsv"
        ).read_bytes()


def test_that_commands_see_unsaved_work_only_when_asked(session):
    from gtview.api import describe_dataset

    session.curation.merge([0, 1])
    session.curation.keeping.close()
    folder = session.dataset.folder
    assert describe_dataset(folder)["n_clusters"] == 6
    assert describe_dataset(folder, use_journal=True)["n_clusters"] == 5


def test_that_new_ids_start_above_those_of_phy_and_of_the_tables(export):
    (export / ".phy").mkdir()
    (export / ".phy/new_cluster_id.json").write_text('{"new_cluster_id": 40}')
    session = open_session(export)
    assert session.curation.merge([0, 1]).added == (40,)
    session.curation.keeping.close()
    (export / ".phy/new_cluster_id.json").write_text("rubbish")
    (export / "cluster_note.tsv").write_text("cluster_id\tnote\n70\told\n")
    shutil.rmtree(export / ".gtview")
    session = open_session(export)
    assert session.curation.merge([0, 1]).added == (71,)
    assert session.curation.labels.get("note", 71) is None
    session.curation.keeping.close()


# Saving ---------------------------------------------------------------------------------------


def test_that_saving_writes_what_is_there_and_then_nothing(session, export):
    events = []
    session.bus.subscribe(SaveChanged, events.append)
    session.curation.merge([0, 1])
    session.curation.label([6, 2], "good")
    done = session.curation.saving.save()
    assert set(done.files) == {"spike_clusters.npy", "cluster_group.tsv", "cluster_info.tsv"}
    assert len(events) == 2
    clusters = np.load(export / "spike_clusters.npy")
    assert clusters.dtype == np.int32
    assert clusters.ndim == 1
    np.testing.assert_array_equal(clusters, clusters_of(session))
    assert (
        export / "cluster_group.tsv"
    ).read_bytes() == b"cluster_id\tgroup\r\n2\tgood\r\n6\tgood\r\n"
    assert labels_on_disk(export) == labels_of(session)
    info = (export / "cluster_info.tsv").read_text().splitlines()
    assert info[0].split("\t")[0] == "cluster_id"
    assert [line.split("\t")[0] for line in info[1:]] == ["2", "3", "4", "5", "6"]
    group = info[0].split("\t").index("group")
    assert [line.split("\t")[group] for line in info[1:]] == [
        "good", "unsorted", "unsorted", "unsorted", "good",
    ]  # fmt: skip
    assert session.curation.saving.save().files == ()


def test_that_files_that_did_not_change_are_not_touched(session, export):
    before = {p.name: p.stat().st_mtime_ns for p in export.iterdir() if p.is_file()}
    session.curation.label([2], "good")
    done = session.curation.saving.save()
    assert set(done.files) == {"cluster_group.tsv", "cluster_info.tsv"}
    after = {p.name: p.stat().st_mtime_ns for p in export.iterdir() if p.is_file()}
    assert {n for n in after if after[n] != before.get(n)} == set(done.files)


def test_that_a_column_is_not_lost_with_the_file_that_is_overwritten(export):
    # Kilosort 4 writes its own labels into cluster_group.tsv; here they are only there.
    (export / "cluster_KSLabel.tsv").unlink()
    session = open_session(export)
    session.curation.label([2], "good")
    session.curation.saving.save()
    session.curation.keeping.close()
    found = labels_on_disk(export)
    assert found["group"] == {2: "good"}
    assert found["KSLabel"] == {i: "good" if i % 2 == 0 else "mua" for i in range(6)}


def test_that_rows_of_other_tools_stay(export):
    (export / "metrics.csv").write_text("cluster_id,snr,quality\n0,5.5,fine\n1,2,bad\n3,1,bad\n")
    session = open_session(export)
    session.curation.label([0], "excellent", "quality")
    session.curation.saving.save()
    session.curation.keeping.close()
    found = labels_on_disk(export)
    assert found["quality"] == {0: "excellent", 1: "bad", 3: "bad"}
    assert found["snr"] == {0: 5.5, 1: 2, 3: 1}


def test_that_a_renamed_field_has_another_file(export):
    (export / "cluster_note.tsv").write_text("cluster_id\tnote\n0\todd\n")
    session = open_session(export)
    session.curation.rename_field("note", "remark")
    session.curation.saving.save()
    assert not (export / "cluster_note.tsv").exists()
    assert labels_on_disk(export)["remark"] == {0: "odd"}
    session.curation.undo()
    session.curation.saving.save()
    assert labels_on_disk(export)["note"] == {0: "odd"}
    assert not (export / "cluster_remark.tsv").exists()
    session.curation.keeping.close()


def test_that_the_caches_of_phy_are_moved_away(session, export):
    (export / ".phy").mkdir()
    for name in ("new_cluster_id.json", "spikes_per_cluster.pkl", "state.json"):
        (export / ".phy" / name).write_text("{}")
    session.curation.merge([0, 1])
    session.curation.saving.save()
    assert [p.name for p in (export / ".phy").iterdir()] == ["state.json"]
    kept = {p.name for p in (export / ".gtview/saves").rglob("phy/*")}
    assert kept == {"new_cluster_id.json", "spikes_per_cluster.pkl"}


def test_that_nothing_else_appears_where_phy_looks(session, export):
    before = {p.name for p in export.iterdir()}
    for ids in ([0, 1], [2, 3]):
        session.curation.merge(ids)
        session.curation.label([session.clustering.cluster_ids[-1]], "good")
        session.curation.saving.save()
    assert {p.name for p in export.iterdir()} - before == {".gtview", "cluster_info.tsv"}


def test_that_earlier_saves_come_back(session, export):
    states = [(clusters_of(session), labels_of(session))]
    for ids in ([0, 1], [2, 3], [4, 6]):
        session.curation.merge(ids)
        session.curation.label([session.clustering.cluster_ids[-1]], "good")
        session.curation.saving.save()
        states.append((clusters_of(session), labels_of(session)))
    kept = session.curation.saving.snapshots()
    assert [s.is_original for s in kept] == [True, False, False, False]
    for snapshot, (clusters, labels) in zip(kept, [states[0], *states[:3]], strict=True):
        session.curation.go_back(snapshot)
        np.testing.assert_array_equal(clusters_of(session), clusters)
        assert labels_of(session) == labels
    session.curation.saving.save()
    again = reopened(session)
    np.testing.assert_array_equal(clusters_of(again), states[2][0])
    again.curation.go_to(0)
    np.testing.assert_array_equal(clusters_of(again), states[0][0])
    again.curation.keeping.close()


def test_that_only_the_last_ten_saves_and_the_originals_are_kept(session, export):
    first = clusters_of(session)
    for k in range(13):
        if k % 2:
            session.curation.label(session.clustering.cluster_ids[:1], f"note {k}", "note")
        else:
            largest = max(session.clustering.cluster_ids, key=session.clustering.n_spikes_of)
            session.curation.split(first_spikes(session, largest, 2))
        session.curation.saving.save()
    kept = session.curation.saving.snapshots()
    assert [s.is_original for s in kept] == [True] + [False] * 10
    clusters, _ = session.curation.saving.read_snapshot(kept[0])
    np.testing.assert_array_equal(clusters, first)
    for snapshot in kept:
        session.curation.saving.read_snapshot(snapshot)


@pytest.mark.parametrize("step", ["NpyStream.save", "_write_synced", "take_snapshot"])
def test_that_a_full_disk_leaves_the_old_files_whole(session, export, monkeypatch, step):
    before = {p.name: p.read_bytes() for p in export.iterdir() if p.is_file()}
    session.curation.merge([0, 1])
    session.curation.label([6], "good")

    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    owners = {"NpyStream.save": phy_writer.NpyStream, "take_snapshot": phy_writer.backups}
    owner = owners.get(step, phy_writer)
    with monkeypatch.context() as patch:
        patch.setattr(owner, step.removeprefix("NpyStream."), full)
        with pytest.raises(DatasetError, match="disk is full"):
            session.curation.saving.save()
    assert {p.name: p.read_bytes() for p in export.iterdir() if p.is_file()} == before
    assert session.curation.is_dirty
    assert not session.curation.saving.is_busy
    session.curation.saving.save()
    assert not session.curation.is_dirty


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs limits of a process of its own")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_that_a_disk_that_takes_no_more_leaves_the_old_files_whole(export):
    # A real refusal by the system, in the middle of a file.
    import resource
    import signal

    session = open_session(export)
    session.curation.merge([0, 1])
    session.curation.keeping.wait()
    before = {p.name: p.read_bytes() for p in export.iterdir() if p.is_file()}
    job = session.curation.saving.start()
    child = os.fork()
    if child == 0:
        said = 1
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (900, 900))
            run_save(replace(job, journal=None))
        except DatasetError as error:
            said = 0 if "Nothing was saved" in str(error) or "whole" in str(error) else 2
        finally:
            os._exit(said)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    session.curation.saving.fail()
    assert {p.name: p.read_bytes() for p in export.iterdir() if p.is_file()} == before
    session.curation.saving.save()
    assert not session.curation.is_dirty
    session.curation.keeping.close()


@pytest.fixture
def read_only(export):
    """Take away the right to write, and give it back; who may do all is not stopped by it."""

    def turn(is_read_only):
        for path in (export, *export.rglob("*")):
            if path.is_dir():
                path.chmod(0o555 if is_read_only else 0o755)
            else:
                path.chmod(0o444 if is_read_only else 0o644)

    yield turn
    turn(False)


@pytest.mark.skipif(os.name != "posix", reason="folders are not made read-only by their mode")
def test_that_a_folder_turned_read_only_is_told_and_nothing_is_lost(
    session, export, read_only, tmp_path
):
    session.curation.merge([0, 1])
    assert session.curation.keeping.wait(10.0)
    before = {p.name: p.read_bytes() for p in export.iterdir() if p.is_file()}
    read_only(True)
    if os.access(export, os.W_OK):
        pytest.skip("who may do everything is not stopped")
    session.curation.merge([2, 3])  # input goes on
    with pytest.raises(DatasetError) as told:
        session.curation.saving.save()
    assert len(str(told.value).split(". ")) <= 2
    assert session.curation.is_dirty
    assert not session.curation.saving.is_possible_here
    assert {p.name: p.read_bytes() for p in export.iterdir() if p.is_file()} == before

    session.curation.saving.save(tmp_path / "elsewhere")
    np.testing.assert_array_equal(
        clusters_of(open_session(tmp_path / "elsewhere")), clusters_of(session)
    )
    read_only(False)
    session.curation.keeping.retry()
    assert session.curation.keeping.wait(10.0)
    session.curation.saving.save()
    again = reopened(session)
    assert again.clustering.cluster_ids == [4, 5, 6, 7]
    again.curation.keeping.close()


def test_that_a_complete_export_can_be_saved_elsewhere(session, export, tmp_path):
    before = {p.name: p.read_bytes() for p in export.iterdir() if p.is_file()}
    session.curation.merge([0, 1])
    session.curation.saving.save(tmp_path / "copy")
    copied = open_session(tmp_path / "copy")
    np.testing.assert_array_equal(clusters_of(copied), clusters_of(session))
    assert {p.name: p.read_bytes() for p in export.iterdir() if p.is_file()} == before
    assert session.curation.is_dirty, "the export itself was not saved"
    with pytest.raises(DatasetError, match="not empty"):
        session.curation.saving.save(tmp_path / "copy")


def test_that_a_copy_finds_the_raw_file(tmp_path):
    folder = make_export(tmp_path / "export", with_raw=True)
    session = open_session(folder)
    session.curation.merge([0, 1])
    session.curation.saving.save(tmp_path / "far" / "copy")
    assert open_session(tmp_path / "far" / "copy").dataset.raw is not None
    session.curation.keeping.close()


def test_that_an_export_without_spike_clusters_is_saved_and_comes_back(tmp_path):
    folder = make_export(tmp_path / "export", with_spike_clusters=False)
    session = open_session(folder)
    first = clusters_of(session)
    session.curation.merge([0, 1])
    session.curation.saving.save()
    again = reopened(session)
    again.curation.go_to(0)
    np.testing.assert_array_equal(clusters_of(again), first)
    again.curation.keeping.close()


# Other programs -------------------------------------------------------------------------------


def curate_elsewhere(export, pairs):
    """Write clusters in place, as phy did."""
    clusters = np.load(export / "spike_clusters.npy").ravel()
    for new, old in pairs:
        clusters[clusters == old] = new
    np.save(export / "spike_clusters.npy", clusters.astype(np.int32))
    return clusters


def test_that_a_change_on_the_disk_is_noticed_before_saving(session, export):
    session.curation.merge([0, 1])
    theirs = curate_elsewhere(export, [(90, 2)])
    assert session.curation.saving.changed_files() == ["spike_clusters.npy"]
    with pytest.raises(ExportChangedError, match=r"spike_clusters\.npy"):
        session.curation.saving.save()
    np.testing.assert_array_equal(np.load(export / "spike_clusters.npy"), theirs)
    session.curation.saving.save(overwrite=True)
    np.testing.assert_array_equal(np.load(export / "spike_clusters.npy"), clusters_of(session))
    kept, _ = session.curation.saving.read_snapshot(session.curation.saving.snapshots()[-1])
    np.testing.assert_array_equal(kept, theirs)
    again = reopened(session)
    again.curation.go_to(0)
    np.testing.assert_array_equal(clusters_of(again), session.dataset.spike_clusters)
    again.curation.keeping.close()


def test_that_a_touched_file_is_no_change(session, export):
    (export / "spike_clusters.npy").touch()
    (export / "cluster_group.tsv").touch()
    session.curation.label([0], "good")
    session.curation.merge([0, 1])
    session.curation.saving.save()


def test_that_clusters_of_another_program_are_asked_about(session, export):
    session.curation.merge([0, 1])
    session.curation.saving.save()
    session.curation.keeping.close()
    theirs = curate_elsewhere(export, [(90, 2)])
    asked = open_session(export)
    assert "Another program" in asked.curation.question
    np.testing.assert_array_equal(clusters_of(asked), theirs)
    with pytest.raises(UsageError, match="Another program"):
        asked.curation.merge([3, 4])
    assert not asked.curation.can_undo
    asked.curation.keeping.close()

    ours = open_session(export, on_change="journal")
    assert ours.curation.history.undo_name == "Merge of 0, 1"
    np.testing.assert_array_equal(clusters_of(ours), clusters_of(session))
    ours.curation.keeping.close()

    taken = open_session(export, on_change="file")
    np.testing.assert_array_equal(clusters_of(taken), theirs)
    assert not taken.curation.can_undo
    assert taken.curation.merge([3, 4]).added[0] > 90
    later = reopened(taken)
    assert later.curation.question == ""
    later.curation.go_to(0)
    np.testing.assert_array_equal(clusters_of(later), theirs)
    later.curation.keeping.close()


def test_that_labels_of_another_program_are_taken_over(session, export):
    session.curation.merge([0, 1])
    session.curation.label([6], "good")
    session.curation.saving.save()
    session.curation.keeping.close()
    (export / "cluster_group.tsv").write_text("cluster_id\tgroup\n6\tmua\n2\tnoise\n")
    (export / "cluster_theirs.tsv").write_text("cluster_id\ttheirs\n2\tyes\n")
    again = open_session(export)
    assert labels_of(again)["group"] == {6: "mua", 2: "noise"}
    assert labels_of(again)["theirs"] == {2: "yes"}
    assert any("cluster_group.tsv" in m for m in again.curation.messages)
    again.curation.undo()
    assert labels_of(again)["group"] == {6: "good"}
    again.curation.undo()
    again.curation.undo()
    assert again.clustering.cluster_ids == [0, 1, 2, 3, 4, 5]
    again.curation.keeping.close()


def test_that_another_sorting_under_the_same_ids_shows_its_own_spikes(session, export, tmp_path):
    # phy showed the old ones, from its cache.
    session.curation.merge([0, 1])
    session.curation.saving.save()
    session.curation.keeping.close()
    other = make_export(tmp_path / "other", seed=3)
    for file in other.iterdir():
        if file.is_file():
            shutil.copy(file, export / file.name)
    again = open_session(export)
    np.testing.assert_array_equal(clusters_of(again), np.load(other / "spike_clusters.npy"))
    assert any("another sorting" in m for m in again.curation.messages)
    again.curation.keeping.close()


def test_that_two_windows_do_not_curate_one_export(session, export):
    assert session.curation.keeping.take_lock() == ""
    second = open_session(export)
    reason = second.curation.keeping.take_lock()
    assert "Another window" in reason
    with pytest.raises(UsageError, match="Another window"):
        second.curation.merge([0, 1])
    session.curation.keeping.close()
    assert second.curation.keeping.take_lock() == ""
    second.curation.merge([0, 1])
    second.curation.keeping.close()


def test_that_the_lock_of_a_dead_program_is_taken_over(session, export):
    from gtview.data.locks import ExportLock

    lock = ExportLock(export)
    assert lock.acquire() is None
    holder = json.loads(lock.path.read_text())
    for dead in ({"pid": 2**22 + 12345}, {"started_s": holder["started_s"] - 100}):
        lock.path.write_text(json.dumps(holder | dead))
        assert session.curation.keeping.take_lock() == ""
        session.curation.keeping.close()
    lock.path.write_text(json.dumps(holder | {"host": "far-away"}))
    assert "far-away" in session.curation.keeping.take_lock()
    assert session.curation.keeping.take_lock(force=True) == ""


def test_that_the_files_of_the_sorter_are_never_written(session, export):
    # phy rewrote templates with NaN in place.
    templates = np.load(export / "templates.npy")
    templates[0, 0, 0] = np.nan
    np.save(export / "templates.npy", templates)
    mine = {"spike_clusters.npy", "cluster_group.tsv", "cluster_info.tsv"}
    before = {p.name: p.read_bytes() for p in export.iterdir() if p.is_file()}
    again = open_session(export)
    again.curation.merge([0, 1])
    again.curation.label([6], "good")
    again.curation.saving.save()
    again.curation.keeping.close()
    after = {p.name: p.read_bytes() for p in export.iterdir() if p.is_file()}
    assert {n for n in after if after[n] != before.get(n)} == mine


def test_that_phylib_reads_the_same_clusters_and_groups(session, export):
    model = pytest.importorskip("phylib.io.model")
    session.curation.merge([0, 1])
    session.curation.label([6], "good")
    session.curation.discard(first_spikes(session, 6, 20))
    session.curation.saving.save()
    loaded = model.load_model(export / "params.py")
    np.testing.assert_array_equal(loaded.spike_clusters, clusters_of(session))
    exists = set(session.clustering.cluster_ids)
    groups = {i: g for i, g in loaded.metadata["group"].items() if i in exists}
    assert groups == labels_of(session)["group"]
