"""Which channels a trace shows, which spikes are in sight, and on which channels each is large."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..base.types import Int32Array, Int64Array
from ..data.dataset import Channels, Dataset
from ..data.ground_truth import GroundTruth
from .channels import BestChannels, ChannelFinder, best_channels

# A spike is coloured where it has at least this share of its largest size.
COLOURED_SHARE = 0.35
COLOURED_CHANNELS = 8
# Channels shown around a cluster.
NEAREST = 24


def order_channels(channels: Channels, channel_ids: Int32Array | None = None) -> Int32Array:
    """Order channels by shank, then from the top of the probe downwards, then from the left.

    Parameters
    ----------
    channels
        Of the dataset.
    channel_ids : int32 array, (n,), or None
        Rows of the channel map; None: all.

    Returns
    -------
    int32 array, (n,)
    """
    if channel_ids is None:
        channel_ids = np.arange(channels.n_channels, dtype=np.int32)
    x, depth = channels.positions_um[channel_ids].T
    ordered: Int32Array = channel_ids[np.lexsort((x, -depth, channels.shanks[channel_ids]))]
    return ordered


def channels_around(
    channels: Channels, best: tuple[int, ...], n_nearest: int = NEAREST
) -> Int32Array:
    """Return the channels nearest to each of some channels on its shank, ordered.

    Parameters
    ----------
    channels
        Of the dataset.
    best
        Rows of the channel map, such as the best channels of some clusters.
    n_nearest
        Channels for each of them, itself included.

    Returns
    -------
    int32 array, (n,)
        See `order_channels`.
    """
    chosen: set[int] = set()
    for channel in best:
        step = channels.positions_um - channels.positions_um[channel]
        far = np.where(channels.shanks == channels.shanks[channel], 0.0, np.inf)
        nearest = np.argsort(np.hypot(step[:, 0], step[:, 1]) + far, kind="stable")[:n_nearest]
        same = channels.shanks[nearest] == channels.shanks[channel]
        chosen.update(nearest[same].tolist())
    return order_channels(channels, np.array(sorted(chosen), np.int32))


def find_spikes(dataset: Dataset, start: int, stop: int) -> Int64Array:
    """Return the spikes from one sample up to another, which is not included.

    Two searches, whatever the number of spikes; with `time_order`, where the file is not sorted.

    Returns
    -------
    int64 array, (n,)
        Spike ids by increasing time.
    """
    order = dataset.time_order
    first = _first_from(dataset, start)
    last = _first_from(dataset, stop)
    if order is None:
        return np.arange(first, max(last, first), dtype=np.int64)
    return np.asarray(order[first:last], np.int64)


def _first_from(dataset: Dataset, sample: int) -> int:
    """Return how many spikes are before a sample."""
    samples, order = dataset.spike_samples, dataset.time_order
    if order is None:
        return int(np.searchsorted(samples, np.int64(sample)))
    low, high = 0, len(order)
    while low < high:
        middle = (low + high) // 2
        if samples[order[middle]] < sample:
            low = middle + 1
        else:
            high = middle
    return low


@dataclass(frozen=True, slots=True, eq=False)
class TrueSpikes:
    """True spikes in some interval.

    Attributes
    ----------
    positions : int64 array, (n,)
        Where they are in the truth's samples.
    samples : int64 array, (n,)
        Increasing.
    units : int32 array, (n,)
        Position of the unit of each.
    """

    positions: Int64Array
    samples: Int64Array
    units: Int32Array


def find_true_spikes(truth: GroundTruth, start: int, stop: int) -> TrueSpikes:
    """Return the true spikes from one sample up to another, which is not included."""
    parts = []
    limits = np.array([start, stop], np.int64)
    for unit in range(truth.n_units):
        first, last = np.searchsorted(truth.train(unit), limits) + truth.offsets[unit]
        parts.append(np.arange(first, max(last, first), dtype=np.int64))
    positions = np.concatenate([*parts, np.empty(0, np.int64)])
    units = np.repeat(np.arange(len(parts), dtype=np.int32), [len(part) for part in parts])
    samples = truth.spike_samples[positions]
    order = np.argsort(samples, kind="stable")
    return TrueSpikes(positions[order], samples[order], units[order])


class Footprints:
    """Tells on which channels spikes are large, by template; asked once for each.

    Without templates by cluster, from features or raw waveforms.

    Parameters
    ----------
    dataset, finder
        Of the session.
    """

    def __init__(self, dataset: Dataset, finder: ChannelFinder) -> None:
        self._dataset = dataset
        self._finder = finder
        self._of_template: dict[int, Int32Array] = {}
        self._of_cluster: dict[int, tuple[Int32Array, Int32Array]] = {}

    def of_template(self, template_id: int) -> Int32Array:
        """Return the channels on which a template is large, the largest first; int32, (n,)."""
        if template_id not in self._of_template:
            templates = self._dataset.templates
            if templates is None:
                raise ValueError("the dataset has no templates")
            found = best_channels(templates.peak_to_peak()[template_id])
            self._of_template[template_id] = self._shown(BestChannels(*found, "", "templates"))
        return self._of_template[template_id]

    def of_cluster(self, cluster_id: int, spike_ids: Int32Array) -> Int32Array:
        """Return the channels on which a cluster is large, the largest first; int32, (n,)."""
        known = self._of_cluster.get(cluster_id)
        # Another list of spikes: another cluster under the same id.
        if known is None or known[0] is not spike_ids:
            known = spike_ids, self._shown(self._finder.find(spike_ids))
            self._of_cluster[cluster_id] = known
        return known[1]

    def _shown(self, best: BestChannels) -> Int32Array:
        return best.shown(self._dataset.channels, COLOURED_SHARE, COLOURED_CHANNELS)
