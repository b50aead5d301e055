from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mouse import ALT, CTRL, RIGHT, click, double_click, drag, wheel
from PyQt6.QtCore import QBuffer, QPointF, QSize
from PyQt6.QtGui import QImage, QPainter
from PyQt6.QtSvg import QSvgGenerator

from gtview.kernels.overlay import lay_over
from gtview.qt import scatter_paint
from gtview.qt.points import PointLayer, render
from gtview.qt.scatter import Scatter, ScatterAxis, ScatterCell, render_cells
from gtview.qt.scatter_grid import ScatterGrid, zoomed
from gtview.qt.scatter_layout import Surface, texts_beside_title
from gtview.qt.theme import load_theme

X = np.array([1.0, 5.0, np.nan], np.float32)
Y = np.array([2.0, 8.0, 3.0], np.float32)


def make_scatter():
    """Two by two plots; axis "a" is x of the first column and y of the second row."""
    layer = (PointLayer(X, Y, rgb=(255, 0, 0), alpha=1.0, size=6.0),)
    behind = (PointLayer(Y, X, rgb=(0, 0, 255), alpha=1.0, size=6.0, is_background=True),)
    axes = {key: ScatterAxis(f"title {key}", (0.0, 10.0)) for key in "abcd"}
    cells = [
        ScatterCell(row, column, x, y, layer, behind)
        for row, y in enumerate("ba")
        for column, x in enumerate("ac")
    ]
    return Scatter((2, 2), axes, tuple(cells))


@pytest.fixture
def grid(qtbot):
    widget = ScatterGrid(load_theme("dark"))
    qtbot.addWidget(widget)
    widget.resize(400, 300)
    widget.show()
    widget.set_scatter(render_cells(make_scatter(), widget.surface().layout((2, 2))))
    return widget


def middle(grid, row, column, dx=0.0, dy=0.0):
    place = grid.layout_now().place(row, column)
    return place.left + place.width / 2 + dx, place.top + place.height / 2 + dy


@given(
    n_rows=st.integers(1, 12),
    n_columns=st.integers(1, 12),
    width=st.integers(80, 2000),
    height=st.integers(60, 1500),
    ratio=st.sampled_from([1.0, 1.25, 1.5, 2.0]),
)
def test_that_plots_lie_inside_apart_and_on_device_pixels(n_rows, n_columns, width, height, ratio):
    layout = Surface(width, height, 12.0, 30.0, ratio).layout((n_rows, n_columns))
    if width / n_columns < 45 or height / n_rows < 12:
        return
    places = [[layout.place(r, c) for c in range(n_columns)] for r in range(n_rows)]
    for row in range(n_rows):
        for column in range(n_columns):
            place = places[row][column]
            assert layout.left <= place.left + 1
            assert place.right <= width
            assert place.bottom + layout.strip <= height + 1
            for edge in (place.left, place.top, place.right, place.bottom):
                assert abs(edge * ratio - round(edge * ratio)) < 1e-6
            if column:
                assert places[row][column - 1].right < place.left
            if row:
                assert places[row - 1][column].bottom + layout.strip <= place.top + 1
            size = layout.device_size(row, column)
            assert size == (round(place.width * ratio), round(place.height * ratio))


@given(
    low=st.floats(-1e4, 1e4),
    span=st.floats(1e-3, 1e5),
    width=st.integers(20, 600),
    title=st.floats(0, 200),
)
def test_that_numbers_never_touch_the_title_or_each_other(low, span, width, title):
    layout = Surface(width, 200, 12.0, 30.0).layout((1, 1))
    place = layout.place(0, 0)
    limits = (low, low + span)
    shown = texts_beside_title(place.width, limits, title, lambda text: 6.0 * len(text))
    middle_x = place.width / 2
    taken = [(middle_x - title / 2, middle_x + title / 2)]
    for pixel, left, text in shown:
        right = left + 6.0 * len(text)
        assert all(right <= a or left >= b for a, b in taken)
        assert left - 2 - 1e-6 <= pixel <= right + 2 + 1e-6
        assert left > 0
        assert right < place.width
        taken.append((left, right))


def test_that_each_plot_is_the_picture_of_its_points(grid):
    layout = grid.layout_now()
    for cell, pictures in zip(grid.scatter.cells, grid.scatter.pictures, strict=True):
        width, height = layout.device_size(cell.row, cell.column)
        assert pictures.pixels.shape == (height, width, 4)
        alone = render(cell.layers, pictures.front.target).pixels
        below = render(cell.behind, pictures.front.target).pixels
        np.testing.assert_array_equal(pictures.front.pixels, alone)
        np.testing.assert_array_equal(pictures.behind.pixels, below)
        is_front = alone[..., 3] == 255
        assert is_front.any()
        np.testing.assert_array_equal(pictures.pixels[is_front], alone[is_front])


def test_that_pictures_of_the_same_points_are_not_rendered_again(grid):
    scatter, layout = grid.scatter, grid.layout_now()
    again = render_cells(make_scatter(), layout, scatter)
    assert again.pictures[0].front is not scatter.pictures[0].front  # other layers
    again = render_cells(scatter, layout, scatter)
    assert again.pictures[0].front is scatter.pictures[0].front
    moved = scatter.with_limits({"a": (0.0, 5.0)})
    again = render_cells(moved, layout, scatter)
    assert again.pictures[0].front is not scatter.pictures[0].front


def test_that_laying_over_is_the_rule_of_porter_and_duff():
    rng = np.random.default_rng(0)
    alpha = rng.integers(0, 256, (2, 40, 50, 1))
    alpha[:, :5], alpha[:, 5:10] = 0, 255
    below, above = (rng.random((2, 40, 50, 4)) * (alpha + 1)).astype(np.uint8).clip(0, alpha)
    below[..., 3:], above[..., 3:] = alpha[0], alpha[1]
    expected = above + np.round(below * (255.0 - above[..., 3:]) / 255.0)
    given_pixels = lay_over(below.astype(np.uint8), above.astype(np.uint8))
    np.testing.assert_allclose(given_pixels, expected, atol=0.51)


# Gestures ---------------------------------------------------------------------------------


def test_that_a_drag_moves_the_points_with_the_pointer_in_every_plot(grid, qtbot):
    place = grid.layout_now().place(0, 0)
    with qtbot.waitSignal(grid.limits_changed) as told:
        drag(grid, middle(grid, 0, 0), middle(grid, 0, 0, dx=30, dy=20))
    limits = grid.limits()
    assert limits["a"] == pytest.approx((-300 / place.width, 10 - 300 / place.width))
    assert limits["b"] == pytest.approx((200 / place.height, 10 + 200 / place.height))
    assert limits["c"] == (0.0, 10.0)
    assert set(told.args[0]) == {"a", "b"}


def test_that_the_wheel_zooms_at_the_pointer(grid):
    place = grid.layout_now().place(0, 1)
    at = place.left + 0.25 * place.width, place.top + 0.25 * place.height
    wheel(grid, at, 2)
    (left, right), (low, high) = grid.limits()["c"], grid.limits()["b"]
    assert right - left == pytest.approx(10 / 1.15**2)
    assert left + 0.25 * (right - left) == pytest.approx(2.5)
    assert low + 0.75 * (high - low) == pytest.approx(7.5)


def test_that_a_right_drag_zooms_each_direction(grid):
    drag(grid, middle(grid, 0, 0), middle(grid, 0, 0, dx=50, dy=20), button=RIGHT)
    (left, right), (low, high) = grid.limits()["a"], grid.limits()["b"]
    assert right - left < 10 < high - low
    assert (left + right) / 2 == pytest.approx(5)


def test_that_an_axis_of_rows_and_columns_moves_in_both(grid):
    """Axis "a" is the y axis of the second row as well."""
    before = grid.limits()["a"]
    drag(grid, middle(grid, 1, 1), middle(grid, 1, 1, dy=25))
    assert grid.limits()["a"] != before
    cell = next(c for c in grid.scatter.cells if (c.row, c.column) == (0, 0))
    assert grid.scatter.axes[cell.x].limits == grid.limits()["a"]


def test_that_drags_with_a_key_held_move_nothing(grid):
    for key in (CTRL, ALT):
        drag(grid, middle(grid, 0, 0), middle(grid, 0, 0, dx=60), modifiers=key)
    assert grid.limits()["a"] == (0.0, 10.0)


def test_that_clicks_double_clicks_and_wheels_with_keys_are_told(grid, qtbot):
    with qtbot.waitSignal(grid.clicked) as clicked:
        click(grid, middle(grid, 1, 0), modifiers=ALT)
    assert (clicked.args[0].row, clicked.args[0].column, clicked.args[2]) == (1, 0, ALT)
    with qtbot.waitSignal(grid.home_asked):
        double_click(grid, middle(grid, 0, 0))
    with qtbot.waitSignal(grid.wheeled) as wheeled:
        wheel(grid, middle(grid, 0, 0), -1, ALT)
    assert wheeled.args[0] == -1
    assert grid.limits()["a"] == (0.0, 10.0)


def test_that_between_the_plots_there_is_no_plot(grid):
    layout = grid.layout_now()
    assert grid.cell_at(QPointF(2, 2)) is None
    place = layout.place(0, 0)
    assert grid.cell_at(QPointF(place.right + 1, place.top + 5)) is None
    wheel(grid, (2, 2))  # nothing to zoom, and no error


def test_that_impossible_limits_are_refused(grid):
    grid.set_limits({"a": (3.0, 3.0), "b": (float("nan"), 1.0), "c": (4.0, 2.0)})
    assert set(grid.limits().values()) == {(0.0, 10.0)}


@given(share=st.floats(0, 1), factor=st.floats(0.2, 5), low=st.floats(-100, 100))
def test_that_zooming_keeps_the_place_under_the_pointer(share, factor, low):
    before = low + share * 7
    left, right = zoomed((low, low + 7), share, factor)
    assert left + share * (right - left) == pytest.approx(before, abs=1e-6)
    assert right - left == pytest.approx(7 / factor)


# Pictures ---------------------------------------------------------------------------------


def colors_in(image, place):
    box = (round(place.left) + 1, round(place.top) + 1, round(place.right) - 1)
    return {
        image.pixelColor(x, y).name()
        for x in range(box[0], box[2])
        for y in range(box[1], round(place.bottom) - 1)
    }


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_that_points_and_frames_are_seen_in_both_themes(grid, theme):
    grid.apply_theme(load_theme(theme))
    image = grid.grab().toImage()
    place = grid.layout_now().place(0, 0)
    names = colors_in(image, place)
    plot = load_theme(theme).plot
    assert plot in names
    assert any(n != plot and int(n[1:3], 16) > 200 and int(n[5:7], 16) < 60 for n in names)
    corner = image.pixelColor(round(place.left) - 1, round(place.top) + 5).name()
    assert corner == load_theme(theme).line


def test_that_old_pictures_follow_until_new_ones_are_there(grid):
    place = grid.layout_now().place(0, 0)
    plot = load_theme("dark").plot

    def leftmost_point():
        image = grid.grab().toImage()
        for x in range(round(place.left) + 1, round(place.right) - 1):
            for y in range(round(place.top) + 1, round(place.bottom) - 1):
                color = image.pixelColor(x, y)
                if color.red() > 150 and color.green() < 80 and color.name() != plot:
                    return x
        return None

    before = leftmost_point()
    grid.set_limits({"a": (-2.0, 8.0)})
    assert leftmost_point() - before == pytest.approx(0.2 * place.width, abs=2)


def test_that_a_picture_for_a_file_is_painted_in_full(grid):
    image = QImage(800, 600, QImage.Format.Format_RGB32)
    grid.apply_theme(load_theme("light"))
    with QPainter(image) as painter:
        grid.paint_picture(painter, QSize(800, 600))
    place = grid.surface(QSize(800, 600), 1.0).layout((2, 2)).place(1, 1)
    assert len(colors_in(image, place)) > 5


def test_that_few_dots_are_vectors_in_a_file_and_many_an_image(grid, monkeypatch):
    def svg():
        buffer = QBuffer()
        writer = QSvgGenerator()
        writer.setOutputDevice(buffer)
        writer.setSize(QSize(400, 300))
        with QPainter(writer) as painter:
            grid.paint_picture(painter, QSize(400, 300))
        return bytes(buffer.data()).decode()

    few = svg()
    assert few.count("<circle") + few.count("<ellipse") == 2 * 2 * 4  # dots, layers, plots
    assert "<image" not in few
    assert "title a" in few
    monkeypatch.setattr(scatter_paint, "MOST_VECTOR_DOTS", 4)
    assert svg().count("<image") == 8


def test_that_an_empty_grid_paints_and_takes_gestures(qtbot):
    widget = ScatterGrid(load_theme("dark"))
    qtbot.addWidget(widget)
    widget.resize(200, 150)
    widget.show()
    for gesture in (wheel, click, double_click):
        gesture(widget, (100, 70))
    drag(widget, (20, 20), (90, 90))
    assert widget.grab().toImage().pixelColor(100, 70).name() == load_theme("dark").plot
