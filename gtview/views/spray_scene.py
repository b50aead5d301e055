"""Where the waveforms of a spray are drawn, and their picture; runs in a thread, without Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..kernels.lines import UInt8Array, draw_polylines, new_image

if TYPE_CHECKING:
    from ..base.types import Float32Array, Float64Array
    from ..qt.canvas import Viewport
    from ..session.spray import Spray, SprayQuery

LEFT_PX, TOP_PX, BOTTOM_PX = 30.0, 24.0, 22.0
GAP_PX = 10.0
# Largest values are this far from the middle of a row, as a share of its height.
REACH = 0.55
# Nearly all samples are within the height of a row; a few rare ones may cross it.
_PERCENT = 99.8


@dataclass(frozen=True, slots=True)
class SprayLayout:
    """Columns of groups, rows of channels; in pixels of the widget, before moving and zooming.

    `per_unit` is the pixels for one unit of the waveforms.
    """

    width: float
    height: float
    n_columns: int
    n_rows: int
    per_unit: float

    @property
    def column_px(self) -> float:
        """Width of a group."""
        return max((self.width - LEFT_PX) / max(self.n_columns, 1), 1.0)

    @property
    def row_px(self) -> float:
        """Height of a channel."""
        return max((self.height - TOP_PX - BOTTOM_PX) / max(self.n_rows, 1), 1.0)

    def left(self, column: int) -> float:
        """Return where a group begins."""
        return LEFT_PX + column * self.column_px

    def middle(self, row: int) -> float:
        """Return where 0 is of a channel."""
        return TOP_PX + (row + 0.5) * self.row_px

    def x(self, column: int, n_samples: int) -> Float64Array:
        """Return where the samples are of a group, float64, (n_samples,)."""
        start = self.left(column) + GAP_PX / 2
        return np.linspace(start, start + max(self.column_px - GAP_PX, 1.0), n_samples)

    def y(self, row: int, values: Float32Array) -> Float64Array:
        """Return where some values of a channel are."""
        return self.middle(row) - np.asarray(values, np.float64) * self.per_unit


@dataclass(frozen=True, slots=True, eq=False)
class SpraySurface:
    """What there is to draw into, and the colour of each state."""

    viewport: Viewport
    size: tuple[int, int]
    ratio: float
    colors: dict[int, tuple[int, int, int]]


@dataclass(frozen=True, slots=True, eq=False)
class SprayViewQuery:
    """What is asked, and what was read before."""

    asked: SprayQuery
    known: Spray | None
    surface: SpraySurface


@dataclass(frozen=True, slots=True, eq=False)
class SprayPicture:
    """What is painted; `image` has the single waveforms, as they were in `viewport`."""

    spray: Spray
    layout: SprayLayout
    surface: SpraySurface
    image: UInt8Array


def compute_picture(query: SprayViewQuery) -> SprayPicture:
    """Read waveforms unless they are known, and draw them."""
    from ..session.spray import compute_spray

    known = query.known
    is_known = known is not None and known.query.key == query.asked.key
    spray = known if known is not None and is_known else compute_spray(query.asked)
    layout = lay_out(spray, query.surface.size)
    return SprayPicture(spray, layout, query.surface, draw_image(spray, layout, query.surface))


def lay_out(spray: Spray, size: tuple[int, int]) -> SprayLayout:
    """Return the layout for a size, with one scale for all groups and channels."""
    n_rows = len(spray.channel_ids)
    layout = SprayLayout(size[0], size[1], len(spray.groups), n_rows, 1.0)
    largest = largest_value(spray)
    per_unit = REACH * layout.row_px / largest if largest > 0 else 1.0
    return SprayLayout(size[0], size[1], len(spray.groups), n_rows, per_unit)


def largest_value(spray: Spray) -> float:
    """Return the size that nearly no sample exceeds, and no mean."""
    parts = [np.abs(g.waveforms).ravel() for g in spray.groups if g.waveforms.size]
    if not parts:
        return 0.0
    means = max(float(np.abs(g.mean).max()) for g in spray.groups if g.mean is not None)
    return max(float(np.percentile(np.concatenate(parts), _PERCENT)), means)


def draw_image(spray: Spray, layout: SprayLayout, surface: SpraySurface) -> UInt8Array:
    """Draw every single waveform into an image."""
    ratio, viewport = surface.ratio, surface.viewport
    width, height = (max(round(side * ratio), 1) for side in surface.size)
    image = new_image(height, width)
    for column, group in enumerate(spray.groups):
        if not len(group.waveforms):
            continue
        x = viewport.x(layout.x(column, group.waveforms.shape[1])) * ratio
        opacity = float(np.clip(8 / len(group.waveforms), 0.12, 0.8))
        for row in range(layout.n_rows):
            y = viewport.y(layout.y(row, group.waveforms[:, :, row])) * ratio
            draw_polylines(image, x, y, surface.colors[group.state], opacity, ratio)
    return image


def find_waveform(
    picture: SprayPicture, viewport: Viewport, x: float, y: float, reach_px: float = 10.0
) -> tuple[int, int] | None:
    """Return the group and the waveform in it that is nearest to a pixel; None: none is near."""
    layout, groups = picture.layout, picture.spray.groups
    place_x, place_y = viewport.place(x, y)
    column = int((place_x - LEFT_PX) // layout.column_px)
    if not 0 <= column < len(groups) or not len(groups[column].waveforms):
        return None
    waveforms = groups[column].waveforms
    at = layout.x(column, waveforms.shape[1])
    # Vertically in all rows: a large waveform reaches into the next one.
    distance = np.abs(at - place_x) * viewport.scale_x
    near = np.flatnonzero(distance <= max(reach_px, distance.min()))
    best = np.full(len(waveforms), np.inf)
    for row in range(layout.n_rows):
        off_y = (layout.y(row, waveforms[:, near, row]) - place_y) * viewport.scale_y
        best = np.minimum(best, np.hypot(distance[near], off_y).min(axis=1))
    nearest = int(best.argmin())
    return (column, nearest) if best[nearest] <= reach_px else None
