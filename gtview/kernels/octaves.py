"""Refines slow noise to twice its rate, and filters noise in time.

Both need some samples on each side, and no state: a stretch is the same wherever it begins.
"""

from __future__ import annotations

import numpy as np

from ..base.types import Float32Array
from ._jit import kernel
from .inputs import as_input

# Coarse samples that a fine one needs on each side.
CONTEXT = 2

# Subdivision of the quintic B-spline: even samples see 3 coarse ones, odd samples 4.
_EVEN, _EVEN_SIDE = np.float32(20 / 32), np.float32(6 / 32)
_ODD, _ODD_SIDE = np.float32(15 / 32), np.float32(1 / 32)


def coarse_range(start: int, stop: int) -> tuple[int, int]:
    """Return which samples at half the rate the samples `start` to `stop` are made of."""
    return start // 2 - CONTEXT, (stop - 1) // 2 + 1 + CONTEXT


def add_refined(fine: Float32Array, coarse: Float32Array, start: int, weight: float) -> None:
    """Scale noise, and add noise of half its rate that is smoothly interpolated.

    Sample k becomes `weight` * fine[k] + interpolated[k]; the interpolation is one step of the
    subdivision of quintic B-splines (masks 6 20 6 and 1 15 15 1, over 32).

    Parameters
    ----------
    fine : float32 array, (n_channels, n), C-contiguous
        Changed in place.
    coarse : float32 array, (n_channels, n_coarse), C-contiguous
        Samples `coarse_range(start, start + n)`.
    start
        First sample of `fine`.
    weight
        Of `fine`.
    """
    first = coarse_range(start, start + fine.shape[1])[0]
    _refine(fine, as_input(coarse, np.float32), start, first, np.float32(weight))


@kernel
def _refine(fine, coarse, start, first, weight):  # type: ignore[no-untyped-def]
    n = fine.shape[1]
    # Pairs of an even sample and the odd one after it are vectorised; half pairs are at the ends.
    skipped = start % 2
    n_pairs = (n - skipped) // 2
    m = (start + skipped) // 2 - first
    for channel in range(fine.shape[0]):
        row, slow = fine[channel], coarse[channel]
        if skipped == 1:
            row[0] = weight * row[0] + _odd(slow[m - 2], slow[m - 1], slow[m], slow[m + 1])
        pairs = row[skipped:]
        p, q, r, s = slow[m - 1 :], slow[m:], slow[m + 1 :], slow[m + 2 :]
        for i in range(n_pairs):
            pairs[2 * i] = weight * pairs[2 * i] + _even(p[i], q[i], r[i])
            pairs[2 * i + 1] = weight * pairs[2 * i + 1] + _odd(p[i], q[i], r[i], s[i])
        if skipped + 2 * n_pairs < n:
            i = n_pairs
            row[n - 1] = weight * row[n - 1] + _even(p[i], q[i], r[i])


@kernel
def _even(p, q, r):  # type: ignore[no-untyped-def]
    return (_EVEN_SIDE * p + _EVEN * q) + _EVEN_SIDE * r


@kernel
def _odd(p, q, r, s):  # type: ignore[no-untyped-def]
    return ((_ODD_SIDE * p + _ODD * q) + _ODD * r) + _ODD_SIDE * s


def convolve(values: Float32Array, taps: Float32Array, out: Float32Array, n: int) -> None:
    """Write the sum of `taps[j] * values[:, k + j]` over j to column k of `out`.

    Parameters
    ----------
    values : float32 array, (n_channels, at least n + n_taps - 1), C-contiguous
    taps : float32 array, (n_taps,)
        Added from the first to the last.
    out : float32 array, (n_channels, at least n), C-contiguous
    n
        Samples.
    """
    _convolve(as_input(values, np.float32), as_input(taps, np.float32), out, n)


@kernel
def _convolve(values, taps, out, n):  # type: ignore[no-untyped-def]
    n_fours = len(taps) // 4 * 4
    for channel in range(out.shape[0]):
        row, total = values[channel], out[channel]
        for k in range(n):
            total[k] = np.float32(0.0)
        for j in range(0, n_fours, 4):
            a, b, c, d = taps[j], taps[j + 1], taps[j + 2], taps[j + 3]
            p, q, r, s = row[j:], row[j + 1 :], row[j + 2 :], row[j + 3 :]
            for k in range(n):
                total[k] = (((total[k] + a * p[k]) + b * q[k]) + c * r[k]) + d * s[k]
        for j in range(n_fours, len(taps)):
            a, p = taps[j], row[j:]
            for k in range(n):
                total[k] += a * p[k]
