"""The overview of templates: shapes, what is drawn where, orders, gestures, states."""

from __future__ import annotations

import numpy as np
import pytest
from factories import make_positions, make_templates
from made_datasets import make_dataset
from mouse import CTRL, LEFT, RIGHT, click, double_click, leave, move, wheel
from showing import session_of

from gtview.analysis.template_shapes import TemplateShapes, compute_template_shapes
from gtview.data.dataset import Channels
from gtview.qt.point_layers import Target
from gtview.qt.theme import cluster_rgb
from gtview.views.cluster_table import ClusterTableView
from gtview.views.template_picture import Overview, render_overview
from gtview.views.templates import NO_TEMPLATES, TemplatesView, row_of_channels

RNG = np.random.default_rng(5)
N_CHANNELS, N = 24, 5
POSITIONS, _ = make_positions(N_CHANNELS)
WAVEFORMS = make_templates(RNG, N, 30, 10, POSITIONS)
TEMPLATES = RNG.integers(0, N, 300)
# Cluster 9 has the spikes of templates 3 and 4, most of them of 4.
TEMPLATES[:20] = 3
TEMPLATES[20:90] = 4
CLUSTERS = np.where(TEMPLATES >= 3, 9, TEMPLATES).astype(np.int32)


def made(**others):
    fields = {"spike_clusters": CLUSTERS} | others
    return session_of(make_dataset(WAVEFORMS, np.arange(300) * 900, TEMPLATES, **fields))


# Shapes ----------------------------------------------------------------------------------------


def test_that_shapes_are_the_main_templates_on_their_large_channels_near_the_largest():
    session = made()
    shapes = compute_template_shapes(session.dataset, session.stats)
    for k, template_id in enumerate((0, 1, 2, 4)):
        waveform = WAVEFORMS[template_id] * 0.5  # microvolts per bit
        sizes = np.ptp(waveform, axis=0)
        best = sizes.argmax()
        near = np.hypot(*(POSITIONS - POSITIONS[best]).T) <= 150
        expected = np.flatnonzero(near & (sizes >= 0.08 * sizes.max()))
        part = shapes.of(k)
        assert sorted(shapes.channel_ids[part].tolist()) == expected.tolist()
        assert shapes.channel_ids[part][0] == best
        for channel, size, curve in zip(
            shapes.channel_ids[part], shapes.sizes[part], shapes.waveforms[part], strict=True
        ):
            assert size == pytest.approx(sizes[channel])
            assert curve == pytest.approx(waveform[:, channel])


def test_that_an_empty_template_has_no_waveforms():
    waveforms = WAVEFORMS.copy()
    waveforms[1] = 0
    session = session_of(make_dataset(waveforms, np.arange(300) * 900, TEMPLATES))
    shapes = compute_template_shapes(session.dataset, session.stats)
    assert shapes.of(1).start == shapes.of(1).stop
    assert shapes.of(2).stop > shapes.of(2).start


def test_that_channels_are_ordered_by_shank_and_depth():
    positions = np.array([[0, 10], [0, 50], [99, 90], [0, 50]], np.float32)
    positions[3, 0] = -5
    channels = Channels(np.arange(4, dtype=np.int32), positions, np.array([0, 0, 1, 0], np.int32))
    assert row_of_channels(channels).tolist() == [2, 1, 3, 0]


# Pictures --------------------------------------------------------------------------------------

GREY, RED = (100, 110, 120), (250, 20, 10)
# One channel each: cluster 0 on channel 0, cluster 1 on channel 2, half as large.
STEP = np.array([0, 0, -1, -1, 0, 0], np.float32)
SHAPES = TemplateShapes(
    np.arange(3), np.array([0, 2], np.int32), np.array([8, 4], np.float32), np.stack([STEP] * 2)
)


def overview(**others):
    fields = {"order": np.array([1, 0]), "rows": np.array([2, 1, 0]), "colors": {}} | others
    waveforms = SHAPES.waveforms * SHAPES.sizes[:, None]
    shapes = TemplateShapes(SHAPES.offsets, SHAPES.channel_ids, SHAPES.sizes, waveforms)
    return Overview(shapes=shapes, neutral=GREY, **fields)


def extent(pixels):
    """Return the rows of pixels between which something is drawn."""
    rows = np.flatnonzero((pixels[:, :, 3] > 60).any(axis=1))
    return int(rows[0]), int(rows[-1])


def test_that_waveforms_lie_in_their_column_around_their_row():
    picture = render_overview(overview(), Target((0, 2), (3, 0), 100, 90))
    assert not picture.is_shaded
    # Column 0 is cluster 1 on channel 2, which is row 0; a peak is 1.6 rows high, downwards.
    first, last = extent(picture.pixels[:, :50])
    assert first == pytest.approx(15, abs=2)
    assert last == pytest.approx(15 + 48, abs=2)
    first, last = extent(picture.pixels[:, 50:])
    assert first == pytest.approx(75, abs=2)
    assert last == 89
    assert not picture.pixels[:, [0, 1, 49, 50, 98, 99]].any()


def test_that_one_scale_and_a_larger_scale_change_heights():
    target = Target((0, 2), (3, 0), 100, 90)
    own = extent(render_overview(overview(), target).pixels[:, :50])
    one = extent(render_overview(overview(is_uniform=True), target).pixels[:, :50])
    half = extent(render_overview(overview(scale=0.5), target).pixels[:, :50])
    assert one[1] - one[0] == pytest.approx((own[1] - own[0]) / 2, abs=2)
    assert half[1] - half[0] == pytest.approx((own[1] - own[0]) / 2, abs=2)


def test_that_a_selected_column_has_its_colour_and_a_band():
    pixels = render_overview(overview(colors={1: RED}), Target((0, 2), (3, 0), 100, 90)).pixels
    assert (pixels[:, 50:, 3] > 0).all()
    strongest = pixels[75, 50 + pixels[75, 50:, 3].argmax()]
    assert strongest[:3] == pytest.approx(RED, abs=8)
    assert not pixels[0, :50].any()


def test_that_narrow_columns_show_sizes_as_shades():
    target = Target((0, 2), (3, 0), 8, 12)
    picture = render_overview(overview(is_uniform=True), target)
    assert picture.is_shaded
    alpha = picture.pixels[:, :, 3]
    assert (alpha[:4, :4] == 128).all()
    assert (alpha[8:, 4:] == 255).all()
    assert not alpha[4:8].any()
    assert not alpha[:4, 4:].any()
    chosen = render_overview(overview(colors={1: RED}), target).pixels
    assert (chosen[8:, 4:, :3] == RED).all()
    assert (chosen[:4, :4, 3] == 255).all()


@pytest.mark.parametrize("x_range", [(-3.0, 0.4), (0.7, 1.2), (1.5, 9.0), (5.0, 9.0)])
@pytest.mark.parametrize("y_range", [(0.5, -4.0), (2.2, 1.1), (7.0, 2.5), (9.0, 5.0)])
@pytest.mark.parametrize("size", [(40, 30), (6, 5), (400, 300)])
def test_that_a_part_is_the_same_part_of_the_whole(x_range, y_range, size):
    # What is out of sight changes nothing of what is in sight, and nothing fails.
    pixels = render_overview(overview(colors={0: RED}), Target(x_range, y_range, *size)).pixels
    assert pixels.shape == (size[1], size[0], 4)
    x = x_range[0] + (np.arange(size[0]) + 0.5) * (x_range[1] - x_range[0]) / size[0]
    is_in_band = (x >= 0) & (x < 1)
    pixel = (x_range[1] - x_range[0]) / size[0]
    is_outside = (x < -pixel) | (x > 2 + pixel)
    assert not is_in_band.any() or (pixels[:, is_in_band, 3] > 0).mean() > 0.9
    assert not pixels[:, is_outside].any()


# The view --------------------------------------------------------------------------------------


@pytest.fixture
def view(shower):
    return shower(TemplatesView, made(), (600, 500), order="id")


def at(view, x, y=5.0):
    point = view.plot.mapFromScene(view.panel.scene_position(x, y))
    return point.x(), point.y()


def test_that_all_clusters_and_channels_are_named(view):
    assert view.status == "4 clusters by id"
    assert view.panel.x_axis.shown()[1] == ["0", "1", "2", "9"]
    assert view.panel.x_range == (0, 4)
    assert view.panel.y_range == (0, N_CHANNELS)
    top = POSITIONS[view._shown.overview.rows.argmin(), 1]
    assert top == POSITIONS[:, 1].max()


def test_that_a_click_selects_and_ctrl_adds(shower, view):
    state, viewport = view.session.selection, view.plot.viewport()
    click(viewport, at(view, 3.5))
    assert state.state.cluster_ids == (9,)
    shower.settle(view)
    click(viewport, at(view, 1.5), LEFT, CTRL)
    assert state.state.cluster_ids == (9, 1)
    shower.settle(view)
    assert view._shown.overview.colors == {3: cluster_rgb(0), 1: cluster_rgb(1)}
    click(viewport, at(view, 3.5), LEFT, CTRL)
    assert state.state.cluster_ids == (1,)
    click(viewport, at(view, 0.5), RIGHT)
    assert state.state.cluster_ids == (1,)


def test_that_templates_are_read_once(shower, view):
    known = view._shown.known
    view.session.select_clusters((2,))
    shower.settle(view)
    view.show_next_order()
    shower.settle(view)
    assert view._shown.known is known


def test_that_o_cycles_the_orders_and_n_the_scale(shower, view):
    view.show_next_order()
    view.toggle_uniform()
    shower.settle(view)
    sizes = [np.count_nonzero(i == CLUSTERS) for i in (0, 1, 2, 9)]
    assert view._shown.overview.order.tolist() == np.argsort(-np.array(sizes)).tolist()
    assert view._shown.overview.is_uniform
    assert view.status == "4 clusters by rate"


def test_that_clusters_stand_as_in_their_table_unless_another_order_is_chosen(shower):
    session = made()
    view = shower(TemplatesView, session, (600, 500))
    table = shower(ClusterTableView, session, (500, 400)).table
    table.sort_by("id", descending=True)
    shower.settle(view)
    assert view.panel.x_axis.shown()[1] == ["9", "2", "1", "0"]
    assert [view.cluster_at(x + 0.5) for x in range(4)] == table.rows.shown_ids
    assert view.status == "4 clusters as in their table"
    shower.change(view, order="id")
    n_drawn = view.n_drawn
    table.sort_by("spikes", descending=True)
    shower.settle(view)
    assert view.n_drawn == n_drawn


def test_that_ctrl_wheel_and_keys_scale_waveforms(shower, view):
    wheel(view.plot.viewport(), at(view, 2), 2, CTRL)
    assert view.settings.scale == pytest.approx(1.15**2)
    view.scale_down()
    view.scale_down()
    view.scale_up()
    shower.settle(view)
    assert view._shown.overview.scale == pytest.approx(1.15)
    for _ in range(60):
        view.scale_up()
    assert view.settings.scale == 20


def test_that_zoom_renders_again_and_stays_while_browsing(shower, view):
    wheel(view.plot.viewport(), at(view, 2, 12), 4)
    shower.settle(view)
    zoomed = view.panel.x_range
    assert zoomed[1] - zoomed[0] < 3
    assert view.item.picture.target == view.item.target
    view.session.select_clusters((2,))
    shower.settle(view)
    assert view.panel.x_range == zoomed
    double_click(view.plot.viewport(), at(view, 2, 12))
    assert view.panel.x_range == (0, 4)


def test_that_narrow_columns_say_that_they_are_shades(shower):
    templates = np.arange(200) % 100
    waveforms = np.repeat(WAVEFORMS[:1], 100, axis=0)
    session = session_of(make_dataset(waveforms, np.arange(200) * 900, templates))
    view = shower(TemplatesView, session, (400, 300), order="depth")
    assert view.status == "100 clusters by depth · shades show sizes, zoom in for waveforms"
    view.panel.show_range((10, 20), (0, 12))
    shower.settle(view)
    assert view.status == "100 clusters by depth"


def test_that_hover_tells_cluster_channel_and_size(view):
    summary = view.status
    shapes = view._shown.known.shapes
    part = shapes.of(3)
    best, second = shapes.channel_ids[part][:2].tolist()
    row = view._shown.overview.rows[second] + 0.5
    move(view.plot.viewport(), at(view, 3.5, row))
    sizes = shapes.sizes[part]
    assert view.status == (
        f"cluster 9 · largest on channel {best}: {sizes[0]:,.3g} µV · "
        f"here on {second}: {sizes[1]:,.3g} µV"
    )
    leave(view.plot)
    assert view.status == summary


def test_that_without_templates_it_says_which_file_is_missing(shower):
    dataset = make_dataset(None, np.arange(300) * 900, TEMPLATES, n_channels=N_CHANNELS)
    assert shower(TemplatesView, session_of(dataset))._message.text() == NO_TEMPLATES


def test_that_no_key_is_declared_twice_and_every_slot_exists():
    keys = [key for action in TemplatesView.actions_declared for key in action.keys]
    assert len(keys) == len(set(keys))
    for action in TemplatesView.actions_declared:
        assert callable(getattr(TemplatesView, action.slot))
