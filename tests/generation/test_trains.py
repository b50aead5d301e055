from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gtview.generation.amplitudes import draw_amplitudes
from gtview.generation.recipe_spikes import Amplitudes, Trains
from gtview.generation.seeds import Seeds
from gtview.generation.synchrony import add_synchrony
from gtview.generation.trains import draw_poisson, draw_trains, in_order, minimum_gap

RATE_HZ = 30_000.0


def drawn(rates, duration_s=100.0, seed=0, **wish):
    n = round(duration_s * RATE_HZ)
    return draw_trains(
        np.array(rates, float), n, RATE_HZ, Trains.model_validate(wish), Seeds(seed)
    )


def intervals(spikes):
    order = np.lexsort((spikes.samples, spikes.units))
    samples, units = spikes.samples[order], spikes.units[order]
    return np.diff(samples)[np.diff(units) == 0]


def test_that_the_gap_of_a_refractory_period_is_exact():
    assert minimum_gap(4.0, RATE_HZ) == 120
    assert minimum_gap(1.1, RATE_HZ) == 33
    assert minimum_gap(0.0, RATE_HZ) == 1


@given(
    rate=st.floats(0.5, 100),
    refractory=st.floats(0, 8),
    seed=st.integers(0, 10_000),
    wish=st.sampled_from(
        [
            {},
            {"synchrony": {"ratio": 0.5, "size": {"range": [2, 4]}, "jitter_ms": 1.0}},
            {"bursts": {"probability": 0.4, "interval_ms": {"range": [8, 10]}}},
            {"modulation": {"depth": 0.9, "period_s": 3}},
        ]
    ),
)
@settings(max_examples=60, deadline=None)
def test_that_no_train_violates_its_refractory_period(rate, refractory, seed, wish):
    spikes = drawn([rate, rate / 2, 1, 7], 10.0, seed, refractory_ms=refractory, **wish)
    assert (np.diff(spikes.samples) >= 0).all()
    assert (intervals(spikes) >= refractory * RATE_HZ / 1000 - 1e-6).all()
    if len(spikes.samples):
        assert spikes.samples[0] >= 0
        assert spikes.samples[-1] < 10 * RATE_HZ


@pytest.mark.parametrize("refractory_ms", [0, 4, 20])
def test_that_rates_are_those_that_are_asked(refractory_ms):
    rates = [1.0, 5.0, 20.0, 30.0]
    spikes = drawn(rates, 1000.0, refractory_ms=refractory_ms)
    counts = np.bincount(spikes.units)
    expected = np.array(rates) * 1000
    # Five standard deviations of a Poisson process; a dead time makes it more regular.
    assert (np.abs(counts - expected) < 5 * np.sqrt(expected)).all()


def test_that_intervals_are_exponential_beyond_the_dead_time():
    from scipy.stats import kstest

    rng = np.random.default_rng(1)
    train = draw_poisson(20 / RATE_HZ, round(2000 * RATE_HZ), 120, rng)
    beyond = (np.diff(train) - 120 + rng.random(len(train) - 1)) / RATE_HZ
    assert kstest(beyond, "expon", args=(0, 1 / 20 - 0.004)).pvalue > 1e-4


def test_that_a_train_begins_in_the_middle_of_its_life():
    # A first spike that always waited for a whole interval would make the beginning empty.
    rng = np.random.default_rng(2)
    firsts = [draw_poisson(50 / RATE_HZ, 30_000, 300, rng)[0] for _ in range(3000)]
    assert np.mean(np.array(firsts) < 300) == pytest.approx(0.5, abs=0.05)


def test_that_a_unit_keeps_its_train_when_others_come():
    few, many = drawn([3, 4], seed=5), drawn([3, 4, 9], seed=5)
    for unit in range(2):
        own = few.samples[few.units == unit]
        np.testing.assert_array_equal(own, many.samples[many.units == unit])


def test_that_bursts_keep_the_rate_and_number_their_spikes():
    bursts = {"probability": 0.2, "n_spikes": {"range": [3, 3]}, "interval_ms": {"range": [5, 6]}}
    spikes = drawn([5.0], 2000.0, bursts=bursts)
    assert len(spikes.samples) == pytest.approx(10_000, rel=0.06)
    assert set(spikes.burst_positions) == {0, 1, 2}
    second = np.flatnonzero(spikes.burst_positions == 1)
    gaps = spikes.samples[second] - spikes.samples[second - 1]
    assert np.median(gaps) == pytest.approx(5.5 * 30, abs=10)


def test_that_rates_follow_a_wave():
    wish = {"depth": 0.9, "period_s": 100.0, "is_common": True}
    spikes = drawn([20.0, 20.0], 100.0, modulation=wish)
    counts = np.stack(
        [np.histogram(spikes.samples[spikes.units == u], 20, (0, 3_000_000))[0] for u in range(2)]
    )
    assert np.corrcoef(counts)[0, 1] > 0.8
    assert counts.max() > 4 * counts.min()
    assert counts.sum() == pytest.approx(4000, rel=0.1)


@pytest.mark.parametrize("size", [(2, 2), (3, 5)])
def test_that_synchronous_spikes_are_added_in_number_and_size(size):
    before = drawn([5.0] * 30, 100.0)
    after = drawn(
        [5.0] * 30, 100.0, synchrony={"ratio": 0.3, "size": {"range": size}, "jitter_ms": 0}
    )
    n = len(before.samples)
    assert len(after.samples) - n == round(0.3 * n)
    order = np.lexsort((before.units, before.samples))
    np.testing.assert_array_equal(before.samples, before.samples[order])
    _, together = np.unique(after.samples, return_counts=True)
    assert together.max() >= size[1]
    assert len(np.unique(np.stack([after.samples, after.units]), axis=1).T) == len(after.samples)


def test_that_jitter_spreads_the_spikes_of_an_event():
    rng = np.random.default_rng(0)
    samples = np.arange(100, 3_000_000, 3000)
    units = np.zeros(len(samples), np.int32)
    wish = Trains.model_validate({"synchrony": {"ratio": 1, "jitter_ms": 0.5}}).synchrony
    new, _, missing = add_synchrony(samples, units, 20, 3_000_000, wish, (120, RATE_HZ), rng)
    assert missing == 0
    added = new[len(samples) :]
    near = added - samples[np.abs(samples - added[:, None]).argmin(axis=1)]
    assert near.std() == pytest.approx(15, rel=0.15)


def test_that_what_finds_no_place_is_told():
    wish = {"synchrony": {"ratio": 10}, "refractory_ms": 100}
    spikes = drawn([5.0, 5.0], 10.0, **wish)
    assert "found no place" in spikes.warnings[0]
    assert (intervals(spikes) >= 3000).all()


def test_that_amplitudes_spread_fade_and_shrink_in_bursts():
    spikes = drawn([20.0, 20.0], 500.0, bursts={"probability": 0.3})
    flat = draw_amplitudes(spikes, 2, RATE_HZ, Amplitudes(), None, Seeds(0))
    np.testing.assert_array_equal(flat, 1)
    wish = Amplitudes.model_validate({"std": {"values": [0.0, 0.1]}})
    some = draw_amplitudes(spikes, 2, RATE_HZ, wish, None, Seeds(0))
    assert some[spikes.units == 0].std() == 0
    assert some[spikes.units == 1].std() == pytest.approx(0.1, rel=0.05)
    wish = Amplitudes.model_validate({"fading": {"depth": 0.4, "period_s": 50}})
    slow = draw_amplitudes(spikes, 2, RATE_HZ, wish, None, Seeds(0))
    assert slow.max() == pytest.approx(1.4, abs=0.01)
    assert slow.min() == pytest.approx(0.6, abs=0.01)
    bursts = Trains.model_validate({"bursts": {"amplitude_decay": 0.2}}).bursts
    less = draw_amplitudes(spikes, 2, RATE_HZ, Amplitudes(), bursts, Seeds(0))
    np.testing.assert_allclose(less, 0.8**spikes.burst_positions, rtol=1e-6)


def test_that_no_spike_changes_its_sign():
    spikes = drawn([20.0], 500.0)
    wish = Amplitudes.model_validate({"std": 0.5})
    assert draw_amplitudes(spikes, 1, RATE_HZ, wish, None, Seeds(0)).min() > 0


def test_that_trains_that_are_given_may_violate_and_stay_as_they_are():
    samples, units = np.array([10, 11, 12, 5000]), np.zeros(4, np.int32)
    rng = np.random.default_rng(0)
    wish = Trains.model_validate({"synchrony": {"ratio": 1.0}}).synchrony
    new, new_units, _ = add_synchrony(samples, units, 3, 10_000, wish, (120, RATE_HZ), rng)
    spikes = in_order(new, new_units)
    np.testing.assert_array_equal(spikes.samples[spikes.units == 0][:3], [10, 11, 12])
