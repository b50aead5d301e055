"""Every way to propose a split with the mouse and keys, against all spikes judged one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyqtgraph as pg
import pytest
from factories import make_phy_folder
from mouse import CTRL, LEFT, RIGHT, SHIFT, click, drag, move, press, release
from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QCursor
from reference import is_inside, passes_through
from showing import session_of

from gtview.analysis.snippets import Alignment, read_snippets
from gtview.app.shortcuts import Shortcuts, key_table
from gtview.base.settings import SettingsFile
from gtview.data.phy_reader import read_export
from gtview.qt.keys import is_meant
from gtview.qt.theme import cluster_rgb
from gtview.views.amplitude import AmplitudeView
from gtview.views.attribute import attribute_view
from gtview.views.drift import DriftView
from gtview.views.feature import FeatureView
from gtview.views.isi import IsiView
from gtview.views.template_feature import TemplateFeatureView
from gtview.views.waveform import WaveformView

POSITIONS = attribute_view("positions")


@pytest.fixture(autouse=True)
def every_move(monkeypatch):
    """Let pyqtgraph see every move of the mouse, however fast they come."""
    monkeypatch.setitem(pg.CONFIG_OPTIONS, "mouseRateLimit", -1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "phy"
    made = make_phy_folder(
        path, n_spikes=3000, n_clusters=4, dialect="kilosort4", with_raw=True, seed=3,
        feature_spike_ids=np.arange(0, 3000)[np.arange(3000) % 7 != 0],
    )  # fmt: skip
    rng = np.random.default_rng(1)
    np.save(path / "spike_positions.npy", rng.normal(50, 20, (3000, 2)))
    return made


@pytest.fixture(scope="module")
def dataset(folder):
    return read_export(folder.path, raw_path=folder.raw_path)


@pytest.fixture
def session(dataset):
    made = session_of(dataset)
    made.select_clusters((0, 2))
    return made


def selected(session):
    return np.sort(
        np.concatenate(
            [session.clustering.spikes_of(i) for i in session.selection.state.shown_ids]
        )
    )


def proposed(session):
    proposal = session.splitting.proposal
    return [] if proposal is None else np.concatenate(proposal.parts).tolist()


def wait(qtbot, shower, view):
    qtbot.waitUntil(lambda: not any(task.is_busy for task in view.split_tasks()), timeout=20_000)
    shower.settle(view)


def press_key(view, keys):
    """Do what a key does in a view; return whether it does anything."""
    settings = SettingsFile("test", persistent=False)
    function = key_table(Shortcuts(settings), view, None)[keys]
    if is_meant(function):
        function()
        return True
    return False


def polygon(x, y):
    """Return a crooked polygon around the middle of some points."""
    low_x, mid_x, high_x = np.nanpercentile(x, (20, 45, 85))
    low_y, mid_y, high_y = np.nanpercentile(y, (15, 55, 80))
    return [(low_x, low_y), (mid_x, mid_y), (low_x, high_y), (high_x, high_y), (high_x, mid_y)]


def click_corners(widget, pixels, modifiers=SHIFT):
    for at in pixels:
        click(widget, at, modifiers=modifiers)


def draw_by_hand(widget, pixels):
    press(widget, pixels[0], modifiers=SHIFT)
    for start, end in zip(pixels, [*pixels[1:], pixels[0]], strict=True):
        for k in range(1, 9):
            at = tuple(a + (b - a) * k / 8 for a, b in zip(start, end, strict=True))
            move(widget, at, LEFT, SHIFT)
    release(widget, pixels[0], modifiers=SHIFT)


WAYS = {
    "by hand": draw_by_hand,
    "corners": click_corners,
    "phy's corners": lambda widget, pixels: click_corners(widget, pixels, CTRL),
}


# Views with one panel -----------------------------------------------------------------------


def panel_pixels(view, corners):
    panel = view.plot.panel if hasattr(view.plot, "panel") else view.panel
    places = [panel.scene_position(x, y) for x, y in corners]
    return [(p.x(), p.y()) for p in places]


def values_of(kind, dataset, spikes):
    times = dataset.spike_samples[spikes] / dataset.sample_rate_hz
    if kind is AmplitudeView:
        return times, dataset.amplitudes[spikes]
    positions = dataset.spike_positions_um[spikes]
    return (times if kind is DriftView else positions[:, 0]), positions[:, 1]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", [AmplitudeView, POSITIONS, DriftView])
def test_that_a_line_proposes_all_spikes_inside(qtbot, shower, session, dataset, kind, way):
    if kind is DriftView and way == "phy's corners":
        pytest.skip("there Ctrl and a click select a cluster")
    view = shower(kind, session, (700, 500))
    spikes = selected(session)
    x, y = values_of(kind, dataset, spikes)
    corners = polygon(x, y)
    before = view.plot.panels[0].x_range, view.plot.panels[0].y_range
    WAYS[way](view.plot.viewport(), panel_pixels(view, corners))
    wait(qtbot, shower, view)
    expected = spikes[is_inside(x, y, corners)].tolist()
    assert 50 < len(expected) < len(spikes) - 50
    assert proposed(session) == expected
    assert view.status == session.splitting.sentence
    assert f"{len(expected):,} of" in view.status or " and " in view.status
    assert (view.plot.panels[0].x_range, view.plot.panels[0].y_range) == before


def test_that_spikes_outside_of_the_sight_are_judged_too(qtbot, shower, session, dataset):
    view = shower(AmplitudeView, session)
    low, high = view.plot.panel.x_range
    view.plot.panel.show_range((low, high / 3))
    spikes = selected(session)
    x, y = values_of(AmplitudeView, dataset, spikes)
    corners = [(low, 0.9), (high, 0.9), (high, 1.0), (low, 1.0)]
    # The corners of a line may be far out of sight.
    click_corners(view.plot.viewport(), panel_pixels(view, corners[:1]))
    view.lasso.corners = corners
    view.lasso.undo()
    view.lasso.corners = corners
    view.lasso._tell(SHIFT)
    wait(qtbot, shower, view)
    assert proposed(session) == spikes[is_inside(x, y, corners)].tolist()


def test_that_spikes_outside_of_a_chosen_time_are_judged_too(qtbot, shower, session, dataset):
    session.selection.update(time_window_s=(1.0, 3.0))
    view = shower(AmplitudeView, session)
    spikes = selected(session)
    _, y = values_of(AmplitudeView, dataset, spikes)
    limit = float(np.median(y))
    view.set_threshold(limit)
    wait(qtbot, shower, view)
    assert proposed(session) == spikes[y < limit].tolist()
    assert view.status.endswith("also outside of 1 to 3 s")


def test_that_a_corner_can_be_taken_back_and_all_forgotten(qtbot, shower, session, dataset):
    view = shower(AmplitudeView, session)
    spikes = selected(session)
    x, y = values_of(AmplitudeView, dataset, spikes)
    corners = polygon(x, y)
    pixels = panel_pixels(view, corners)
    assert not press_key(view, "Backspace")  # it is the window's then
    click_corners(view.plot.viewport(), pixels)
    wait(qtbot, shower, view)
    assert press_key(view, "Backspace")
    wait(qtbot, shower, view)
    assert proposed(session) == spikes[is_inside(x, y, corners[:4])].tolist()
    for n_left in (3, 2):
        press_key(view, "Backspace")
        wait(qtbot, shower, view)
        assert len(view.lasso.corners) == n_left
    assert session.splitting.proposal is None
    click_corners(view.plot.viewport(), pixels[2:])
    wait(qtbot, shower, view)
    assert proposed(session) == spikes[is_inside(x, y, corners)].tolist()
    assert press_key(view, "Esc")
    wait(qtbot, shower, view)
    assert session.splitting.proposal is None
    assert not view.lasso.is_there
    assert "template amplitude" in view.status
    assert not press_key(view, "Esc")


def test_that_a_line_by_hand_begins_anew_and_is_taken_back_whole(qtbot, shower, session):
    view = shower(AmplitudeView, session)
    widget = view.plot.viewport()
    draw_by_hand(widget, [(100, 100), (400, 120), (300, 300)])
    n = len(view.lasso.corners)
    assert n > 10
    draw_by_hand(widget, [(150, 100), (400, 120), (300, 300)])
    assert view.lasso.pixels()[0] == QPointF(150, 100)
    click(widget, (200, 200), modifiers=SHIFT)
    assert len(view.lasso.corners) == 1
    draw_by_hand(widget, [(150, 100), (400, 120), (300, 300)])
    press_key(view, "Backspace")
    assert not view.lasso.is_there


@pytest.mark.parametrize("button", [LEFT, RIGHT])
def test_that_other_drags_draw_nothing(shower, session, button):
    view = shower(AmplitudeView, session)
    modifiers = CTRL if button == LEFT else SHIFT
    drag(view.plot.viewport(), (100, 100), (300, 300), button, modifiers)
    drag(view.plot.viewport(), (100, 100), (300, 300), button)
    assert not view.lasso.is_there
    assert session.splitting.proposal is None


def test_that_another_selection_forgets_line_and_proposal(qtbot, shower, session, dataset):
    view = shower(AmplitudeView, session)
    view.set_threshold(at_middle(dataset, session))
    wait(qtbot, shower, view)
    assert session.splitting.proposal is not None
    session.select_clusters((1,))
    wait(qtbot, shower, view)
    assert session.splitting.proposal is None
    assert view.threshold.value is None
    assert "template amplitude" in view.status


def test_that_a_line_in_another_view_takes_over(qtbot, shower, session):
    first, second = shower(AmplitudeView, session), shower(DriftView, session)
    draw_by_hand(first.plot.viewport(), [(100, 50), (400, 60), (300, 300)])
    wait(qtbot, shower, first)
    draw_by_hand(second.plot.viewport(), [(100, 50), (400, 60), (300, 300)])
    wait(qtbot, shower, second)
    assert session.splitting.proposal.source is second
    assert not first.lasso.is_there
    assert first.status != second.status == session.splitting.sentence


def test_that_a_closed_view_takes_its_proposal_along(qtbot, shower, session, dataset):
    view = shower(AmplitudeView, session)
    view.set_threshold(at_middle(dataset, session))
    wait(qtbot, shower, view)
    assert session.splitting.proposal is not None
    view.close_view()
    assert session.splitting.proposal is None


def test_that_proposed_spikes_have_a_colour_of_their_own(qtbot, shower, session, dataset):
    view = shower(AmplitudeView, session)
    limit = at_middle(dataset, session)
    view.set_threshold(limit)
    wait(qtbot, shower, view)
    color = cluster_rgb(session.splitting.proposal.color_ids[0])
    assert color not in {cluster_rgb(c) for c in session.selection.state.color_ids}
    layers = [layer for layer in view.plot.cloud.layers if layer.rgb == color]
    shown = np.sort(np.concatenate([layer.y for layer in layers]))
    assert shown.tolist() == np.sort(dataset.amplitudes[proposed(session)]).tolist()
    stays = [layer for layer in view.plot.cloud.layers if layer.rgb == cluster_rgb(0)]
    assert all((layer.y >= limit).all() for layer in stays)


# Thresholds ---------------------------------------------------------------------------------


def test_that_a_threshold_is_shown_moved_turned_and_taken_away(qtbot, shower, session, dataset):
    view = shower(AmplitudeView, session, (700, 500))
    spikes = selected(session)
    values = dataset.amplitudes[spikes]
    QCursor.setPos(0, 0)
    press_key(view, "X")
    middle = sum(view.plot.panel.y_range) / 2
    wait(qtbot, shower, view)
    assert view.threshold.value == pytest.approx(middle)
    assert proposed(session) == spikes[values < middle].tolist()
    panel = view.plot.panel
    wanted = middle * 1.1
    start, end = (panel.scene_position(4.0, y) for y in (middle, wanted))
    drag(view.plot.viewport(), (start.x(), start.y()), (end.x(), end.y()))
    wait(qtbot, shower, view)
    moved = view.threshold.value
    assert moved == pytest.approx(wanted, abs=pixels_in(*panel.y_range, panel.box.height()))
    assert proposed(session) == spikes[values < moved].tolist()
    press_key(view, "Shift+X")
    wait(qtbot, shower, view)
    assert proposed(session) == spikes[values >= moved].tolist()
    press_key(view, "X")
    assert view.threshold.value is None
    assert session.splitting.proposal is None


def test_that_a_drag_along_the_vertical_axis_sets_the_threshold(qtbot, shower, session, dataset):
    view = shower(AmplitudeView, session, (700, 500))
    panel = view.plot.panel
    x = panel.y_axis.mapToScene(panel.y_axis.size().width() - 3, 0).x()
    before, wanted = panel.y_range, at_middle(dataset, session)
    start, end = (panel.scene_position(0, y).y() for y in (before[0], wanted))
    drag(view.plot.viewport(), (x, start), (x, end), modifiers=SHIFT)
    wait(qtbot, shower, view)
    near = pixels_in(*panel.y_range, panel.box.height())
    assert view.threshold.value == pytest.approx(wanted, abs=near)
    assert panel.y_range == before
    spikes = selected(session)
    expected = spikes[dataset.amplitudes[spikes] < view.threshold.value]
    assert proposed(session) == expected.tolist()


def at_middle(dataset, session):
    return float(np.median(dataset.amplitudes[selected(session)]))


def pixels_in(low, high, size):
    """Return how much of an axis one and a half pixels are: the mouse is told whole ones."""
    return 1.5 * (high - low) / size


def too_soon(dataset, spikes, refractory_ms):
    found, last = [], None
    for spike in spikes.tolist():
        sample = int(dataset.spike_samples[spike])
        if last is not None and sample - last < refractory_ms * dataset.sample_rate_hz / 1000:
            found.append(spike)
        last = sample
    return found


@pytest.mark.parametrize("is_log", [False, True])
def test_that_violating_spikes_are_proposed(qtbot, shower, session, dataset, is_log):
    view = shower(IsiView, session, (700, 500), is_log=is_log)
    press_key(view, "V")
    wait(qtbot, shower, view)

    def expected(ms):
        parts = [too_soon(dataset, session.clustering.spikes_of(i), ms) for i in (0, 2)]
        return sorted(np.concatenate(parts).tolist())

    assert proposed(session) == expected(2.0)
    n_counted = sum(one.n_violations for one in view._shown.intervals.clusters)
    assert len(proposed(session)) == n_counted > 5
    places = (2.0, 5.0) if not is_log else (np.log10(2.0), np.log10(5.0))
    start, end = (view.panel.scene_position(x, 0.5) for x in places)
    drag(view.plot.viewport(), (start.x(), start.y()), (end.x(), end.y()))
    wait(qtbot, shower, view)
    assert view.settings.refractory_ms == pytest.approx(5.0, abs=0.15)
    assert proposed(session) == expected(view.settings.refractory_ms)
    press_key(view, "V")
    assert session.splitting.proposal is None


def test_that_both_spikes_of_an_interval_can_be_taken(qtbot, shower, session, dataset):
    view = shower(IsiView, session, (700, 500), takes_both=True)
    press_key(view, "V")
    wait(qtbot, shower, view)
    expected = set()
    for i in (0, 2):
        spikes = session.clustering.spikes_of(i)
        samples = dataset.spike_samples[spikes]
        for k in range(1, len(spikes)):
            if samples[k] - samples[k - 1] < 60:
                expected |= {int(spikes[k - 1]), int(spikes[k])}
    assert proposed(session) == sorted(expected)


# Grids --------------------------------------------------------------------------------------


def grid_pixels(view, cell, corners):
    place = view.grid.layout_now().place(cell.row, cell.column)
    (left, right), (low, high) = (view.grid.limits()[key] for key in (cell.x, cell.y))
    return [
        (
            place.left + (x - left) / (right - left) * place.width,
            place.bottom - (y - low) / (high - low) * place.height,
        )
        for x, y in corners
    ]


def feature_values(view, cell, dataset, spikes):
    """Read features one spike at a time."""
    file = dataset.pc_features
    found = []
    for spike in spikes.tolist():
        row = [np.nan, np.nan]
        values, has = file.read(np.array([spike]))
        channels = file.channel_ids[dataset.spike_templates[spike]].tolist()
        for k, key in enumerate((cell.x, cell.y)):
            if key == "time":
                row[k] = dataset.spike_samples[spike] / dataset.sample_rate_hz
            elif has[0]:
                channel = view.picture.known.channel_ids[key[0]]
                if channel in channels:
                    row[k] = float(values[0, channels.index(channel), key[1]])
        found.append(row if has[0] else [np.nan, np.nan])
    return np.array(found).T


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("place", [(0, 0), (0, 1), (3, 2)])
def test_that_a_line_in_features_proposes_all_inside(qtbot, shower, session, dataset, way, place):
    session.select_clusters((0, 1))
    view = shower(FeatureView, session, (900, 800))
    cell = view.grid.cell_of(place)
    spikes = selected(session)
    x, y = feature_values(view, cell, dataset, spikes)
    corners = polygon(x, y)
    WAYS[way](view.grid, grid_pixels(view, cell, corners))
    wait(qtbot, shower, view)
    if way == "by hand":
        # Corners nearer than two pixels are left out: the line as it is shown counts.
        drawn, wanted = view.lasso.pixels(), grid_pixels(view, cell, corners)
        assert min(abs(p.x() - wanted[3][0]) + abs(p.y() - wanted[3][1]) for p in drawn) < 4
        corners = view.lasso.corners
    expected = spikes[is_inside(x, y, corners)].tolist()
    assert len(expected) > 10
    assert proposed(session) == expected
    n_without = sum(
        np.count_nonzero(np.isnan(x + y) & np.isin(spikes, session.clustering.spikes_of(i)))
        for i in session.splitting.proposal.cluster_ids
    )
    assert n_without > 20
    assert view.status.endswith(f"{n_without:,} without features stay")


def test_that_a_corner_in_another_plot_begins_anew(shower, session):
    view = shower(FeatureView, session, (900, 800))
    first, second = (view.grid.layout_now().place(0, k) for k in (0, 1))
    click(view.grid, (first.left + 9, first.top + 9), modifiers=SHIFT)
    click(view.grid, (first.left + 30, first.top + 9), modifiers=CTRL)
    assert (len(view.lasso.corners), view.lasso.plot) == (2, (0, 0))
    click(view.grid, (second.left + 9, second.top + 9), modifiers=SHIFT)
    assert (len(view.lasso.corners), view.lasso.plot) == (1, (0, 1))


def test_that_a_line_follows_when_axes_are_moved(shower, session):
    view = shower(FeatureView, session, (900, 800))
    place = view.grid.layout_now().place(0, 1)
    click(view.grid, (place.left + 40, place.top + 40), modifiers=SHIFT)
    drag(view.grid, (place.left + 80, place.top + 80), (place.left + 100, place.top + 70))
    (at,) = view.lasso.pixels()
    assert (at.x(), at.y()) == pytest.approx((place.left + 60, place.top + 30))


def test_that_other_channels_take_the_line_away_but_not_the_proposal(qtbot, shower, session):
    view = shower(FeatureView, session, (900, 800))
    place = view.grid.layout_now().place(0, 0)
    box = place.left + 2, place.top + 2, place.right - 2, place.bottom - 2
    draw_by_hand(view.grid, [box[:2], (box[2], box[1]), box[2:], (box[0], box[3])])
    wait(qtbot, shower, view)
    kept = proposed(session)
    assert kept
    session.selection.update(channel_ids=(5, 7))
    shower.settle(view)
    assert not view.lasso.is_there
    assert proposed(session) == kept


def test_that_a_line_around_projections_proposes_all_inside(qtbot, shower, session, dataset):
    view = shower(TemplateFeatureView, session, (600, 500))
    cell = view.grid.cell_of((0, 0))
    found = view.picture.known.data.clusters
    spikes = np.concatenate([part.spike_ids for part in found])
    x, y = np.concatenate([part.values for part in found], axis=1)
    corners = polygon(x, y)
    click_corners(view.grid, grid_pixels(view, cell, corners))
    wait(qtbot, shower, view)
    expected = np.sort(spikes[is_inside(x, y, corners)]).tolist()
    assert len(expected) > 10
    assert proposed(session) == expected


def test_that_of_one_cluster_only_its_own_spikes_are_proposed(qtbot, shower, session):
    session.select_clusters((0,))
    view = shower(TemplateFeatureView, session, (600, 500))
    if view.picture.scatter is None:
        pytest.skip("no similar cluster")
    place = view.grid.layout_now().place(0, 0)
    box = place.left + 2, place.top + 2, place.right - 2, place.bottom - 2
    draw_by_hand(view.grid, [box[:2], (box[2], box[1]), box[2:], (box[0], box[3])])
    wait(qtbot, shower, view)
    assert session.splitting.proposal.cluster_ids == (0,)


# Waveforms ----------------------------------------------------------------------------------


def waveform_pixels(view, channel, slot, corners):
    """Return pixels of ms and sizes on the waveforms of one cluster."""
    scene = view.scene
    row = scene.layout.channel_ids.tolist().index(channel)
    t = scene.times_ms
    left = scene.layout.curve_left(slot)[row]
    zero = scene.layout.zero_y()[row]
    per_unit = scene.layout.box[1] / scene.per_box
    return [
        (left + (ms - t[0]) / (t[-1] - t[0]) * scene.layout.curve_width, zero - size * per_unit)
        for ms, size in corners
    ]


def corners_on(view, channel, slot):
    """Return the line as it is shown, in ms and sizes on the waveforms of one cluster."""
    (x0, y0), (x1, y1) = waveform_pixels(view, channel, slot, [(0, 0), (1, 1)])
    return [((p.x() - x0) / (x1 - x0), (p.y() - y0) / (y1 - y0)) for p in view.lasso.pixels()]


@pytest.mark.parametrize("is_overlap", [False, True])
@pytest.mark.parametrize("way", ["by hand", "corners"])
def test_that_waveforms_through_a_line_are_proposed(
    qtbot, shower, session, dataset, way, is_overlap
):
    view = shower(WaveformView, session, (900, 700), is_overlap=is_overlap)
    channel = int(view.scene.layout.channel_ids[0])
    alignment = Alignment.of(dataset)
    waveforms, ids = {}, {}
    for i in (0, 2):
        spikes = session.clustering.spikes_of(i)
        read = read_snippets(
            dataset, spikes, np.array([channel]), alignment, len(spikes), view.settings.cutoff_hz
        )
        ids[i], waveforms[i] = read.spike_ids, read.values[:, :, 0]
    trough = np.percentile(waveforms[0].min(axis=1), (30, 60))
    corners = [(-0.2, trough[0]), (0.25, trough[0]), (0.3, trough[1]), (-0.15, trough[1])]
    WAYS[way](view.canvas, waveform_pixels(view, channel, 0, corners))
    wait(qtbot, shower, view)
    if way == "by hand":
        corners = corners_on(view, channel, 0)
    times_ms = view.scene.times_ms
    expected = []
    for i in (0, 2) if is_overlap else (0,):
        expected += [
            s for s, w in zip(ids[i].tolist(), waveforms[i], strict=True)
            if passes_through(times_ms, w, corners)
        ]  # fmt: skip
    assert len(expected) > 50
    assert proposed(session) == sorted(expected)
    n = session.clustering.n_spikes_of(0)
    n_beyond = n - len(ids[0])
    assert n_beyond == 0 or f"{n_beyond} beyond the file" in view.status
    assert f"of {n:,} spikes of cluster 0" in view.status


def test_that_ctrl_click_still_chooses_a_channel(shower, session):
    view = shower(WaveformView, session, (900, 700))
    at = waveform_pixels(view, int(view.scene.layout.channel_ids[1]), 0, [(0.0, 0.0)])[0]
    click(view.canvas, at, modifiers=CTRL)
    assert session.selection.state.channel_ids == (int(view.scene.layout.channel_ids[1]),)
    assert not view.lasso.is_there


def test_that_without_the_recording_the_line_says_why(shower, dataset):
    session = session_of(replace(dataset, raw=None))
    session.select_clusters((0,))
    view = shower(WaveformView, session, (900, 700))
    draw_by_hand(view.canvas, [(300, 200), (420, 220), (380, 400)])
    assert "single spikes" in view.status
    assert session.splitting.proposal is None
