"""Turns counts and dots into layers of opacity, and blends the layers into one picture."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._jit import kernel
from .inputs import as_input

UInt8Array = NDArray[np.uint8]

# Larger counts look like this one.
MOST = 4095
# The pixels that are denser than this share of all that are not empty are fully opaque.
_OPAQUE_SHARE = 0.995
# Counts below it are never fully opaque, however few points there are.
_LOWEST_REFERENCE = 8
# Places within a pixel, along each side, where the centre of a dot may lie.
_PHASES = 16


@lru_cache(maxsize=256)
def opacity_table(reference: int, alpha: float = 1.0) -> UInt8Array:
    """Return the opacity of each count from 0 to `MOST`.

    One point has 55 % where hardly any pixel holds more than a few, and 25 % where the densest
    hold a thousand, so that a single spike is always seen; from there the opacity grows with the
    logarithm of the count, and reaches 100 % at `reference`, so that dense parts keep their shape.

    Parameters
    ----------
    reference
        Count that is opaque; at least 8, at most `MOST`.
    alpha
        All opacities are multiplied by it; none becomes zero.

    Returns
    -------
    opacity : uint8 array, (MOST + 1,)
    """
    top = np.log(min(max(reference, _LOWEST_REFERENCE), MOST))
    single = float(np.interp(top, np.log([_LOWEST_REFERENCE, 1000]), [0.55, 0.25]))
    counts = np.maximum(np.arange(MOST + 1), 1)
    opacity = single + (1 - single) * np.minimum(np.log(counts) / top, 1.0)
    table: UInt8Array = np.maximum(np.round(255 * alpha * opacity), 1).astype(np.uint8)
    table[0] = 0
    table.setflags(write=False)
    return table


@kernel
def _histogram(counts: Any, histogram: Any) -> None:
    most = len(histogram) - 1
    for i in range(len(counts)):
        histogram[min(counts[i], most)] += 1


@kernel
def _look_up(counts: Any, table: Any, side: int, opacity: Any) -> None:
    """Write the opacity of each pixel: that of the densest of `side` x `side` pixels around."""
    height, width = counts.shape
    most = len(table) - 1
    before = (side - 1) // 2
    after = side - before
    for row in range(height):
        for column in range(width):
            count = counts[row, column]
            if count == 0:
                continue
            value = table[min(count, most)]
            if side == 1:
                opacity[row, column] = value
                continue
            for r in range(max(row - before, 0), min(row + after, height)):
                for c in range(max(column - before, 0), min(column + after, width)):
                    opacity[r, c] = max(opacity[r, c], value)


def counts_to_opacity(
    counts: NDArray[np.uint32], largest_side: int = 1, alpha: float = 1.0
) -> UInt8Array:
    """Return how opaque each pixel of a density image is; see `opacity_table`.

    Parameters
    ----------
    counts : uint32 array, (height, width)
    largest_side
        Where few pixels hold a point, each is drawn as a square of up to this many pixels, so
        that it is seen.
    alpha
        Opacity of the whole layer, 0 to 1.

    Returns
    -------
    opacity : uint8 array, (height, width)
    """
    counts = as_input(counts, np.uint32)
    histogram = np.zeros(MOST + 1, np.int64)
    _histogram(counts.reshape(-1), histogram)
    n_filled = int(histogram[1:].sum())
    opacity = np.zeros(counts.shape, np.uint8)
    if n_filled:
        below = np.cumsum(histogram[1:])
        reference = 1 + int(np.searchsorted(below, _OPAQUE_SHARE * n_filled))
        side = round((0.25 * counts.size / n_filled) ** 0.5)
        side = min(max(side, 1), max(largest_side, 1))
        table = as_input(opacity_table(reference, alpha), np.uint8)
        _look_up(counts, table, side, opacity)
    return opacity


@kernel
def _shade_means(sums: Any, counts: Any, low: float, factor: float, shades: Any) -> None:
    for i in range(len(sums)):
        if counts[i] > 0:
            shades[i] = np.uint8(min(max((sums[i] / counts[i] - low) * factor, 0.0), 255.0))


def means_to_shades(
    sums: NDArray[np.float32], counts: NDArray[np.uint32], value_range: tuple[float, float]
) -> UInt8Array:
    """Return the shade of the mean value in each pixel, from 0 at one value to 255 at another.

    Parameters
    ----------
    sums : float32 array, (height, width)
    counts : uint32 array, (height, width)
        From `density.sum_points`.
    value_range
        Values of the first and the last shade.

    Returns
    -------
    shades : uint8 array, (height, width)
        0 where nothing is.
    """
    low, high = value_range
    factor = 255.0 / (high - low) if high > low else 0.0
    shades = np.zeros(counts.shape, np.uint8)
    sums, counts = as_input(sums, np.float32), as_input(counts, np.uint32)
    _shade_means(sums.reshape(-1), counts.reshape(-1), float(low), factor, shades.reshape(-1))
    return shades


@lru_cache(maxsize=64)
def _dot_table(radius: float, alpha: float) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
    """Return what dots let through of what lies below, and how far they reach.

    Returns
    -------
    passing : uint16 array, (_PHASES, _PHASES, side, side)
        256 is all of it. By the place of the centre within its pixel, down and across, and by
        the pixels around that pixel.
    spans : int64 array, (_PHASES, 2)
        First of the pixels around that is touched, and the one after the last.
    """
    reach = radius + 0.5
    half = int(np.ceil(reach))
    phases = (np.arange(_PHASES) + 0.5) / _PHASES
    along = np.arange(-half, half + 1) + 0.5 - phases[:, None]
    distance = np.hypot(along[:, None, :, None], along[None, :, None, :])
    covered = np.clip(reach - distance, 0.0, 1.0)
    is_touched = np.abs(along) < reach
    spans = np.stack([is_touched.argmax(1), along.shape[1] - is_touched[:, ::-1].argmax(1)], 1)
    passing = np.round(256 * (1.0 - alpha * covered))
    return as_input(passing, np.uint16), as_input(spans, np.int64)


@kernel
def _stamp(opacity: Any, shade: Any, size: Any, columns: Any, rows: Any, shades: Any,
           dots: Any, half_covered: int) -> None:  # fmt: skip
    (height, width), (table, spans) = size, dots
    n_phases, half = table.shape[0], table.shape[2] // 2
    for i in range(len(columns)):
        x, y = int(columns[i]), int(rows[i])
        phase_x = int((columns[i] - x) * n_phases)
        phase_y = int((rows[i] - y) * n_phases)
        left, top = x - half, y - half
        dot = table[phase_y, phase_x]
        first, stop = max(spans[phase_x, 0], -left), min(spans[phase_x, 1], width - left)
        for r in range(max(spans[phase_y, 0], -top), min(spans[phase_y, 1], height - top)):
            line = (top + r) * width + left
            for c in range(first, stop):
                passing = np.int32(dot[np.uint32(r), np.uint32(c)])
                if passing == 256:
                    continue
                pixel = np.uint32(line + c)
                before = np.int32(opacity[pixel])
                # What shines through is what all dots let through, rounded so that it can end.
                opacity[pixel] = 255 - ((255 - before) * passing >> 8)
                if len(shades) and (passing <= half_covered or before == 0):
                    shade[pixel] = shades[i]


def stamp_dots(
    opacity: UInt8Array,
    columns: ArrayLike,
    rows: ArrayLike,
    radius: float,
    alpha: float,
    shade: UInt8Array | None = None,
    shades: ArrayLike = (),
) -> None:
    """Draw round, anti-aliased dots; what overlaps becomes more opaque.

    Parameters
    ----------
    opacity : uint8 array, (height, width), C-contiguous
        Changed in place.
    columns, rows : arrays, (n,), pixels
        Centres, drawn to a sixteenth of a pixel; the middle of the first pixel is at 0.5. All of
        them inside the picture.
    radius, alpha
        In pixels, and the opacity of one dot, 0 to 1.
    shade, shades : uint8 arrays, (height, width) and (n,)
        With them, the shade of the topmost dot is written into each pixel.
    """
    columns, rows = as_input(columns, np.float64), as_input(rows, np.float64)
    shades = as_input(shades, np.uint8)
    if shade is None:
        shade, shades = np.empty(1, np.uint8), shades[:0]
    _stamp(
        opacity.reshape(-1), shade.reshape(-1), opacity.shape, columns, rows, shades,
        _dot_table(float(radius), float(alpha)), round(256 * (1 - alpha / 2)),
    )  # fmt: skip


@kernel
def _blend(image: Any, opacities: Any, shades: Any, shade_of: Any, tables: Any) -> None:
    n_layers, n_pixels = opacities.shape
    for p in range(n_pixels):
        passing = 1.0
        total = red = green = blue = 0.0
        for k in range(n_layers):
            value = opacities[k, p]
            if value == 0:
                continue
            shade = shades[shade_of[k], p] if shade_of[k] >= 0 else 0
            opacity = value / 255.0
            passing *= 1.0 - opacity
            weight = opacity * opacity
            total += weight
            red += weight * tables[k, shade, 0]
            green += weight * tables[k, shade, 1]
            blue += weight * tables[k, shade, 2]
        if total > 0.0:
            share = (1.0 - passing) / total
            image[p, 0] = np.uint8(red * share + image[p, 0] * passing + 0.5)
            image[p, 1] = np.uint8(green * share + image[p, 1] * passing + 0.5)
            image[p, 2] = np.uint8(blue * share + image[p, 2] * passing + 0.5)
            image[p, 3] = np.uint8(255.0 * (1.0 - passing) + image[p, 3] * passing + 0.5)


def blend_layers(
    image: UInt8Array,
    opacities: UInt8Array,
    tables: UInt8Array,
    shades: UInt8Array | None = None,
    shade_of: ArrayLike = (),
) -> None:
    """Lay a group of layers over an image; their order does not matter, so none hides another.

    A pixel gets the mean of the layers' colours, weighted by their squared opacities, and lets
    through what all of them let through.

    Parameters
    ----------
    image : uint8 array, (height, width, 4), premultiplied red, green, blue, alpha
        Changed in place.
    opacities : uint8 array, (n_layers, height, width)
    tables : uint8 array, (n_layers, 256, 3)
        Colours of each layer by shade; a layer of one colour uses the first.
    shades : uint8 array, (n_shaded, height, width), or None
    shade_of : int array, (n_layers,)
        Which of the `shades` a layer uses; -1: none. Empty: none at all.
    """
    n_layers = len(opacities)
    if shades is None:
        shades, shade_of = np.empty((1, 1, 1), np.uint8), np.full(n_layers, -1)
    _blend(
        image.reshape(-1, 4),
        as_input(opacities, np.uint8).reshape(n_layers, -1),
        as_input(shades, np.uint8).reshape(len(shades), -1),
        as_input(shade_of, np.int64),
        as_input(tables, np.uint8),
    )
