from __future__ import annotations

import numpy as np
import reference
from factories import make_positions, make_templates
from hypothesis import given, settings
from hypothesis import strategies as st

from gtview.analysis.similarity import compute_cluster_similarity, compute_template_similarity
from gtview.analysis.template_counts import TemplateCounts, count_templates
from gtview.data.templates import TemplateStore


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5)), max_size=40), st.integers(0, 2**32)
)
def test_that_clusters_are_as_alike_as_their_most_similar_templates(spikes, seed):
    clusters, templates = np.array(spikes, np.int32).reshape(-1, 2).T
    similar = np.random.default_rng(seed).uniform(-1, 1, (6, 6)).astype(np.float32)
    order = np.argsort(clusters, kind="stable").astype(np.int32)
    offsets = np.r_[0, np.cumsum(np.bincount(clusters, minlength=5))].astype(np.int64)
    counts = count_templates(order, offsets, np.ascontiguousarray(templates), 6)
    members = [set(templates[clusters == i].tolist()) for i in range(5)]
    for i in range(5):
        expected = reference.cluster_similarity(similar, members[i], members)
        found = compute_cluster_similarity(similar, counts, i)
        np.testing.assert_array_equal(found, np.array(expected, np.float32))


def test_that_unknown_similarities_hide_no_known_one():
    similar = np.array([[1, np.nan, 0.3], [np.nan, 1, np.nan], [0.3, np.nan, 1]], np.float32)
    counts = TemplateCounts(
        np.array([0, 2, 3]), np.array([0, 1, 2], np.int32), np.array([5, 5, 5])
    )
    np.testing.assert_array_equal(
        compute_cluster_similarity(similar, counts, 0), np.array([1, 0.3], np.float32)
    )


def _shifted(waveform, lag):
    return np.roll(waveform, lag, axis=0)


def test_that_template_similarity_is_the_largest_correlation_over_small_lags():
    rng = np.random.default_rng(3)
    positions, _ = make_positions(10)
    waveforms = make_templates(rng, 7, 40, 15, positions)
    waveforms[3] = 2.5 * _shifted(waveforms[2], 4)
    waveforms[4] = -waveforms[2]
    waveforms[5] = 0
    found = compute_template_similarity(TemplateStore(waveforms, None, None, 10), 6)
    expected = reference.template_similarity(waveforms, 6, 0.05)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-4)
    np.testing.assert_array_equal(found, found.T)
    assert found[2, 3] > 0.99
    assert not found[5].any()


def test_that_templates_that_share_no_channel_are_not_alike():
    waveforms = np.zeros((2, 5, 4), np.float32)
    waveforms[0, 2, 0] = waveforms[1, 2, 3] = -1
    found = compute_template_similarity(TemplateStore(waveforms, None, None, 4))
    assert found.tolist() == [[1, 0], [0, 1]]


def test_that_a_dataset_without_templates_to_compare_gives_an_empty_matrix():
    store = TemplateStore(np.zeros((0, 5, 4), np.float32), None, None, 4)
    assert compute_template_similarity(store).shape == (0, 0)
