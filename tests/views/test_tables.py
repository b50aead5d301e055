"""The three tables as projections of one session."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from factories import make_phy_folder, write_table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mouse import CTRL, NONE, click
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from gtview.base.settings import SettingsFile
from gtview.data.ground_truth import GroundTruth
from gtview.qt.compute import ComputePool
from gtview.qt.theme import ThemeKeeper, cluster_color
from gtview.session.events import SelectionChanged
from gtview.session.open import open_dataset
from gtview.session.scoring import score
from gtview.session.session import Session
from gtview.views.base import ViewContext
from gtview.views.cluster_table import ClusterTableView
from gtview.views.similarity_table import SimilarityTableView
from gtview.views.unit_table import UnitTableView

N_CLUSTERS = 12
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables") / "export"
    made = make_phy_folder(folder, n_spikes=2000, n_clusters=N_CLUSTERS)
    write_table(folder / "cluster_group.tsv", {"group": {0: "good", 1: "mua", 2: "noise"}})
    trains = [made.spike_samples[made.spike_clusters == c] for c in (3, 5, 8)]
    offsets = np.cumsum([0, *(len(t) for t in trains)])
    samples = np.concatenate(trains).astype(np.int64)
    truth = GroundTruth(folder, (30, 50, 80), 30_000.0, samples, offsets)
    return replace(open_dataset(folder), truth=truth)


@pytest.fixture
def context(qtbot, opened):
    themes, pool = ThemeKeeper("dark"), ComputePool()
    themes.apply()
    session = Session(opened)
    session.set_scores(score(opened))
    yield ViewContext(session, pool, themes, SettingsFile("views"))
    pool.close()


@pytest.fixture
def show(qtbot, context):
    views = []

    def make(kind, context=context):
        view = kind(context)
        qtbot.addWidget(view)
        view.resize(500, 400)
        view.show()
        views.append(view)
        settle(qtbot, view)
        return view

    yield make
    for view in views:
        view.close_view()


def settle(qtbot, view) -> None:
    qtbot.waitUntil(lambda: view.is_settled, timeout=10_000)


def click_id(view, row_id, modifiers=NONE) -> None:
    table = view.table
    row = table.rows.row_of(row_id)
    table._scroll_to_row(row)
    at = 12.0, table.rowViewportPosition(row) + table.row_height / 2
    click(table.viewport(), at, modifiers=modifiers)


def test_that_clusters_are_sorted_by_spikes_at_first(show, context):
    view = show(ClusterTableView)
    sizes = [context.session.clustering.n_spikes_of(i) for i in view.table.rows.shown_ids]
    assert len(sizes) == N_CLUSTERS
    assert sizes == sorted(sizes, reverse=True)
    assert view.status == "12 of 12"


def test_that_a_click_selects_the_cluster_everywhere(show, context, qtbot):
    view, other = show(ClusterTableView), show(ClusterTableView)
    click_id(view, 7)
    click_id(view, 3, CTRL)
    assert context.session.selection.state.cluster_ids == (7, 3)
    qtbot.waitUntil(lambda: other.table.selected_ids == [7, 3])
    assert view.color_of(7) == cluster_color(0)
    assert view.color_of(3) == cluster_color(1)


def test_that_a_selection_from_elsewhere_is_shown(show, context, qtbot):
    view = show(ClusterTableView)
    n_drawn = view.n_drawn
    context.session.select_clusters([4, 9])
    qtbot.waitUntil(lambda: view.n_drawn > n_drawn)
    assert view.table.selected_ids == [4, 9]
    assert view.status == "12 of 12 \N{MIDDLE DOT} 2 selected"


def test_that_one_click_tells_one_change(show, context):
    view, seen = show(ClusterTableView), []

    def note(event):
        seen.append(event.after.cluster_ids)

    context.session.bus.subscribe(SelectionChanged, note)
    click_id(view, 2)
    assert seen == [(2,)]


def test_that_one_alone_ends_the_comparison_and_more_keep_it(show, context):
    view = show(ClusterTableView)
    selection = context.session.selection
    context.session.select_clusters([3], [5])
    view.draw(view.table.rows.table)
    click_id(view, 7, CTRL)
    assert (selection.state.cluster_ids, selection.state.similar_ids) == ((3, 7), (5,))
    click_id(view, 7)
    assert (selection.state.cluster_ids, selection.state.similar_ids) == ((7,), ())


def test_that_similar_clusters_are_listed_and_chosen(show, context, qtbot):
    view = show(SimilarityTableView)
    assert view.table.rows.rowCount() == 0
    context.session.select_clusters([5, 3])
    settle(qtbot, view)
    assert view.windowTitle() == "Similar to 3"
    similarity = view.table.rows.table.column("similarity").values
    assert view.table.rows.rowCount() == N_CLUSTERS - 1
    assert (np.diff(similarity) <= 0).all()
    first = view.table.rows.id_at(0)
    click_id(view, first)
    state = context.session.selection.state
    assert (state.cluster_ids, state.similar_ids) == ((5, 3), (first,) if first != 5 else ())


def test_that_choosing_a_similar_cluster_keeps_the_list_as_it_stands(show, context, qtbot):
    view = show(SimilarityTableView)
    context.session.select_clusters([3])
    settle(qtbot, view)
    view.table.sort_by("spikes", descending=False)
    order = view.table.rows.shown_ids
    click_id(view, order[4])
    click_id(view, order[6], CTRL)
    settle(qtbot, view)
    assert view.table.rows.shown_ids == order
    assert context.session.selection.state.similar_ids == (order[4], order[6])


def test_that_a_unit_brings_its_best_cluster(show, context):
    view = show(UnitTableView)
    assert view.table.rows.shown_ids == [30, 50, 80]
    click_id(view, 50)
    state = context.session.selection.state
    assert (state.unit_id, state.cluster_ids) == (50, (5,))
    click_id(view, 80, SHIFT)  # one unit is looked at
    assert context.session.selection.state.unit_id == 80
    assert view.table.selected_ids == [80]
    click_id(view, 80, CTRL)
    assert context.session.selection.state.unit_id is None
    assert view.table.selected_ids == []


def test_that_the_unit_table_asks_for_a_truth(show, context, opened):
    session = Session(replace(opened, truth=None))
    view = show(UnitTableView, replace(context, session=session))
    assert "no ground truth" in UnitTableView.missing(session)
    assert view.is_settled


# The filter ------------------------------------------------------------------------------------


def test_that_the_filter_shows_some_rows_and_counts_them(show, context, qtbot):
    view = show(ClusterTableView)
    qtbot.keyClicks(view.filter_line, "group == 'good' or id in (5, 7)")
    assert sorted(view.table.rows.shown_ids) == [0, 5, 7]
    assert view.status == "3 of 12"
    QTest.keyClick(view.filter_line, Qt.Key.Key_Escape)
    assert view.filter_line.text() == ""
    assert view.table.rows.rowCount() == N_CLUSTERS
    assert view.status == "12 of 12"


def test_that_a_selected_cluster_hidden_by_the_filter_stays_selected(show, context):
    view = show(ClusterTableView)
    click_id(view, 4)
    view.filter_line.setText("id == 5")
    assert context.session.selection.state.cluster_ids == (4,)
    assert view.status == "1 of 12 \N{MIDDLE DOT} 1 selected, hidden by the filter"
    click_id(view, 5, CTRL)
    assert context.session.selection.state.cluster_ids == (4, 5)
    view.show_selection()
    assert view.status.endswith("2 selected, 1 of them hidden by the filter")
    view.filter_line.clear()
    assert view.table.selected_ids == [4, 5]


def test_that_a_rejected_filter_keeps_the_rows_and_says_why(show, context):
    view = show(ClusterTableView)
    view.filter_line.setText("id in (1, 2)")
    view.filter_line.setText("id in (1, 2) and rat > 3")
    assert sorted(view.table.rows.shown_ids) == [1, 2]
    assert view.filter_line.property("invalid") is True
    assert "did you mean rate" in view.status
    assert "did you mean rate" in view.filter_line.toolTip()
    view.draw(view.table.rows.table)  # new numbers, the same rejected filter
    assert sorted(view.table.rows.shown_ids) == [1, 2]
    view.filter_line.setText("id in (1, 2) and rate >= 0")
    assert view.filter_line.property("invalid") is False
    assert view.status == "2 of 12"


def test_that_the_filter_holds_for_new_data(show, context, qtbot):
    view = show(ClusterTableView)
    view.filter_line.setText("accuracy > 0.9")
    assert sorted(view.table.rows.shown_ids) == [3, 5, 8]
    n_drawn = view.n_drawn
    context.session.set_scores(context.session.scores)
    qtbot.waitUntil(lambda: view.n_drawn > n_drawn)
    assert sorted(view.table.rows.shown_ids) == [3, 5, 8]


FILTERS = ("", "rate > 3", "id > 4 and id != 7", "good", "spikes > 100 or group == 'mua'", "id >")


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.integers(0, 7), st.booleans()),
            st.sampled_from(FILTERS),
        ),
        max_size=6,
    ),
    which=st.integers(0, 1000),
)
def test_that_the_row_that_shows_a_cluster_selects_it(view, steps, which):
    for step in steps:
        if isinstance(step, str):
            view.filter_line.setText(step)
        else:
            name = view.table.rows.table.names[step[0]]
            view.table.sort_by(name, descending=step[1])
    rows = view.table.rows
    if not rows.rowCount():
        return
    row = which % rows.rowCount()
    shown, spikes = (int(rows.index(row, i).data().replace(",", "")) for i in (0, 4))
    click_id(view, shown)
    assert rows.row_of(shown) == row
    assert view.session.selection.state.cluster_ids == (shown,)
    assert view.session.clustering.n_spikes_of(shown) == spikes


@pytest.fixture
def view(show):
    view = show(ClusterTableView)
    assert view.table.rows.table.names[4] == "spikes"
    return view


# Looks -----------------------------------------------------------------------------------------


def test_that_groups_have_their_colours_in_both_themes(view, context):
    for name in ("dark", "light"):
        context.themes.use(name)
        theme = context.themes.theme
        colors = [view.text_color_of(i) for i in range(4)]
        assert [c and c.name() for c in colors] == [theme.good, theme.mua, theme.noise, None]


def test_that_hidden_columns_are_remembered(view, show, qtbot):
    actions = {a.text(): a for a in view.table.header.menu().actions()}
    actions["precision"].setChecked(False)
    settle(qtbot, view)
    again = show(ClusterTableView, replace(view.context, settings=SettingsFile("views")))
    section = list(again.table.rows.table.names).index("precision")
    assert again.table.isColumnHidden(section)


def test_that_selecting_does_not_make_the_table_again(view, context, qtbot):
    table = view.table.rows.table
    context.session.select_clusters([3])
    settle(qtbot, view)
    assert view.table.selected_ids == [3]
    assert view.table.rows.table is table


def test_that_without_clusters_it_says_so(show, context, opened):
    from gtview.curation.clustering import Clustering

    clustering = Clustering(np.empty(0, np.int32))
    view = show(
        ClusterTableView, replace(context, session=Session(replace(opened, clustering=clustering)))
    )
    assert view.is_settled
    assert view._message.text() == "there are no clusters"
