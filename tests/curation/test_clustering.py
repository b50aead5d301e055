"""Which spike is in which cluster, against flatnonzero."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gtview.curation.clustering import ClusterDiff, Clustering

assignments = st.lists(st.integers(0, 12), min_size=1, max_size=200)


def as_array(values):
    return np.array(values, dtype=np.int32)


def check(clustering, expected):
    """Every spike is in exactly the cluster that a plain array says."""
    assert clustering.cluster_ids == np.unique(expected).tolist()
    for cluster_id in clustering.cluster_ids:
        spikes = clustering.spikes_of(cluster_id)
        np.testing.assert_array_equal(spikes, np.flatnonzero(expected == cluster_id))
        assert not spikes.flags.writeable
        assert cluster_id in clustering


@given(assignments)
def test_that_every_spike_is_in_exactly_one_cluster(values):
    check(Clustering(as_array(values)), as_array(values))


@given(assignments, st.randoms(use_true_random=False))
def test_that_spikes_of_a_cluster_are_in_order_of_time(values, random):
    clusters = as_array(values)
    time_order = np.array(random.sample(range(len(values)), len(values)), dtype=np.int64)
    clustering = Clustering(clusters, time_order)
    rank = np.argsort(time_order)
    for cluster_id in clustering.cluster_ids:
        spikes = clustering.spikes_of(cluster_id)
        assert (np.diff(rank[spikes]) > 0).all()
        np.testing.assert_array_equal(np.sort(spikes), np.flatnonzero(clusters == cluster_id))


def merge(clustering, cluster_ids):
    spikes = np.sort(np.concatenate([clustering.spikes_of(i) for i in cluster_ids]))
    before = clustering.clusters_of(spikes)
    return ClusterDiff(spikes, before, np.full(len(spikes), clustering.new_id(), np.int32))


@settings(max_examples=60)
@given(assignments, st.data())
def test_that_changes_and_their_reverse_agree_with_a_plain_array(values, data):
    expected = as_array(values)
    first = expected.copy()
    clustering = Clustering(expected.copy())
    undo = []
    for _ in range(5):
        known = clustering.cluster_ids
        chosen = data.draw(st.lists(st.sampled_from(known), min_size=1, unique=True))
        diff = merge(clustering, chosen)
        assert diff.after[0] > max(known), "ids are never used again"
        clustering.apply(diff)
        expected[diff.spike_ids] = diff.after
        check(clustering, expected)
        undo.append(diff)
    for diff in reversed(undo):
        clustering.apply(diff.reversed())
    check(clustering, first)


def test_that_a_snapshot_survives_a_change():
    clustering = Clustering(as_array([0, 1, 0, 1, 2]))
    old = clustering.spikes_of(0)
    clustering.apply(merge(clustering, [0, 1]))
    assert old.tolist() == [0, 2]
    assert 0 not in clustering


def test_that_the_array_of_the_files_is_never_written():
    given_array = as_array([0, 1, 0, 1])
    given_array.setflags(write=False)
    clustering = Clustering(given_array)
    clustering.apply(merge(clustering, [0, 1]))
    assert given_array.tolist() == [0, 1, 0, 1]


def test_that_a_change_of_a_part_of_a_cluster_is_refused():
    clustering = Clustering(as_array([0, 0, 0, 1]))
    half = ClusterDiff(as_array([0]), as_array([0]), as_array([7]))
    with pytest.raises(ValueError, match="part of cluster 0"):
        clustering.apply(half)
    check(clustering, as_array([0, 0, 0, 1]))


def test_that_concatenated_gives_an_order_and_its_offsets():
    clustering = Clustering(as_array([3, 1, 3, 1, 1]))
    order, offsets = clustering.concatenated([1, 3])
    assert order.tolist() == [1, 3, 4, 0, 2]
    assert offsets.tolist() == [0, 3, 5]


@given(assignments, st.data())
def test_that_clusters_one_after_another_are_theirs_whether_copied_or_not(values, data):
    clustering = Clustering(as_array(values))
    if data.draw(st.booleans()) and clustering.n_clusters > 1:
        clustering.apply(merge(clustering, clustering.cluster_ids[:2]))
    asked = data.draw(st.lists(st.sampled_from(clustering.cluster_ids), max_size=6))
    for ids in (asked, clustering.cluster_ids):
        order, offsets = clustering.concatenated(ids)
        assert (len(offsets), offsets[0], offsets[-1]) == (len(ids) + 1, 0, len(order))
        for k, cluster_id in enumerate(ids):
            part = order[offsets[k] : offsets[k + 1]]
            np.testing.assert_array_equal(part, clustering.spikes_of(cluster_id))


def test_that_all_clusters_as_they_were_read_are_not_copied():
    clustering = Clustering(as_array([3, 1, 3, 0, 1]))
    order, _ = clustering.concatenated(clustering.cluster_ids)
    assert np.shares_memory(order, clustering.spikes_of(1))
    assert not order.flags.writeable
    copied, _ = clustering.concatenated([3, 0])
    assert not np.shares_memory(copied, clustering.spikes_of(3))
