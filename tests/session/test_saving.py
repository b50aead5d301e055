"""Saving: which files are written, what is kept of those before, and what may fail."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
from curating import (
    clusters_of,
    first_spikes,
    labels_of,
    labels_on_disk,
    make_export,
    open_session,
    reopened,
)

from gtview.base.errors import DatasetError
from gtview.data import phy_writer
from gtview.session.events import (
    SaveChanged,
)
from gtview.session.saving import run_save


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
