"""Waveforms of the found, missed and false spikes of a unit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from factories import make_phy_folder
from showing import session_of

from gtview.analysis.snippets import Alignment, read_snippets
from gtview.base.errors import UsageError
from gtview.data.dataset import Gain
from gtview.data.ground_truth import GroundTruth, TrueTemplates
from gtview.data.phy_reader import read_export
from gtview.scoring.states import SpikeState
from gtview.session.scoring import score, scoring_query
from gtview.session.spray import SprayQuery, compute_spray, spikes_of_state


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    made = make_phy_folder(
        tmp_path_factory.mktemp("export") / "phy", n_spikes=1500, n_clusters=5, n_channels=12,
        n_raw_channels=12, with_raw=True, with_features=False, seed=5,
    )  # fmt: skip
    return read_export(made.path, gain=Gain(0.2, "the test"), raw_path=made.raw_path)


def make_session(dataset, with_templates=True):
    """The truth: each cluster lacks every fifth true spike, and has some that are no spike."""
    clusters = dataset.spike_clusters
    trains = []
    for k in range(5):
        own = dataset.spike_samples[clusters == k]
        kept = own[np.arange(len(own)) % 10 > 0]  # every tenth sorted spike is false
        extra = kept[::5] + 2000  # spikes that nobody has sorted
        trains.append(np.unique(np.concatenate([kept, extra])))
    offsets = np.concatenate([[0], np.cumsum([len(t) for t in trains])])
    templates = None
    if with_templates:
        waveforms = np.zeros((5, 20, 12), np.float32)
        for k in range(5):
            for rank, channel in enumerate((k, k + 3, k + 6)):
                waveforms[k, 8, channel] = -100 + 30 * rank
        templates = TrueTemplates(waveforms, 8, dataset.channels.positions_um)
    truth = GroundTruth(
        Path("truth"), tuple(range(10, 15)), dataset.sample_rate_hz,
        np.concatenate(trains).astype(np.int64), offsets.astype(np.int64), templates=templates,
    )  # fmt: skip
    session = session_of(dataset, truth)
    session.set_scores(score(scoring_query(session)))
    return session


def ask(session, unit_id=12, **options):
    truth = session.truth_access.current
    return SprayQuery(session.dataset, session.channels, truth, unit_id, **options)


def test_that_every_spike_of_the_unit_and_every_false_one_is_in_one_group(dataset):
    session = make_session(dataset)
    truth = session.truth_access.current
    spray = compute_spray(ask(session))
    counts = {g.state: g.n_spikes for g in spray.groups}
    true = sum(n for state, n in counts.items() if state != SpikeState.FALSE)
    assert true == truth.facts.truth.unit_sizes[2]
    score_of = truth.scores.units[2]
    assert counts[SpikeState.FOUND] == score_of.tp > 50
    assert counts[SpikeState.MISSED] > 20
    column = truth.matrix().cluster_ids.index(score_of.cluster_id)
    assert counts[SpikeState.FALSE] == truth.matrix().false[column] > 0


def test_that_waveforms_are_those_that_the_waveform_view_reads(dataset):
    session = make_session(dataset)
    truth = session.truth_access.current
    spray = compute_spray(ask(session, n_waveforms=10_000, n_channels=3))
    assert spray.channel_ids.tolist() == [2, 5, 8]
    own = session.clustering.spikes_of(spray.cluster_id)
    states = truth.states().sorted_states[own]
    read = read_snippets(
        dataset, own[states == SpikeState.FALSE], spray.channel_ids, Alignment.of(dataset),
        10_000, 300.0,
    )  # fmt: skip
    false = next(g for g in spray.groups if g.state == SpikeState.FALSE)
    assert np.array_equal(false.waveforms, read.values)
    assert false.samples.tolist() == dataset.spike_samples[read.spike_ids].tolist()
    assert np.allclose(false.mean, read.values.mean(axis=0))
    assert false.n_outside == read.n_outside


def test_that_they_are_at_most_so_many_and_within_the_time_window(dataset):
    session = make_session(dataset)
    window = (2.0, dataset.duration_s / 2)
    spray = compute_spray(ask(session, n_waveforms=7, n_channels=2, time_window_s=window))
    whole = compute_spray(ask(session))
    all_of = {g.state: g for g in whole.groups}
    assert len(spray.groups) >= 3
    for part in spray.groups:
        assert len(part.waveforms) == len(part.samples) == min(7, part.n_spikes - part.n_outside)
        assert part.n_spikes < all_of[part.state].n_spikes
        times = part.samples / dataset.sample_rate_hz
        assert ((times >= window[0]) & (times < window[1])).all()
        assert part.waveforms.shape[1:] == (len(spray.times_ms), 2)


def test_that_without_templates_the_channels_are_those_of_the_best_cluster(dataset):
    session = make_session(dataset, with_templates=False)
    spray = compute_spray(ask(session))
    best = session.best_channels(spray.cluster_id).channel_ids
    assert spray.channel_ids.tolist() == best[:4].tolist()


def test_that_a_unit_on_no_known_channel_says_so(dataset):
    session = make_session(dataset, with_templates=False)
    free = np.setdiff1d(np.arange(1000, 60_000), dataset.spike_samples)
    samples = np.sort(np.resize(free, len(session.truth.spike_samples)))
    lost = session_of(dataset, replace(session.truth, spike_samples=samples))
    lost.set_scores(score(scoring_query(lost), 0.0))
    with pytest.raises(UsageError, match="On which channels"):
        compute_spray(ask(lost))


def test_that_a_unit_without_a_cluster_has_no_false_spikes(dataset):
    session = make_session(dataset)
    truth = session.truth_access.current
    row = 2
    assert len(spikes_of_state(truth, row, SpikeState.FALSE)) > 0
    merged = session.clustering.cluster_ids
    session.curation.merge(merged)
    session.set_scores(score(scoring_query(session)))
    later = session.truth_access.current
    unmatched = [k for k, u in enumerate(later.scores.units) if u.cluster_id is None]
    assert len(spikes_of_state(later, unmatched[0], SpikeState.FALSE)) == 0
    assert len(spikes_of_state(later, unmatched[0], SpikeState.ELSEWHERE)) > 0
