"""The table of units: causes, recall over time, filter, thresholds, order of problems."""

from __future__ import annotations

import numpy as np
import pytest
from curating import make_export, open_session
from PyQt6.QtCore import QPoint, QRect, Qt
from PyQt6.QtGui import QColor, QImage, QPainter

from gtview.qt.table_cells import Sparklines, StackedBars
from gtview.scoring.cause_names import CAUSE_NAMES, Cause
from gtview.session.scoring import score, scoring_query
from gtview.session.truth_curves import compute_recall_over_time
from gtview.views.unit_rows import CAUSE, FEWEST_SPIKES, OVER_TIME
from gtview.views.unit_table import UnitTableView
from gtview.views.wording import TRUTH_IS_HIDDEN


@pytest.fixture
def session(tmp_path):
    """Pairs of clusters are one unit each; of unit 1 half of the spikes are moved away."""
    folder = make_export(tmp_path / "export", n_spikes=2000)
    truth = tmp_path / "ground_truth"
    truth.mkdir()
    times = np.load(folder / "spike_times.npy").ravel().astype(np.int64)
    units = np.load(folder / "spike_clusters.npy").ravel() // 2
    is_moved = (units == 1) & (np.arange(len(times)) % 2 == 0)
    times[is_moved] += 2000
    order = np.argsort(times, kind="stable")
    np.save(truth / "spike_times.npy", times[order])
    np.save(truth / "spike_units.npy", units[order])
    made = open_session(folder)
    yield made
    made.curation.keeping.close()


@pytest.fixture
def scored(session):
    session.set_scores(score(scoring_query(session)))
    return session


def table_of(view):
    return view.table.rows.table


def test_that_causes_and_recall_over_time_are_those_of_the_session(scored, shower):
    view = shower(UnitTableView, scored)
    truth = scored.truth_access.current
    causes, recall = truth.causes(), compute_recall_over_time(truth)
    table = table_of(view)
    assert table.row_ids == causes.unit_ids
    for k, unit_id in enumerate(causes.unit_ids):
        assert view.bars.shares[unit_id].tolist() == causes.shares()[k].tolist()
        assert sum(view.bars.shares[unit_id]) == pytest.approx(1)
        main = causes.main_cause(k)
        word = None if main is None else CAUSE_NAMES[main]
        assert table.column(CAUSE).values[k] == word
        assert np.array_equal(view.lines.curves[unit_id], recall.of(k), equal_nan=True)
        enough = recall.rates.n[k] >= FEWEST_SPIKES
        lowest = recall.of(k)[enough].min() if enough.any() else np.nan
        assert table.column(OVER_TIME).values[k] == pytest.approx(lowest, nan_ok=True)
    assert table.column(CAUSE).values[1] is not None


def test_that_causes_follow_when_the_sizes_of_the_spikes_are_measured(scored, shower):
    view = shower(UnitTableView, scored)
    truth = scored.truth_access.current
    assert "sizes" in view.table.rows.tip_of(1, CAUSE)
    before = truth.causes()
    n_lost = before.counts[1, Cause.UNEXPLAINED]
    is_lost = before.causes == Cause.UNEXPLAINED
    truth.facts.sizes = np.where(is_lost, 0.5, 1.0).astype(np.float32)
    scored.truth_access.tell_sizes()
    shower.settle(view)
    assert "sizes" not in view.table.rows.tip_of(1, CAUSE)
    counts = truth.causes().counts[1]
    assert counts[Cause.LOW_AMPLITUDE] == n_lost > 0
    assert counts[Cause.UNEXPLAINED] == 0
    assert view.bars.shares[1].tolist() == truth.causes().shares()[1].tolist()


def test_that_the_tooltip_of_a_bar_counts_what_occurs(scored, shower):
    view = shower(UnitTableView, scored)
    counts = scored.truth_access.current.causes().counts[1]
    tip = view.table.rows.tip_of(1, CAUSE)
    for cause in Cause:
        assert (CAUSE_NAMES[cause] + "<" in tip) == bool(counts[cause])
    index = view.table.rows.index(view.table.rows.row_of(1), table_of(view).names.index(CAUSE))
    assert view.table.rows.data(index, Qt.ItemDataRole.ToolTipRole) == tip
    assert "recall" in view.table.rows.tip_of(1, OVER_TIME)
    assert view.table.rows.tip_of(1, "recall") == ""


def test_that_units_are_there_before_they_are_scored(session, shower):
    view = shower(UnitTableView, session)
    assert len(table_of(view).row_ids) == session.truth.n_units
    assert set(table_of(view).column(CAUSE).values) == {None}
    assert not view.bars.shares
    names = table_of(view).names
    session.set_scores(score(scoring_query(session)))
    shower.settle(view)
    assert table_of(view).names == names
    assert view.bars.shares


def test_that_a_filter_finds_categories_and_causes(scored, shower):
    view = shower(UnitTableView, scored)
    word = table_of(view).column(CAUSE).values[1]
    view.show_filter(f"cause == '{word}'")
    assert 1 in view.table.rows.shown_ids
    view.show_filter("recall > 2")
    assert view.table.rows.shown_ids == []
    assert f"0 of {scored.truth.n_units} units" in view.status
    assert view.problem_of_filter("recall >") != ""


def test_that_the_slider_judges_every_unit_anew_at_once(scored, shower):
    view = shower(UnitTableView, scored)
    before = scored.scores
    states = scored.truth_access.current.known_states
    view.change(tolerance=0.5)
    assert scored.thresholds.large == 0.5
    assert scored.scores is not before
    assert scored.scores.thresholds == scored.thresholds
    assert scored.truth_access.current.known_states is states, "no spike is matched again"
    shower.settle(view)
    shown = table_of(view).column("category").values.tolist()
    assert shown == [u.category.replace("_", " ") for u in scored.scores.units]
    view.change(tolerance=0.2)
    shower.settle(view)
    assert [u.category for u in scored.scores.units] == [u.category for u in before.units]


def test_that_a_remembered_threshold_holds_from_the_start(session, shower):
    shower(UnitTableView, session, tolerance=0.35)
    assert session.thresholds.large == 0.35
    assert session.thresholds.good == pytest.approx(0.65)


def test_that_problems_follow_the_rows_in_sight(scored, shower):
    view = shower(UnitTableView, scored)
    view.table.sort_by("spikes", descending=True)
    assert scored.problems.unit_ids() == view.table.rows.shown_ids
    view.show_filter("id == 1")
    assert scored.problems.unit_ids() == [1]
    scored.problems.go(1)
    shower.settle(view)
    assert view.table.selected_ids == [1]
    view.hide()
    assert scored.problems.unit_ids() == list(scored.truth.unit_ids)
    view.close_view()
    view.show()
    assert scored.problems.unit_ids() == list(scored.truth.unit_ids)


def test_that_nothing_of_a_hidden_truth_is_shown(scored, shower):
    view = shower(UnitTableView, scored)
    scored.set_blind(True)
    shower.settle(view)
    assert view._message.text() == TRUTH_IS_HIDDEN
    assert view._stack.currentWidget() is view._message


# Painted cells -----------------------------------------------------------------------------------


def painted(painter_of_cells, row_id, width=200):
    image = QImage(width, 22, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    painter = QPainter(image)
    painter_of_cells.paint(painter, QRect(0, 0, width, 22), row_id, QColor("white"))
    painter.end()
    return image


def colours(image, y, x0, x1):
    return [image.pixelColor(QPoint(x, y)).name() for x in range(x0, x1)]


def test_that_a_bar_has_parts_as_long_as_their_shares():
    bars = StackedBars([QColor("#ff0000"), QColor("#00ff00"), QColor("#0000ff")], bar_px=100)
    bars.shares = {"a": np.array([0.5, 0.0, 0.5]), "b": np.array([0.0, 0.999, 0.001])}
    row = colours(painted(bars, "a"), 11, 6, 106)
    assert row == ["#ff0000"] * 50 + ["#0000ff"] * 50
    assert "#0000ff" in colours(painted(bars, "b"), 11, 6, 108), "what is there is seen"
    assert set(colours(painted(bars, "none"), 11, 0, 200)) == {"#000000"}


def test_that_a_sparkline_has_gaps_where_nothing_is_known():
    lines = Sparklines(QColor("#ff0000"), QColor("#000000"))
    values = np.concatenate([np.full(30, 1.0), np.full(30, np.nan), np.full(30, 0.0)])
    lines.curves = {"a": values, "b": np.full(90, np.nan)}
    image = painted(lines, "a")
    is_red = np.array(
        [[image.pixelColor(x, y).red() > 100 for x in range(200)] for y in range(22)]
    )
    assert is_red[:8, 10:66].any(axis=0).all()
    assert not is_red[:, 78:122].any()
    assert is_red[14:, 134:190].any(axis=0).all()
    assert not is_red[14:, 10:66].any()
    assert set(colours(painted(lines, "b"), 4, 0, 200)) == {"#000000"}
