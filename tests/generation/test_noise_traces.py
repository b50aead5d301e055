from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal
from small_plans import make_noise, make_probe

from gtview.generation.noise_shape import band_taps, octave_powers, octave_weights
from gtview.generation.noise_traces import NoiseMaker

RATE_HZ = 20_000.0
KINDS = {
    "gaussian": {},
    "pink": {"exponent": 1.0},
    "brown": {"kind": "pink", "exponent": 2.0, "band_hz": (20.0, 3000.0)},
    "band": {"band_hz": (500.0, 4000.0)},
    "none": {},
}


def make_maker(kind, n_channels=4, **changes):
    settings_of_kind = {"kind": kind} | KINDS[kind] | changes
    positions = make_probe(n_channels).contact_positions.astype(np.float32)
    return NoiseMaker(make_noise(n_channels, **settings_of_kind), positions, RATE_HZ)


def make(maker, start, stop, n_channels=4):
    """In pieces of the maker's own length, as recordings are made."""
    pieces = []
    for begin in range(start, stop, maker.tile):
        n = min(maker.tile, stop - begin)
        traces = np.empty((n_channels, n), np.float32)
        maker.fill(traces, n, begin)
        pieces.append(traces)
    return np.concatenate(pieces, axis=1)


MAKERS = {kind: make_maker(kind) for kind in KINDS}


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(KINDS)), st.integers(0, 100_000), st.integers(1, 3000), st.data())
def test_that_a_stretch_is_the_same_wherever_it_begins(kind, start, n, data):
    maker = MAKERS[kind]
    whole = np.empty((4, n), np.float32)
    maker.fill(whole, n, start)
    begin = data.draw(st.integers(0, n - 1))
    part = np.empty((4, n - begin), np.float32)
    maker.fill(part, n - begin, start + begin)
    np.testing.assert_array_equal(part, whole[:, begin:])


@pytest.mark.parametrize("kind", ["gaussian", "pink", "brown", "band"])
def test_that_levels_and_covariance_are_those_asked_for(kind):
    # Slow noise needs many seconds to show its variance: fewer slow parts here.
    changes = {"band_hz": (200.0, 5000.0)} if kind in ("pink", "brown") else {}
    maker = make_maker(kind, **changes)
    traces = make(maker, 0, 1_500_000).astype(np.float64)
    levels = make_noise(4).levels_uv
    np.testing.assert_allclose(traces.std(axis=1), levels, rtol=0.02)
    positions = make_probe(4).contact_positions
    distances = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    np.testing.assert_allclose(np.corrcoef(traces), np.exp(-distances / 25), atol=0.02)


def power_of(traces, n_window):
    frequencies, power = signal.welch(traces, RATE_HZ, nperseg=n_window)
    return frequencies[1:], power.mean(axis=0)[1:]


@pytest.mark.parametrize("exponent", [0.5, 1.0, 2.0])
def test_that_the_power_of_pink_noise_falls_with_frequency(exponent):
    maker = make_maker("pink", exponent=exponent, spatial_decay_um=None)
    frequencies, power = power_of(make(maker, 0, 2_000_000), 2**15)
    is_asked = (frequencies > 3) & (frequencies < RATE_HZ / 4)
    error_db = 10 * np.log10(power * frequencies**exponent)[is_asked]
    assert np.ptp(signal.medfilt(error_db, 101)) < 2.5 * max(1, exponent)
    slope = np.polyfit(np.log(frequencies[is_asked]), np.log(power[is_asked]), 1)[0]
    assert slope == pytest.approx(-exponent, abs=0.08)


def test_that_pink_noise_is_flat_below_its_lowest_frequency_and_nothing_above_its_highest():
    maker = make_maker("pink", band_hz=(100.0, 2000.0))
    frequencies, power = power_of(make(maker, 0, 2_000_000), 2**15)
    low = power[(frequencies > 2) & (frequencies < 15)].mean()
    assert 10 * np.log10(low / power[(frequencies > 30) & (frequencies < 60)].mean()) < 2
    assert power[frequencies > 6000].max() < 1e-3 * low


def test_that_noise_of_a_band_is_white_in_it_and_nothing_outside():
    maker = make_maker("band", band_hz=(500.0, 4000.0))
    frequencies, power = power_of(make(maker, 0, 1_000_000), 2**12)
    within = power[(frequencies > 900) & (frequencies < 3400)]
    assert np.ptp(10 * np.log10(within)) < 1.5
    assert power[frequencies > 5000].max() < 0.01 * within.mean()
    assert power[frequencies < 100].max() < 0.05 * within.mean()
    edge = power[np.abs(frequencies - 500).argmin()]
    assert edge == pytest.approx(within.mean() / 4, rel=0.25)


@pytest.mark.parametrize("band", [(0.0, 3000.0), (300.0, 10_000.0), (0.0, 10_000.0), (1.0, 50.0)])
def test_that_any_filter_keeps_the_variance(band):
    taps = band_taps(RATE_HZ, *band)
    assert len(taps) % 2 == 1
    np.testing.assert_array_equal(taps, taps[::-1])
    assert (taps.astype(np.float64) ** 2).sum() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("low_hz", [None, 0.05, 30.0, 9000.0])
def test_that_octaves_add_up_to_variance_one(low_hz):
    weights = octave_weights(RATE_HZ, 1.0, low_hz).astype(np.float64)
    n = 2 ** min(20, len(weights) + 4)
    variance = octave_powers(np.arange(n) / n, len(weights)).mean(axis=0)
    assert (weights**2 * variance).sum() == pytest.approx(1, abs=1e-3)


def test_that_no_noise_is_zero():
    assert not make(MAKERS["none"], 0, 1000).any()
    silent = make_maker("pink", levels_uv=np.zeros(4, np.float32))
    assert not make(silent, 0, 1000).any()
