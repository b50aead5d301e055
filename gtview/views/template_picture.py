"""Renders the templates of all clusters, one column each; meant for threads.

Zoomed in they are waveforms; where columns are too narrow for that, how large each cluster is on
each channel, as shades.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..analysis.template_shapes import TemplateShapes
from ..base.types import Float32Array, Int64Array
from ..kernels.lines import draw_polylines, new_image
from ..qt.matrix import shrink
from ..qt.point_layers import Target

# Narrower columns show shades instead of waveforms; logical pixels.
NARROWEST_WAVEFORM = 10.0
# A peak is at least so high, however low the rows are; logical pixels.
LOWEST_PEAK = 24.0
_PEAK_ROWS = 1.6
_BAND_ALPHA = 34
_WIDTH_SHARE = 0.84
_ALPHA = 0.9

UInt8Array = NDArray[np.uint8]
Color = tuple[int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """What there is to draw.

    Attributes
    ----------
    shapes
        In the order of the statistics of the clusters.
    order : int64 array, (n_columns,)
        Which of the shapes stands in each column.
    rows : int64 array, (n_channels,)
        Row of each channel.
    colors
        Of selected columns.
    neutral
        Colour of all others.
    scale
        Times the height that waveforms have by themselves.
    is_uniform
        Whether all have one scale, instead of each its own.
    """

    shapes: TemplateShapes
    order: Int64Array
    rows: Int64Array
    colors: dict[int, Color]
    neutral: Color
    scale: float = 1.0
    is_uniform: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class OverviewPicture:
    """A rendered overview; `is_shaded` where columns are too narrow for waveforms."""

    pixels: UInt8Array
    target: Target
    is_shaded: bool


def render_overview(overview: Overview, target: Target) -> OverviewPicture:
    """Draw what a target shows: column k from x = k to k + 1, row k from y = k to k + 1."""
    pixels = new_image(max(target.height_px, 1), max(target.width_px, 1))
    left, right = target.x_range
    first, stop = max(int(np.floor(left)), 0), min(int(np.ceil(right)), len(overview.order))
    column_px = target.width_px / (right - left)
    is_shaded = column_px < NARROWEST_WAVEFORM * target.ratio
    if stop > first and not target.is_empty:
        draw = _draw_shades if is_shaded else _draw_waveforms
        draw(pixels, overview, target, first, stop)
    return OverviewPicture(pixels, target, is_shaded)


def _columns_px(target: Target, first: int, stop: int) -> tuple[int, int]:
    """Return the first pixel of some columns and the one after the last, inside the picture."""
    left, right = target.x_range
    per_column = target.width_px / (right - left)
    edges = np.rint((np.array([first, stop]) - left) * per_column).astype(int)
    low = int(np.clip(edges[0], 0, target.width_px - 1))
    return low, int(np.clip(max(edges[1], low + 1), 1, target.width_px))


def _fill_bands(pixels: UInt8Array, overview: Overview, target: Target) -> None:
    for column, color in overview.colors.items():
        if target.x_range[0] - 1 < column < target.x_range[1]:
            low, high = _columns_px(target, column, column + 1)
            share = _BAND_ALPHA / 255
            pixels[:, low:high, :3] = np.rint(np.array(color) * share).astype(np.uint8)
            pixels[:, low:high, 3] = _BAND_ALPHA


# Waveforms -------------------------------------------------------------------------------------


def _draw_waveforms(
    pixels: UInt8Array, overview: Overview, target: Target, first: int, stop: int
) -> None:
    _fill_bands(pixels, overview, target)
    width = 1.1 * target.ratio
    plain = [k for k in range(first, stop) if k not in overview.colors]
    x, y = _curves(overview, target, plain)
    if len(y):
        draw_polylines(pixels, x, y, overview.neutral, _ALPHA, min(width, 2.0))
    for column in range(first, stop):
        color = overview.colors.get(column)
        if color is not None:
            _draw_one(pixels, overview, target, column, color)


def _draw_one(
    pixels: UInt8Array, overview: Overview, target: Target, column: int, color: Color
) -> None:
    """Draw a selected column by itself, on the pixels of its column alone."""
    low, high = _columns_px(target, column, column + 1)
    x, y = _curves(overview, target, [column])
    if len(y):
        part = np.ascontiguousarray(pixels[:, low:high])
        draw_polylines(part, x - low, y, color, 1.0, min(1.5 * target.ratio, 2.0))
        pixels[:, low:high] = part


def _curves(
    overview: Overview, target: Target, columns: list[int]
) -> tuple[Float32Array, Float32Array]:
    """Return the waveforms of some columns in pixels, (n_curves, n_samples) each."""
    shapes = overview.shapes
    left, right = target.x_range
    bottom, top = target.y_range
    column_px = target.width_px / (right - left)
    row_px = target.height_px / (bottom - top)
    peak_px = max(_PEAK_ROWS * row_px, LOWEST_PEAK * target.ratio) * overview.scale
    n_samples = shapes.waveforms.shape[1]
    steps = (1 - _WIDTH_SHARE) / 2 + _WIDTH_SHARE * np.arange(n_samples) / max(n_samples - 1, 1)
    largest = float(shapes.sizes.max(initial=0.0))
    xs, ys = [], []
    for column in columns:
        part = shapes.of(int(overview.order[column]))
        middles = (overview.rows[shapes.channel_ids[part]] + 0.5 - top) * row_px
        is_near = (middles > -peak_px) & (middles < target.height_px + peak_px)
        if not is_near.any():
            continue
        own = largest if overview.is_uniform else float(shapes.sizes[part].max())
        heights = shapes.waveforms[part][is_near] * (peak_px / max(own, 1e-12))
        ys.append(middles[is_near, None] - heights)
        xs.append(np.broadcast_to((column - left + steps) * column_px, ys[-1].shape))
    if not ys:
        return np.empty((0, n_samples), np.float32), np.empty((0, n_samples), np.float32)
    return np.concatenate(xs).astype(np.float32), np.concatenate(ys).astype(np.float32)


# Shades ----------------------------------------------------------------------------------------


def _draw_shades(
    pixels: UInt8Array, overview: Overview, target: Target, first: int, stop: int
) -> None:
    """Fill each cell with the more opacity, the larger the cluster is on the channel."""
    bottom, top = target.y_range
    top_row, last_row = max(int(np.floor(top)), 0), int(np.ceil(bottom))
    last_row = min(last_row, len(overview.rows))
    if last_row <= top_row:
        _fill_bands(pixels, overview, target)
        return
    levels = _levels(overview, first, stop)[top_row:last_row]
    is_chosen = np.array([k in overview.colors for k in range(first, stop)])
    _fill_cells(pixels, levels, target, (top_row, first), overview.neutral, is_over=False)
    _fill_bands(pixels, overview, target)
    for column in np.flatnonzero(is_chosen).tolist():
        place = (top_row, first + column)
        color = overview.colors[first + column]
        _fill_cells(pixels, levels[:, column : column + 1], target, place, color)


def _levels(overview: Overview, first: int, stop: int) -> UInt8Array:
    """Return the opacity of all cells of some columns, uint8, (n_channels, n_columns)."""
    shapes, order = overview.shapes, overview.order[first:stop]
    n_shapes = len(shapes.offsets) - 1
    columns = np.full(n_shapes, -1)
    columns[order] = np.arange(len(order))
    numbers = np.diff(shapes.offsets)
    column_of = np.repeat(columns, numbers)
    # The largest waveform of each cluster is its first.
    largest = np.repeat(shapes.sizes[shapes.offsets[:-1][numbers > 0]], numbers[numbers > 0])
    if overview.is_uniform:
        largest = np.full(len(shapes.sizes), shapes.sizes.max(initial=0.0))
    shares = np.clip(overview.scale * shapes.sizes / np.maximum(largest, 1e-12), 0, 1)
    levels = np.zeros((len(overview.rows), len(order)), np.uint8)
    is_in = column_of >= 0
    rows = overview.rows[shapes.channel_ids[is_in]]
    levels[rows, column_of[is_in]] = np.rint(255 * shares[is_in])
    return levels


def _fill_cells(
    pixels: UInt8Array,
    levels: UInt8Array,
    target: Target,
    place: tuple[int, int],
    color: Color,
    *,
    is_over: bool = True,
) -> None:
    """Draw cells, over what is there or instead of it; of several in a pixel, the largest."""
    bottom, top = target.y_range
    row_px = target.height_px / (bottom - top)
    edges = np.rint((place[0] + np.array([0, levels.shape[0]]) - top) * row_px).astype(int)
    low, high = _columns_px(target, place[1], place[1] + levels.shape[1])
    # The picture of all of the cells, of which a part may be out of sight.
    n_rows, n_columns = max(int(edges[1] - edges[0]), 1), high - low
    small = shrink(levels, n_rows, n_columns)
    rows = np.arange(n_rows) * len(small) // n_rows
    columns = _cell_of_pixel(target, place[1], levels.shape[1], low, high, small.shape[1])
    start, stop = max(-edges[0], 0), min(n_rows, target.height_px - edges[0])
    if stop <= start:
        return
    rows = rows[start:stop]
    part = pixels[edges[0] + start : edges[0] + stop, low:high]
    if not is_over:
        # Four bytes at a time: many pixels, few cells.
        table = np.rint(np.arange(256)[:, None] / 255 * [*color, 255]).astype(np.uint8)
        colored = table.view(np.uint32)[:, 0][small]
        part.view(np.uint32)[:, :, 0] = colored.take(rows, axis=0).take(columns, axis=1)
        return
    alpha = small.take(rows, axis=0).take(columns, axis=1)[:, :, None].astype(np.float32) / 255
    over = alpha * np.array([*color, 255], np.float32)
    part[:] = np.rint(over + part * (1 - alpha)).astype(np.uint8)


def _cell_of_pixel(
    target: Target, first: int, n: int, low: int, high: int, n_shown: int
) -> NDArray[np.int64]:
    """Return the column of cells, of `n_shown`, at each pixel from `low` to `high`."""
    left, right = target.x_range
    x = left + (np.arange(low, high) + 0.5) * (right - left) / target.width_px
    places = np.clip(x - first, 0, n - 1e-6) * n_shown / n
    return places.astype(np.int64)
