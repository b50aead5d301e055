"""Raw waveforms around spikes, filtered, in the alignment and the unit of the templates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..base.types import Float32Array, Int32Array, Int64Array
from ..data.dataset import Dataset
from ..kernels.filters import high_pass, high_pass_margin
from .sampling import sample_evenly

DEFAULT_CUTOFF_HZ = 300.0

# Without templates nothing says where the trough is: the spike's own sample is taken for it.
_BEFORE_MS, _AFTER_MS = 1.0, 1.5


@dataclass(frozen=True, slots=True)
class Alignment:
    """Samples around a spike's own sample: `n_before` before it, `n_after` from it on."""

    n_before: int
    n_after: int

    @property
    def n_samples(self) -> int:
        """Length of the window."""
        return self.n_before + self.n_after

    @classmethod
    def of(cls, dataset: Dataset) -> Alignment:
        """Return the window of the templates: a spike's sample falls on the template's trough."""
        if dataset.templates is not None:
            n_before = dataset.templates.trough_sample
            return cls(n_before, dataset.templates.n_samples - n_before)
        per_ms = dataset.sample_rate_hz / 1000
        return cls(round(_BEFORE_MS * per_ms), round(_AFTER_MS * per_ms))


@dataclass(frozen=True, slots=True, eq=False)
class Snippets:
    """Raw waveforms of some spikes.

    Attributes
    ----------
    spike_ids : int32 array, (n_read,)
        Spikes that were read, in order of time.
    values : float32 array, (n_read, n_samples, n_channels), microvolts or arb.
    n_outside
        Spikes left out because their window is not wholly in the raw file.
    """

    spike_ids: Int32Array
    values: Float32Array
    n_outside: int


def read_snippets(
    dataset: Dataset,
    spike_ids: Int32Array,
    channel_ids: Int32Array,
    alignment: Alignment,
    max_n: int,
    cutoff_hz: float | None,
) -> Snippets:
    """Read raw waveforms of at most `max_n` spikes, spread evenly over the spikes by rank.

    They are high-pass filtered (unless the recording already is), freed of what offset is left
    (the median of each channel over the window and its margins), and in microvolts when the
    gain is known. Spikes too close to an end of the file are left out before the even choice.

    Parameters
    ----------
    dataset
        With a raw file.
    spike_ids : int32 array, (n_spikes,)
        Spikes of a cluster by increasing time.
    channel_ids : int32 array, (n_channels,)
        Rows of the channel map.
    alignment
        Window around each spike.
    max_n
        How many to read.
    cutoff_hz
        Of the high-pass; None: no filter.

    Raises
    ------
    DatasetError
        The raw file cannot be read.
    ValueError
        The dataset has no raw file, or the cut-off does not suit its sample rate.
    """
    kept, values, n_outside = read_at_samples(
        dataset, dataset.spike_samples[spike_ids], channel_ids, alignment, max_n, cutoff_hz
    )
    return Snippets(spike_ids[kept], values, n_outside)


def read_at_samples(
    dataset: Dataset,
    samples: Int64Array,
    channel_ids: Int32Array,
    alignment: Alignment,
    max_n: int,
    cutoff_hz: float | None,
) -> tuple[Int64Array, Float32Array, int]:
    """Read raw waveforms around some samples, as `read_snippets` does around spikes.

    Parameters
    ----------
    samples : int64 array, (n,)
        Increasing.

    Returns
    -------
    kept : int64 array, (n_read,)
        Which of the samples were read.
    values : float32 array, (n_read, n_samples, n_channels), microvolts or arb.
    n_outside
        Samples left out because their window is not wholly in the raw file.
    """
    if dataset.raw is None:
        raise ValueError("the dataset has no raw file")
    rate = dataset.sample_rate_hz
    is_filtered = cutoff_hz is not None and not dataset.is_high_passed
    # Without a filter the margins still give the offset a longer stretch than the spike itself.
    margin = high_pass_margin(cutoff_hz or DEFAULT_CUTOFF_HZ, rate)
    n_before, n_after = alignment.n_before + margin, alignment.n_after + margin
    is_inside = (samples >= n_before) & (samples + n_after <= dataset.raw.n_samples)
    inside = np.flatnonzero(is_inside).astype(np.int32)
    kept = np.asarray(sample_evenly(inside, max_n), np.int64)
    raw, complete = dataset.raw.read_snippets(
        samples[kept], n_before, n_after, dataset.channels.raw_channels[channel_ids]
    )
    kept, raw = (kept, raw) if np.all(complete) else (kept[complete], raw[complete])
    if is_filtered and cutoff_hz is not None:
        raw = high_pass(raw, cutoff_hz, rate)
    elif len(raw):
        raw = raw - np.median(raw, axis=1, keepdims=True)
    values = raw[:, margin : margin + alignment.n_samples] * np.float32(dataset.uv_per_bit)
    return kept, values, len(samples) - len(inside)
