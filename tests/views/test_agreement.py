"""The agreement view: values, order, what a click selects, labels, states."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from mouse import CTRL, LEFT, RIGHT, click, double_click, leave, move, wheel
from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QColor
from showing import settle
from small_sessions import make_session, score

from gtview.base.settings import SettingsFile
from gtview.qt.matrix import as_image, contrasting, shrink
from gtview.qt.theme import cluster_rgb, load_theme, score_table
from gtview.session.events import SelectionChanged
from gtview.views.agreement import NO_TRUTH, AgreementView, summary
from gtview.views.agreement_matrix import make_matrix

# Unit "b" is found well by cluster 7; "a" is split over 3 and 5; "c" is missed; 9 is false.
TRUE_A = [1000 + 500 * k for k in range(20)]
TRUE_B = [1200 + 500 * k for k in range(30)]
UNITS = {"a": TRUE_A, "b": TRUE_B, "c": [50_000, 60_000, 70_000]}
CLUSTERS = {
    3: TRUE_A[:12],
    5: TRUE_A[12:],
    7: [*TRUE_B, 90_000, 91_000],
    9: [40_100, 41_100, 42_100, 43_100],
}


@pytest.fixture
def show(shower):
    """Return a function that shows the view of a session, and waits until it is drawn."""

    def make(session, size=(600, 400), **looks):
        return shower(AgreementView, session, size, **looks)

    return make


@pytest.fixture
def scored():
    session = make_session(CLUSTERS, UNITS, duration_s=12.0)
    score(session)
    return session


def center(view, unit_id, cluster_id):
    """Return where the cell of a unit and a cluster is in the plot's viewport."""
    matrix = view.matrix
    x, y = matrix.column_of(cluster_id) + 0.5, matrix.row_of(unit_id) + 0.5
    point = view.plot.mapFromScene(view.panel.scene_position(x, y))
    return point.x(), point.y()


def large_session(n_units, n_clusters, seed=0):
    rng = np.random.default_rng(seed)
    units = {f"neuron_{i}": np.sort(rng.integers(0, 10**6, 30)) for i in range(n_units)}
    sources = list(units.values())
    clusters = {
        j: sources[j][: 20 + j % 10] if j < n_units else np.sort(rng.integers(0, 10**6, 20))
        for j in range(n_clusters)
    }
    session = make_session(clusters, units, duration_s=100.0)
    score(session)
    return session


# Values ----------------------------------------------------------------------------------------


def slow_value(value, unit, cluster):
    """Return a value from sets of samples: here matches are exact, so they are common samples."""
    both, n_unit, n_cluster = len(set(unit) & set(cluster)), len(unit), len(cluster)
    return {
        "agreement": both / (n_unit + n_cluster - both),
        "recall": both / n_unit,
        "precision": both / n_cluster,
        "counts": both,
    }[value]


@pytest.mark.parametrize("value", ["agreement", "recall", "precision", "counts"])
def test_that_each_value_is_what_unit_and_cluster_share(show, qtbot, scored, value):
    view = show(scored)
    view.change(value=value)
    settle(qtbot, view)
    for unit_id, cluster_id in itertools.product(UNITS, CLUSTERS):
        row, column = view.matrix.row_of(unit_id), view.matrix.column_of(cluster_id)
        expected = slow_value(value, UNITS[unit_id], CLUSTERS[cluster_id])
        assert view.matrix.values[row, column] == pytest.approx(expected)
        assert view.matrix.unit_at(row) == unit_id
        assert view.matrix.cluster_at(column) == cluster_id


def test_that_matches_come_first_on_the_diagonal(show, scored):
    matrix = show(scored).matrix
    units = [matrix.unit_at(i) for i in range(3)]
    clusters = [matrix.cluster_at(j) for j in range(4)]
    assert units == ["b", "a", "c"]
    assert clusters == [7, 3, 5, 9]


def test_that_cells_have_the_colour_of_their_value_in_both_themes(show, scored):
    for theme in ("dark", "light"):
        view = show(scored, theme=theme)
        picture = view.plot.grab().toImage()
        ratio = picture.devicePixelRatio()
        for unit_id, cluster_id in itertools.product(UNITS, CLUSTERS):
            x, y = center(view, unit_id, cluster_id)
            color = QColor(picture.pixel(int(x * ratio), int((y - 20) * ratio)))
            agreement = slow_value("agreement", UNITS[unit_id], CLUSTERS[cluster_id])
            expected = score_table()[round(agreement * 255)][:3]
            assert np.abs(np.array(color.getRgb()[:3]) - expected).max() <= 2
        corner = QColor(picture.pixel(picture.width() - 3, 2))
        assert corner == QColor(load_theme(theme).plot)


def test_that_numbers_are_written_where_they_mean_something(scored):
    matrix = make_matrix(scored.scores, "agreement")
    assert matrix.text(matrix.row_of("b"), matrix.column_of(7)) == "0.94"
    assert matrix.text(matrix.row_of("a"), matrix.column_of(3)) == "0.60"
    assert matrix.text(matrix.row_of("c"), matrix.column_of(7)) == ""
    counts = make_matrix(scored.scores, "counts")
    assert counts.text(counts.row_of("b"), counts.column_of(7)) == "30"
    assert counts.text(counts.row_of("c"), counts.column_of(9)) == ""


def test_that_numbers_contrast_with_every_colour_of_the_map():
    def luminance(rgb):
        parts = np.array(rgb) / 255
        return (((parts + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]

    for color in score_table():
        written = luminance(contrasting(color).getRgb()[:3])
        behind = luminance(color[:3])
        high, low = max(written, behind), min(written, behind)
        assert (high + 0.05) / (low + 0.05) >= 4.0


def test_that_small_pictures_keep_every_match():
    levels = np.zeros((300, 800), np.uint8)
    levels[np.arange(300), np.arange(300) * 2 + 1] = 255
    small = shrink(levels, 100, 150)
    assert small.shape == (100, 150)
    assert (small.max(axis=1) == 255).all()
    assert shrink(levels, 1000, 1000) is levels
    assert as_image(np.zeros((0, 4), np.uint8)).isNull()


# Selecting -------------------------------------------------------------------------------------


def test_that_a_click_selects_unit_and_cluster_at_once(show, scored):
    view = show(scored)
    told = []
    unsubscribe = scored.bus.subscribe(SelectionChanged, lambda event: told.append(event))
    click(view.plot.viewport(), center(view, "a", 5))
    unsubscribe()
    assert len(told) == 1
    assert told[0].after.unit_id == "a"
    assert told[0].after.cluster_ids == (5,)
    assert told[0].source is view


def test_that_ctrl_click_adds_the_cluster(show, scored, qtbot):
    view = show(scored)
    click(view.plot.viewport(), center(view, "a", 5))
    settle(qtbot, view)
    click(view.plot.viewport(), center(view, "a", 3), LEFT, CTRL)
    assert scored.selection.state.cluster_ids == (5, 3)
    assert scored.selection.state.unit_id == "a"


def test_that_other_buttons_select_nothing(show, scored):
    view = show(scored)
    click(view.plot.viewport(), center(view, "a", 5), RIGHT)
    assert scored.selection.state.cluster_ids == ()


def test_that_a_cluster_that_is_gone_is_not_selected(scored):
    scored.select_match("a", (3, 1234))
    assert scored.selection.state.cluster_ids == (3,)


def test_that_arrow_keys_move_the_cell(show, qtbot, scored):
    view = show(scored)
    view.go_right()
    assert (scored.selection.state.unit_id, scored.selection.state.cluster_ids) == ("b", (7,))
    view.go_right()
    assert scored.selection.state.cluster_ids == (3,)
    view.go_down()
    assert scored.selection.state.unit_id == "a"
    for _ in range(9):
        view.go_down()
        view.go_right()
    assert (scored.selection.state.unit_id, scored.selection.state.cluster_ids) == ("c", (9,))
    for _ in range(9):
        view.go_up()
        view.go_left()
    assert (scored.selection.state.unit_id, scored.selection.state.cluster_ids) == ("b", (7,))


def test_that_the_cell_of_the_arrow_keys_stays_in_sight(show, qtbot):
    session = large_session(40, 60)
    view = show(session)
    view.panel.show_range((0, 10), (0, 10))
    for _ in range(30):
        view.go_right()
    low, high = view.panel.x_range
    column = view.matrix.column_of(session.selection.state.cluster_ids[0])
    assert low <= column <= high
    assert high - low == pytest.approx(10)


def test_that_selected_columns_are_framed_in_the_colours_of_their_clusters(show, qtbot, scored):
    view = show(scored)
    scored.select_match("c", (9, 5))
    settle(qtbot, view)
    picture = view.plot.grab().toImage()
    ratio = picture.devicePixelRatio()
    for cluster_id, color_id in ((9, 0), (5, 1)):
        column = view.matrix.column_of(cluster_id)
        edge = view.plot.mapFromScene(view.panel.scene_position(column, 0.5))
        colors = {
            QColor(picture.pixel(int((edge.x() + dx) * ratio), int(edge.y() * ratio))).getRgb()[:3]
            for dx in range(4)
        }
        assert cluster_rgb(color_id) in colors
    assert 0.5 + view.matrix.column_of(9) in view.panel.x_axis.shown()[0]


# Pointer, keys ---------------------------------------------------------------------------------


def test_that_hover_tells_what_the_two_share_and_leaving_the_summary(show, scored):
    view = show(scored)
    move(view.plot.viewport(), center(view, "b", 7))
    assert view.status == (
        "unit b · cluster 7: agreement 0.94, 30 matched of 30 true and 32 sorted · 0.072 by chance"
    )
    leave(view.plot)
    assert view.status == summary(scored.scores)


def test_that_the_summary_counts_units_false_clusters_and_accuracy(scored):
    accuracy = (30 / 32 + 12 / 20) / 3
    assert summary(scored.scores) == (
        f"3 units: 1 well detected · 1 split · 1 missed; 1 false cluster; "
        f"mean accuracy {accuracy:.2f}"
    )


def test_that_v_cycles_the_values_and_the_status_names_them(show, qtbot, scored):
    view = show(scored)
    seen = []
    for _ in range(4):
        view.show_next_value()
        settle(qtbot, view)
        seen.append(view.matrix.value)
    assert seen == ["recall", "precision", "counts", "agreement"]
    view.show_previous_value()
    settle(qtbot, view)
    assert view.matrix.value == "counts"
    assert view.status.startswith("counts · 3 units")
    move(view.plot.viewport(), center(view, "b", 7))
    assert "30 matched" in view.status


def test_that_a_setting_nobody_knows_counts_as_agreement(show, scored):
    settings = SettingsFile("odd", persistent=False)
    settings.set("view.agreement", {"value": "nonsense"})
    view = show(scored, stored=settings)
    assert view.matrix.value == "agreement"
    view.show_next_value()
    assert view.settings.value == "recall"


def test_that_no_key_is_declared_twice_and_every_slot_exists():
    keys = [key for action in AgreementView.actions_declared for key in action.keys]
    assert len(keys) == len(set(keys))
    for action in AgreementView.actions_declared:
        assert callable(getattr(AgreementView, action.slot))


def test_that_zoom_stays_while_selecting_and_fit_shows_everything(show, qtbot):
    session = large_session(40, 60)
    view = show(session)
    wheel(view.plot.viewport(), (300, 200), 4)
    zoomed = view.panel.x_range
    assert zoomed[1] - zoomed[0] < 30
    session.select_clusters((3, 4))
    view.show_next_value()
    settle(qtbot, view)
    assert view.panel.x_range == zoomed
    view.fit()
    assert view.panel.x_range == (0, 60)
    wheel(view.plot.viewport(), (300, 200), 4)
    double_click(view.plot.viewport(), (300, 200))
    assert view.panel.x_range == (0, 60)
    # Further out there is nothing.
    wheel(view.plot.viewport(), (300, 200), -4)
    assert view.panel.x_range == pytest.approx((0, 60))


# States and sizes ------------------------------------------------------------------------------


def test_that_without_truth_it_says_how_to_give_one(show):
    session = make_session(CLUSTERS)
    assert AgreementView.missing(session) == NO_TRUTH
    view = show(session)
    assert view._message.isVisible()
    assert view._message.text() == NO_TRUTH


def test_that_it_waits_for_the_scores(show, qtbot):
    session = make_session(CLUSTERS, UNITS)
    view = show(session)
    assert view._message.text() == "Scoring …"
    score(session)
    settle(qtbot, view)
    assert view.plot.isVisible()
    assert view.status.startswith("3 units: ")


def test_that_new_scores_replace_the_old_matrix(show, qtbot):
    session = make_session(CLUSTERS, UNITS)
    score(session)
    view = show(session)
    other = make_session({1: TRUE_A}, {"a": TRUE_A})
    session.set_scores(score(other))
    settle(qtbot, view)
    assert view.matrix.shape == (1, 1)
    assert view.panel.x_range == (0, 1)


def test_that_a_truth_without_units_is_told(show):
    session = make_session(CLUSTERS, {})
    score(session)
    assert show(session)._message.text() == "The ground truth has no units."


@pytest.mark.parametrize("shape", [(1, 1), (24, 21), (300, 800)])
@pytest.mark.parametrize("size", [(300, 200), (900, 600)])
def test_that_labels_do_not_overlap_and_there_are_no_margins(show, qtbot, shape, size):
    session = large_session(*shape)
    view = show(session, size)
    last = max(session.clustering.cluster_ids)
    session.select_match(f"neuron_{shape[0] - 1}", (0, last))
    settle(qtbot, view)
    for axis in (view.panel.x_axis, view.panel.y_axis):
        assert axis.shown()[1]
        rects = axis.text_rects()
        inner = [r.adjusted(0.5, r.height() * 0.1, -0.5, -r.height() * 0.1) for r in rects]
        assert not [1 for a, b in itertools.combinations(inner, 2) if a.intersects(b)]
    box = view.panel.box.rect()
    assert view.panel.to_pixels(0, 0) == QPointF(0, 0)
    assert view.panel.to_pixels(shape[1], shape[0]) == QPointF(box.width(), box.height())
    assert box.width() > 0.6 * size[0]
    assert box.height() > 0.65 * size[1]
    assert not view.grab().isNull()
