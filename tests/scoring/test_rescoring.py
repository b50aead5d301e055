"""Scores after a change are those of scoring everything anew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoring.trains import joined, score, train

from gtview.kernels.pair_counts import count_matches
from gtview.kernels.sparse_matching import count_matches_of
from gtview.scoring.rescoring import compare_scores, order_truth, rescore


def assert_same(scores, expected):
    assert scores.cluster_ids == expected.cluster_ids
    np.testing.assert_array_equal(scores.counts, expected.counts)
    np.testing.assert_array_equal(scores.cluster_sizes, expected.cluster_sizes)
    assert scores.units == expected.units
    assert scores.mean_accuracy == expected.mean_accuracy
    assert scores.category_counts == expected.category_counts
    assert scores.false_cluster_ids == expected.false_cluster_ids
    for i in scores.cluster_ids:
        assert scores.unit_of_cluster(i) == expected.unit_of_cluster(i)


def rescored(units, before, clusters):
    """Score clusters from the scores of `before`."""
    old = score(units, before)
    removed = [i for i in before if i not in clusters]
    added = {i: np.asarray(t, np.int64) for i, t in clusters.items() if i not in before}
    truth = order_truth(*joined([np.sort(np.asarray(t)) for t in units.values()]))
    return old, rescore(old, removed, added, truth, lambda i: np.asarray(clusters[i], np.int64))


samples = st.lists(st.integers(0, 3000), max_size=40).map(sorted)
trains_of_samples = st.lists(samples, min_size=2, max_size=5)
labelled = st.lists(st.tuples(st.integers(0, 3000), st.integers(-1, 3)), max_size=80)


@settings(max_examples=60)
@given(
    st.lists(samples, min_size=1, max_size=4), st.lists(samples, min_size=2, max_size=5), st.data()
)
def test_that_a_merge_or_a_split_scores_as_if_all_were_matched_again(units, clusters, data):
    units = dict(enumerate(units))
    before = {i: t for i, t in enumerate(clusters) if t}
    if len(before) < 2:
        return
    gone = data.draw(st.lists(st.sampled_from(list(before)), min_size=1, max_size=3, unique=True))
    spikes = sorted(s for i in gone for s in before[i])
    owner = data.draw(st.lists(st.integers(0, 2), min_size=len(spikes), max_size=len(spikes)))
    after = {i: t for i, t in before.items() if i not in gone}
    for k in sorted(set(owner)):
        after[20 + k] = [s for s, o in zip(spikes, owner, strict=True) if o == k]
    old, new = rescored(units, before, after)
    expected = score(units, after)
    assert_same(new, expected)
    # And back: what was taken apart is put together again.
    truth = order_truth(*joined([np.array(t) for t in units.values()]))
    added = {i: np.array(before[i], np.int64) for i in gone}
    back = rescore(
        new, [i for i in after if i >= 20], added, truth, lambda i: np.array(before[i], np.int64)
    )
    assert_same(back, old)


def test_that_duplicates_made_and_unmade_are_noticed():
    unit = train(0, 300)
    other = train(1, 300)
    before = {0: unit, 1: other}
    # The cluster of the other unit is replaced by one that doubles the first.
    after = {0: unit, 2: unit + 2}
    _, new = rescored({"a": unit, "b": other}, before, after)
    assert new.units[0].category == "duplicate"
    assert_same(new, score({"a": unit, "b": other}, after))
    _, new = rescored({"a": unit, "b": other}, after, before)
    assert new.units[0].category == "well_detected"


def test_that_a_change_of_scores_names_the_units_it_touches():
    a, b = train(0, 300), train(1, 300)
    halves = {0: a[::2], 1: a[1::2], 2: b}
    old, new = rescored({"a": a, "b": b}, halves, {3: a, 2: b})
    delta = compare_scores(old, new)
    (change,) = delta.units
    assert change.unit_id == "a"
    assert change.cluster_after == 3
    assert change.accuracy == 1.0
    assert change.accuracy_change == pytest.approx(1.0 - old.units[0].accuracy)
    assert delta.mean_accuracy_change == pytest.approx(new.mean_accuracy - old.mean_accuracy)


@given(
    samples,
    st.lists(st.tuples(st.integers(0, 3000), st.integers(-1, 3)), max_size=80),
    st.integers(0, 20),
)
def test_that_one_train_is_matched_as_many_are(train_, spikes, delta):
    spikes.sort()
    times = np.array([t for t, _ in spikes], np.int64)
    labels = np.array([k for _, k in spikes], np.int32)
    train_ = np.array(train_, np.int64)
    offsets = np.array([0, len(train_)], np.int64)
    expected = count_matches(train_, offsets, times, labels, 4, delta)[0]
    np.testing.assert_array_equal(count_matches_of(train_, times, labels, 4, delta), expected)


@given(st.lists(samples, max_size=5))
def test_that_the_truth_in_time_holds_every_spike_of_every_unit(units):
    truth = order_truth(*joined([np.array(t) for t in units]))
    assert (np.diff(truth.samples) >= 0).all()
    for i, unit in enumerate(units):
        np.testing.assert_array_equal(truth.samples[truth.units == i], unit)
