"""Intervals and firing rates: what is counted, written, and done with keys and the mouse."""

from __future__ import annotations

import numpy as np
import pytest
from mouse import ALT, CTRL, LEFT, click, double_click, drag, leave, move, wheel
from PyQt6.QtGui import QColor
from small_sessions import make_session

from gtview.qt.theme import cluster_rgb, load_theme
from gtview.views.isi import IsiView, heights
from gtview.views.rate import RateView

RNG = np.random.default_rng(0)
TRAINS = {i: np.sort(RNG.integers(0, 100_000, 300 + 100 * i)) for i in range(3)}


@pytest.fixture
def session():
    made = make_session(TRAINS)
    made.select_clusters((2, 0))
    return made


def place(view, x, y):
    point = view.plot.mapFromScene(view.panel.scene_position(x, y))
    return point.x(), point.y()


def pixels(view):
    image = view.plot.grab().toImage()
    return {
        QColor(image.pixel(x, y)).getRgb()[:3]
        for x in range(0, image.width(), 2)
        for y in range(0, image.height(), 2)
    }


# Intervals -------------------------------------------------------------------------------------


def test_that_n_bins_of_all_intervals_are_shown_for_each_cluster(shower, session):
    view = shower(IsiView, session)
    for row, cluster_id in zip(view.stack.rows, (2, 0), strict=True):
        assert row.edges.tolist() == pytest.approx(np.arange(51.0))
        gaps = np.diff(TRAINS[cluster_id])
        expected = [np.count_nonzero((gaps >= 10 * k) & (gaps < 10 * k + 10)) for k in range(50)]
        assert row.values.tolist() == expected
    n = sum(len(TRAINS[i]) - 1 for i in (2, 0))
    n_long = sum(np.count_nonzero(np.diff(TRAINS[i]) >= 500) for i in (2, 0))
    assert view.status == f"1 ms bins · all {n} intervals · {n_long:,} longer than 50 ms"


def test_that_violations_are_counted_and_written(shower):
    # Two of four intervals are shorter than 2 ms; one is exactly 2 ms long.
    session = make_session({5: [1000, 1010, 1029, 1049, 5000], 6: [7]})
    session.select_clusters((5, 6))
    view = shower(IsiView, session)
    assert view.stack.rows[0].notes[0] == "2 of 4 < 2 ms, 50 % · max 2"
    assert view.stack.rows[1].notes == ("no intervals",)
    assert view.stack.line_x == 2.0
    shower.change(view, refractory_ms=2.1)
    assert view.stack.rows[0].notes[1] == "3 of 4 < 2.1 ms, 75 %"


def test_that_l_makes_time_logarithmic_and_back(shower, session):
    view = shower(IsiView, session)
    view.toggle_log()
    shower.settle(view)
    bins = view._shown.intervals.bins
    assert bins.is_log
    assert view.panel.x_range == pytest.approx(np.log10(bins.edges_ms[[0, -1]]))
    assert view.stack.line_x == pytest.approx(np.log10(2.0))
    texts = view.panel.x_axis.shown()[1]
    assert {"1", "10", "100"} <= set(texts)
    one = view._shown.intervals.clusters[0]
    widths = np.diff(np.log10(bins.edges_ms))
    assert (heights(one, bins) * widths).sum() == pytest.approx(
        one.counts.sum() * np.median(widths)
    )
    view.toggle_log()
    shower.settle(view)
    assert view.panel.x_range == pytest.approx((0, 50))


def test_that_ctrl_wheel_changes_the_range_and_alt_wheel_the_bins(shower, session):
    view = shower(IsiView, session)
    at = place(view, 25, 0.5)
    wheel(view.plot.viewport(), at, 1, CTRL)
    wheel(view.plot.viewport(), at, 1, ALT)
    shower.settle(view)
    assert (view.settings.longest_ms, view.settings.n_bins) == (100, 40)
    assert view.panel.x_range == pytest.approx((0, 100))
    assert view.status.startswith("2.5 ms bins")
    view.show_shorter()
    view.show_shorter()
    view.narrow_bins()
    shower.settle(view)
    assert (view.settings.longest_ms, view.settings.n_bins) == (20, 50)
    shower.change(view, is_log=True)
    view.show_longer()
    view.widen_bins()
    assert (view.settings.longest_log_ms, view.settings.longest_ms) == (100_000, 20)
    view.show_shorter()
    view.reset()
    shower.settle(view)
    assert (view.settings.longest_ms, view.settings.n_bins) == (50, 50)


def test_that_small_turns_add_up(shower, session):
    view = shower(IsiView, session)
    for _ in range(3):
        wheel(view.plot.viewport(), place(view, 25, 0.5), 0.25, CTRL)
    assert view.settings.longest_ms == 50
    wheel(view.plot.viewport(), place(view, 25, 0.5), 0.25, CTRL)
    assert view.settings.longest_ms == 100


def test_that_one_scale_is_that_of_the_largest(shower, session):
    view = shower(IsiView, session)
    most = [row.values.max() for row in view.stack.rows]
    assert view.stack.largest == tuple(most)
    view.toggle_uniform()
    shower.settle(view)
    assert view.stack.largest == (max(most),) * 2


def test_that_hover_tells_an_interval_and_leaving_the_summary(shower, session):
    view = shower(IsiView, session)
    summary = view.status
    move(view.plot.viewport(), place(view, 3.5, 1.5))
    count = np.count_nonzero((np.diff(TRAINS[0]) >= 30) & (np.diff(TRAINS[0]) < 40))
    assert view.status.startswith(f"0 · 3 to 4 ms · {count} interval")
    leave(view.plot)
    assert view.status == summary


def test_that_only_spikes_of_the_time_window_count(shower, session):
    view = shower(IsiView, session)
    session.selection.update(time_window_s=(2.0, 4.0))
    shower.settle(view)
    train = TRAINS[2]
    train = train[(train >= 20_000) & (train < 40_000)]
    assert view._shown.intervals.clusters[0].n_intervals == len(train) - 1
    assert "intervals, 2 to 4 s" in view.status


@pytest.mark.parametrize("kind", [IsiView, RateView])
def test_that_clusters_come_and_go_and_no_more_than_twenty_are_shown(shower, kind):
    session = make_session({i: np.arange(50) * (7 + i) for i in range(23)})
    view = shower(kind, session, (300, 200))
    assert view._message.text() == "select a cluster"
    for ids in (tuple(range(23)), (3,), (4, 5)):
        session.select_clusters(ids)
        shower.settle(view)
        assert len(view.stack.rows) == min(len(ids), 20)
        assert view.panel.y_range == (0, min(len(ids), 20))
        assert view.status.startswith("first 20 of 23 clusters") == (len(ids) > 20)
    session.select_clusters(())
    shower.settle(view)
    assert (view._message.isVisible(), view.status) == (True, "")


@pytest.mark.parametrize("kind", [IsiView, RateView])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_that_bars_have_the_colours_of_their_clusters_in_both_themes(shower, session, kind, theme):
    view = shower(kind, session, theme=theme)
    seen = pixels(view)
    assert {cluster_rgb(0), cluster_rgb(1)} <= seen
    assert QColor(load_theme(theme).plot).getRgb()[:3] in seen


@pytest.mark.parametrize("kind", [IsiView, RateView])
def test_that_no_key_is_declared_twice_and_every_slot_exists(kind):
    keys = [key for action in kind.actions_declared for key in action.keys]
    assert len(keys) == len(set(keys))
    for action in kind.actions_declared:
        assert callable(getattr(kind, action.slot))


# Rates -----------------------------------------------------------------------------------------


def test_that_rates_of_the_whole_recording_are_shown(shower, session):
    view = shower(RateView, session, bin_s=0.5)
    for row, cluster_id in zip(view.stack.rows, (2, 0), strict=True):
        times = TRAINS[cluster_id] / 10_000
        assert row.edges.tolist() == pytest.approx(np.arange(21) * 0.5)
        expected = [np.count_nonzero((times >= t) & (times < t + 0.5)) / 0.5 for t in row.edges]
        assert row.values.tolist() == pytest.approx(expected[:-1])
    mean, most = len(TRAINS[2]) / 10.0, view.stack.rows[0].values.max()
    assert view.stack.rows[0].notes[0] == f"mean {mean:.3g} Hz · max {most:.3g} Hz"
    assert view.status == "0.5 s bins · all 800 spikes"


def test_that_bins_are_chosen_by_the_length_and_stepped(shower, session):
    view = shower(RateView, session)
    assert view.status.startswith("0.05 s bins")
    wheel(view.plot.viewport(), place(view, 5, 0.5), 2, ALT)
    shower.settle(view)
    assert view.status.startswith("0.5 s bins")
    for _ in range(20):
        view.widen_bins()
    assert view.settings.bin_s == 2.0  # fewer than five bins show nothing
    view.narrow_bins()
    assert view.settings.bin_s == 1.0
    view.reset()
    assert view.settings.bin_s == 0.0


def test_that_a_chosen_time_is_marked_and_tells_its_own_mean(shower, session):
    view = shower(RateView, session, bin_s=0.5)
    viewport = view.plot.viewport()
    drag(viewport, place(view, 2.0, 0.5), place(view, 4.0, 1.5), LEFT, CTRL)
    window = session.selection.state.time_window_s
    assert window == pytest.approx((2.0, 4.0), abs=0.03)
    session.selection.update(time_window_s=(2.0, 4.0))
    shower.settle(view)
    assert view.time_axis.window.window_s == (2.0, 4.0)
    times = TRAINS[2] / 10_000
    n = np.count_nonzero((times >= 2) & (times < 4))
    assert view.stack.rows[0].notes[1] == f"mean {n / 2:.3g} Hz"
    assert len(view.stack.rows[0].values) == 20  # all of the recording is drawn
    assert "spikes, 2 to 4 s" in view.status
    double_click(viewport, place(view, 3.0, 0.5))
    assert session.selection.state.time_window_s is None


def test_that_alt_click_moves_the_trace_view_and_its_place_is_marked(shower, session):
    view = shower(RateView, session)
    before = view.n_drawn
    click(view.plot.viewport(), place(view, 6.0, 0.5), LEFT, ALT)
    start, stop = session.selection.state.trace_s
    assert (start + stop) / 2 == pytest.approx(6.0, abs=0.03)
    assert view.time_axis.trace.span == (start, stop)
    shower.settle(view)
    assert view.n_drawn == before


def test_that_zoom_in_time_stays_while_browsing(shower, session):
    view = shower(RateView, session)
    wheel(view.plot.viewport(), place(view, 5, 0.5), 4)
    zoomed = view.panel.x_range
    assert zoomed[1] - zoomed[0] < 9
    session.select_clusters((1, 2, 0))
    shower.settle(view)
    assert view.panel.x_range == zoomed
    assert view.panel.y_range == (0, 3)
    double_click(view.plot.viewport(), place(view, 5, 0.5))
    assert view.panel.x_range == pytest.approx((0, 10))


def test_that_hover_tells_time_count_and_rate(shower, session):
    view = shower(RateView, session, bin_s=0.5)
    move(view.plot.viewport(), place(view, 3.2, 0.5))
    times = TRAINS[2] / 10_000
    n = np.count_nonzero((times >= 3) & (times < 3.5))
    assert view.status == f"2 · 3 to 3.5 s · {n} spikes, {n / 0.5:.3g} Hz"
