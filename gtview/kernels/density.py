"""Counts any number of points in the pixels of a picture, or finds the few that are in sight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.types import Float32Array, Int64Array
from ._jit import kernel
from .inputs import as_input

UInt32Array = NDArray[np.uint32]
Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of the plane that a picture shows, and its pixels.

    Attributes
    ----------
    x_range, y_range
        From the left to the right edge, and from the bottom to the top edge, in the unit of the
        points; the first may be the larger one. Points on the edges are inside.
    width, height
        Pixels; row 0 is at the top.
    """

    x_range: Range
    y_range: Range
    width: int
    height: int

    def columns(self, scale: float = 1.0) -> tuple[float, float]:
        """Return origin and factor: column = (x - origin) * factor, x in 1 / `scale` units."""
        left, right = self.x_range
        return left / scale, self.width * scale / (right - left)

    def rows(self, scale: float = 1.0) -> tuple[float, float]:
        """Return origin and factor: row = (y - origin) * factor, y in 1 / `scale` units."""
        bottom, top = self.y_range
        return top / scale, self.height * scale / (bottom - top)


# Each kernel takes two directions, "a" and "b": values, the step from one value to the next in
# memory, origin and factor that make pixels of them, and the number of pixels.


@kernel
def _count(a: Any, a_step: int, a0: float, da: float, na: int,
           b: Any, b_step: int, b0: float, db: float, nb: int,
           n: int, a_skip: int, b_skip: int, counts: Any) -> None:  # fmt: skip
    for i in range(n):
        u = (a[i * a_step] - a0) * da
        v = (b[i * b_step] - b0) * db
        # Also false for NaN.
        if u >= 0.0 and u <= na and v >= 0.0 and v <= nb:
            counts[min(int(u), na - 1) * a_skip + min(int(v), nb - 1) * b_skip] += 1


@kernel
def _count_and_add(a: Any, a_step: int, a0: float, da: float, na: int,
                   b: Any, b_step: int, b0: float, db: float, nb: int,
                   n: int, a_skip: int, b_skip: int, counts: Any,
                   values: Any, sums: Any) -> None:  # fmt: skip
    for i in range(n):
        u = (a[i * a_step] - a0) * da
        v = (b[i * b_step] - b0) * db
        if u >= 0.0 and u <= na and v >= 0.0 and v <= nb:
            place = min(int(u), na - 1) * a_skip + min(int(v), nb - 1) * b_skip
            counts[place] += 1
            # A value that is not a number must not hide those of its pixel.
            if np.isfinite(values[i]):
                sums[place] += values[i]


@kernel
def _find(a: Any, a_step: int, a0: float, da: float, na: int,
          b: Any, b_step: int, b0: float, db: float, nb: int,
          n: int, found: Any) -> int:  # fmt: skip
    n_found = 0
    for i in range(n):
        u = (a[i * a_step] - a0) * da
        v = (b[i * b_step] - b0) * db
        if u >= 0.0 and u <= na and v >= 0.0 and v <= nb:
            if n_found == len(found):
                return n_found + 1
            found[n_found] = i
            n_found += 1
    return n_found


def count_points(
    x: NDArray[Any], y: NDArray[Any], frame: Frame, x_scale: float = 1.0, y_scale: float = 1.0
) -> UInt32Array:
    """Count the points in each pixel.

    Parameters
    ----------
    x, y : arrays, (n,)
        int64, float32 and float64 are read as they are, also every k-th value of a larger array
        (a column); others are converted. Points that are NaN or infinite are nowhere.
    frame
        What the picture shows.
    x_scale, y_scale
        `x * x_scale` is in the unit of the frame (samples to seconds), so that nobody needs to
        make another copy of the times of all spikes.

    Returns
    -------
    counts : uint32 array, (height, width)
        Its sum is the number of points in sight.
    """
    counts = np.zeros((frame.height, frame.width), np.uint32)
    _count(*_directions(x, y, frame, x_scale, y_scale), counts.reshape(-1))
    return counts


def sum_points(
    x: NDArray[Any],
    y: NDArray[Any],
    values: NDArray[Any],
    frame: Frame,
    x_scale: float = 1.0,
    y_scale: float = 1.0,
) -> tuple[UInt32Array, Float32Array]:
    """Count the points in each pixel, and add up a value that each of them has.

    Parameters
    ----------
    values : float32 array, (n,)
        Those that are NaN or infinite add nothing.
    x, y, frame, x_scale, y_scale
        As in `count_points`.

    Returns
    -------
    counts : uint32 array, (height, width)
    sums : float32 array, (height, width)
    """
    counts = np.zeros((frame.height, frame.width), np.uint32)
    sums = np.zeros((frame.height, frame.width), np.float32)
    _count_and_add(
        *_directions(x, y, frame, x_scale, y_scale),
        counts.reshape(-1),
        as_input(values, np.float32),
        sums.reshape(-1),
    )
    return counts, sums


def find_points(
    x: NDArray[Any],
    y: NDArray[Any],
    frame: Frame,
    most: int,
    x_scale: float = 1.0,
    y_scale: float = 1.0,
) -> Int64Array | None:
    """Return which points are in sight, int64, (n_found,), increasing; None: more than `most`.

    Stops as soon as it knows that they are too many. See `count_points` for the arguments.
    """
    found = np.empty(most, np.int64)
    arguments = _directions(x, y, frame, x_scale, y_scale)[:11]
    n_found = int(_find(*arguments, found))
    return None if n_found > most else found[:n_found].copy()


def _directions(
    x: NDArray[Any], y: NDArray[Any], frame: Frame, x_scale: float, y_scale: float
) -> tuple[Any, ...]:
    """Return the arguments of the kernels, in the few combinations of types they are made for."""
    x, y = np.asarray(x), np.asarray(y)
    if len(x) != len(y):
        raise ValueError(f"{len(x)} values of x and {len(y)} of y")
    across: tuple[Any, ...] = (x, *frame.columns(x_scale), frame.width, 1)
    down: tuple[Any, ...] = (y, *frame.rows(y_scale), frame.height, frame.width)
    if x.dtype == np.float32 and y.dtype != np.float32:
        across, down = down, across
    (a, a0, da, na, a_skip), (b, b0, db, nb, b_skip) = across, down
    if b.dtype != np.float32:
        a, b = _as_float64(a), _as_float64(b)
    elif a.dtype not in (np.int64, np.float32, np.float64):
        a = _as_float64(a)
    a, a_step = _strip(a)
    b, b_step = _strip(b)
    n = min(len(x), len(y))
    return a, a_step, a0, da, na, b, b_step, b0, db, nb, n, a_skip, b_skip


def _as_float64(values: NDArray[Any]) -> NDArray[Any]:
    return values.astype(np.float64, copy=False)


def _strip(values: NDArray[Any]) -> tuple[NDArray[Any], int]:
    """Return the memory from the first to the last value, and the step between two of them.

    So a column of a table is read in place by the same machine code as an array of its own.
    """
    step, rest = divmod(values.strides[0], values.itemsize) if len(values) > 1 else (1, 0)
    is_plain = values.dtype.isnative and values.flags.aligned
    if step < 1 or rest or not is_plain:
        return as_input(values, values.dtype.newbyteorder("=")), 1
    length = (len(values) - 1) * step + 1 if len(values) else 0
    strip = np.lib.stride_tricks.as_strided(
        np.asarray(values), (length,), (values.itemsize,), writeable=False
    )
    return as_input(strip, strip.dtype), step
