"""Highlighted spikes: which ones a cell of the spike matrix means, and how long they stay."""

from __future__ import annotations

import numpy as np
import pytest
from small_sessions import make_session, score

from gtview.session.highlighting import Highlight, highlight_cell

A = [1000 + 500 * k for k in range(40)]
B = [1200 + 500 * k for k in range(40)]
UNITS = {"a": A, "b": B}
# Cluster 3 holds most of a and some noise, cluster 5 the rest of a and all of b.
CLUSTERS = {3: [*A[:30], 90_000, 91_000, 92_000], 5: sorted(A[30:36] + B)}


@pytest.fixture
def session():
    made = make_session(CLUSTERS, UNITS, duration_s=12.0)
    score(made)
    return made


def samples_of(session, highlight):
    return session.dataset.spike_samples[highlight.spike_ids].tolist()


@pytest.mark.parametrize(
    ("unit_id", "cluster_id", "wanted"),
    [
        ("a", 3, A[:30]),
        ("a", 5, A[30:36]),
        ("b", 5, B),
        ("b", 3, []),
        (None, 3, [90_000, 91_000, 92_000]),
        (None, 5, []),
    ],
)
def test_that_a_cell_means_the_spikes_that_it_counts(session, unit_id, cluster_id, wanted):
    truth = session.truth_access.current
    found = highlight_cell(truth, unit_id, cluster_id)
    assert samples_of(session, found) == sorted(wanted)
    matrix = truth.matrix()
    if unit_id is not None:
        assert len(found.spike_ids) == matrix.count(unit_id, cluster_id)
    else:
        column = matrix.cluster_ids.index(cluster_id)
        assert len(found.spike_ids) == matrix.noise[column]


def test_that_missed_spikes_and_strangers_have_nothing_to_highlight(session):
    truth = session.truth_access.current
    assert highlight_cell(truth, "a", None) is None
    assert highlight_cell(truth, "a", 77) is None
    assert highlight_cell(truth, "stranger", 3) is None


def test_that_places_are_those_of_a_plain_search():
    rng = np.random.default_rng(0)
    chosen = np.unique(rng.integers(0, 200, 40)).astype(np.int32)
    others = np.sort(rng.permutation(300)[:120]).astype(np.int32)
    places = Highlight(chosen, "some").places_in(others)
    assert places.tolist() == np.flatnonzero(np.isin(others, chosen)).tolist()
    assert not Highlight(np.empty(0, np.int32), "none").contains(others).any()


def test_that_spikes_stay_highlighted_only_while_clusters_and_unit_stay(session):
    highlight = Highlight(np.array([1, 2], np.int32), "two")
    selection = session.selection
    selection.update(cluster_ids=(3,), unit_id="a", highlight=highlight)
    selection.update(trace_s=(0.0, 1.0), channel_ids=(2,))
    assert selection.state.highlight is highlight
    selection.update(cluster_ids=(3, 5))
    assert selection.state.highlight is None
    for change in ({"unit_id": "b"}, {"similar_ids": (5,)}):
        selection.update(cluster_ids=(3,), unit_id="a", similar_ids=(), highlight=highlight)
        selection.update(**change)
        assert selection.state.highlight is None


def test_that_hiding_the_truth_and_reloading_end_it(session):
    highlight = Highlight(np.array([1, 2], np.int32), "two")
    session.selection.update(cluster_ids=(3,), highlight=highlight)
    state = session.selection.state
    session.set_blind(True)
    assert session.selection.state.highlight is None
    session.restore_selection(state)
    assert session.selection.state.cluster_ids == (3,)
    assert session.selection.state.highlight is None
