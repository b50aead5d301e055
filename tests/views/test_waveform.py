"""The waveform view: what it draws, what it says, keys and gestures, states."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from factories import make_phy_folder
from mouse import ALT, CTRL, RIGHT, click, double_click, drag, wheel
from PyQt6.QtCore import QBuffer, QByteArray, QRect, QSize
from PyQt6.QtGui import QColor, QImage, QPainter
from PyQt6.QtSvg import QSvgGenerator
from scipy.signal import butter, sosfiltfilt
from showing import settle as wait_for

from gtview.analysis.channels import ChannelFinder
from gtview.curation.clustering import Clustering
from gtview.data.dataset import Channels, Gain
from gtview.data.ground_truth import GroundTruth, TrueTemplates
from gtview.data.phy_reader import read_export
from gtview.qt.canvas import Viewport
from gtview.qt.theme import cluster_rgb, load_theme
from gtview.session.scoring import score, scoring_query
from gtview.session.session import Opened, Session
from gtview.views import waveform_compute
from gtview.views.waveform import WaveformView
from gtview.views.waveform_compute import join_in_turn
from gtview.views.waveform_paint import nice_length, paint_waveforms, scale_bars
from gtview.views.waveform_scene import ZERO_AT, choose_scale, size_of

GAIN = Gain(0.195, "the test")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "phy"
    return make_phy_folder(
        folder,
        dialect="kilosort4",
        n_spikes=3000,
        n_clusters=10,
        n_channels=20,
        n_raw_channels=24,
        whitening="scaled",
        with_raw=True,
        with_features=False,
        seed=3,
    )


@pytest.fixture(scope="module")
def dataset(made):
    return read_export(made.path, gain=GAIN, raw_path=made.raw_path)


def truth_of(made, dataset):
    """Return a truth whose units are the templates of the sorter, cut otherwise, all found."""
    waveforms = made.templates_raw * np.float32(GAIN.uv_per_bit)
    waveforms = np.pad(waveforms, ((0, 0), (17, 0), (0, 0)))
    templates = TrueTemplates(waveforms, made.n_before + 17, dataset.channels.positions_um)
    ids = tuple(range(len(waveforms)))
    trains = [np.sort(dataset.spike_samples[dataset.spike_clusters == i]) for i in ids]
    offsets = np.cumsum([0, *(len(train) for train in trains)])
    return GroundTruth(made.path, ids, None, np.concatenate(trains), offsets, templates=templates)


def make_session(dataset, truth=None):
    clustering = Clustering(dataset.spike_clusters, dataset.time_order)
    session = Session(Opened(dataset, truth, clustering, ChannelFinder(dataset), None))
    if truth is not None:
        session.set_scores(score(scoring_query(session)))
    return session


@pytest.fixture
def show(shower):
    """Return a function that shows the view of a session, and waits until it is drawn."""

    def make(session, size=(700, 500), **looks):
        return shower(WaveformView, session, size, **looks)

    return make


@pytest.fixture
def view(show, dataset, qtbot):
    shown = show(make_session(dataset))
    shown.session.select_clusters((2, 5))
    settle(qtbot, shown)
    return shown


def settle(qtbot, view):
    wait_for(qtbot, view)
    assert view.error is None


def press(qtbot, view, key):
    """Do what the key of an action does."""
    (action,) = [a for a in view.actions_declared if key in a.keys]
    getattr(view, action.slot)()
    settle(qtbot, view)


def center_of(view, channel_id):
    index = view.scene.layout.channel_ids.tolist().index(channel_id)
    return tuple(view.scene.layout.centers[index])


def extreme_column(view, color, channel_index=0):
    """Return the column of the lowest pixel of a colour in and below a box."""
    view.canvas.repaint()
    image = view.canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    (x, y), (width, height) = view.scene.layout.centers[channel_index], view.scene.layout.box
    box = QRect(round(x - width / 2), round(y - height / 2), round(width), round(height))
    found = [
        (row, column)
        for row in range(box.top(), box.bottom())
        for column in range(box.left(), box.right())
        if is_like(image.pixelColor(column, row), color)
    ]
    lowest = max(row for row, _ in found)
    return np.mean([column for row, column in found if row >= lowest - 1])


def is_like(color, rgb):
    return max(abs(a - b) for a, b in zip(color.getRgb()[:3], rgb, strict=True)) < 60


# What is drawn ---------------------------------------------------------------------------------


def test_that_the_mean_is_that_of_the_raw_file(made, dataset, show, qtbot):
    view = show(make_session(dataset))
    view.change(kind="mean", n_waveforms=10_000)
    view.session.select_clusters((4,))
    settle(qtbot, view)
    scene = view.scene
    sos = butter(3, 300, "highpass", fs=made.sample_rate_hz, output="sos")
    raw = made.raw[:, made.raw_channels[scene.layout.channel_ids]].astype(float)
    filtered = sosfiltfilt(sos, raw, axis=0)
    samples = made.spike_samples[made.spike_clusters == 4]
    inside = (samples > 400) & (samples < len(raw) - 400)
    cut = [filtered[s - made.n_before : s - made.n_before + 61] for s in samples[inside]]
    expected = np.mean(cut, axis=0) * GAIN.uv_per_bit
    drawn = scene.thick[0].values[0]
    np.testing.assert_allclose(drawn, expected, atol=0.03 * np.ptp(expected))
    # Upwards is positive, and the height of a box is `per_box`.
    pixels = scene.curve_y(Viewport(), scene.thick[0].values)[0]
    zero = scene.layout.zero_y()[:, None]
    back = (zero - pixels) / scene.layout.box[1] * scene.per_box
    np.testing.assert_allclose(back.T, drawn, atol=1e-3)
    spread = (scene.bands[0].high - scene.bands[0].low) / 2
    np.testing.assert_allclose(spread, np.std(cut, axis=0) * GAIN.uv_per_bit, rtol=0.2, atol=0.3)


def test_that_template_mean_and_truth_have_their_trough_in_one_column(made, dataset, show, qtbot):
    view = show(make_session(dataset, truth_of(made, dataset)))
    view.session.select_clusters((4,))
    columns = {}
    for kind in ("waveforms", "mean", "templates"):
        view.change(kind=kind)
        settle(qtbot, view)
        scene = view.scene
        x = scene.curve_x(Viewport(), 0)[0]
        columns[kind] = x[scene.thick[0].values[0, :, 0].argmin()]
        columns[f"truth on {kind}"] = x[np.nanargmin(scene.truth.values[0, :, 0])]
    assert len(set(columns.values())) == 1
    (expected,) = set(columns.values())
    # And so it is on the screen.
    view.change(has_truth=False)
    settle(qtbot, view)
    assert extreme_column(view, cluster_rgb(0)) == pytest.approx(expected, abs=1.5)
    view.change(kind="mean")
    settle(qtbot, view)
    assert extreme_column(view, cluster_rgb(0)) == pytest.approx(expected, abs=1.5)


def test_that_channels_are_the_best_of_all_clusters_in_turn(view, dataset, qtbot):
    session = view.session
    best = {c: session.channels.find(session.clustering.spikes_of(c)).best for c in range(10)}
    other = next(c for c in best if best[c] != best[2])
    session.select_clusters((other, 2))
    settle(qtbot, view)
    shown = view.scene.layout.channel_ids.tolist()
    assert shown[:2] == [best[other], best[2]]
    assert len(set(shown)) == len(shown)
    raw = dataset.channels.raw_channels[view.scene.layout.channel_ids]
    assert view.scene.labels == tuple(map(str, raw.tolist()))


def test_that_lists_are_joined_in_turn():
    lists = [np.array([3, 1, 2]), np.array([5, 3]), np.array([], int)]
    assert join_in_turn(lists).tolist() == [3, 5, 1, 2]
    assert join_in_turn([]).tolist() == []


def test_that_clusters_have_their_colours_and_keep_them(view, qtbot):
    assert [c.color_id for c in view.scene.thick] == [0, 1]
    view.session.select_clusters((5,))
    settle(qtbot, view)
    assert [c.color_id for c in view.scene.thick] == [1]


def test_that_many_vertices_are_an_image_and_few_are_lines(view, qtbot):
    assert {"thin", "thick"} <= view.scene.rastered
    ratio = view.canvas.devicePixelRatioF()
    expected = (round(view.canvas.height() * ratio), round(view.canvas.width() * ratio), 4)
    assert view.scene.raster.shape == expected
    view.change(kind="templates")
    settle(qtbot, view)
    assert view.scene.rastered == frozenset()
    assert view.scene.raster is None


def test_that_image_and_lines_look_alike(view, qtbot):
    pictures = []
    for use_raster in (True, False):
        image = QImage(view.canvas.size(), QImage.Format.Format_RGB32)
        image.fill(QColor(view.theme.plot))
        painter = QPainter(image)
        paint_waveforms(painter, view.scene, view.theme, Viewport(), use_raster=use_raster)
        painter.end()
        bits = image.constBits()
        bits.setsize(image.sizeInBytes())
        pictures.append(np.frombuffer(bits, np.uint8).astype(int))
    background = np.tile([int(view.theme.plot[i : i + 2], 16) for i in (5, 3, 1)] + [255],
                         len(pictures[0]) // 4)  # fmt: skip
    ink = np.abs(pictures[1] - background).sum()
    assert np.abs(pictures[0] - pictures[1]).sum() < 0.25 * ink


def test_that_a_time_window_restricts_the_spikes(view, qtbot):
    view.session.selection.update(time_window_s=(1.0, 2.0))
    settle(qtbot, view)
    dataset = view.session.dataset
    for cluster in view.picture.known.data.clusters:
        times = dataset.spike_samples[cluster.spike_ids] / dataset.sample_rate_hz
        assert cluster.n_spikes > 0
        assert times.min() >= 1.0
        assert times.max() < 2.0


def test_that_the_scene_paints_into_a_vector_file(view):
    data = QByteArray()
    buffer = QBuffer(data)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(QSize(700, 500))
    painter = QPainter(generator)
    paint_waveforms(painter, view.scene, load_theme("light"), Viewport(), use_raster=False)
    painter.end()
    text = bytes(data).decode()
    assert "<image" not in text
    assert text.count("<polyline") > 1000
    assert "ms</text>" in text


# What is said ----------------------------------------------------------------------------------


def test_that_the_status_tells_how_many_waveforms_of_how_many(view):
    n = [view.session.clustering.n_spikes_of(c) for c in (2, 5)]
    assert view.status == f"100 of {n[0]:,} and 100 of {n[1]:,} waveforms, 300 Hz high-pass"


def test_that_the_status_tells_what_the_truth_is_and_how_it_was_scaled(made, dataset, show, qtbot):
    for gain, words in ((GAIN, "unit 4"), (None, "unit 4, scaled to fit, ")):
        view = show(make_session(replace(dataset, gain=gain), truth_of(made, dataset)))
        view.session.select_clusters((4,))
        settle(qtbot, view)
        assert f"– – true template of {words}" in view.status
        assert view.status.endswith(words) or gain is None
        assert view.scene.unit == ("µV" if gain else "arb.")
        press(qtbot, view, "Y")
        assert view.scene.truth is None
        assert "true template" not in view.status


def test_that_without_a_raw_file_templates_are_shown_with_the_reason(dataset, show, qtbot):
    lonely = replace(dataset, raw=None, raw_path_asked="C:\\data\\sim_binary.dat")
    view = show(make_session(lonely))
    view.session.select_clusters((2,))
    settle(qtbot, view)
    assert view.status == "templates only: raw file sim_binary.dat not found"
    assert view.scene.thin == ()
    assert len(view.scene.thick) == 1
    press(qtbot, view, "W")
    assert view.status == "templates only: raw file sim_binary.dat not found"
    assert WaveformView.missing(view.session) is None


def test_that_without_templates_raw_waveforms_are_shown(dataset, show, qtbot):
    view = show(make_session(replace(dataset, templates=None)))
    view.session.select_clusters((2,))
    settle(qtbot, view)
    kinds = []
    for _ in range(3):
        kinds.append(view.picture.kind)
        press(qtbot, view, "W")
    assert kinds == ["waveforms", "mean", "waveforms"]


def test_that_of_a_raw_file_shorter_than_the_spikes_what_there_is_is_shown_and_told(
    made, show, qtbot, tmp_path
):
    short = tmp_path / "short.bin"
    n_samples = len(made.raw) // 10
    short.write_bytes(made.raw[:n_samples].tobytes())
    dataset = read_export(made.path, gain=GAIN, raw_path=short)
    view = show(make_session(dataset))
    view.session.select_clusters((2,))
    settle(qtbot, view)
    samples = dataset.spike_samples[dataset.spike_clusters == 2]
    (cluster,) = view.picture.known.data.clusters
    assert 0 < len(cluster.spike_ids) < 100
    assert dataset.spike_samples[cluster.spike_ids].max() < n_samples
    n_outside = len(samples) - len(cluster.spike_ids)
    assert f" {len(samples):,} waveforms, {n_outside:,} beyond the file, " in view.status


def test_that_without_both_the_view_says_what_is_missing(dataset, show):
    nothing = replace(dataset, templates=None, raw=None, raw_path_asked="")
    session = make_session(nothing)
    reason = WaveformView.missing(session)
    assert "templates.npy is missing" in reason
    assert "no raw file is named in params.py" in reason
    session.select_clusters((2,))
    view = show(session)
    assert view._message.isVisible()
    assert view._message.text() == reason


def test_that_an_empty_selection_asks_for_a_cluster(view, qtbot):
    view.session.select_clusters(())
    settle(qtbot, view)
    assert view._message.isVisible()
    assert view._message.text() == "select a cluster"
    assert view.status == ""


def test_that_of_many_clusters_the_first_eight_are_shown(view, qtbot):
    view.session.select_clusters(range(10))
    settle(qtbot, view)
    assert len(view.scene.thick) == 8
    assert view.status.startswith("the first 8 of 10 clusters · 400 of ")
    assert "waveforms of 8 clusters, 300 Hz high-pass" in view.status


def test_that_a_dataset_of_one_channel_is_shown(tmp_path, show, qtbot):
    made = make_phy_folder(
        tmp_path / "phy", n_channels=1, n_clusters=2, n_spikes=200, with_raw=True, n_local=1
    )
    view = show(make_session(read_export(made.path, raw_path=made.raw_path)))
    view.session.select_clusters((0, 1))
    settle(qtbot, view)
    assert view.scene.layout.n_channels == 1
    assert "waveforms" in view.status


def test_that_channels_at_one_place_are_shown_apart(dataset, show, qtbot):
    channels = Channels(
        dataset.channels.raw_channels,
        np.zeros_like(dataset.channels.positions_um),
        dataset.channels.shanks,
    )
    view = show(make_session(replace(dataset, channels=channels)))
    view.session.select_clusters((2,))
    settle(qtbot, view)
    assert len(np.unique(view.scene.layout.centers, axis=0)) == view.scene.layout.n_channels > 3


def test_that_slow_reading_shows_templates_first(view, qtbot, monkeypatch):
    monkeypatch.setattr(waveform_compute, "PATIENCE_S", 0.0)
    seen = []
    view.drawn.connect(lambda is_full: seen.append((is_full, view.picture.kind, view._per_box)))
    view.session.select_clusters((3,))
    settle(qtbot, view)
    partial = [s for s in seen if not s[0]]
    assert seen[-1][:2] == (True, "waveforms")
    assert partial[0][1] == "templates"
    # The scale does not jump when the rest comes.
    assert len({scale for *_, scale in seen}) == 1
    assert view.status.endswith("waveforms, 300 Hz high-pass")


# Keys and gestures -----------------------------------------------------------------------------


def test_that_w_goes_round_the_kinds_and_shift_w_back(view, qtbot):
    kinds = [view.picture.kind]
    for key in ("W", "W", "W", "Shift+W", "Shift+W"):
        press(qtbot, view, key)
        kinds.append(view.picture.kind)
    assert kinds == ["waveforms", "mean", "templates", "waveforms", "templates", "mean"]


def test_that_a_kind_is_shown_without_reading_again(view, qtbot, monkeypatch):
    known = view.picture.known
    for key in ("W", "W", "O", "Ctrl+Up", "Shift+Left", "+", "Ctrl+L", "M"):
        press(qtbot, view, key)
        assert view.picture.known is known


def test_that_m_lays_the_mean_over_the_waveforms_or_not(view, qtbot):
    assert (len(view.scene.thin), len(view.scene.thick)) == (2, 2)
    press(qtbot, view, "M")
    assert (len(view.scene.thin), len(view.scene.thick)) == (2, 0)


def test_that_o_lays_clusters_over_one_another(view, qtbot):
    assert [c.slot for c in view.scene.thick] == [0, 1]
    width = view.scene.layout.curve_width
    press(qtbot, view, "O")
    assert [c.slot for c in view.scene.thick] == [0, 0]
    assert view.scene.layout.curve_width > width


def test_that_ctrl_wheel_and_ctrl_arrows_scale_the_waveforms_alone(view, qtbot):
    before = view.scene
    wheel(view.canvas, (100, 100), 2, CTRL)
    settle(qtbot, view)
    assert view.scene.per_box == pytest.approx(before.per_box / 1.15**2)
    np.testing.assert_array_equal(view.scene.layout.centers, before.layout.centers)
    press(qtbot, view, "Ctrl+Down")
    press(qtbot, view, "Ctrl+Down")
    assert view.scene.per_box == pytest.approx(before.per_box)


def test_that_ctrl_and_shift_arrows_widen_boxes_and_stretch_the_probe(view, qtbot):
    before = view.scene.layout
    press(qtbot, view, "Ctrl+Right")
    assert view.scene.layout.box[0] == pytest.approx(1.15 * before.box[0])
    press(qtbot, view, "Shift+Up")
    assert view.scene.layout.um_scale[1] == pytest.approx(1.15 * before.um_scale[1])
    assert view.scene.layout.um_scale[0] == pytest.approx(before.um_scale[0])
    press(qtbot, view, "R")
    np.testing.assert_allclose(view.scene.layout.centers, before.centers)
    assert view.scene.layout.box == pytest.approx(before.box)


def test_that_ctrl_l_hides_the_channel_numbers(view, qtbot):
    press(qtbot, view, "Ctrl+L")
    assert view.scene.labels == ()


def test_that_zoom_and_place_are_kept_while_browsing_until_a_double_click(view, qtbot):
    wheel(view.canvas, (300, 200), 3)
    drag(view.canvas, (100, 100), (150, 130))
    viewport = view.canvas.viewport
    assert not viewport.is_home
    settle(qtbot, view)
    view.session.select_clusters((3,))
    settle(qtbot, view)
    assert view.canvas.viewport == view.scene.viewport == viewport
    double_click(view.canvas, (50, 50))
    settle(qtbot, view)
    assert view.canvas.viewport.is_home
    assert view.scene.viewport.is_home


def test_that_ctrl_click_chooses_the_first_channel_and_the_second(view, qtbot):
    first, second, third = view.scene.layout.channel_ids[[0, 3, 4]].tolist()
    selection = view.session.selection
    click(view.canvas, center_of(view, first), modifiers=CTRL)
    assert selection.state.channel_ids == (first,)
    click(view.canvas, center_of(view, second), RIGHT, CTRL)
    assert selection.state.channel_ids == (first, second)
    click(view.canvas, center_of(view, third), modifiers=ALT)
    assert selection.state.channel_ids == (first, third)
    settle(qtbot, view)
    assert view.scene.chosen == (first, third)
    click(view.canvas, center_of(view, third), modifiers=CTRL)
    assert selection.state.channel_ids == (third,)
    click(view.canvas, center_of(view, third), modifiers=CTRL)
    assert selection.state.channel_ids == ()


def test_that_choosing_only_a_second_channel_takes_the_best_as_first(view):
    best, other = view.scene.layout.channel_ids[:2].tolist()
    click(view.canvas, center_of(view, other), modifiers=ALT)
    assert view.session.selection.state.channel_ids == (best, other)


def test_that_clicks_follow_the_zoom_and_plain_clicks_choose_nothing(view, qtbot):
    channel = int(view.scene.layout.channel_ids[2])
    view.canvas.set_viewport(Viewport(2.0, 2.0, -150.0, -90.0))
    settle(qtbot, view)
    x, y = center_of(view, channel)
    click(view.canvas, (2 * x - 150, 2 * y - 90))
    assert view.session.selection.state.channel_ids == ()
    click(view.canvas, (2 * x - 150, 2 * y - 90), modifiers=CTRL)
    assert view.session.selection.state.channel_ids == (channel,)


def test_that_no_key_is_declared_twice_and_every_action_does_something():
    keys = [key for action in WaveformView.actions_declared for key in action.keys]
    assert len(set(keys)) == len(keys)
    assert "G" not in keys
    for action in WaveformView.actions_declared:
        assert callable(getattr(WaveformView, action.slot))
        assert not action.setting or action.setting in WaveformView.Settings.__slots__


def test_that_settings_are_remembered(view, show, qtbot):
    press(qtbot, view, "O")
    press(qtbot, view, "W")
    again = show(make_session(view.session.dataset), stored=view.context.settings)
    assert again.settings == view.settings
    assert again.settings.is_overlap


def test_that_another_theme_changes_the_background_and_not_the_clusters(view, qtbot):
    corner = [view.canvas.grab().toImage().pixelColor(1, 1).name()]
    drawn = view.n_drawn
    view.context.themes.use("light")
    qtbot.waitUntil(lambda: view.n_drawn > drawn)
    settle(qtbot, view)
    corner.append(view.canvas.grab().toImage().pixelColor(1, 1).name())
    assert corner == [load_theme("dark").plot, load_theme("light").plot]


# Scale -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "kept", "expected"),
    [
        (100.0, None, 105.0),
        (100.0, 150.0, 150.0),
        (100.0, 50.0, 50.0),
        (100.0, 2000.0, 105.0),
        (100.0, 10.0, 105.0),
        (0.0, 40.0, 40.0),
        (np.nan, None, 1.0),
    ],
)
def test_that_the_scale_is_kept_unless_nothing_could_be_seen(size, kept, expected):
    assert choose_scale(size, kept) == pytest.approx(expected)


def test_that_the_first_selection_fits_its_boxes(view):
    values = np.concatenate([c.values[0].ravel() for c in view.scene.thick])
    per_box = view.scene.per_box
    assert -values.min() <= (1 - ZERO_AT) * per_box
    assert values.max() <= ZERO_AT * per_box
    assert -values.min() > 0.5 * per_box or values.max() > 0.35 * per_box


def test_that_waveforms_smaller_than_the_noise_leave_room_for_the_noise(view):
    (cluster, *_) = view.picture.known.data.clusters
    drowned = replace(cluster, mean=cluster.mean * 0.01, deviation=cluster.deviation * 0 + 40.0)
    data = replace(view.picture.known.data, clusters=(drowned,))
    assert size_of(data, 4) * ZERO_AT == pytest.approx(2.5 * 40)


@pytest.mark.parametrize(("px", "limit", "expected"), [(1, 30, 20), (0.1, 30, 200), (3, 30, 10)])
def test_that_scale_bars_have_lengths_a_person_would_choose(px, limit, expected):
    assert nice_length(px, limit) == expected


def test_that_scale_bars_follow_scale_and_zoom(view):
    scene = view.scene
    for viewport in (Viewport(), Viewport(3.0, 2.0)):
        (time, time_px), (size, size_px) = scale_bars(scene, viewport)
        duration = scene.times_ms[-1] - scene.times_ms[0]
        width = scene.layout.curve_width * viewport.scale_x
        assert time_px == pytest.approx(time / duration * width)
        height = scene.layout.box[1] * viewport.scale_y
        assert size_px == pytest.approx(size / scene.per_box * height)
        assert 11 < size_px <= 30
        assert time <= 1
