"""The table of similar clusters: likelihoods, filters, and the filters that tables keep."""

from __future__ import annotations

import numpy as np
import pytest
from curating import make_export, open_session

from gtview.session.candidates import find_candidates
from gtview.views.cluster_table import ClusterTableView
from gtview.views.similarity_table import SimilarityTableView


@pytest.fixture
def session(tmp_path):
    made = open_session(make_export(tmp_path / "export", n_clusters=8))
    made.select_clusters((0,))
    yield made
    made.curation.keeping.close()


def values(view, name):
    table = view.table.rows.table
    (column,) = [column for column in table.columns if column.name == name]
    return dict(zip(table.row_ids, column.values.tolist(), strict=True))


def test_that_likelihoods_stand_beside_the_similarity_when_there_was_time(shower, session, qtbot):
    view = shower(SimilarityTableView, session)
    qtbot.waitUntil(lambda: session.wizard.likelihood(0, 1) is not None, timeout=20_000)
    shower.settle(view)
    found = find_candidates(session.wizard.query(0)).by_id()
    assert list(view.table.rows.table.names[:3]) == ["id", "similarity", "likelihood"]
    for cluster_id, value in values(view, "likelihood").items():
        expected = found[cluster_id].value
        assert value == pytest.approx(expected, nan_ok=True)
    assert session.wizard.likelihood(0, 1) is not None


def test_that_the_table_is_sorted_by_the_chosen_order(shower, session):
    session.wizard.use(order="likelihood")
    view = shower(SimilarityTableView, session)
    shown = view.table.rows.shown_ids
    likely = values(view, "likelihood")
    assert [likely[i] for i in shown] == sorted(likely.values(), reverse=True)
    session.wizard.use(order="similarity")
    similarity = values(view, "similarity")
    shown = view.table.rows.shown_ids
    assert [similarity[i] for i in shown] == sorted(similarity.values(), reverse=True)


def test_that_rows_of_unknown_likelihood_come_last(shower, session, monkeypatch):
    monkeypatch.setattr("gtview.session.candidates.MOST_CANDIDATES", 3)
    session.wizard.use(order="likelihood")
    view = shower(SimilarityTableView, session)
    likely = values(view, "likelihood")
    assert sum(np.isfinite(list(likely.values()))) == 3
    assert all(np.isfinite(likely[i]) for i in view.table.rows.shown_ids[:3])


def test_that_similar_clusters_are_filtered_and_counted(shower, session):
    view = shower(SimilarityTableView, session)
    view.filter_line.setText("id in (2, 5) or id == 7")
    assert sorted(view.table.rows.shown_ids) == [2, 5, 7]
    assert view.status.startswith("3 of 7")
    assert session.wizard.similar_ids() == view.table.rows.shown_ids
    view.filter_line.setText("likelihood > ")
    assert view.status.startswith("Not complete yet")
    assert sorted(view.table.rows.shown_ids) == [2, 5, 7], "what was understood last stays"


def test_that_a_closed_table_leads_nobody(shower, session):
    view = shower(SimilarityTableView, session)
    view.filter_line.setText("id == 2")
    assert session.wizard.similar_ids() == [2]
    view.close_view()
    assert len(session.wizard.similar_ids()) == 7


def test_that_saved_filters_are_those_of_their_kind_of_table(shower, session):
    clusters, similar = shower(ClusterTableView, session), shower(SimilarityTableView, session)
    settings = clusters.context.settings
    settings.set("filters.clusters", {"large": "spikes > 60", "broken": 3})
    clusters.filter_line.fill_menu()
    texts = [action.text() for action in clusters.filter_line.menu.actions()]
    assert "large" in texts
    assert "broken" not in texts
    similar.filter_line.fill_menu()
    assert "large" not in [action.text() for action in similar.filter_line.menu.actions()]


def test_that_a_filter_can_be_judged_before_it_is_used(shower, session):
    view = shower(ClusterTableView, session)
    assert view.problem_of_filter("spikes > 60") == ""
    assert "no column nowhere" in view.problem_of_filter("nowhere > 2")
    view.show_filter("id == 3")
    assert view.table.rows.shown_ids == [3]
    view.show_filter("")
    assert len(view.table.rows.shown_ids) == 8
