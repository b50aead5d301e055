"""The probe: geometry, places of clusters and units, what clicks select, states."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from factories import make_templates
from hypothesis import given
from hypothesis import strategies as st
from made_datasets import make_dataset
from mouse import CTRL, LEFT, RIGHT, click, double_click, drag, leave, move, wheel
from showing import session_of

from gtview.analysis.places import centre_of_mass, compute_cluster_places, true_unit_places
from gtview.data.dataset import Channels
from gtview.data.ground_truth import GroundTruth, TrueTemplates
from gtview.qt.theme import cluster_rgb
from gtview.session.selection import with_channel
from gtview.views.probe import ProbeView
from gtview.views.probe_layout import make_map, nearest_distance

RNG = np.random.default_rng(7)
N = 12
POSITIONS = np.column_stack([np.tile([0.0, 40.0], 6), 20.0 * np.arange(N)]).astype(np.float32)
WAVEFORMS = make_templates(RNG, 4, 30, 10, POSITIONS)
TEMPLATES = RNG.integers(0, 4, 400)
CLUSTERS = np.array([3, 8, 9, 20])[TEMPLATES].astype(np.int32)


def channels_at(positions, shanks=None):
    n = len(positions)
    shanks = np.zeros(n, np.int32) if shanks is None else np.asarray(shanks, np.int32)
    return Channels(
        np.arange(n, dtype=np.int32)[::-1].copy(), np.asarray(positions, np.float32), shanks
    )


def made(truth=None, **others):
    fields = {"channels": channels_at(POSITIONS), "spike_clusters": CLUSTERS} | others
    waveforms = fields.pop("waveforms", WAVEFORMS)
    dataset = make_dataset(waveforms, np.arange(400) * 700, TEMPLATES, n_channels=N, **fields)
    return session_of(dataset, truth)


def truth_of(locations, templates=None):
    n = 2
    return GroundTruth(
        Path("truth"), ("a", "b"), 30_000.0, np.arange(n), np.arange(n + 1), locations, templates
    )


# Places ----------------------------------------------------------------------------------------


def test_that_a_cluster_is_where_its_spikes_are_on_average():
    positions = RNG.normal(100, 30, (400, 2)).astype(np.float32)
    positions[::9] = np.nan
    session = made(spike_positions_um=positions)
    places = compute_cluster_places(session.dataset, session.stats, CLUSTERS)
    for place, cluster_id in zip(places, session.stats.cluster_ids, strict=True):
        assert place == pytest.approx(np.nanmean(positions[cluster_id == CLUSTERS], axis=0))


def test_that_without_positions_it_is_the_centre_of_mass_of_the_template():
    session = made()
    places = compute_cluster_places(session.dataset, session.stats, CLUSTERS)
    for k, place in enumerate(places):
        sizes = np.ptp(WAVEFORMS[k], axis=0).astype(float)
        near = np.hypot(*(POSITIONS - POSITIONS[sizes.argmax()]).T) <= 150
        sizes[~near | (sizes < 0.1 * sizes.max())] = 0
        assert place == pytest.approx(np.average(POSITIONS, axis=0, weights=sizes**2))


def test_that_nothing_known_is_no_place():
    assert np.isnan(centre_of_mass(np.zeros(N, np.float32), channels_at(POSITIONS))).all()
    session = made(waveforms=None)
    places = compute_cluster_places(session.dataset, session.stats, CLUSTERS)
    assert np.isnan(places).all()


def test_that_a_centre_of_mass_stays_on_its_shank():
    sizes = np.array([0, 10, 9, 0], np.float32)
    channels = channels_at([[0, 0], [0, 20], [50, 20], [50, 0]], [0, 0, 1, 1])
    assert centre_of_mass(sizes, channels).tolist() == [0, 20]


def test_that_true_units_are_where_the_truth_says_or_their_templates_are():
    known = np.array([[5, 60], [np.nan, np.nan]], np.float32)
    channels = channels_at(POSITIONS)
    assert np.isnan(true_unit_places(truth_of(None), channels)).all()
    templates = TrueTemplates(WAVEFORMS[:2], 10, None)
    places = true_unit_places(truth_of(known, templates), channels)
    assert places[0].tolist() == [5, 60]
    sizes = np.ptp(WAVEFORMS[1], axis=0)
    assert places[1] == pytest.approx(centre_of_mass(sizes, channels))


# Geometry --------------------------------------------------------------------------------------


@given(st.integers(1, 5), st.integers(1, 6), st.booleans())
def test_that_shanks_lie_apart_and_keep_their_shape(n_shanks, n_each, is_apart):
    positions, shanks = [], []
    for shank in range(n_shanks):
        for k in range(n_each):
            positions.append((250.0 * shank * is_apart + 20 * (k % 2), 15.0 * k))
            shanks.append(shank)
    probe = make_map(channels_at(positions, shanks))
    extents = []
    for shank in range(n_shanks):
        own = np.array(shanks) == shank
        moved = probe.contacts_um[own] - np.array(positions)[own]
        assert np.ptp(moved, axis=0) == pytest.approx((0, 0))
        assert moved[0, 1] == 0
        assert moved[0, 0] == 0 or not is_apart
        extents.append((probe.contacts_um[own, 0].min(), probe.contacts_um[own, 0].max()))
    for (_, right), (left, _) in zip(sorted(extents), sorted(extents)[1:], strict=False):
        assert right < left


def test_that_contacts_do_not_touch():
    positions = np.column_stack([np.zeros(700), 6.0 * np.arange(700)])
    positions[13, 1] += 2.0
    assert nearest_distance(positions) == pytest.approx(4.0)
    assert make_map(channels_at(positions)).contact_um == pytest.approx(3.4)
    assert make_map(channels_at(POSITIONS)).contact_um == 12.0
    assert make_map(channels_at(POSITIONS), 30.0).contact_um == 30.0
    assert nearest_distance(positions[:1]) is None


def test_that_one_bad_position_does_not_make_all_else_a_point():
    probe = make_map(channels_at(POSITIONS))
    x, y = probe.bounds(np.array([[1e6, 0.0], [np.nan, 3.0], [60.0, 100.0]]))
    assert -30 < x[0] < 0
    assert 60 < x[1] < 90
    assert y[1] - y[0] < 300


# The view --------------------------------------------------------------------------------------


@pytest.fixture
def view(shower):
    locations = np.array([[55, 30], [-15, 190]], np.float32)
    return shower(ProbeView, made(truth_of(locations)), (500, 600))


def at(view, place):
    point = view.plot.mapFromScene(view.panel.scene_position(*place))
    return point.x(), point.y()


def cluster_at(view, cluster_id):
    scene = view.item.shown
    return at(view, scene.clusters_um[scene.cluster_ids.tolist().index(cluster_id)])


def free_contact(view):
    """Return a channel under which there is no mark."""
    scene = view.item.shown
    marks = np.concatenate([scene.clusters_um, scene.units_um])
    distance = np.hypot(*(scene.probe.contacts_um[:, None] - marks[None]).transpose(2, 0, 1))
    return int(distance.min(axis=1).argmax())


def per_pixel(view):
    rect = view.panel.box.rect()
    x, y = view.panel.x_range, view.panel.y_range
    return (x[1] - x[0]) / rect.width(), (y[1] - y[0]) / rect.height()


def test_that_the_status_counts_what_is_there(shower, view):
    assert view.status == "12 channels, 1 shank, 4 clusters, 2 units"
    view.toggle_truth()
    shower.settle(view)
    assert view.status == "12 channels, 1 shank, 4 clusters"
    lost = shower(ProbeView, made(waveforms=None))
    assert lost.status == "12 channels, 1 shank, 4 clusters · 4 without a position"


def test_that_both_directions_have_one_scale_whatever_is_done(shower, view, qtbot):
    assert per_pixel(view)[0] == pytest.approx(per_pixel(view)[1])
    viewport = view.plot.viewport()
    wheel(viewport, (250, 300), 3)
    assert per_pixel(view)[0] == pytest.approx(per_pixel(view)[1])
    drag(viewport, (200, 200), (260, 230), RIGHT)
    assert per_pixel(view)[0] == pytest.approx(per_pixel(view)[1])
    view.resize(700, 400)
    qtbot.wait(10)
    assert per_pixel(view)[0] == pytest.approx(per_pixel(view)[1])
    double_click(viewport, (300, 200))
    assert view.panel.is_at_home
    low, high = view.panel.y_range
    assert low < 0
    assert high > POSITIONS[:, 1].max()


def test_that_x_stretches_the_probe_over_the_width_and_back(shower, view):
    view.toggle_stretch()
    shower.settle(view)
    low, high = view.panel.x_range
    assert low < -15
    assert high > 55
    assert high - low < 120
    assert per_pixel(view)[0] < per_pixel(view)[1]
    wheel(view.plot.viewport(), (250, 300), 3)
    assert per_pixel(view)[0] < per_pixel(view)[1]
    view.toggle_stretch()
    shower.settle(view)
    assert per_pixel(view)[0] == pytest.approx(per_pixel(view)[1])


def test_that_zoom_stays_while_browsing(shower, view):
    wheel(view.plot.viewport(), (250, 300), 3)
    zoomed = view.panel.x_range, view.panel.y_range
    view.session.select_clusters((8, 3))
    shower.settle(view)
    assert (view.panel.x_range, view.panel.y_range) == zoomed
    view.fit()
    assert view.panel.is_at_home


def test_that_a_click_selects_a_cluster_and_ctrl_adds_it(shower, view):
    state = view.session.selection
    viewport = view.plot.viewport()
    click(viewport, cluster_at(view, 9))
    assert state.state.cluster_ids == (9,)
    shower.settle(view)
    click(viewport, cluster_at(view, 3), LEFT, CTRL)
    assert state.state.cluster_ids == (9, 3)
    shower.settle(view)
    assert view.item.shown.colors == {9: 0, 3: 1}
    click(viewport, cluster_at(view, 9), LEFT, CTRL)
    assert state.state.cluster_ids == (3,)
    click(viewport, cluster_at(view, 8), RIGHT)
    assert state.state.cluster_ids == (3,)


def test_that_a_click_on_a_ring_selects_the_unit(view):
    click(view.plot.viewport(), at(view, (-15, 190)))
    assert view.session.selection.state.unit_id == "b"


def test_that_clicks_on_contacts_choose_channels_as_in_the_waveform_view(shower, view):
    view.session.select_clusters((9,))
    shower.settle(view)
    state = view.session.selection
    contacts = view.item.shown.probe.contacts_um
    viewport, channel = view.plot.viewport(), free_contact(view)
    click(viewport, at(view, contacts[channel]), LEFT, CTRL)
    assert state.state.channel_ids == (channel,)
    click(viewport, at(view, contacts[channel]), LEFT)
    assert state.state.channel_ids == ()
    click(viewport, at(view, contacts[channel]), RIGHT, CTRL)
    best = int(view.session.best_channels(9).channel_ids[0])
    assert state.state.channel_ids == (best, channel)
    shower.settle(view)
    assert view.item.shown.channel_ids == (best, channel)
    click(viewport, at(view, contacts[channel]), RIGHT)
    assert state.state.channel_ids == (best, channel)


def test_that_channels_are_chosen_and_go_back_to_automatic():
    assert with_channel((), 5, 0) == (5,)
    assert with_channel((5,), 5, 0) == ()
    assert with_channel((5, 7), 7, 0) == (7,)
    assert with_channel((5, 7), 6, 0) == (6, 7)
    assert with_channel((5, 7), 7, 1) == (5,)
    assert with_channel((5, 7), 5, 1) == (5,)
    assert with_channel((), 7, 1, 2) == (2, 7)
    assert with_channel((), 7, 1, 7) == (7,)
    assert with_channel((), 7, 1) == (7,)
    assert with_channel((5, 7), 5, 0) == (7,)


def test_that_contacts_are_filled_by_the_amplitude_of_the_first_cluster(shower, view):
    assert not view.item.shown.amplitudes.any()
    view.session.select_clusters((20, 3))
    shower.settle(view)
    sizes = np.ptp(WAVEFORMS[3], axis=0)
    assert view.item.shown.amplitudes == pytest.approx(sizes / sizes.max())
    strong = np.array(view.item._shade(view.item.shown, 1.0).getRgb()[:3])
    weak = np.array(view.item._shade(view.item.shown, 0.0).getRgb()[:3])
    color = np.array(cluster_rgb(0))
    assert np.abs(strong - color).sum() < np.abs(weak - color).sum() / 2


def test_that_hover_tells_what_is_there_and_leaving_the_summary(shower, view):
    viewport = view.plot.viewport()
    summary = view.status
    move(viewport, cluster_at(view, 8))
    rate = np.count_nonzero(CLUSTERS == 8) / 10
    assert view.status.startswith(f"cluster 8 · {rate:.3g} Hz · depth ")
    move(viewport, at(view, (-15, 190)))
    assert view.status == "true unit b · depth 190 µm"
    channel = free_contact(view)
    x, y = view.item.shown.probe.contacts_um[channel]
    move(viewport, at(view, (x, y)))
    assert view.status == f"channel {N - 1 - channel} · x {x:g}, depth {y:g} µm"
    leave(view.plot)
    assert view.status == summary


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", [(150, 100), (600, 500)])
def test_that_it_is_painted_with_labels_in_both_themes(shower, theme, size):
    session = made(truth_of(np.array([[55, 30], [-15, 190]], np.float32)))
    session.select_clusters((8,))
    view = shower(ProbeView, session, size, theme, has_labels=True, shape="round")
    image = view.plot.grab().toImage()
    colors = {
        image.pixelColor(x, y).getRgb()[:3]
        for x in range(image.width())
        for y in range(image.height())
    }
    assert cluster_rgb(0) in colors
    assert view.error is None


def test_that_no_key_is_declared_twice_and_every_slot_exists():
    keys = [key for action in ProbeView.actions_declared for key in action.keys]
    assert len(keys) == len(set(keys))
    for action in ProbeView.actions_declared:
        assert callable(getattr(ProbeView, action.slot))
