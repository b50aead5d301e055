"""Plots: ticks, labels that do not touch, gestures, ranges that stay."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mouse import ALT, CTRL, RIGHT, click, double_click, drag, leave, move, wheel
from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QColor

from gtview.qt.plot import PlotWidget
from gtview.qt.theme import load_theme
from gtview.qt.ticks import labels_with_room, tick_step, tick_texts, ticks_between


@pytest.fixture
def plot(qtbot):
    widget = PlotWidget()
    qtbot.addWidget(widget)
    widget.apply_theme(load_theme("dark"))
    panel = widget.add_panel(0, 0, "time (s)", "amplitude (µV)")
    panel.set_home((0, 100), (0, 10))
    widget.resize(500, 300)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def place_of(plot, x, y):
    point = plot.mapFromScene(plot.panels[0].scene_position(x, y))
    return point.x(), point.y()


# Ticks -----------------------------------------------------------------------------------------


@given(
    low=st.floats(-1e6, 1e6),
    span=st.floats(1e-4, 1e6),
    most=st.floats(1, 40),
)
def test_that_ticks_are_ones_twos_or_fives_within_the_range(low, span, most):
    step = tick_step(span, most)
    mantissa = step / 10 ** np.floor(np.log10(step * 1.0000001))
    assert min(abs(mantissa - f) for f in (1, 2, 5)) < 1e-6
    assert span / step <= most * (1 + 1e-6)
    assert tick_step(span, most * 2.6) < step  # and it is no larger than needed

    ticks = ticks_between(low, low + span, step)
    assert np.all((ticks >= low - 1e-6 * step) & (ticks <= low + span + 1e-6 * step))
    assert len(ticks) >= int(span / step)


@given(
    first=st.integers(-10_000, 10_000), n=st.integers(2, 20), power=st.integers(-4, 3),
    factor=st.sampled_from([1, 2, 5]),
)  # fmt: skip
def test_that_tick_texts_tell_the_ticks_exactly(first, n, power, factor):
    step = factor * 10.0**power
    values = ticks_between(first * step, (first + n) * step, step)
    texts = tick_texts(values, step)
    read = [float(t.replace("−", "-").replace(",", "")) for t in texts]
    assert np.allclose(read, values, rtol=1e-9, atol=1e-9 * step)
    assert len({len(t.partition(".")[2]) for t in texts}) == 1


def test_that_zero_has_no_sign_and_thousands_are_separated():
    assert tick_texts(ticks_between(-0.2, 0.2, 0.1), 0.1) == ["−0.2", "−0.1", "0.0", "0.1", "0.2"]
    assert tick_texts([1000.0, 2000.0], 1000.0) == ["1,000", "2,000"]


@given(
    pitch=st.floats(0.05, 60),
    sizes=st.lists(st.floats(1, 80), min_size=1, max_size=200),
    first=st.lists(st.integers(0, 199), max_size=5),
)
def test_that_chosen_labels_never_touch(pitch, sizes, first):
    centers = np.arange(len(sizes)) * pitch
    first = [i for i in dict.fromkeys(first) if i < len(sizes)]
    sizes = np.array(sizes)
    chosen = labels_with_room(centers, sizes, first, gap=3.0)
    for a, b in itertools.pairwise(chosen):
        assert centers[b] - centers[a] >= (sizes[a] + sizes[b]) / 2 + 3.0 - 1e-6
    assert chosen
    if first:
        assert first[0] in chosen


def test_that_all_labels_are_written_where_there_is_room():
    assert labels_with_room(np.arange(5) * 20.0, np.full(5, 10.0)) == [0, 1, 2, 3, 4]
    assert labels_with_room(np.empty(0), np.empty(0)) == []


def overlaps(rects):
    return [
        (a, b)
        for a, b in itertools.combinations([r.adjusted(0.5, 0.5, -0.5, -0.5) for r in rects], 2)
        if a.intersects(b)
    ]


@pytest.mark.parametrize("size", [(120, 90), (300, 200), (900, 600)])
@pytest.mark.parametrize("home", [(0, 1), (-0.003, 0.002), (0, 123_456), (9.99e5, 1e6)])
def test_that_numbers_on_axes_do_not_overlap(plot, qtbot, size, home):
    panel = plot.panels[0]
    panel.set_home(home, home)
    plot.resize(*size)
    qtbot.wait(1)
    assert panel.x_axis.shown()[1]
    assert not overlaps(panel.x_axis.text_rects())
    assert not overlaps(panel.y_axis.text_rects())


@pytest.mark.parametrize("n", [1, 7, 60, 800])
def test_that_names_on_axes_do_not_overlap_and_marked_ones_are_written(plot, qtbot, n):
    panel = plot.panels[0]
    panel.set_home((0, n), (0, n))
    names = [f"unit {'x' * (i % 9)} {i}" for i in range(n)]
    for axis in (panel.x_axis, panel.y_axis):
        axis.set_names(np.arange(n) + 0.5, names)
        axis.set_marks({n // 2: QColor("red")})
    qtbot.wait(1)
    for axis in (panel.x_axis, panel.y_axis):
        assert n // 2 + 0.5 in axis.shown()[0]
        shrunk = [r.adjusted(0, r.height() * 0.1, 0, -r.height() * 0.1) for r in axis.text_rects()]
        assert not overlaps(shrunk)


def test_that_long_names_leave_room_for_the_plot(plot, qtbot):
    panel = plot.panels[0]
    panel.y_axis.set_names([5.0], ["a_very_long_name_of_a_unit_" * 6])
    qtbot.wait(1)
    assert panel.box.width() > 300


# Gestures --------------------------------------------------------------------------------------


def test_that_the_wheel_zooms_at_the_pointer(plot):
    panel = plot.panels[0]
    at = place_of(plot, 30, 4)
    wheel(plot.viewport(), at, 2)
    assert panel.x_range[1] - panel.x_range[0] < 60
    assert place_of(plot, 30, 4) == pytest.approx(at, abs=1.5)


def test_that_the_wheel_on_an_axis_zooms_along_it_only(plot):
    panel = plot.panels[0]
    below = place_of(plot, 50, 0)
    wheel(plot.viewport(), (below[0], below[1] + 8), 1)
    assert panel.y_range == (0, 10)
    assert panel.x_range[1] - panel.x_range[0] < 90


@pytest.mark.parametrize("modifiers", [CTRL, ALT])
def test_that_the_wheel_with_a_modifier_belongs_to_the_view(plot, qtbot, modifiers):
    panel = plot.panels[0]
    with qtbot.waitSignal(panel.scrolled) as told:
        wheel(plot.viewport(), place_of(plot, 30, 4), 2, modifiers)
    steps, keys, x, y = told.args
    assert steps == 2
    assert keys == modifiers
    assert (x, y) == pytest.approx((30, 4), abs=0.5)
    assert panel.is_at_home


def test_that_a_drag_moves_and_keeps_the_scale(plot):
    panel = plot.panels[0]
    start, end = place_of(plot, 60, 5), place_of(plot, 40, 6)
    drag(plot.viewport(), start, end)
    assert panel.x_range == pytest.approx((20, 120), abs=1)
    assert panel.y_range == pytest.approx((-1, 9), abs=0.2)


def test_that_a_drag_with_the_right_button_zooms_both_directions_independently(plot):
    panel = plot.panels[0]
    start = place_of(plot, 50, 5)
    drag(plot.viewport(), start, (start[0] + 60, start[1]), RIGHT)
    assert panel.x_range[1] - panel.x_range[0] < 60
    assert panel.y_range == pytest.approx((0, 10))


def test_that_a_drag_with_a_modifier_does_not_move(plot):
    drag(plot.viewport(), place_of(plot, 60, 5), place_of(plot, 40, 6), modifiers=CTRL)
    assert plot.panels[0].is_at_home


def test_that_a_double_click_shows_everything(plot):
    panel = plot.panels[0]
    panel.show_range((10, 20), (1, 2))
    double_click(plot.viewport(), place_of(plot, 15, 1.5))
    assert panel.is_at_home


def test_that_a_click_tells_where_and_a_right_click_opens_nothing(plot, qtbot):
    panel = plot.panels[0]
    with qtbot.waitSignal(panel.clicked) as told:
        click(plot.viewport(), place_of(plot, 25, 7), modifiers=CTRL)
    assert told.args[:2] == pytest.approx([25, 7], abs=0.5)
    assert told.args[2] == CTRL
    with qtbot.waitSignal(panel.clicked) as told:
        click(plot.viewport(), place_of(plot, 25, 7), RIGHT)
    assert told.args[3] == RIGHT
    assert not panel.box.menuEnabled()


def test_that_hover_tells_where_the_pointer_is_and_when_it_leaves(plot, qtbot):
    panel = plot.panels[0]
    with qtbot.waitSignal(panel.hovered) as told:
        move(plot.viewport(), place_of(plot, 75, 2))
    assert told.args == pytest.approx([75, 2], abs=0.5)
    with qtbot.waitSignal(panel.left):
        leave(plot)


# Ranges ----------------------------------------------------------------------------------------


def test_that_new_data_does_not_move_a_plot_that_somebody_has_moved(plot):
    panel = plot.panels[0]
    panel.set_home((0, 200), (0, 20))
    assert panel.x_range == (0, 200)
    wheel(plot.viewport(), place_of(plot, 30, 4), 1)
    seen = panel.x_range, panel.y_range
    panel.set_home((0, 300), (0, 30))
    assert (panel.x_range, panel.y_range) == seen
    plot.fit()
    assert panel.x_range == (0, 300)


def test_that_a_limited_plot_shows_nothing_outside(plot):
    panel = plot.panels[0]
    panel.set_home((0, 8), (0, 4), smallest=(2, 2))
    assert panel.is_at_home
    wheel(plot.viewport(), place_of(plot, 4, 2), -5)
    assert panel.x_range == (0, 8)
    for _ in range(30):
        wheel(plot.viewport(), place_of(plot, 4, 2), 1)
    spans = [high - low for low, high in (panel.x_range, panel.y_range)]
    assert min(spans) == pytest.approx(2)
    panel.set_home((0, 3), (0, 9), smallest=(2, 2))
    panel.fit()
    assert (panel.x_range, panel.y_range) == ((0, 3), (0, 9))


def test_that_an_empty_range_can_be_shown(plot):
    panel = plot.panels[0]
    panel.set_home((5, 5), (0, 0))
    assert panel.x_range[0] < 5 < panel.x_range[1]


def test_that_a_point_out_of_sight_is_brought_in_with_the_least_move(plot):
    panel = plot.panels[0]
    panel.show_range((10, 20), (1, 2))
    panel.show_point(15, 1.5)
    assert panel.x_range == (10, 20)
    panel.show_point(30, 1.5)
    assert panel.x_range == pytest.approx((21, 31))
    assert panel.y_range == (1, 2)


# Painting --------------------------------------------------------------------------------------


def test_that_positions_in_pixels_agree_with_the_box(plot, qtbot):
    panel = plot.panels[0]
    panel.show_range((10, 20), (1, 2))
    qtbot.wait(1)
    for inverted in (False, True):
        panel.box.invertY(inverted)
        qtbot.wait(1)
        point = panel.box.mapFromView(QPointF(12, 1.25))
        mine = panel.to_pixels(12, 1.25)
        assert (mine.x(), mine.y()) == pytest.approx((point.x(), point.y()), abs=1e-6)


def test_that_a_theme_changes_the_background(plot, qtbot):
    for name in ("light", "dark"):
        theme = load_theme(name)
        plot.apply_theme(theme)
        qtbot.wait(1)
        shown = plot.grab().toImage()
        assert QColor(shown.pixel(shown.width() - 3, 2)) == QColor(theme.plot)
