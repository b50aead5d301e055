"""Scores that follow curation: the same as scoring everything anew, before and after."""

from __future__ import annotations

import numpy as np
import pytest
from curating import make_export, open_session

from gtview.session.scoring import preview, score, scoring_query
from gtview.session.session import Session


@pytest.fixture
def session(tmp_path):
    folder = make_export(tmp_path / "export", n_spikes=2000)
    truth = tmp_path / "ground_truth"
    truth.mkdir()
    times = np.load(folder / "spike_times.npy").ravel()
    units = np.load(folder / "spike_clusters.npy").ravel() // 2
    np.save(truth / "spike_times.npy", times)
    np.save(truth / "spike_units.npy", units)
    session: Session = open_session(folder)
    assert session.truth is not None
    session.set_scores(score(session))
    yield session
    session.curation.keeping.close()


def all_anew(session):
    query = scoring_query(session)
    object.__setattr__(query, "known", None)
    return score(query)


def test_that_the_preview_is_what_comes(session):
    before = session.scores
    change = session.curation.plan_merge([0, 1])
    foretold = preview(scoring_query(session), change)
    session.curation.do(change)
    scores = score(scoring_query(session))
    assert scores.units == foretold.units == all_anew(session).units
    assert scores.cluster_ids == foretold.cluster_ids
    assert scores.mean_accuracy > before.mean_accuracy


def test_that_scores_follow_many_actions_and_undos(session):
    for _ in range(2):
        session.curation.merge(session.clustering.cluster_ids[:2])
        session.set_scores(score(scoring_query(session)))
        spikes = session.clustering.spikes_of(session.clustering.cluster_ids[-1])
        session.curation.split(spikes[::3].copy())
        session.set_scores(score(scoring_query(session)))
        session.curation.undo()
    scores = score(scoring_query(session))
    assert scores.units == all_anew(session).units
