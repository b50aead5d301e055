"""The similarity matrix: values, orders, what a click selects, states."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from factories import make_positions, make_templates
from made_datasets import make_dataset
from mouse import CTRL, LEFT, RIGHT, click, leave, move
from showing import session_of

from gtview.analysis.similarity import order_by_similarity
from gtview.qt.theme import cluster_rgb
from gtview.views.similarity_matrix import NOTHING_TO_COMPARE, SimilarityMatrixView

RNG = np.random.default_rng(3)
N_CHANNELS, N_TEMPLATES = 12, 6
POSITIONS, _ = make_positions(N_CHANNELS)
WAVEFORMS = make_templates(RNG, N_TEMPLATES, 30, 10, POSITIONS)
TEMPLATES = RNG.integers(0, N_TEMPLATES, 300)
# Cluster 20 has the spikes of templates 2 and 3.
CLUSTERS = np.where(np.isin(TEMPLATES, (2, 3)), 20, TEMPLATES).astype(np.int32)
SIMILAR = RNG.uniform(0, 1, (N_TEMPLATES, N_TEMPLATES)).astype(np.float32)


def made(**others):
    fields = {"spike_clusters": CLUSTERS, "similar_templates": SIMILAR} | others
    return session_of(make_dataset(WAVEFORMS, np.arange(300) * 100, TEMPLATES, **fields))


@pytest.fixture
def view(shower):
    return shower(SimilarityMatrixView, made())


def templates_of(cluster_id):
    return sorted(set(TEMPLATES[cluster_id == CLUSTERS].tolist()))


def center(view, row_id, column_id):
    x, y = view.matrix.place_of(column_id) + 0.5, view.matrix.place_of(row_id) + 0.5
    point = view.plot.mapFromScene(view.panel.scene_position(x, y))
    return point.x(), point.y()


def test_that_a_cell_is_the_largest_similarity_of_the_templates_of_two_clusters(view):
    ids = view.matrix.cluster_ids.tolist()
    assert sorted(ids) == [0, 1, 4, 5, 20]
    for a, b in itertools.product(ids, repeat=2):
        expected = max(SIMILAR[s, t] for s in templates_of(a) for t in templates_of(b))
        shown = view.matrix.values[view.matrix.place_of(a), view.matrix.place_of(b)]
        assert shown == expected


def test_that_o_cycles_depth_similarity_and_id(shower, view):
    stats = view.session.stats
    depths = dict(zip(stats.cluster_ids.tolist(), stats.depths_um.tolist(), strict=True))
    by_depth = sorted(depths, key=lambda i: (-depths[i], i))
    assert view.matrix.cluster_ids.tolist() == by_depth
    view.show_next_order()
    shower.settle(view)
    assert "ordered by similarity" in view.status
    assert sorted(view.matrix.cluster_ids.tolist()) == sorted(by_depth)
    view.show_next_order()
    shower.settle(view)
    assert view.matrix.cluster_ids.tolist() == sorted(by_depth)
    view.show_next_order()
    shower.settle(view)
    assert view.matrix.order == "depth"


def test_that_the_order_by_similarity_puts_groups_side_by_side():
    groups = np.array([0, 1, 2, 0, 1, 2, 0, 1])
    similarity = np.where(groups[:, None] == groups, 0.9, 0.1).astype(np.float32)
    similarity[0, 3] = np.nan
    order = order_by_similarity(similarity)
    assert sorted(order.tolist()) == list(range(8))
    assert np.count_nonzero(np.diff(groups[order])) == 2
    assert order_by_similarity(similarity[:2, :2]).tolist() == [0, 1]
    assert len(order_by_similarity(similarity[:0, :0])) == 0


def test_that_a_click_selects_the_pair_and_ctrl_click_adds_it(shower, view):
    state = view.session.selection
    click(view.plot.viewport(), center(view, 20, 5))
    assert (state.state.cluster_ids, state.state.similar_ids) == ((20,), (5,))
    shower.settle(view)
    click(view.plot.viewport(), center(view, 0, 1), LEFT, CTRL)
    assert (state.state.cluster_ids, state.state.similar_ids) == ((20,), (5, 0, 1))
    click(view.plot.viewport(), center(view, 4, 4), RIGHT)
    assert state.state.cluster_ids == (20,)
    click(view.plot.viewport(), center(view, 4, 4))
    assert (state.state.cluster_ids, state.state.similar_ids) == ((4,), ())


def test_that_selected_clusters_are_framed_in_their_colours(shower, view):
    view.session.select_clusters((20,), (5,))
    shower.settle(view)
    frames = {frame.color.getRgb()[:3] for frame in view.item._frames}
    assert frames == {cluster_rgb(0), cluster_rgb(1)}
    assert len(view.item._frames) == 4


def test_that_arrow_keys_move_the_pair(shower, view):
    ids = view.matrix.cluster_ids.tolist()
    view.go_right()
    state = view.session.selection
    assert state.state.shown_ids == (ids[0],)
    view.go_right()
    assert state.state.shown_ids == (ids[0], ids[1])
    view.go_down()
    view.go_down()
    assert (state.state.cluster_ids, state.state.similar_ids) == ((ids[2],), (ids[1],))


def test_that_hover_tells_the_similarity_and_leaving_the_summary(view):
    summary = view.status
    assert summary == "5 clusters ordered by depth · by template similarity of the sorter"
    move(view.plot.viewport(), center(view, 0, 20))
    value = max(SIMILAR[0, 2], SIMILAR[0, 3])
    assert view.status == f"cluster 0 · cluster 20: similarity {value:.2f}"
    leave(view.plot)
    assert view.status == summary


def test_that_without_similarity_it_is_computed_from_templates(shower):
    for similar in (None, np.zeros_like(SIMILAR)):
        view = shower(SimilarityMatrixView, made(similar_templates=similar))
        assert np.diag(view.matrix.values) == pytest.approx(1.0)
        assert view.status.endswith("by correlation of templates")


def test_that_without_templates_it_says_which_files_are_missing(shower):
    dataset = make_dataset(
        None, np.arange(300) * 100, TEMPLATES, n_channels=N_CHANNELS, spike_clusters=CLUSTERS
    )
    view = shower(SimilarityMatrixView, session_of(dataset))
    assert view._message.text() == NOTHING_TO_COMPARE


def test_that_no_key_is_declared_twice_and_every_slot_exists():
    keys = [key for action in SimilarityMatrixView.actions_declared for key in action.keys]
    assert len(keys) == len(set(keys))
    for action in SimilarityMatrixView.actions_declared:
        assert callable(getattr(SimilarityMatrixView, action.slot))
