"""SpikeInterface's curation: what it makes of ours, and we of its."""

from __future__ import annotations

import json

import numpy as np
import pytest
from curating import clusters_of, labels_of, make_export, open_session

from gtview.base.errors import UsageError

pytest.importorskip("spikeinterface.curation")


@pytest.fixture
def session(tmp_path):
    session = open_session(make_export(tmp_path / "export"))
    yield session
    session.curation.keeping.close()


def curate(session):
    curation, clustering = session.curation, session.clustering
    curation.merge([0, 1])
    curation.label([6], "good")
    # Over three clusters, one of them as a whole.
    parts = [clustering.spikes_of(6)[:20], clustering.spikes_of(3)[:5], clustering.spikes_of(4)]
    curation.split(np.concatenate(parts))
    curation.discard(clustering.spikes_of(2).copy())
    curation.label([5], "in-progress", "note")
    curation.merge([5, 7])
    curation.undo()


def exported(session):
    return json.loads(json.dumps(session.curation.to_spikeinterface()))


def sets_of_spikes(session):
    return {session.clustering.spikes_of(i).tobytes() for i in session.clustering.cluster_ids}


def test_that_spikeinterface_makes_the_same_units_of_it(session):
    from spikeinterface.core import NumpySorting
    from spikeinterface.curation import apply_curation
    from spikeinterface.curation.curation_model import SequentialCuration

    curate(session)
    samples = np.asarray(session.dataset.spike_samples)
    sorting = NumpySorting.from_samples_and_labels(
        [samples], [np.asarray(session.dataset.spike_clusters)], 30_000
    )
    made = apply_curation(sorting, SequentialCuration(**exported(session)))
    units = {made.get_unit_spike_train(i).tobytes() for i in made.unit_ids}
    ours = {
        samples[session.clustering.spikes_of(i)].tobytes() for i in session.clustering.cluster_ids
    }
    assert units == ours
    groups = dict(zip(made.unit_ids, made.get_property("quality"), strict=True))
    assert sorted(g for g in groups.values() if g) == sorted(labels_of(session)["group"].values())


def test_that_our_own_export_can_be_read_again(session, tmp_path):
    curate(session)
    other = open_session(make_export(tmp_path / "other"))
    notes = other.curation.from_spikeinterface(exported(session))
    assert notes == []
    assert sets_of_spikes(other) == sets_of_spikes(session)
    by_spikes = [
        {
            s.clustering.spikes_of(i).tobytes(): (s.curation.labels.get("group", i))
            for i in s.clustering.cluster_ids
        }
        for s in (session, other)
    ]
    assert by_spikes[0] == by_spikes[1]
    other.curation.keeping.close()


def test_that_a_plain_curation_of_spikeinterface_is_done(session):
    value = {
        "format_version": "2",
        "unit_ids": [0, 1, 2, 3, 4, 5],
        "label_definitions": {"quality": {"label_options": ["good", "MUA"], "exclusive": True}},
        "manual_labels": [{"unit_id": 1, "labels": {"quality": ["MUA"]}}],
        "removed": [0],
        "merges": [{"unit_ids": [1, 2]}],
        "splits": [{"unit_id": 3, "mode": "indices", "indices": [[0, 2]]}],
    }
    third = session.clustering.spikes_of(3).copy()
    session.curation.from_spikeinterface(value)
    assert session.clustering.cluster_ids == [0, 4, 5, 6, 7, 8]
    assert session.clustering.spikes_of(7).tolist() == third[[0, 2]].tolist()
    assert labels_of(session)["group"] == {0: "noise", 6: "mua"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"unit_ids": [0, 99]}, "unit 99 does not exist"),
        ({"merges": [{"unit_ids": [0]}]}, "no curation"),
        ({"format_version": "77"}, "no curation"),
    ],
)
def test_that_a_curation_of_something_else_is_refused(session, change, words):
    before = clusters_of(session)
    value = {"format_version": "2", "unit_ids": [0, 1]} | change
    with pytest.raises(UsageError, match=words):
        session.curation.from_spikeinterface(value)
    np.testing.assert_array_equal(clusters_of(session), before)


def test_that_what_has_no_words_there_is_refused_by_name(session):
    session.curation.merge([0, 1])
    session.curation.saving.save()
    session.curation.go_back(session.curation.saving.snapshots()[0])
    with pytest.raises(UsageError, match="Return to"):
        exported(session)
