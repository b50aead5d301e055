"""Curves of recall, precision and accuracy: values, dots, keys, states."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from mouse import click, leave, move
from small_sessions import RATE_HZ, make_session, score

from gtview.data.ground_truth import Motion
from gtview.session.session import Session
from gtview.session.truth_curves import compute_collisions, compute_spike_curve, compute_unit_curve
from gtview.views.match_view import NO_TRUTH
from gtview.views.truth_curves import SHOWN, TruthCurvesView
from gtview.views.truth_curves_compute import QUANTITIES, axis_title, why_not
from gtview.views.wording import TRUTH_IS_HIDDEN

DURATION = 300_000


@pytest.fixture
def session():
    """Six units of rising rate; those with an odd number lose a third of their spikes."""
    rng = np.random.default_rng(2)
    units, clusters = {}, {}
    for k in range(6):
        train = np.sort(rng.choice(DURATION // 12, 60 * (k + 1), replace=False)) * 12 + k
        units[f"n{k}"] = train
        clusters[k] = train if k % 2 == 0 else train[np.arange(len(train)) % 3 > 0]
    made = make_session(clusters, units, duration_s=DURATION / RATE_HZ)
    times = np.linspace(0, DURATION / RATE_HZ, 20)
    truth = replace(
        made.truth,
        locations_um=np.c_[np.zeros(6), np.linspace(0, 500, 6)],
        motion=Motion(times, np.array([250.0]), 5 * np.sin(times)[:, None]),
    )
    session = Session(replace(made._opened, truth=truth))
    score(session)
    return session


@pytest.fixture
def view(shower, session):
    return shower(TruthCurvesView, session, (600, 400), quantity="rate")


def at_dot(view, k):
    dots = view.dots.dots
    point = view.plot.mapFromScene(view.panel.scene_position(dots.x[k], dots.y[k]))
    return point.x(), point.y()


def test_that_bins_of_units_are_those_of_the_session(view, session):
    truth = session.truth_access.current
    rates = truth.facts.truth.unit_sizes / truth.facts.duration_s
    wanted = compute_unit_curve(truth, rates, 8)
    (shown,) = view.curves.curves
    assert shown.edges.tolist() == wanted.edges.tolist()
    assert np.array_equal(shown.values, wanted.recall.value, equal_nan=True)
    assert np.array_equal(shown.low, wanted.recall.low, equal_nan=True)
    assert np.array_equal(shown.high, wanted.recall.high, equal_nan=True)
    assert view.dots.dots.x.tolist() == rates.tolist()
    assert view.dots.dots.y.tolist() == [u.recall for u in session.scores.units]


@pytest.mark.parametrize("quantity", ["time", "displacement"])
def test_that_bins_of_spikes_are_those_of_the_session(view, session, shower, quantity):
    shower.change(view, quantity=quantity, measure="precision")
    wanted = compute_spike_curve(session.truth_access.current, quantity, 16)
    (shown,) = view.curves.curves
    assert shown.edges.tolist() == wanted.edges.tolist()
    assert np.array_equal(shown.values, wanted.precision.value, equal_nan=True)
    assert view.dots.dots is None
    assert view.panel.x_axis.title == axis_title(quantity)


def test_that_of_colliding_spikes_recall_alone_is_told(view, session, shower):
    shower.change(view, quantity="collision lag", measure="accuracy")
    wanted = compute_collisions(session.truth_access.current, n_lags=9).by_lag()
    (shown,) = view.curves.curves
    assert np.array_equal(shown.values, wanted.value, equal_nan=True)
    assert view.panel.y_axis.title == "recall"
    assert "accuracy cannot be told" in view.status


def test_that_all_three_have_a_legend(view, shower):
    shower.change(view, measure="all")
    assert [c.name for c in view.curves.curves] == ["recall", "precision", "accuracy"]
    assert view.dots.dots is None


def test_that_a_click_on_a_dot_selects_the_unit(view, session, shower):
    click(view.plot.viewport(), at_dot(view, 3))
    state = session.selection.state
    assert (state.unit_id, state.cluster_ids) == ("n3", (3,))
    assert view.dots.chosen == 3
    session.select_unit("n5")
    assert view.dots.chosen == 5
    before = session.selection.state
    point = view.plot.mapFromScene(view.panel.scene_position(view.dots.dots.x[3], 0.2))
    click(view.plot.viewport(), (point.x(), point.y()))
    assert session.selection.state is before
    shower.settle(view)


def test_that_units_that_are_not_well_detected_are_hollow(view, session):
    is_good = [u.category == "well_detected" for u in session.scores.units]
    assert view.dots.dots.is_hollow.tolist() == [not good for good in is_good]
    assert any(is_good)
    assert not all(is_good)


def test_that_the_pointer_tells_units_and_bins(view):
    move(view.plot.viewport(), at_dot(view, 3))
    assert view.status.startswith("unit n3, ")
    assert "recall 0.67" in view.status
    edges = view.result.edges
    point = view.plot.mapFromScene(view.panel.scene_position((edges[0] + edges[1]) / 2, 0.3))
    move(view.plot.viewport(), (point.x(), point.y()))
    assert view.status.startswith(f"rate {edges[0]:.4g} to {edges[1]:.4g}")
    assert "1 unit" in view.status
    leave(view.plot)
    assert view.status == view.summary()


def test_that_keys_go_through_what_is_known(view, session, shower):
    known = [q for q in QUANTITIES if not why_not(session.truth, q, has_raw=False)]
    assert known == ["rate", "depth", "displacement", "time", "collision lag"]
    seen = []
    for _ in range(len(known)):
        seen.append(view.settings.quantity)
        view.show_next_quantity()
    assert seen == known
    assert view.settings.quantity == "rate"
    view.show_previous_quantity()
    assert view.settings.quantity == known[-1]
    shown = []
    for _ in SHOWN:
        shown.append(view.settings.measure)
        view.show_next_measure()
    assert tuple(shown) == SHOWN
    view.take_more_bins()
    assert view.settings.n_bins == 9
    view.take_fewer_bins()
    assert view.settings.n_bins == 8
    shower.settle(view)


def test_that_it_says_what_the_truth_lacks(session, shower):
    view = shower(TruthCurvesView, session)
    assert view._message.text() == "The ground truth has no templates."
    view.show_next_quantity()
    shower.settle(view)
    assert view.result is not None


def test_that_it_needs_a_truth_that_is_not_hidden(session, shower):
    assert TruthCurvesView.missing(make_session({1: [5, 9]})) == NO_TRUTH
    view = shower(TruthCurvesView, session, (300, 200), quantity="depth")
    assert not view.grab().isNull()
    session.set_blind(True)
    shower.settle(view)
    assert view._message.text() == TRUTH_IS_HIDDEN
