"""Lines of the journal: what is written is what comes back, and damage is noticed."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtview.base.errors import DatasetError
from gtview.curation import commands
from gtview.curation.clustering import Clustering
from gtview.curation.labels import Labels
from gtview.curation.records import change_from_record, change_to_record
from gtview.curation.state import CurationState


def make_state(clusters):
    return CurationState(Clustering(np.array(clusters, np.int32)), Labels(None))


def random_change(data, state):
    n = state.clustering.n_spikes
    ids = state.clustering.cluster_ids
    kind = data.draw(st.sampled_from(["merge", "split", "sets", "discard", "restore"]))
    if kind == "merge" and len(ids) > 1:
        return commands.merge(state, data.draw(st.permutations(ids))[:2])
    if kind == "restore":
        clusters = data.draw(st.lists(st.integers(0, 6), min_size=n, max_size=n))
        clusters = np.array(clusters, np.int32)
        return commands.restore(state, clusters, state.labels.properties, "Return", keep_ids=False)
    order = np.array(data.draw(st.permutations(range(n))), np.int32)
    cut = data.draw(st.integers(1, n))
    groups = [order[:cut]]
    if kind == "sets" and cut > 1:
        groups = [order[: cut // 2], order[cut // 2 : cut]]
    return commands.discard(state, groups[0])


@given(st.lists(st.integers(0, 5), min_size=2, max_size=60), st.data())
def test_that_a_change_comes_back_from_json_as_it_was(clusters, data):
    state = make_state(clusters)
    change = random_change(data, state)
    back = change_from_record(json.loads(json.dumps(change_to_record(change))), state)
    assert (back.name, back.added, back.removed) == (change.name, change.added, change.removed)
    assert back.labels == change.labels
    if change.spikes is None:
        assert back.spikes is None
        return
    for name in ("spike_ids", "before", "after"):
        np.testing.assert_array_equal(
            getattr(back.spikes, name), getattr(change.spikes, name), err_msg=name
        )


def test_that_a_merge_needs_no_list_of_spikes():
    state = make_state([0, 1] * 1000)
    record = change_to_record(commands.merge(state, [0, 1]))
    assert "spikes" not in record["moves"][0]
    assert len(json.dumps(record)) < 400


def test_that_half_a_million_spikes_are_under_a_megabyte():
    rng = np.random.default_rng(0)
    state = make_state(np.zeros(1_000_000, np.int32))
    half = np.sort(rng.permutation(1_000_000)[:500_000]).astype(np.int32)
    assert len(json.dumps(change_to_record(commands.split(state, half)))) < 1_000_000


def test_that_a_record_of_other_spikes_is_refused():
    state = make_state([0, 0, 0, 1])
    record = change_to_record(commands.split(state, np.array([1], np.int32)))
    with pytest.raises(DatasetError, match="damaged"):
        change_from_record(record, make_state([0, 1, 0, 0]))
    record["moves"][0]["hash"] = "0" * 16
    with pytest.raises(DatasetError, match="other spikes"):
        change_from_record(record, state)
