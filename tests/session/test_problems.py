"""From one unit that is not well detected to the next."""

from __future__ import annotations

import pytest
from small_sessions import make_session, score

from gtview.session.problems import NO_OTHER, NO_PROBLEM, NO_TRUTH

A = [1000 + 500 * k for k in range(20)]
B = [1200 + 500 * k for k in range(30)]
D = [1350 + 500 * k for k in range(25)]
# a is split over 3 and 5, b found by 7, c missed, d found by 8.
UNITS = {"a": A, "b": B, "c": [50_000, 60_000, 70_000], "d": D}
CLUSTERS = {3: A[:12], 5: A[12:], 7: B, 8: D, 9: [40_100, 41_100, 42_100]}


@pytest.fixture
def session():
    made = make_session(CLUSTERS, UNITS, duration_s=12.0)
    score(made)
    return made


def chosen(session):
    state = session.selection.state
    return state.unit_id, state.cluster_ids


def test_that_problems_come_in_their_order_with_their_clusters(session):
    assert session.problems.go(1) == ""
    assert chosen(session) == ("a", (3, 5))
    assert session.problems.go(1) == ""
    assert chosen(session) == ("c", ())
    assert session.problems.go(1) == NO_OTHER
    assert chosen(session) == ("c", ())
    assert session.problems.go(-1) == ""
    assert chosen(session) == ("a", (3, 5))
    assert session.problems.go(-1) == NO_OTHER


def test_that_the_way_begins_at_the_selected_unit(session):
    session.selection.update(unit_id="b")
    session.problems.go(1)
    assert session.selection.state.unit_id == "c"
    session.selection.update(unit_id="d")
    session.problems.go(-1)
    assert session.selection.state.unit_id == "c"
    session.selection.update(unit_id=None)
    session.problems.go(-1)
    assert session.selection.state.unit_id == "c"


def test_that_a_table_gives_the_order_while_it_is_seen(session):
    rows = [["d", "c", "b", "a", "gone"]]
    end = session.problems.follow(lambda: rows[0])
    session.problems.go(1)
    assert session.selection.state.unit_id == "c"
    session.problems.go(1)
    assert session.selection.state.unit_id == "a"
    rows[0] = None  # not seen any more
    session.problems.go(1)
    assert session.selection.state.unit_id == "c"
    end()
    end()
    rows[0] = ["c"]
    assert session.problems.unit_ids() == list(UNITS)


def test_that_it_says_why_it_goes_nowhere():
    session = make_session({3: A}, {"a": A})
    assert session.problems.go(1) == NO_TRUTH
    assert session.problems.clusters_of("a") == ()
    score(session)
    assert session.problems.go(1) == session.problems.go(-1) == NO_PROBLEM
    assert session.selection.state.unit_id is None


def test_that_a_unit_nobody_holds_much_of_has_the_cluster_that_agrees_best():
    session = make_session({3: [*A[:2], *B]}, {"a": A, "b": B})
    score(session)
    assert session.problems.clusters_of("a") == (3,)
