"""The main template of every cluster, on the channels where it is not small."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..base.types import Float32Array, Int32Array, Int64Array
from ..data.dataset import Dataset
from .channels import best_channels, template_factor
from .clusters import ClusterStats
from .places import is_around

# Smaller channels would be flat lines.
LEAST_SHARE = 0.08
MOST_CHANNELS = 40


@dataclass(frozen=True, slots=True, eq=False)
class TemplateShapes:
    """Waveforms of n clusters, one after another.

    Attributes
    ----------
    offsets : int64 array, (n + 1,)
        The waveforms of cluster i are `offsets[i]:offsets[i + 1]` of the others; none where
        nothing is known of it.
    channel_ids : int32 array, (n_waveforms,)
        The largest one of each cluster first.
    sizes : float32 array, (n_waveforms,)
        Peak to peak, in the unit of the axes (microvolts, or arb.).
    waveforms : float32 array, (n_waveforms, n_samples)
        In the same unit.
    """

    offsets: Int64Array
    channel_ids: Int32Array
    sizes: Float32Array
    waveforms: Float32Array

    def of(self, index: int) -> slice:
        """Return which waveforms are those of a cluster."""
        return slice(int(self.offsets[index]), int(self.offsets[index + 1]))


def compute_template_shapes(dataset: Dataset, stats: ClusterStats) -> TemplateShapes:
    """Read the main template of every cluster, unwhitened, near its largest channel.

    On each channel within 150 um where it has at least 8 % of its largest size.

    Raises
    ------
    ValueError
        The dataset has no templates.
    """
    store = dataset.templates
    if store is None:
        raise ValueError("the dataset has no templates")
    sizes = store.peak_to_peak()
    ids, parts, waveforms = [], [], []
    for template_id in stats.main_templates.tolist():
        shown = np.empty(0, np.int32), np.empty(0, np.float32)
        if template_id >= 0:
            own = sizes[template_id]
            near = np.where(is_around(dataset.channels, int(own.argmax())), own, 0)
            shown = best_channels(near, MOST_CHANNELS, LEAST_SHARE)
        factor = template_factor(dataset, template_id) if template_id >= 0 else 1.0
        ids.append(shown[0])
        parts.append(shown[1] * np.float32(factor))
        if len(shown[0]):
            waveforms.append(store.waveform(template_id, shown[0]).T * np.float32(factor))
    empty = np.empty((0, store.n_samples), np.float32)
    return TemplateShapes(
        np.concatenate([[0], np.cumsum([len(part) for part in ids])]).astype(np.int64),
        np.concatenate([np.empty(0, np.int32), *ids]),
        np.concatenate([np.empty(0, np.float32), *parts]),
        np.concatenate([empty, *waveforms]),
    )
