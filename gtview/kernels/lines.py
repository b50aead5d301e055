"""Draws many thin curves into an image, anti-aliased, without Qt."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.types import Float32Array
from ._jit import kernel
from .inputs import as_input

UInt8Array = NDArray[np.uint8]
# A step of more pixels than this is no part of a curve (infinities end here too).
_HUGE = 1e9


@kernel
def _add_span(coverage: Any, column: int, low: float, high: float, width: float) -> None:
    """Add one curve's share of one pixel column, from `low` to `high`, `width` thick."""
    height = coverage.shape[0]
    span = high - low
    # A straight line of thickness w and slope m fills w * sqrt(1 + m^2) of each column. Thick
    # steep lines would overshoot their peaks: they are held at half the thickness beyond them.
    reach = min(width * math.sqrt(1.0 + span * span), span + width)
    middle = (low + high) / 2
    top = max(middle - reach / 2, 0.0)
    bottom = min(middle + reach / 2, float(height))
    if not top < bottom:
        return
    first = int(top)
    last = min(int(bottom), height - 1)
    if first == last:
        coverage[first, column] += bottom - top
        return
    coverage[first, column] += first + 1 - top
    for row in range(first + 1, last):
        coverage[row, column] += 1.0
    coverage[last, column] += bottom - last


@kernel
def _add_curves(coverage: Any, x: Any, y: Any, width: float) -> None:
    """Add the coverage of curves whose x does not decrease; a NaN interrupts a curve.

    Each curve counts at most once in a pixel, however many of its points share a column.
    """
    n_curves, n_points = x.shape
    n_columns = coverage.shape[1]
    for i in range(n_curves):
        column = -1
        low = high = 0.0
        for p in range(n_points - 1):
            x0, y0 = x[i, p], y[i, p]
            x1, y1 = x[i, p + 1], y[i, p + 1]
            # Also false where any of them is NaN.
            if not (x1 >= 0 and x0 < n_columns and abs(y1 - y0) < _HUGE):
                continue
            if x0 >= column and x1 < column + 1 and column >= 0:
                low, high = min(low, y0, y1), max(high, y0, y1)
                continue
            first = int(max(x0, 0.0))
            last = int(min(x1, n_columns - 1.0))
            slope = (y1 - y0) / (x1 - x0) if x1 > x0 else 0.0
            for c in range(first, last + 1):
                start = y0 if c <= x0 else y0 + slope * (c - x0)
                stop = y1 if c + 1 >= x1 else y0 + slope * (c + 1 - x0)
                if c != column:
                    if column >= 0:
                        _add_span(coverage, column, low, high, width)
                    column = c
                    low, high = min(start, stop), max(start, stop)
                else:
                    low, high = min(low, start, stop), max(high, start, stop)
        if column >= 0:
            _add_span(coverage, column, low, high, width)


@kernel
def _blend(image: Any, coverage: Any, colour: Any, opacities: Any, per_step: float) -> None:
    """Lay a colour over the image where there is coverage (both colours premultiplied)."""
    height, width = coverage.shape
    n_steps = len(opacities)
    for row in range(height):
        for column in range(width):
            covered = coverage[row, column]
            if covered <= 0.0:
                continue
            opacity = opacities[min(int(covered * per_step + 0.5), n_steps - 1)]
            for k in range(4):
                value = image[row, column, k] * (1.0 - opacity) + colour[k] * opacity
                image[row, column, k] = np.uint8(value + 0.5)


# Sixty-fourths of a curve are finer than the 256 levels of an image for any opacity.
STEPS_PER_CURVE = 64
_MAX_CURVES = 256


def new_image(height: int, width: int) -> UInt8Array:
    """Return a transparent image, uint8, (height, width, 4): red, green, blue, alpha.

    Colours are premultiplied by alpha: the bytes of Qt's `Format_RGBA8888_Premultiplied`.
    """
    return np.zeros((height, width, 4), np.uint8)


def opacity_of_counts(alpha: float) -> Float32Array:
    """Return the opacity of 0, 1/64, 2/64, ... curves on one another, each of opacity alpha.

    Returns
    -------
    float32 array, (16384,)
    """
    counts = np.arange(_MAX_CURVES * STEPS_PER_CURVE, dtype=np.float32) / STEPS_PER_CURVE
    alpha = min(alpha, 1.0)
    # Below one curve in proportion, so that the borders of an opaque curve are smooth too.
    return np.where(counts < 1, alpha * counts, 1 - np.power(1 - alpha, counts)).astype(np.float32)


def add_coverage(coverage: Float32Array, x: ArrayLike, y: ArrayLike, width: float = 1.0) -> None:
    """Add to each pixel how many curves run through it, as fractions at their borders.

    Parameters
    ----------
    coverage : float32 array, (height, width), curves
        C-contiguous; changed in place. Pixel (row, column) spans [column, column + 1) in x and
        [row, row + 1) in y, downwards.
    x, y : float32 arrays, (n_curves, n_points), pixels
        x must not decrease along a curve; x of (n_points,) is shared by all curves. NaN: a gap.
    width
        Thickness of the curves in pixels, 0.5 to 2.
    """
    y = np.asarray(y, np.float32)
    x = np.broadcast_to(np.asarray(x, np.float32), y.shape)
    _add_curves(coverage, as_input(x, np.float32), as_input(y, np.float32), float(width))


def blend_coverage(
    image: UInt8Array, coverage: Float32Array, rgb: tuple[int, int, int], alpha: float
) -> None:
    """Lay curves over an image: n curves of opacity a on one another give 1 - (1 - a)^n.

    Parameters
    ----------
    image : uint8 array, (height, width, 4), premultiplied red, green, blue, alpha
        C-contiguous; changed in place.
    coverage : float32 array, (height, width), curves
        From `add_coverage`.
    rgb
        Colour, 0 to 255 each.
    alpha
        Opacity of one curve, 0 to 1.
    """
    colour = np.array([*rgb, 255], np.float32)
    _blend(
        image,
        as_input(coverage, np.float32),
        as_input(colour, np.float32),
        as_input(opacity_of_counts(alpha), np.float32),
        float(STEPS_PER_CURVE),
    )


def draw_polylines(
    image: UInt8Array,
    x: ArrayLike,
    y: ArrayLike,
    rgb: tuple[int, int, int],
    alpha: float,
    width: float = 1.0,
) -> None:
    """Draw curves of one colour over an image; their order does not matter.

    Parameters
    ----------
    image : uint8 array, (height, width, 4), premultiplied red, green, blue, alpha
        From `new_image`; changed in place.
    x, y : float32 arrays, (n_curves, n_points), pixels
        See `add_coverage`.
    rgb, alpha
        Colour, 0 to 255 each, and opacity of one curve, 0 to 1.
    width
        Thickness of the curves in pixels, 0.5 to 2.
    """
    coverage = np.zeros(image.shape[:2], np.float32)
    add_coverage(coverage, x, y, width)
    blend_coverage(image, coverage, rgb, alpha)
