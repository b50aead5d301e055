from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtview.base.events import EventBus
from gtview.session.events import SelectionChanged
from gtview.session.selection import Selection

ids = st.lists(st.integers(0, 9), max_size=6)


@pytest.fixture
def told():
    return []


@pytest.fixture
def selection(told):
    bus = EventBus()
    made = Selection(bus)
    bus.subscribe(SelectionChanged, lambda e: told.append(e))
    return made


def test_that_a_change_is_told_once_with_before_and_after(selection, told):
    selection.update(cluster_ids=(3, 1), unit_id="a", source="table")
    (event,) = told
    assert event.before.cluster_ids == ()
    assert event.after.cluster_ids == (3, 1)
    assert event.source == "table"
    assert event.touches("cluster_ids")
    assert event.touches("unit_id")
    assert not event.touches("channel_ids")


def test_that_an_equal_selection_is_not_told_again(selection, told):
    selection.update(cluster_ids=(1, 2))
    selection.update(cluster_ids=(1, 2))
    assert len(told) == 1


def test_that_a_cluster_chosen_twice_counts_once_and_as_chosen(selection):
    selection.update(cluster_ids=(1, 1, 2), similar_ids=(2, 5, 5))
    assert selection.state.shown_ids == (1, 2, 5)
    assert selection.state.similar_ids == (5,)


@given(st.lists(st.tuples(ids, ids), min_size=1, max_size=12))
def test_that_a_cluster_keeps_its_colour_while_selected_and_no_two_share_one(changes):
    selection = Selection(EventBus())
    for chosen, similar in changes:
        before = selection.state
        selection.update(cluster_ids=tuple(chosen), similar_ids=tuple(similar))
        state = selection.state
        assert len(set(state.color_ids)) == len(state.shown_ids)
        for cluster_id in state.shown_ids:
            if cluster_id in before.shown_ids:
                assert state.color_of(cluster_id) == before.color_of(cluster_id)
    assert selection.state.color_of(99) is None


def test_that_new_clusters_take_the_first_free_colours(selection):
    selection.update(cluster_ids=(7, 8, 9))
    assert selection.state.color_ids == (0, 1, 2)
    selection.update(cluster_ids=(8, 4))
    assert selection.state.color_ids == (1, 0)
