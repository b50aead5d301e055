"""How many spikes of a train two others both have; knows no unit and no cluster."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.types import Int64Array
from ._jit import kernel
from .inputs import as_input
from .matching import _skip

# Bits for each spike: with three of them set, one in ten moments is near a spike by mistake.
_BITS = 32


def mark_moments(train: Int64Array, delta: int) -> NDArray[np.uint8]:
    """Return a table that tells of most moments that no spike is near them.

    One bit for each step of time of about `delta`, after a while from the beginning again: a bit
    that is not set means that no spike is at most `delta` away; one that is set means nothing.

    Parameters
    ----------
    train : int64 array, (n,)
        In samples.
    delta
        In samples.

    Returns
    -------
    uint8 array, (a power of two,)
        4 to 8 bytes a spike.
    """
    marks = np.zeros(1 << max(3, (_BITS * len(train) // 8 - 1).bit_length()), np.uint8)
    _mark_moments(as_input(train, np.int64), _shift_of(delta), marks)
    return marks


def count_shared(
    train: Int64Array,
    first: tuple[Int64Array, NDArray[np.uint8]],
    second: tuple[Int64Array, NDArray[np.uint8]],
    delta: int,
    sizes: tuple[int, int],
    least: int,
) -> int:
    """Count the spikes of a train that have a partner in each of two others.

    Both are matched as `matching.match_trains` does.

    Parameters
    ----------
    train : int64 array, (n,)
        Increasing, in samples.
    first, second
        The two others, int64 arrays as `train`, each with what `mark_moments` says of it.
    delta
        Largest distance of a match, in samples.
    sizes
        How many spikes of the train have a partner in the first, and in the second.
    least
        Fewer than this do not matter: then it stops early.

    Returns
    -------
    int
        -1 where there are fewer than `least`.
    """
    arrays = [
        array
        for samples, marks in (first, second)
        for array in (as_input(samples, np.int64), as_input(marks, np.uint8))
    ]
    shift = _shift_of(delta)
    return int(_count_shared(as_input(train, np.int64), *arrays, delta, shift, *sizes, least))


def warm_up() -> None:
    """Compile all of this, or load it from the cache."""
    train = np.zeros(1, np.int64)
    marked = train, mark_moments(train, 1)
    count_shared(train, marked, marked, 1, (1, 1), 1)


def _shift_of(delta: int) -> int:
    """Return the width of a step as a power of two: at least `delta`."""
    return max(delta - 1, 0).bit_length()


@kernel
def _mark_moments(train: Any, shift: int, marks: Any) -> None:
    mask = 8 * len(marks) - 1
    for sample in train:
        for step in range((sample >> shift) - 1, (sample >> shift) + 2):
            marks[(step & mask) >> 3] |= np.uint8(1 << (step & 7))


@kernel
def _count_shared(  # noqa: PLR0913 - kernels take arrays, not objects
    train: Any, first: Any, first_marks: Any, second: Any, second_marks: Any, delta: int,
    shift: int, n_first: int, n_second: int, least: int,
) -> int:  # fmt: skip
    first_mask, second_mask = 8 * len(first_marks) - 1, 8 * len(second_marks) - 1
    n_shared = i = j = 0
    # Spikes with only one partner that are still allowed.
    alone_first, alone_second = n_first - least, n_second - least
    for sample in train:
        step = sample >> shift
        is_first = (first_marks[(step & first_mask) >> 3] >> (step & 7)) & 1 == 1
        is_second = (second_marks[(step & second_mask) >> 3] >> (step & 7)) & 1 == 1
        if is_first:
            i = _skip(first, i, sample - delta)
            is_first = i < len(first) and first[i] <= sample + delta
            i += is_first
        if is_second:
            j = _skip(second, j, sample - delta)
            is_second = j < len(second) and second[j] <= sample + delta
            j += is_second
        n_shared += is_first and is_second
        alone_first -= is_first and not is_second
        alone_second -= is_second and not is_first
        if alone_first < 0 or alone_second < 0:
            return -1
    return n_shared if n_shared >= least else -1
