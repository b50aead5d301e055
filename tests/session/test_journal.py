"""The journal of a session: what is there again when an export is opened again."""

from __future__ import annotations

import shutil
import subprocess
import sys

import numpy as np
from curating import (
    clusters_of,
    first_spikes,
    labels_of,
    make_export,
    open_session,
    reopened,
)

from gtview.data.journal_file import read_journal


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
