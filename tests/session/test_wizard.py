"""The wizard leads through clusters and through those similar to each."""

from __future__ import annotations

import numpy as np
import pytest
from curating import make_export, open_session

from gtview.session.candidates import find_candidates
from gtview.session.events import WizardChanged
from gtview.session.wizard import NO_MORE, NO_MORE_SIMILAR, NO_SIMILAR_BEFORE, NONE_BEFORE


@pytest.fixture
def session(tmp_path):
    made = open_session(make_export(tmp_path / "export", n_spikes=600, n_clusters=8))
    yield made
    made.curation.keeping.close()


def by_size(session):
    sizes = session.clustering.n_spikes_of
    return sorted(session.clustering.cluster_ids, key=lambda i: (-sizes(i), i))


def by_similarity(session, cluster_id):
    values = session.similar_templates.values()
    templates = session.dataset.spike_templates
    own = {int(t) for t in templates[session.clustering.spikes_of(cluster_id)]}

    def similarity(other):
        theirs = {int(t) for t in templates[session.clustering.spikes_of(other)]}
        return max(values[a, b] for a in own for b in theirs)

    others = [i for i in session.clustering.cluster_ids if i != cluster_id]
    return sorted(others, key=lambda i: (-similarity(i), i))


def chosen(session):
    state = session.selection.state
    return state.cluster_ids, state.similar_ids


def test_that_clusters_come_by_size_where_no_table_is_in_sight(session):
    order = by_size(session)
    for cluster_id in order:
        assert session.wizard.go_best(1) == ""
        assert chosen(session) == ((cluster_id,), ())
    assert session.wizard.go_best(1) == NO_MORE
    assert chosen(session) == ((order[-1],), ())
    assert session.wizard.go_best(-1) == ""
    assert chosen(session) == ((order[-2],), ())
    session.wizard.go_end(last=False)
    assert chosen(session) == ((order[0],), ())
    assert session.wizard.go_best(-1) == NONE_BEFORE
    session.wizard.go_end(last=True)
    assert chosen(session) == ((order[-1],), ())


def test_that_clusters_come_as_their_table_shows_them(session):
    first, second, third = session.clustering.cluster_ids[:3]
    leave = session.wizard.follow_best(lambda: [third, first, 999])
    session.wizard.go_best(1)
    session.wizard.go_best(1)
    assert chosen(session) == ((first,), ())
    assert session.wizard.go_best(1) == NO_MORE
    session.select_clusters((second,))
    session.wizard.go_best(1)
    assert chosen(session) == ((third,), ()), "what the table does not show has no place in it"
    leave()
    assert session.wizard.best_ids() == by_size(session)


def test_that_noise_and_mua_are_skipped_unless_the_toggle_is_off(session):
    order = by_size(session)
    session.curation.label(order[:1], "noise")
    session.curation.label(order[2:4], "mua")
    session.select_clusters(())
    visited = []
    while session.wizard.go_best(1) == "":
        visited += chosen(session)[0]
    assert visited == [order[1], *order[4:]]
    session.wizard.use(skips=False)
    session.wizard.go_end(last=False)
    assert chosen(session) == ((order[0],), ())


def test_that_skipped_similar_clusters_are_not_offered(session):
    best = by_size(session)[0]
    session.select_clusters((best,))
    order = by_similarity(session, best)
    session.curation.label(order[:2], "noise")
    session.wizard.go_similar(1)
    assert chosen(session) == ((best,), (order[2],))


def test_that_similar_clusters_come_by_similarity_there_and_back(session):
    assert session.wizard.go_similar(1) == ""
    best = by_size(session)[0]
    assert chosen(session) == ((best,), ()), "without a cluster the first one is selected"
    assert session.wizard.go_similar(-1) == NO_SIMILAR_BEFORE
    order = by_similarity(session, best)
    for similar in order:
        session.wizard.go_similar(1)
        assert chosen(session) == ((best,), (similar,))
    assert session.wizard.go_similar(1) == NO_MORE_SIMILAR
    session.wizard.go_similar(-1)
    assert chosen(session) == ((best,), (order[-2],))
    session.wizard.drop_similar()
    assert chosen(session) == ((best,), ())


def test_that_similar_clusters_come_as_the_table_of_the_same_cluster_shows_them(session):
    first, second, third = session.clustering.cluster_ids[:3]
    reference = [first]
    session.wizard.follow_similar(lambda: reference[0], lambda: [third, second])
    session.select_clusters((first,))
    session.wizard.go_similar(1)
    assert chosen(session) == ((first,), (third,))
    session.select_clusters((second,))
    assert session.wizard.similar_ids() == by_similarity(session, second)


def test_that_by_likelihood_the_order_is_known_once_it_is_computed(session):
    best = by_size(session)[0]
    session.select_clusters((best,))
    told = []
    session.bus.subscribe(WizardChanged, told.append)
    session.wizard.use(order="likelihood")
    assert len(told) == 1
    assert session.wizard.similar_ids() is None
    assert session.wizard.go_similar(1) == ""
    assert chosen(session) == ((best,), ()), "nothing happens before"
    found = find_candidates(session.wizard.query(best))
    session.wizard.take(found)
    values = {i: one.value for i, one in found.by_id().items()}
    order = session.wizard.similar_ids()
    assert sorted(order) == sorted(set(session.clustering.cluster_ids) - {best})
    ordered = [values[i] for i in order if not np.isnan(values[i])]
    assert ordered == sorted(ordered, reverse=True)
    assert session.wizard.likelihood(order[0], best).value == values[order[0]]
    assert session.wizard.likelihood(best, 999) is None


def test_that_likelihoods_are_computed_once(session, monkeypatch):
    best = by_size(session)[0]
    first = find_candidates(session.wizard.query(best))
    session.wizard.take(first)

    def fail(_query):
        raise AssertionError("computed again")

    monkeypatch.setattr("gtview.session.candidates.iterate_merge_likelihoods", fail)
    again = find_candidates(session.wizard.query(best))
    assert again.likelihoods == first.likelihoods


def test_that_candidates_follow_a_merge(session):
    ids = session.clustering.cluster_ids
    session.wizard.take(find_candidates(session.wizard.query(ids[0])))
    change = session.curation.merge(ids[1:3])
    found = find_candidates(session.wizard.query(ids[0]))
    assert set(found.by_id()) == {change.added[0], *ids[3:]}
    merged = find_candidates(session.wizard.query(change.added[0]))
    assert set(merged.by_id()) == {ids[0], *ids[3:]}


def test_that_progress_counts_the_clusters_with_a_group(session):
    ids = session.clustering.cluster_ids
    n = len(ids)
    before = session.wizard.progress[0]
    unlabelled = [i for i in ids if session.curation.labels.get("group", i) is None]
    session.curation.label(unlabelled[:2], "good")
    session.curation.label(unlabelled[2:3], "unsorted")
    assert session.wizard.progress == (before + 2, n)
    session.curation.merge(unlabelled[:2])
    assert session.wizard.progress == (before + 1, n - 1)
    session.curation.undo()
    assert session.wizard.progress == (before + 2, n)
