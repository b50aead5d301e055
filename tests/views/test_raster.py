"""The raster: every spike in its row and column, orders, gestures, states."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_datasets import make_dataset
from mouse import ALT, CTRL, LEFT, RIGHT, SHIFT, click, double_click, drag, leave, move, wheel
from showing import session_of

from gtview.curation.clustering import ClusterDiff, Clustering
from gtview.qt.point_layers import Target
from gtview.qt.theme import cluster_rgb
from gtview.views.cluster_order import ORDERS, next_order, order_clusters
from gtview.views.cluster_table import ClusterTableView
from gtview.views.raster import RasterView
from gtview.views.raster_picture import Raster, render_raster, row_limits

NEUTRAL = (100, 110, 120)
CHOSEN = (250, 10, 20)


def make_raster(samples, labels, cluster_ids, *, is_in_order=True, colors=None):
    return Raster(
        np.asarray(samples, np.int64),
        np.asarray(labels, np.int32),
        is_in_order,
        np.asarray(cluster_ids, np.int64),
        colors or {},
        NEUTRAL,
        100.0,
    )


@given(st.data())
def test_that_each_spike_in_sight_is_seen_in_its_row_and_no_other_pixel_is_filled(data):
    n = data.draw(st.integers(0, 50))
    samples = np.array(data.draw(st.lists(st.integers(0, 999), min_size=n, max_size=n)))
    labels = np.array(data.draw(st.lists(st.integers(0, 5), min_size=n, max_size=n)))
    is_in_order = data.draw(st.booleans())
    if is_in_order:
        samples = np.sort(samples)
    ids = [4, 0, 3, 2]  # clusters 1 and 5 have no row
    start, length = data.draw(st.floats(-2, 9)), data.draw(st.floats(0.5, 12))
    top, height = data.draw(st.floats(-1, 3)), data.draw(st.floats(1.0, 6))
    target = Target((start, start + length), (top + height, top), 60, 50)
    raster = make_raster(samples, labels, ids, is_in_order=is_in_order, colors={3: CHOSEN})
    picture = render_raster(raster, target)
    expected = np.zeros((50, 60), bool)
    tops, bottoms = row_limits(target, 0, 4)
    n_in_sight = 0
    for sample, label in zip(samples.tolist(), labels.tolist(), strict=True):
        share = (sample - start * 100.0) * (60 / ((start + length) * 100.0 - start * 100.0))
        if label not in ids or not 0 <= share <= 60:
            continue
        row = ids.index(label)
        if row + 1 <= np.floor(top) or row >= np.ceil(top + height):
            continue
        n_in_sight += 1
        expected[tops[row] : bottoms[row], min(int(share), 59)] = True
    is_near_edge = (row_limits(target, -2, 8)[0] == 49).any()
    assert picture.n_in_sight == n_in_sight
    if not is_near_edge:
        assert (picture.pixels[:, :, 3] > 0).tolist() == expected.tolist()


def test_that_rows_have_the_colours_of_selected_clusters():
    raster = make_raster([50, 150], [0, 1], [0, 1], colors={1: CHOSEN})
    pixels = render_raster(raster, Target((0, 2), (2, 0), 20, 20)).pixels
    above, below = pixels[5, 5], pixels[15, 15]
    assert above[:3] == pytest.approx(np.array(NEUTRAL) * above[3] / 255, abs=1)
    assert below[:3] == pytest.approx(np.array(CHOSEN) * below[3] / 255, abs=1)
    assert pixels[9, 5, 3] == 0  # a free pixel between two rows
    assert np.count_nonzero(pixels[:, :, 3]) == 18


def test_that_more_spikes_are_more_opaque():
    samples = np.sort(np.concatenate([np.full(40, 50), np.full(4, 150), [250]]))
    picture = render_raster(
        make_raster(samples, np.zeros(45, int), [0]), Target((0, 3), (1, 0), 3, 4)
    )
    assert (picture.n_in_sight, picture.is_density) == (45, True)
    many, some, one = picture.pixels[0, :, 3].astype(int)
    assert many > some > one > 0


def test_that_a_selected_cluster_is_seen_where_rows_are_thinner_than_pixels():
    # 40 clusters in four pixels; all fire in the same column, the selected one least.
    labels = np.concatenate([np.repeat(np.arange(40), 50), [13]])
    labels = labels[labels != 13]
    labels = np.append(labels, 13)
    samples = np.full(len(labels), 50)
    raster = make_raster(samples, labels, np.arange(40), colors={13: CHOSEN})
    pixels = render_raster(raster, Target((0, 1), (40, 0), 1, 4)).pixels[:, 0]
    reds = pixels[:, 0].astype(int) * 255 // np.maximum(pixels[:, 3], 1)
    assert np.flatnonzero(reds > 200).tolist() == [1]


def test_that_nothing_in_sight_is_an_empty_picture():
    raster = make_raster([50], [0], [0])
    for target in (
        Target((0, 1), (9, 5), 10, 10),
        Target((3, 4), (1, 0), 10, 10),
        Target((0, 1), (1, 0), 0, 0),
    ):
        picture = render_raster(raster, target)
        assert not picture.pixels.any()
        assert picture.n_in_sight == 0


def test_that_an_assignment_is_not_changed_by_what_comes_later():
    clustering = Clustering(np.array([0, 1, 0, 1], np.int32))
    for new in (2, 3):
        kept = clustering.assignment()
        before = kept.tolist()
        spikes = np.flatnonzero(kept == kept[1]).astype(np.int32)
        clustering.apply(ClusterDiff(spikes, kept[spikes], np.full(len(spikes), new, np.int32)))
        assert kept.tolist() == before
        assert not kept.flags.writeable
        assert clustering.assignment()[1] == new


# The view --------------------------------------------------------------------------------------

RNG = np.random.default_rng(1)
SAMPLES = np.sort(RNG.integers(0, 300_000, 500))
CLUSTERS = RNG.choice([2, 5, 7, 11], 500, p=[0.4, 0.3, 0.2, 0.1])


@pytest.fixture
def session():
    dataset = make_dataset(None, SAMPLES, CLUSTERS, n_channels=4)
    return session_of(dataset)


@pytest.fixture
def view(shower, session):
    return shower(RasterView, session, (700, 400), order="id")


def place(view, x, y):
    point = view.plot.mapFromScene(view.panel.scene_position(x, y))
    return point.x(), point.y()


def row_of(view, cluster_id):
    return view.raster.cluster_ids.tolist().index(cluster_id) + 0.5


def test_that_all_spikes_are_in_sight_and_counted(view):
    assert view.status.startswith("4 clusters by id · 500 spikes in sight")
    assert view.panel.x_range == (0, 10)
    assert view.panel.y_range == (0, 4)
    assert view.panel.y_axis.shown()[1] == ["2", "5", "7", "11"]


def test_that_zoom_renders_what_is_seen_and_counts_it(shower, view):
    view.panel.show_range((2.0, 4.0), (1.0, 3.0))
    shower.settle(view)
    assert view.item.picture.target == view.item.target
    times = SAMPLES / 30_000
    n = np.count_nonzero((times >= 2) & (times <= 4) & np.isin(CLUSTERS, (5, 7)))
    assert f"· {n} spikes in sight" in view.status
    before = view.panel.x_range
    view.session.select_clusters((5,))
    shower.settle(view)
    assert view.panel.x_range == before
    view.fit()
    shower.settle(view)
    assert "500 spikes in sight" in view.status


def test_that_ctrl_click_selects_and_ctrl_shift_click_adds(shower, view):
    state = view.session.selection
    viewport = view.plot.viewport()
    click(viewport, place(view, 5, row_of(view, 7)))
    assert state.state.cluster_ids == ()
    click(viewport, place(view, 5, row_of(view, 7)), LEFT, CTRL)
    assert state.state.cluster_ids == (7,)
    click(viewport, place(view, 5, row_of(view, 2)), LEFT, CTRL | SHIFT)
    assert state.state.cluster_ids == (7, 2)
    shower.settle(view)
    assert view.raster.colors == {7: cluster_rgb(0), 2: cluster_rgb(1)}
    assert set(view.panel.y_axis._marks) == {0, 2}
    click(viewport, place(view, 5, row_of(view, 7)), LEFT, CTRL | SHIFT)
    assert state.state.cluster_ids == (2,)
    click(viewport, place(view, 5, row_of(view, 11)), RIGHT, CTRL)
    assert state.state.cluster_ids == (2,)
    click(viewport, place(view, 5, row_of(view, 11)), LEFT, CTRL)
    assert state.state.cluster_ids == (11,)


def test_that_o_cycles_the_orders(shower, view):
    view.show_next_order()
    shower.settle(view)
    assert view.raster.cluster_ids.tolist() == order_of_sizes()
    assert "by rate" in view.status
    view.show_next_order()
    assert view.settings.order == "table"
    shower.change(view, order="nonsense")
    assert view._order == "table"


def test_that_clusters_stand_as_in_their_table_and_follow_it_when_it_is_sorted(shower, session):
    view = shower(RasterView, session, (700, 400))
    assert view.raster.cluster_ids.tolist() == order_of_sizes()
    table = shower(ClusterTableView, session, (500, 400))
    for name, descending in (("id", True), ("spikes", False), ("id", False)):
        table.table.sort_by(name, descending=descending)
        shower.settle(view)
        assert view.raster.cluster_ids.tolist() == table.table.rows.shown_ids
        assert view.panel.y_axis.shown()[1] == [str(i) for i in table.table.rows.shown_ids]
    table.show_filter("id > 5")
    shower.settle(view)
    assert view.raster.cluster_ids.tolist() == [2, 5, 7, 11]  # a filter hides rows of the table
    assert view.status.startswith("4 clusters as in their table")


def order_of_sizes():
    sizes = {i: np.count_nonzero(i == CLUSTERS) for i in (2, 5, 7, 11)}
    return sorted(sizes, key=lambda i: (-sizes[i], i))


def test_that_clusters_which_the_table_does_not_know_yet_stand_last(shower):
    class Stats:
        cluster_ids = np.array([3, 4, 8, 9])
        n_spikes = np.array([5, 5, 5, 50])

    places = order_clusters(Stats, "table", (4, 77, 3))
    assert Stats.cluster_ids[places].tolist() == [4, 3, 9, 8]
    assert Stats.cluster_ids[order_clusters(Stats, "table")].tolist() == [9, 3, 4, 8]


def test_that_clusters_by_depth_go_shank_by_shank_downwards_and_unknown_ones_last(session):
    class Stats:
        cluster_ids = np.array([4, 3, 2, 1, 0])
        shanks = np.array([0, -1, 1, 0, 0], np.int32)
        depths_um = np.array([10, np.nan, 900, 50, 50], np.float32)
        n_spikes = np.array([1, 1, 1, 1, 9])

    def ids(order):
        return Stats.cluster_ids[order_clusters(Stats, order)].tolist()

    assert ids("depth") == [0, 1, 4, 2, 3]
    assert ids("id") == [0, 1, 2, 3, 4]
    assert ids("rate") == [0, 1, 2, 3, 4]
    assert [next_order(o) for o in (*ORDERS, "?")] == ["depth", "id", "rate", "table", "table"]


def test_that_hover_tells_the_cluster_and_leaving_the_summary(view):
    summary = view.status
    move(view.plot.viewport(), place(view, 5.0, row_of(view, 5)))
    n = np.count_nonzero(CLUSTERS == 5)
    assert view.status.startswith(f"cluster 5 · {n} spikes, {n / 10:.3g} Hz · ")
    assert float(view.status.split(" · ")[-1].split(" s")[0]) == pytest.approx(5, abs=0.02)
    leave(view.plot)
    assert view.status == summary


def test_that_time_is_chosen_with_ctrl_drag_and_cleared_with_a_double_click(shower, view):
    viewport, state = view.plot.viewport(), view.session.selection
    drag(viewport, place(view, 2, 1), place(view, 6, 3), LEFT, CTRL)
    assert state.state.time_window_s == pytest.approx((2, 6), abs=0.03)
    shower.settle(view)
    assert view.time_axis.window.window_s == state.state.time_window_s
    assert "500 spikes in sight" in view.status  # the rest lies under a veil
    wheel(viewport, place(view, 8, 2), 3)
    shower.settle(view)
    double_click(viewport, place(view, sum(view.panel.x_range) / 2, 2))
    click(viewport, place(view, 4, 2), LEFT, ALT)
    assert sum(state.state.trace_s) / 2 == pytest.approx(4, abs=0.03)
    double_click(viewport, place(view, 4, 2))
    assert state.state.time_window_s is None


def test_that_spikes_in_any_order_of_the_file_are_drawn_alike(shower):
    order = RNG.permutation(500)
    samples, clusters = SAMPLES[order], CLUSTERS[order]
    dataset = make_dataset(
        None, samples, clusters, n_channels=4, time_order=np.argsort(samples, kind="stable")
    )
    pictures = [
        shower(RasterView, session_of(data), (700, 400), order="id").item.picture.pixels
        for data in (dataset, make_dataset(None, SAMPLES, CLUSTERS, n_channels=4))
    ]
    assert np.array_equal(*pictures)


def test_that_no_key_is_declared_twice_and_every_slot_exists():
    keys = [key for action in RasterView.actions_declared for key in action.keys]
    assert len(keys) == len(set(keys))
    for action in RasterView.actions_declared:
        assert callable(getattr(RasterView, action.slot))
