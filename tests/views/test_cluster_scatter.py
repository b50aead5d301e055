"""The cluster scatter: places, sizes and colours of markers, and selecting with the mouse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyqtgraph as pg
import pytest
from factories import make_phy_folder
from mouse import CTRL, RIGHT, click, drag, leave, move, press, release
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import qGray
from showing import session_of

from gtview.data.phy_reader import read_export
from gtview.qt.theme import cluster_rgb, load_theme
from gtview.session.tables import TableSource, cluster_table
from gtview.views.cluster_marker_item import marker_colors, nearest_marker
from gtview.views.cluster_markers import (
    LARGEST_PX,
    SMALLEST_PX,
    USUAL_PX,
    MarkerAxes,
    make_markers,
    numeric_columns,
)
from gtview.views.cluster_scatter import ClusterScatterView

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "phy"
    made = make_phy_folder(folder, n_spikes=2000, n_clusters=12, n_channels=16)
    (folder / "cluster_quality.tsv").write_text(
        "cluster_id\tquality\n" + "".join(f"{i}\t{i * 0.5}\n" for i in range(10))
    )
    return read_export(made.path)


@pytest.fixture
def session(dataset):
    return session_of(dataset)


@pytest.fixture
def table(session):
    return cluster_table(TableSource.of(session))


@pytest.fixture(autouse=True)
def every_move_counts(monkeypatch):
    """Let pyqtgraph take every move of the mouse, however fast they follow one another."""
    monkeypatch.setitem(pg.CONFIG_OPTIONS, "mouseRateLimit", -1)


@pytest.fixture
def view(shower, session):
    return shower(ClusterScatterView, session, size=(700, 500))


def pixel(view, cluster_id):
    place = view.markers.cluster_ids.index(cluster_id)
    at = view.panel.scene_position(view.markers.x[place], view.markers.y[place])
    return at.x(), at.y()


def alone(view):
    """Return the clusters whose markers are far from all others."""
    places = {i: np.array(pixel(view, i)) for i in view.markers.cluster_ids}
    return [
        i
        for i, place in places.items()
        if all(np.hypot(*(place - other)) > 30 for k, other in places.items() if k != i)
    ]


def marked(table, **changes):
    asked = MarkerAxes("amp", "depth", "rate", "group")
    return make_markers(table, replace(asked, **changes))


# Markers ---------------------------------------------------------------------------------------


def test_that_axes_are_those_of_phy_at_first(view, table):
    markers = view.markers
    assert markers.cluster_ids == list(range(12))
    assert markers.x.tolist() == table.column("amp").values.tolist()
    assert markers.y.tolist() == table.column("depth").values.tolist()
    assert view.panel.y_axis.title == "depth (\N{MICRO SIGN}m)"
    assert view.panel.x_axis.title == "amp (arb.)"
    assert view.status == "12 of 12 clusters, size rate, color group"


def test_that_clusters_without_a_value_are_left_out_and_counted(view, shower, table):
    shower.change(view, x="quality")
    assert view.markers.cluster_ids == list(range(10))
    assert view.markers.x.tolist() == [i * 0.5 for i in range(10)]
    assert "10 of 12 clusters, 2 without a value" in view.status


def test_that_a_logarithmic_axis_leaves_out_what_has_no_logarithm(table):
    markers = marked(table, x="quality", is_x_log=True)
    assert markers.cluster_ids == list(range(1, 10))
    assert markers.x == pytest.approx(np.log10([i * 0.5 for i in range(1, 10)]))


def test_that_areas_grow_with_the_values(table):
    markers = marked(table, size="quality", is_size_log=False)
    areas = markers.radii_px**2
    assert areas[0] == pytest.approx(SMALLEST_PX**2)
    assert areas[9] == pytest.approx(LARGEST_PX**2)
    assert np.diff(areas[:10]) == pytest.approx(np.full(9, areas[1] - areas[0]))
    # Unknown ones are smallest.
    assert areas[10:] == pytest.approx(SMALLEST_PX**2)
    assert set(marked(table, size="none").radii_px) == {USUAL_PX}


def test_that_logarithmic_sizes_grow_with_the_logarithm(table):
    markers = marked(table, size="rate", is_size_log=True)
    rates = table.column("rate").values
    shares = np.log10(rates / rates.min()) / np.log10(rates.max() / rates.min())
    expected = SMALLEST_PX**2 + shares * (LARGEST_PX**2 - SMALLEST_PX**2)
    assert markers.radii_px**2 == pytest.approx(expected)


def test_that_colors_are_those_of_groups_or_of_values(table):
    theme = load_theme("dark")
    groups = table.column("group").values
    colors = marker_colors(marked(table), theme)
    for group, color in zip(groups, colors, strict=True):
        name = "quiet" if group == "unsorted" else group
        assert color.rgb() == theme.color(name).rgb()
    by_value = marker_colors(marked(table, color="quality"), theme)
    greys = [qGray(color.rgb()) for color in by_value[:10]]
    assert greys == sorted(greys)
    assert greys[-1] - greys[0] > 100
    assert by_value[10].rgb() == theme.color("quiet").rgb()
    assert len({color.rgb() for color in marker_colors(marked(table, color="none"), theme)}) == 1


def test_that_a_property_that_the_export_lacks_gives_way(table):
    markers = marked(table, x="nonsense", size="nonsense", color="nonsense")
    assert markers.axes.x == numeric_columns(table)[0]
    assert (markers.axes.size, markers.axes.color) == ("none", "none")


def test_that_every_marker_is_seen_even_a_stray_one(shower, dataset, session):
    amplitudes = session.stats.amplitudes.copy()
    amplitudes[3] = 1e5
    opened = replace(session._opened, stats=replace(session.stats, amplitudes=amplitudes))
    session.replace_opened(opened)
    view = shower(ClusterScatterView, session)
    low, high = view.panel.x_range
    assert low < view.markers.x.min() < view.markers.x.max() < high


# Selecting -------------------------------------------------------------------------------------


def test_that_a_click_selects_the_nearest_cluster(view, session):
    for cluster_id in alone(view):
        x, y = pixel(view, cluster_id)
        click(view.plot.viewport(), (x + 3, y + 2))
        assert session.selection.state.cluster_ids == (cluster_id,)


def test_that_of_markers_one_over_another_the_small_one_is_on_top(view, shower):
    shower.change(view, x="quality", y="quality", size="none")
    zeros, radii = np.zeros(10), np.arange(20.0, 10.0, -1)
    same = replace(view.markers, x=zeros, y=zeros, radii_px=radii)
    assert nearest_marker(same, view.panel, 0.0, 0.0) == 9


def test_that_a_click_far_from_all_changes_nothing(view, session):
    session.select_clusters((2,))
    far = [
        (x, y)
        for x in range(80, 680, 20)
        for y in range(20, 440, 20)
        if all(np.hypot(x - a, y - b) > 45 for a, b in (pixel(view, i) for i in range(12)))
    ]
    click(view.plot.viewport(), far[0])
    assert session.selection.state.cluster_ids == (2,)


@pytest.mark.parametrize("modifier", [SHIFT, CTRL])
def test_that_a_click_with_shift_or_ctrl_adds_or_takes_away(view, session, modifier):
    first, second = alone(view)[:2]
    click(view.plot.viewport(), pixel(view, first))
    click(view.plot.viewport(), pixel(view, second), modifiers=modifier)
    assert session.selection.state.cluster_ids == (first, second)
    click(view.plot.viewport(), pixel(view, first), modifiers=modifier)
    assert session.selection.state.cluster_ids == (second,)


def lasso(view, corners, modifiers):
    widget = view.plot.viewport()
    press(widget, corners[0], modifiers=modifiers)
    for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
        for k in range(1, 6):
            at = tuple(a + (b - a) * k / 5 for a, b in zip(start, end, strict=True))
            move(widget, at, Qt.MouseButton.LeftButton, modifiers)
    release(widget, corners[0], modifiers=modifiers)


def left_half(view):
    """Return corners around the markers in the left half, and who they are."""
    middle = float(np.median(view.markers.x))
    rect = view.panel.box.sceneBoundingRect()
    x = view.panel.scene_position(middle, 0).x()
    corners = [
        (rect.left() + 2, rect.top() + 2),
        (x, rect.top() + 2),
        (x, rect.bottom() - 2),
        (rect.left() + 2, rect.bottom() - 2),
    ]
    inside = [
        i for i, v in zip(view.markers.cluster_ids, view.markers.x, strict=True) if v < middle
    ]
    return corners, inside


def test_that_a_lasso_selects_what_is_inside(view, session):
    corners, inside = left_half(view)
    ranges = view.panel.x_range, view.panel.y_range
    lasso(view, corners, CTRL)
    assert sorted(session.selection.state.cluster_ids) == inside
    # It moved nothing.
    assert (view.panel.x_range, view.panel.y_range) == ranges


def test_that_a_lasso_with_shift_adds(view, session):
    corners, inside = left_half(view)
    other = next(i for i in range(12) if i not in inside)
    session.select_clusters((other,))
    lasso(view, corners, SHIFT)
    assert session.selection.state.cluster_ids[0] == other
    assert sorted(session.selection.state.cluster_ids[1:]) == inside


def test_that_an_empty_lasso_changes_nothing(view, session):
    session.select_clusters((2,))
    x, y = pixel(view, alone(view)[0])
    lasso(view, [(x + 13, y), (x + 25, y), (x + 25, y + 12)], CTRL)
    assert session.selection.state.cluster_ids == (2,)


def test_that_a_plain_drag_moves_the_plot(view, session):
    before = view.panel.x_range
    drag(view.plot.viewport(), (300, 200), (360, 240))
    assert view.panel.x_range != before
    assert session.selection.state.cluster_ids == ()
    view.fit()
    assert view.panel.x_range == before


def test_that_selected_clusters_have_a_ring_in_their_color(view, session):
    n_drawn = view.n_drawn
    session.select_clusters((4, 9))
    assert view.n_drawn == n_drawn
    image = view.plot.grab().toImage()
    for cluster_id, color_id in ((4, 0), (9, 1)):
        at = QPointF(*pixel(view, cluster_id))
        reach = range(-20, 21)
        around = [
            image.pixelColor(int(at.x()) + dx, int(at.y()) + dy).getRgb()[:3]
            for dx in reach
            for dy in reach
            if image.rect().contains(int(at.x()) + dx, int(at.y()) + dy)
        ]
        distance = np.abs(np.array(around) - np.array(cluster_rgb(color_id))).sum(axis=1)
        assert (distance < 30).sum() >= 8


# Properties ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "title"), [("x", "x_axis"), ("y", "y_axis"), ("size", None), ("color", None)]
)
def test_that_keys_go_through_all_properties_and_back(view, shower, table, part, title):
    names = numeric_columns(table)
    first = getattr(view.markers.axes, part)
    seen = []
    for _ in range(20):
        getattr(view, f"next_{part}")()
        shower.settle(view)
        seen.append(getattr(view.markers.axes, part))
        if title is not None:
            assert getattr(view.panel, title).title.startswith(seen[-1])
        if seen[-1] == first:
            break
    assert set(names) <= set(seen)
    assert len(seen) == len(set(seen))
    getattr(view, f"previous_{part}")()
    shower.settle(view)
    assert getattr(view.markers.axes, part) == seen[-2]


def test_that_log_is_toggled_and_the_axis_tells_the_values(view, shower):
    shower.change(view, x="rate")
    view.toggle_x_log()
    view.toggle_y_log()
    shower.settle(view)
    assert view.settings.is_x_log
    assert view.settings.is_y_log
    low, high = view.panel.x_range
    positions, texts, _ = view.panel.x_axis.shown()
    assert len(texts) >= 2
    for position, text in zip(positions, texts, strict=True):
        assert low <= position <= high
        assert 10**position == pytest.approx(float(text.replace(",", "")))
    view.toggle_size_log()
    assert not view.settings.is_size_log


def test_that_a_right_click_on_an_axis_offers_its_properties(view, shower, table):
    rect = view.panel.x_axis.sceneBoundingRect().center()
    click(view.plot.viewport(), (rect.x(), rect.y()), RIGHT)
    actions = {action.text(): action for action in view.menu.actions() if action.text()}
    assert list(actions) == [*numeric_columns(table), "Logarithmic"]
    assert [name for name, action in actions.items() if action.isChecked()] == ["amp"]
    actions["quality"].trigger()
    view.menu.close()
    shower.settle(view)
    assert view.markers.axes.x == "quality"


def test_that_a_right_click_offers_everything(view):
    click(view.plot.viewport(), pixel(view, 3), RIGHT)
    assert [a.text() for a in view.menu.actions()] == ["Horizontal", "Vertical", "Size", "Color"]
    view.menu.close()


def test_that_the_pointer_tells_the_cluster_and_its_values(view, table):
    summary = view.status
    move(view.plot.viewport(), pixel(view, 6))
    parts = view.status.split(" \N{MIDDLE DOT} ")
    assert parts[0] == "cluster 6"
    assert parts[1] == f"amp {table.column('amp').text(6)} arb."
    assert parts[2].startswith(f"depth {table.column('depth').text(6)} ")
    assert parts[4] == f"group {table.column('group').text(6)}"
    leave(view.plot)
    assert view.status == summary


def test_that_the_legend_tells_the_ends_of_the_colors(view, shower):
    shower.change(view, color="quality")
    assert view.status.endswith("color quality from 0.0 (dark) to 4.5 (bright)")
