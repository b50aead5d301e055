"""Other programs and windows: changes on the disk, locks, and files of the sorter."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from curating import (
    clusters_of,
    first_spikes,
    labels_of,
    make_export,
    open_session,
    reopened,
)

from gtview.base.errors import UsageError
from gtview.data.phy_writer import ExportChangedError


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
    assert asked.curation.why_not("undo")
    asked.curation.keeping.close()

    ours = open_session(export, on_change="journal")
    assert ours.curation.history.undo_name == "Merge of 0, 1"
    np.testing.assert_array_equal(clusters_of(ours), clusters_of(session))
    ours.curation.keeping.close()

    taken = open_session(export, on_change="file")
    np.testing.assert_array_equal(clusters_of(taken), theirs)
    assert taken.curation.why_not("undo")
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
