"""Columns of the measurements of quality of clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..base.table import Column

if TYPE_CHECKING:
    from ..analysis.quality import ClusterQuality

# Name, unit, decimals and help of each field of `ClusterQuality`.
COLUMNS = {
    "isi_violations": ("", 3, "Intervals below 1.5 ms, as a ratio to what chance would give."),
    "presence_ratio": ("", 2, "Share of the minutes of the recording with spikes of the cluster."),
    "amplitude_cutoff": ("", 3, "Estimated share of spikes too small to be found."),
    "snr": ("", 1, "Largest value of the mean waveform over the noise of its channel."),
    "drift": ("\N{MICRO SIGN}m", 1, "Range of the median depth of spikes over minutes."),
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
