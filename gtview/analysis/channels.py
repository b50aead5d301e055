"""On which channels a cluster is large."""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import numpy as np

from ..base.types import BoolArray, Float32Array, FloatArray, Int32Array, Int64Array
from ..data.dataset import Channels, Dataset
from .sampling import even_positions
from .snippets import DEFAULT_CUTOFF_HZ, Alignment, read_snippets

# What a view shows of a cluster: enough of them to see its footprint, and not the noise.
SHOWN_SHARE = 0.1
SHOWN_CHANNELS = 16
SHOWN_NEAREST = 14

_SAMPLED_FEATURES = 500
_SAMPLED_SNIPPETS = 50
_MOST_KNOWN = 64


def best_channels(
    peak_to_peak: FloatArray, max_n: int | None = None, threshold: float = 0.0
) -> tuple[Int32Array, Float32Array]:
    """Return the channels on which something is large, the largest first, with their amplitudes.

    Parameters
    ----------
    peak_to_peak : float array, (n_channels,)
        Size on each channel. NaN counts as 0.
    max_n
        Keep no more than so many.
    threshold
        Keep channels of at least this share of the largest; those of size 0 are never kept.

    Returns
    -------
    channel_ids : int32 array, (n_kept,)
        Ties: lowest id. Empty when nothing is larger than 0.
    amplitudes : float32 array, (n_kept,)
        The sizes on *these* channels, not increasing, in the unit of `peak_to_peak`.
    """
    sizes = np.nan_to_num(np.asarray(peak_to_peak, np.float32), nan=0.0)
    order = np.argsort(-sizes, kind="stable")
    sizes = sizes[order]
    n_kept = int(np.count_nonzero((sizes > 0) & (sizes >= threshold * sizes[:1])))
    n_kept = n_kept if max_n is None else min(n_kept, max_n)
    return order[:n_kept].astype(np.int32), sizes[:n_kept]


@dataclass(frozen=True, slots=True, eq=False)
class BestChannels:
    """Channels of a cluster, the largest first.

    Attributes
    ----------
    channel_ids : int32 array, (n,)
        Empty when nothing is known of the cluster.
    amplitudes : float32 array, (n,)
        Size on each of them, not increasing.
    unit
        Of the amplitudes: microvolts, or "arb.".
    source
        What they were found from: `templates`, `features`, `waveforms`, or `nothing`.
    """

    channel_ids: Int32Array
    amplitudes: Float32Array
    unit: str
    source: str

    @property
    def best(self) -> int | None:
        """The channel on which the cluster is largest; None when nothing is known."""
        return int(self.channel_ids[0]) if len(self.channel_ids) else None

    def shown(
        self,
        channels: Channels,
        share: float = SHOWN_SHARE,
        max_n: int = SHOWN_CHANNELS,
        n_nearest: int = SHOWN_NEAREST,
    ) -> Int32Array:
        """Return the channels that a view shows: near the best one, and large enough.

        Parameters
        ----------
        channels
            Tells positions and shanks.
        share
            Least size, as a share of the largest.
        max_n
            Largest number.
        n_nearest
            Only the best channel and those nearest to it on its shank, so many together: what an
            unwhitened template has far away is noise.

        Returns
        -------
        int32 array, (at most max_n,)
            The largest first.
        """
        if self.best is None:
            return self.channel_ids
        same_shank = channels.shanks[self.channel_ids] == channels.shanks[self.best]
        is_large = self.amplitudes >= share * self.amplitudes[0]
        is_near = _distance_ranks(self.channel_ids, same_shank, channels.positions_um) < n_nearest
        shown: Int32Array = self.channel_ids[same_shank & is_large & is_near][:max_n]
        return shown


def _distance_ranks(
    channel_ids: Int32Array, is_counted: BoolArray, positions_um: Float32Array
) -> Int64Array:
    """Return the rank of each channel by distance from the first, among those counted."""
    step = positions_um[channel_ids] - positions_um[channel_ids[0]]
    distance = np.where(is_counted, np.round(np.hypot(step[:, 0], step[:, 1]), 1), np.inf)
    ranks = np.empty(len(channel_ids), np.int64)
    # Stable: of two as near, the larger one comes first.
    ranks[np.argsort(distance, kind="stable")] = np.arange(len(channel_ids))
    return ranks


class ChannelFinder:
    """Finds the best channels of any set of spikes, so they follow a merge or a split.

    They come from the template that most of the spikes have; where there are no templates, from
    the mean energy of the features; without features, from the mean of raw waveforms (the last
    two of a bounded number of the spikes).

    Parameters
    ----------
    dataset
        What was opened.
    """

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._known: dict[int, tuple[weakref.ref[Int32Array], BestChannels]] = {}

    def find(self, spike_ids: Int32Array) -> BestChannels:
        """Return all channels on which a cluster has any size, the largest first.

        Of the same read-only array, as several views have it of one cluster, the answer is kept.

        Parameters
        ----------
        spike_ids : int32 array, (n_spikes,)
            Spikes of the cluster by increasing time.
        """
        known = self._known.get(id(spike_ids))
        if known is not None and known[0]() is spike_ids:
            return known[1]
        found = self._find(spike_ids)
        if not spike_ids.flags.writeable:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[id(spike_ids)] = weakref.ref(spike_ids), found
        return found

    def _find(self, spike_ids: Int32Array) -> BestChannels:
        for source, measure in (
            ("templates", self._sizes_of_template),
            ("features", self._sizes_of_features),
            ("waveforms", self._sizes_of_waveforms),
        ):
            sizes, unit = measure(spike_ids)
            if sizes is not None and np.any(sizes > 0):
                return BestChannels(*best_channels(sizes), unit, source)
        return BestChannels(np.empty(0, np.int32), np.empty(0, np.float32), "arb.", "nothing")

    def _sizes_of_template(self, spike_ids: Int32Array) -> tuple[Float32Array | None, str]:
        dataset = self._dataset
        if dataset.templates is None or not len(spike_ids):
            return None, ""
        counts = np.bincount(dataset.spike_templates[spike_ids], minlength=1)
        template_id = int(np.argmax(counts))
        sizes = dataset.templates.peak_to_peak()[template_id] * template_factor(
            dataset, template_id
        )
        return sizes, dataset.amplitude_unit

    def _sizes_of_features(self, spike_ids: Int32Array) -> tuple[Float32Array | None, str]:
        dataset = self._dataset
        if dataset.pc_features is None:
            return None, ""
        features_file = dataset.pc_features
        wanted = spike_ids.astype(np.int64)
        present = wanted[features_file.rows_of(wanted) >= 0]
        sample = present[even_positions(len(present), _SAMPLED_FEATURES)]
        if not len(sample):
            return None, ""
        features, _ = features_file.read(sample)
        energy = np.nansum(np.square(features, dtype=np.float64), axis=2)
        if features_file.channel_ids is None:
            columns = np.arange(features_file.n_local, dtype=np.int32)
            local = np.broadcast_to(columns, energy.shape)
        else:
            local = features_file.channel_ids[dataset.spike_templates[sample]]
        used = (local >= 0) & (local < dataset.channels.n_channels)
        # A spike counts as 0 on the channels that its template lacks.
        sums = np.bincount(local[used], energy[used], dataset.channels.n_channels)
        return np.sqrt(sums / len(sample)).astype(np.float32), "arb."

    def _sizes_of_waveforms(self, spike_ids: Int32Array) -> tuple[Float32Array | None, str]:
        dataset = self._dataset
        if dataset.raw is None or not len(spike_ids):
            return None, ""
        channels = np.arange(dataset.channels.n_channels, dtype=np.int32)
        snippets = read_snippets(
            dataset,
            spike_ids,
            channels,
            Alignment.of(dataset),
            _SAMPLED_SNIPPETS,
            DEFAULT_CUTOFF_HZ,
        )
        if not len(snippets.values):
            return None, ""
        return np.ptp(snippets.values.mean(axis=0), axis=0), dataset.amplitude_unit


def template_factor(dataset: Dataset, template_id: int) -> float:
    """Return the factor from an unwhitened template to what axes show (microvolts, or arb.)."""
    gain = 1.0 if dataset.template_gain is None else float(dataset.template_gain[template_id])
    return gain * dataset.uv_per_bit
