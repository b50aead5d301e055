"""Where the features of spikes are centred along the probe."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..base.types import Float32Array
from ._jit import kernel
from .inputs import as_input


@kernel
def _find_centres(features: Any, templates: Any, channels: Any, positions: Any, out: Any) -> None:
    n_channels = len(positions)
    for i in range(len(features)):
        total = 0.0
        moment = 0.0
        for k in range(features.shape[1]):
            channel = channels[templates[i], k]
            value = features[i, k]
            if channel < 0 or channel >= n_channels or not np.isfinite(value):
                continue
            total += value * value
            moment += value * value * positions[channel]
        out[i] = moment / total if total > 0.0 else np.nan


def find_centres(
    features: ArrayLike, templates: ArrayLike, channels: ArrayLike, positions: ArrayLike
) -> Float32Array:
    """Return the mean position of the channels of each spike, weighted by squared features.

    Parameters
    ----------
    features : float32 array, (n_spikes, n_local)
        Values that are NaN or infinite count as 0.
    templates : int32 array, (n_spikes,)
        Row of `channels` of each spike.
    channels : int32 array, (n_templates, n_local)
        Channel of each column; -1: none.
    positions : float32 array, (n_channels,), um

    Returns
    -------
    float32 array, (n_spikes,), um
        NaN where all features are 0.
    """
    values = as_input(features, np.float32)
    centres = np.empty(len(values), np.float32)
    _find_centres(
        values,
        as_input(templates, np.int32),
        as_input(channels, np.int32),
        as_input(positions, np.float32),
        centres,
    )
    return centres
