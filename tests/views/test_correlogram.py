"""The correlogram view: what it counts, how it is laid out, gestures, states."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mouse import ALT, CTRL, double_click, leave, move, wheel
from PyQt6.QtGui import QColor
from showing import settle
from small_sessions import RATE_HZ, make_session

from gtview.analysis.train_query import MAX_CLUSTERS
from gtview.base.settings import SettingsFile
from gtview.qt.theme import cluster_rgb, load_theme
from gtview.views.correlogram import CorrelogramView
from gtview.views.correlogram_layout import Box, bars, lay_out
from gtview.views.correlogram_text import violation_text

BIN = 10  # samples in 1 ms


def random_trains(n_clusters, n_spikes=60, seed=0):
    rng = np.random.default_rng(seed)
    return {int(i): np.sort(rng.integers(0, 20_000, n_spikes + 5 * i)) for i in range(n_clusters)}


@pytest.fixture
def show(shower):
    """Return a function that shows the view of a session, and waits until it is drawn."""

    def make(session, size=(600, 500), **looks):
        return shower(CorrelogramView, session, size, **looks)

    return make


def slow_counts(first, second, n_half, is_same):
    """Count pairs one by one in bins centred on multiples of the bin, mirrored around 0."""
    counts = np.zeros(2 * n_half + 1, int)
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            if is_same and i == j:
                continue
            lag = int(b) - int(a)
            k = int((abs(lag) + BIN / 2) // BIN)
            if k <= n_half:
                counts[n_half + (k if lag >= 0 else -k)] += 1
    return counts


# What is counted -------------------------------------------------------------------------------


def test_that_all_pairs_of_the_selection_are_counted_exactly(show):
    trains = random_trains(3)
    session = make_session(trains)
    session.select_clusters((2, 0), (1,))
    view = show(session)
    result = view._shown.correlograms
    assert result.cluster_ids == (2, 0, 1)
    for (i, a), (j, b) in itertools.product(enumerate(result.cluster_ids), repeat=2):
        assert (
            result.counts[i, j].tolist() == slow_counts(trains[a], trains[b], 50, a == b).tolist()
        )
    assert view.status == "1 ms bins · 100 ms window · all 195 spikes"


def test_that_the_centre_bin_holds_both_orders(show):
    # Cluster 1 fires 0.3 ms after cluster 0 twice, and 0.3 ms before it once.
    session = make_session({0: [1000, 2000, 3000], 1: [1003, 2003, 2997]})
    session.select_clusters((0, 1))
    counts = show(session)._shown.correlograms.counts
    assert counts[0, 1, 50] == 3
    assert counts[1, 0, 50] == 3


def test_that_only_spikes_of_the_time_window_count(show, qtbot):
    trains = random_trains(2)
    session = make_session(trains, duration_s=2.0)
    session.select_clusters((0, 1))
    view = show(session)
    session.selection.update(time_window_s=(0.5, 1.5))
    settle(qtbot, view)
    result = view._shown.correlograms
    part = [t[(t >= 5_000) & (t < 15_000)] for t in trains.values()]
    assert result.counts[0, 1].tolist() == slow_counts(*part, 50, False).tolist()
    assert result.expected[0, 1] == pytest.approx(len(part[0]) * len(part[1]) * 0.001 / 1.0)
    n = len(part[0]) + len(part[1])
    assert view.status == f"1 ms bins · 100 ms window · {n} spikes, 0.5 to 1.5 s"


def test_that_more_clusters_than_can_be_read_are_left_out_and_told(show):
    session = make_session(random_trains(23, 20))
    session.select_clusters(range(23))
    view = show(session)
    assert len(view._shown.correlograms.cluster_ids) == MAX_CLUSTERS
    assert view.status.startswith("first 20 of 23 clusters · ")


def test_that_nothing_selected_asks_for_a_cluster(show, qtbot):
    session = make_session(random_trains(2))
    view = show(session)
    assert view._message.isVisible()
    assert view._message.text() == "select a cluster"
    session.select_clusters((1,))
    settle(qtbot, view)
    assert view.grid.isVisible()
    session.select_clusters(())
    settle(qtbot, view)
    assert view._message.isVisible()
    assert view.status == ""


def test_that_a_cluster_of_one_spike_is_drawn(show):
    session = make_session({0: [100], 1: [5000, 9000]})
    session.select_clusters((0, 1))
    view = show(session)
    assert view.error is None
    assert violation_text(view._shown.correlograms, 0) == ""
    assert not view.grid.grab().isNull()


# Layout ----------------------------------------------------------------------------------------


@given(
    counts=st.lists(st.integers(0, 50), min_size=1, max_size=120),
    width=st.integers(1, 200),
    height=st.integers(1, 90),
)
def test_that_bars_show_the_largest_count_of_each_pixel(counts, width, height):
    box = Box(7, 3, width, height)
    largest = max(max(counts), 1)
    owners, made = bars(
        np.array([counts]), np.array([float(largest)]), np.array([[7, 3, width, height]], float)
    )
    assert np.all(owners == 0)
    seen = np.zeros(width, int)  # height of the bar at each column of pixels
    for left, top, wide, tall in made:
        assert left == round(left) >= box.left
        assert left + wide <= box.left + box.width
        assert top + tall == box.top + box.height
        columns = slice(int(left - 7), int(left - 7 + wide))
        seen[columns] = np.maximum(seen[columns], tall)
    # The bar of every count is there, as high as its count says or higher (a pixel shared).
    for k, count in enumerate(counts):
        pixel = min(int(k * width / len(counts)), width - 1)
        near = seen[max(0, pixel - 1) : pixel + 2].max()
        assert near >= min(height, np.ceil(count * height / largest)) or count == 0
    assert seen.max() <= height
    assert (seen > 0).any() == any(counts)


def test_that_bars_of_one_bin_each_are_as_high_as_their_counts():
    counts = np.array([[0, 1, 2, 4], [8, 0, 0, 1]])
    boxes = np.array([[0, 0, 40, 100], [50, 20, 40, 100]], float)
    owners, made = bars(counts, np.array([4.0, 8.0]), boxes)
    assert owners.tolist() == [0, 0, 0, 1, 1]
    assert made.tolist() == [
        [10, 75, 9, 25],
        [20, 50, 9, 50],
        [30, 0, 9, 100],
        [50, 20, 9, 100],
        [80, 107, 9, 13],
    ]


@pytest.mark.parametrize("n", [1, 2, 8, 20])
@pytest.mark.parametrize("size", [(90, 70), (300, 200), (900, 600)])
def test_that_cells_do_not_overlap_and_are_found_again(n, size):
    grid = lay_out(n, *size, 14.0, 20.0, 24.0)
    cells = {(i, j): grid.cell(i, j) for i in range(n) for j in range(n)}
    for (i, j), cell in cells.items():
        assert cell.width >= 1
        assert cell.height >= 1
        if cell.width > 2 and cell.height > 2:
            assert grid.cell_at(cell.left + 1, cell.top + 1) == (i, j)
        if j + 1 < n:
            assert cell.left + cell.width <= cells[i, j + 1].left
        if i + 1 < n:
            assert cell.top + cell.height <= cells[i + 1, j].top
    assert grid.cell_at(-1, -1) is None


def test_that_many_clusters_are_named_once_at_the_sides():
    assert lay_out(2, 600, 500, 14.0, 20.0, 24.0).is_labelled
    assert not lay_out(20, 600, 500, 14.0, 20.0, 24.0).is_labelled


@pytest.mark.parametrize("n", [1, 2, 5, 20])
@pytest.mark.parametrize("size", [(60, 50), (300, 200), (1000, 700)])
def test_that_texts_touch_neither_bars_nor_each_other(show, n, size, monkeypatch):
    session = make_session(random_trains(n))
    session.select_clusters(range(n))
    view = show(session, size=size)
    texts = texts_painted(view.grid, monkeypatch)
    if size[0] >= 300:
        assert texts
    for (a, _), (b, _) in itertools.combinations(texts, 2):
        assert not a.intersects(b)
    grid = view.grid.layout_now()
    for i, j in itertools.product(range(n), repeat=2):
        box = grid.bars_of(i, j)
        for rect, text in texts:
            is_beside = (
                rect.right() <= box.left
                or rect.left() >= box.left + box.width
                or rect.bottom() <= box.top + 1
                or rect.top() >= box.top + box.height - 1
            )
            assert is_beside, text


def texts_painted(grid, monkeypatch):
    """Return the rectangles and the texts of the picture."""
    from PyQt6.QtCore import QRectF

    from gtview.views import correlogram_paint

    texts = []
    paint_text = correlogram_paint.GridPainting._text

    def note(self, x, top, text, color):
        if text:
            texts.append((QRectF(x, top + 2, self._width(text), self.metrics.height() - 4), text))
        paint_text(self, x, top, text, color)

    monkeypatch.setattr(correlogram_paint.GridPainting, "_text", note)
    grid.repaint_all()
    grid.grab()
    return texts


def test_that_labels_name_clusters_violations_and_maxima(show, monkeypatch):
    # Two of the three intervals of cluster 4 are shorter than 2 ms.
    session = make_session({4: [1000, 1010, 1025, 5000], 7: [3000, 9000]})
    session.select_clusters((4, 7))
    view = show(session, size=(700, 500))
    texts = [text for _, text in texts_painted(view.grid, monkeypatch)]
    assert "67 % < 2 ms · max 1" in texts
    assert "0 % < 2 ms · max 0" in texts
    assert texts.count("lag (ms)") == 1
    assert texts.count("4") == 3  # its own, 4 -> 7, 7 -> 4


# Pictures --------------------------------------------------------------------------------------


def colors_in(picture, box):
    return {
        QColor(picture.pixel(x, y)).getRgb()[:3]
        for x in range(int(box.left), int(box.left + box.width))
        for y in range(int(box.top), int(box.top + box.height))
    }


def test_that_clusters_have_their_colours_and_pairs_none(show):
    session = make_session(random_trains(2, 400))
    session.select_clusters((0, 1))
    view = show(session)
    picture = view.grid.grab().toImage()
    grid = view.grid.layout_now()
    assert cluster_rgb(0) in colors_in(picture, grid.bars_of(0, 0))
    assert cluster_rgb(1) in colors_in(picture, grid.bars_of(1, 1))
    pair = colors_in(picture, grid.bars_of(0, 1))
    assert not {cluster_rgb(0), cluster_rgb(1)} & pair


def test_that_a_theme_repaints(show, qtbot):
    session = make_session(random_trains(2))
    session.select_clusters((0, 1))
    view = show(session)
    view.context.themes.use("light")
    settle(qtbot, view)
    picture = view.grid.grab().toImage()
    assert QColor(picture.pixel(1, 1)) == QColor(load_theme("light").plot)


def test_that_one_scale_makes_rare_pairs_low(show, qtbot):
    trains = random_trains(1, 400) | {1: [500, 700, 15_000]}
    session = make_session(trains)
    session.select_clusters((0, 1))
    view = show(session)
    box = view.grid.layout_now().bars_of(1, 1)
    top = replace(box, height=box.height / 4)
    assert cluster_rgb(1) in colors_in(view.grid.grab().toImage(), top)
    view.toggle_uniform()
    settle(qtbot, view)
    assert cluster_rgb(1) not in colors_in(view.grid.grab().toImage(), top)


# Gestures and keys -----------------------------------------------------------------------------


def center_of_bin(view, row, column, index):
    box = view.grid.layout_now().bars_of(row, column)
    n_bins = view._shown.correlograms.bins.n_bins
    return box.left + (index + 0.5) * box.width / n_bins, box.top + box.height / 2


def test_that_ctrl_wheel_changes_the_window_and_alt_wheel_the_bins(show, qtbot):
    session = make_session(random_trains(2))
    session.select_clusters((0, 1))
    view = show(session)
    at = (100, 100)
    wheel(view.grid, at, 1, CTRL)
    assert view.settings.window_ms == 200
    wheel(view.grid, at, -2, CTRL)
    assert view.settings.window_ms == 50
    wheel(view.grid, at, 1, ALT)
    assert view.settings.bin_ms == 2
    settle(qtbot, view)
    assert view.status.startswith("2 ms bins · 48 ms window")  # 12 bins on each side
    wheel(view.grid, at, -2, ALT)
    assert view.settings.bin_ms == 0.5
    event = wheel(view.grid, at, 1)
    assert not event.isAccepted()
    assert (view.settings.bin_ms, view.settings.window_ms) == (0.5, 50)


def test_that_small_turns_of_a_touchpad_add_up(show):
    session = make_session(random_trains(1))
    session.select_clusters((0,))
    view = show(session)
    for _ in range(3):
        wheel(view.grid, (100, 100), 0.25, CTRL)
    assert view.settings.window_ms == 100
    wheel(view.grid, (100, 100), 0.25, CTRL)
    assert view.settings.window_ms == 200


def test_that_keys_step_within_limits_and_reset(show):
    session = make_session(random_trains(1))
    session.select_clusters((0,))
    view = show(session)
    for _ in range(20):
        view.narrow_window()
    assert view.settings.window_ms == 10
    for _ in range(20):
        view.widen_bins()
    assert view.settings.bin_ms == 2  # fewer than five bins show nothing
    for _ in range(20):
        view.widen_window()
    for _ in range(20):
        view.narrow_bins()
    assert view.settings.window_ms / view.settings.bin_ms <= 2000
    view.reset()
    assert (view.settings.bin_ms, view.settings.window_ms) == (1, 100)


def test_that_settings_are_remembered(show):
    session = make_session(random_trains(1))
    session.select_clusters((0,))
    settings = SettingsFile("remembered")
    view = show(session, stored=settings)
    view.widen_window()
    view.toggle_uniform()
    again = show(session, stored=SettingsFile("remembered"))
    assert (again.settings.window_ms, again.settings.is_uniform) == (200, True)


def test_that_no_key_is_declared_twice_and_every_slot_exists():
    keys = [key for action in CorrelogramView.actions_declared for key in action.keys]
    assert len(keys) == len(set(keys))
    for action in CorrelogramView.actions_declared:
        assert callable(getattr(CorrelogramView, action.slot))


def test_that_hover_tells_lag_count_and_rate_and_leaving_the_summary(show):
    session = make_session({3: [1000, 20_000], 5: [1050, 20_050]}, duration_s=10.0)
    session.select_clusters((3, 5))
    view = show(session)
    summary = view.status
    move(view.grid, center_of_bin(view, 0, 1, 55))
    # Two pairs over 2 spikes of 1 ms each; expected is the rate of cluster 5.
    assert view.status == "3 → 5 · lag 5 ms · 2 pairs · 1e+03 Hz (expected 0.2 Hz)"
    move(view.grid, center_of_bin(view, 1, 0, 45))
    assert view.status.startswith("5 → 3 · lag −5 ms · 2 pairs")
    move(view.grid, center_of_bin(view, 0, 0, 50))
    assert view.status.startswith("3 · lag 0 ms · 0 pairs · 0 Hz")
    leave(view.grid)
    assert view.status == summary


def test_that_a_double_click_shows_one_pair_alone_and_all_again(show, qtbot):
    session = make_session(random_trains(3))
    session.select_clusters((0, 1, 2))
    view = show(session)
    double_click(view.grid, center_of_bin(view, 1, 2, 50))
    assert view.grid.single == (1, 2)
    move(view.grid, center_of_bin(view, 0, 0, 70))
    assert view.status.startswith("1 → 2 · lag 20 ms")
    # It stays while both clusters are selected, wherever they are now.
    session.select_clusters((2, 1))
    settle(qtbot, view)
    assert view.grid.single == (1, 0)
    session.select_clusters((0, 1))
    settle(qtbot, view)
    assert view.grid.single is None
    double_click(view.grid, center_of_bin(view, 0, 0, 50))
    double_click(view.grid, center_of_bin(view, 0, 0, 50))
    assert view.grid.single is None


def test_that_the_rate_of_samples_bounds_the_bins(show, qtbot):
    session = make_session(random_trains(1))
    session.select_clusters((0,))
    view = show(session)
    for _ in range(10):
        view.narrow_bins()
    settle(qtbot, view)
    assert view._shown.correlograms.bins.bin_samples == max(1, round(0.1 * RATE_HZ / 1000))
