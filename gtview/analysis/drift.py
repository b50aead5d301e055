"""Depth of every spike, and how motion along the probe looks at a depth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..base.types import Float32Array, Float64Array, FloatArray, IntArray, frozen
from ..data.dataset import Dataset
from ..data.ground_truth import Motion
from ..kernels.mass_centres import find_centres
from .limits import Limits

DepthSource = Literal["positions", "features", "templates"]

# Channels that count for the depth of a template: of at least this share of its largest.
_LARGE_SHARE = 0.3
# Numbers of spikes that tell the limits of axes and colours well enough.
_SAMPLED = 200_000
_STRAY_PERCENT = 0.05
_PASS = 1 << 20
# Feature rows read at a time.
CHUNK_ROWS = 1 << 15


@dataclass(frozen=True, slots=True, eq=False)
class SpikeDepths:
    """Depth of every spike.

    Attributes
    ----------
    depths_um : float32 array, (n_spikes,)
        May be a column of a larger array. NaN where it is not known.
    source
        Where it comes from.
    n_unknown
        Number of spikes without a depth.
    """

    depths_um: Float32Array
    source: DepthSource
    n_unknown: int


def has_depths(dataset: Dataset) -> bool:
    """Whether the depth of spikes can be told from any file."""
    files = (dataset.spike_positions_um, dataset.pc_features, dataset.templates)
    return any(file is not None for file in files)


def find_depths(dataset: Dataset) -> SpikeDepths:
    """Return the depths that are known at once: from `spike_positions.npy`, else of templates.

    Without either, all are NaN until the features have been read (`FeatureDepths`).
    """
    if dataset.spike_positions_um is not None:
        depths = dataset.spike_positions_um[:, 1]
        return SpikeDepths(depths, "positions", count_unknown(depths))
    depths = compute_template_depths(dataset)[dataset.spike_templates]
    return SpikeDepths(frozen(depths), "templates", count_unknown(depths))


def compute_template_depths(dataset: Dataset) -> Float32Array:
    """Return the depth of each template: the centre of its squared sizes on its large channels.

    Large are channels with at least 0.3 of the largest size: what an unwhitened template has far
    away is noise.

    Returns
    -------
    float32 array, (n_templates,), um
        NaN for templates that are empty.
    """
    if dataset.templates is None:
        return np.full(dataset.n_templates, np.nan, np.float32)
    sizes = np.nan_to_num(dataset.templates.peak_to_peak()).astype(np.float64)
    weights = np.where(sizes >= _LARGE_SHARE * sizes.max(axis=1, keepdims=True), sizes, 0.0) ** 2
    totals = weights.sum(axis=1)
    moments = weights @ dataset.channels.positions_um[:, 1].astype(np.float64)
    depths = np.full(len(sizes), np.nan, np.float32)
    np.divide(moments, totals, out=depths, where=totals > 0, casting="same_kind")
    return depths


class FeatureDepths:
    """Depths from features, computed piece by piece: the file may be larger than the memory.

    The depth of a spike is the mean depth of the channels of its template, weighted by the
    squares of the first components. Spikes without features keep the depth of their template.

    Parameters
    ----------
    dataset
        It must have features.
    first : SpikeDepths
        Depths of the templates.
    """

    def __init__(self, dataset: Dataset, first: SpikeDepths) -> None:
        if dataset.pc_features is None:
            raise ValueError("the dataset has no features")
        self._dataset = dataset
        self._file = dataset.pc_features
        self._depths = np.array(first.depths_um, np.float32)
        self._next = 0
        channels = self._file.channel_ids
        if channels is None:
            every = np.arange(self._file.n_local, dtype=np.int32)
            channels = np.tile(every, (dataset.n_templates, 1))
        self._channels = channels

    @property
    def fraction(self) -> float:
        """How much is done, 0 to 1."""
        return self._next / self._n_units if self._n_units else 1.0

    @property
    def is_done(self) -> bool:
        """Whether all has been read."""
        return self._next >= self._n_units

    @property
    def _is_in_order(self) -> bool:
        return self._file.has_increasing_spikes

    @property
    def _n_units(self) -> int:
        # Rows as they lie in the file; where their spikes are in no order, spikes.
        return self._file.n_rows if self._is_in_order else self._dataset.n_spikes

    def advance(self, n_rows: int = CHUNK_ROWS) -> None:
        """Read some more; may be called in a thread, in one at a time.

        Raises
        ------
        DatasetError
            The file cannot be read any more.
        """
        start, stop = self._next, min(self._next + n_rows, self._n_units)
        if self._is_in_order:
            spike_ids: IntArray = self._file.spikes_of_rows()[start:stop]
            values = self._file.read_rows(start, stop)[:, :, 0]
        else:
            asked = np.arange(start, stop)
            found, has = self._file.read(asked, pcs=[0])
            spike_ids, values = asked[has], found[:, :, 0]
        templates = self._dataset.spike_templates[spike_ids]
        positions = self._dataset.channels.positions_um[:, 1]
        centres = find_centres(values, templates, self._channels, positions)
        known = np.isfinite(centres)
        self._depths[spike_ids[known]] = centres[known]
        self._next = stop

    def result(self) -> SpikeDepths:
        """Return the depths; call it when all has been read."""
        depths = frozen(self._depths)
        return SpikeDepths(depths, "features", count_unknown(depths))


def count_unknown(values: FloatArray) -> int:
    """Return how many values are NaN or infinite, without a copy as large as they are."""
    parts = range(0, len(values), _PASS)
    return sum(int(np.count_nonzero(~np.isfinite(values[i : i + _PASS]))) for i in parts)


def sampled_limits(values: FloatArray, percent: float = _STRAY_PERCENT) -> Limits | None:
    """Return limits that hold all values but this percentage at each end, from an even sample.

    Parameters
    ----------
    values : float array, (n,)
        NaN and infinite values are left out.

    Returns
    -------
    (low, high) or None
        None when there is no finite value.
    """
    sample = values[:: max(1, len(values) // _SAMPLED)]
    sample = sample[np.isfinite(sample)]
    if not len(sample):
        return None
    low, high = np.percentile(sample, (percent, 100 - percent))
    return float(low), float(high)


def displacement_at(motion: Motion, times_s: FloatArray, depth_um: float) -> Float64Array:
    """Return how far the tissue has moved along the probe at some times.

    Linear between the times and the depths at which it is given; outside, the nearest of them.

    Parameters
    ----------
    motion
        True, or estimated.
    times_s : float array, (n,)
    depth_um
        Where the tissue is at rest.

    Returns
    -------
    float64 array, (n,), um
    """
    depths = motion.depths_um
    above = int(np.clip(np.searchsorted(depths, depth_um), 1, max(len(depths) - 1, 1)))
    below = above - 1
    above = min(above, len(depths) - 1)
    low, high = (motion.displacement_um[:, k].astype(np.float64) for k in (below, above))
    gap = float(depths[above] - depths[below])
    share = float(np.clip((depth_um - depths[below]) / gap, 0, 1)) if gap > 0 else 0.0
    return np.interp(times_s, motion.times_s, low + share * (high - low))
