"""The item that draws points: what it renders, when it renders again, and what stays meanwhile."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from mouse import drag, wheel
from PyQt6.QtCore import QBuffer, QRectF
from PyQt6.QtGui import QImage, QPainter
from PyQt6.QtSvg import QSvgGenerator

from gtview.qt import items, points
from gtview.qt.compute import ComputePool
from gtview.qt.items import PointCloud
from gtview.qt.plot import PlotWidget
from gtview.qt.points import MOST_DOTS, PointLayer, Target, find_nearest, render, render_points
from gtview.qt.theme import load_theme

RED, BLUE = (255, 0, 0), (0, 0, 255)


def layer(n, seed=0, **others):
    x, y = np.random.default_rng(seed).random((2, n)).astype(np.float32)
    return PointLayer(x, y, **({"rgb": RED} | others))


def unit_target(width=80, height=60, **others):
    return Target((0.0, 1.0), (0.0, 1.0), width, height, **others)


# Rendering -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["auto", "dots", "density"])
def test_that_every_point_is_visible(mode):
    grid = np.stack(np.meshgrid(np.arange(5, 80, 10), np.arange(5, 60, 10))).reshape(2, -1)
    middles = PointLayer(*(grid + 0.5), rgb=BLUE)
    pixels = render_points([middles], (0, 80), (0, 60), 80, 60, 1.0, mode)
    assert pixels.shape == (60, 80, 4)
    assert (pixels[59 - grid[1], grid[0], 3] > 60).all()
    assert (pixels[..., 2] == pixels[..., 3]).all()
    assert not pixels[..., :2].any()


def test_that_dots_become_density_when_too_many_are_in_sight():
    few, many = layer(MOST_DOTS), layer(MOST_DOTS + 1)
    assert render([few], unit_target()).is_density == (False, False)
    assert render([many], unit_target()).is_density == (False, True)
    half = replace(unit_target(), x_range=(0.0, 0.5))
    assert render([many], half).is_density == (False, False)
    # What is before counts together, the background for itself.
    halves = [layer(MOST_DOTS // 2), layer(MOST_DOTS // 2 + 1, seed=1)]
    assert render(halves, unit_target()).is_density == (False, True)
    behind = replace(many, is_background=True)
    assert render([behind, few], unit_target()).is_density == (True, False)
    assert render([many], unit_target(mode="dots")).is_density == (False, False)
    assert render([few], unit_target(mode="density")).is_density == (False, True)


@pytest.mark.parametrize("mode", ["dots", "density"])
@pytest.mark.parametrize("is_sorted", [False, True])
def test_that_the_points_in_sight_are_counted_for_each_layer(mode, is_sorted):
    layers = [layer(3000, seed, is_background=seed == 1) for seed in range(3)]
    layers.append(layer(0))
    if is_sorted:
        layers = [replace(one, x=np.sort(one.x), is_sorted=True) for one in layers]
    picture = render(layers, Target((0.2, 0.7), (0.5, 0.9), 31, 17, mode=mode))
    expected = [
        np.count_nonzero((a.x >= 0.2) & (a.x <= 0.7) & (a.y >= 0.5) & (a.y <= 0.9)) for a in layers
    ]
    assert picture.n_in_sight == tuple(expected)


@pytest.mark.parametrize("kind", ["i8", "f4", "f8"])
def test_that_sorted_points_make_the_same_picture(kind):
    x = np.sort(np.random.default_rng(1).random(5000) * 1e6).astype(kind)
    y = np.random.default_rng(2).random(5000).astype(np.float32)
    plain = PointLayer(x, y, RED, x_scale=1e-6, values=y, table=np.eye(256, 3, dtype=np.uint8))
    for x_range in ((0.25, 0.5), (0.5, 0.25), (-1.0, 0.1), (2.0, 3.0), (-9.0, 9.0)):
        target = Target(x_range, (0.0, 1.0), 50, 40, mode="density")
        fast = render([replace(plain, is_sorted=True)], target)
        np.testing.assert_array_equal(fast.pixels, render([plain], target).pixels)


def test_that_the_background_lies_below_whatever_its_place():
    x, y = np.array([5.0]), np.array([5.0])
    behind = PointLayer(x, y, BLUE, is_background=True, size=6)
    before = PointLayer(x, y, RED, size=6, alpha=1.0)
    for layers in ([behind, before], [before, behind]):
        assert render_points(layers, (0, 10), (0, 10), 10, 10)[5, 5].tolist() == [255, 0, 0, 255]


def test_that_more_layers_than_are_blended_at_a_time_are_all_seen():
    n = 40
    layers = [PointLayer(np.array([k + 0.5]), np.array([0.5]), RED) for k in range(n)]
    pixels = render_points(layers, (0, n), (0, 1), n, 1)
    assert (pixels[0, :, 3] > 100).all()


def test_that_values_colour_dots_and_the_mean_of_each_pixel():
    table = np.arange(256)[:, None].repeat(4, 1).astype(np.uint8)
    x, y = np.array([0.5, 0.5, 2.5]), np.array([0.5, 0.5, 0.5])
    values = np.array([0.0, 1.0, 1.0], np.float32)
    coloured = PointLayer(x, y, values=values, table=table, value_range=(0.0, 1.0), alpha=1.0)
    pixels = render_points([coloured], (0, 3), (0, 1), 3, 1, mode="density")[0].astype(float)
    straight = 255 * pixels[[0, 2], 0] / pixels[[0, 2], 3]
    np.testing.assert_allclose(straight, [127, 255], atol=3)
    dots = render_points([coloured], (0, 3), (0, 1), 3, 1, mode="dots")[0]
    assert dots[2].tolist() == [255] * 4
    assert pixels[1, 3] == 0


def test_that_nothing_to_draw_is_an_empty_picture():
    for target in (
        unit_target(0, 10),
        replace(unit_target(), x_range=(1.0, 1.0)),
        replace(unit_target(), y_range=(0.0, np.nan)),
    ):
        assert not render([layer(10)], target).pixels.any()
    assert not render([], unit_target()).pixels.any()


def test_that_the_nearest_point_is_the_nearest_on_the_screen():
    layers = [layer(500, 1), replace(layer(500, 2), is_sorted=True)]
    layers[1] = replace(layers[1], x=np.sort(layers[1].x))
    target = unit_target(400, 100)
    for x, y in np.random.default_rng(3).random((50, 2)):
        distances = [np.hypot((a.x - x) * 400, (a.y - y) * 100) for a in layers]
        found = find_nearest(layers, x, y, target, reach_px=12.0)
        best = min(d.min() for d in distances)
        if found is None:
            assert best > 12
        else:
            assert distances[found[0]][found[1]] == pytest.approx(best, abs=1e-3)
    assert find_nearest(layers, 5.0, 5.0, target) is None


# The item --------------------------------------------------------------------------------------


@pytest.fixture
def pool(qapp):
    made = ComputePool()
    yield made
    made.close()


@pytest.fixture
def plot(qtbot):
    widget = PlotWidget()
    qtbot.addWidget(widget)
    widget.apply_theme(load_theme("dark"))
    widget.add_panel(0, 0, "x", "y").set_home((0, 1), (0, 1))
    widget.resize(400, 300)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


@pytest.fixture
def cloud(plot, pool):
    made = PointCloud(pool)
    plot.panels[0].add(made)
    return made


def settle(qtbot, plot):
    qtbot.waitUntil(lambda: not plot.is_busy)


def test_that_it_renders_what_is_seen_in_the_pixels_of_the_screen(qtbot, plot, cloud):
    cloud.set_layers([layer(100)])
    assert plot.is_busy
    settle(qtbot, plot)
    rect = plot.panels[0].box.rect()
    shown = cloud.picture.target
    assert shown == cloud.target
    assert shown.x_range == pytest.approx((0, 1))
    assert cloud.picture.pixels.shape == (round(rect.height()), round(rect.width()), 4)
    assert cloud.picture.n_in_sight == (100,)


def test_that_a_picture_made_by_the_view_is_not_made_again(qtbot, plot, cloud, monkeypatch):
    layers = [layer(100)]
    settle(qtbot, plot)
    picture = render(layers, cloud.target)
    calls = []
    monkeypatch.setattr(items, "render", lambda *a: calls.append(a) or points.render(*a))
    cloud.set_layers(layers, picture)
    plot.grab()
    settle(qtbot, plot)
    assert cloud.picture is picture
    assert not calls
    stale = render(layers, replace(cloud.target, width_px=7))
    cloud.set_layers(layers, stale)
    assert cloud.picture is stale
    settle(qtbot, plot)
    assert cloud.picture.target == cloud.target
    assert len(calls) == 1


@pytest.mark.parametrize("gesture", ["zoom", "pan", "resize"])
def test_that_it_renders_again_when_something_else_is_seen(qtbot, plot, cloud, gesture):
    cloud.set_layers([layer(100)])
    settle(qtbot, plot)
    old = cloud.picture
    if gesture == "zoom":
        wheel(plot.viewport(), (200, 120), 2)
    elif gesture == "pan":
        drag(plot.viewport(), (200, 120), (230, 140))
    else:
        plot.resize(500, 350)
    qtbot.waitUntil(lambda: cloud.picture is not old)
    settle(qtbot, plot)
    assert cloud.picture.target == cloud.target
    assert cloud.picture.target != old.target
    assert cloud.picture.target.x_range == pytest.approx(plot.panels[0].x_range)


def test_that_the_old_picture_stays_stretched_until_the_new_one_is_there(
    qtbot, plot, cloud, monkeypatch
):
    point = PointLayer(np.array([0.75]), np.array([0.75]), RED, size=20, alpha=1.0)
    cloud.set_layers([point])
    settle(qtbot, plot)
    old, gate = cloud.picture, threading.Event()

    def slow_render(*arguments):
        gate.wait(5)
        return points.render(*arguments)

    monkeypatch.setattr(items, "render", slow_render)
    panel = plot.panels[0]
    panel.show_range((0.5, 1.0), (0.5, 1.0))
    seen = plot.grab().toImage()
    assert cloud.picture is old
    assert plot.is_busy
    place = plot.mapFromScene(panel.scene_position(0.75, 0.75))
    # Twice as large: it reaches 20 pixels from its middle instead of 10.
    assert seen.pixelColor(place.x() + 15, place.y()).red() == 255
    gate.set()
    settle(qtbot, plot)
    assert cloud.picture.target == cloud.target
    seen = plot.grab().toImage()
    assert seen.pixelColor(place.x(), place.y()).red() == 255
    assert seen.pixelColor(place.x() + 15, place.y()).red() < 100


def test_that_while_the_mouse_moves_on_each_picture_is_shown_and_the_last_is_right(
    qtbot, plot, cloud
):
    cloud.set_layers([layer(50_000)])
    settle(qtbot, plot)
    shown = []
    cloud.rendered.connect(lambda: shown.append(cloud.picture.target.x_range))
    for k in range(30):
        plot.panels[0].show_range((0, 1 - k / 60), None)
        qtbot.wait(5)
    settle(qtbot, plot)
    assert shown[-1] == pytest.approx((0, 31 / 60))
    assert 2 < len(shown) <= 31


def test_that_new_points_replace_those_under_way(qtbot, plot, cloud, monkeypatch):
    gate = threading.Event()
    first, second = layer(10, seed=1), layer(20, seed=2)

    def slow_render(layers, target):
        if layers == (first,):
            gate.wait(5)
        return points.render(layers, target)

    monkeypatch.setattr(items, "render", slow_render)
    cloud.set_layers([first])
    cloud.set_layers([second])
    settle(qtbot, plot)
    gate.set()
    qtbot.wait(30)
    assert cloud.picture.n_in_sight == (20,)
    cloud.set_layers([])
    assert cloud.picture is None
    assert not plot.is_busy


def test_that_a_screen_of_small_pixels_gets_a_picture_of_small_pixels(
    qtbot, plot, cloud, monkeypatch
):
    monkeypatch.setattr(type(plot), "devicePixelRatioF", lambda _: 2.0)
    cloud.set_layers([layer(100)])
    settle(qtbot, plot)
    rect = plot.panels[0].box.rect()
    height, width, _ = cloud.picture.pixels.shape
    assert (width, height) == (round(2 * rect.width()), round(2 * rect.height()))
    # A dot covers four times as many pixels.
    one = [PointLayer(np.array([0.5]), np.array([0.5]), RED, alpha=1.0)]
    fine, coarse = (render(one, unit_target(ratio=r)).pixels[..., 3].sum() for r in (2.0, 1.0))
    assert fine / coarse == pytest.approx(4, rel=0.1)


def test_that_a_hidden_panel_renders_nothing_until_it_is_seen(qtbot, plot, cloud):
    plot.hide()
    cloud.set_layers([layer(100)])
    assert not plot.is_busy
    plot.show()
    qtbot.waitUntil(lambda: cloud.picture is not None)


def test_that_dots_in_a_file_are_vectors_while_they_are_few(qtbot, plot, cloud):
    def to_svg():
        buffer = QBuffer()
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        painter = QPainter(generator)
        plot.scene().render(painter, QRectF(0, 0, 400, 300), QRectF(0, 0, 400, 300))
        painter.end()
        return bytes(buffer.data()).decode()

    cloud.set_layers([layer(50, rgb=(18, 52, 86))])
    settle(qtbot, plot)
    text = to_svg()
    assert text.count("#123456") >= 1
    assert text.count("<circle") + text.count("<ellipse") >= 50
    assert "<image" not in text
    cloud.set_layers([layer(items.MOST_VECTOR_DOTS + 1)])
    settle(qtbot, plot)
    assert "<image" in to_svg()


def test_that_a_larger_bitmap_of_the_panel_is_rendered_and_not_stretched(qtbot, plot, cloud):
    cloud.set_layers([PointLayer(np.array([0.5]), np.array([0.5]), RED, size=2, alpha=1.0)])
    settle(qtbot, plot)
    image = QImage(1600, 1200, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    plot.scene().render(painter, QRectF(0, 0, 1600, 1200), QRectF(0, 0, 400, 300))
    painter.end()
    middle = plot.panels[0].scene_position(0.5, 0.5) * 4
    row = [image.pixelColor(round(middle.x()) + k, round(middle.y())).red() for k in range(-8, 9)]
    # A round dot of 8 pixels with a smooth edge.
    assert sum(row) / 255 == pytest.approx(8, abs=1.5)


def test_that_a_failure_is_told_and_does_not_repeat(qtbot, plot, cloud, monkeypatch):
    def fail(*_):
        raise OSError("the disk is gone")

    monkeypatch.setattr(items, "render", fail)
    with qtbot.waitSignal(cloud.failed) as told:
        cloud.set_layers([layer(10)])
    assert str(told.args[0]) == "the disk is gone"
    plot.grab()
    assert not plot.is_busy


def test_that_the_nearest_point_is_found_from_data_coordinates(qtbot, plot, cloud):
    cloud.set_layers([layer(10), PointLayer(np.array([0.5]), np.array([0.25]), BLUE)])
    assert cloud.nearest(0.5, 0.25) == (1, 0)
    assert cloud.nearest(50, 50) is None


@pytest.mark.parametrize("mode", ["auto", "density"])
def test_that_a_small_layer_is_seen_over_the_density_of_a_huge_one(mode):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 400_000))
    huge = PointLayer(x, y, (255, 0, 0))
    small = PointLayer(np.zeros(3), np.array([0.0, 0.5, 1.0]), (0, 255, 0))
    pixels = render_points([small, huge], (-3, 3), (-3, 3), 120, 120, mode=mode)
    for row in (60, 50, 40):
        red, green = pixels[row, 60, :2].astype(int)
        assert green > 2 * red
    alone = render_points([huge], (-3, 3), (-3, 3), 120, 120, mode=mode)
    assert (pixels[:30] == alone[:30]).all()


def test_that_small_layers_beside_small_ones_stay_density_where_that_is_asked():
    x = np.linspace(-1, 1, 50)
    layers = [PointLayer(x, x, (255, 0, 0)), PointLayer(x, -x, (0, 255, 0))]
    both = render(layers, Target((-2, 2), (-2, 2), 50, 50, 1.0, "density"))
    assert both.is_density[1]
    assert both.n_in_sight == (50, 50)
