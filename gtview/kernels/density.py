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
        return float(left / scale), float(self.width * scale / (right - left))

    def rows(self, scale: float = 1.0) -> tuple[float, float]:
        """Return origin and factor: row = (y - origin) * factor, y in 1 / `scale` units."""
        bottom, top = self.y_range
        return float(top / scale), float(self.height * scale / (bottom - top))


# A direction, "a" or "b", is the memory of its values as bytes, and how values become places in
# the picture: their type, the step from one to the next in memory, the origin and the factor that
# make pixels of values, the number of pixels, and the step from one pixel to the next. The type
# is told by a number: a kernel for every combination of types would take seconds to compile.
_TYPES = (np.dtype(np.int64), np.dtype(np.float32), np.dtype(np.float64))

# Points whose places are computed together. With all arithmetic done before, the processor can
# wait for several pixels at a time: a third faster than point by point.
_BLOCK = 2048


@kernel
def _load(memory: Any, to: Any, first: int, pixels: Any) -> None:
    """Write the place along one direction of each point of a block, in pixels."""
    kind, step, origin, factor = to[0], to[1], to[2], to[3]
    if kind == 0:
        whole = memory.view(np.int64)
        for i in range(len(pixels)):
            pixels[i] = (whole[(first + i) * step] - origin) * factor
    elif kind == 1:
        short = memory.view(np.float32)
        for i in range(len(pixels)):
            pixels[i] = (short[(first + i) * step] - origin) * factor
    else:
        long = memory.view(np.float64)
        for i in range(len(pixels)):
            pixels[i] = (long[(first + i) * step] - origin) * factor


@kernel
def _place(a: Any, to_a: Any, b: Any, to_b: Any, first: int, block: Any, places: Any) -> None:
    """Write the pixel of each point of a block; -1: out of sight."""
    n = len(places)
    _load(a, to_a, first, block[0, :n])
    _load(b, to_b, first, block[1, :n])
    a_end, b_end = float(to_a[4]), float(to_b[4])
    a_skip, b_skip = np.int32(to_a[5]), np.int32(to_b[5])
    for i in range(n):
        u, v = block[0, i], block[1, i]
        # Also false for NaN. No branch: where points are spread, none could be foretold.
        is_in = (u >= 0.0) & (u <= a_end) & (v >= 0.0) & (v <= b_end)
        # What lies on the last edge belongs to the last pixel.
        place = np.int32(min(u, a_end - 1)) * a_skip + np.int32(min(v, b_end - 1)) * b_skip
        places[i] = place if is_in else np.int32(-1)


@kernel
def _count(a: Any, to_a: Any, b: Any, to_b: Any, n: int, counts: Any) -> None:
    block, all_places = np.empty((2, _BLOCK)), np.empty(_BLOCK, np.int32)
    for first in range(0, n, _BLOCK):
        places = all_places[: min(_BLOCK, n - first)]
        _place(a, to_a, b, to_b, first, block, places)
        for place in places:
            if place >= 0:
                counts[np.uint32(place)] += np.uint32(1)


@kernel
def _count_and_add(
    a: Any, to_a: Any, b: Any, to_b: Any, n: int, values: Any, counts: Any, sums: Any
) -> None:
    block, all_places = np.empty((2, _BLOCK)), np.empty(_BLOCK, np.int32)
    for first in range(0, n, _BLOCK):
        places = all_places[: min(_BLOCK, n - first)]
        _place(a, to_a, b, to_b, first, block, places)
        for i in range(len(places)):
            place = np.uint32(places[i])
            if places[i] >= 0:
                counts[place] += np.uint32(1)
                # A value that is not a number must not hide those of its pixel.
                if np.isfinite(values[first + i]):
                    sums[place] += values[first + i]


@kernel
def _find(a: Any, to_a: Any, b: Any, to_b: Any, n: int, found: Any) -> int:
    block, all_places = np.empty((2, _BLOCK)), np.empty(_BLOCK, np.int32)
    n_found = 0
    for first in range(0, n, _BLOCK):
        places = all_places[: min(_BLOCK, n - first)]
        _place(a, to_a, b, to_b, first, block, places)
        for i in range(len(places)):
            if places[i] < 0:
                continue
            if n_found == len(found):
                return n_found + 1
            found[n_found] = first + i
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
        as_input(values, np.float32),
        counts.reshape(-1),
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
    n_found = int(_find(*_directions(x, y, frame, x_scale, y_scale), found))
    return None if n_found > most else found[:n_found].copy()


def _directions(
    x: NDArray[Any], y: NDArray[Any], frame: Frame, x_scale: float, y_scale: float
) -> tuple[Any, ...]:
    """Return the arguments of the kernels."""
    x, y = np.asarray(x), np.asarray(y)
    if len(x) != len(y):
        raise ValueError(f"{len(x)} values of x and {len(y)} of y")
    across = (*frame.columns(x_scale), int(frame.width), 1)
    down = (*frame.rows(y_scale), int(frame.height), int(frame.width))
    a, to_a = _memory(x)
    b, to_b = _memory(y)
    return a, (*to_a, *across), b, (*to_b, *down), len(x)


def _memory(values: NDArray[Any]) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """Return the bytes from the first to the last value, their type, and the step between two.

    So a column of a table is read in place by the same machine code as an array of its own.
    """
    if values.dtype not in _TYPES:
        values = values.astype(np.float64)
    if values.flags.c_contiguous and values.flags.aligned:
        # The same without a detour: most values are in an array of their own.
        return as_input(values.view(np.uint8), np.uint8), (_TYPES.index(values.dtype), 1)
    step, rest = divmod(values.strides[0], values.itemsize) if len(values) > 1 else (1, 0)
    if step < 1 or rest or not values.flags.aligned:
        values, step = np.array(values), 1
    length = (len(values) - 1) * step + 1 if len(values) else 0
    strip = np.lib.stride_tricks.as_strided(
        np.asarray(values), (length,), (values.itemsize,), writeable=False
    )
    return as_input(strip.view(np.uint8), np.uint8), (_TYPES.index(strip.dtype), step)
