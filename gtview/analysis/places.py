"""Where clusters and true units are on the probe."""

from __future__ import annotations

import numpy as np

from ..base.types import BoolArray, Float32Array, Float64Array, Int32Array
from ..data.dataset import Channels, Dataset
from ..data.ground_truth import GroundTruth
from ..kernels.means import mean_by_label
from .clusters import ClusterStats

# Channels that count: near the largest one, and in a centre of mass not much smaller.
REACH_UM = 150.0
_LEAST_SHARE = 0.1


def compute_cluster_places(
    dataset: Dataset, stats: ClusterStats, spike_clusters: Int32Array
) -> Float64Array:
    """Return the place of each cluster: the mean of its spikes' positions.

    Where the export has no positions of spikes, the centre of mass of the main template (see
    `centre_of_mass`); without templates, the best channel.

    Parameters
    ----------
    dataset
        What was opened.
    stats
        The clusters, their templates and best channels.
    spike_clusters : int32 array, (n_spikes,)
        Cluster of every spike.

    Returns
    -------
    float64 array, (n_clusters, 2), um
        x and depth; NaN where nothing is known.
    """
    n = len(stats.cluster_ids)
    places = np.full((n, 2), np.nan)
    if dataset.spike_positions_um is not None and n:
        largest = max(int(spike_clusters.max(initial=0)), int(stats.cluster_ids.max()))
        positions = dataset.spike_positions_um[:, :2]
        places = mean_by_label(positions, spike_clusters, largest + 1)[stats.cluster_ids]
    for k in np.flatnonzero(~np.isfinite(places).all(axis=1)).tolist():
        places[k] = _place_of_template(dataset, int(stats.main_templates[k]))
        channel = int(stats.best_channels[k])
        if not np.isfinite(places[k]).all() and channel >= 0:
            places[k] = dataset.channels.positions_um[channel]
    return places


def _place_of_template(dataset: Dataset, template_id: int) -> Float64Array:
    if dataset.templates is None or template_id < 0:
        return np.full(2, np.nan)
    return centre_of_mass(dataset.templates.peak_to_peak()[template_id], dataset.channels)


def centre_of_mass(sizes: Float32Array, channels: Channels) -> Float64Array:
    """Return where something is from its size on each channel.

    The mean of the channels' positions weighted by the squared sizes, over the channels of the
    largest one's shank that are within 150 um of it and have at least a tenth of its size.

    Parameters
    ----------
    sizes : float32 array, (n_channels,)
        NaN counts as 0.
    channels
        Positions and shanks.

    Returns
    -------
    float64 array, (2,), um
        NaN when all sizes are 0.
    """
    sizes = np.nan_to_num(np.asarray(sizes, np.float64))
    if not len(sizes) or sizes.max() <= 0:
        return np.full(2, np.nan)
    best = int(sizes.argmax())
    positions = channels.positions_um.astype(np.float64)
    is_near = is_around(channels, best)
    weights = np.where(is_near & (sizes >= _LEAST_SHARE * sizes[best]), sizes, 0.0) ** 2
    place: Float64Array = weights @ positions / weights.sum()
    return place


def is_around(channels: Channels, channel: int) -> BoolArray:
    """Return which channels are on the shank of one, and within 150 um; bool, (n_channels,).

    What an unwhitened template has further away is noise.
    """
    steps = channels.positions_um - channels.positions_um[channel]
    is_near: BoolArray = np.hypot(steps[:, 0], steps[:, 1]) <= REACH_UM
    is_near &= channels.shanks == channels.shanks[channel]
    return is_near


def true_unit_places(truth: GroundTruth, channels: Channels) -> Float64Array:
    """Return the place of each true unit at rest, or the centre of mass of its template.

    Returns
    -------
    float64 array, (n_units, 2), um
        NaN where nothing is known.
    """
    places = np.full((truth.n_units, 2), np.nan)
    if truth.locations_um is not None:
        places[:] = truth.locations_um[:, :2]
    templates = truth.templates
    if templates is None:
        return places
    positions = templates.channel_positions_um
    if positions is not None:
        n = len(positions)
        channels = Channels(np.arange(n, dtype=np.int32), positions, np.zeros(n, np.int32))
    sizes = np.ptp(templates.waveforms_uv, axis=1)
    if sizes.shape[1] == channels.n_channels:
        for k in np.flatnonzero(~np.isfinite(places).all(axis=1)).tolist():
            places[k] = centre_of_mass(sizes[k], channels)
    return places
