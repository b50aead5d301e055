"""A split that is proposed: its parts, its sentence, and when it is forgotten."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from showing import session_of
from small_sessions import make_dataset

from gtview.base.errors import UsageError
from gtview.session.events import SplitProposed
from gtview.session.proposals import LeftOut, listed
from gtview.session.splitting import free_colors

TRAINS = {3: range(0, 3000, 30), 5: range(7, 3000, 60), 8: range(11, 3000, 300)}


@pytest.fixture
def session():
    made = session_of(make_dataset(TRAINS))
    made.select_clusters((3, 5))
    return made


@pytest.fixture
def heard(session):
    events = []
    session._unsubscribe_of_test = session.bus.subscribe(SplitProposed, lambda e: events.append(e))
    return events


def test_that_one_set_is_told_with_what_stays(session, heard):
    spikes = session.clustering.spikes_of(3)
    session.splitting.propose(
        spikes[[7, 2, 40]], "test", left_out=LeftOut({3: 8, 5: 99}, "without features")
    )
    proposal = session.splitting.proposal
    assert proposal.parts[0].tolist() == sorted(spikes[[7, 2, 40]].tolist())
    assert proposal.sentence == "3 of 100 spikes of cluster 3, 8 without features stay"
    assert [(t.cluster_id, t.counts, t.n_staying) for t in proposal.touched] == [(3, (3,), 97)]
    assert len(heard) == 1
    assert not proposal.parts[0].flags.writeable


def test_that_several_clusters_and_parts_are_told(session):
    three, five = session.clustering.spikes_of(3), session.clustering.spikes_of(5)
    propose = session.splitting.propose
    made = propose(np.concatenate([five[:10], three[:4]]), "")
    assert made.sentence == "4 of 100 spikes of cluster 3 and 10 of 50 of cluster 5"
    made = propose([three[:60], three[60:90]], "", left_out=LeftOut({3: 1}, "without features"))
    assert made.sentence == (
        "cluster 3 in 2 parts of 60 and 30 spikes, 9 more stay, 1 without features stays"
    )
    assert propose(three, "").sentence == "all 100 spikes of cluster 3"
    made = propose([three, five[:20], five[20:]], "")
    assert made.sentence == "clusters 3 and 5 in 3 parts of 100, 20 and 30 spikes"
    assert made.part_of(np.array([three[0], five[30], 149], np.int32)).tolist()[:2] == [0, 2]


def test_that_a_chosen_time_is_told(session):
    session.selection.update(time_window_s=(0.1, 0.2))
    made = session.splitting.propose(session.clustering.spikes_of(3)[:2], "")
    assert made.sentence == "2 of 100 spikes of cluster 3, also outside of 0.1 to 0.2 s"


def test_that_parts_have_colours_that_no_selected_cluster_has(session):
    three = session.clustering.spikes_of(3)
    made = session.splitting.propose([three[:9], three[9:]], "")
    assert made.color_ids == (2, 3)
    assert free_colors((0, 2), 3) == (1, 3, 4)


def test_that_it_is_forgotten_when_clusters_or_the_selection_change(session, heard):
    spikes = session.clustering.spikes_of(3)[:5]
    propose = session.splitting.propose
    propose(spikes, "")
    session.selection.update(channel_ids=(1,))
    session.selection.update(time_window_s=(0.0, 1.0))
    assert session.splitting.proposal is not None
    session.select_clusters((3,))
    assert session.splitting.proposal is None
    propose(spikes, "")
    session.curation.merge([5, 8])
    assert session.splitting.proposal is None
    assert len(heard) == 4


def test_that_nothing_is_proposed_of_no_spikes(session):
    session.splitting.propose(session.clustering.spikes_of(3)[:5], "")
    assert session.splitting.propose(np.empty(0, np.int32), "") is None
    assert session.splitting.proposal is None
    assert session.splitting.sentence == ""
    with pytest.raises(UsageError, match="Nothing is proposed"):
        session.splitting.accept()


def test_that_only_its_own_proposal_is_cleared_by_a_source(session):
    session.splitting.propose(session.clustering.spikes_of(3)[:5], "", source="a")
    session.splitting.clear("b")
    assert session.splitting.proposal is not None
    session.splitting.clear("a")
    assert session.splitting.proposal is None


def test_that_accepting_splits_and_selects_all_parts(session):
    spikes = session.clustering.spikes_of(3)
    session.splitting.propose([spikes[:30], spikes[30:50]], "")
    change = session.splitting.accept()
    assert [session.clustering.spikes_of(i).tolist() for i in change.added] == [
        spikes[:30].tolist(), spikes[30:50].tolist(), spikes[50:].tolist(),
    ]  # fmt: skip
    assert session.selection.state.cluster_ids == change.added
    assert session.splitting.proposal is None
    session.curation.undo()
    assert session.clustering.spikes_of(3).tolist() == spikes.tolist()


def test_that_a_line_cuts_a_part_out_of_a_suggestion(session):
    spikes = session.clustering.spikes_of(3)
    session.splitting.propose([spikes[:60], spikes[60:]], "2 Gaussians")
    first = session.splitting.cut_out(spikes[50:70], "lasso", source="view")
    assert [part.tolist() for part in first.parts] == [
        spikes[:50].tolist(), spikes[70:].tolist(), spikes[50:70].tolist(),
    ]  # fmt: skip
    # Another corner changes the line, not what it had cut out before.
    second = session.splitting.cut_out(spikes[55:65], "lasso", source="view")
    assert [len(part) for part in second.parts] == [55, 35, 10]
    assert second.source_text == "2 Gaussians, lasso"
    # A part that is wholly inside is none any more.
    third = session.splitting.cut_out(spikes[40:], "lasso", source="view")
    assert [len(part) for part in third.parts] == [40, 60]


def test_that_a_line_replaces_another_line(session):
    spikes = session.clustering.spikes_of(3)
    session.splitting.cut_out(spikes[:30], "lasso")
    made = session.splitting.cut_out(spikes[20:40], "lasso")
    assert [part.tolist() for part in made.parts] == [spikes[20:40].tolist()]


@given(st.lists(st.integers(-1, 4), min_size=160, max_size=160))
def test_that_every_spike_is_in_the_part_it_was_given_to(owners):
    session = session_of(make_dataset(TRAINS))
    spikes = np.arange(160, dtype=np.int32)
    owners = np.array(owners)
    groups = [spikes[owners == k] for k in range(5)]
    made = session.splitting.propose(groups, "")
    if (owners < 0).all():
        assert made is None
        return
    found = made.part_of(spikes)
    kept = [k for k in range(5) if len(groups[k])]
    expected = [kept.index(k) if k >= 0 else -1 for k in owners.tolist()]
    assert found.tolist() == expected
    clusters = session.clustering.clusters_of(spikes)
    for touched in made.touched:
        own = clusters == touched.cluster_id
        assert touched.n_spikes == own.sum()
        assert touched.n_staying == (own & (owners < 0)).sum()


def test_that_names_are_listed_as_people_do():
    assert [listed(t) for t in (["1"], ["1", "2"], ["1", "2", "3"])] == [
        "1",
        "1 and 2",
        "1, 2 and 3",
    ]
