"""Where the waveform view puts its channels: true probe geometry to pixel boxes, without Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ..base.types import Float64Array, Int32Array

# A gap of more than FOLD_FROM usual gaps is drawn as FOLD_TO of them, with its true length.
FOLD_FROM = 5.0
FOLD_TO = 2.0
IDEAL_ASPECT = 1.2
LEGIBLE_WIDTH, LEGIBLE_HEIGHT = 30.0, 26.0
# So many channels are shown even when they are not legible: one can zoom.
LEAST_CHANNELS = 4
MARGIN = 8.0
# Height of the zero line in a box from its top: a trough needs more room than what follows it.
ZERO_AT = 0.4


@dataclass(frozen=True, slots=True)
class Fold:
    """A gap between channels that is drawn shorter than it is.

    `axis` is 0 for x, 1 for depth; `at_px` is the middle of the gap; `length_um` its true length.
    """

    axis: int
    at_px: float
    length_um: float


@dataclass(frozen=True, slots=True)
class LayoutOptions:
    """What the user may set of a layout; `n_slots` clusters stand side by side in a box."""

    n_slots: int = 1
    gutter: float = 22.0
    foot: float = 40.0
    box_scale: float = 1.0
    probe_scale_x: float = 1.0
    probe_scale_y: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class WaveformLayout:
    """Boxes of channels in pixels, y downwards, before any zoom.

    Attributes
    ----------
    channel_ids : int32 array, (n,)
        By decreasing amplitude.
    centers : float64 array, (n, 2), pixels
    box : (width, height), pixels; the same for all
    gutter
        Pixels at the left of each box for its label.
    um_scale : (x, y), pixels per micrometre
        The same for all channels; x and depth are stretched independently.
    folds
        Gaps that are drawn shorter than they are.
    """

    channel_ids: Int32Array
    centers: Float64Array
    box: tuple[float, float]
    gutter: float
    n_slots: int
    um_scale: tuple[float, float]
    folds: tuple[Fold, ...] = ()

    @property
    def n_channels(self) -> int:
        """Number of boxes."""
        return len(self.channel_ids)

    @property
    def slot_width(self) -> float:
        """Width for one cluster in a box, gap included."""
        return (self.box[0] - self.gutter) / self.n_slots

    @property
    def curve_width(self) -> float:
        """Width of the curve of one cluster in a box."""
        return self.slot_width * 0.9

    def curve_left(self, slot: int) -> Float64Array:
        """Return the x at which the curves of a cluster begin in each box, (n,)."""
        left = self.centers[:, 0] - self.box[0] / 2 + self.gutter
        return left + (slot + 0.05) * self.slot_width

    def zero_y(self) -> Float64Array:
        """Return the y of the zero line of each box, (n,)."""
        return self.centers[:, 1] + (ZERO_AT - 0.5) * self.box[1]

    def channel_at(self, x: float, y: float) -> int | None:
        """Return the channel whose box is at a place (the nearest of several), or None."""
        away = np.abs(self.centers - [x, y]) / np.maximum(np.array(self.box) / 2, 1e-9)
        inside = np.flatnonzero((away <= 1).all(axis=1))
        if not len(inside):
            return None
        return int(self.channel_ids[inside[np.argmin((away[inside] ** 2).sum(axis=1))]])


def fold_gaps(values_um: Float64Array) -> tuple[Float64Array, list[tuple[float, float]]]:
    """Shorten the gaps that are many times longer than the usual one.

    Parameters
    ----------
    values_um : float64 array, (n,)
        One coordinate of each channel.

    Returns
    -------
    folded_um : float64 array, (n,)
        In the same order.
    folds
        (middle in folded_um, true length in um) of each shortened gap.
    """
    places, index = np.unique(np.round(values_um, 1), return_inverse=True)
    gaps = np.diff(places)
    if len(gaps) < 2:
        return places[index] - places[0], []
    usual = float(np.quantile(gaps, 0.25))
    is_long = gaps > FOLD_FROM * usual
    folded = np.concatenate([[0.0], np.cumsum(np.where(is_long, FOLD_TO * usual, gaps))])
    middles = (folded[1:] + folded[:-1]) / 2
    folds = [(float(middles[i]), float(gaps[i])) for i in np.flatnonzero(is_long)]
    return folded[index], folds


def separate(positions_um: ArrayLike) -> Float64Array:
    """Return positions of which no two are the same: a column where the file has none."""
    positions = np.nan_to_num(np.asarray(positions_um, np.float64))
    if len(np.unique(np.round(positions, 1), axis=0)) < len(positions):
        return np.stack([np.zeros(len(positions)), -20.0 * np.arange(len(positions))], axis=1)
    return positions


def choose_steps(folded_um: Float64Array, area: tuple[float, float], n_slots: int) -> Float64Array:
    """Choose the width and height of a box, in micrometres, such that no two boxes overlap.

    Two boxes are apart when they are apart in x or in depth: a higher box must be narrower. Of
    all that cannot grow, that one is taken which is largest and nearest to a good shape.
    """
    extent = np.ptp(folded_um, axis=0) if len(folded_um) else np.zeros(2)
    i, j = np.triu_indices(len(folded_um), 1)
    away = np.round(np.abs(folded_um[i] - folded_um[j]), 1)
    away = away[np.argsort(away[:, 1], kind="stable")]
    heights, first = np.unique(away[:, 1], return_index=True)
    # The narrowest distance in x among all pairs nearer in depth than each height.
    nearest = np.minimum.accumulate(away[:, 0]) if len(away) else np.empty(0)
    heights = np.append(heights, np.inf)
    widths = np.array([nearest[k - 1] if k else np.inf for k in (*first.tolist(), len(away))])
    steps = np.stack([widths, heights], axis=1)
    steps = np.where(np.isinf(steps), np.where(extent > 0, extent, 1.0), steps)
    steps = steps[(steps > 0).all(axis=1)]
    pixels = steps / (extent + steps) * area
    aspect = pixels[:, 0] / n_slots / pixels[:, 1]
    shape = np.minimum(aspect / IDEAL_ASPECT, IDEAL_ASPECT / aspect)
    return np.asarray(steps[np.argmax(pixels.prod(axis=1) * np.sqrt(shape))])


def lay_out(
    channel_ids: Int32Array,
    positions_um: ArrayLike,
    size: tuple[float, float],
    options: LayoutOptions,
) -> WaveformLayout:
    """Place the boxes of some channels.

    Parameters
    ----------
    channel_ids : int32 array, (n,), n > 0
    positions_um : float array, (n, 2)
        x and depth; a larger depth is drawn higher.
    size
        Width and height of the drawing in pixels.
    options
        See LayoutOptions.
    """
    positions = separate(positions_um)
    folded_x, folds_x = fold_gaps(positions[:, 0])
    folded_y, folds_y = fold_gaps(-positions[:, 1])
    folded = np.stack([folded_x, folded_y], axis=1)
    area = np.maximum([size[0] - 2 * MARGIN, size[1] - MARGIN - options.foot], 20.0)
    step = choose_steps(folded, (area[0], area[1]), options.n_slots)
    extent = np.ptp(folded, axis=0)
    full = step / (extent + step) * area
    box = np.minimum(full, _largest_box(size, options))
    # Boxes held small stay near one another instead of floating far apart.
    scale = np.where(extent > 0, np.minimum(full / step, 1.3 * box / step), 1.0)
    scale = scale * (options.probe_scale_x, options.probe_scale_y)
    middle = np.array([MARGIN, MARGIN]) + area / 2
    offset = (folded.max(axis=0) + folded.min(axis=0)) / 2
    centers = middle + (folded - offset) * scale
    box[0] *= options.box_scale
    folds = [
        Fold(axis, float(middle[axis] + (at - offset[axis]) * scale[axis]), length)
        for axis, found in enumerate((folds_x, folds_y))
        for at, length in found
    ]
    return WaveformLayout(
        np.asarray(channel_ids, np.int32),
        centers,
        (float(box[0]), float(box[1])),
        min(options.gutter, float(box[0]) / 3),
        options.n_slots,
        (float(scale[0]), float(scale[1])),
        tuple(folds),
    )


def _largest_box(size: tuple[float, float], options: LayoutOptions) -> tuple[float, float]:
    width = options.gutter + options.n_slots * max(240.0, size[0] / 4)
    return width, max(280.0, size[1] / 3)


def lay_out_legible(
    channel_ids: Int32Array,
    positions_um: ArrayLike,
    size: tuple[float, float],
    options: LayoutOptions,
) -> WaveformLayout:
    """Place as many of the first channels as have boxes of a legible size, and a few at least.

    Parameters
    ----------
    channel_ids, positions_um, size, options
        See `lay_out`.
    """
    positions = np.asarray(positions_um)
    low, high = min(LEAST_CHANNELS, len(positions)), len(positions)
    best = None
    n = high
    while low < high or best is None:
        layout = lay_out(channel_ids[:n], positions[:n], size, options)
        if is_legible(layout):
            low, best = n, layout
        else:
            high = max(n - 1, low)
            best = layout if n == low else best
        n = (low + high + 1) // 2
    return best


def is_legible(layout: WaveformLayout) -> bool:
    """Whether waveforms have room; where many clusters stand side by side, a little less."""
    width = max(LEGIBLE_WIDTH / np.sqrt(layout.n_slots), 13.0)
    return bool(layout.slot_width >= width and layout.box[1] >= LEGIBLE_HEIGHT)
