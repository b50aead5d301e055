"""The trace view: where it is, what it shows and says, keys and gestures, states, errors."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
from factories import make_phy_folder
from made_datasets import RATE, make_recorded_dataset
from mouse import ALT, CTRL, NONE, RIGHT, click, double_click, drag, wheel
from PyQt6.QtCore import QBuffer, QByteArray, QSize, Qt
from PyQt6.QtGui import QImage, QPainter
from PyQt6.QtSvg import QSvgGenerator

from gtview.analysis.channels import ChannelFinder
from gtview.base.errors import DatasetError
from gtview.curation.clustering import Clustering
from gtview.data.ground_truth import GroundTruth, TrueTemplates
from gtview.qt.theme import ThemeKeeper, cluster_rgb
from gtview.scoring.states import SpikeState
from gtview.session.comparing import BEFORE, compute_comparison
from gtview.session.highlighting import Highlight
from gtview.session.scoring import score
from gtview.session.session import Opened, Session
from gtview.views.comparison import ComparisonView
from gtview.views.trace import TraceView
from gtview.views.trace_errors import SELECT_FIRST
from gtview.views.trace_lanes import other_lane, sorted_lane, true_lane
from gtview.views.trace_layout import LANE_PX, RowZoom, TimeWindow, lay_out
from gtview.views.trace_others import find_lane
from gtview.views.trace_settings import ACTIONS

SHIFT = Qt.KeyboardModifier.ShiftModifier
N_SPIKES, DURATION_S = 240, 4.0


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return make_recorded_dataset(tmp_path_factory.mktemp("made"), n_spikes=N_SPIKES)


def truth_of(dataset):
    """The true spikes: those of the sorter, but every tenth, and some that it did not find."""
    waveforms = np.stack([dataset.templates.waveform(i) for i in range(3)])
    trains = []
    for unit in range(3):
        own = dataset.spike_samples[dataset.spike_templates == unit]
        trains.append(np.sort(np.r_[own[np.arange(len(own)) % 10 != 0], 700 + 3000 * unit]))
    offsets = np.r_[0, np.cumsum([len(t) for t in trains])].astype(np.int64)
    templates = TrueTemplates(waveforms * dataset.uv_per_bit, 20, dataset.channels.positions_um)
    samples = np.concatenate(trains).astype(np.int64)
    return GroundTruth(dataset.folder, (7, 8, 9), None, samples, offsets, templates=templates)


def make_session(dataset, truth=None):
    clustering = Clustering(dataset.spike_clusters, dataset.time_order)
    session = Session(Opened(dataset, truth, clustering, ChannelFinder(dataset), None))
    if truth is not None:
        session.set_scores(score(session))
    return session


@pytest.fixture
def show(shower):
    """Return a function that shows the view of a session, with clusters selected."""
    views = []

    def make(session, *cluster_ids, size=(800, 500), **settings):
        session.select_clusters(cluster_ids)
        views.append(shower(TraceView, session, size, **settings))
        return views[-1]

    yield make
    for view in views:
        view.close_view()


def settle(qtbot, view):
    qtbot.waitUntil(lambda: view.is_settled, timeout=20_000)


def place_of(view, channel_id, at_s):
    """Where a channel at a time is in the canvas."""
    layout = view.picture.layout
    row = layout.channel_ids.tolist().index(channel_id)
    return float(layout.x_of(at_s, view.time_window)), float(layout.row_y[row])


def make_key_table(view):
    return {key: getattr(view, a.slot) for a in view.actions_declared for key in a.keys}


def spike_times(dataset, cluster_id):
    return dataset.spike_samples[dataset.spike_clusters == cluster_id] / RATE


# Where it is ----------------------------------------------------------------------------------


def test_that_the_first_selection_is_shown_around_its_first_spike(dataset, show):
    moved = replace(dataset, spike_samples=dataset.spike_samples // 2 + 60_000)
    view = show(make_session(moved), 1)
    first = moved.spike_samples[moved.spike_clusters == 1][0] / RATE
    assert view.time_window.middle_s == pytest.approx(first)
    assert view.time_window.length_s == pytest.approx(0.25)
    # Another selection does not move it.
    before = view.time_window
    view.session.select_clusters([2])
    assert view.place() == before


def test_that_without_a_selection_it_shows_the_start(dataset, show, qtbot):
    view = show(make_session(dataset))
    assert view.time_window == TimeWindow(0.0, 0.25)
    assert "0 of 15 spikes" in view.status
    view.session.select_clusters([1])
    settle(qtbot, view)
    assert "5 of 15 spikes" in view.status


def test_that_keys_move_it_as_they_say(dataset, show, qtbot):
    view = show(make_session(dataset), 0)
    keys = make_key_table(view)
    view.show_window(TimeWindow(1.0, 1.2))
    for key, start in [("Alt+Right", 1.02), ("Alt+Left", 1.0), ("Alt+Shift+Right", 1.4),
                       ("Alt+Shift+Left", 1.0), ("Alt+Home", 0.0), ("Alt+End", 3.8)]:  # fmt: skip
        keys[key]()
        assert view.time_window.start_s == pytest.approx(start, abs=1e-9), key
        assert view.time_window.length_s == pytest.approx(0.2)
    view.show_window(TimeWindow(1.0, 1.2))
    keys["Alt+-"]()
    assert (view.time_window.start_s, view.time_window.stop_s) == pytest.approx((0.975, 1.225))
    keys["Alt++"]()
    assert view.time_window.length_s == pytest.approx(0.2)
    keys["R"]()
    assert (view.time_window.middle_s, view.time_window.length_s) == pytest.approx((1.1, 0.25))
    settle(qtbot, view)
    assert view.status.startswith("0.975 to 1.225 s")


def test_that_no_key_is_declared_twice_and_every_setting_has_its_switch(dataset, show, qtbot):
    keys = [key for action in ACTIONS for key in action.keys]
    assert len(keys) == len(set(keys))
    view = show(make_session(dataset, truth_of(dataset)), 0)
    table = make_key_table(view)
    for action in ACTIONS:
        if action.is_checkable:
            before = getattr(view.settings, action.setting)
            table[action.keys[0]]()
            assert getattr(view.settings, action.setting) is not before
            settle(qtbot, view)
            assert view.error is None


def test_that_next_and_previous_visit_every_spike_of_the_selection(dataset, show):
    view = show(make_session(dataset), 0, 2)
    times = np.sort(np.r_[spike_times(dataset, 0), spike_times(dataset, 2)])
    view.show_time(1.0)
    expected = times[times > view.time_window.middle_s][:5]
    for at_s in expected:
        view.go_to_next_spike()
        assert view.time_window.middle_s == pytest.approx(at_s, abs=1e-9)
    for at_s in expected[-2::-1]:
        view.go_to_previous_spike()
        assert view.time_window.middle_s == pytest.approx(at_s, abs=1e-9)
    # To the very ends, and no further.
    for _ in range(len(times) + 5):
        view.go_to_previous_spike()
    assert view.time_window.middle_s == pytest.approx(times[0], abs=1e-9)
    for _ in range(len(times) + 5):
        view.go_to_next_spike()
    assert view.time_window.middle_s == pytest.approx(times[-1], abs=1e-9)


def test_that_a_time_can_be_asked_for(dataset, show):
    view = show(make_session(dataset), 0)
    asked = []
    view.dialogs = SimpleNamespace(ask_number=lambda *a: asked.append(a) or 2.5)
    view.ask_time()
    assert view.time_window.middle_s == pytest.approx(2.5)
    assert asked[0][3] == pytest.approx(DURATION_S)
    view.dialogs = SimpleNamespace(ask_number=lambda *a: None)
    view.ask_time()
    assert view.time_window.middle_s == pytest.approx(2.5)


def test_that_other_views_know_the_place_and_can_change_it(dataset, show, qtbot):
    view = show(make_session(dataset), 0)
    state = lambda: view.session.selection.state.trace_s  # noqa: E731
    view.show_window(TimeWindow(1.0, 1.2))
    qtbot.waitUntil(lambda: state() == pytest.approx((1.0, 1.2)))
    view.session.selection.update(trace_s=(2.0, 2.0), source="another")
    assert (view.time_window.start_s, view.time_window.stop_s) == pytest.approx((1.9, 2.1))
    view.session.selection.update(trace_s=(0.5, 1.5), source="another")
    assert view.time_window == TimeWindow(0.5, 1.5)


def test_that_the_place_survives_a_reload(dataset, show):
    view = show(make_session(dataset), 0)
    view.show_window(TimeWindow(1.0, 1.2))
    other = show(make_session(dataset), 0)
    other.restore_state(view.keep_state())
    assert other.time_window == view.time_window
    other.restore_state({"window_s": "nonsense"})
    assert other.time_window == view.time_window


def test_that_a_window_is_never_longer_than_the_blocks_can_hold(dataset, show):
    view = show(make_session(dataset), 0)
    for _ in range(60):
        view.widen()
    assert view.time_window.length_s <= view.longest_s
    for _ in range(100):
        view.narrow()
    assert view.time_window.length_s == pytest.approx(0.002)


# The mouse ------------------------------------------------------------------------------------


def test_that_the_wheel_zooms_in_time_at_the_pointer(dataset, show):
    view = show(make_session(dataset), 0)
    view.show_window(TimeWindow(1.0, 1.2))
    layout = view.picture.layout
    x = layout.left + 0.25 * layout.plot_width
    wheel(view.canvas, (x, 200), 1)
    assert view.time_window.length_s < 0.2
    assert layout.time_at(x, view.time_window) == pytest.approx(1.05)


def test_that_alt_wheel_scrolls_ctrl_wheel_scales_shift_wheel_zooms_rows(dataset, show, qtbot):
    view = show(make_session(dataset), 0)
    view.show_window(TimeWindow(1.0, 1.2))
    wheel(view.canvas, (400, 200), -1, ALT)
    assert view.time_window.start_s == pytest.approx(1.02)
    settle(qtbot, view)
    before = view.picture.px_per_unit
    wheel(view.canvas, (400, 200), 1, CTRL)
    settle(qtbot, view)
    assert view.picture.px_per_unit == pytest.approx(1.15 * before)
    row_px = view.picture.layout.row_px
    wheel(view.canvas, (400, 200), 3, SHIFT)
    settle(qtbot, view)
    assert view.picture.layout.row_px == pytest.approx(row_px * 1.15**3)
    double_click(view.canvas, (400, 200))
    settle(qtbot, view)
    assert view.picture.layout.row_px == pytest.approx(row_px)
    assert view.picture.px_per_unit == pytest.approx(before, rel=0.05)


def test_that_a_drag_moves_what_is_seen_with_the_pointer(dataset, show):
    view = show(make_session(dataset), 0)
    view.show_window(TimeWindow(1.0, 1.2))
    layout = view.picture.layout
    drag(view.canvas, (400, 200), (500, 200))
    moved = 100 / layout.plot_width * 0.2
    assert view.time_window.start_s == pytest.approx(1.0 - moved)


def test_that_a_drag_moves_zoomed_rows_and_never_past_them(dataset, show, qtbot):
    view = show(make_session(dataset), 0)
    for _ in range(5):
        wheel(view.canvas, (400, 200), 1, SHIFT)
    settle(qtbot, view)
    before = view.picture.layout.row_y.copy()
    drag(view.canvas, (400, 200), (400, 150))
    settle(qtbot, view)
    assert np.all(view.picture.layout.row_y < before)
    for _ in range(20):
        drag(view.canvas, (400, 100), (400, 400))
    settle(qtbot, view)
    assert view.zoom.shift == 0


@pytest.mark.parametrize("cluster_id", [1, 2])
def test_that_a_spike_is_picked_on_its_best_channel_only(dataset, show, qtbot, cluster_id):
    view = show(make_session(dataset), 0)
    at_s = spike_times(dataset, cluster_id)[5]
    view.show_window(TimeWindow(at_s - 0.02, at_s + 0.02))
    settle(qtbot, view)
    best = view.session.best_channels(cluster_id).best
    click(view.canvas, place_of(view, best, at_s), modifiers=CTRL)
    assert view.session.selection.state.cluster_ids == (cluster_id,)
    settle(qtbot, view)
    # Far from any spike nothing happens.
    click(view.canvas, place_of(view, best, at_s + 0.008), modifiers=CTRL)
    assert view.session.selection.state.cluster_ids == (cluster_id,)


def test_that_shift_click_and_ctrl_right_click_choose_channels(dataset, show, qtbot):
    view = show(make_session(dataset), 0)
    at_s = view.time_window.middle_s
    click(view.canvas, place_of(view, 5, at_s), modifiers=SHIFT)
    assert view.session.selection.state.channel_ids == (5,)
    click(view.canvas, place_of(view, 2, at_s), RIGHT, CTRL)
    assert view.session.selection.state.channel_ids == (5, 2)
    click(view.canvas, place_of(view, 5, at_s), modifiers=SHIFT)
    assert view.session.selection.state.channel_ids == (2,)
    click(view.canvas, place_of(view, 3, at_s), modifiers=NONE)
    assert view.session.selection.state.channel_ids == (2,)


def test_that_a_click_in_the_lanes_selects_cluster_and_unit(dataset, show, qtbot):
    session = make_session(dataset, truth_of(dataset))
    view = show(session, 0, has_all_spikes=True)
    at_s = spike_times(dataset, 1)[3]
    view.show_window(TimeWindow(at_s - 0.02, at_s + 0.02))
    settle(qtbot, view)
    layout = view.picture.layout
    x = float(layout.x_of(at_s, view.time_window))
    click(view.canvas, (x, layout.top - 5), modifiers=CTRL)
    assert session.selection.state.cluster_ids == (1,)
    session.select_clusters([0])
    settle(qtbot, view)
    click(view.canvas, (x, layout.top - 24), modifiers=CTRL)
    assert session.selection.state.unit_id == 8
    assert session.selection.state.cluster_ids == (1,)


# What it shows --------------------------------------------------------------------------------


def test_that_selected_spikes_are_coloured_on_their_best_channels(dataset, show, qtbot):
    view = show(make_session(dataset), 1, has_lanes=False)
    at_s = spike_times(dataset, 1)[5]
    view.show_window(TimeWindow(at_s - 0.01, at_s + 0.01))
    settle(qtbot, view)
    best = view.session.best_channels(1).best
    x, y = place_of(view, best, at_s)
    image = view.canvas.grab().toImage()
    color = cluster_rgb(0)

    def has_color(x0, x1, y0, y1):
        return any(
            image.pixelColor(x, y).getRgb()[:3] == color
            for x in range(round(x0), round(x1))
            for y in range(max(round(y0), 0), min(round(y1), image.height()))
        )

    assert has_color(x - 10, x + 10, y - 10, y + 60)
    assert not has_color(x + 60, x + 200, 0, image.height())


def test_that_highlighted_spikes_have_a_band_behind_the_traces(dataset, show, qtbot):
    session = make_session(dataset)
    session.select_clusters((2,))
    view = show(session)
    spikes = session.clustering.spikes_of(2)
    time_s = int(dataset.spike_samples[spikes[20]]) / dataset.sample_rate_hz
    session.selection.update(trace_s=(time_s - 0.01, time_s + 0.01))
    settle(qtbot, view)
    before = view.grab().toImage()
    highlight = Highlight(spikes[20:21].copy(), "one")
    session.selection.update(highlight=highlight)
    settle(qtbot, view)
    marks = view.picture.marks
    assert marks.spike_ids[marks.is_highlighted].tolist() == spikes[20:21].tolist()
    after = view.grab().toImage()
    layout = view.picture.layout
    x = round(float(layout.x_of(time_s, view.picture.window)))
    # In a corner of the rows, where no trace is, beside the spike and away from it.
    y = round(layout.height - layout.bottom) - 2
    ratio = after.devicePixelRatio()
    place = round((view.canvas.x() + x) * ratio), round((view.canvas.y() + y) * ratio)
    assert after.pixelColor(*place).lightness() > before.pixelColor(*place).lightness()
    session.selection.update(highlight=None)
    settle(qtbot, view)
    assert view.grab().toImage() == before


def test_that_spikes_of_other_clusters_are_marked_only_when_asked(dataset, show, qtbot):
    view = show(make_session(dataset), 1)
    n_selected = len(list(sorted_lane(view.picture, has_others=False)))
    assert 0 < n_selected < len(view.picture.marks.samples)
    view.toggle_spikes()
    settle(qtbot, view)
    assert "of" not in view.status.split(" \N{MIDDLE DOT} ")[3]
    n_all = len(list(sorted_lane(view.picture, has_others=True)))
    assert n_all == len(view.picture.marks.samples)


def test_that_the_states_of_the_lanes_are_those_of_the_sorting(dataset, show, qtbot):
    truth = truth_of(dataset)
    view = show(make_session(dataset, truth), 0)
    view.show_window(TimeWindow(0.0, 0.25))
    settle(qtbot, view)
    # The unit of the cluster, and only that.
    assert set(view.picture.true_spikes.units.tolist()) == {0}
    true = {round(s.time_s * RATE): s.state for s in true_lane(view.picture)}
    assert true[700] == SpikeState.MISSED
    found = dataset.spike_samples[dataset.spike_templates == 0]
    assert true[int(found[1])] == SpikeState.FOUND
    states = {round(s.time_s * RATE): s.state for s in sorted_lane(view.picture, has_others=False)}
    assert states[int(found[0])] == SpikeState.FALSE
    assert states[int(found[1])] == SpikeState.FOUND


def test_that_states_follow_a_change_of_the_scores(dataset, show, qtbot):
    session = make_session(dataset, truth_of(dataset))
    view = show(session, 0)
    before = view.picture.states
    view.show_window(TimeWindow(1.0, 1.2))
    settle(qtbot, view)
    assert view.picture.states is before
    session.set_scores(score(session, 0.1))
    settle(qtbot, view)
    assert view.picture.states is not before
    assert view.picture.states.delta_samples == 3


def test_that_prediction_and_residual_are_drawn_and_told(dataset, show, qtbot):
    view = show(make_session(dataset), 1)
    plain = view.picture.image.copy()
    view.toggle_prediction()
    settle(qtbot, view)
    traces = view.picture.traces
    assert traces.prediction is not None
    assert not np.array_equal(view.picture.image, plain)
    assert view.status.endswith("prediction")
    view.toggle_residual()
    settle(qtbot, view)
    np.testing.assert_allclose(
        view.picture.values, traces.values - traces.prediction, rtol=1e-5, atol=1e-3
    )
    assert view.status.endswith("residual")


def test_that_the_true_signal_is_told_with_its_scale(dataset, show, qtbot):
    view = show(make_session(dataset, truth_of(dataset)), 1, has_truth=True)
    assert view.status.endswith("true signal")
    unscaled = replace(dataset, gain=None)
    view = show(make_session(unscaled, truth_of(dataset)), 1, has_truth=True)
    assert view.status.endswith("as the gain is not known")


def test_that_of_a_large_probe_the_channels_around_the_selection_are_shown(tmp_path, show, qtbot):
    large = make_recorded_dataset(tmp_path, n_channels=80, duration_s=1.0, n_spikes=40)
    view = show(make_session(large), 1)
    best = view.session.best_channels(1).best
    assert len(view.picture.layout.channel_ids) == 24
    assert best in view.picture.layout.channel_ids
    view.toggle_channels()
    settle(qtbot, view)
    assert len(view.picture.layout.channel_ids) == 80
    assert "80 channels" in view.status
    view.toggle_channels()
    settle(qtbot, view)
    assert len(view.picture.layout.channel_ids) == 24


@pytest.mark.parametrize("size", [(800, 500), (300, 200), (120, 90)])
@pytest.mark.parametrize("is_image", [False, True])
def test_that_it_is_drawn_at_any_size_in_both_themes(dataset, show, qtbot, size, is_image):
    view = show(
        make_session(dataset, truth_of(dataset)), 0, 1, size=size, is_image=is_image,
        has_truth=True, has_prediction=True, has_all_spikes=True,
    )  # fmt: skip
    assert view.error is None
    dark = view.grab().toImage().pixelColor(2, size[1] - 3).lightness()
    view.context.themes.use("light")
    settle(qtbot, view)
    assert view.error is None
    assert view.grab().toImage().pixelColor(2, size[1] - 3).lightness() > dark + 100


def test_that_channel_numbers_do_not_touch_however_many_there_are(tmp_path, show):
    large = make_recorded_dataset(tmp_path, n_channels=80, duration_s=1.0, n_spikes=40)
    view = show(make_session(large), 1, channels="all", size=(400, 250))
    assert view.picture.layout.row_px < 4
    image = view.canvas.grab().toImage()
    background = image.pixelColor(0, image.height() - 1)
    left = range(round(view.picture.layout.left) - 4)
    rows = range(round(view.picture.layout.top), image.height() - 24)
    empty = [all(image.pixelColor(x, y) == background for x in left) for y in rows]
    # Between two of them there is at least one free line.
    runs = np.diff(np.flatnonzero(np.diff(np.array(empty, int))))
    assert len(runs) > 6
    assert max(runs) < 20


def test_that_a_picture_for_a_paper_has_lines_and_text(dataset, show):
    view = show(make_session(dataset, truth_of(dataset)), 0, has_prediction=True, has_truth=True)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(QSize(800, 500))
    painter = QPainter(generator)
    view.canvas.paint_picture(painter, QSize(800, 500))
    painter.end()
    text = bytes(data).decode()
    assert "<image" not in text
    assert text.count("<polyline") > 8
    assert "time (s)" in text


def test_that_moving_shifts_the_old_picture_at_once(dataset, show):
    view = show(make_session(dataset), 0, has_lanes=False)
    before = view.canvas.grab().toImage()
    layout = view.picture.layout
    view.show_window(view.time_window.moved(0.1 * view.time_window.length_s))
    after = view.canvas.grab().toImage()
    shift = 0.1 * layout.plot_width
    y = round(layout.row_y[3])
    left = round(layout.left) + 5

    def line(image, x0):
        return [image.pixelColor(round(x0) + k, y).lightness() for k in range(300)]

    assert np.corrcoef(line(before, left + shift), line(after, left))[0, 1] > 0.8


# States and errors ----------------------------------------------------------------------------


def test_that_without_a_raw_file_it_says_what_is_missing(dataset, show):
    view = show(make_session(replace(dataset, raw=None, raw_path_asked="/a/raw.dat")), 0)
    assert view.missing(view.session) is not None
    assert "raw.dat" in view.missing(view.session)
    assert view.error is None


def test_that_a_raw_file_shorter_than_the_spikes_shows_what_there_is(tmp_path, show, qtbot):
    short = make_recorded_dataset(tmp_path, raw_share=0.5)
    view = show(make_session(short), 0)
    view.show_window(TimeWindow(1.9, 2.15))
    settle(qtbot, view)
    assert view.error is None
    assert view.picture.traces.stop == round(2.0 * RATE)
    view.show_window(TimeWindow(3.0, 3.2))
    settle(qtbot, view)
    assert view.error is None
    assert len(view.picture.traces.values) == 0
    assert len(view.picture.marks.samples) > 0


class BreakingRaw:
    """A recording that fails in a part of it."""

    def __init__(self, raw):
        self.raw = raw
        self.n_samples, self.duration_s, self.paths = raw.n_samples, raw.duration_s, raw.paths

    def read(self, start, stop, raw_channels=None):
        if stop > 90_000:
            raise DatasetError("raw.bin cannot be read: the disk is gone.")
        return self.raw.read(start, stop, raw_channels)


def test_that_a_disk_that_fails_shows_it_in_the_view_until_one_goes_elsewhere(
    dataset, show, qtbot
):
    told = []
    session = make_session(replace(dataset, raw=BreakingRaw(dataset.raw)))
    session.bus._on_error = told.append
    view = show(session, 0)
    assert view.error is None
    view.show_window(TimeWindow(3.2, 3.4))
    settle(qtbot, view)
    assert "disk is gone" in str(view.error)
    wheel(view, (100, 100), 8, ALT)
    view.show_window(TimeWindow(1.0, 1.2))
    settle(qtbot, view)
    assert view.error is None
    assert view.picture.window == TimeWindow(1.0, 1.2)
    assert told == []


def test_that_reading_ahead_has_the_next_window_ready(dataset, show, qtbot):
    view = show(make_session(dataset), 0)
    view.show_window(TimeWindow(1.0, 1.25))
    settle(qtbot, view)
    view.ahead.wait()
    reads = []
    raw = view._source.blocks._raw
    view._source.blocks._raw = SimpleNamespace(
        n_samples=raw.n_samples, read=lambda *a: reads.append(a) or raw.read(*a)
    )
    view.show_window(TimeWindow(1.24, 1.49))
    settle(qtbot, view)
    view.show_window(TimeWindow(0.76, 1.01))
    settle(qtbot, view)
    view.ahead.wait()
    assert all(not 22_800 <= start <= 44_000 for start, *_ in reads)


def test_that_a_new_raw_file_is_taken_over(dataset, show, qtbot):
    session = make_session(dataset)
    view = show(session, 0)
    before = view._source
    session.replace_opened(replace(session._opened, dataset=replace(dataset, gain=None)))
    settle(qtbot, view)
    assert view._source is not before
    assert view._source.dataset.gain is None


def test_that_without_templates_there_are_traces_and_no_prediction(dataset, show, qtbot):
    view = show(make_session(replace(dataset, templates=None)), 0, has_prediction=True)
    assert view.error is None
    assert "templates.npy is missing" in view.status


# Layout ---------------------------------------------------------------------------------------


def test_that_shanks_are_apart_and_rows_evenly_spaced():
    ids = np.arange(6, dtype=np.int32)
    layout = lay_out(ids, np.array([0, 0, 0, 1, 1, 1]), (500, 400), (40, 20, 30), RowZoom())
    steps = np.diff(layout.row_y)
    assert steps[[0, 1, 3, 4]] == pytest.approx(layout.row_px)
    assert steps[2] == pytest.approx(2 * layout.row_px)
    assert len(layout.shank_y) == 1
    assert layout.row_y[2] < layout.shank_y[0] < layout.row_y[3]
    assert layout.row_y[0] > 20
    assert layout.row_y[-1] < 370
    assert [layout.row_at(y) for y in layout.row_y] == list(range(6))
    assert layout.row_at(5) is None


def test_that_a_window_stays_in_the_recording():
    assert TimeWindow(-1.0, 0.0).within(10) == TimeWindow(0.0, 1.0)
    assert TimeWindow(9.5, 10.5).within(10) == TimeWindow(9.0, 10.0)
    assert TimeWindow(3.0, 20.0).within(10) == TimeWindow(0.0, 17.0)


def test_that_exported_pixels_need_no_widget_of_that_theme(dataset, show):
    view = show(make_session(dataset), 0)
    image = QImage(800, 500, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    view._picture_theme = ThemeKeeper("light").theme
    view.canvas.paint_picture(painter, QSize(800, 500))
    painter.end()
    view._picture_theme = None
    assert image.pixelColor(2, 497).lightness() > 200


# Missed and false spikes ----------------------------------------------------------------------


def middle_sample(view):
    return round(view.time_window.middle_s * RATE)


def test_that_one_goes_from_missed_to_missed_and_around(dataset, show, qtbot):
    session = make_session(dataset, truth_of(dataset))
    view = show(session, 0)
    found = [700]  # the only one of unit 7 that the sorter does not have
    view.go_to_next_missed()
    settle(qtbot, view)
    qtbot.waitUntil(lambda: middle_sample(view) in found, timeout=5000)
    assert view.status.startswith("missed spike 1 of 1")
    view.go_to_next_missed()
    settle(qtbot, view)
    assert middle_sample(view) == 700
    view.go_right()
    settle(qtbot, view)
    assert "missed spike" not in view.status


def test_that_one_goes_from_false_to_false_both_ways(dataset, show, qtbot):
    session = make_session(dataset, truth_of(dataset))
    view = show(session, 1)
    own = np.sort(dataset.spike_samples[dataset.spike_templates == 1])
    # Every tenth is not in the truth; one may lie beside a true spike of another unit.
    states = session.truth_access.current.states().sorted_states
    ids = session.clustering.spikes_of(1)
    wrong = dataset.spike_samples[ids[states[ids] == SpikeState.FALSE]]
    assert set(wrong.tolist()) <= set(own[::10].tolist())
    view.show_window(TimeWindow(0.0, 0.2))
    first = int(np.searchsorted(wrong, middle_sample(view), side="right"))
    wrong = np.roll(wrong, -first)
    seen = []
    for _ in wrong:
        view.go_to_next_false()
        seen.append(middle_sample(view))
    assert seen == wrong.tolist()
    view.go_to_previous_false()
    assert middle_sample(view) == wrong[-2]


def test_that_what_was_told_is_gone_with_the_next_thing_that_is_done(dataset, show, qtbot):
    session = make_session(dataset, truth_of(dataset))
    session.truth_access.current.states()
    view = show(session)
    for act in (lambda: view.change(has_labels=False), view.go_right):
        view.go_to_next_missed()
        assert view.status == SELECT_FIRST
        act()
        settle(qtbot, view)
        assert SELECT_FIRST not in view.status


def test_that_without_a_unit_one_is_asked_to_select(dataset, show, qtbot):
    session = make_session(dataset, truth_of(dataset))
    view = show(session)
    session.truth_access.current.states()
    view.go_to_next_missed()
    assert view.status == "select a unit or a cluster first"


def test_that_a_hidden_truth_has_no_errors_to_go_to(dataset, show):
    session = make_session(dataset, truth_of(dataset))
    session.set_blind(True)
    view = show(session, 0)
    assert not view.can_show_errors
    assert view.picture.true_spikes is None


# Other sortings -------------------------------------------------------------------------------


class Compared(NamedTuple):
    """A session beside which another sorting was added."""

    session: Session
    samples: np.ndarray
    clusters: np.ndarray


@pytest.fixture
def compared(dataset, tmp_path):
    """Another sorting: cluster ids 10 more, every fifth spike missing, one more in each."""
    kept = np.arange(len(dataset.spike_samples)) % 5 != 0
    extra = np.arange(3) * 1000 + 5321
    samples = np.r_[dataset.spike_samples[kept], extra]
    clusters = np.r_[dataset.spike_templates[kept] + 10, [10, 11, 12]]
    order = np.argsort(samples, kind="stable")
    samples, clusters = samples[order].astype(np.int64), clusters[order].astype(np.int32)
    folder = tmp_path / "another_sorting_with_a_long_name"
    make_phy_folder(folder, n_spikes=len(samples), n_clusters=13, n_channels=8)
    np.save(folder / "spike_times.npy", samples)
    np.save(folder / "spike_clusters.npy", clusters)
    session = make_session(dataset, truth_of(dataset))
    session.others.add(folder)
    return Compared(session, samples, clusters)


def read_others(session):
    """Do what the view of the comparison does."""
    session.others.keep_read([*compute_comparison(session.others.query())][-1].read)


def in_window(samples, view):
    traces = view.picture.traces
    return samples[(samples >= traces.start) & (samples < traces.stop)].tolist()


def test_that_another_sorting_has_a_lane_once_it_is_read(compared, show, qtbot):
    session = compared.session
    view = show(session, 0)
    view.show_window(TimeWindow(0.0, 0.25))
    settle(qtbot, view)
    assert view.picture.others == ()
    top = view.picture.layout.top
    read_others(session)
    settle(qtbot, view)
    (lane,) = view.picture.others
    assert lane.name == "another_sorting_with_a_long_name"
    assert view.picture.layout.top == top + LANE_PX
    # The cluster that stands for the unit of cluster 0, and what became of its spikes.
    own = compared.samples[compared.clusters == 10]
    assert lane.samples.tolist() == in_window(own, view)
    true = session.truth.train(0)
    distance = np.abs(lane.samples[:, None] - true[None]).min(axis=1)
    states = [s.state for s in other_lane(view.picture, 0)]
    assert 5321 in lane.samples
    assert {SpikeState.FOUND, SpikeState.FALSE} == set(states)
    assert [s == SpikeState.FOUND for s in states] == (distance == 0).tolist()
    session.select_unit(9)
    settle(qtbot, view)
    own = compared.samples[compared.clusters == 12]
    assert view.picture.others[0].samples.tolist() == in_window(own, view)


def test_that_without_a_selection_all_spikes_of_another_sorting_are_shown(compared, show, qtbot):
    read_others(compared.session)
    view = show(compared.session)
    view.show_window(TimeWindow(0.0, 0.25))
    settle(qtbot, view)
    assert view.picture.others[0].samples.tolist() == in_window(compared.samples, view)
    assert {s.state for s in other_lane(view.picture, 0)} == {None}


def test_that_of_very_many_spikes_one_mark_a_place_is_kept(compared):
    read_others(compared.session)
    (other,) = compared.session.others.read
    lane = find_lane(other, None, (0, 120_000), most=40)
    assert 20 < len(lane.samples) <= 40
    assert set(lane.samples.tolist()) <= set(compared.samples.tolist())
    assert len(set((lane.samples * 40 // 120_000).tolist())) == len(lane.samples)


def test_that_the_clusters_before_curation_have_a_lane(compared, show, qtbot):
    session = compared.session
    read_others(session)
    (new,) = session.curation.merge([0, 1]).added
    session.set_scores(score(session))
    view = show(session, new)
    view.show_window(TimeWindow(0.0, 0.25))
    read_others(session)
    settle(qtbot, view)
    before, other = view.picture.others
    assert (before.name, other.name) == (BEFORE, "another_sorting_with_a_long_name")
    # Of the unit of cluster 0, the clusters of both: what the merge brought is not in the first.
    session.select_unit(7)
    settle(qtbot, view)
    samples, clusters = session.dataset.spike_samples, session.dataset.spike_clusters
    own = samples[clusters == 0]
    assert view.picture.others[0].samples.tolist() == in_window(own, view)
    is_true = np.isin(in_window(own, view), session.truth.train(0))
    states = [s.state for s in other_lane(view.picture, 0)]
    assert states == [SpikeState.FOUND if t else SpikeState.FALSE for t in is_true]
    now = list(sorted_lane(view.picture, has_others=False))
    assert len(now) > len(states)


def test_that_a_hidden_truth_has_no_lanes_of_other_sortings(compared, show):
    read_others(compared.session)
    compared.session.set_blind(True)
    view = show(compared.session, 0)
    assert compared.session.others.read
    assert view.picture.others == ()


def test_that_lanes_are_few_and_leave_room_for_the_traces(compared, show):
    read_others(compared.session)
    session = compared.session
    session.others.keep_read(session.others.read * 5)
    view = show(session, 0)
    assert len(view.picture.others) == 3
    assert view.picture.layout.left < 110
    assert len(show(session, 0, size=(300, 200)).picture.others) < 3
    assert show(session, 0, has_lanes=False).picture.others == ()


def test_that_a_click_below_the_sorted_lane_selects_nothing(compared, show, qtbot):
    read_others(compared.session)
    session = compared.session
    view = show(session, 0, has_all_spikes=True)
    at_s = spike_times(session.dataset, 1)[3]
    view.show_window(TimeWindow(at_s - 0.02, at_s + 0.02))
    settle(qtbot, view)
    layout = view.picture.layout
    x = float(layout.x_of(at_s, view.time_window))
    click(view.canvas, (x, layout.top - 5), modifiers=CTRL)
    assert session.selection.state.cluster_ids == (0,)
    click(view.canvas, (x, layout.top - 5 - LANE_PX), modifiers=CTRL)
    assert session.selection.state.cluster_ids == (1,)


def test_that_the_view_of_the_comparison_brings_the_lanes(compared, show, shower, qtbot):
    view = show(compared.session, 0)
    assert view.picture.others == ()
    shower(ComparisonView, compared.session, (700, 500))
    settle(qtbot, view)
    assert [lane.name for lane in view.picture.others] == ["another_sorting_with_a_long_name"]
