"""What the trace view shows, drawn into an image in a thread; without Qt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ..kernels.lines import UInt8Array, new_image
from ..kernels.trace_columns import Segments, draw_columns, draw_heat, draw_segments
from ..kernels.trace_extremes import Columns, column_extremes

if TYPE_CHECKING:
    from ..analysis.trace_spikes import TrueSpikes
    from ..analysis.traces import Traces
    from ..base.types import BoolArray, Float32Array, FloatArray, Int32Array, Int64Array
    from ..scoring.states import SpikeStates
    from .trace_layout import TimeWindow, TraceLayout
    from .trace_others import OtherLane

Rgb = tuple[int, int, int]

# A row has room for this many standard deviations of the noise, and a trace of noise is at least
# this thick, however many rows there are.
NOISE_IN_ROW = 8.0
NOISE_PX = 0.6
# Rows nearer than this are drawn fainter, so that they do not melt into a grey area.
CLEAR_ROW_PX = 5.0
_FAINTEST = 0.35
# Standard deviations of the noise that have the last colour of an image.
NOISE_IN_IMAGE = 10.0
# Predicted and true signals smaller than this much noise would hide the traces for nothing.
LEAST_SIGNAL = 1.0
SPIKE_BEFORE_MS, SPIKE_AFTER_MS = 0.5, 0.9
DASH_PX = 4
_SAMPLED = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Colours and scale.

    `colors` has the red, green and blue of each colour id; `gain` is the user's factor; `noise`
    the size that is kept while browsing, None: measure it.
    """

    theme: str
    background: Rgb
    quiet: Rgb
    text: Rgb
    truth: Rgb
    is_dark: bool
    colors: dict[int, Rgb]
    device_pixel_ratio: float
    gain: float
    noise: float | None
    is_image: bool
    is_residual: bool


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """Sorted spikes in sight.

    Attributes
    ----------
    spike_ids, samples : int64 arrays, (n,)
        By increasing time.
    clusters : int32 array, (n,)
    color_ids : int32 array, (n,)
        -1 for clusters that are not selected.
    is_highlighted : bool array, (n,), or None
        None: none is.
    """

    spike_ids: Int64Array
    samples: Int64Array
    clusters: Int32Array
    color_ids: Int32Array
    is_highlighted: BoolArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Everything that is painted.

    Attributes
    ----------
    key
        What `traces` were read for.
    image : uint8 array, (height, width, 4)
        The rows as they were in `window` and `layout`.
    px_per_unit
        Pixels of the widget upwards for one unit of the traces.
    noise
        Standard deviation of the noise, by which the traces are scaled.
    marks, channels
        Sorted spikes in sight, and the channels on which each is large, the largest first.
    true_spikes, true_channels
        True ones, and the channel on which each is largest (-1: none of ours); None without truth.
    states
        Of all spikes; None where they are not known (yet).
    others
        Spikes of other sortings.
    """

    key: object
    traces: Traces
    window: TimeWindow
    layout: TraceLayout
    look: Look
    image: UInt8Array
    px_per_unit: float
    noise: float
    sample_rate_hz: float
    marks: Marks
    channels: tuple[Int32Array, ...]
    true_spikes: TrueSpikes | None = None
    true_channels: Int32Array | None = None
    states: SpikeStates | None = None
    others: tuple[OtherLane, ...] = ()

    @property
    def values(self) -> Float32Array:
        """What is drawn as traces: they themselves, or what the prediction leaves over."""
        return shown_values(self.traces, self.look)


def shown_values(traces: Traces, look: Look) -> Float32Array:
    """Return the traces, or the residual where it is asked for and known."""
    residual = traces.residual if look.is_residual else None
    return traces.values if residual is None else residual


def measure_noise(values: Float32Array) -> float:
    """Return the standard deviation of the noise, from the median size: spikes do not count."""
    step = max(1, values.size // _SAMPLED)
    sample = np.abs(values.ravel()[::step])
    noise = float(np.median(sample)) / 0.6745 if len(sample) else 0.0
    if noise <= 0:
        noise = float(sample.std()) if len(sample) else 0.0
    return noise if np.isfinite(noise) and noise > 0 else 1.0


def scale_of(layout: TraceLayout, look: Look, noise: float) -> float:
    """Return the pixels of the widget for one unit of the traces."""
    return look.gain * max(layout.row_px / NOISE_IN_ROW, NOISE_PX) / noise


def columns_of(
    traces: Traces, window: TimeWindow, n_columns: int, sample_rate_hz: float
) -> Columns:
    """Return which samples of the traces are in which pixel column."""
    per_column = window.length_s * sample_rate_hz / n_columns
    return Columns(window.start_s * sample_rate_hz - traces.start, per_column, n_columns)


def draw_image(
    traces: Traces,
    window: TimeWindow,
    layout: TraceLayout,
    look: Look,
    noise: float,
    segments: Segments,
    sample_rate_hz: float,
) -> UInt8Array:
    """Draw the rows into an image."""
    ratio = look.device_pixel_ratio
    size = round(layout.plot_height * ratio), round(layout.plot_width * ratio)
    image = new_image(max(size[0], 1), max(size[1], 1))
    if not len(traces.values) or not len(layout.row_y):
        return image
    columns = columns_of(traces, window, image.shape[1], sample_rate_hz)
    zero_y = (layout.row_y - layout.top) * ratio
    values = shown_values(traces, look)
    low, high = column_extremes(values, columns)
    if look.is_image:
        half = layout.row_px * ratio / 2
        edges = np.stack([zero_y - half, zero_y + half], axis=1)
        limit = NOISE_IN_IMAGE * noise / look.gain
        draw_heat(image, low, high, edges, limit, heat_table(look.is_dark, look.background))
        return image
    per_unit = scale_of(layout, look, noise) * ratio
    has_overlay = traces.prediction is not None or traces.truth is not None
    clear = min(max(layout.row_px / CLEAR_ROW_PX, _FAINTEST), 1.0)
    opacity = round(clear * (120 if has_overlay and not look.is_residual else 190))
    draw_columns(image, low, high, zero_y, per_unit, (*look.quiet, opacity), ratio)
    place = zero_y, per_unit, ratio
    least = LEAST_SIGNAL * noise
    # What explains a spike has its cluster's colour: the prediction where it is shown.
    coloured = values
    if traces.prediction is not None and not look.is_residual:
        coloured = traces.prediction
        _draw_signal(image, coloured, columns, place, (*look.text, 220), least, dash=0)
    draw_segments(image, coloured, columns, segments, zero_y, per_unit, 1.5 * ratio)
    if traces.truth is not None:
        dash = round(DASH_PX * ratio)
        _draw_signal(image, traces.truth, columns, place, (*look.truth, 255), least, dash=dash)
    return image


def _draw_signal(
    image: UInt8Array,
    values: Float32Array,
    columns: Columns,
    place: tuple[FloatArray, float, float],
    rgba: tuple[int, int, int, int],
    least: float,
    dash: int,
) -> None:
    """Draw a signal where it is larger than some value, solid or dashed."""
    low, high = column_extremes(values, columns)
    low[np.maximum(-low, high) < least] = np.nan
    if dash:
        low[:, np.arange(columns.n) % (2 * dash) >= dash] = np.nan
    draw_columns(image, low, high, place[0], place[1], rgba, 1.2 * place[2])


def make_segments(
    marks: Marks,
    channels: tuple[Int32Array, ...],
    traces: Traces,
    look: Look,
    sample_rate_hz: float,
    *,
    has_others: bool,
) -> Segments:
    """Return the pieces of traces that spikes colour, those of the selected clusters last."""
    row_of = {int(channel): row for row, channel in enumerate(traces.channel_ids)}
    before = round(SPIKE_BEFORE_MS * sample_rate_hz / 1000)
    after = round(SPIKE_AFTER_MS * sample_rate_hz / 1000) + 1
    # Beside signals in light colours other spikes are only a little clearer than the traces.
    has_overlay = traces.truth is not None or traces.prediction is not None
    others = (*look.quiet, 255) if has_overlay else (*look.text, 170)
    starts, rows, colors = [], [], []
    order = np.argsort(marks.color_ids >= 0, kind="stable").tolist()
    for i in order:
        color_id = int(marks.color_ids[i])
        if color_id < 0 and not has_others:
            continue
        rgba = others if color_id < 0 else (*look.colors[color_id], 255)
        for channel in channels[i].tolist():
            if channel in row_of:
                starts.append(int(marks.samples[i]) - traces.start - before)
                rows.append(row_of[channel])
                colors.append(rgba)
    first = np.array(starts, np.int64)
    return Segments(
        first,
        first + before + after,
        np.array(rows, np.int32),
        np.array(colors, np.uint8).reshape(-1, 4),
    )


@cache
def heat_table(is_dark: bool, background: Rgb) -> UInt8Array:
    """Return the colours of an image: blue below 0, the background at 0, red above."""
    from cmap import Colormap

    lut = np.asarray(Colormap("crameri:berlin" if is_dark else "crameri:vik").lut(256) * 255)
    # The middle becomes the background itself, so that silence looks like nothing.
    share = np.exp(-np.square(np.linspace(-1, 1, 256) / 0.28))[:, None]
    lut[:, :3] += share * (np.array(background) - lut[127:129, :3].mean(axis=0))
    lut[:, 3] = 255
    return np.round(lut.clip(0, 255)).astype(np.uint8)


def pick_spike(picture: Picture, at_s: float, row: int, reach_s: float) -> int | None:
    """Return the nearest spike at a time that is large on the channel of a row; its index.

    Spikes of the selected clusters come after others: one wants what is not selected yet.
    """
    channel = int(picture.layout.channel_ids[row])
    distance = np.abs(picture.marks.samples / picture.sample_rate_hz - at_s)
    near = [i for i in np.flatnonzero(distance <= reach_s) if channel in picture.channels[i]]
    if not near:
        return None
    return int(min(near, key=lambda i: (distance[i], picture.marks.color_ids[i] >= 0)))
