"""Pictures of any number of points, as dots or as density; needs no Qt and knows no spike.

Meant for threads: `render_points` depends on its arguments alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..base.types import Int64Array
from ..kernels.density import Frame, count_points, find_points, sum_points
from ..kernels.tones import blend_layers, counts_to_opacity, means_to_shades, stamp_dots
from .point_layers import Mode, Picture, PointLayer, Range, Target, UInt8Array

# More points than this in sight are drawn as density.
MOST_DOTS = 20_000
# Layers with at most so many points in sight are dots over the density of larger ones.
MOST_FEW = 2000
# Layers blended at a time; bounds the memory.
_AT_ONCE = 16
# Side in logical pixels of a lonely point in a density image.
_LONELY_SIDE = 2.0


def render_points(
    layers: Sequence[PointLayer],
    x_range: Range,
    y_range: Range,
    width_px: int,
    height_px: int,
    ratio: float = 1.0,
    mode: Mode = "auto",
) -> UInt8Array:
    """Draw points into an image.

    Parameters
    ----------
    layers
        Those of the background lie below, those on top above; otherwise the order does not matter.
    x_range, y_range
        What the left and right, and the bottom and top edges are.
    width_px, height_px, ratio
        Device pixels, and how many of them are one pixel of the screen's layout.
    mode
        "dots", "density", or "auto": dots when at most `MOST_DOTS` points are in sight.

    Returns
    -------
    pixels : uint8 array, (height, width, 4), premultiplied red, green, blue, alpha
    """
    return render(layers, Target(x_range, y_range, width_px, height_px, ratio, mode)).pixels


def render(layers: Sequence[PointLayer], target: Target) -> Picture:
    """Draw points into a picture; see `render_points`."""
    size = max(target.height_px, 1), max(target.width_px, 1)
    pixels = np.zeros((*size, 4), np.uint8)
    if target.is_empty:
        return Picture(pixels, target, (0,) * len(layers), (False, False))
    n_in_sight = [0] * len(layers)
    is_density = [False, False, False]
    levels = [0 if layer.is_background else 1 + layer.is_on_top for layer in layers]
    for level in range(len(is_density)):
        chosen = [k for k in range(len(layers)) if levels[k] == level]
        parts = [layers[k].part(target.x_range)[0] for k in chosen]
        dots = find_dots(parts, target)
        is_density[level] = dots is None
        for some, ids in _groups(parts, dots, target, may_stand_out=level > 0):
            counts = _draw_group(pixels, [parts[k] for k in some], ids, target)
            for k, n in zip(some, counts, strict=True):
                n_in_sight[chosen[k]] = n
    return Picture(pixels, target, tuple(n_in_sight), (is_density[0], is_density[1]))


def _groups(
    parts: Sequence[PointLayer],
    dots: list[Int64Array] | None,
    target: Target,
    *,
    may_stand_out: bool,
) -> Iterator[tuple[list[int], list[Int64Array] | None]]:
    """Yield which layers are blended together, and the points of those that are dots."""
    few = _find_few(parts, target) if dots is None and may_stand_out else {}
    others = [k for k in range(len(parts)) if k not in few]
    for first in range(0, len(others), _AT_ONCE):
        some = others[first : first + _AT_ONCE]
        yield some, None if dots is None else [dots[k] for k in some]
    small = list(few)
    for first in range(0, len(small), _AT_ONCE):
        some = small[first : first + _AT_ONCE]
        yield some, [few[k] for k in some]


def _find_few(parts: Sequence[PointLayer], target: Target) -> dict[int, Int64Array]:
    """Return the points of layers that would vanish in the density of much larger ones."""
    few = {}
    for k, layer in enumerate(parts):
        room = min(MOST_FEW, layer.n_points)
        ids = find_points(layer.x, layer.y, target.frame, room, layer.x_scale, layer.y_scale)
        if ids is not None:
            few[k] = ids
    n_others = sum(layer.n_points for k, layer in enumerate(parts) if k not in few)
    return few if n_others > MOST_DOTS else {}


def find_dots(layers: Sequence[PointLayer], target: Target) -> list[Int64Array] | None:
    """Return the points in sight of each layer, or None when they are drawn as density."""
    if target.mode == "density" and layers:
        return None
    most = sum(layer.n_points for layer in layers) if target.mode == "dots" else MOST_DOTS
    found = []
    for layer in layers:
        room = min(most, layer.n_points)
        ids = find_points(layer.x, layer.y, target.frame, room, layer.x_scale, layer.y_scale)
        if ids is None:
            return None
        most -= len(ids)
        found.append(ids)
    return found


def to_pixels(layer: PointLayer, ids: Any, target: Target) -> tuple[Any, Any]:
    """Return columns and rows of some points of a layer, float64, (n,) each."""
    (x0, dx), (y0, dy) = target.frame.columns(layer.x_scale), target.frame.rows(layer.y_scale)
    return (layer.x[ids] - np.float64(x0)) * dx, (layer.y[ids] - np.float64(y0)) * dy


def find_nearest(
    layers: Sequence[PointLayer], x: float, y: float, target: Target, reach_px: float = 8.0
) -> tuple[int, int] | None:
    """Return the layer and the index in it of the point nearest to a place, at most so far."""
    best: tuple[float, int, int] | None = None
    x_half = reach_px * (target.x_range[1] - target.x_range[0]) / max(target.width_px, 1)
    y_half = reach_px * (target.y_range[1] - target.y_range[0]) / max(target.height_px, 1)
    around = Frame((x - x_half, x + x_half), (y - y_half, y + y_half), 2, 2)
    for k, whole in enumerate(layers):
        layer, first = whole.part(around.x_range)
        ids = find_points(layer.x, layer.y, around, layer.n_points, layer.x_scale, layer.y_scale)
        if ids is None or not len(ids):
            continue
        columns, rows = to_pixels(layer, ids, target)
        (x0, dx), (y0, dy) = target.frame.columns(), target.frame.rows()
        distances = np.hypot(columns - (x - x0) * dx, rows - (y - y0) * dy)
        nearest = int(np.argmin(distances))
        if distances[nearest] <= reach_px and (best is None or distances[nearest] < best[0]):
            best = float(distances[nearest]), k, first + int(ids[nearest])
    return None if best is None else best[1:]


def _draw_group(
    pixels: UInt8Array,
    layers: Sequence[PointLayer],
    dots: list[Int64Array] | None,
    target: Target,
) -> list[int]:
    """Lay a group of layers over what is there, and return how many points each has in sight."""
    drawn = [
        _draw_density(layer, target) if dots is None else _draw_dots(layer, dots[k], target)
        for k, layer in enumerate(layers)
    ]
    shades = [shade for _, shade, _ in drawn if shade is not None]
    shade_of, n_shaded = [], 0
    for _, shade, _ in drawn:
        shade_of.append(-1 if shade is None else n_shaded)
        n_shaded += shade is not None
    blend_layers(
        pixels,
        _stacked([opacity for opacity, _, _ in drawn]),
        _stacked([layer.colors() for layer in layers]),
        np.stack(shades) if shades else None,
        shade_of,
    )
    return [n for _, _, n in drawn]


def _stacked(arrays: Sequence[UInt8Array]) -> UInt8Array:
    return arrays[0][None] if len(arrays) == 1 else np.stack(arrays)


_Drawn = tuple[UInt8Array, UInt8Array | None, int]


def _draw_dots(layer: PointLayer, ids: Int64Array, target: Target) -> _Drawn:
    size = (target.height_px, target.width_px)
    opacity = np.zeros(size, np.uint8)
    columns, rows = to_pixels(layer, ids, target)
    radius = max(layer.size * target.ratio / 2, 0.5)
    if layer.values is None:
        stamp_dots(opacity, columns, rows, radius, layer.alpha)
        return opacity, None, len(ids)
    shade = np.zeros(size, np.uint8)
    shades = layer.to_shades(layer.values[ids])
    stamp_dots(opacity, columns, rows, radius, layer.alpha, shade, shades)
    return opacity, shade, len(ids)


def _draw_density(layer: PointLayer, target: Target) -> _Drawn:
    xy = layer.x, layer.y
    scales = layer.x_scale, layer.y_scale
    shade = None
    side = round(_LONELY_SIDE * target.ratio)
    if layer.values is None:
        counts = count_points(*xy, target.frame, *scales)
    else:
        counts, sums = sum_points(*xy, layer.values, target.frame, *scales)
        shade = means_to_shades(sums, counts, layer.value_range)
        side = 1
    opacity = counts_to_opacity(counts, side, layer.alpha)
    return opacity, shade, int(counts.sum())


__all__ = [
    "MOST_DOTS",
    "Mode",
    "Picture",
    "PointLayer",
    "Target",
    "find_dots",
    "find_nearest",
    "render",
    "render_points",
    "to_pixels",
]
