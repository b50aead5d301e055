"""The true template of a unit, brought onto the channels and samples of the sorter's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..base.types import Float32Array, Int32Array, Int64Array
from ..data.dataset import Dataset
from ..data.ground_truth import TrueTemplates, UnitId
from ..kernels.filters import high_pass, high_pass_margin
from .snippets import Alignment

# Two channels this close are the same one, described twice.
MAX_DISTANCE_UM = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class TrueUnit:
    """A unit whose template is asked for: `index` is its position in `templates`."""

    unit_id: UnitId
    index: int
    templates: TrueTemplates


@dataclass(frozen=True, slots=True, eq=False)
class OverlaidTemplate:
    """A true template as it is laid over a cluster.

    Attributes
    ----------
    unit_id
        The unit.
    waveform : float32 array, (n_samples, n_channels), in the unit of the other waveforms
        NaN where the truth says nothing: channels or samples that it does not have.
    scale
        What it was multiplied with; 1 when it is in microvolts.
    scale_note
        A sentence part that says so; "" when it is in microvolts.
    lag_samples
        How much later its trough is moved, from where the spike times alone would put it.
    """

    unit_id: UnitId
    waveform: Float32Array
    scale: float
    scale_note: str
    lag_samples: int


def overlay_true_template(
    dataset: Dataset,
    unit: TrueUnit,
    channel_ids: Int32Array,
    alignment: Alignment,
    reference: Float32Array | None,
    cutoff_hz: float | None,
) -> OverlaidTemplate | None:
    """Place a true template on the reference, trough to trough.

    It passes the filter of the raw waveforms: a high-pass takes 5 to 20 % of a spike, and what
    is left to see between truth and waveform should be the sorter's doing. Without a gain the
    axes are not in microvolts: the template is then scaled onto the reference by least squares.

    Parameters
    ----------
    dataset
        What was opened.
    unit
        Whose template.
    channel_ids : int32 array, (n_channels,)
        Rows of the channel map.
    alignment
        Window of the other waveforms.
    reference : float32 array, (n_samples, n_channels), or None
        Mean waveform or template of the cluster; None: the spike time gives the alignment, and
        the scale is 1.
    cutoff_hz
        High-pass of the raw waveforms; None: not filtered by us.

    Returns
    -------
    OverlaidTemplate, or None when the truth has none of the channels.
    """
    truth = unit.templates.waveforms_uv[unit.index]
    columns = join_channels(dataset, unit.templates)[channel_ids]
    if not np.any(columns >= 0):
        return None
    on_channels = truth[:, columns].astype(np.float32)
    if cutoff_hz is not None:
        on_channels = _filter(on_channels, cutoff_hz, dataset.sample_rate_hz)
    on_channels[:, columns < 0] = np.nan
    lag = _lag_to_trough(on_channels, unit.templates.n_before, reference, alignment)
    waveform = _cut(on_channels, unit.templates.n_before - lag, alignment)
    if dataset.gain is not None:
        return OverlaidTemplate(unit.unit_id, waveform, 1.0, "", lag)
    scale, note = _fit(waveform, reference)
    return OverlaidTemplate(unit.unit_id, waveform * np.float32(scale), scale, note, lag)


def join_channels(dataset: Dataset, templates: TrueTemplates) -> Int64Array:
    """Find the channel of the truth that is each channel of the export.

    By the nearest position, at most 1 um away; without positions by order, if the truth has as
    many channels as the export, or as its raw file.

    Returns
    -------
    int64 array, (n_channels,)
        Columns of the true templates; -1 where there is none.
    """
    channels = dataset.channels
    n_true = templates.waveforms_uv.shape[2]
    if templates.channel_positions_um is not None:
        step = channels.positions_um[:, None, :] - templates.channel_positions_um[None, :, :]
        distance = np.hypot(step[..., 0], step[..., 1])
        nearest = distance.argmin(axis=1)
        return np.where(distance.min(axis=1) <= MAX_DISTANCE_UM, nearest, -1).astype(np.int64)
    if n_true == channels.n_channels:
        return np.arange(n_true, dtype=np.int64)
    if n_true == dataset.n_raw_channels:
        return channels.raw_channels.astype(np.int64)
    return np.full(channels.n_channels, -1, np.int64)


def _filter(waveform: Float32Array, cutoff_hz: float, sample_rate_hz: float) -> Float32Array:
    margin = high_pass_margin(cutoff_hz, sample_rate_hz)
    # A template is 0 outside of its window.
    padded = np.pad(waveform, ((margin, margin), (0, 0)))
    filtered = high_pass(padded[None], cutoff_hz, sample_rate_hz)
    return filtered[0, margin : margin + len(waveform)]


def _lag_to_trough(
    truth: Float32Array, n_before: int, reference: Float32Array | None, alignment: Alignment
) -> int:
    """Return how much later the trough must be for troughs to coincide; 0 without a reference."""
    if reference is None or not np.any(np.nan_to_num(truth)) or not np.any(reference):
        return 0
    # Both on the reference's largest channel among those that the truth knows: the troughs of
    # one neuron differ from channel to channel.
    known = np.flatnonzero(~np.isnan(truth[0]))
    channel = known[np.ptp(reference[:, known], axis=0).argmax()]
    if not np.any(truth[:, channel]):
        return 0
    trough = int(np.abs(reference[:, channel]).argmax()) - alignment.n_before
    return trough - (int(np.abs(truth[:, channel]).argmax()) - n_before)


def _cut(waveform: Float32Array, n_before: int, alignment: Alignment) -> Float32Array:
    """Cut a window in which sample `n_before` of a waveform becomes that of the alignment."""
    cut = np.full((alignment.n_samples, waveform.shape[1]), np.nan, np.float32)
    start = n_before - alignment.n_before
    first, last = max(start, 0), min(start + alignment.n_samples, len(waveform))
    if first < last:
        cut[first - start : last - start] = waveform[first:last]
    return cut


def _fit(waveform: Float32Array, reference: Float32Array | None) -> tuple[float, str]:
    """Return the factor that brings a waveform closest to a reference, and words for it."""
    unscaled = "in microvolts beside waveforms of unknown gain"
    if reference is None:
        return 1.0, unscaled
    known = ~np.isnan(waveform)
    own, other = waveform[known].astype(np.float64), reference[known].astype(np.float64)
    energy = own @ own
    scale = (own @ other) / energy if energy > 0 else 0.0
    if scale <= 0:
        # Turned upside down it would look like another neuron.
        return 1.0, unscaled
    return float(scale), "scaled to fit, as the gain is not known"
