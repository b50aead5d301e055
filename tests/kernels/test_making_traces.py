from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gtview.kernels import injection, mixing, octaves
from gtview.kernels.random import normals

SEED = np.array([3, 4], np.uint64)


def probe_positions(n, rng):
    return np.stack([rng.choice([0.0, 16.0, 48.0, 250.0], n), 20.0 * np.arange(n)], axis=1)


def wanted_covariance(positions, levels, decay):
    distances = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    return np.outer(levels, levels) * np.exp(-distances / decay)


@pytest.mark.parametrize("decay", [1.0, 25.0, 60.0, 400.0])
@pytest.mark.parametrize("n", [1, 4, 33, 128])
def test_that_the_covariance_is_the_wanted_one(n, decay):
    rng = np.random.default_rng(n)
    positions = rng.permutation(probe_positions(n, rng))
    levels = rng.uniform(5, 20, n)
    matrix = mixing.compute_mixing(positions, levels, decay).dense()
    found, wanted = matrix @ matrix.T, wanted_covariance(positions, levels, decay)
    np.testing.assert_allclose(np.diag(found), levels**2, rtol=1e-6)
    limit = 2 * mixing.TOLERANCE * np.outer(levels, levels)
    assert (np.abs(found - wanted) <= limit).all()


def test_that_without_a_tolerance_it_is_the_cholesky_factor():
    rng = np.random.default_rng(0)
    positions = probe_positions(60, rng)
    made = mixing.compute_mixing(positions, np.full(60, 3.0), 40.0, tolerance=0.0)
    np.testing.assert_array_equal(made.order, np.arange(60))
    expected = np.linalg.cholesky(wanted_covariance(positions, np.full(60, 3.0), 40.0))
    np.testing.assert_allclose(made.dense(), expected, atol=3e-6)


def test_that_few_channels_are_needed_for_each():
    positions = np.stack([np.tile([0.0, 32.0], 192), np.arange(384) * 10.0], axis=1)
    made = mixing.compute_mixing(positions, np.ones(384), 25.0)
    assert np.diff(made.starts).max() < 40


def test_that_contacts_at_one_place_have_the_same_noise():
    positions = np.array([[0.0, 0.0], [0.0, 20.0], [0.0, 20.0], [0.0, 40.0]])
    noise = normals(SEED, 4, 0, 1000)
    mixing.mix(noise, 1000, mixing.compute_mixing(positions, np.full(4, 5.0), 30.0))
    np.testing.assert_allclose(noise[1], noise[2], atol=1e-4)
    assert np.isfinite(noise).all()


def test_that_independent_channels_only_get_their_levels():
    noise = normals(SEED, 3, 0, 50)
    mixed, levels = noise.copy(), np.array([0.0, 2.0, 7.0], np.float32)
    mixing.mix(mixed, 50, mixing.compute_mixing(np.zeros((3, 2)), levels, None))
    np.testing.assert_array_equal(mixed, noise * levels[:, None])


def test_that_mixing_is_the_product_with_its_matrix():
    rng = np.random.default_rng(5)
    positions = rng.permutation(probe_positions(40, rng))
    made = mixing.compute_mixing(positions, rng.uniform(1, 9, 40), 70.0)
    noise = normals(SEED, 40, 0, 300)
    mixed = noise.copy()
    mixing.mix(mixed, 260, made)
    np.testing.assert_allclose(mixed[:, :260], made.dense() @ noise[:, :260], atol=1e-4)
    np.testing.assert_array_equal(mixed[:, 260:], noise[:, 260:])


def test_that_noise_has_the_wanted_covariance():
    rng = np.random.default_rng(8)
    positions, levels = probe_positions(24, rng), rng.uniform(5, 9, 24)
    noise = normals(SEED, 24, 0, 400_000)
    mixing.mix(noise, 400_000, mixing.compute_mixing(positions, levels, 25.0))
    found = np.cov(noise.astype(np.float64)) / np.outer(levels, levels)
    wanted = wanted_covariance(positions, np.ones(24), 25.0)
    # Standard errors are below sqrt(2 / 400,000).
    assert np.abs(found - wanted).max() < 5 * np.sqrt(2 / 400_000) + 2 * mixing.TOLERANCE


def slow_refined(coarse, first, sample):
    """One sample of the subdivision of quintic B-splines: the binomial mask."""
    mask = np.array([1, 6, 15, 20, 15, 6, 1]) / 32
    total = 0.0
    for k in range(len(coarse)):
        at = sample - 2 * (first + k) + 3
        total += coarse[k] * mask[at] if 0 <= at < 7 else 0.0
    return total


@settings(max_examples=60, deadline=None)
@given(st.integers(-50, 50), st.integers(1, 30))
def test_that_slow_noise_is_refined_by_the_mask(start, n):
    rng = np.random.default_rng(n)
    first, last = octaves.coarse_range(start, start + n)
    coarse = rng.normal(size=(2, last - first)).astype(np.float32)
    fine = rng.normal(size=(2, n)).astype(np.float32)
    made = fine.copy()
    octaves.add_refined(made, coarse, start, 0.5)
    for c in range(2):
        expected = [0.5 * fine[c, k] + slow_refined(coarse[c], first, start + k) for k in range(n)]
        np.testing.assert_allclose(made[c], expected, atol=1e-5)


@pytest.mark.parametrize("n_taps", [1, 3, 4, 9, 31])
def test_that_filters_are_those_of_numpy(n_taps):
    rng = np.random.default_rng(n_taps)
    values = rng.normal(size=(3, 200)).astype(np.float32)
    taps = rng.normal(size=n_taps).astype(np.float32)
    out = np.full((3, 200), 9.0, np.float32)
    n = 200 - n_taps + 1
    octaves.convolve(values, taps, out, n)
    for c in range(3):
        expected = np.correlate(values[c].astype(np.float64), taps.astype(np.float64), "valid")
        np.testing.assert_allclose(out[c, :n], expected, atol=1e-4)
    assert (out[:, n:] == 9).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 60))
def test_that_spikes_are_added_where_they_are_and_nowhere_else(seed, n):
    rng = np.random.default_rng(seed)
    n_spikes, length, n_channels = 12, 17, 5
    traces = rng.normal(size=(n_channels, n + 4)).astype(np.float32)
    onsets = rng.integers(-2 * length, n + length, n_spikes)
    row_starts = np.array([0, 0, 2, 5])
    channels = np.array([1, 4, 0, 1, 3], np.int32)
    waveforms = rng.normal(size=(5, length)).astype(np.float32)
    entries, factors = rng.integers(0, 3, n_spikes), rng.normal(size=n_spikes).astype(np.float32)
    made = traces.copy()
    injection.inject(made, n, onsets, entries, factors, (row_starts, channels, waveforms))
    expected = traces.copy()
    for spike in range(n_spikes):
        for row in range(row_starts[entries[spike]], row_starts[entries[spike] + 1]):
            for k in range(length):
                if 0 <= onsets[spike] + k < n:
                    at = channels[row], onsets[spike] + k
                    expected[at] += factors[spike] * waveforms[row, k]
    np.testing.assert_array_equal(made, expected)


def test_that_samples_are_rounded_to_the_nearest_and_saturate():
    values = np.array(
        [[0.0, 0.5, 1.5, 2.5, -0.5, -1.5, 2.49, -2.51, 1e9, -1e9, 32767.4, -32768.6]]
    )
    traces = (values * 0.25).astype(np.float32)
    out = np.zeros((values.size, 1), np.int16)
    injection.store_integers(traces, 0.25, out)
    expected = [0, 0, 2, 2, 0, -2, 2, -3, 32767, -32768, 32767, -32768]
    np.testing.assert_array_equal(out[:, 0], expected)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.integers(1, 70), st.floats(0.01, 10))
def test_that_samples_are_stored_one_after_the_other(n_channels, n, gain):
    rng = np.random.default_rng(n)
    traces = rng.normal(0, 100, (n_channels, n + 3)).astype(np.float32)
    floats, integers = np.zeros((n, n_channels), np.float32), np.zeros((n, n_channels), np.int16)
    injection.store_floats(traces, floats)
    injection.store_integers(traces, gain, integers)
    np.testing.assert_array_equal(floats, traces[:, :n].T)
    rounded = np.clip(np.rint(traces[:, :n].T / np.float32(gain)), -32768, 32767)
    np.testing.assert_array_equal(integers, rounded)
    injection.add_samples(traces, floats)
    np.testing.assert_array_equal(traces[:, :n], 2 * floats.T)
