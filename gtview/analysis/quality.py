"""How good clusters are, each by its own spikes; what a table shows besides counts."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from ..base.progress import Reporter, ignore_progress
from ..base.types import Float32Array, Float64Array, FloatArray, Int32Array, Int64Array
from ..data.dataset import Dataset
from .snippets import DEFAULT_CUTOFF_HZ, Alignment, read_snippets

FIELDS = ("isi_violations", "presence_ratio", "amplitude_cutoff", "snr", "drift")
ISI_THRESHOLD_S = 0.0015
BIN_S = 60.0
MIN_SPIKES_PER_BIN = 100
_SNR_SPIKES = 100
# Places of the recording at which noise is measured, and samples of each: 77 MB for 384 channels.
_NOISE_PIECES, _NOISE_SAMPLES = 10, 5_000
# At a time: a long probe's would take a quarter of a gigabyte.
_NOISE_CHANNELS = 64
_MAD_TO_STD = 0.6744897501960817


@dataclass(frozen=True, slots=True, eq=False)
class QualityQuery:
    """What is asked.

    Attributes
    ----------
    dataset
        What was opened.
    cluster_ids
        Clusters, in the order of the answer.
    spike_ids : tuple of int32 arrays, (n_spikes,)
        Spikes of each cluster by increasing time.
    best_channels
        The channel on which each is largest; -1: not known.
    with_raw
        Whether raw waveforms are read; without them there is no SNR.
    noise
        Noise of the channels, measured once; None: it is measured anew.
    """

    dataset: Dataset
    cluster_ids: tuple[int, ...]
    spike_ids: tuple[Int32Array, ...]
    best_channels: tuple[int, ...]
    with_raw: bool = True
    noise: NoiseLevels | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ClusterQuality:
    """One value of each of `FIELDS` for each cluster; NaN where there is none.

    Attributes
    ----------
    cluster_ids
        In any order.
    values : mapping of field to float64 array, (n_clusters,)
    """

    cluster_ids: tuple[int, ...]
    values: Mapping[str, Float64Array]

    def without(self, cluster_ids: Iterable[int]) -> ClusterQuality:
        """Return the values of the other clusters."""
        gone = set(cluster_ids)
        kept = [k for k, i in enumerate(self.cluster_ids) if i not in gone]
        ids = tuple(self.cluster_ids[k] for k in kept)
        return ClusterQuality(ids, {name: v[kept] for name, v in self.values.items()})

    def joined(self, other: ClusterQuality) -> ClusterQuality:
        """Return the values of the clusters of both."""
        return ClusterQuality(
            self.cluster_ids + other.cluster_ids,
            {n: np.concatenate([v, other.values[n]]) for n, v in self.values.items()},
        )


def compute_quality(query: QualityQuery, report: Reporter = ignore_progress) -> ClusterQuality:
    """Measure some clusters; for a thread.

    Raises
    ------
    DatasetError
        The raw file cannot be read.
    CancelledError
        `report` says so.
    """
    values = {name: np.full(len(query.cluster_ids), np.nan) for name in FIELDS}
    noise = query.noise or NoiseLevels(query.dataset)
    for k, spikes in enumerate(query.spike_ids):
        report(k / len(query.spike_ids), "Measuring clusters")
        for name, value in _measure(query.dataset, spikes).items():
            values[name][k] = value
        if query.with_raw and query.dataset.raw is not None and query.best_channels[k] >= 0:
            values["snr"][k] = _measure_snr(query.dataset, spikes, query.best_channels[k], noise)
    return ClusterQuality(query.cluster_ids, values)


def _measure(dataset: Dataset, spikes: Int32Array) -> dict[str, float]:
    times_s = dataset.spike_samples[spikes] / dataset.sample_rate_hz
    found = {
        "isi_violations": isi_violation_ratio(times_s, dataset.duration_s),
        "presence_ratio": presence_ratio(times_s, dataset.duration_s),
    }
    if dataset.amplitudes is not None:
        found["amplitude_cutoff"] = amplitude_cutoff(dataset.amplitudes[spikes])
    if dataset.spike_positions_um is not None:
        depths = dataset.spike_positions_um[spikes, 1]
        found["drift"] = drift_range(times_s, depths, dataset.duration_s)
    return found


def isi_violation_ratio(
    times_s: Float64Array, duration_s: float, threshold_s: float = ISI_THRESHOLD_S
) -> float:
    """Return the violations of the refractory period, as a ratio to those of chance.

    n_violations * duration / (2 * threshold * n_spikes**2): 1 where spikes of other neurons come
    at the cluster's own rate. After Hill, Mehta and Kleinfeld (2011), as in the quality metrics
    of the Allen Institute and SpikeInterface's `isi_violations_ratio`.

    Parameters
    ----------
    times_s : float64 array, (n_spikes,)
        Increasing.
    duration_s, threshold_s
        Length of the recording; intervals below the threshold are violations.
    """
    n = len(times_s)
    if not n or duration_s <= 0:
        return float("nan")
    n_violations = int(np.count_nonzero(np.diff(times_s) < threshold_s))
    return n_violations * duration_s / (2 * threshold_s * n * n)


def presence_ratio(times_s: Float64Array, duration_s: float, bin_s: float = BIN_S) -> float:
    """Return the share of whole bins in which there is a spike; NaN for less than one bin.

    As SpikeInterface's `presence_ratio` with bins of a minute.
    """
    n_bins = int(duration_s // bin_s)
    if n_bins < 1:
        return float("nan")
    # The last edge belongs to the last bin, as in NumPy's histograms.
    counts, _ = np.histogram(times_s, bins=np.arange(n_bins + 1) * bin_s)
    return float(np.count_nonzero(counts) / n_bins)


def amplitude_cutoff(
    amplitudes: FloatArray, n_bins: int = 100, smoothing: float = 3.0, min_ratio: int = 5
) -> float:
    """Estimate the share of spikes that are missing because they are too small.

    The histogram of amplitudes is taken for symmetric: what is beyond the place on its far side
    that is as high as its lowest bin is missing on the near side. After Hill, Mehta and Kleinfeld
    (2011); as in the quality metrics of the Allen Institute and SpikeInterface's
    `amplitude_cutoff`. At most 0.5.

    Parameters
    ----------
    amplitudes : float array, (n_spikes,)
    n_bins, smoothing
        Bins of the histogram, and the width in bins of the Gaussian that smooths it.
    min_ratio
        NaN for fewer than so many spikes a bin.
    """
    values = np.asarray(amplitudes, np.float64)
    values = values[np.isfinite(values)]
    if len(values) < min_ratio * n_bins:
        return float("nan")
    if np.median(values) < 0:
        values = -values
    from scipy.ndimage import gaussian_filter1d

    # Whole numbers stay whole when they are smoothed: SpikeInterface's reference does so.
    counts = np.histogram(values, n_bins)[0]
    smooth = gaussian_filter1d(counts, smoothing, mode="nearest")
    last = np.flatnonzero(smooth >= smooth[0])[-1]
    n_missing = smooth[last + 1 :].sum()
    return float(min(n_missing / (len(values) + n_missing), 0.5))


def drift_range(
    times_s: Float64Array, depths_um: Float32Array, duration_s: float, bin_s: float = BIN_S
) -> float:
    """Return the range of the median depth of the spikes of each minute, in um.

    As SpikeInterface's `drift_ptp`: minutes with fewer than 100 spikes do not count; NaN when
    fewer than half of them do, or for less than two.
    """
    n_bins = int(np.ceil(duration_s / bin_s))
    if n_bins < 2:
        return float("nan")
    edges = np.searchsorted(times_s, np.arange(n_bins + 1) * bin_s)
    medians = [
        float(np.median(depths_um[a:b]))
        for a, b in itertools.pairwise(edges.tolist())
        if b - a >= MIN_SPIKES_PER_BIN
    ]
    if 2 * len(medians) < n_bins:
        return float("nan")
    return max(medians) - min(medians)


def _measure_snr(dataset: Dataset, spikes: Int32Array, channel: int, noise: NoiseLevels) -> float:
    channels = np.array([channel], np.int32)
    snippets = read_snippets(
        dataset, spikes, channels, Alignment.of(dataset), _SNR_SPIKES, _cutoff(dataset)
    )
    if not len(snippets.values):
        return float("nan")
    peak = float(np.abs(snippets.values.mean(axis=0)).max())
    level = noise.of(channel)
    return peak / level if level > 0 else float("nan")


def _cutoff(dataset: Dataset) -> float | None:
    return None if dataset.is_high_passed else DEFAULT_CUTOFF_HZ


class NoiseLevels:
    """Noise of all channels, measured when it is first asked for.

    1.48 times the median absolute deviation of pieces spread evenly over the recording, as
    SpikeInterface's noise levels (method "mad").
    """

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._levels: Float64Array | None = None

    def of(self, channel: int) -> float:
        """Return the noise of a channel, in microvolts or arb."""
        if self._levels is None:
            self._levels = self._measure()
        return float(self._levels[channel])

    def _measure(self) -> Float64Array:
        dataset = self._dataset
        assert dataset.raw is not None
        length = min(_NOISE_SAMPLES, dataset.raw.n_samples)
        last = dataset.raw.n_samples - length
        starts = np.unique(np.linspace(0, last, _NOISE_PIECES).astype(np.int64))
        channels = dataset.channels.raw_channels
        levels = [
            self._deviations(starts, length, channels[first : first + _NOISE_CHANNELS])
            for first in range(0, len(channels), _NOISE_CHANNELS)
        ]
        return np.concatenate(levels) / _MAD_TO_STD * dataset.uv_per_bit

    def _deviations(
        self, starts: Int64Array, length: int, raw_channels: Int32Array
    ) -> Float64Array:
        """Return the median absolute deviation of some channels, in raw units."""
        raw = self._dataset.raw
        assert raw is not None
        pieces, _ = raw.read_snippets(starts, 0, length, raw_channels)
        values = self._filtered(pieces).reshape(-1, pieces.shape[2])
        deviations: Float64Array = np.median(np.abs(values - np.median(values, axis=0)), axis=0)
        return deviations

    def _filtered(self, pieces: Float32Array) -> Float32Array:
        cutoff_hz = _cutoff(self._dataset)
        if cutoff_hz is None:
            return pieces
        from ..kernels.filters import high_pass, high_pass_margin

        margin = high_pass_margin(cutoff_hz, self._dataset.sample_rate_hz)
        filtered: Float32Array = high_pass(pieces, cutoff_hz, self._dataset.sample_rate_hz)
        return filtered[:, margin:-margin] if pieces.shape[1] > 3 * margin else filtered
