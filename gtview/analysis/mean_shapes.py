"""The mean templates of clusters where they are large, and how alike two of them are over lags."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..base.types import Float32Array, Int32Array, Int64Array
from ..data.dataset import Dataset
from .channels import template_factor

# Channels on which a template is smaller than this share of its peak take no part.
LEAST_SHARE = 0.05

_MAX_TEMPLATES = 8


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """The mean template of a cluster where it is large.

    Attributes
    ----------
    channel_ids : int32 array, (n_channels,), increasing
    waveform : float32 array, (n_samples, n_channels)
    """

    channel_ids: Int32Array
    waveform: Float32Array


def correlate_shapes(first: Shape, second: Shape, max_lag_samples: int) -> tuple[float, int]:
    """Return the largest normalised correlation of two shapes over lags, and its lag.

    What a shift moves out of the window counts as 0, as does a shape on other channels.

    Returns
    -------
    correlation : float
        From -1 to 1; NaN when one of them is 0 everywhere.
    lag_samples : int
        The second one is moved by so much; of equal ones the smallest.
    """
    scale = float(np.linalg.norm(first.waveform)) * float(np.linalg.norm(second.waveform))
    if not scale > 0:
        return math.nan, 0
    _, own, other = np.intersect1d(first.channel_ids, second.channel_ids, return_indices=True)
    if not len(own):
        return 0.0, 0
    a, b = first.waveform[:, own], second.waveform[:, other]
    n, largest = len(a), min(max_lag_samples, len(a) - 1)
    best, best_lag = -math.inf, 0
    for lag in sorted(range(-largest, largest + 1), key=abs):
        stay, moved = a[max(lag, 0) : n + min(lag, 0)], b[max(-lag, 0) : n - max(lag, 0)]
        product = float((stay * moved).sum())
        if product > best:
            best, best_lag = product, lag
    return min(max(best / scale, -1.0), 1.0), best_lag


def mean_shape(dataset: Dataset, template_ids: Int32Array, counts: Int64Array) -> Shape | None:
    """Return the mean template of a cluster by its spikes; None where there are no templates.

    Of its eight templates with most spikes, each on the channels where it has at least 5 % of its
    largest peak-to-peak size, as in `compute_template_similarity`.

    Parameters
    ----------
    dataset
        What was opened.
    template_ids : int32 array, (n,)
    counts : int64 array, (n,)
        Spikes of each template in the cluster.
    """
    store = dataset.templates
    if store is None or not len(template_ids):
        return None
    most = np.argsort(-counts, kind="stable")[:_MAX_TEMPLATES]
    sizes = store.peak_to_peak()[template_ids[most]]
    is_large = (sizes >= LEAST_SHARE * sizes.max(axis=1, keepdims=True)) & (sizes > 0)
    channels = np.flatnonzero(is_large.any(axis=0)).astype(np.int32)
    total = np.zeros((store.n_samples, len(channels)), np.float32)
    for k, place in enumerate(most.tolist()):
        template_id = int(template_ids[place])
        weight = float(counts[place]) * template_factor(dataset, template_id)
        waveform = store.waveform(template_id, channels) * is_large[k, channels]
        total += np.float32(weight) * waveform
    return Shape(channels, total)
