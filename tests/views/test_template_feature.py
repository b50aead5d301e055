"""The template-feature view: whose projections it shows, from what, and what its gestures do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from factories import make_phy_folder
from mouse import ALT, double_click, drag, wheel
from showing import session_of

from gtview.analysis.mean_features import MeanFeatureCache
from gtview.analysis.template_projections import TemplateWeights, project_computed
from gtview.data.phy_reader import read_export
from gtview.qt.picture import record
from gtview.qt.theme import cluster_rgb
from gtview.views import load_view
from gtview.views.template_feature import TemplateFeatureView
from gtview.views.template_feature_compute import NOTHING_IN_COMMON


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "phy"
    make_phy_folder(
        folder, dialect="kilosort2", n_spikes=2000, n_clusters=8, n_channels=20,
        with_raw=True, seed=4,
    )  # fmt: skip
    dataset = read_export(folder, raw_path=folder.parent / "raw.bin")
    # Cluster 1 is a merge of two templates, as after curation.
    merged = np.where(dataset.spike_templates == 2, 1, dataset.spike_templates)
    return replace(dataset, spike_clusters=merged.astype(np.int32))


@pytest.fixture
def session(dataset):
    return session_of(dataset)


@pytest.fixture
def view(shower, session):
    session.select_clusters((1, 3))
    return shower(TemplateFeatureView, session, size=(600, 500))


def middle(view, row=0, column=0):
    place = view.grid.layout_now().place(row, column)
    return place.left + place.width / 2, place.top + place.height / 2


def test_that_the_view_can_be_opened_by_its_id():
    assert load_view("template_feature") is TemplateFeatureView


def test_that_two_clusters_are_projected_as_in_phy(view, session, dataset):
    values = np.load(dataset.template_features.path)
    columns = dataset.template_features.channel_ids
    cell = view.grid.scatter.cells[0]
    assert (cell.x, cell.y) == (1, 3)
    for k, cluster in enumerate((1, 3)):
        layer = cell.layers[k]
        assert layer.rgb == cluster_rgb(k)
        spikes = session.clustering.spikes_of(cluster)
        for axis, given in ((1, layer.x), (3, layer.y)):
            own = dataset.spike_templates[session.clustering.spikes_of(axis)]
            counts = np.bincount(own, minlength=8)
            dense = np.zeros((len(spikes), 8))
            for row, spike in enumerate(spikes):
                dense[row, columns[dataset.spike_templates[spike]]] = values[spike]
            expected = np.average(dense, weights=counts, axis=1)
            np.testing.assert_allclose(given, expected, rtol=1e-5)
    n = sum(session.clustering.n_spikes_of(c) for c in (1, 3))
    assert view.status == f"{n:,} of {n:,} spikes, from template_features.npy"


def test_that_axes_say_on_what_they_project_and_in_which_colour(view):
    axes = view.grid.scatter.axes
    assert [axes[k].title for k in (1, 3)] == ["projection on 1", "projection on 3"]
    assert [axes[k].rgb for k in (1, 3)] == [cluster_rgb(0), cluster_rgb(1)]
    assert axes[1].limits == axes[3].limits  # sizes can be compared


def test_that_more_clusters_are_a_matrix_of_pairs(view, session, shower):
    session.select_clusters((1, 3, 5, 6))
    shower.settle(view)
    assert view.grid.scatter.shape == (3, 3)
    pairs = {(c.row, c.column): (c.x, c.y) for c in view.grid.scatter.cells}
    assert pairs == {
        (0, 0): (1, 3), (1, 0): (1, 5), (1, 1): (3, 5),
        (2, 0): (1, 6), (2, 1): (3, 6), (2, 2): (5, 6),
    }  # fmt: skip
    for cell in view.grid.scatter.cells:
        colors = [session.selection.state.color_of(i) for i in (cell.x, cell.y)]
        assert [layer.rgb for layer in cell.layers] == [cluster_rgb(c) for c in colors]
        sizes = [session.clustering.n_spikes_of(i) for i in (cell.x, cell.y)]
        assert [len(layer.x) for layer in cell.layers] == sizes


def test_that_one_cluster_is_compared_with_the_most_similar_one(view, session, shower, dataset):
    session.select_clusters((5,))
    shower.settle(view)
    similarity = dataset.similar_templates[5].copy()
    similarity[5] = -np.inf
    partner = int(np.argmax(similarity))
    partner = 1 if partner == 2 else partner
    cell = view.grid.scatter.cells[0]
    assert (cell.x, cell.y) == (5, partner)
    assert cell.layers[1].rgb != cluster_rgb(1)
    assert view.status.startswith(f"most similar: {partner}, in grey")
    assert len(cell.layers[1].x) == session.clustering.n_spikes_of(partner)


def test_that_one_cluster_alone_asks_for_another_where_similarity_is_unknown(shower, dataset):
    session = session_of(replace(dataset, similar_templates=None, templates=None))
    session.select_clusters((5,))
    view = shower(TemplateFeatureView, session)
    assert "Select two clusters" in view._message.text()
    assert not view.content.isVisible()
    session.select_clusters((5, 3))
    shower.settle(view)
    assert view.content.isVisible()


def test_that_without_the_file_components_are_used_and_channels_told(shower, dataset):
    session = session_of(replace(dataset, template_features=None))
    session.select_clusters((1, 3))
    view = shower(TemplateFeatureView, session)
    assert "from principal components on" in view.status
    assert "shared channels" in view.status
    clusters = [session.clustering.spikes_of(c) for c in (1, 3)]
    weights = TemplateWeights.of(session.dataset, clusters)
    means = MeanFeatureCache(session.dataset)
    for layer, spikes in zip(view.grid.scatter.cells[0].layers, clusters, strict=True):
        expected = project_computed(session.dataset, spikes, weights, means).values
        np.testing.assert_array_equal([layer.x, layer.y], expected)
    # A spike looks more like its own template than like another one.
    other = view.grid.scatter.cells[0].layers[1]
    assert np.nanmean(other.y > other.x) > 0.9


def test_that_without_components_raw_waveforms_are_read_with_progress(shower, dataset):
    session = session_of(replace(dataset, template_features=None, pc_features=None))
    session.select_clusters((1, 3))
    view = shower(TemplateFeatureView, session)
    assert "from raw waveforms" in view.status
    own = view.grid.scatter.cells[0].layers
    assert np.nanmedian(own[0].x) > np.nanmedian(own[1].x)
    seen = []
    view.status_changed.connect(seen.append)
    session.select_clusters((4, 5))
    shower.settle(view)
    assert any("reading" in text for text in seen)
    assert "reading" not in seen[-1]


def test_that_missing_files_are_named(shower, dataset):
    session = session_of(replace(dataset, template_features=None, pc_features=None, raw=None))
    session.select_clusters((1,))
    view = shower(TemplateFeatureView, session)
    assert "template_features.npy" in view._message.text()
    assert "pc_features.npy" in view._message.text()


def test_that_pairs_with_nothing_in_common_say_so(shower, dataset):
    features = replace_columns(dataset.template_features)
    session = session_of(replace(dataset, template_features=features, pc_features=None))
    session.select_clusters((3, 5))
    view = shower(TemplateFeatureView, session)
    n = sum(session.clustering.n_spikes_of(c) for c in (3, 5))
    assert view.grid.scatter.cells[0].note == NOTHING_IN_COMMON
    assert f"{n:,} without projections" in view.status
    assert all(np.isnan(layer.x + layer.y).all() for layer in view.grid.scatter.cells[0].layers)


@pytest.mark.parametrize(("size", "word"), [((500, 400), "common"), ((90, 80), "\N{EN DASH}")])
def test_that_a_sentence_without_room_is_a_dash(shower, dataset, tmp_path, size, word):
    features = replace_columns(dataset.template_features)
    session = session_of(replace(dataset, template_features=features, pc_features=None))
    session.select_clusters((3, 5))
    view = shower(TemplateFeatureView, session, size)
    record(view.content).save(tmp_path / "a.svg")
    svg = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert [found for found in ("common", "\N{EN DASH}") if found in svg] == [word]


def replace_columns(file):
    """Let the file hold each spike's own template only."""
    from gtview.data.features import FeatureFile

    ids = np.full_like(file.channel_ids, -1)
    ids[:, 0] = np.arange(len(ids))
    return FeatureFile(file.header, ids, None)


def test_that_a_time_window_restricts_the_spikes_but_not_the_weights(view, session, shower):
    before = view.picture.known.data.clusters[0]
    session.selection.update(time_window_s=(0.0, 2.0))
    shower.settle(view)
    after = view.picture.known.data.clusters[0]
    assert 0 < len(after.spike_ids) < len(before.spike_ids)
    places = np.searchsorted(before.spike_ids, after.spike_ids)
    np.testing.assert_array_equal(after.values, before.values[:, places])


def test_that_gestures_move_the_axes_and_fit_brings_them_back(view, session, shower):
    before = view.grid.limits()
    for gesture in (
        lambda: drag(view.grid, middle(view), tuple(np.add(middle(view), (40, 20)))),
        lambda: wheel(view.grid, middle(view), 2),
        view.zoom_in,
        view.zoom_out,
    ):
        gesture()
        shower.settle(view)
        moved = view.grid.limits()
        assert all(moved[key] != before[key] for key in before)
        session.selection.update(time_window_s=(0.0, 2.0))
        shower.settle(view)
        assert view.grid.limits() == moved
        session.selection.update(time_window_s=None)
        double_click(view.grid, middle(view))
        shower.settle(view)
        assert view.grid.limits() == before


def test_that_alt_wheel_changes_the_size_of_dots(view, shower):
    before = view.grid.scatter.cells[0].layers[0].size
    wheel(view.grid, middle(view), 1, ALT)
    shower.settle(view)
    assert view.grid.scatter.cells[0].layers[0].size == pytest.approx(1.15 * before)


def test_that_only_six_clusters_are_compared_and_said(shower, dataset):
    session = session_of(replace(dataset, spike_clusters=dataset.spike_templates))
    session.select_clusters(tuple(range(8)))
    view = shower(TemplateFeatureView, session)
    assert view.status.startswith("first 6 of 8 clusters")
    assert len(view.grid.scatter.cells) == 15


@pytest.mark.parametrize("size", [(80, 60), (300, 200), (1200, 900)])
def test_that_any_size_is_painted(shower, session, size):
    session.select_clusters((1, 3, 5))
    view = shower(TemplateFeatureView, session, size=size)
    image = view.grab().toImage()
    colors = {image.pixelColor(x, y).name() for x in range(image.width())
              for y in range(image.height())}  # fmt: skip
    assert view.theme.plot in colors
    assert len(colors) > 4
