"""The correlogram view: units, logarithmic lags, and the selection as one cluster."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from mouse import ALT, CTRL, double_click, move, wheel
from small_sessions import make_session

from gtview.analysis.correlograms import LogLagBins
from gtview.views.correlogram import CorrelogramView
from gtview.views.correlogram_lags import lag_ticks
from gtview.views.correlogram_layout import lay_out

RNG = np.random.default_rng(0)
TRAINS = {i: np.sort(RNG.integers(0, 20_000, 60 + 5 * i)) for i in range(3)}


@pytest.fixture
def view(shower):
    session = make_session(TRAINS)
    session.select_clusters((2, 0, 1))
    return shower(CorrelogramView, session)


def test_that_u_cycles_counts_rate_and_ratio(shower, view):
    seen = []
    for _ in range(3):
        view.show_next_unit()
        shower.settle(view)
        seen.append(view._shown.values.unit)
    assert seen == ["rate", "ratio", "counts"]
    view.change(unit="nonsense")
    shower.settle(view)
    assert view._shown.values.unit == "counts"


def test_that_a_rate_is_per_spike_of_the_row_and_second(shower, view):
    shower.change(view, unit="rate", has_merged=True)
    shown = view._shown
    result, sizes = shown.correlograms, (70, 60, 65)
    for i, j in itertools.product(range(3), repeat=2):
        rate = result.counts[i, j] / (sizes[i] * 0.001)
        assert shown.values.values[i, j] == pytest.approx(rate)
        expected = (sizes[j] - (i == j)) / 10.0
        assert shown.values.expected[i, j] == pytest.approx(expected)
    assert shown.values.values[3, 3] == pytest.approx(result.merged.counts / (195 * 0.001))
    assert view.status.startswith("rate in Hz · 1 ms bins")


def test_that_a_ratio_is_relative_to_constant_rates(shower, view):
    shower.change(view, unit="ratio")
    shown = view._shown
    n_pairs = 70 * 69
    expected = shown.correlograms.counts[0, 0] / (n_pairs * 0.001 / 10.0)
    assert shown.values.values[0, 0] == pytest.approx(expected)
    assert shown.values.expected == pytest.approx(1.0)


def test_that_a_cluster_of_one_spike_has_no_ratio_and_is_drawn(shower):
    session = make_session({0: [100], 1: [5000, 9000]})
    session.select_clusters((0, 1))
    view = shower(CorrelogramView, session)
    for unit in ("rate", "ratio"):
        shower.change(view, unit=unit, has_merged=True)
        assert not view.grid.grab().isNull()
        assert view.error is None


def test_that_l_makes_lags_logarithmic_with_their_own_window_and_bins(shower, view):
    view.toggle_log()
    shower.settle(view)
    bins = view._shown.correlograms.bins
    assert isinstance(bins, LogLagBins)
    assert bins.reach_ms == 1000
    assert view.status == (
        f"{bins.n_half} logarithmic bins a side · 2000 ms window · all 195 spikes"
    )
    wheel(view.grid, (100, 100), -1, CTRL)
    wheel(view.grid, (100, 100), 2, ALT)
    shower.settle(view)
    assert (view.settings.log_window_ms, view.settings.bins_per_decade) == (1000, 5)
    assert (view.settings.window_ms, view.settings.bin_ms) == (100, 1)
    view.reset()
    assert (view.settings.log_window_ms, view.settings.bins_per_decade) == (2000, 10)
    view.toggle_log()
    shower.settle(view)
    assert view.status.startswith("1 ms bins")


def test_that_hover_tells_the_lags_of_a_logarithmic_bin(shower):
    # 12 ms apart, in both orders.
    session = make_session({3: [1000, 20_000], 5: [1120, 19_880]})
    session.select_clusters((3, 5))
    view = shower(CorrelogramView, session)
    shower.change(view, is_log=True)
    result = view._shown.correlograms
    place = np.flatnonzero(result.counts[0, 1])
    assert len(place) == 2
    assert place.sum() == result.bins.n_bins - 1
    box = view.grid.layout_now().bars_of(0, 1)
    for index, sign in zip(place, ("−", ""), strict=True):
        x = box.left + (index + 0.5) * box.width / result.bins.n_bins
        move(view.grid, (x, box.top + 5))
        low, high = view.status.split("lag ")[1].split(" ms")[0].split(" to ")
        assert low.startswith(sign)
        assert float(low.lstrip("−")) <= 12 < float(high.lstrip("−"))
        assert "1 pair ·" in view.status


def test_that_the_selection_as_one_cluster_is_shown_and_counted(shower, view):
    assert view.grid.layout_now().merged is None
    view.toggle_merged()
    shower.settle(view)
    result = view._shown.correlograms
    assert result.merged.counts.tolist() == result.counts.sum(axis=(0, 1)).tolist()
    assert result.merged.n_violations == sum(
        np.diff(np.sort(np.concatenate([*TRAINS.values()]))) < 20
    )
    assert "as one: " in view.status
    box = view.grid.layout_now().merged
    move(view.grid, (box.left + box.width / 2, box.top + box.height / 2))
    assert view.status.startswith("2 + 0 + 1 · lag ")
    double_click(view.grid, (box.left + box.width / 2, box.top + box.height / 2))
    assert view.grid.single is None
    view.session.select_clusters((1,))
    shower.settle(view)
    assert view.grid.layout_now().merged is None


@pytest.mark.parametrize("n", [2, 8, 20])
@pytest.mark.parametrize("size", [(90, 70), (300, 200), (900, 600)])
def test_that_the_merged_one_lies_beside_the_grid_and_in_the_widget(n, size):
    grid = lay_out(n, *size, 14.0, 20.0, 24.0, has_merged=True)
    if size == (90, 70):
        assert grid.merged is None
        return
    cell = grid.cell(n - 1, n - 1)
    box = grid.merged
    assert cell.left + cell.width <= box.left + 1
    assert box.left + box.width <= size[0]
    assert box.top >= 0
    assert box.top + box.height <= size[1]


@pytest.mark.parametrize("width", [30, 60, 120, 400])
def test_that_logarithmic_ticks_are_powers_of_ten_that_do_not_touch(width):
    bins = LogLagBins.nearest(10, 20_000.0, 30_000.0)
    values, texts = lag_ticks(bins, width, lambda text: 6.0 * len(text))
    places = bins.positions(values) * width / bins.n_bins
    halves = np.array([3.0 * len(text) for text in texts])
    places = np.clip(places, halves - width / 2, width / 2 - halves)
    assert (np.diff(places) > halves[1:] + halves[:-1]).all()
    exponents = np.log10([v for v in values if v > 0])
    assert exponents == pytest.approx(np.round(exponents))
    assert width < 120 or len(values) >= 3


def test_that_settings_describe_themselves_for_the_form():
    from gtview.qt.form import describe_fields

    fields = {field.name: field for field in describe_fields(CorrelogramView.Settings)}
    assert [value for value, _ in fields["unit"].choices] == ["counts", "rate", "ratio"]
    assert all(field.label for field in fields.values())
