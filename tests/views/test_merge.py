"""The preview of a merge: against the parts, and against what the merge then is."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from made_datasets import make_recorded_dataset
from showing import session_of
from small_sessions import score

from gtview.analysis.merge_likelihood import MergeLikelihood
from gtview.data.ground_truth import GroundTruth
from gtview.kernels.correlograms import autocorrelogram
from gtview.views.merge import MergeView
from gtview.views.merge_compute import weighted_mean
from gtview.views.merge_words import likelihood_rows


@pytest.fixture
def session(tmp_path):
    return session_of(make_recorded_dataset(tmp_path, n_units=4, n_spikes=400))


def words(view):
    return dict(view.rows)


def test_that_one_cluster_is_no_merge(shower, session):
    session.select_clusters((0,))
    view = shower(MergeView, session)
    assert view.query() is None
    assert view._message.text() == "select two clusters or more"


def test_that_the_parts_and_the_whole_are_shown(shower, session):
    session.select_clusters((0,), (2,))
    view = shower(MergeView, session)
    shapes = view.result.shapes
    sizes = [session.clustering.n_spikes_of(i) for i in (0, 2)]
    expected = np.average(shapes.parts, axis=0, weights=sizes)
    np.testing.assert_allclose(shapes.merged, expected, rtol=1e-4, atol=1e-3)
    assert len(view.lines.lines) == 3
    names = view.counts.y_axis._names.texts
    assert list(names) == ["merged", "0", "2"]
    assert view.status.startswith(f"{sum(sizes)} spikes \N{MIDDLE DOT} means of ")


def test_that_the_autocorrelogram_of_the_whole_is_that_of_the_merged_cluster(shower, session):
    session.select_clusters((0, 1, 3))
    view = shower(MergeView, session)
    merged = view.result.correlograms.merged
    change = session.curation.merge((0, 1, 3))
    spikes = session.clustering.spikes_of(change.added[0])
    train = session.dataset.spike_samples[spikes]
    bins = view.result.correlograms.bins
    np.testing.assert_array_equal(
        merged.counts, autocorrelogram(train, bins.bin_samples, bins.n_half)
    )
    short = int(np.count_nonzero(np.diff(train) < 2.0 * session.dataset.sample_rate_hz / 1000))
    assert merged.n_violations == short
    np.testing.assert_array_equal(view.stack.rows[0].values, merged.counts)


def test_that_the_likelihood_is_told_part_by_part(shower, session):
    session.select_clusters((0,), (2,))
    view = shower(MergeView, session)
    (found,) = view.result.likelihoods
    told = words(view)
    assert told["0 and 2"].startswith(f"merge likelihood {found.value:.2f}")
    assert told["shape"].startswith(f"{found.shape:.2f}")
    assert f"{found.n_coincident:,} pair" in told["correlogram"]
    assert "0 and 2" in view.words.text()


def test_that_several_pairs_are_told_in_one_line_each(shower, session):
    session.select_clusters((0, 1, 2, 3))
    view = shower(MergeView, session)
    assert [row[0] for row in view.rows[1:4]] == ["0 and 1", "0 and 2", "0 and 3"]
    assert all("shape" in row[1] for row in view.rows[1:4])


def test_that_what_is_unknown_is_not_told():
    unknown = MergeLikelihood(
        (3, 5), math.nan, math.nan, math.nan, math.nan, math.nan, 0.0, 0, 0, 0
    )
    assert likelihood_rows(unknown, is_only=True) == [
        ("3 and 5", "how likely they are one neuron is not known")
    ]
    some = MergeLikelihood((3, 5), 0.99, math.nan, 0.99, math.nan, math.nan, 0.0, 0, 12.5, 1)
    assert likelihood_rows(some, is_only=True) == [
        ("3 and 5", "merge likelihood 0.99: speaks for one neuron"),
        ("correlogram", "0.99: 0 pairs within 2 ms, 12.5 expected of two neurons"),
        ("found twice", "1 pair of spikes within 0.3 ms"),
    ]


@pytest.mark.parametrize(
    ("value", "dip", "amplitude", "expected", "verdict"),
    [
        (0.8, 0.5, math.nan, 0.2, "alike, but too few spikes to tell"),
        (0.8, 0.5, 0.9, 0.2, "speaks for one neuron"),
        (0.8, 0.99, math.nan, 9.0, "speaks for one neuron"),
        (0.5, 0.9, 0.4, 4.0, "could be one neuron"),
        (0.1, 0.5, math.nan, 0.2, "speaks against one neuron"),
    ],
)
def test_that_a_verdict_says_no_more_than_is_known(value, dip, amplitude, expected, verdict):
    found = MergeLikelihood((3, 5), value, 0.99, dip, amplitude, math.nan, 0.0, 0, expected, 0)
    assert likelihood_rows(found, is_only=True)[0][1].endswith(verdict)


def test_that_clashing_labels_are_told_before(shower, session):
    session.curation.label((0,), "good")
    session.curation.label((2,), "mua")
    session.select_clusters((0, 2))
    view = shower(MergeView, session)
    (clash,) = session.curation.plan_merge((0, 2)).clashes
    assert words(view)["group"] == clash.sentence


def test_that_only_some_of_many_clusters_are_drawn(shower, tmp_path):
    dataset = make_recorded_dataset(tmp_path, n_units=10, n_spikes=400)
    session = session_of(dataset)
    session.select_clusters(tuple(range(10)))
    view = shower(MergeView, session)
    assert len(view.stack.rows) == 9
    assert view.status.startswith("first 8 of 10 \N{MIDDLE DOT} 400 spikes")
    assert view.result.correlograms.merged.n_spikes == 320


def truth_of(dataset):
    """Return a truth in which the clusters 0 and 1 are one unit."""
    units = np.where(dataset.spike_clusters <= 1, 0, dataset.spike_clusters)
    trains = [dataset.spike_samples[units == u] for u in (0, 2, 3)]
    offsets = np.cumsum([0, *(len(t) for t in trains)]).astype(np.int64)
    samples = np.concatenate(trains)
    return GroundTruth(Path("truth"), (7, 8, 9), dataset.sample_rate_hz, samples, offsets)


def test_that_a_truth_tells_what_the_merge_would_gain(shower, tmp_path):
    dataset = make_recorded_dataset(tmp_path, n_units=4, n_spikes=400)
    session = session_of(dataset, truth_of(dataset))
    score(session)
    before = session.scores.mean_accuracy
    session.select_clusters((0, 1))
    view = shower(MergeView, session)
    assert words(view)["unit 7"].startswith("accuracy 0.50 \N{RIGHTWARDS ARROW} 1.00")
    session.curation.merge((0, 1))
    score(session)
    change = session.scores.mean_accuracy - before
    assert words(view)["all units"].endswith(f"({change:+.3f})")


def test_that_weighted_means_leave_out_what_is_unknown():
    ones = np.ones((2, 2), np.float32)
    np.testing.assert_allclose(weighted_mean((ones, 4 * ones), [1, 2]), 3)
    np.testing.assert_allclose(weighted_mean((None, 4 * ones), [5, 2]), 4)
    assert weighted_mean((None, ones), [5, 0]) is None


def test_that_no_raw_waveforms_are_read_when_none_are_wanted(shower, session):
    session.select_clusters((0, 1))
    view = shower(MergeView, session, n_waveforms=0)
    assert view.result.shapes.note == "mean templates"


@pytest.mark.parametrize("size", [(300, 200), (1200, 800)])
def test_that_it_is_drawn_in_every_size_and_theme(shower, session, size):
    session.select_clusters((0, 1, 2, 3))
    for theme in ("dark", "light"):
        view = shower(MergeView, session, size=size, theme=theme)
        assert view.error is None
        assert view.result.is_full


def test_that_a_merge_of_very_many_spikes_is_not_planned(shower, session, monkeypatch):
    monkeypatch.setattr("gtview.views.merge._MOST_PLANNED", 150)
    session.curation.label((0,), "good")
    session.curation.label((2,), "mua")
    session.select_clusters((0, 2))
    view = shower(MergeView, session)
    assert view.query().change is None
    assert words(view)["labels"] == "too many spikes to foretell labels and scores"
    assert view.result.correlograms.merged.n_spikes == 200
