"""The feature view: which features it shows, where, and what its gestures do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from factories import make_phy_folder
from mouse import ALT, CTRL, RIGHT, click, double_click, drag, wheel
from showing import session_of

from gtview.analysis.features import ClusterFeatures
from gtview.data.phy_reader import read_export
from gtview.qt.theme import cluster_rgb
from gtview.session.events import SelectionChanged
from gtview.views import load_view
from gtview.views.feature import FeatureView
from gtview.views.feature_query import TIME

PHY_GRID = """
time,0A 1A,0A 0B,0A 1B,0A
0A,1A time,1A 0B,1A 1B,1A
0A,0B 1A,0B time,0B 1B,0B
0A,1B 1A,1B 0B,1B time,1B
"""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "phy"
    every_other = np.arange(0, 3000, 2)
    make_phy_folder(
        folder, dialect="kilosort2", n_spikes=3000, n_clusters=8, n_channels=20,
        feature_spike_ids=every_other, seed=4,
    )  # fmt: skip
    return read_export(folder)


@pytest.fixture
def session(dataset):
    return session_of(dataset)


@pytest.fixture
def view(shower, session):
    session.select_clusters((1, 3))
    return shower(FeatureView, session, size=(800, 600))


def middle(view, row, column):
    place = view.grid.layout_now().place(row, column)
    return place.left + place.width / 2, place.top + place.height / 2


def name_of(key):
    return "time" if key == TIME else f"{key[0]}{'ABC'[key[1]]}"


def reference_values(dataset, spikes, channel, pc):
    """Look for one number at a time in the file."""
    values = np.load(dataset.pc_features.path)
    out = {}
    for spike in spikes.tolist():
        if spike % 2:
            continue  # it has no row
        local = dataset.pc_features.channel_ids[dataset.spike_templates[spike]].tolist()
        if channel in local:
            out[spike] = values[spike // 2, pc, local.index(channel)]
    return out


# What is shown ----------------------------------------------------------------------------


def test_that_the_view_can_be_opened_by_its_id():
    assert load_view("feature") is FeatureView


def test_that_the_grid_is_that_of_phy(view):
    rows = [line.split() for line in PHY_GRID.split("\n") if line]
    shown = [[None] * 4 for _ in range(4)]
    for cell in view.grid.scatter.cells:
        shown[cell.row][cell.column] = f"{name_of(cell.x)},{name_of(cell.y)}"
    assert shown == rows


def test_that_every_number_is_that_of_the_file_at_the_time_of_its_spike(view, session, dataset):
    channels = session.best_channels(1).channel_ids[:2].tolist()
    for cell in view.grid.scatter.cells:
        for k, cluster in enumerate((1, 3)):
            layer = cell.layers[k]
            assert layer.rgb == cluster_rgb(k)
            spikes = session.clustering.spikes_of(cluster)
            y = reference_values(dataset, spikes, channels[cell.y[0]], cell.y[1])
            if cell.x == TIME:
                x = {s: dataset.spike_samples[s] / dataset.sample_rate_hz for s in spikes.tolist()}
            else:
                x = reference_values(dataset, spikes, channels[cell.x[0]], cell.x[1])
            expected = sorted((x[s], y[s]) for s in y if s in x)
            given = np.c_[layer.x * layer.x_scale, layer.y]
            given = given[np.isfinite(given).all(axis=1)]
            np.testing.assert_allclose(sorted(map(tuple, given)), expected, rtol=1e-6)


def test_that_the_upper_half_shows_dots_and_the_lower_density(view):
    for cell, pictures in zip(view.grid.scatter.cells, view.grid.scatter.pictures, strict=True):
        assert pictures.front.is_density[1] == (cell.row > cell.column)


def test_that_many_spikes_are_density_in_both_halves(view, session, monkeypatch):
    monkeypatch.setattr("gtview.qt.points.MOST_DOTS", 3)
    view.fit()
    view.invalidate()
    layout = view.grid.surface().layout((4, 4))
    from gtview.qt.scatter import render_cells

    rendered = render_cells(view.grid.scatter, layout)
    assert all(p.front.is_density[1] for p in rendered.pictures if p.front.n_in_sight[0] > 3)


def test_that_spikes_without_features_are_counted_and_not_drawn(view, session):
    n_all = sum(session.clustering.n_spikes_of(c) for c in (1, 3))
    n_odd = sum(int((session.clustering.spikes_of(c) % 2).sum()) for c in (1, 3))
    assert f"{n_all:,} spikes, {n_odd:,} without features" in view.status
    assert "background all" in view.status
    for cell in view.grid.scatter.cells:
        assert sum(len(layer.y) for layer in cell.layers) == n_all - n_odd
        assert not any((layer.y == 0).any() for layer in cell.layers)


def test_that_a_sampled_background_says_so(view, shower):
    shower.change(view, n_background=100)
    channels = view.picture.known.channel_ids
    has = np.isin(view.session.dataset.pc_features.channel_ids, channels).any(axis=1)
    templates = view.session.dataset.spike_templates[::2]
    assert f"background 100 of {np.count_nonzero(has[templates]):,}" in view.status
    assert all(len(cell.behind[0].y) == 100 for cell in view.grid.scatter.cells)
    assert all(cell.behind[0].is_background for cell in view.grid.scatter.cells)


def test_that_titles_name_channel_and_component(view, session, dataset):
    first = int(dataset.channels.raw_channels[session.best_channels(1).best])
    titles = {name_of(k): a.title for k, a in view.grid.scatter.axes.items()}
    assert titles["0A"] == f"{first} PC1"
    assert titles["0B"] == f"{first} PC2"
    assert titles["time"] == "time (s)"


def test_that_any_number_of_channels_and_components_can_be_shown(view, shower):
    shower.change(view, n_channels=3, n_pcs=1)
    assert view.grid.scatter.shape == (3, 3)
    shower.change(view, n_channels=1, n_pcs=3)
    assert [name_of(c.y) for c in view.grid.scatter.cells[::3]] == ["0A", "0B", "0C"]
    shower.change(view, n_channels=6, n_pcs=6)  # the file has three, and twelve plots suffice
    assert view.grid.scatter.shape == (12, 12)


def test_that_nothing_selected_says_what_to_do(view, session, shower):
    session.select_clusters(())
    shower.settle(view)
    assert view._message.text() == "select a cluster"
    assert view.status == ""


def test_that_a_missing_file_is_named(shower, dataset):
    session = session_of(replace(dataset, pc_features=None))
    session.select_clusters((1,))
    view = shower(FeatureView, session)
    assert "pc_features.npy" in view._message.text()


def test_that_a_file_that_is_gone_is_told_in_the_view(view, session, shower, tmp_path):
    file = session.dataset.pc_features
    moved = file.path.rename(file.path.with_suffix(".away"))
    try:
        session.select_clusters((5,))
        shower.settle(view)
        assert "pc_features.npy" in view._message.text()
    finally:
        moved.rename(file.path)
    session.select_clusters((6,))
    shower.settle(view)
    assert view.error is None
    assert view.picture.known.asked.spike_ids[0] is session.clustering.spikes_of(6)


def test_that_a_time_window_restricts_spikes_and_time_axis(view, session, shower):
    session.selection.update(time_window_s=(1.0, 3.0))
    shower.settle(view)
    assert view.grid.limits()[TIME] == (1.0, 3.0)
    for cell in view.grid.scatter.cells:
        if cell.x == TIME:
            for layer in (*cell.layers, *cell.behind):
                seconds = layer.x * layer.x_scale
                assert seconds.min() >= 1.0
                assert seconds.max() <= 3.0


# Channels ---------------------------------------------------------------------------------


def test_that_chosen_channels_are_shown_until_c(view, session, shower):
    best = session.best_channels(1).channel_ids[:4].tolist()
    session.selection.update(channel_ids=(best[3],))
    shower.settle(view)
    assert view.picture.known.channel_ids == (best[3], best[0])
    session.selection.update(channel_ids=(best[2], best[1]))
    shower.settle(view)
    assert view.picture.known.channel_ids == (best[2], best[1])
    view.use_best_channels()
    shower.settle(view)
    assert session.selection.state.channel_ids == ()
    assert view.picture.known.channel_ids == tuple(best[:2])
    keys = {action.slot: action.keys for action in view.actions_declared}
    assert keys["use_best_channels"] == ("C",)


def test_that_chosen_channels_stay_while_clusters_change(view, session, shower):
    session.selection.update(channel_ids=(7, 8))
    session.select_clusters((2,))
    shower.settle(view)
    assert view.picture.known.channel_ids == (7, 8)


def test_that_alt_click_sends_a_feature_to_other_views(view, session, shower):
    channels = view.picture.known.channel_ids
    events = []
    session.bus.subscribe(SelectionChanged, events.append)
    click(view.grid, middle(view, 0, 1), modifiers=ALT)  # 1A over 0A
    assert session.selection.state.feature == (channels[1], 0)
    click(view.grid, middle(view, 0, 1), button=RIGHT, modifiers=ALT)
    assert session.selection.state.feature == (channels[0], 0)
    click(view.grid, middle(view, 3, 3), modifiers=ALT)  # time: the other axis counts
    assert session.selection.state.feature == (channels[1], 1)
    assert len(events) == 3
    shower.settle(view)
    marked = [k for k, a in view.grid.scatter.axes.items() if a.is_marked]
    assert marked == [(1, 1)]


def test_that_a_plain_click_selects_nothing(view, session):
    before = session.selection.state
    click(view.grid, middle(view, 1, 2))
    assert session.selection.state == before


# Axes -------------------------------------------------------------------------------------


def test_that_components_have_the_same_limits_on_all_channels(view):
    limits = view.grid.limits()
    assert limits[0, 0] == limits[1, 0]
    assert limits[0, 1] == limits[1, 1]
    assert all(low <= 0 <= high for low, high in limits.values())


def test_that_axes_stay_while_similar_clusters_are_browsed(view, session, shower, dataset):
    before = view.grid.limits()
    ids = session.clustering.spikes_of(1)
    session.selection.update(time_window_s=(0.0, dataset.duration_s / 2))
    shower.settle(view)
    after = view.grid.limits()
    assert {k: v for k, v in after.items() if k != TIME} == {
        k: v for k, v in before.items() if k != TIME
    }
    assert len(view.picture.known.asked.spike_ids[0]) < len(ids)


def test_that_one_stray_spike_does_not_shrink_the_rest(view, monkeypatch):
    from gtview.views.feature_compute import fitted_axes
    from gtview.views.feature_query import AxisState

    known = view.picture.known
    first = known.data.clusters[0]
    values = first.values.copy()
    values[0, 0, 0] = 1e6
    strayed = replace(known, data=ClusterFeatures((replace(first, values=values),), None, True))
    calm = replace(known, data=ClusterFeatures((first,), None, True))
    a, b = (fitted_axes(AxisState(), k, 2).by_pc[0] for k in (strayed, calm))
    assert a == pytest.approx(b, rel=0.2)


def test_that_a_drag_and_the_wheel_move_axes_in_all_plots_and_keep_them(view, session, shower):
    before = view.grid.limits()
    drag(view.grid, middle(view, 0, 1), tuple(np.add(middle(view, 0, 1), (25, 15))))
    wheel(view.grid, middle(view, 2, 3), 1)
    after = view.grid.limits()
    assert all(after[key] != before[key] for key in after if key != TIME)
    shower.settle(view)
    assert view.grid.limits() == after
    targets = {
        (p.front.target.x_range, p.front.target.y_range) for p in view.grid.scatter.pictures
    }
    assert (after[1, 0], after[0, 0]) in targets  # rendered anew for these limits
    session.select_clusters((1,))
    shower.settle(view)
    assert view.grid.limits() == after


def test_that_double_click_and_r_fit_again(view, shower):
    before = view.grid.limits()
    for fit in (lambda: double_click(view.grid, middle(view, 1, 1)), view.fit):
        wheel(view.grid, middle(view, 0, 1), 5)
        shower.settle(view)
        assert view.grid.limits() != before
        fit()
        shower.settle(view)
        assert view.grid.limits() == before


def test_that_ctrl_wheel_scales_features_but_not_time(view, shower):
    before = view.grid.limits()
    wheel(view.grid, middle(view, 0, 1), 1, CTRL)
    after = view.grid.limits()
    assert after[TIME] == before[TIME]
    for key in before:
        if key != TIME:
            np.testing.assert_allclose(after[key], np.divide(before[key], 1.15))
    view.scale_down()
    for key, limits in before.items():
        np.testing.assert_allclose(view.grid.limits()[key], limits)
    view.scale_up()
    assert view.grid.limits()[0, 0] == pytest.approx(after[0, 0])


def test_that_own_axes_that_show_nothing_are_given_up(view, shower, session):
    low, high = view.grid.limits()[0, 0]
    span = high - low
    view.grid.set_limits({(0, 0): (high + 5 * span, high + 6 * span)})
    shower.settle(view)
    session.select_clusters((1, 3, 2))
    shower.settle(view)
    shown = view.grid.limits()[0, 0]
    assert shown[0] < high


def test_that_alt_wheel_changes_the_size_of_dots(view, shower):
    before = view.grid.scatter.cells[1].layers[0].size
    wheel(view.grid, middle(view, 0, 0), 2, ALT)
    shower.settle(view)
    assert view.grid.scatter.cells[1].layers[0].size == pytest.approx(before * 1.15**2)
    wheel(view.grid, middle(view, 0, 0), 50, ALT)
    assert view.settings.marker_size == 12.0


def test_that_the_background_can_be_hidden(view, shower):
    view.toggle_background()
    shower.settle(view)
    assert not any(cell.behind for cell in view.grid.scatter.cells)
    assert "background" not in view.status


# Life -------------------------------------------------------------------------------------


def test_that_a_first_part_is_drawn_before_all_is_read(view, session, shower, monkeypatch):
    from gtview.analysis import features

    for name in ("QUICK_BYTES", "QUICK_SPIKES"):
        monkeypatch.setattr(features, name, 0)
    monkeypatch.setattr(features, "SAMPLED_SPIKES", 40)
    seen = []
    view.status_changed.connect(seen.append)
    view.drawn.connect(lambda full: seen.append(full))
    session.select_clusters((2, 4))
    shower.settle(view)
    texts = [text for text in seen if isinstance(text, str)]
    assert "reading" not in texts[-1]
    n_all = sum(session.clustering.n_spikes_of(c) for c in (2, 4))
    assert texts[-1].startswith(f"{n_all:,} spikes")
    assert seen[-1] is True


def test_that_only_eight_clusters_are_shown_and_said(shower, dataset):
    clusters = np.arange(dataset.n_spikes, dtype=np.int32) % 10
    session = session_of(replace(dataset, spike_clusters=clusters))
    session.select_clusters(tuple(range(10)))
    view = shower(FeatureView, session)
    assert view.status.startswith("first 8 of 10 clusters")
    assert len(view.grid.scatter.cells[0].layers) == 8


@pytest.mark.parametrize("size", [(80, 60), (300, 200), (1600, 1000)])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_that_any_size_is_painted(shower, session, size, theme):
    session.select_clusters((1, 3))
    view = shower(FeatureView, session, size=size, theme=theme)
    image = view.grab().toImage()
    colors = {image.pixelColor(x, y).name() for x in range(0, image.width(), 2)
              for y in range(0, image.height(), 2)}  # fmt: skip
    assert view.theme.plot in colors
    assert len(colors) > 4


def test_that_zooming_reads_nothing_again(view, session, shower, monkeypatch):
    monkeypatch.setattr(
        "gtview.views.feature_compute.compute_features",
        lambda _: pytest.fail("features were read again"),
    )
    wheel(view.grid, middle(view, 0, 1), 1)
    shower.settle(view)
    assert view.error is None
    session.selection.update(feature=(2, 1))
    shower.settle(view)
    assert view.error is None


def test_that_axes_survive_a_reload(view, session, shower):
    wheel(view.grid, middle(view, 0, 1), 2)
    shower.settle(view)
    again = shower(FeatureView, session, size=(800, 600))
    assert again.grid.limits() != view.grid.limits()
    again.restore_state(view.keep_state())
    shower.settle(again)
    assert again.grid.limits() == view.grid.limits()
