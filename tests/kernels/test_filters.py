from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt, sosfreqz

from gtview.kernels.filters import high_pass, high_pass_coefficients, high_pass_margin

RATE = 30_000.0


def _noise(*shape, seed=0):
    return np.random.default_rng(seed).normal(0, 20, shape).astype(np.float32)


@pytest.mark.parametrize("cutoff_hz", [10.0, 150.0, 300.0, 6000.0, 14_900.0])
def test_that_coefficients_are_those_of_a_butterworth_filter(cutoff_hz):
    frequencies = np.linspace(1, RATE / 2 - 1, 500)
    _, ours = sosfreqz(high_pass_coefficients(cutoff_hz, RATE), frequencies, fs=RATE)
    theirs = butter(3, cutoff_hz, "highpass", fs=RATE, output="sos")
    _, expected = sosfreqz(theirs, frequencies, fs=RATE)
    np.testing.assert_allclose(ours, expected, rtol=1e-7, atol=1e-11)


@pytest.mark.parametrize("pad", [0, 12, 200])
def test_that_filtering_equals_scipy(pad):
    snippets = 400 + _noise(5, 274, 3).cumsum(axis=1).astype(np.float32)
    sos = butter(3, 300, "highpass", fs=RATE, output="sos")
    expected = sosfiltfilt(
        sos, snippets.astype(float), axis=1, padtype="odd" if pad else None, padlen=pad
    )
    np.testing.assert_allclose(high_pass(snippets, 300, RATE, pad), expected, atol=2e-4)


def test_that_a_margin_keeps_the_cut_out_of_the_snippet():
    t = np.arange(60_000) / RATE
    slow = 300 * np.sin(2 * np.pi * 8 * t) + 1000
    signal = (slow[:, None] + _noise(60_000, 4)).astype(np.float32)
    sos = butter(3, 300, "highpass", fs=RATE, output="sos")
    whole = sosfiltfilt(sos, signal.astype(float), axis=0)
    margin = high_pass_margin(300, RATE)
    starts = np.arange(1000, 59_000, 500)
    snippets = np.stack([signal[s - margin : s + 82 + margin] for s in starts])
    expected = np.stack([whole[s : s + 82] for s in starts])
    kept = high_pass(snippets, 300, RATE)[:, margin : margin + 82]
    without = high_pass(snippets[:, margin : margin + 82], 300, RATE)
    assert np.abs(kept - expected).max() < 1
    assert np.abs(without - expected).max() > 20


def test_that_no_peak_moves():
    snippet = np.zeros((1, 201, 1), np.float32)
    snippet[0, 90:111, 0] = -np.hanning(21)
    assert high_pass(snippet, 300, RATE)[0, :, 0].argmin() == 100


def test_that_an_offset_is_removed():
    assert np.abs(high_pass(np.full((2, 50, 3), 1234, np.float32), 300, RATE)).max() < 1e-3


@pytest.mark.parametrize("shape", [(0, 40, 3), (4, 40, 0), (2, 1, 2), (2, 3, 2)])
def test_that_small_inputs_keep_their_shape(shape):
    filtered = high_pass(_noise(*shape), 300, RATE)
    assert filtered.shape == shape
    assert filtered.dtype == np.float32
    assert np.isfinite(filtered).all()


def test_that_the_input_is_not_changed_and_any_layout_is_taken():
    snippets = _noise(3, 100, 4)
    before = snippets.copy()
    expected = high_pass(snippets, 300, RATE)
    snippets.setflags(write=False)
    np.testing.assert_array_equal(high_pass(snippets, 300, RATE), expected)
    np.testing.assert_array_equal(high_pass(np.asfortranarray(snippets), 300, RATE), expected)
    np.testing.assert_array_equal(snippets, before)


@pytest.mark.parametrize("cutoff_hz", [0.0, -3.0, 15_000.0, float("nan")])
def test_that_an_impossible_cutoff_is_refused(cutoff_hz):
    with pytest.raises(ValueError, match="cut-off"):
        high_pass(_noise(1, 20, 1), cutoff_hz, RATE)
