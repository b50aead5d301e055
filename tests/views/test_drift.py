"""The drift view: all spikes, the selection, lines of motion, and the choice of a time range."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mouse import CTRL, RIGHT, click, double_click, drag, wheel
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QImage, QPainter
from small_sessions import RATE_HZ, make_dataset, make_session, score

from gtview.curation.clustering import Clustering
from gtview.data.features import FeatureFile
from gtview.data.ground_truth import Motion
from gtview.qt.points import render
from gtview.qt.theme import cluster_rgb, load_theme
from gtview.session.session import Opened, Session
from gtview.views.drift import DriftView, grey_table
from gtview.views.drift_compute import compute_drift, motion_lines
from gtview.views.drift_items import to_polygon

SHIFT = Qt.KeyboardModifier.ShiftModifier
DURATION_S = 10.0
TRAINS = {
    0: range(1000, 99_000, 500),
    1: range(1250, 99_000, 1000),
    2: range(2000, 30_000, 700),
}
DEPTHS = {0: 100.0, 1: 300.0, 2: 500.0}


def drifting(**changes):
    """Return a dataset of three clusters, each at its depth with some jitter."""
    dataset = make_dataset({i: list(t) for i, t in TRAINS.items()}, DURATION_S)
    rng = np.random.default_rng(0)
    depths = np.array([DEPTHS[int(c)] for c in dataset.spike_clusters])
    positions = np.c_[np.zeros(len(depths)), depths + rng.normal(0, 3, len(depths))]
    fields = {
        "spike_positions_um": positions.astype(np.float32),
        "amplitudes": rng.uniform(10, 50, len(depths)).astype(np.float32),
    }
    return replace(dataset, **(fields | changes))


def session_of(dataset, truth=None):
    clustering = Clustering(dataset.spike_clusters, dataset.time_order)
    return Session(Opened(dataset, truth, clustering, None, None))


def truth_of(units, locations=None, motion=None):
    made = make_session({0: [1, 2]}, units).truth
    return replace(made, locations_um=locations, motion=motion)


@pytest.fixture
def show(shower, qtbot):
    """Return a function that shows the view of a session, with all depths read."""

    def make(session, size=(700, 400), **looks):
        view = shower(DriftView, session, size, **looks)
        settle(qtbot, view)
        return view

    return make


def settle(qtbot, view):
    qtbot.waitUntil(lambda: view.is_settled and not view.reader.is_busy, timeout=20_000)
    qtbot.wait(1)


def place_of(view, x, y):
    point = view.plot.mapFromScene(view.panel.scene_position(x, y))
    return point.x(), point.y()


# What is shown ---------------------------------------------------------------------------------


def test_that_all_spikes_are_behind_and_those_of_the_selection_before(show):
    session = session_of(drifting())
    session.select_clusters((2, 0))
    view = show(session)
    dataset = session.dataset
    assert view.background.picture.n_in_sight[0] >= 0.99 * dataset.n_spikes
    assert view.background.layers[0].n_points == dataset.n_spikes
    for layer, cluster_id, color in zip(view.foreground.layers, (2, 0), (0, 1), strict=True):
        ids = np.flatnonzero(dataset.spike_clusters == cluster_id)
        np.testing.assert_array_equal(layer.x, dataset.spike_samples[ids])
        assert layer.x_scale == 1 / RATE_HZ
        np.testing.assert_array_equal(layer.y, dataset.spike_positions_um[ids, 1])
        assert layer.rgb == cluster_rgb(color)
    assert view.status == f"all {dataset.n_spikes:,} spikes"


def test_that_axes_frame_the_data_and_stray_spikes_do_not_matter(show):
    dataset = drifting()
    positions = dataset.spike_positions_um.copy()
    positions[5] = 0, 1e6
    positions[6] = np.nan
    # One of 334 is more than the share that counts as stray: many more spikes, then.
    many = np.repeat(np.arange(dataset.n_spikes), 20)
    repeated = replace(
        dataset,
        spike_samples=dataset.spike_samples[many],
        spike_clusters=dataset.spike_clusters[many],
        spike_templates=dataset.spike_templates[many],
        amplitudes=dataset.amplitudes[many],
        spike_positions_um=np.concatenate([positions] + [dataset.spike_positions_um] * 19),
    )
    view = show(session_of(repeated))
    assert view.panel.x_range == pytest.approx((0, DURATION_S))
    low, high = view.panel.y_range
    assert 60 < low < 95
    assert 505 < high < 560
    assert "1 without depth" in view.status


def test_that_a_new_selection_leaves_the_picture_of_all_spikes_as_it_is(qtbot, show):
    session = session_of(drifting())
    view = show(session)
    picture, overview = view.background.picture, view.overview
    session.select_clusters((1,))
    settle(qtbot, view)
    assert view.background.picture is picture
    assert view.overview is overview
    assert view.foreground.picture.n_in_sight == (len(TRAINS[1]),)
    session.select_clusters(())
    settle(qtbot, view)
    assert view.foreground.layers == ()
    assert view.background.picture is picture


def test_that_spikes_out_of_order_of_time_are_shown_too(show):
    dataset = drifting()
    shuffle = np.random.default_rng(1).permutation(dataset.n_spikes)
    mixed = replace(
        dataset,
        spike_samples=dataset.spike_samples[shuffle],
        spike_clusters=dataset.spike_clusters[shuffle],
        spike_templates=dataset.spike_templates[shuffle],
        amplitudes=dataset.amplitudes[shuffle],
        spike_positions_um=dataset.spike_positions_um[shuffle],
        time_order=np.argsort(dataset.spike_samples[shuffle], kind="stable"),
    )
    sessions = [session_of(dataset), session_of(mixed)]
    for session in sessions:
        session.select_clusters((0, 2))
    first, second = (show(session) for session in sessions)
    np.testing.assert_array_equal(
        first.foreground.picture.pixels, second.foreground.picture.pixels
    )
    assert first.background.picture.n_in_sight == second.background.picture.n_in_sight


def test_that_large_spikes_have_a_stronger_grey_and_it_can_be_switched_off(qtbot, show):
    view = show(session_of(drifting()))
    layer = view.background.layers[0]
    np.testing.assert_array_equal(layer.values, view.session.dataset.amplitudes)
    assert 10 <= layer.value_range[0] < 15
    assert 45 < layer.value_range[1] <= 50
    view.toggle_amplitude()
    settle(qtbot, view)
    assert view.background.layers[0].values is None
    assert show(session_of(drifting(amplitudes=None))).background.layers[0].values is None
    for name in ("dark", "light"):
        theme = load_theme(name)
        table = grey_table(theme).astype(int)
        # Stronger means farther from the plot, and a grey has hardly any colour.
        distance = np.abs(table - theme.color("plot").red()).sum(axis=1)
        assert (np.diff(distance) >= 0).all()
        assert (table.max(axis=1) - table.min(axis=1)).max() < 30


# Depths ----------------------------------------------------------------------------------------


def test_that_depths_come_from_features_piece_by_piece(qtbot, show, tmp_path, monkeypatch):
    dataset = drifting(spike_positions_um=None)
    positions = np.c_[np.zeros(4), [0.0, 100.0, 200.0, 300.0]].astype(np.float32)
    features = np.zeros((dataset.n_spikes, 1, 2), np.float32)
    features[:, 0] = 3.0, 4.0
    np.save(tmp_path / "pc_features.npy", features)
    channels = np.array([[0, 1], [1, 2], [2, 3]], np.int32)
    file = FeatureFile.open(tmp_path / "pc_features.npy", channels, None, dataset.n_spikes)
    dataset = replace(
        dataset,
        channels=replace(dataset.channels, positions_um=positions),
        pc_features=file,
    )
    told = []
    monkeypatch.setattr(DriftView, "set_status", lambda self, text: told.append(text))
    view = show(session_of(dataset))
    assert any("depth of templates" in text and "reading features" in text for text in told)
    assert told[-1] == f"all {dataset.n_spikes:,} spikes · depth from features"
    expected = (dataset.spike_clusters + 16 / 25) * 100
    np.testing.assert_allclose(view.overview.depths.depths_um, expected, rtol=1e-5)
    np.testing.assert_allclose(view.background.layers[0].y, expected, rtol=1e-5)


def test_that_features_that_cannot_be_read_are_told_and_templates_stay(
    qtbot, show, tmp_path, monkeypatch
):
    dataset = drifting(spike_positions_um=None)
    np.save(tmp_path / "pc_features.npy", np.ones((dataset.n_spikes, 1, 4), np.float32))
    file = FeatureFile.open(tmp_path / "pc_features.npy", None, None, dataset.n_spikes)
    (tmp_path / "pc_features.npy").unlink()
    view = show(session_of(replace(dataset, pc_features=file)))
    assert "pc_features.npy" in view.status
    assert view.error is None
    assert view.overview.depths.source == "templates"


def test_that_a_view_without_any_depths_says_which_files_it_needs(show):
    view = show(session_of(drifting(spike_positions_um=None)))
    assert "spike_positions.npy" in DriftView.missing(view.session)
    assert view._message.text() == DriftView.missing(view.session)


# Motion ----------------------------------------------------------------------------------------

MOTION = Motion(
    np.array([0.0, 5.0, 10.0]), np.array([0.0]), np.array([[0], [20], [-10]], np.float32)
)


def test_that_the_true_motion_and_the_ways_of_matched_units_are_shown(qtbot, show):
    units = {"a": list(TRAINS[0]), "b": list(TRAINS[1])}
    truth = truth_of(units, np.array([[0, 100], [0, 300]], np.float32), MOTION)
    session = session_of(drifting(), truth)
    score(session)
    session.select_clusters((1, 0))
    view = show(session)
    lines = view.motion.lines
    assert [line.label for line in lines.units] == ["unit b", "unit a"]
    for line, depth in zip(lines.units, (300, 100), strict=True):
        np.testing.assert_allclose(line.depths_um, depth + np.array([0, 20, -10]))
    assert len(lines.truth) >= 3
    for line in lines.truth:
        np.testing.assert_allclose(line.depths_um - line.depths_um[0], [0, 20, -10])
    assert "true motion" in view.status
    session.select_unit("a")
    settle(qtbot, view)
    assert [line.label for line in view.motion.lines.units] == ["unit a"]
    view.toggle_true_motion()
    settle(qtbot, view)
    assert not view.motion.lines.units
    assert not view.motion.lines.truth
    assert "motion" not in view.status


def test_that_units_without_motion_are_level_and_unknown_places_are_left_out(show):
    units = {"a": list(TRAINS[0]), "b": list(TRAINS[1])}
    truth = truth_of(units, np.array([[0, 100], [0, np.nan]], np.float32))
    session = session_of(drifting(), truth)
    score(session)
    session.select_clusters((0, 1))
    (line,) = show(session).motion.lines.units
    assert line.label == "unit a"
    assert line.times_s.tolist() == [0, DURATION_S]
    assert line.depths_um.tolist() == [100, 100]


def test_that_the_sorters_motion_is_shown_or_why_not(qtbot, show, tmp_path):
    shifts = np.array([[0.0, 1.0], [-5.0, 2.0]])
    ops = {"dshift": shifts, "yblk": np.array([100.0, 400.0]), "batch_size": 50_000, "fs": RATE_HZ}
    np.save(tmp_path / "ops.npy", np.array(ops, dtype=object), allow_pickle=True)
    view = show(session_of(drifting(folder=tmp_path)))
    assert "sorter's motion" in view.status
    assert [line.depths_um.tolist() for line in view.motion.lines.sorter] == [
        [100, 105], [399, 398],
    ]  # fmt: skip
    assert view.motion.lines.sorter[0].times_s.tolist() == [2.5, 7.5]
    np.save(tmp_path / "ops.npy", np.array({"path": Path("x")}, dtype=object), allow_pickle=True)
    view = show(session_of(drifting(folder=tmp_path)))
    assert "sorter's motion cannot be read" in view.status
    assert "never loaded" in view.plot.toolTip()
    (tmp_path / "ops.npy").unlink()
    view = show(session_of(drifting(folder=tmp_path)))
    assert "sorter" not in view.status


def test_that_long_lines_are_thinned_out_and_only_drawn_where_they_are_seen(show):
    view = show(session_of(drifting()))
    times = np.linspace(0, 10, 100_001)
    motion = Motion(times, np.array([0.0]), np.sin(times)[:, None].astype(np.float32))
    (line,) = motion_lines(motion, np.array([200.0]))
    for x_range in ((0.0, 10.0), (4.0, 4.001)):
        view.panel.show_range(x_range)
        polygon = to_polygon(line, view.panel)
        assert 2 <= len(polygon) <= 400
        first, last = polygon[0], polygon[len(polygon) - 1]
        assert first.x() <= 0.5
        assert last.x() >= view.panel.box.rect().width() - 0.5
        expected = view.panel.to_pixels(x_range[0], 200 + np.sin(x_range[0]))
        assert first.y() == pytest.approx(expected.y(), abs=1)


# Choosing a part of the recording --------------------------------------------------------------


def test_that_a_drag_with_ctrl_chooses_a_part_for_every_view(qtbot, show):
    session = session_of(drifting())
    session.select_clusters((0,))
    view = show(session)
    before = view.panel.x_range
    drag(view.plot.viewport(), place_of(view, 6, 400), place_of(view, 2, 200), modifiers=CTRL)
    settle(qtbot, view)
    window = session.selection.state.time_window_s
    assert window == pytest.approx((2, 6), abs=0.05)
    assert view.panel.x_range == before
    assert view.brush.window.window_s == window
    assert "2" in view.status
    assert " s" in view.status
    # Here all spikes of the cluster stay; other views get those inside.
    assert view.foreground.picture.n_in_sight == (len(TRAINS[0]),)
    inside = session.spikes_in_window(0)
    times = session.dataset.spike_samples[inside] / RATE_HZ
    assert times.min() >= window[0]
    assert times.max() <= window[1]


@pytest.mark.parametrize("modifiers", [CTRL, SHIFT])
def test_that_a_drag_along_the_time_axis_chooses_a_part_too(show, modifiers):
    session = session_of(drifting())
    view = show(session)
    below = view.panel.x_axis.mapToScene(0.0, 4.0).y()
    start, end = ((place_of(view, t, 300)[0], below) for t in (2, 6))
    before = view.panel.x_range
    drag(view.plot.viewport(), start, end, modifiers=modifiers)
    assert session.selection.state.time_window_s == pytest.approx((2, 6), abs=0.05)
    assert view.panel.x_range == before


def test_that_the_chosen_part_stays_within_the_recording(qtbot, show):
    session = session_of(drifting())
    view = show(session)
    view.panel.show_range((-5, 15))
    drag(view.plot.viewport(), place_of(view, -3, 300), place_of(view, 5, 300), modifiers=CTRL)
    assert session.selection.state.time_window_s == pytest.approx((0, 5), abs=0.1)


@pytest.mark.parametrize("modifiers", [SHIFT, Qt.KeyboardModifier.NoModifier])
def test_that_other_drags_choose_nothing(show, modifiers):
    session = session_of(drifting())
    view = show(session)
    drag(view.plot.viewport(), place_of(view, 2, 200), place_of(view, 6, 300), modifiers=modifiers)
    drag(view.plot.viewport(), place_of(view, 2, 200), place_of(view, 6, 300), RIGHT, CTRL)
    assert session.selection.state.time_window_s is None


def test_that_a_double_click_inside_or_escape_goes_back_to_the_whole(qtbot, show):
    session = session_of(drifting())
    view = show(session)
    session.selection.update(time_window_s=(2.0, 6.0))
    settle(qtbot, view)
    assert view.brush.window.window_s == (2.0, 6.0)
    view.panel.show_range((0, 8))
    double_click(view.plot.viewport(), place_of(view, 7, 300))
    assert session.selection.state.time_window_s == (2.0, 6.0)
    assert view.panel.is_at_home
    view.panel.show_range((0, 8))
    double_click(view.plot.viewport(), place_of(view, 4, 300))
    assert session.selection.state.time_window_s is None
    assert not view.panel.is_at_home
    settle(qtbot, view)
    assert view.brush.window.window_s is None
    session.selection.update(time_window_s=(2.0, 6.0))
    (action,) = [a for a in view.actions_declared if "Esc" in a.keys]
    getattr(view, action.slot)()
    assert session.selection.state.time_window_s is None


def test_that_what_is_outside_of_the_chosen_part_lies_under_a_veil(qtbot, show):
    session = session_of(drifting())
    session.select_clusters((0,))
    view = show(session)
    session.selection.update(time_window_s=(5.0, 10.0))
    settle(qtbot, view)
    image = view.plot.grab().toImage()
    (left, top), (middle, bottom) = place_of(view, 0.2, 115), place_of(view, 4.9, 85)

    def brightest(x0, x1):
        xs, ys = range(int(x0), int(x1)), range(int(top), int(bottom))
        return max(image.pixelColor(x, y).blue() for x in xs for y in ys)

    right = place_of(view, 9.8, 100)[0]
    assert brightest(left, middle) < 0.7 * brightest(middle + 20, right)


def test_that_ctrl_and_a_click_select_the_cluster_of_the_nearest_spike(qtbot, show):
    session = session_of(drifting())
    view = show(session)
    dataset = session.dataset
    spike = int(np.flatnonzero(dataset.spike_clusters == 2)[7])
    x, y = dataset.spike_samples[spike] / RATE_HZ, dataset.spike_positions_um[spike, 1]
    click(view.plot.viewport(), place_of(view, x, y))
    assert session.selection.state.cluster_ids == ()
    click(view.plot.viewport(), place_of(view, x, y), modifiers=CTRL)
    assert session.selection.state.cluster_ids == (2,)
    click(view.plot.viewport(), place_of(view, 5, 200), modifiers=CTRL)
    assert session.selection.state.cluster_ids == (2,)


def test_that_zooming_renders_all_spikes_again_and_reset_shows_everything(qtbot, show):
    view = show(session_of(drifting()))
    old = view.background.picture
    wheel(view.plot.viewport(), place_of(view, 5, 300), 3)
    settle(qtbot, view)
    assert view.background.picture.target.x_range == pytest.approx(view.panel.x_range)
    assert view.background.picture.n_in_sight < old.n_in_sight
    view.fit()
    settle(qtbot, view)
    assert view.background.picture.n_in_sight == old.n_in_sight


# States ----------------------------------------------------------------------------------------


def test_that_more_known_of_the_same_spikes_keeps_the_overview(qtbot, show):
    session = session_of(drifting())
    view = show(session)
    overview = view.overview
    session.replace_opened(
        Opened(replace(session.dataset, raw_path_asked="x"), None, session.clustering, None, None)
    )
    settle(qtbot, view)
    assert view.overview is overview
    longer = replace(session.dataset, duration_s=20.0)
    session.replace_opened(Opened(longer, None, session.clustering, None, None))
    settle(qtbot, view)
    assert view.overview is not overview
    assert view.panel.x_range == pytest.approx((0, 20))


def test_that_a_theme_changes_all_colours(qtbot, show):
    view = show(session_of(drifting()))
    before = view.background.layers[0].table
    view.context.themes.use("light")
    settle(qtbot, view)
    assert not np.array_equal(view.background.layers[0].table, before)
    assert view.motion.theme.name == view.brush.window.theme.name == "light"
    empty = view.plot.grab().toImage().pixelColor(*map(round, place_of(view, 5, 200)))
    assert empty.lightness() > 200


def test_that_it_can_be_painted_elsewhere_as_it_is(qtbot, show):
    session = session_of(drifting())
    session.select_clusters((0,))
    view = show(session, theme="light")
    image = QImage(view.plot.size() * 2, QImage.Format.Format_RGB32)
    with QPainter(image) as painter:
        view.plot.render(painter, QRectF(image.rect()), view.plot.rect())
    blue = sum(
        image.pixelColor(x, y).blue() > image.pixelColor(x, y).red() + 60
        for x in range(0, image.width(), 2)
        for y in range(0, image.height(), 2)
    )
    assert blue > 100


def test_that_what_is_computed_depends_on_the_query_alone(show):
    session = session_of(drifting())
    session.select_clusters((0, 1))
    view = show(session)
    first, second = (compute_drift(replace(view.query(), overview=None)) for _ in range(2))
    np.testing.assert_array_equal(first.picture.pixels, second.picture.pixels)
    again = render(first.layers, view.foreground.target)
    np.testing.assert_array_equal(again.pixels, view.foreground.picture.pixels)
