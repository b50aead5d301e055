"""Collisions: rates around missed spikes, the map, keys, states."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from mouse import leave, move
from small_sessions import RATE_HZ, make_session, score

from gtview.data.ground_truth import TrueTemplates
from gtview.qt.theme import load_theme
from gtview.session.lost_lags import compute_lost_lags, compute_unit_collisions
from gtview.session.session import Session
from gtview.views.collision_cells import VALUES, make_cells, short
from gtview.views.collisions import CollisionsView
from gtview.views.match_view import NO_TRUTH
from gtview.views.wording import TRUTH_IS_HIDDEN

DURATION = 200_000


@pytest.fixture
def session():
    """Unit a loses what is near to b, which shares its channel."""
    rng = np.random.default_rng(1)
    a, b = (np.sort(rng.choice(DURATION // 20, 400, replace=False)) * 20 + k for k in range(2))
    b[:120] = a[:120] + rng.integers(-8, 9, 120)
    b.sort()
    is_near = np.abs(a[:, None] - b[None]).min(axis=1) <= 8
    made = make_session({1: a[~is_near], 2: b}, {"a": a, "b": b}, duration_s=DURATION / RATE_HZ)
    waveforms = np.zeros((2, 10, 4), np.float32)
    waveforms[:, 4, 0] = -100
    waveforms[1, 6, 1] = -80
    truth = replace(made.truth, templates=TrueTemplates(waveforms, 4, None))
    session = Session(replace(made._opened, truth=truth))
    score(session)
    return session


@pytest.fixture
def view(shower, session):
    return shower(CollisionsView, session, (700, 350))


def curves(view):
    return {c.name: c for c in view.steps.curves}


def test_that_all_units_are_shown_until_one_is_selected(view, session, shower):
    assert view.status.startswith("all units")
    session.select_unit("a")
    shower.settle(view)
    truth = session.truth_access.current
    *_, lags = compute_lost_lags(truth, (0,), "neighbours")
    assert view.status.startswith(f"unit a \N{MIDDLE DOT} {lags.n_missed:,} missed")
    around = curves(view)[f"around {lags.n_missed:,} missed"]
    assert around.values.tolist() == lags.around_missed_hz.tolist()
    wanted = compute_unit_collisions(truth, 0)
    assert view.result.cells.map.rates.n.tolist() == wanted.rates.n.tolist()
    view.toggle_all()
    shower.settle(view)
    assert view.result.cells.map.rates.n.sum() > wanted.rates.n.sum()
    assert view.status.startswith("all units")


def test_that_the_spikes_around_are_those_of_neighbours_or_of_the_unit(view, session, shower):
    session.select_unit("a")
    view.show_next_partners()
    shower.settle(view)
    *_, lags = compute_lost_lags(session.truth_access.current, (0,), "same unit")
    around = curves(view)[f"around {lags.n_found:,} found"]
    assert around.values.tolist() == lags.around_found_hz.tolist()
    assert view.rates.y_axis.title == "found spikes, same unit (Hz)"
    view.show_next_partners()
    shower.settle(view)
    assert "neighbours" in view.rates.y_axis.title


def test_that_the_map_has_the_largest_similarity_uppermost(session):
    found = compute_unit_collisions(session.truth_access.current, 0)
    cells = make_cells(found, VALUES[0], load_theme("dark"))
    assert cells.values.tolist() == found.rates.n[::-1].tolist()
    assert cells.similarity_of(0)[1] == 1.0
    known = np.argwhere(cells.values > 0)
    for row, column in known:
        assert cells.recall(row, column) == found.rates.value[::-1][row, column]
        assert cells.levels[row, column] == round(255 * cells.recall(row, column))
        assert cells.text(row, column) == short(cells.values[row, column])
    empty = np.argwhere(cells.values == 0)[0]
    assert cells.colors[cells.levels[*empty]].tolist()[:3] == [18, 20, 24]
    assert cells.text(*empty) == ""


@pytest.mark.parametrize(
    ("n", "text"),
    [(7, "7"), (999, "999"), (1000, "1.0k"), (1234, "1.2k"), (34_200, "34k"), (5.64e6, "5.6M"),
     (999_700, "1.0M")],
)  # fmt: skip
def test_that_numbers_are_short(n, text):
    assert short(n) == text


def test_that_the_pointer_tells_the_numbers(view, session, shower):
    session.select_unit("a")
    shower.settle(view)
    cells = view.result.cells
    row, column = (int(v) for v in np.argwhere(cells.values > 0)[0])
    point = view.plot.mapFromScene(view.map.scene_position(column + 0.5, row + 0.5))
    move(view.plot.viewport(), (point.x(), point.y()))
    assert f"recall {cells.recall(row, column):.2f}" in view.status
    n = int(cells.values[row, column])
    assert f"of {n:,} colliding spike" in view.status
    point = view.plot.mapFromScene(view.rates.scene_position(0.0, 1.0))
    move(view.plot.viewport(), (point.x(), point.y()))
    assert "Hz around missed spikes" in view.status
    leave(view.plot)
    assert view.status == view.summary()


def test_that_keys_turn_the_number_in_the_map(view, shower):
    assert view.result.cells.value == VALUES[0]
    view.show_next_value()
    shower.settle(view)
    assert view.result.cells.value == VALUES[1]
    view.show_next_value()
    shower.settle(view)
    assert view.result.cells.value == VALUES[0]


def test_that_a_unit_that_loses_nothing_is_drawn(view, session, shower):
    session.select_unit("b")
    shower.settle(view)
    assert view.result.lags.n_missed == 0
    assert view.error is None
    assert not view.grab().isNull()


def test_that_it_needs_a_truth_that_is_not_hidden(session, shower):
    assert CollisionsView.missing(make_session({1: [5, 9]})) == NO_TRUTH
    view = shower(CollisionsView, session, (300, 200))
    session.set_blind(True)
    shower.settle(view)
    assert view._message.text() == TRUTH_IS_HIDDEN
