"""Renders the spikes of all clusters as rows; meant for threads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..base.types import Int32Array, Int64Array
from ..kernels.rows import count_rows, paint_rows
from ..kernels.tones import counts_to_opacity
from ..qt.point_layers import Target

# With more spikes for each tick than this, ticks would hide how many they are: density.
MOST_FOR_EACH_TICK = 1.25
_TICK_OPACITY = 235

UInt8Array = NDArray[np.uint8]
Color = tuple[int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """What there is to draw.

    Attributes
    ----------
    spike_samples : int64 array, (n_spikes,), samples
    spike_clusters : int32 array, (n_spikes,)
    is_in_order
        Whether the samples increase: then only those in sight are looked at.
    cluster_ids : int64 array, (n_rows,)
        Cluster of each row, from the top.
    colors
        Of the rows of selected clusters.
    neutral
        Colour of all other rows.
    sample_rate_hz
        Samples a second.
    version
        Of the clustering.
    """

    spike_samples: Int64Array
    spike_clusters: Int32Array
    is_in_order: bool
    cluster_ids: Int64Array
    colors: dict[int, Color]
    neutral: Color
    sample_rate_hz: float
    version: int = 0

    def has_spikes_of(self, other: Raster) -> bool:
        """Whether the same spikes are in the same rows, whatever their colours."""
        return (
            self.spike_samples is other.spike_samples
            and self.version == other.version
            and np.array_equal(self.cluster_ids, other.cluster_ids)
        )


@dataclass(frozen=True, slots=True, eq=False)
class RasterPicture:
    """A rendered raster; `n_in_sight` spikes, each drawn or as density.

    `opacities` of the rows in sight are kept for a picture of the same in other colours.
    """

    pixels: UInt8Array
    target: Target
    n_in_sight: int
    is_density: bool
    raster: Raster
    opacities: UInt8Array


def render_raster(
    raster: Raster, target: Target, known: RasterPicture | None = None
) -> RasterPicture:
    """Draw the part of a raster that a target shows: time in s along x, row k from y = k to k + 1.

    Every spike is there: where a pixel holds several, it is the more opaque the more there are.
    """
    pixels = np.zeros((max(target.height_px, 1), max(target.width_px, 1), 4), np.uint8)
    bottom, top = target.y_range
    first = max(int(np.floor(top)), 0)
    stop = min(int(np.ceil(bottom)), len(raster.cluster_ids))
    if stop <= first or target.is_empty:
        return RasterPicture(pixels, target, 0, False, raster, np.empty((0, 0), np.uint8))
    if known is not None and known.target == target and known.raster.has_spikes_of(raster):
        n_in_sight, is_density, opacities = known.n_in_sight, known.is_density, known.opacities
    else:
        n_in_sight, is_density, opacities = _measure(raster, target, first, stop)
    wide = 1 if is_density else max(1, round(target.ratio))
    _paint(pixels, raster, target, first, opacities, wide)
    return RasterPicture(pixels, target, n_in_sight, is_density, raster, opacities)


def _measure(
    raster: Raster, target: Target, first: int, stop: int
) -> tuple[int, bool, UInt8Array]:
    """Return the spikes in sight, whether they are too many for ticks, and their opacities."""
    counts = _count(raster, target, first, stop)
    n_in_sight = int(counts.sum())
    if n_in_sight > MOST_FOR_EACH_TICK * np.count_nonzero(counts):
        return n_in_sight, True, counts_to_opacity(counts.T)
    ticks = np.where(counts.T > 0, _TICK_OPACITY, 0).astype(np.uint8)
    return n_in_sight, False, ticks


def _count(raster: Raster, target: Target, first: int, stop: int) -> NDArray[np.uint32]:
    rate = raster.sample_rate_hz
    low, high = target.x_range[0] * rate, target.x_range[1] * rate
    samples, labels = raster.spike_samples, raster.spike_clusters
    if raster.is_in_order:
        limits = np.array([np.ceil(low), np.floor(high) + 1])
        ends = np.searchsorted(samples, np.clip(limits, -(2**60), 2**60).astype(np.int64))
        samples, labels = samples[ends[0] : ends[1]], labels[ends[0] : ends[1]]
    largest = max(int(labels.max(initial=0)), int(raster.cluster_ids.max(initial=0)))
    rows = np.full(largest + 1, -1, np.int32)
    shown = raster.cluster_ids[first:stop]
    rows[shown] = np.arange(stop - first)
    return count_rows(samples, labels, rows, stop - first, (low, high), target.width_px)


def row_limits(target: Target, first: int, n: int) -> tuple[Int64Array, Int64Array]:
    """Return the first row of pixels of n rows, and the one after the last of each.

    Where there is room, a pixel of the screen stays free between two rows.
    """
    bottom, top = target.y_range
    per_row = target.height_px / (bottom - top)
    edges = np.rint((np.arange(first, first + n + 1) - top) * per_row).astype(np.int64)
    gap = max(1, round(target.ratio)) if per_row >= 4 * target.ratio else 0
    tops = np.clip(edges[:-1], 0, target.height_px - 1)
    bottoms = np.clip(np.maximum(edges[1:] - gap, tops + 1), 1, target.height_px)
    return tops, bottoms


def _paint(
    pixels: UInt8Array,
    raster: Raster,
    target: Target,
    first: int,
    opacities: UInt8Array,
    wide: int,
) -> None:
    n = len(opacities)
    tops, bottoms = row_limits(target, first, n)
    ids = raster.cluster_ids[first : first + n].tolist()
    colors = np.array([raster.colors.get(i, raster.neutral) for i in ids], np.uint8)
    is_chosen = np.array([i in raster.colors for i in ids])
    paint_rows(pixels, opacities, np.flatnonzero(~is_chosen), tops, bottoms, colors, wide)
    if is_chosen.any():
        # What is selected lies on top, and is never faint.
        stronger = np.where(opacities > 0, opacities // 2 + 128, 0).astype(np.uint8)
        above = np.zeros_like(pixels)
        paint_rows(above, stronger, np.flatnonzero(is_chosen), tops, bottoms, colors, wide)
        # Only the rows of pixels that they are in, as there may be few.
        for k in np.flatnonzero(is_chosen).tolist():
            part = slice(int(tops[k]), int(bottoms[k]))
            is_seen = above[part, :, 3] > 0
            pixels[part][is_seen] = above[part][is_seen]
