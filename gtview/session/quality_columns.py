"""Columns of the measurements of quality of clusters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..base.table import Column

if TYPE_CHECKING:
    from ..analysis.pc_metrics import PcMetrics
    from ..analysis.quality import ClusterQuality

# Name, unit, decimals and help of each field of `ClusterQuality`.
COLUMNS = {
    "isi_violations": ("", 3, "Intervals below 1.5 ms, as a ratio to what chance would give."),
    "presence_ratio": ("", 2, "Share of the minutes of the recording with spikes of the cluster."),
    "amplitude_cutoff": ("", 3, "Estimated share of spikes too small to be found."),
    "snr": ("", 1, "Largest value of the mean waveform over the noise of its channel."),
    "drift": ("\N{MICRO SIGN}m", 1, "Range of the median depth of spikes over minutes."),
}

_BY_PCS = " By features, against the clusters around; measured when it is asked for."
# The same of each field of `PcMetrics`.
PC_COLUMNS = {
    "isolation_distance": (1, "Mahalanobis distance within which as many other spikes lie."),
    "l_ratio": (3, "Chance that other spikes are of the cluster, for each of its spikes."),
    "d_prime": (1, "Distance from the other spikes in standard deviations."),
    "nn_hit_rate": (2, "Share of the nearest neighbours of its spikes that are its own."),
    "nn_miss_rate": (3, "Share of the nearest neighbours of other spikes that are its own."),
    "silhouette": (2, "From -1 to 1: how much nearer its own centre is than the next one."),
}


def quality_columns(quality: ClusterQuality | None, cluster_ids: Sequence[int]) -> list[Column]:
    """Return what was measured of some clusters; no columns before anything was.

    Parameters
    ----------
    quality
        Measurements; clusters that are not in them have no value.
    cluster_ids
        The rows.
    """
    if quality is None:
        return []
    places = {cluster_id: k for k, cluster_id in enumerate(quality.cluster_ids)}
    rows = np.array([places.get(i, -1) for i in cluster_ids], np.int64)
    columns = []
    for name, (unit, digits, text) in COLUMNS.items():
        values = np.append(quality.values[name], np.nan)[rows]
        columns.append(Column(name.replace("_", " "), values, "number", unit, digits, text))
    return columns


def pc_columns(found: Mapping[int, PcMetrics], cluster_ids: Sequence[int]) -> list[Column]:
    """Return how well some clusters stand apart; no columns before that was measured of any.

    Parameters
    ----------
    found
        By cluster.
    cluster_ids
        The rows.
    """
    if not found:
        return []
    rows = [found.get(i) for i in cluster_ids]
    columns = []
    for name, (digits, text) in PC_COLUMNS.items():
        values = np.array([np.nan if m is None else getattr(m, name) for m in rows])
        title = name.replace("_", " ")
        columns.append(Column(title, values, "number", "", digits, text + _BY_PCS))
    return columns
