"""Two sessions and other programs: who may write a journal, and when anything is written."""

from __future__ import annotations

import json

import numpy as np
import pytest
from curating import labels_of, open_session

from gtview.base.errors import CancelledError, UsageError
from gtview.data.phy_writer import copy_export


def journal_of(export):
    return [json.loads(line) for line in (export / ".gtview/journal.jsonl").open()]


def test_that_whoever_was_refused_has_to_read_again(session, export):
    other = open_session(export)
    assert session.curation.keeping.take_lock() == ""
    assert "curates this export" in other.curation.keeping.take_lock()
    session.curation.merge([0, 1])
    assert session.curation.keeping.close()
    # The lock is free, but what this session shows is not how it is.
    with pytest.raises(UsageError, match="curates this export"):
        other.curation.merge([2, 3])
    assert "Reload" in other.curation.keeping.take_lock()
    with pytest.raises(UsageError, match="Reload"):
        other.curation.merge([2, 3])
    assert [r["op"] for r in journal_of(export)[1:]] == ["merge"]
    again = open_session(export)
    again.curation.merge([2, 3])
    assert again.curation.keeping.close()
    assert [r["op"] for r in journal_of(export)[1:]] == ["merge", "merge"]


def test_that_a_lock_that_is_free_is_taken_by_the_first_action(export):
    first, second = open_session(export), open_session(export)
    first.curation.merge([0, 1])
    with pytest.raises(UsageError, match="curates this export"):
        second.curation.merge([0, 1])
    first.curation.keeping.close()


def test_that_nothing_can_be_changed_during_a_pause(session):
    session.curation.keeping.pause("Being read.")
    assert session.curation.why_not("label") == "Being read."
    with pytest.raises(UsageError, match="Being read"):
        session.curation.label([0], "good")
    session.curation.keeping.pause("")
    session.curation.label([0], "good")


def test_that_labels_of_another_program_are_written_with_the_first_action_only(session, export):
    session.curation.label([0], "good")
    session.curation.saving.save()
    assert session.curation.keeping.close()
    before = (export / ".gtview/journal.jsonl").read_bytes()
    (export / "cluster_group.tsv").write_text("cluster_id\tgroup\n0\tgood\n1\tmua\n")
    again = open_session(export)
    assert "Another program has changed cluster_group.tsv" in " ".join(again.curation.messages)
    assert again.curation.keeping.close()
    assert (export / ".gtview/journal.jsonl").read_bytes() == before
    again = open_session(export)
    assert labels_of(again)["group"] == {0: "good", 1: "mua"}
    again.curation.merge([0, 1])
    assert again.curation.keeping.close()
    ops = [r.get("op") for r in journal_of(export)]
    assert ops[-2:] == ["label", "merge"]
    last = open_session(export)
    # Taken over once: what was labelled here since then stays.
    assert not any("Another program" in m for m in last.curation.messages)
    last.curation.undo()
    assert labels_of(last)["group"] == {0: "good", 1: "mua"}
    last.curation.undo()
    assert labels_of(last)["group"] == {0: "good"}
    last.curation.keeping.close()


def test_that_a_copy_that_is_cancelled_leaves_nothing_behind(export, tmp_path):
    def report(fraction, _message=""):
        if fraction > 0.3:
            raise CancelledError("no")

    with pytest.raises(CancelledError):
        copy_export(export, tmp_path / "copy", [], report)
    assert not (tmp_path / "copy").exists()


def test_that_the_clusters_that_are_looked_at_are_measured_first(session):
    measurements = session.measurements
    assert session.quality is None
    measurements.begin()
    query = measurements.query(first=(4, 2), at_most=3)
    assert query.cluster_ids == (2, 4, 0)
    assert all(
        np.array_equal(s, session.clustering.spikes_of(i))
        for i, s in zip(query.cluster_ids, query.spike_ids, strict=True)
    )
