from __future__ import annotations

import numpy as np
import pytest
from small_sessions import RATE_HZ, make_session, score

from gtview.session.events import ClusteringChanged, ScoresChanged, SelectionChanged

TRAINS = {1: [100, 300, 500, 700, 900], 2: [150, 350, 550], 4: [120, 520]}


@pytest.fixture
def session():
    return make_session(TRAINS)


def test_that_clusters_that_do_not_exist_are_left_out(session):
    session.select_clusters((1, 77, 2), (4, 88))
    assert session.selection.state.cluster_ids == (1, 2)
    assert session.selection.state.similar_ids == (4,)


def test_that_a_time_window_restricts_the_spikes_of_every_view(session):
    session.select_clusters((1, 2))
    session.selection.update(time_window_s=(300 / RATE_HZ, 600 / RATE_HZ))
    samples = [
        session.dataset.spike_samples[c.spike_ids].tolist() for c in session.shown_clusters()
    ]
    assert samples == [[300, 500], [350, 550]]
    session.selection.update(time_window_s=None)
    assert [len(c.spike_ids) for c in session.shown_clusters()] == [5, 3]


def test_that_the_time_window_holds_where_the_files_are_not_in_order_of_time(session):
    from dataclasses import replace

    from gtview.curation.clustering import Clustering

    data = session.dataset
    rows = np.random.default_rng(0).permutation(data.n_spikes)
    shuffled = replace(
        data,
        spike_samples=data.spike_samples[rows],
        spike_clusters=data.spike_clusters[rows],
        spike_templates=data.spike_templates[rows],
        time_order=np.argsort(data.spike_samples[rows], kind="stable"),
    )
    session.clustering = Clustering(shuffled.spike_clusters, shuffled.time_order)
    session._opened = replace(session._opened, dataset=shuffled)
    session.selection.update(cluster_ids=(1,), time_window_s=(300 / RATE_HZ, 600 / RATE_HZ))
    (shown,) = session.shown_clusters()
    assert shuffled.spike_samples[shown.spike_ids].tolist() == [300, 500]


def test_that_selecting_a_unit_selects_its_best_cluster_in_one_change():
    session = make_session(TRAINS, {"a": TRAINS[2], "b": TRAINS[1]})
    score(session)
    told = []
    session.bus.subscribe(SelectionChanged, lambda e: told.append(e))
    session.select_unit("a")
    assert len(told) == 1
    assert session.selection.state.cluster_ids == (2,)
    assert session.matched_unit() == "a"


def test_that_the_matched_unit_is_that_of_the_first_cluster_when_none_is_selected():
    session = make_session(TRAINS, {"a": TRAINS[2], "b": TRAINS[1]})
    told = []
    session.bus.subscribe(ScoresChanged, lambda _e: told.append(session.scores is not None))
    assert session.matched_unit() is None
    score(session)
    assert told == [True]
    session.select_clusters((1, 2))
    assert session.matched_unit() == "b"


def test_that_events_of_a_session_are_plain_values():
    assert ClusteringChanged((5,), (1, 2)) == ClusteringChanged((5,), (1, 2))
