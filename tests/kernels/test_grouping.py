from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gtview.kernels import grouping
from gtview.kernels.grouping import (
    count_labels,
    count_pairs,
    count_values,
    find_places,
    order_by_label,
    order_by_label_in,
)
from gtview.kernels.inputs import as_input

LABELS = st.lists(st.integers(0, 5), max_size=60)


def _offsets(labels):
    return np.r_[0, np.cumsum(np.bincount(np.array(labels, int), minlength=6))].astype(np.int64)


@settings(max_examples=100, deadline=None)
@given(LABELS, st.randoms())
def test_that_spikes_are_grouped_by_label_and_keep_their_order(labels, random):
    array, offsets = as_input(labels, np.int32), _offsets(labels)
    assert count_labels(array, 6).tolist() == [labels.count(k) for k in range(6)]
    order = order_by_label(array, offsets).tolist()
    assert order == sorted(range(len(labels)), key=lambda i: labels[i])
    sequence = list(range(len(labels)))
    random.shuffle(sequence)
    order = order_by_label_in(array, offsets, as_input(sequence, np.int64)).tolist()
    assert order == sorted(sequence, key=lambda i: labels[i])


@pytest.mark.parametrize("max_counts", [1, 20, 1 << 24])
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 8)), max_size=60))
def test_that_every_pair_that_occurs_is_counted(max_counts, pairs):
    labels = [a for a, _ in pairs]
    others = np.array([b for _, b in pairs], np.int32)
    offsets = _offsets(labels)
    order = order_by_label(as_input(labels, np.int32), offsets)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grouping, "_MAX_COUNTS", max_counts)
        groups, found, counts = count_pairs(order, offsets, others, 9)
    expected = sorted((a, b, n) for (a, b), n in Counter(pairs).items())
    assert list(zip(groups.tolist(), found.tolist(), counts.tolist(), strict=True)) == expected


def test_that_pairs_are_counted_in_many_blocks_and_in_any_order():
    rng = np.random.default_rng(0)
    n = 600_000  # several blocks
    labels = rng.integers(0, 6, n).astype(np.int32)
    others = rng.integers(0, 9, n).astype(np.int32)
    expected = np.zeros((6, 9), int)
    np.add.at(expected, (labels, others), 1)
    offsets = _offsets(labels)
    by_time = order_by_label(labels, offsets)
    shuffled = order_by_label_in(labels, offsets, rng.permutation(n))
    for order in (by_time, shuffled):
        _, _, counts = count_pairs(order, offsets, others, 9)
        assert counts.reshape(6, 9).tolist() == expected.tolist()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-5, 90), max_size=40))
def test_that_values_are_counted_wherever_they_begin(values):
    found, counts = count_values(as_input(values, np.int32))
    assert dict(zip(found.tolist(), counts.tolist(), strict=True)) == Counter(values)
    assert found.tolist() == sorted(found.tolist())


@settings(max_examples=100, deadline=None)
@given(st.sets(st.integers(0, 60)), st.sets(st.integers(0, 60)))
def test_that_places_are_found_in_one_pass(ids, wanted):
    ids, wanted = sorted(ids), sorted(wanted)
    places = find_places(as_input(ids, np.int32), as_input(wanted, np.int32))
    assert places.tolist() == [ids.index(i) if i in ids else -1 for i in wanted]
