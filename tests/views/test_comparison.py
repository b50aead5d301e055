"""The comparison of sortings: the table, bars in order, clicks, and what is told."""

from __future__ import annotations

import numpy as np
import pytest
from mouse import click, move
from small_sessions import make_session, score

from gtview.qt.theme import cluster_color
from gtview.views.comparison import ALONE, ComparisonView
from gtview.views.comparison_items import order_units

RNG = np.random.default_rng(1)
TRAINS = {i: np.sort(RNG.choice(90_000, 300, replace=False)) for i in range(4)}


@pytest.fixture
def session():
    """Units 0 to 3; the sorter has 2 and 3 in one, and a curator has 0 and 1 in one as well."""
    made = make_session(
        {0: TRAINS[0], 1: TRAINS[1], 2: np.sort(np.r_[TRAINS[2], TRAINS[3]])}, TRAINS
    )
    made.measurements.follow = lambda *_: None
    score(made)
    return made


def test_that_one_sorting_alone_says_how_to_add_another(shower, session):
    view = shower(ComparisonView, session, (700, 500))
    assert view.status == ALONE
    assert view.item.bars.values.shape == (4, 1)


def test_that_units_stand_by_accuracy_or_by_difference(shower, session):
    session.dataset.spike_templates[:] = 0  # before: everything was one cluster
    view = shower(ComparisonView, session, (700, 500))
    comparison = view.result.sortings
    assert len(comparison.summaries) == 2
    assert view.item.bars.unit_ids[:2] == (0, 1)
    values = view.item.bars.values[:, 0]
    assert values.tolist() == sorted(values, reverse=True)
    by_difference = order_units(comparison, "accuracy", "difference")
    spread = np.ptp(by_difference.values, axis=1)
    assert spread.tolist() == sorted(spread, reverse=True)
    view.next_order()
    shower.settle(view)
    assert view.item.bars.unit_ids == by_difference.unit_ids


def test_that_rows_have_the_colours_of_their_bars(shower, session):
    view = shower(ComparisonView, session, (700, 500))
    assert view.table.rows.color_of(0) == cluster_color(0)
    header, row = view.table_text("\t").strip().splitlines()
    assert header.split("\t")[1:5] == ["sorting", "accuracy", "recall", "precision"]
    assert float(row.split("\t")[2]) == pytest.approx(session.scores.mean_accuracy)


def test_that_a_click_selects_the_unit_and_its_cluster(shower, session):
    view = shower(ComparisonView, session, (700, 500))
    place = view.item.bars.place_of(1)
    at = view.panel.scene_position(place, 0.4)
    click(view.plot.viewport(), (at.x(), at.y()))
    assert session.selection.state.unit_id == 1
    assert session.selection.state.cluster_ids == (1,)
    assert view.item._chosen == place


def test_that_the_pointer_tells_what_each_sorting_has(shower, session):
    view = shower(ComparisonView, session, (700, 500))
    at = view.panel.scene_position(view.item.bars.place_of(0), 0.4)
    move(view.plot.viewport(), (at.x(), at.y()))
    assert view.status.startswith("unit 0")
    assert "1.00 (well detected, cluster 0)" in view.status


def test_that_other_measures_are_shown(shower, session):
    view = shower(ComparisonView, session, (700, 500))
    view.next_measure()
    shower.settle(view)
    assert view.panel.y_axis.title == "recall"
    assert np.nanmax(view.item.bars.values) == pytest.approx(1.0)


def test_that_a_hidden_truth_shows_nothing(shower, session):
    session.set_blind(True)
    view = shower(ComparisonView, session)
    assert ComparisonView.missing(session)
    assert view.result is None
    assert view.item.bars is None
