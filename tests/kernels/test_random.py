from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gtview.kernels import random
from gtview.kernels.random import BLOCK, fill_normals, normals

SEED = np.array([0x0123456789ABCDEF, 0xFEDCBA9876543210], np.uint64)
N_LARGE = 12_000_000
KNOWN = [
    "0x1.4048740000000p-2",
    "-0x1.ca71160000000p+0",
    "0x1.be4e640000000p-1",
    "0x1.5814760000000p-1",
]


@pytest.fixture(scope="module")
def many():
    """Twelve million numbers of 400 channels."""
    return normals(SEED, 400, 0, N_LARGE // 400)


def philox(counter, key, rounds=7):
    """Philox 4x32 in Python's integers."""
    a, b, c, d = counter
    x, y = key
    for _ in range(rounds):
        p, q = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = (q >> 32) ^ b ^ x, q & 0xFFFFFFFF, (p >> 32) ^ d ^ y, p & 0xFFFFFFFF
        x, y = (x + 0x9E3779B9) & 0xFFFFFFFF, (y + 0xBB67AE85) & 0xFFFFFFFF
    return a, b, c, d


def test_that_the_reference_gives_the_published_words():
    """Known answers that its authors published with their library."""
    assert philox((0,) * 4, (0,) * 2) == (0x5F6FB709, 0x0D893F64, 0x4F121F81, 0x4F730A48)
    assert philox((0,) * 4, (0,) * 2, 10) == (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)


def reference_normal(seed, stream, channel, sample):
    """One number, by the definition of its address, in float64."""
    block, within = divmod(sample, 256)
    counter = (block * 64 + within % 64) % 2**64
    key, tweak = int(seed[0]), int(seed[1])
    address = (
        counter % 2**32,
        (counter >> 32) ^ (tweak >> 32),
        channel,
        stream ^ (tweak % 2**32),
    )
    words = philox(address, (key % 2**32, key >> 32))
    first, second = words[:2] if within < 128 else words[2:]
    radius = math.sqrt(-2 * math.log(((first >> 1) + 0.5) * 2**-31))
    angle = (second << 2) % 2**32
    angle = math.pi / 4 * (angle - 2**32 if angle >= 2**31 else angle) * 2**-31
    sine, cosine = math.sin(angle), math.cos(angle)
    pair = (sine, cosine) if second & 2**30 else (cosine, sine)
    sign = -1 if second & 2**31 else 1
    return sign * radius * pair[within // 64 % 2]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 2**64 - 1), min_size=2, max_size=2),
    st.integers(0, 2**31),
    st.integers(0, 40),
    st.integers(-(2**33), 2**40),
)
def test_that_each_number_is_that_of_its_address(seed, stream, channel, sample):
    words = np.array(seed, np.uint64)
    made = normals(words, channel + 1, sample, sample + 1, stream=stream)[channel, 0]
    assert made == pytest.approx(
        reference_normal(seed, stream, channel, sample), rel=2e-6, abs=4e-4
    )


@settings(max_examples=100, deadline=None)
@given(st.integers(-2000, 2000), st.integers(0, 1500), st.integers(1, 5), st.data())
def test_that_any_part_is_the_same_wherever_it_begins(start, n, n_channels, data):
    whole = normals(SEED, n_channels, start, start + n)
    begin = data.draw(st.integers(0, n))
    end = data.draw(st.integers(begin, n))
    part = normals(SEED, n_channels, start + begin, start + end)
    np.testing.assert_array_equal(part, whole[:, begin:end])


def test_that_only_the_columns_that_are_asked_for_are_written():
    out = np.full((3, 500), 7.0, np.float32)
    fill_normals(out, 300, 10, SEED)
    np.testing.assert_array_equal(out[:, :300], normals(SEED, 3, 10, 310))
    assert (out[:, 300:] == 7).all()


def test_that_moments_are_those_of_a_normal_distribution(many):
    z = many.ravel().astype(np.float64)
    # Variance of the mean of z**k: (E z**2k - (E z**k)**2) / n.
    moments = {1: 0, 2: 1, 3: 0, 4: 3, 5: 0, 6: 15, 8: 105, 10: 945, 12: 10395}
    for k in (1, 2, 3, 4, 5, 6):
        error = math.sqrt((moments[2 * k] - moments[k] ** 2) / len(z))
        assert abs((z**k).mean() - moments[k]) < 4 * error, k


def test_that_the_distribution_function_is_that_of_a_normal_distribution(many):
    assert stats.kstest(many.ravel()[:2_000_000], "norm").pvalue > 0.01
    # In every part of a block, and in a channel, too.
    by_place = many[:, : many.shape[1] // BLOCK * BLOCK].reshape(len(many), -1, BLOCK)
    for place in range(0, BLOCK, 16):
        assert stats.kstest(by_place[:, :, place].ravel(), "norm").pvalue > 1e-4


@pytest.mark.parametrize("sigma", [1, 2, 3, 4, 4.5, 5])
def test_that_large_values_are_as_frequent_as_they_should_be(many, sigma):
    for tail in (many > sigma, many < -sigma):
        expected = stats.norm.sf(sigma) * many.size
        assert abs(np.count_nonzero(tail) - expected) < 4 * math.sqrt(expected) + 1


def test_that_tails_reach_beyond_six_sigma_with_their_right_weight():
    # All words that can lead beyond 5.5 sigma, each of which stands for 2 of 2**32.
    first = np.arange(2, 2**11 * 2, 2, dtype=np.uint32) - np.uint32(2)
    words = np.zeros((4, 64), np.uint32)
    out = np.empty(BLOCK, np.float32)
    radii = []
    for begin in range(0, len(first) // 64 * 64, 64):
        # An angle of 0: the first of the pair is the radius.
        words[0] = first[begin : begin + 64]
        random._box_muller(words, out)
        radii.append(out[:64].copy())
    radii = np.concatenate(radii)
    assert radii[0] == pytest.approx(math.sqrt(64 * math.log(2)), rel=1e-5)
    for radius in (5.8, 6.0, 6.3):
        weight = np.count_nonzero(radii > radius) * 2 / 2**32
        assert weight == pytest.approx(math.exp(-(radius**2) / 2), abs=2 * 2 / 2**32)


def correlations(a, b):
    """Correlation of each row of a with each row of b, in standard errors."""
    a, b = ((x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True) for x in (a, b))
    return a @ b.T / math.sqrt(a.shape[1])


def test_that_channels_are_independent(many):
    pairs = np.triu_indices(len(many), 1)
    z = many.astype(np.float64)
    for values in (z, z**2, np.abs(z), np.sign(z)):
        found = correlations(values, values)[pairs]
        assert stats.kstest(found, "norm").pvalue > 1e-3
        # One of 80,000 is beyond this in one of 6,000 runs of true normal numbers.
        assert np.abs(found).max() < 6.2


def test_that_samples_are_independent(many):
    z = many[:20].astype(np.float64)
    for values in (z, z**2 - 1, np.abs(z) - np.abs(z).mean()):
        for lag in (*range(1, 70), *range(120, 136), *range(184, 200), *range(250, 262), 512):
            products = values[:, :-lag] * values[:, lag:]
            score = products.mean() / (products.std() / math.sqrt(products.size))
            assert abs(score) < 5.0, lag


def test_that_the_two_of_a_pair_are_independent(many):
    blocks = many[:, : many.shape[1] // BLOCK * BLOCK].reshape(-1, 4, 64).astype(np.float64)
    for i, j in ((0, 1), (2, 3), (0, 2), (1, 3)):
        x, y = blocks[:, i].ravel(), blocks[:, j].ravel()
        for f, g in ((x, y), (x**2, y**2), (x, y**2), (x**3, y)):
            assert abs(np.corrcoef(f, g)[0, 1]) * math.sqrt(len(x)) < 4.5
        # The angle is even.
        counts = np.bincount(((np.arctan2(y, x) + math.pi) / (2 * math.pi) * 64).astype(int) % 64)
        assert stats.chisquare(counts).pvalue > 1e-4


@pytest.mark.parametrize("word", [0, 1])
@pytest.mark.parametrize("bit", [0, 1, 31, 32, 63])
def test_that_seeds_that_differ_in_a_bit_have_nothing_in_common(word, bit):
    other = SEED.copy()
    other[word] ^= np.uint64(1) << np.uint64(bit)
    a, b = normals(SEED, 30, 0, 20_000), normals(other, 30, 0, 20_000)
    assert np.abs(correlations(a, b)).max() < 5.0


def test_that_streams_and_far_times_have_nothing_in_common():
    own = normals(SEED, 30, 0, 20_000)
    others = [
        normals(SEED, 30, 0, 20_000, stream=1),
        normals(SEED, 30, 2**32, 2**32 + 20_000),
        normals(SEED, 30, 2**34, 2**34 + 20_000),
        normals(SEED, 30, -(2**34), 20_000 - 2**34),
    ]
    for other in others:
        assert np.abs(correlations(own, other)).max() < 5.0


def test_that_the_same_address_always_gives_the_same_bits():
    """A change of these bits is a change of every recipe's result: tell it in the changelog."""
    made = normals(np.array([1, 2], np.uint64), 2, 0, 300, stream=3)
    assert [value.hex() for value in made[[0, 0, 1, 1], [0, 299, 63, 255]].tolist()] == KNOWN
