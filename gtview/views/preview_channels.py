"""On which channels the mean waveforms of a few clusters are compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..base.types import Int32Array

if TYPE_CHECKING:
    from ..analysis.channels import ChannelFinder
    from ..data.dataset import Dataset

# Channels on which the shape is smaller say little.
LEAST_SHARE = 0.2


def preview_channels(
    dataset: Dataset, finder: ChannelFinder, trains: Sequence[Int32Array], most: int
) -> Int32Array:
    """Return the largest channels of all clusters, taking turns; in the order of the probe."""
    found = [finder.find(ids) for ids in trains]
    largest = [
        best.channel_ids[best.amplitudes >= LEAST_SHARE * best.amplitudes.max(initial=0.0)]
        for best in found
    ]
    turns = (int(own[rank]) for rank in range(most) for own in largest if rank < len(own))
    chosen = np.array(list(dict.fromkeys(turns))[:most], np.int32)
    depths = dataset.channels.positions_um[chosen, 1]
    return chosen[np.argsort(depths, kind="stable")]
