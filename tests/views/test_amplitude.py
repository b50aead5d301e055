"""The amplitude view: points, histograms, keys and gestures."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from factories import make_phy_folder
from made_datasets import make_recorded_dataset
from mouse import ALT, CTRL, click, double_click, drag, leave, move, wheel
from PyQt6.QtCore import QPointF
from showing import session_of

from gtview.data.dataset import Gain
from gtview.data.phy_reader import read_export
from gtview.qt.theme import cluster_rgb
from gtview.views.amplitude import AmplitudeView
from gtview.views.side_histogram import STEP_PX, runs, steps_in_sight
from gtview.views.value_plot import NARROWEST_WITH_HISTOGRAM


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "phy"
    made = make_phy_folder(folder, n_spikes=2000, n_clusters=5, with_raw=True)
    return read_export(made.path, raw_path=made.raw_path)


@pytest.fixture
def session(dataset):
    return session_of(dataset)


@pytest.fixture
def show(shower, session):
    def make(ids=(0, 1), size=(600, 400), of=None, **settings):
        chosen = of or session
        chosen.select_clusters(ids)
        return shower(AmplitudeView, chosen, size, **settings)

    return make


def at(view, x, y):
    """Return the pixel of the plot where a value is."""
    place = view.plot.panel.scene_position(x, y)
    return place.x(), place.y()


def own_spikes(dataset, cluster_id):
    return np.flatnonzero(dataset.spike_clusters == cluster_id)


# What is drawn -----------------------------------------------------------------------------


def test_that_every_spike_is_a_point_at_its_time(show, dataset):
    view = show((3, 1))
    layers = view.plot.cloud.layers
    front = [layer for layer in layers if not layer.is_background]
    for layer, cluster_id, color_id in zip(front, (3, 1), (0, 1), strict=True):
        own = own_spikes(dataset, cluster_id)
        times = layer.x * layer.x_scale
        assert times == pytest.approx(dataset.spike_samples[own] / dataset.sample_rate_hz)
        assert layer.y.tolist() == dataset.amplitudes[own].tolist()
        assert layer.rgb == cluster_rgb(color_id)
    assert view.plot.panel.x_axis.title == "time (s)"
    assert view.plot.panel.y_axis.title == "template amplitude (sorter's unit)"


def test_that_clusters_with_the_same_peak_channel_are_behind_in_grey(shower, dataset, session):
    # All clusters lie on one channel but cluster 4.
    channels = np.array([6, 6, 6, 6, 2], np.int32)
    opened = replace(session._opened, stats=replace(session.stats, best_channels=channels))
    session.replace_opened(opened)
    session.select_clusters((1, 2))
    view = shower(AmplitudeView, session)
    behind = [layer for layer in view.plot.cloud.layers if layer.is_background]
    expected = [own_spikes(dataset, i) for i in (0, 3)]
    n = sum(map(len, expected))
    assert len(behind) == 1
    assert sorted(behind[0].x.tolist()) == sorted(
        dataset.spike_samples[np.concatenate(expected)].tolist()
    )
    n_front = len(own_spikes(dataset, 1)) + len(own_spikes(dataset, 2))
    assert view.status == (
        f"template amplitude, {n_front:,} of {n_front:,} spikes, background {n:,}"
    )


def test_that_the_picture_is_the_one_for_the_limits_shown(show):
    view = show()
    cloud = view.plot.cloud
    assert cloud.picture.target == cloud.target
    assert sum(cloud.picture.n_in_sight) > 0


def test_that_limits_hold_nearly_all_spikes_and_zero(show, dataset):
    view = show((0, 1))
    low, high = view.plot.panel.y_range
    values = dataset.amplitudes[np.isin(dataset.spike_clusters, (0, 1))]
    assert low <= 0
    assert np.mean((values >= low) & (values <= high)) > 0.99
    assert view.plot.panel.x_range == pytest.approx((0, dataset.duration_s))


def test_that_one_stray_amplitude_does_not_squeeze_the_others(shower, dataset):
    amplitudes = dataset.amplitudes.copy()
    amplitudes[own_spikes(dataset, 0)[7]] = 1e6
    session = session_of(replace(dataset, amplitudes=amplitudes))
    session.select_clusters((0,))
    view = shower(AmplitudeView, session)
    assert view.plot.panel.y_range[1] < 100 * np.median(dataset.amplitudes)


def test_that_axes_stay_while_clusters_are_browsed(shower, dataset):
    amplitudes = np.random.default_rng(0).uniform(1, 2, dataset.n_spikes).astype(np.float32)
    sizes = np.array([1, 0.8, 10, 1, 1], np.float32)
    amplitudes *= sizes[dataset.spike_clusters]
    session = session_of(replace(dataset, amplitudes=amplitudes))
    session.select_clusters((0,))
    view = shower(AmplitudeView, session)
    before = view.plot.panel.y_range
    session.select_clusters((1,))
    shower.settle(view)
    assert view.plot.panel.y_range == before
    # Unless they would hide what is selected.
    session.select_clusters((2,))
    shower.settle(view)
    assert view.plot.panel.y_range[1] > 20


def test_that_histograms_count_the_spikes_in_sight(show, dataset):
    view = show((0, 1))
    low, high = view.plot.panel.y_range
    drawn = steps_in_sight(view.plot.side.curves, low, high, 300.0)
    colors = [curve.rgb for curve in view.plot.side.curves if not curve.is_background]
    assert colors == [cluster_rgb(0), cluster_rgb(1)]
    for (edges, counts), cluster_id in zip(drawn[-2:], (0, 1), strict=True):
        values = dataset.amplitudes[own_spikes(dataset, cluster_id)]
        assert len(counts) <= 300 / STEP_PX
        assert counts.sum() == pytest.approx(np.sum((values >= low) & (values <= high)), abs=1)
        # Half of them are below the middle, wherever that is.
        middle = len(counts) // 2
        assert counts[:middle].sum() == pytest.approx(
            np.sum((values >= low) & (values < edges[middle])), abs=2
        )


def test_that_a_narrow_view_has_no_histograms(show):
    assert not show(size=(NARROWEST_WITH_HISTOGRAM - 20, 200)).plot.side.isVisible()


def test_that_the_runs_of_a_histogram_are_its_stretches_that_are_not_empty():
    assert runs(np.array([0, 1, 1, 0, 1], bool)) == [(1, 3), (4, 5)]
    assert runs(np.zeros(3, bool)) == []


# Measures ----------------------------------------------------------------------------------


def test_that_a_cycles_through_the_measures(show, shower):
    view = show()
    names = []
    for _ in range(5):
        shower.settle(view)
        names.append(view.kind)
        view.show_next_kind()
    assert names == ["template", "feature", "template feature", "raw", "template"]
    view.show_previous_kind()
    assert view.kind == "template"
    view.show_previous_kind()
    assert view.kind == "raw"
    shower.settle(view)
    assert view.plot.panel.y_axis.title.startswith("raw peak-to-peak (")


def test_that_keys_are_those_of_phy():
    keys = {action.id: action.keys for action in AmplitudeView.actions_declared}
    assert keys["amplitude.next"] == ("A",)
    assert keys["amplitude.previous"] == ("Shift+A",)


def test_that_another_measure_gets_limits_of_its_own(show, shower):
    view = show()
    before = view.plot.panel.y_range
    # Although somebody has zoomed.
    view.plot.panel.show_range((1.0, 2.0), (0.0, 0.1))
    shower.change(view, kind="feature")
    assert view.plot.panel.y_range != before
    assert view.plot.panel.x_range == pytest.approx((1.0, 2.0))
    low, high = view.plot.panel.y_range
    values = view.plot.cloud.layers[-1].y
    assert np.mean((values >= low) & (values <= high)) > 0.95


def test_that_a_feature_chosen_elsewhere_is_shown(show, shower, session, dataset):
    view = show()
    session.selection.update(feature=(3, 1))
    shower.settle(view)
    assert view.settings.kind == "feature"
    raw = dataset.channels.raw_channels[3]
    assert view.plot.panel.y_axis.title == f"PC2 on channel {raw} (sorter's unit)"
    session.selection.update(feature=None)
    shower.settle(view)
    best = dataset.channels.raw_channels[session.best_channels(0).best]
    assert view.plot.panel.y_axis.title == f"PC1 on channel {best} (sorter's unit)"


def test_that_a_measure_that_the_export_lacks_gives_way(shower, dataset):
    session = session_of(replace(dataset, amplitudes=None))
    session.select_clusters((0,))
    view = shower(AmplitudeView, session)
    assert view.kind == "feature"
    assert view.settings.kind == "template"


def test_that_raw_spikes_are_counted_while_they_are_read(show, shower, qtbot, dataset):
    told = []
    view = show((0,), raw_limit=100)
    view.status_changed.connect(told.append)
    shower.change(view, kind="raw")
    n = len(own_spikes(dataset, 0))
    assert any(text.endswith("reading") for text in told)
    shown, left_out = map(int, re.findall(rf"(\d+) of {n} spikes, (\d+) beyond", view.status)[0])
    assert shown + left_out == 100


def test_that_a_gain_that_becomes_known_is_used(tmp_path, shower):
    dataset = make_recorded_dataset(tmp_path, gain=None)
    session = session_of(dataset)
    session.select_clusters((0,))
    view = shower(AmplitudeView, session)
    before = view.plot.cloud.layers[-1].y
    assert view.plot.panel.y_axis.title == "raw peak-to-peak (arb.)"
    known = replace(dataset, gain=Gain(0.5, "the test"))
    session.replace_opened(replace(session._opened, dataset=known))
    shower.settle(view)
    assert view.plot.panel.y_axis.title == "raw peak-to-peak (\N{MICRO SIGN}V)"
    assert view.plot.cloud.layers[-1].y == pytest.approx(before * 0.5)


# Time ------------------------------------------------------------------------------------------


def test_that_only_spikes_of_the_time_window_are_shown(show, shower, session, dataset):
    view = show((0,))
    session.selection.update(time_window_s=(1.0, 2.0))
    shower.settle(view)
    rate = dataset.sample_rate_hz
    for layer in view.plot.cloud.layers:
        times = layer.x / rate
        assert ((times >= 1.0) & (times <= 2.0)).all()
    own = dataset.spike_samples[own_spikes(dataset, 0)] / rate
    n = int(np.sum((own >= 1.0) & (own < 2.0)))
    assert f"{n} of {n} spikes" in view.status
    assert view.plot.panel.x_range == pytest.approx((1.0, 2.0))


def test_that_alt_click_moves_the_trace_there(show, session, dataset):
    view = show()
    click(view.plot.viewport(), at(view, 3.0, view.plot.panel.y_range[1] / 2), modifiers=ALT)
    start, stop = session.selection.state.trace_s
    assert (start + stop) / 2 == pytest.approx(3.0, abs=0.02)
    assert stop - start == pytest.approx(0.25)
    session.selection.update(trace_s=(1.0, 1.5))
    click(view.plot.viewport(), at(view, 0.05, view.plot.panel.y_range[1] / 2), modifiers=ALT)
    # As long as it was, and within the recording.
    assert session.selection.state.trace_s == pytest.approx((0.0, 0.5))


def test_that_a_plain_click_moves_no_trace(show, session):
    view = show()
    click(view.plot.viewport(), at(view, 3.0, 1.0))
    assert session.selection.state.trace_s is None


def test_that_the_place_of_the_trace_is_seen_without_drawing_the_points_again(show, session):
    view = show()
    assert view.plot.band.span is None
    n_drawn = view.n_drawn
    session.selection.update(trace_s=(2.0, 2.5))
    assert view.plot.band.span == (2.0, 2.5)
    assert view.is_settled
    assert view.n_drawn == n_drawn
    middle = view.plot.panel.scene_position(2.25, view.plot.panel.y_range[1] * 0.97)
    beside = QPointF(middle.x() + 40, middle.y())
    image = view.plot.grab().toImage()
    assert image.pixelColor(middle.toPoint()) != image.pixelColor(beside.toPoint())


# Gestures ----------------------------------------------------------------------------------


def test_that_ctrl_wheel_stretches_the_amplitudes_around_zero(show):
    view = show()
    low, high = view.plot.panel.y_range
    x = view.plot.panel.x_range
    wheel(view.plot.viewport(), at(view, 2.0, high / 2), 2, CTRL)
    after = view.plot.panel.y_range
    assert after == pytest.approx((low / 1.15**2, high / 1.15**2))
    assert view.plot.panel.x_range == x


def test_that_alt_wheel_changes_the_dots(show, shower):
    view = show()
    wheel(view.plot.viewport(), at(view, 2.0, 1.0), 3, ALT)
    shower.settle(view)
    assert view.settings.dot_size == pytest.approx(3 * 1.15**3, abs=0.01)
    assert {layer.size for layer in view.plot.cloud.layers} == {view.settings.dot_size}


def test_that_drag_moves_and_double_click_shows_everything(show):
    view = show()
    home = (view.plot.panel.x_range, view.plot.panel.y_range)
    drag(view.plot.viewport(), (200, 150), (260, 190))
    assert view.plot.panel.x_range != home[0]
    double_click(view.plot.viewport(), (200, 150))
    assert (view.plot.panel.x_range, view.plot.panel.y_range) == home


def test_that_fit_chooses_the_limits_anew(show, shower, session):
    view = show()
    view.plot.panel.show_range((1.0, 2.0), (0.0, 0.1))
    view.fit()
    shower.settle(view)
    assert view.plot.panel.is_at_home
    assert view.plot.cloud.picture.target == view.plot.cloud.target


def test_that_the_wheel_beside_zooms_the_amplitudes_alone(show):
    view = show()
    x, y = view.plot.panel.x_range, view.plot.panel.y_range
    rect = view.plot.side.sceneBoundingRect().center()
    wheel(view.plot.viewport(), (rect.x(), rect.y()), 2)
    assert view.plot.panel.x_range == x
    assert np.ptp(view.plot.panel.y_range) < np.ptp(y)


def test_that_the_pointer_tells_time_and_value(show):
    view = show()
    summary = view.status
    move(view.plot.viewport(), at(view, 2.0, 0.5 * view.plot.panel.y_range[1]))
    seconds, value = view.status.split(" s, ")
    assert float(seconds) == pytest.approx(2.0, abs=0.02)
    assert float(value) == pytest.approx(0.5 * view.plot.panel.y_range[1], rel=0.05)
    leave(view.plot)
    assert view.status == summary


def test_that_background_and_histograms_can_be_hidden(show, shower):
    view = show()
    view.toggle_background()
    view.toggle_histograms()
    shower.settle(view)
    assert not any(layer.n_points for layer in view.plot.cloud.layers if layer.is_background)
    assert not view.plot.side.isVisible()
    assert view.plot.side.curves == ()
    view.toggle_histograms()
    shower.settle(view)
    assert view.plot.side.isVisible()


# States ----------------------------------------------------------------------------------------


def test_that_nothing_selected_and_nothing_there_is_said(shower, dataset):
    session = session_of(dataset)
    view = shower(AmplitudeView, session)
    assert view._stack.currentWidget().text() == "select a cluster"
    nothing = replace(dataset, amplitudes=None, pc_features=None, template_features=None, raw=None)
    reason = AmplitudeView.missing(session_of(nothing))
    assert "amplitudes.npy" in reason
    assert "raw recording" in reason


def test_that_a_raw_file_that_fails_is_told_in_this_view(tmp_path, shower):
    dataset = make_recorded_dataset(tmp_path)
    session = session_of(dataset)
    session.select_clusters((0,))
    (tmp_path / "raw.bin").unlink()
    view = shower(AmplitudeView, session)
    assert view.error is not None
    assert "raw.bin" in view._stack.currentWidget().text()


def test_that_more_clusters_than_can_be_read_are_left_out_and_told(shower, dataset):
    clusters = (np.arange(dataset.n_spikes) % 23).astype(np.int32)
    session = session_of(replace(dataset, spike_clusters=clusters))
    session.select_clusters(range(23))
    view = shower(AmplitudeView, session)
    assert "first 20 of 23 clusters" in view.status


@pytest.mark.parametrize("size", [(220, 120), (300, 200), (1600, 900)])
def test_that_points_are_seen_at_every_size(show, size):
    image = show(size=size).grab().toImage()
    places = [(x, y) for x in range(0, size[0], 2) for y in range(0, size[1], 2)]
    blue = cluster_rgb(0)
    near = [
        1
        for x, y in places
        if sum(abs(a - b) for a, b in zip(image.pixelColor(x, y).getRgb(), blue, strict=False))
        < 90
    ]
    assert len(near) > 10
