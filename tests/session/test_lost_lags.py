"""Found spikes around missed ones, and the recall of the collisions of one unit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_sessions import RATE_HZ, make_session, score

from gtview.data.ground_truth import TrueTemplates
from gtview.scoring.states import SpikeState
from gtview.session.lost_lags import compute_lost_lags, compute_unit_collisions, neighbours_of
from gtview.session.session import Session

DURATION = 400_000


def make(seed=0, with_templates=True):
    """Three units; a and b share a channel, c is apart; a loses what is near to b."""
    rng = np.random.default_rng(seed)
    a, b, c = (np.sort(rng.choice(DURATION // 20, 600, replace=False)) * 20 + k for k in range(3))
    b[:200] = a[:200] + rng.integers(-8, 9, 200)
    b.sort()
    is_near = np.abs(a[:, None] - b[None]).min(axis=1) <= 8
    units = {"a": a, "b": b, "c": c}
    session = make_session({1: a[~is_near], 2: b, 3: c}, units, duration_s=DURATION / RATE_HZ)
    if with_templates:
        waveforms = np.zeros((3, 10, 4), np.float32)
        waveforms[0, 4, 0] = waveforms[1, 4, 0] = -100
        waveforms[1, 5, 1] = -50
        waveforms[2, 4, 3] = -100
        truth = replace(session.truth, templates=TrueTemplates(waveforms, 4, None))
        session = Session(replace(session._opened, truth=truth))
    score(session)
    return session


def trains(truth):
    source, states = truth.facts.truth, truth.states().true_states
    parts = zip(source.offsets[:-1], source.offsets[1:], strict=True)
    return [(source.spike_samples[a:b], states[a:b]) for a, b in parts]


def slow_counts(around, others, edges_ms, *, is_same=False):
    lags = (others[None] - around[:, None]).astype(float)
    if is_same:
        np.fill_diagonal(lags, np.inf)
    # A lag on an edge belongs to the bin further from 0.
    lags = np.sign(lags) * (np.abs(lags) + 1e-6)
    return np.histogram(lags / RATE_HZ * 1000, edges_ms)[0]


@pytest.mark.parametrize("partners", ["neighbours", "same unit"])
@pytest.mark.parametrize("rows", [(0,), (0, 1, 2)])
def test_that_pairs_are_those_of_a_plain_count(rows, partners):
    truth = make().truth_access.current
    *steps, found = compute_lost_lags(truth, rows, partners, bin_ms=0.5, window_ms=20.0)
    assert steps == [None] * len(rows)
    of = trains(truth)
    n_missed = n_found = 0
    missed, kept = np.zeros((2, len(found.edges_ms) - 1), int)
    near = {0: [1], 1: [0], 2: []}
    for row in rows:
        samples, states = of[row]
        lost, own = samples[states == SpikeState.MISSED], samples[states == SpikeState.FOUND]
        others = [of[u][0][of[u][1] == SpikeState.FOUND] for u in near[row]]
        partner = own if partners == "same unit" else np.concatenate([np.empty(0, int), *others])
        missed += slow_counts(lost, partner, found.edges_ms)
        kept += slow_counts(own, partner, found.edges_ms, is_same=partners == "same unit")
        n_missed, n_found = n_missed + len(lost), n_found + len(own)
    assert (found.n_missed, found.n_found) == (n_missed, n_found)
    assert found.missed_counts.tolist() == missed.tolist()
    assert found.found_counts.tolist() == kept.tolist()
    assert np.allclose(found.around_found_hz, kept / (n_found * 0.0005))


def test_that_missed_spikes_of_collisions_have_neighbours_at_no_lag():
    truth = make().truth_access.current
    *_, found = compute_lost_lags(truth, (0,), "neighbours")
    centre = len(found.missed_counts) // 2
    near = slice(centre - 2, centre + 3)
    assert found.missed_counts[near].sum() >= found.n_missed
    assert found.around_missed_hz[near].max() > 20 * found.around_found_hz[near].max()


def test_that_without_templates_all_other_units_are_neighbours():
    truth = make(with_templates=False).truth_access.current
    assert neighbours_of(truth, 0) == [1, 2]
    assert neighbours_of(make().truth_access.current, 0) == [1]


def test_that_nothing_missed_is_no_rate():
    truth = make().truth_access.current
    *_, found = compute_lost_lags(truth, (2,), "neighbours")
    assert found.n_missed == 0
    assert np.isnan(found.around_missed_hz).all()
    assert found.found_counts.sum() == 0


def test_that_the_maps_of_single_units_add_up_to_that_of_all():
    truth = make().truth_access.current
    whole = compute_unit_collisions(truth, None)
    parts = [compute_unit_collisions(truth, row) for row in range(3)]
    assert sum(p.rates.n for p in parts).tolist() == whole.rates.n.tolist()
    assert sum(p.rates.n_good for p in parts).tolist() == whole.rates.n_good.tolist()
    assert whole.rates.n.sum() > 0
    assert parts[2].rates.n.sum() == 0
    assert np.nanmin(parts[0].rates.value) < 0.5 < np.nanmin(parts[1].rates.value)
