"""What became of each spike, through a session: computed once, kept, and told."""

from __future__ import annotations

import numpy as np
import pytest
from curating import make_export, open_session

from gtview.scoring.states import SpikeState
from gtview.scoring.thresholds import Thresholds
from gtview.session.events import DeltaChanged, ScoresChanged, StatesChanged, ThresholdsChanged
from gtview.session.scoring import score, scoring_query
from gtview.session.spike_truth import SpikeTruth


@pytest.fixture
def session(tmp_path):
    folder = make_export(tmp_path / "export", n_spikes=2000)
    truth = tmp_path / "ground_truth"
    truth.mkdir()
    np.save(truth / "spike_times.npy", np.load(folder / "spike_times.npy").ravel())
    np.save(truth / "spike_units.npy", np.load(folder / "spike_clusters.npy").ravel() // 2)
    session = open_session(folder)
    yield session
    session.curation.keeping.close()


def rescore(session):
    session.set_scores(score(scoring_query(session), session.truth_access.delta_ms))


def events_of(session, *kinds):
    heard = []
    for kind in kinds:
        session.bus.subscribe(kind, heard.append)
    return heard


def test_that_nothing_is_known_before_it_is_computed(session):
    assert session.truth_access.current is None
    assert session.states is session.spike_matrix is session.causes is None
    rescore(session)
    truth = session.truth_access.current
    assert session.states is None
    states = truth.states()
    assert session.states is states is truth.states()
    assert session.spike_matrix is None
    matrix = truth.matrix()
    assert session.spike_matrix is matrix is truth.matrix()
    assert truth.causes() is session.causes
    assert session.truth_access.current is truth


def test_that_the_old_answer_is_shown_until_the_new_one_is_there(session):
    rescore(session)
    old = session.truth_access.current
    old.causes()
    session.curation.merge(session.clustering.cluster_ids[:2])
    rescore(session)
    new = session.truth_access.current
    assert new is not old
    assert session.states is old.known_states
    assert session.spike_matrix is old.known_matrix
    new.causes()
    assert session.states is new.known_states
    assert session.causes is new.known_causes
    session.truth_access.tell_states()
    assert session.states is new.known_states


def test_that_kept_states_are_those_of_matching_anew(session):
    rescore(session)
    session.truth_access.current.states()
    for _ in range(3):
        session.curation.merge(session.clustering.cluster_ids[:2])
        spikes = session.clustering.spikes_of(session.clustering.cluster_ids[-1])
        session.curation.split(spikes[::3].copy())
        rescore(session)
        truth = session.truth_access.current
        kept = truth.states()
        anew = SpikeTruth(truth.query, truth.scores, truth.facts).states()
        np.testing.assert_array_equal(kept.true_partners, anew.true_partners)
        np.testing.assert_array_equal(kept.sorted_states, anew.sorted_states)
        assert truth.matrix().cluster_sizes.tolist() == [len(s) for s in truth.query.spikes]


def test_that_thresholds_judge_at_once_and_tell_it(session):
    rescore(session)
    truth = session.truth_access.current
    states = truth.states()
    heard = events_of(session, ScoresChanged, ThresholdsChanged)
    wanted = Thresholds.tolerating(0.4)
    session.truth_access.set_thresholds(wanted)
    assert [type(event) for event in heard] == [ScoresChanged, ThresholdsChanged]
    assert session.scores.thresholds == session.thresholds == wanted
    assert session.states is states
    session.truth_access.set_thresholds(wanted)
    assert len(heard) == 2
    # Scores that were under way under other thresholds are judged by these.
    session.set_scores(truth.scores)
    assert session.scores.thresholds == wanted
    session.curation.merge(session.clustering.cluster_ids[:2])
    rescore(session)
    assert session.scores.thresholds == wanted


def test_that_thresholds_are_no_gain_of_an_action(session):
    rescore(session)
    session.curation.merge(session.clustering.cluster_ids[:2])
    session.truth_access.set_thresholds(Thresholds.tolerating(0.3))
    rescore(session)
    assert len(session.gains.known_numbers) == 1


def test_that_another_distance_is_asked_for_and_then_comes(session):
    rescore(session)
    session.truth_access.current.states()
    heard = events_of(session, DeltaChanged, StatesChanged)
    session.truth_access.set_delta_ms(1.0)
    assert [event.delta_ms for event in heard] == [1.0]
    assert session.scores.delta_ms == 0.4
    rescore(session)
    assert session.scores.delta_ms == 1.0
    assert session.truth_access.current.states().delta_samples == 30
    session.truth_access.tell_states()
    assert isinstance(heard[-1], StatesChanged)


def test_that_a_hidden_truth_hides_its_spikes(session):
    rescore(session)
    session.truth_access.current.causes()
    session.set_blind(True)
    assert session.truth_access.current is None
    assert session.truth_access.facts is None
    assert session.states is session.spike_matrix is session.causes is None
    session.set_blind(False)
    rescore(session)
    assert set(session.truth_access.current.states().true_states) <= set(SpikeState)


def test_that_a_thread_may_ask_while_another_computes(session):
    from concurrent.futures import ThreadPoolExecutor

    rescore(session)
    truth = session.truth_access.current
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(truth.causes) for _ in range(4)]
        found = {id(done.result()) for done in asked}
    assert found == {id(session.causes)}


def test_that_a_constant_lag_of_a_cluster_is_taken_out_when_that_is_asked(tmp_path):
    from gtview.api import explain_dataset, scores_as_json

    folder = make_export(tmp_path / "export", n_spikes=2000)
    truth = tmp_path / "ground_truth"
    truth.mkdir()
    times = np.load(folder / "spike_times.npy").ravel().astype(np.int64)
    clusters = np.load(folder / "spike_clusters.npy").ravel()
    # Cluster 1 is 40 samples late: its unit is earlier than what was sorted.
    true_times = np.maximum(times - np.where(clusters == 1, 40, 0), 0)
    order = np.argsort(true_times, kind="stable")
    np.save(truth / "spike_times.npy", true_times[order])
    np.save(truth / "spike_units.npy", clusters[order])
    late, right = (
        {u.unit_id: u.accuracy for u in explain_dataset(folder, compensate_lags=c).scores.units}
        for c in (False, True)
    )
    assert late[1] < 0.5
    assert right[1] > 0.95
    assert all(right[unit] >= late[unit] - 0.02 for unit in late)
    told = scores_as_json(explain_dataset(folder))["units"]
    assert all(0 <= unit["chance_agreement"] < 0.5 for unit in told)
