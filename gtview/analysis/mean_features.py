"""Mean principal components of the templates of a sorting."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from ..base.types import BoolArray, Float32Array, Float64Array, Int32Array, Int64Array
from ..data.dataset import Dataset
from ..data.features import FeatureFile
from .sampling import even_positions
from .spike_features import features_of

# Spikes of a template that its mean features are of.
_MEAN_SPIKES = 1000


@dataclass(frozen=True, slots=True, eq=False)
class MeanFeatures:
    """Mean features of the spikes of a template.

    Attributes
    ----------
    channel_ids : int64 array, (n_local,)
        -1: no channel.
    values : float64 array, (n_local, n_pcs)
        0 where no spike has features.
    """

    channel_ids: Int64Array
    values: Float64Array

    def on(self, channel_ids: Int64Array) -> tuple[Float64Array, BoolArray]:
        """Return the values on other channels, and which of these it has."""
        is_same = (channel_ids[:, None] == self.channel_ids) & (channel_ids[:, None] >= 0)
        has = is_same.any(axis=1) & (self.values != 0).any(axis=1)[is_same.argmax(axis=1)]
        return np.where(has[:, None], self.values[is_same.argmax(axis=1)], 0.0), has


class MeanFeatureCache:
    """Mean features of the templates of a dataset, each from disk once; safe for threads."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._lock = threading.Lock()
        self._known: dict[int, MeanFeatures] = {}

    def of(self, template_id: int) -> MeanFeatures:
        """Return the mean over an even sample of the template's spikes.

        Raises
        ------
        DatasetError
            The features cannot be read.
        """
        with self._lock:
            if template_id not in self._known:
                self._known[template_id] = compute_mean_features(self._dataset, template_id)
            return self._known[template_id]


def compute_mean_features(dataset: Dataset, template_id: int) -> MeanFeatures:
    """Average the features of at most 1,000 spikes of a template, evenly by rank.

    Numbers that are not finite, and channels filled with zeros, are left out.
    """
    file = features_of(dataset)
    spikes = with_row(file, np.flatnonzero(dataset.spike_templates == template_id))
    spikes = spikes[even_positions(len(spikes), _MEAN_SPIKES)]
    values, has = filled(file, spikes)
    n = np.maximum(has.sum(axis=0), 1)
    mean = np.where(has[:, :, None], values, 0.0).sum(axis=0, dtype=np.float64) / n[:, None]
    return MeanFeatures(local_channels(file, template_id), mean)


def filled(file: FeatureFile, spike_ids: Int32Array) -> tuple[Float32Array, BoolArray]:
    """Return features, (n, n_local, n_pcs), 0 where there are none, and where there are."""
    values, _ = file.read(spike_ids)
    has = np.isfinite(values).all(axis=2) & (values != 0).any(axis=2)
    values[~has] = 0
    return values, has


def local_channels(file: FeatureFile, template_id: int) -> Int64Array:
    """Return the channels of a template's features, int64 (n_local,); -1: none."""
    if file.channel_ids is None:
        return np.arange(file.n_local)
    channel_ids: Int64Array = file.channel_ids[template_id].astype(np.int64)
    return channel_ids


def with_row(file: FeatureFile, spike_ids: Int32Array | Int64Array) -> Int32Array:
    """Return those of some spikes that have features."""
    has = file.rows_of(spike_ids) >= 0
    return (spike_ids if has.all() else spike_ids[has]).astype(np.int32, copy=False)
