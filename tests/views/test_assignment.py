"""The assignment matrix: where spikes went, what a click selects and highlights, keys, states."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from mouse import CTRL, click, leave, move
from PyQt6.QtGui import QColor
from small_sessions import make_session, score

from gtview.qt.points import PointLayer, render_points
from gtview.qt.theme import load_theme
from gtview.session.highlighting import Highlight
from gtview.session.scoring import score as score_session
from gtview.views.assignment import AssignmentView
from gtview.views.assignment_cells import VALUES, make_assignment
from gtview.views.match_view import NO_TRUTH
from gtview.views.part_colors import Parts
from gtview.views.wording import TRUTH_IS_HIDDEN

A = [1000 + 500 * k for k in range(40)]
B = [1200 + 500 * k for k in range(40)]
UNITS = {"a": A, "b": B, "c": [90_100, 91_100, 92_100]}
# Cluster 3 holds most of a and some noise, cluster 5 the rest of a and all of b but two spikes.
CLUSTERS = {3: [*A[:30], 95_000, 96_000, 97_000], 5: sorted(A[30:36] + B[2:])}


@pytest.fixture
def session():
    made = make_session(CLUSTERS, UNITS, duration_s=12.0)
    score(made)
    return made


@pytest.fixture
def view(shower, session):
    return shower(AssignmentView, session)


@pytest.fixture
def partial_session():
    """The truth knows a alone; cluster 7 holds b, of which it knows nothing."""
    made = make_session({3: CLUSTERS[3], 7: B}, {"a": A}, duration_s=12.0)
    made._truth = replace(made._truth, is_partial=True)
    made.set_scores(score_session(made))
    return made


def place(view, row, column):
    point = view.plot.mapFromScene(view.panel.scene_position(column + 0.5, row + 0.5))
    return point.x(), point.y()


def cell(view, unit_id, cluster_id):
    n_rows, n_columns = view.matrix.shape
    row = n_rows - 1 if unit_id is None else view.matrix.row_of(unit_id)
    column = n_columns - 1 if cluster_id is None else view.matrix.column_of(cluster_id)
    return place(view, row, column)


def highlighted(session):
    highlight = session.selection.state.highlight
    return None if highlight is None else session.dataset.spike_samples[highlight.spike_ids]


def wait_for_highlight(qtbot, session):
    qtbot.waitUntil(lambda: session.selection.state.highlight is not None, timeout=10_000)


# Partial truths ---------------------------------------------------------------------------------


def test_that_what_a_partial_truth_does_not_know_is_no_noise(shower, partial_session):
    view = shower(AssignmentView, partial_session)
    cells = view.matrix
    own, other = cells.column_of(3), cells.column_of(7)
    assert cells.counts[-1, [own, other]].tolist() == [3, 40]
    # Of its own cluster the truth knows what is false; of the other nothing.
    assert 256 <= cells.levels[-1, own] < 512 <= cells.levels[-1, other]
    red, grey = (cells.colors[cells.levels[-1, k]].astype(int) for k in (own, other))
    assert red[0] - red[1] > 2 * abs(grey[0] - grey[1])
    assert view.names(cells)[0] == ["a", "unknown"]
    assert "of no known unit" in view.summary()
    assert view.cell_text(1, other).startswith("unknown")


# What is shown -----------------------------------------------------------------------------------


def test_that_every_spike_is_in_one_cell(session):
    truth = session.truth_access.current
    cells = make_assignment(truth.matrix(), truth.scores, VALUES[2])
    rows = {cells.unit_at(i): int(cells.counts[i].sum()) for i in range(4)}
    columns = {cells.cluster_at(j): int(cells.counts[:, j].sum()) for j in range(3)}
    assert rows == {"a": 40, "b": 40, "c": 3, None: 3}
    assert columns == {3: 33, 5: 44, None: 4 + 2 + 3}
    row, column = cells.row_of("a"), cells.column_of(5)
    assert (cells.counts[row, column], cells.text(row, column)) == (6, "6")
    assert cells.counts[-1, -1] == 0


def test_that_shares_are_of_rows_or_of_columns(session):
    truth = session.truth_access.current
    of_units = make_assignment(truth.matrix(), truth.scores, VALUES[0])
    of_clusters = make_assignment(truth.matrix(), truth.scores, VALUES[1])
    assert np.allclose(of_units.values.sum(axis=1), 1)
    assert np.allclose(of_clusters.values.sum(axis=0), 1)
    row, column = of_units.row_of("a"), of_units.column_of(5)
    assert of_units.values[row, column] == pytest.approx(6 / 40)
    assert of_clusters.values[row, column] == pytest.approx(6 / 44)


def test_that_matches_make_a_diagonal_and_losses_have_colours_of_their_own(session):
    truth = session.truth_access.current
    cells = make_assignment(truth.matrix(), truth.scores, VALUES[0])
    matched = [cells.cluster_at(k) for k in range(2)]
    best = [next(u.cluster_id for u in truth.scores.units if u.unit_id == cells.unit_at(k))
            for k in range(2)]  # fmt: skip
    assert matched == best
    lost = cells.colors[cells.levels[cells.row_of("c"), -1]]
    assert lost.tolist() == [238, 84, 84, 255]
    assert (cells.levels[:-1, :-1] < 256).all()
    assert (cells.levels[-1] >= 256).all()
    assert (cells.levels[:, -1] >= 256).all()


def test_that_noise_and_missed_are_named(view):
    units, clusters = view.names(view.matrix)
    assert units[-1] == "noise"
    assert clusters[-1] == "missed"
    assert "9 of 83 true" not in view.status
    assert "11 % of 83 true spikes missed" in view.status


# Mouse -------------------------------------------------------------------------------------------


def test_that_a_click_selects_both_and_highlights_the_spikes(view, session, qtbot, shower):
    click(view.plot.viewport(), cell(view, "a", 5))
    wait_for_highlight(qtbot, session)
    state = session.selection.state
    assert (state.unit_id, state.cluster_ids) == ("a", (5,))
    assert highlighted(session).tolist() == A[30:36]
    assert "6 spikes highlighted: unit a in cluster 5" in view.status
    shower.settle(view)


def test_that_a_click_on_noise_highlights_what_is_of_no_unit(view, session, qtbot, shower):
    click(view.plot.viewport(), cell(view, None, 3))
    wait_for_highlight(qtbot, session)
    state = session.selection.state
    assert (state.unit_id, state.cluster_ids) == (None, (3,))
    assert highlighted(session).tolist() == [95_000, 96_000, 97_000]
    shower.settle(view)


def test_that_a_click_on_missed_selects_the_unit_and_its_cluster(view, session, qtbot, shower):
    click(view.plot.viewport(), cell(view, "b", None))
    qtbot.waitUntil(lambda: session.selection.state.unit_id == "b")
    assert session.selection.state.cluster_ids == (5,)
    assert view.chosen_cell() == (view.matrix.row_of("b"), 2)
    before = session.selection.state
    click(view.plot.viewport(), cell(view, None, None))
    assert session.selection.state is before
    shower.settle(view)


def test_that_ctrl_and_a_click_add_the_cluster(view, session, qtbot, shower):
    click(view.plot.viewport(), cell(view, "a", 3))
    wait_for_highlight(qtbot, session)
    click(view.plot.viewport(), cell(view, "a", 5), modifiers=CTRL)
    qtbot.waitUntil(lambda: session.selection.state.highlight is not None)
    assert session.selection.state.cluster_ids == (3, 5)
    assert highlighted(session).tolist() == A[30:36]
    shower.settle(view)


def test_that_an_answer_for_something_else_is_not_highlighted(view, session, qtbot, shower):
    click(view.plot.viewport(), cell(view, "a", 5))
    session.selection.update(unit_id="b", cluster_ids=(3,))
    qtbot.wait(50)
    assert session.selection.state.highlight is None
    shower.settle(view)


def test_that_a_selection_made_elsewhere_is_framed(view, session, shower):
    session.selection.update(unit_id="b", cluster_ids=(3,))
    shower.settle(view)
    frames = view.item._frames
    assert [(f.first_row, f.n_rows) for f in frames if f.color is None] == [
        (view.matrix.row_of("b"), 1)
    ]
    assert [f.first_column for f in frames if f.color is not None] == [view.matrix.column_of(3)]


def test_that_the_pointer_tells_what_is_in_a_cell(view, session):
    move(view.plot.viewport(), cell(view, "a", 5))
    assert view.status.endswith("cluster 5: 6 spikes, 15 % of the unit, 14 % of the cluster")
    move(view.plot.viewport(), cell(view, "a", None))
    assert view.status.endswith("missed: 4 spikes, 10 % of the unit")
    move(view.plot.viewport(), cell(view, None, 3))
    assert view.status.endswith("cluster 3: 3 spikes of no unit, 9.1 % of the cluster")
    leave(view.plot)
    assert view.status.startswith("share of the unit")


# Keys --------------------------------------------------------------------------------------------


def test_that_keys_change_the_value_and_go_round(view, shower):
    seen = []
    for _ in range(3):
        seen.append(view.matrix.value)
        view.show_next_value()
        shower.settle(view)
    assert tuple(seen) == VALUES
    view.show_previous_value()
    shower.settle(view)
    assert view.matrix.value == VALUES[-1]


def test_that_arrows_reach_noise_and_missed(view, session, qtbot, shower):
    view.select_cell(0, 0)
    for step, wanted in ((view.go_right, (0, 1)), (view.go_down, (1, 1)), (view.go_down, (2, 1))):
        step()
        assert view.chosen_cell() == wanted
    view.go_down()
    assert view.chosen_cell() == (3, 1)
    assert session.selection.state.unit_id is None
    view.go_up()
    view.go_right()
    assert view.chosen_cell() == (2, 2)
    assert session.selection.state.unit_id == view.matrix.unit_at(2)
    shower.settle(view)


def test_that_nothing_is_highlighted_when_asked(view, session, qtbot, shower):
    assert not view.has_highlight
    click(view.plot.viewport(), cell(view, "a", 5))
    wait_for_highlight(qtbot, session)
    assert view.has_highlight
    view.clear_highlight()
    assert session.selection.state.highlight is None
    assert session.selection.state.cluster_ids == (5,)
    shower.settle(view)


# States ------------------------------------------------------------------------------------------


def test_that_it_needs_a_truth_that_is_not_hidden(session, shower):
    assert AssignmentView.missing(make_session({1: [5, 9]})) == NO_TRUTH
    view = shower(AssignmentView, session)
    session.set_blind(True)
    shower.settle(view)
    assert AssignmentView.missing(session) == TRUTH_IS_HIDDEN
    assert view._message.text() == TRUTH_IS_HIDDEN
    assert session.truth_access.current is None


def test_that_it_waits_for_scores(shower):
    session = make_session(CLUSTERS, UNITS, duration_s=12.0)
    view = shower(AssignmentView, session)
    assert view.matrix is None
    score(session)
    shower.settle(view)
    assert view.matrix.shape == (4, 3)


def test_that_it_follows_what_is_done_to_clusters(view, session, shower):
    session.curation.merge((3, 5))
    score(session)
    shower.settle(view)
    assert view.matrix.shape == (4, 2)
    assert int(view.matrix.counts.sum()) == 77 + 9


# The layer of highlighted spikes -----------------------------------------------------------------


def test_that_highlighted_spikes_are_one_more_part_above_the_cluster(session):
    spike_ids = np.array([2, 5, 7, 11], np.int32)
    session.selection.update(
        cluster_ids=(3,), highlight=Highlight(np.array([5, 6, 11], np.int32), "some")
    )
    parts = list(Parts.of(session, load_theme("dark")).divide(spike_ids, (1, 2, 3)))
    assert parts[0].where == slice(None)
    assert not parts[0].is_on_top
    assert spike_ids[parts[1].where].tolist() == [5, 11]
    assert parts[1].is_on_top
    assert parts[1].rgb == QColor(load_theme("dark").text).getRgb()[:3]
    none = Parts.of(session, load_theme("dark")).divide(spike_ids[:1], (1, 2, 3))
    assert [p.is_on_top for p in none] == [False]


def test_that_points_on_top_cover_any_number_of_others():
    middle = np.zeros(30_000)
    many = PointLayer(middle, middle, (0, 0, 255), alpha=1.0)
    one = PointLayer(middle[:1], middle[:1], (255, 0, 0), alpha=1.0, size=3, is_on_top=True)
    for layers in ((one, many), (many, one)):
        pixels = render_points(layers, (-1, 1), (-1, 1), 21, 21)
        red, _green, blue, alpha = pixels[10, 10]
        assert red > 250 and blue < 5 and alpha > 250  # noqa: PT018
