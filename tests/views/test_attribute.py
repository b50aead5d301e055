"""Views of spike attributes: one for each file, over time or as x and y."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from made_datasets import make_dataset
from mouse import ALT, click
from showing import session_of

from gtview.qt.theme import cluster_rgb
from gtview.views import VIEWS, load_view, view_ids

N = 600


@pytest.fixture
def dataset():
    rng = np.random.default_rng(3)
    plane = rng.normal(0, 1, (N, 2)).astype(np.float32)
    depth = rng.normal(100, 5, N)
    depth[[10, 11]] = (np.nan, np.inf)
    plane[20, 1] = np.nan
    attributes = {
        "depth": depth,
        "plane": plane,
        "many": rng.normal(0, 1, (N, 3, 4)),
        "kind_of": rng.integers(0, 4, N).astype(np.uint8),
        "word": np.array(["a"] * N),
    }
    waveforms = rng.normal(0, 1, (3, 61, 4)).astype(np.float32)
    return make_dataset(
        waveforms,
        np.linspace(0, 290_000, N).astype(np.int64),
        np.arange(N) % 3,
        spike_attributes=MappingProxyType(attributes),
        spike_positions_um=rng.normal(50, 9, (N, 2)).astype(np.float32),
    )


@pytest.fixture
def show(shower, dataset):
    def make(name, ids=(0, 1), **settings):
        session = session_of(dataset)
        session.select_clusters(ids)
        return shower(load_view(f"attribute:{name}"), session, **settings)

    return make


def test_that_every_attribute_has_a_view_of_its_own(dataset):
    ids = view_ids(session_of(dataset))
    assert ids[: len(VIEWS)] == list(VIEWS)
    assert ids[len(VIEWS) :] == [
        f"attribute:{name}" for name in ("positions", "depth", "plane", "many", "kind_of", "word")
    ]
    kinds = [load_view(view_id) for view_id in ids[len(VIEWS) :]]
    assert [kind.id for kind in kinds] == ids[len(VIEWS) :]
    assert len({kind.title for kind in kinds}) == len(kinds)
    assert load_view("attribute:depth") is load_view("attribute:depth")


def test_that_an_export_without_attributes_has_the_views_of_all(dataset):
    plain = replace(dataset, spike_attributes={}, spike_positions_um=None)
    assert view_ids(session_of(plain)) == list(VIEWS)


@pytest.mark.parametrize("name", ["depth", "kind_of"])
def test_that_one_column_is_drawn_over_time(show, dataset, name):
    view = show(name, (2, 0))
    values = np.asarray(dataset.spike_attributes[name], np.float64)
    front = [layer for layer in view.plot.cloud.layers if not layer.is_background]
    for layer, cluster_id, color_id in zip(front, (2, 0), (0, 1), strict=True):
        own = np.arange(cluster_id, N, 3)
        own = own[np.isfinite(values[own])]
        assert layer.x * layer.x_scale == pytest.approx(dataset.spike_samples[own] / 30_000)
        assert layer.y == pytest.approx(values[own])
        assert layer.rgb == cluster_rgb(color_id)
    assert view.plot.panel.x_axis.title == "time (s)"
    assert view.plot.panel.y_axis.title == name.replace("_", " ")


def test_that_what_is_not_finite_is_left_out_and_counted(show):
    # Spikes 10 and 11 are of the clusters 1 and 2.
    assert show("depth", (0, 1)).status.startswith("399 of 400 spikes, 1 not finite")
    assert show("depth", (0,)).status.startswith("200 of 200 spikes")


def test_that_two_columns_are_x_and_y(show, dataset):
    view = show("plane", (0, 2))
    values = dataset.spike_attributes["plane"]
    own = np.arange(2, N, 3)
    own = own[own != 20]
    layer = view.plot.cloud.layers[-1]
    assert layer.x.tolist() == values[own, 0].tolist()
    assert layer.y.tolist() == values[own, 1].tolist()
    assert view.plot.panel.x_axis.title == "plane, first column"
    assert "1 not finite" in view.status
    (x_low, x_high), (y_low, y_high) = view.plot.panel.x_range, view.plot.panel.y_range
    is_in = (layer.x > x_low) & (layer.x < x_high) & (layer.y > y_low) & (layer.y < y_high)
    assert is_in.mean() > 0.98


def test_that_positions_have_their_unit(show):
    view = show("positions")
    assert view.plot.panel.x_axis.title == "x (\N{MICRO SIGN}m)"
    assert view.plot.panel.y_axis.title == "depth (\N{MICRO SIGN}m)"


def test_that_of_more_columns_the_first_is_shown_and_told(show, dataset):
    view = show("many", (1,))
    own = np.arange(1, N, 3)
    expected = dataset.spike_attributes["many"][own, 0, 0]
    assert view.plot.cloud.layers[-1].y == pytest.approx(expected, rel=1e-6)
    assert "first of 12 columns" in view.status


def test_that_words_cannot_be_drawn_and_it_says_so(show):
    view = show("word")
    assert view._stack.currentWidget().text() == (
        "spike_word.npy holds no numbers, so there is nothing to draw."
    )


def test_that_a_view_of_a_file_that_is_gone_says_which(shower, dataset):
    session = session_of(replace(dataset, spike_attributes={}))
    view = shower(load_view("attribute:depth"), session)
    assert "spike_depth.npy" in view._stack.currentWidget().text()


def test_that_alt_click_goes_to_a_time_only_where_there_is_one(show):
    for name, is_moved in (("depth", True), ("plane", False)):
        view = show(name)
        x, y = view.plot.panel.x_range, view.plot.panel.y_range
        place = view.plot.panel.scene_position(sum(x) / 2, sum(y) / 2)
        click(view.plot.viewport(), (place.x(), place.y()), modifiers=ALT)
        assert (view.session.selection.state.trace_s is not None) == is_moved


def test_that_only_the_time_window_is_shown(show, shower):
    view = show("plane", (0,))
    view.session.selection.update(time_window_s=(0.0, 1.0))
    shower.settle(view)
    samples = view.session.dataset.spike_samples[np.arange(0, N, 3)]
    n = int(np.sum(samples < 30_000))
    assert view.status.startswith(f"{n} of {n} spikes")
