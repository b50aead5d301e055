"""Points to be drawn, what of them is to be seen, and the picture that becomes of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..kernels.density import Frame

Mode = Literal["auto", "dots", "density"]
Range = tuple[float, float]
UInt8Array = NDArray[np.uint8]


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
    is_on_top
        Drawn above all layers that are not.
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
    is_on_top: bool = False
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
        Whether points are shown as density: of the background, and of what is before it; what
        is on top does not count.
    """

    pixels: UInt8Array
    target: Target
    n_in_sight: tuple[int, ...]
    is_density: tuple[bool, bool]


def _limit(x: NDArray[Any], value: float, *, up: bool) -> Any:
    """Return a limit of the same type as x: NumPy would convert all of x instead."""
    if x.dtype.kind in "iu":
        info = np.iinfo(x.dtype)
        whole = np.ceil(value) if up else np.floor(value)
        return x.dtype.type(min(max(int(whole), info.min), info.max))
    limit = x.dtype.type(value)
    return np.nextafter(limit, x.dtype.type(np.inf if up else -np.inf))
