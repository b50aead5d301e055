"""What each action did to the scores: the same as scoring everything anew before and after it."""

from __future__ import annotations

import numpy as np
import pytest
from curating import make_export, open_session, random_action

from gtview.base.errors import UsageError
from gtview.scoring.rescoring import ScoreChange, ScoreDelta, compare_scores
from gtview.session.events import GainsChanged, ScoresChanged
from gtview.session.gains import describe_gain, signed
from gtview.session.scoring import score, scoring_query


@pytest.fixture
def export(tmp_path):
    folder = make_export(tmp_path / "export", n_spikes=900)
    truth = tmp_path / "ground_truth"
    truth.mkdir()
    clusters = np.load(folder / "spike_clusters.npy").ravel()
    np.save(truth / "spike_times.npy", np.load(folder / "spike_times.npy").ravel())
    np.save(truth / "spike_units.npy", clusters // 2)
    return folder


@pytest.fixture
def session(export):
    session = open_session(export)
    yield session
    session.curation.keeping.close()


def all_anew(session):
    query = scoring_query(session)
    object.__setattr__(query, "known", None)
    return score(query)


def found_by_walking(session):
    return list(session.gains.walk().gains(session.gains.known_numbers))[-1]


def is_same(one, other):
    assert one.units == other.units
    for name in ("mean_accuracy", "mean_accuracy_change", "mean_recall_change"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-12)
    return True


def test_that_a_plan_is_foretold_as_it_comes(session):
    session.set_scores(score(session))
    before = session.scores
    change = session.curation.plan_merge([0, 1])
    gain = session.gains.of(change).compute()
    session.curation.do(change)
    assert is_same(gain, compare_scores(before, all_anew(session)))
    assert gain.mean_accuracy_change > 0
    assert {unit.unit_id for unit in gain.units} == {0}


def test_that_a_plan_is_right_before_the_scores_have_followed(session):
    session.set_scores(score(session))
    session.curation.merge([2, 3])
    before = all_anew(session)
    change = session.curation.plan_merge([0, 1])
    gain = session.gains.of(change).compute()
    session.curation.do(change)
    assert is_same(gain, compare_scores(before, all_anew(session)))


def test_that_the_last_action_is_known_with_its_scores(session):
    told = []
    session.bus.subscribe(GainsChanged, told.append)
    session.set_scores(score(session))
    session.curation.merge([0, 1])
    assert session.gains.last is None
    session.set_scores(score(scoring_query(session)))
    entry, gain = session.gains.last
    assert entry.change.name == "Merge of 0, 1"
    assert gain.mean_accuracy_change > 0
    assert [event.numbers for event in told] == [(entry.number,)]
    session.curation.undo()
    session.set_scores(score(scoring_query(session)))
    assert session.gains.for_entry(entry) is gain, "undoing changes nothing of what it did"


def test_that_an_action_undone_before_it_was_scored_is_known_then(session):
    session.set_scores(score(session))
    session.curation.merge([0, 1])
    scores = score(scoring_query(session))
    session.curation.undo()
    (entry,) = session.curation.history.entries
    session.set_scores(scores)  # those of a state that is gone already
    assert is_same(session.gains.for_entry(entry), compare_scores(all_anew(session), scores))


def test_that_walking_finds_what_scoring_anew_finds(session):
    rng = np.random.default_rng(4)
    while len(session.curation.history.entries) < 14:
        random_action(rng, session)
    session.curation.go_to(9)
    session.set_scores(score(session))
    assert session.gains.n_missing == len(session.curation.history.entries)
    found = found_by_walking(session)
    session.gains.take(found)
    assert session.gains.n_missing == 0

    session.curation.go_to(0)
    before = all_anew(session)
    for position, entry in enumerate(session.curation.history.entries):
        session.curation.go_to(position + 1)
        after = all_anew(session)
        assert is_same(session.gains.for_entry(entry), compare_scores(before, after))
        before = after


def test_that_known_actions_are_not_walked_again(session):
    for ids in ([0, 1], [2, 3], [4, 5]):
        session.curation.merge(ids)
    session.set_scores(score(session))
    walk = session.gains.walk()
    assert [sorted(found) for found in walk.gains(frozenset({2, 3}))] == [[1]]
    assert list(walk.gains(frozenset({1, 2, 3}))) == []


def test_that_the_gains_of_an_earlier_day_can_be_told(session, export):
    session.curation.merge([0, 1])
    session.curation.merge([2, 4])
    assert session.curation.keeping.close()
    again = open_session(export)
    again.set_scores(score(again))
    again.gains.take(found_by_walking(again))
    changes = [
        again.gains.for_entry(entry).mean_accuracy_change
        for entry in again.curation.history.entries
    ]
    assert changes[0] > 0 > changes[1]
    again.curation.keeping.close()


def test_that_nothing_is_known_without_scores(session):
    change = session.curation.plan_merge([0, 1])
    assert session.gains.of(change) is None
    session.curation.do(change)
    assert session.gains.last is None
    assert session.gains.n_missing == 0


# Hidden -----------------------------------------------------------------------------------------


def test_that_a_hidden_truth_is_given_to_nobody(session):
    session.set_scores(score(session))
    session.curation.merge([0, 1])
    session.set_scores(score(scoring_query(session)))
    session.select_unit(2)
    told = []
    session.bus.subscribe(ScoresChanged, told.append)
    (entry,) = session.curation.history.entries

    session.set_blind(True)
    assert session.blind
    assert session.has_truth
    assert session.truth is None
    assert session.scores is None
    assert session.selection.state.unit_id is None
    assert session.matched_unit() is None
    assert session.gains.for_entry(entry) is None
    assert session.gains.of(session.curation.plan_merge([2, 3])) is None
    with pytest.raises(UsageError, match="no ground truth"):
        scoring_query(session)
    assert len(told) == 1

    session.set_blind(False)
    assert session.truth is not None
    session.set_scores(score(session))
    assert session.gains.for_entry(entry) is not None


def test_that_scores_that_come_too_late_are_not_shown(session):
    scores = score(session)
    session.set_blind(True)
    session.set_scores(scores)
    assert session.scores is None
    session.set_blind(False)
    assert session.scores is None


# Words ------------------------------------------------------------------------------------------


def test_that_a_gain_is_told_in_words():
    def unit(i, after, change):
        return ScoreChange(i, 3, 412, after, 1.0, 1.0, change, 0.0, 0.0)

    one = ScoreDelta((unit(7, 0.93, 0.32),), 0.7, 0.011)
    assert describe_gain(one) == "unit 7 accuracy 0.61 → 0.93, mean +0.011"
    four = ScoreDelta(tuple(unit(i, 0.5, -0.25) for i in "abcd"), 0.7, -0.02)
    assert describe_gain(four) == (
        "unit a accuracy 0.75 → 0.50, unit b accuracy 0.75 → 0.50, 2 more units, mean −0.020"
    )
    assert describe_gain(ScoreDelta((), 0.7, 0.0)) == "no unit's score changed"
    assert signed(-0.0001) == "0.000"
