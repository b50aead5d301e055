"""Normal random numbers that are addressed: each has a seed, a stream, a channel and a sample.

Any stretch of any channel can therefore be computed alone, in any order and by any thread, and is
always the same, bit for bit.

The bits are those of Philox 4x32 with seven rounds, the fewest that pass all of BigCrush (Salmon,
Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011); two of its words make
two normals (Box and Muller, "A note on the generation of random normal deviates", 1958).
Logarithm, sine and cosine are polynomials of our own (minimax, errors below 5e-7), so that no
mathematical library of the machine has a say. The largest value is 6.66 standard deviations.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..base.types import Float32Array
from ._jit import kernel
from .inputs import as_input

UInt64Array = NDArray[np.uint64]

# One block: 64 counters, the four words of each 64 samples apart.
_LANES = 64
BLOCK = 4 * _LANES

_MUL_A, _MUL_C = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_STEP_X, _STEP_Y = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW, _SHIFT = np.uint64(0xFFFFFFFF), np.uint64(32)

# Logarithm of 1 + x between the roots of 1/2 and 2: x - x**2 / 2 + x**3 * polynomial.
_LOG = np.array(
    [
        0.3333376754644414,
        -0.24993377182655122,
        0.19933327513440272,
        -0.16942326041493438,
        0.15981934945528095,
        -0.11003192790049675,
    ],
    np.float32,
)
_L0, _L1, _L2, _L3, _L4, _L5 = _LOG
# Sine of pi / 4 * t: t * polynomial of t**2; cosine: polynomial of t**2; t from -1 to 1.
_S0, _S1, _S2, _S3 = np.array(
    [0.7853981609834035, -0.08074543483021686, 0.0024900071271077495, -3.5954507791699966e-05],
    np.float32,
)
_C0, _C1, _C2, _C3 = np.array(
    [0.9999999724233232, -0.3084242535619914, 0.015849915256995424, -0.0003188805084564535],
    np.float32,
)
_LN2, _HALF, _ONE = np.float32(np.log(2.0)), np.float32(0.5), np.float32(1.0)
_MINUS_TWO, _THIRTY_ONE, _TINY = np.float32(-2.0), np.float32(31.0), np.float32(2.0**-31)
# Bits of the root of 1/2, the mantissa, and what selects a quarter of the circle.
_ROOT, _MANTISSA, _EXPONENT = np.int32(0x3F3504F3), np.int32(0x7FFFFF), np.int32(23)
_SWAP, _NEGATE = np.uint32(0x40000000), np.uint32(0x80000000)
_BY_1, _BY_2 = np.uint32(1), np.uint32(2)


def normals(
    seed: UInt64Array, n_channels: int, start: int, stop: int, *, stream: int = 0
) -> Float32Array:
    """Return normal random numbers of mean 0 and variance 1.

    Parameters
    ----------
    seed : uint64 array, (2,)
    n_channels
        Channels 0 to `n_channels` - 1 are returned.
    start, stop
        Samples; may be negative.
    stream
        Numbers of different streams have nothing in common; 0 to 2**31.

    Returns
    -------
    float32 array, (n_channels, stop - start)
    """
    out = np.empty((n_channels, stop - start), np.float32)
    fill_normals(out, out.shape[1], start, seed, stream=stream)
    return out


def fill_normals(
    out: Float32Array, n: int, start: int, seed: UInt64Array, *, stream: int = 0
) -> None:
    """Write the normal numbers of samples `start` to `start` + n into the first n columns.

    Parameters
    ----------
    out : float32 array, (n_channels, at least n), C-contiguous
    n, start
        Samples.
    seed : uint64 array, (2,)
    stream
        See `normals`.
    """
    _fill(out, n, start, stream, as_input(seed, np.uint64))


@kernel
def _fill(out, n, start, stream, seed):  # type: ignore[no-untyped-def]
    words = np.empty((4, _LANES), np.uint32)
    block_values = np.empty(BLOCK, np.float32)
    for channel in range(out.shape[0]):
        at = 0
        while at < n:
            sample = start + at
            block = sample // BLOCK
            skipped = sample - block * BLOCK
            taken = min(BLOCK - skipped, n - at)
            _philox(words, block * _LANES, channel, stream, seed)
            if taken == BLOCK:
                _box_muller(words, out[channel, at : at + BLOCK])
            else:
                _box_muller(words, block_values)
                out[channel, at : at + taken] = block_values[skipped : skipped + taken]
            at += taken


@kernel
def _philox(words, counter, channel, stream, seed):  # type: ignore[no-untyped-def]
    # 32-bit words in 64-bit integers: so are they vectorised, with the product of two at hand.
    low, high = np.uint64(counter) & _LOW, np.uint64(counter) >> _SHIFT
    first, third = high ^ (seed[1] >> _SHIFT), np.uint64(stream) ^ (seed[1] & _LOW)
    key_x, key_y = seed[0] & _LOW, seed[0] >> _SHIFT
    for lane in range(_LANES):
        a, b, c, d = low + np.uint64(lane), first, np.uint64(channel), third
        x, y = key_x, key_y
        for _ in range(7):
            p, q = _MUL_A * a, _MUL_C * c
            a, b, c, d = (q >> _SHIFT) ^ b ^ x, q & _LOW, (p >> _SHIFT) ^ d ^ y, p & _LOW
            x, y = (x + _STEP_X) & _LOW, (y + _STEP_Y) & _LOW
        words[0, lane] = np.uint32(a)
        words[1, lane] = np.uint32(b)
        words[2, lane] = np.uint32(c)
        words[3, lane] = np.uint32(d)


@kernel
def _box_muller(words, out):  # type: ignore[no-untyped-def]
    for lane in range(_LANES):
        near, far = _pair(words[0, lane], words[1, lane])
        out[lane] = near
        out[_LANES + lane] = far
        near, far = _pair(words[2, lane], words[3, lane])
        out[2 * _LANES + lane] = near
        out[3 * _LANES + lane] = far


@kernel
def _pair(first, second):  # type: ignore[no-untyped-def]
    # numba widens every sum of two integers; without the types the loop is not vectorised.
    uniform = np.float32(np.int32(first >> _BY_1)) + _HALF
    bits = np.int32(np.float32(uniform).view(np.int32) - _ROOT)
    exponent = np.float32(np.int32(bits >> _EXPONENT)) - _THIRTY_ONE
    m = np.int32((bits & _MANTISSA) + _ROOT).view(np.float32) - _ONE
    m2 = m * m
    # In pairs (Estrin) rather than in one chain (Horner): the processor does them side by side.
    series = (_L0 + _L1 * m) + m2 * ((_L2 + _L3 * m) + m2 * (_L4 + _L5 * m))
    radius = np.sqrt(_MINUS_TWO * (exponent * _LN2 + (m + m2 * (m * series - _HALF))))
    t = np.float32(np.int32(second << _BY_2)) * _TINY
    t2 = t * t
    sine = t * (((_S3 * t2 + _S2) * t2 + _S1) * t2 + _S0)
    cosine = ((_C3 * t2 + _C2) * t2 + _C1) * t2 + _C0
    is_swapped = (second & _SWAP) != 0
    radius = -radius if (second & _NEGATE) != 0 else radius
    return radius * (sine if is_swapped else cosine), radius * (cosine if is_swapped else sine)
