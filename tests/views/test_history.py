"""The history: what is listed, what a click shows, what a double click does."""

from __future__ import annotations

import pytest
from curating import make_export, open_session
from mouse import click, double_click

from gtview.views.history import HistoryView


@pytest.fixture
def session(tmp_path):
    made = open_session(make_export(tmp_path / "export"))
    yield made
    made.curation.keeping.close()


@pytest.fixture
def done(session):
    """A session with three actions, the last one undone, the first one saved."""
    session.curation.merge((0, 1))
    session.curation.history.mark_saved(1)
    session.curation.label((3,), "good")
    session.curation.split(session.clustering.spikes_of(2)[:5])
    session.curation.undo()
    return session


def rows(view):
    """Return the texts of all rows by number."""
    table = view.table.rows.table
    names = table.names
    return {
        row_id: {name: column.text(k) for name, column in zip(names, table.columns, strict=True)}
        for k, row_id in enumerate(table.row_ids)
    }


def place_of(view, row_id):
    row = view.table.rows.row_of(row_id)
    return 60.0, view.table.rowViewportPosition(row) + view.table.row_height / 2


def test_that_nothing_done_is_told(shower, session):
    view = shower(HistoryView, session)
    assert view.query() is None
    assert view._message.text() == "nothing was done yet"


def test_that_actions_are_listed_with_their_state(shower, done):
    view = shower(HistoryView, done)
    found = rows(view)
    assert view.table.rows.shown_ids == [3, 2, 1, 0], "the newest first"
    assert found[1]["action"] == "Merge of 0, 1"
    assert found[1]["clusters"] == "0, 1 \N{RIGHTWARDS ARROW} 6"
    assert {number: row["state"] for number, row in found.items()} == {
        0: "\N{EN DASH}",
        1: "saved",
        2: "now",
        3: "undone",
    }
    assert found[1]["who"] == done.curation.history.entries[0].by
    assert found[1]["time"].startswith("20")
    assert view.status == "2 actions \N{MIDDLE DOT} 1 undone \N{MIDDLE DOT} 1 unsaved"


def test_that_the_present_is_marked_and_the_undone_is_quiet(shower, done):
    view = shower(HistoryView, done)
    accent, quiet = view.theme.color("accent"), view.theme.color("quiet")
    assert [view.color_of(i) for i in (0, 1, 2, 3)] == [None, None, accent, None]
    assert [view.text_color_of(i) for i in (0, 1, 2, 3)] == [None, None, None, quiet]


def test_that_a_click_selects_the_clusters_of_an_action(shower, done):
    view = shower(HistoryView, done)
    click(view.table.viewport(), place_of(view, 1))
    assert done.selection.state.cluster_ids == (6,), "those that it made, as far as they exist"
    click(view.table.viewport(), place_of(view, 3))
    assert done.selection.state.cluster_ids == (2,)
    shower.settle(view)
    assert view.table.selected_ids == [3]


def test_that_clusters_that_are_gone_are_told(shower, done):
    done.curation.merge((6, 4))
    view = shower(HistoryView, done)
    click(view.table.viewport(), place_of(view, 1))
    assert view.status == "none of the clusters of this action exists now"
    done.select_clusters((3,))
    shower.settle(view)
    assert "action" in view.status


@pytest.mark.parametrize("target", [0, 1, 2, 3])
def test_that_a_double_click_goes_to_the_state_behind_an_action(shower, done, target):
    view = shower(HistoryView, done)
    double_click(view.table.viewport(), place_of(view, target))
    assert done.curation.history.position == target
    shower.settle(view)
    states = {number: row["state"] for number, row in rows(view).items()}
    assert "now" in states[target]
    assert states[1] == (
        "now, saved" if target == 1 else "saved, undone" if not target else "saved"
    )


def test_that_return_goes_to_the_chosen_action(shower, done, qtbot):
    view = shower(HistoryView, done)
    view.go_to_chosen()
    assert done.curation.history.position == 2, "nothing is chosen"
    click(view.table.viewport(), place_of(view, 1))
    (action,) = [a for a in view.actions_declared if "Return" in a.keys]
    getattr(view, action.slot)()
    assert done.curation.history.position == 1


def test_that_the_list_follows_what_is_done(shower, session):
    view = shower(HistoryView, session)
    session.curation.label((2,), "noise")
    shower.settle(view)
    assert view.table.rows.shown_ids == [1, 0]
    session.curation.undo()
    shower.settle(view)
    assert rows(view)[1]["state"] == "undone"
    session.curation.merge((0, 1))
    shower.settle(view)
    assert view.table.rows.shown_ids == [2, 0], "what was undone is forgotten"


def test_that_going_back_where_nothing_may_be_changed_is_told(shower, done):
    view = shower(HistoryView, done)
    click(view.table.viewport(), place_of(view, 1))
    done.curation.keeping.pause("Decide first.")
    view.go_to_chosen()
    assert view.status == "Decide first."
    assert done.curation.history.position == 2


def test_that_actions_can_be_looked_for(shower, done):
    view = shower(HistoryView, done)
    view.filter_line.setText("merge")
    assert view.table.rows.shown_ids == [1]
    view.filter_line.setText("state == 'undone'")
    assert view.table.rows.shown_ids == [3]
    view.filter_line.setText("number >")
    assert "Not complete yet" in view.status
