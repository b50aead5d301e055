"""What counts as a wrong merge, a missed one, a wrong label: small cases decided by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gtview.scoring.scores import compute_scores
from gtview.scoring.verdicts import (
    find_main_units,
    find_missed_merges,
    find_wrong_labels,
    judge_merge,
)

# Far enough apart that no spike matches a neighbour.
STEP = 1000


class Case:
    """Clusters given as which spikes of which unit they have: {cluster: {unit: range}}."""

    def __init__(self, n_of_units, clusters, *, is_partial=False):
        self.truth = [np.arange(n) * STEP * 10 + k * STEP for k, n in enumerate(n_of_units)]
        self.trains = {}
        for cluster_id, parts in clusters.items():
            times = [
                np.asarray(spikes) * STEP * 10 + (STEP * unit if unit is not None else 7777)
                for unit, spikes in parts.items()
            ]
            self.trains[cluster_id] = np.sort(np.concatenate(times)).astype(np.int64)
        samples = np.concatenate(list(self.trains.values()))
        sizes = [len(train) for train in self.trains.values()]
        self.scores = compute_scores(
            np.concatenate(self.truth).astype(np.int64),
            np.concatenate([[0], np.cumsum([len(t) for t in self.truth])]).astype(np.int64),
            tuple(range(len(n_of_units))),
            samples,
            np.arange(len(samples), dtype=np.int32),
            np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            tuple(self.trains),
            30_000.0,
            is_partial=is_partial,
        )

    def missed(self, ignored=()):
        return find_missed_merges(
            self.scores, lambda unit: self.truth[unit], lambda i: self.trains[i], ignored
        )


def test_that_a_cluster_is_mainly_the_unit_of_half_its_spikes():
    half_of_two = {0: range(50, 60), 1: range(10)}
    half_of_one = {1: range(10, 19), 2: [1], 0: range(60, 70)}
    case = Case([100] * 3, {1: {0: range(50)}, 2: half_of_two, 3: half_of_one})
    assert find_main_units(case.scores).tolist() == [0, 0, 0]
    mixed = Case([9, 9, 9], {1: {0: range(4), 1: range(4), 2: range(4)}})
    assert find_main_units(mixed.scores).tolist() == [-1]


def test_that_joining_two_units_is_wrong():
    case = Case([100, 100], {1: {0: range(60)}, 2: {0: range(60, 100)}, 3: {1: range(100)}})
    assert judge_merge(case.scores, [1, 2]) is None
    wrong = judge_merge(case.scores, [1, 2, 3])
    assert wrong.cluster_ids == (1, 2, 3)
    assert wrong.units == (0, 0, 1)
    assert wrong.different == (0, 1)


def test_that_joining_false_spikes_is_wrong_where_the_truth_is_complete():
    clusters = {1: {0: range(80)}, 2: {None: range(40)}}
    wrong = judge_merge(Case([100], clusters).scores, [1, 2])
    assert wrong.units == (0, None)
    assert judge_merge(Case([100], clusters, is_partial=True).scores, [1, 2]) is None
    only_false = {1: {None: range(0, 40, 2)}, 2: {None: range(1, 40, 2)}}
    assert judge_merge(Case([100], only_false).scores, [1, 2]) is None


def test_that_mixtures_are_not_judged():
    thirds = {k: range(10) for k in range(3)}
    case = Case([100, 100, 100], {1: thirds, 2: {0: range(10, 60)}})
    assert judge_merge(case.scores, [1, 2]) is None


def test_that_fragments_of_a_unit_are_a_missed_merge():
    case = Case([100, 50], {1: {0: range(60)}, 2: {0: range(60, 90)}, 3: {1: range(50)}})
    (missed,) = case.missed()
    assert missed.unit_id == 0
    assert missed.cluster_ids == (1, 2)
    assert missed.accuracy == pytest.approx(0.6)
    assert missed.accuracy_if_merged == pytest.approx(0.9)
    assert case.missed(ignored=[2]) == ()


def test_that_a_duplicate_is_no_missed_merge():
    case = Case([100], {1: {0: range(80)}, 2: {0: range(70)}})
    assert case.missed() == ()


def test_that_a_fragment_that_adds_more_false_spikes_than_true_ones_is_none():
    # Half of it is the unit: joined, the accuracy would fall from 0.9 to 0.82.
    case = Case([100], {1: {0: range(90)}, 2: {0: range(90, 92), None: range(2)}})
    assert case.missed() == ()


def test_that_joining_goes_on_while_it_helps():
    parts = {1: {0: range(40)}, 2: {0: range(40, 70)}, 3: {0: range(70, 90)}, 4: {0: [99]}}
    (missed,) = Case([100], parts).missed()
    assert missed.cluster_ids == (1, 2, 3, 4)
    assert missed.accuracy_if_merged == pytest.approx(0.91)


@pytest.mark.parametrize(
    ("parts", "group", "is_wrong"),
    [
        ({0: range(80)}, "good", False),
        ({0: range(80), 1: range(20)}, "good", False),
        ({0: range(79), 1: range(21)}, "good", True),
        ({None: range(20)}, "good", True),
        ({0: range(80)}, "mua", True),
        ({0: range(79)}, "mua", False),
        ({0: range(80), 1: range(21)}, "mua", False),
        ({0: range(10), 1: range(10)}, "noise", True),
        ({0: range(4), 1: range(4), None: range(4)}, "noise", False),
        ({None: range(20)}, "noise", False),
        ({None: range(20)}, "unsorted", False),
    ],
)
def test_that_labels_are_judged_by_what_the_cluster_is(parts, group, is_wrong):
    case = Case([100, 100], {5: parts})
    found = find_wrong_labels(case.scores, {5: group})
    assert [label.cluster_id for label in found] == ([5] if is_wrong else [])


def test_that_good_is_not_judged_where_neurons_are_unknown():
    case = Case([100], {5: {None: range(20)}, 6: {0: range(90)}}, is_partial=True)
    assert find_wrong_labels(case.scores, {5: "good", 6: "good"}, is_partial=True) == ()
    (noise,) = find_wrong_labels(case.scores, {5: "noise", 6: "Noise"}, is_partial=True)
    assert (noise.cluster_id, noise.unit_id) == (6, 0)
    assert noise.precision == 1.0
    assert noise.recall == pytest.approx(0.9)
