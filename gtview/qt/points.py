"""Pictures of any number of points, as dots or as density; needs no Qt and knows no spike.

Meant for threads: `render_points` depends on its arguments alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..base.types import Int64Array
from ..kernels.density import Frame, count_points, find_points, sum_points
from ..kernels.tones import blend_layers, counts_to_opacity, means_to_shades, stamp_dots

Mode = Literal["auto", "dots", "density"]
Range = tuple[float, float]
UInt8Array = NDArray[np.uint8]

# More points than this in sight are drawn as density.
MOST_DOTS = 20_000
# Layers blended at a time; bounds the memory.
_AT_ONCE = 16
# Side in logical pixels of a lonely point in a density image.
_LONELY_SIDE = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class PointLayer:
    """Points of one colour, or coloured by a value of each.

    Attributes
    ----------
    x, y : arrays, (n,)
        Any numbers; columns of larger arrays are read in place. NaN is drawn nowhere.
    rgb
        Colour, 0 to 255 each.
    alpha
        Opacity of one dot, 0 to 1; a density image takes its opacity from the counts, times this.
    size
        Diameter of a dot in pixels of the screen.
    is_background
        Drawn below all layers that are not.
    x_scale, y_scale
        `x * x_scale` is in the unit of the axis, such as 1 / sample rate for samples: no copy of
        millions of times is needed.
    is_sorted
        x increases, as it does for times: then only what is in sight is looked at.
    values, table, value_range
        Float32, (n,): a value of each point, shown with a table of 256 colours (uint8,
        (256, 3 or 4)) between two values; a density image shows the mean in each pixel.
    """

    x: NDArray[Any]
    y: NDArray[Any]
    rgb: tuple[int, int, int] = (128, 128, 128)
    alpha: float = 0.85
    size: float = 3.0
    is_background: bool = False
    x_scale: float = 1.0
    y_scale: float = 1.0
    is_sorted: bool = False
    values: NDArray[np.float32] | None = None
    table: UInt8Array | None = None
    value_range: Range = (0.0, 1.0)

    @property
    def n_points(self) -> int:
        """Number of points, in sight or not."""
        return len(self.x)

    def colors(self) -> UInt8Array:
        """Return the colours of the shades: uint8, (256, 3)."""
        if self.table is None or self.values is None:
            return np.full((256, 3), self.rgb, np.uint8)
        return np.asarray(self.table[:, :3], np.uint8)

    def to_shades(self, values: NDArray[Any]) -> UInt8Array:
        """Return the shades of values, uint8; those that are not numbers get the lowest."""
        low, high = self.value_range
        share = (values - low) * (255.0 / (high - low if high > low else 1.0))
        return np.clip(np.nan_to_num(share, nan=0.0), 0, 255).astype(np.uint8)

    def part(self, x_range: Range) -> tuple[PointLayer, int]:
        """Return the points that can be in sight, and the index of the first of them."""
        if not self.is_sorted or not len(self.x):
            return self, 0
        low, high = sorted(limit / self.x_scale for limit in x_range)
        first = int(np.searchsorted(self.x, _limit(self.x, low, up=False), side="left"))
        stop = int(np.searchsorted(self.x, _limit(self.x, high, up=True), side="right"))
        if stop - first == len(self.x):
            return self, 0
        values = None if self.values is None else self.values[first:stop]
        return replace(self, x=self.x[first:stop], y=self.y[first:stop], values=values), first


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be rendered: ranges of the axes, device pixels, and how.

    `ratio` is the number of device pixels per logical pixel.
    """

    x_range: Range
    y_range: Range
    width_px: int
    height_px: int
    ratio: float = 1.0
    mode: Mode = "auto"

    @property
    def frame(self) -> Frame:
        """The same for the kernels."""
        return Frame(self.x_range, self.y_range, self.width_px, self.height_px)

    @property
    def is_empty(self) -> bool:
        """Whether nothing can be drawn."""
        spans = self.x_range[1] - self.x_range[0], self.y_range[1] - self.y_range[0]
        usable = all(np.isfinite(span) and span != 0 for span in spans)
        return not usable or self.width_px < 1 or self.height_px < 1


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A rendered picture.

    Attributes
    ----------
    pixels : uint8 array, (height, width, 4), premultiplied red, green, blue, alpha
    n_in_sight
        Number of points in sight of each layer.
    is_density
        Whether points are shown as density: of the background, and of what is before it.
    """

    pixels: UInt8Array
    target: Target
    n_in_sight: tuple[int, ...]
    is_density: tuple[bool, bool]


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
        Those of the background lie below; otherwise the order does not matter.
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
    is_density = [False, False]
    for place, is_background in enumerate((True, False)):
        chosen = [k for k, layer in enumerate(layers) if layer.is_background == is_background]
        parts = [layers[k].part(target.x_range)[0] for k in chosen]
        dots = find_dots(parts, target)
        is_density[place] = dots is None
        for first in range(0, len(parts), _AT_ONCE):
            some = slice(first, first + _AT_ONCE)
            counts = _draw_group(pixels, parts[some], dots and dots[some], target)
            for k, n in zip(chosen[some], counts, strict=True):
                n_in_sight[k] = n
    return Picture(pixels, target, tuple(n_in_sight), (is_density[0], is_density[1]))


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


def _limit(x: NDArray[Any], value: float, *, up: bool) -> Any:
    """Return a limit of the same type as x: NumPy would convert all of x instead."""
    if x.dtype.kind in "iu":
        info = np.iinfo(x.dtype)
        whole = np.ceil(value) if up else np.floor(value)
        return x.dtype.type(min(max(int(whole), info.min), info.max))
    limit = x.dtype.type(value)
    return np.nextafter(limit, x.dtype.type(np.inf if up else -np.inf))


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
        np.stack([opacity for opacity, _, _ in drawn]),
        np.stack([layer.colors() for layer in layers]),
        np.stack(shades) if shades else None,
        shade_of,
    )
    return [n for _, _, n in drawn]


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
