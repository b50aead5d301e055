"""The canvas: moving, stretching, clicks, and images of threads."""

from __future__ import annotations

import numpy as np
import pytest
from mouse import CTRL, RIGHT, click, double_click, drag, wheel
from PyQt6.QtGui import QColor

from gtview.qt.canvas import Canvas, Viewport, to_qimage


@pytest.fixture
def canvas(qtbot):
    made = Canvas(lambda painter, viewport: painter.fillRect(0, 0, 400, 300, QColor("#102030")))
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    return made


def test_that_a_drag_moves_the_drawing_with_the_pointer(canvas):
    drag(canvas, (100, 100), (160, 70))
    assert canvas.viewport == Viewport(1, 1, 60, -30)


@pytest.mark.parametrize("steps", [1, -1, 3])
def test_that_the_wheel_zooms_and_leaves_what_is_under_the_pointer(canvas, steps):
    before = canvas.viewport.place(120, 80)
    wheel(canvas, (120, 80), steps)
    assert canvas.viewport.place(120, 80) == pytest.approx(before)
    assert (canvas.viewport.scale_x > 1) == (steps > 0)
    assert canvas.viewport.scale_x == canvas.viewport.scale_y


def test_that_a_right_drag_stretches_x_and_y_independently(canvas):
    drag(canvas, (100, 100), (200, 100), RIGHT)
    assert canvas.viewport.scale_x > 2
    assert canvas.viewport.scale_y == 1
    assert canvas.viewport.place(100, 100) == pytest.approx((100, 100))


def test_that_zoom_has_limits(canvas):
    for _ in range(100):
        wheel(canvas, (10, 10), 5)
    assert canvas.viewport.scale_x == 50
    for _ in range(100):
        wheel(canvas, (10, 10), -5)
    assert canvas.viewport.scale_x == pytest.approx(0.2)


def test_that_a_double_click_asks_to_fit(canvas, qtbot):
    with qtbot.waitSignal(canvas.home_asked):
        double_click(canvas, (50, 50))


def test_that_what_is_done_with_a_modifier_is_told_and_does_not_zoom_or_move(canvas, qtbot):
    with qtbot.waitSignal(canvas.wheeled) as told:
        wheel(canvas, (50, 50), 2, CTRL)
    assert told.args == [2.0, CTRL]
    drag(canvas, (50, 50), (90, 90), modifiers=CTRL)
    assert canvas.viewport.is_home


def test_that_a_drag_is_no_click(canvas):
    told = []
    canvas.clicked.connect(lambda *args: told.append(args))
    drag(canvas, (50, 50), (150, 90))
    assert told == []
    click(canvas, (50, 60), modifiers=CTRL)
    assert [(at.x(), at.y(), keys) for at, _, keys in told] == [(50, 60, CTRL)]


def test_that_an_old_picture_is_put_where_it_belongs_now():
    drawn = Viewport(2.0, 2.0, 10, 20)
    now = drawn.panned(30, -5)
    rect = now.rect_since(drawn, 400, 300)
    assert (rect.x(), rect.y(), rect.width(), rect.height()) == (30, -5, 400, 300)
    zoomed = drawn.zoomed(0, 0, 2, 3).rect_since(drawn, 400, 300)
    assert (zoomed.x(), zoomed.y(), zoomed.width(), zoomed.height()) == (0, 0, 800, 900)


def test_that_pixels_of_a_thread_become_an_image_of_the_same_colours(qapp):
    pixels = np.zeros((4, 6, 4), np.uint8)
    pixels[1, 2] = (10, 20, 30, 255)
    pixels[3, 5] = (100, 0, 0, 128)
    image = to_qimage(pixels, 2.0)
    assert image.devicePixelRatio() == 2
    assert image.pixelColor(2, 1).getRgb() == (10, 20, 30, 255)
    assert image.pixelColor(5, 3).alpha() == 128
    assert image.pixelColor(0, 0).alpha() == 0
