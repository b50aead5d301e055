"""Kernels that go through time block by block: the same as in one piece, whatever the order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gtview.kernels import _stretches, pair_counts, partner_labels
from gtview.kernels.matching import label_spikes, match_trains
from gtview.kernels.near_own import mark_near_own
from gtview.kernels.shared_counts import count_shared, mark_moments
from gtview.kernels.spike_states import match_own
from gtview.kernels.time_order import order_by_time

N_SPIKES = 3 * _stretches._BLOCK + 1000
N_TRAINS = 3
DELTA = 12


def increasing(values):
    return np.sort(np.array(values, np.int64))


trains_ = st.lists(st.integers(-3, 400), max_size=40).map(increasing)


@pytest.fixture(scope="module", params=[2, 300])
def scene(request):
    """True trains, and groups of spikes in an order that is not that of time."""
    rng = np.random.default_rng(request.param)
    true = np.sort(rng.integers(0, request.param * N_SPIKES, N_SPIKES))
    units = rng.integers(0, N_TRAINS, N_SPIKES)
    samples = true + rng.integers(-DELTA, DELTA + 1, N_SPIKES)
    by_unit = np.lexsort((true, units))
    offsets = np.cumsum([0, *np.bincount(units, minlength=N_TRAINS)])
    by_group = np.lexsort((samples, units)).astype(np.int32)
    return true[by_unit], offsets, samples, by_group, offsets


GROUPS = np.array([0, -1, 2])


def each_train(scene):
    true, offsets = scene[:2]
    for unit, group in enumerate(GROUPS.tolist()):
        yield (
            slice(offsets[unit], offsets[unit + 1]),
            true[offsets[unit] : offsets[unit + 1]],
            group,
        )


def test_that_own_spikes_are_matched_the_same_train_by_train(scene):
    true, offsets, *others = scene
    partners, backwards = match_own(true, offsets, *others, GROUPS, DELTA)
    for here, train, group in each_train(scene):
        # So few spikes that they are one block; near the last one more spikes might change it.
        few = train[: _stretches._BLOCK - 1]
        alone = match_own(few, np.array([0, len(few)]), *others, np.array([group]), DELTA)[0]
        np.testing.assert_array_equal(partners[here][: len(few) - 50], alone[:-50])
    places = np.flatnonzero(partners >= 0)
    np.testing.assert_array_equal(backwards[partners[places]], places)
    assert (backwards >= 0).sum() == len(places) > _stretches._BLOCK


def test_that_spikes_beside_their_own_are_found_in_every_block(scene):
    true, offsets, samples, order, groups = scene
    partners = np.full(len(samples), -1, np.int32)
    partners[::3] = 0
    free, taken = mark_near_own(true, offsets, samples, order, groups, GROUPS, partners, DELTA)
    for here, train, group in each_train(scene):
        own = order[groups[group] : groups[group + 1]] if group >= 0 else order[:0]
        for marks, kept in ((free[here], partners < 0), (taken[here], partners >= 0)):
            near = samples[own[kept[own]]]
            n_near = np.searchsorted(near, train + DELTA, "right") - np.searchsorted(
                near, train - DELTA
            )
            # The first true spike is the one that they stand for.
            rest = slice(1, None) if here.start == 0 else slice(None)
            np.testing.assert_array_equal(marks[rest], n_near[rest] > 0)


def test_that_labels_are_written_whatever_the_order():
    rng = np.random.default_rng(3)
    order = rng.permutation(N_SPIKES).astype(np.int32)
    offsets = np.array([0, 10, 10, N_SPIKES // 2, N_SPIKES - 7])
    expected = np.full(N_SPIKES, -1, np.int32)
    expected[order[: offsets[-1]]] = np.repeat(np.arange(4), np.diff(offsets))
    np.testing.assert_array_equal(label_spikes(order, offsets, N_SPIKES), expected)


@pytest.mark.parametrize("span", [50, 10**6, 10**12])
def test_that_trains_are_put_in_one_order_of_time(span):
    rng = np.random.default_rng(span % 7)
    units = rng.integers(0, N_TRAINS, N_SPIKES)
    samples = rng.integers(0, span, N_SPIKES)
    by_unit = np.lexsort((samples, units))
    offsets = np.cumsum([0, *np.bincount(units, minlength=N_TRAINS)])
    ordered, trains = order_by_time(samples[by_unit], offsets)
    expected = np.lexsort((units, samples))
    np.testing.assert_array_equal(ordered, samples[expected])
    np.testing.assert_array_equal(trains, units[expected])


def test_that_a_burst_across_the_end_of_a_block_takes_no_spike_twice():
    # One spike at each end of a block, and two of the train beside each.
    samples = np.arange(2 * pair_counts._BLOCK + 5, dtype=np.int64) * 40
    edges = samples[[pair_counts._BLOCK - 1, pair_counts._BLOCK, 2 * pair_counts._BLOCK]]
    train = np.sort(np.concatenate([edges - 5, edges + 5, edges + 15]))
    labels = np.zeros(len(samples), np.int32)
    counts = pair_counts.count_matches(train, np.array([0, len(train)]), samples, labels, 1, 20)
    assert counts[0, 0] == np.count_nonzero(match_trains(train, samples, 20) >= 0)


@settings(max_examples=200, deadline=None)
@given(trains_, trains_, trains_, st.integers(0, 9), st.integers(0, 12))
def test_that_shared_spikes_are_those_that_both_others_match(train, first, second, delta, least):
    one, other = (match_trains(train, t, delta) >= 0 for t in (first, second))
    n_shared = np.count_nonzero(one & other)
    sizes = int(np.count_nonzero(one)), int(np.count_nonzero(other))
    marked = [(t, mark_moments(t, delta)) for t in (first, second)]
    counted = count_shared(train, *marked, delta, sizes, least)
    assert counted == (n_shared if n_shared >= least else -1)


def test_that_shared_spikes_are_counted_in_long_trains():
    rng = np.random.default_rng(8)
    train = np.sort(rng.integers(0, 10**7, 20_000))
    first = np.sort(np.r_[train[::2] + 3, rng.integers(0, 10**7, 50_000)])
    second = np.sort(np.r_[train[::3] - 4, rng.integers(0, 10**7, 900)])
    one, other = (match_trains(train, t, 5) >= 0 for t in (first, second))
    sizes = int(np.count_nonzero(one)), int(np.count_nonzero(other))
    marked = [(t, mark_moments(t, 5)) for t in (first, second)]
    assert count_shared(train, *marked, 5, sizes, 1) == np.count_nonzero(one & other) > 3000


@pytest.mark.parametrize("is_in_order", [True, False])
def test_that_labels_of_partners_are_counted_and_looked_up(is_in_order):
    rng = np.random.default_rng(4)
    labels = rng.integers(-1, 5, N_SPIKES).astype(np.int32)
    partners = rng.integers(0, N_SPIKES, 5000).astype(np.int32)
    if is_in_order:
        partners.sort()
    partners[::4] = -1
    offsets = np.array([0, 1000, 1000, 5000])
    trains = np.repeat(np.arange(3), np.diff(offsets))
    columns = np.where(partners < 0, 5, labels[partners])
    columns[columns < 0] = 5
    expected = np.zeros((3, 6), np.int64)
    np.add.at(expected, (trains, columns), 1)
    counts = partner_labels.count_partner_labels(partners, offsets, labels, 5)
    np.testing.assert_array_equal(counts, expected)
    values = rng.integers(0, 200, (3, 6)).astype(np.uint8)
    found = partner_labels.values_of_partners(partners, offsets, labels, values)
    np.testing.assert_array_equal(found, values[trains, columns])


def test_that_nothing_has_no_partners():
    none = np.empty(0, np.int32)
    counts = partner_labels.count_partner_labels(np.full(2, -1), np.array([0, 2]), none, 0)
    assert counts.tolist() == [[2]]
