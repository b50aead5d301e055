"""What the template-feature view says about what it shows."""

from __future__ import annotations

import numpy as np

from ..analysis.template_features import RAW_SPIKES, ClusterProjections
from .template_feature_compute import Known

NOTHING_TO_COMPARE = (
    "Select two clusters: which cluster is most similar to this one is not known, "
    "because the export has neither similar_templates.npy nor templates.npy."
)


def describe_projections(known: Known, n_selected: int) -> str:
    """Return the status, such as "481 of 481 spikes, from principal components on 4 to 10 ..."."""
    data = known.data
    if data is None:
        return ""
    n_read = sum(c.n_asked for c in data.clusters)
    n_without = sum(_n_absent(c.values) + c.n_without for c in data.clusters)
    is_done = data.is_full
    n_asked = len(known.asked.cluster_ids)
    parts = [
        f"first {n_asked} of {n_selected} clusters" if n_selected > n_asked else "",
        f"{n_read:,} of {known.n_spikes:,} spikes" + ("" if is_done else ", reading"),
        f"{n_without:,} without projections" if n_without else "",
        _describe_source(data),
    ]
    if len(known.cluster_ids) > n_asked:
        parts.insert(0, f"most similar: {known.cluster_ids[-1]}, in grey")
    return ", ".join(filter(None, parts))


def _n_absent(values: np.ndarray) -> int:
    """Count the spikes that are in no plot: at most one of their projections is known."""
    return int(np.count_nonzero(np.isfinite(values).sum(axis=0) < 2))


def _describe_source(data: ClusterProjections) -> str:
    if data.source == "stored":
        return "from template_features.npy"
    if data.source == "raw":
        return f"from raw waveforms (at most {RAW_SPIKES:,} of each cluster)"
    shared = np.concatenate([c.n_shared.ravel() for c in data.clusters])
    shared = shared[shared > 0]
    if not len(shared):
        return "from principal components, no channels shared"
    low, high = int(shared.min()), int(shared.max())
    count = f"{low}" if low == high else f"{low} to {high}"
    return f"from principal components on {count} shared channels"
