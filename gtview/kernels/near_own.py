"""Which true spikes have other spikes of their own group beside them; knows no unit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.types import Int32Array, Int64Array
from ._jit import kernel
from .inputs import as_input

Marks = NDArray[np.uint8]


def mark_near_own(
    true_samples: Int64Array,
    true_offsets: Int64Array,
    spike_samples: Int64Array,
    order: Int32Array,
    offsets: Int64Array,
    partner_groups: Int64Array,
    sorted_partners: Int32Array,
    window: int,
) -> tuple[Marks, Marks]:
    """Say which true spikes have spikes of their own group beside them.

    Parameters
    ----------
    true_samples, true_offsets, spike_samples, order, offsets, partner_groups
        As for `spike_states.match_own`.
    sorted_partners : int32 array, (n_spikes,)
        Place of the true spike that each sorted one stands for; -1: none.
    window
        Largest distance, in samples.

    Returns
    -------
    has_free, has_taken : uint8 arrays, (n_true,)
        1 where there is a spike that stands for nothing; for another true spike.
    """
    has_free = np.zeros(len(true_samples), np.uint8)
    has_taken = np.zeros(len(true_samples), np.uint8)
    _mark_near_own(
        as_input(true_samples, np.int64), as_input(true_offsets, np.int64),
        as_input(spike_samples, np.int64), as_input(order, np.int32), as_input(offsets, np.int64),
        as_input(partner_groups, np.int64), as_input(sorted_partners, np.int32), window,
        has_free, has_taken,
    )  # fmt: skip
    return has_free, has_taken


def warm_up() -> None:
    """Compile all of this, or load it from the cache."""
    samples, offsets, one = np.zeros(1, np.int64), np.array([0, 1]), np.zeros(1, np.int32)
    mark_near_own(samples, offsets, samples, one, offsets, samples, one, 1)


@kernel
def _mark_near_own(  # noqa: PLR0913 - kernels take arrays, not objects
    true_samples: Any, true_offsets: Any, spike_samples: Any, order: Any, offsets: Any,
    partner_groups: Any, sorted_partners: Any, window: int, has_free: Any, has_taken: Any,
) -> None:  # fmt: skip
    for train in range(len(partner_groups)):
        group = partner_groups[train]
        if group < 0:
            continue
        first, stop = offsets[group], offsets[group + 1]
        for k in range(true_offsets[train], true_offsets[train + 1]):
            while first < stop and spike_samples[order[first]] < true_samples[k] - window:
                first += 1
            j = first
            while j < stop and spike_samples[order[j]] <= true_samples[k] + window:
                partner = sorted_partners[order[j]]
                if partner < 0:
                    has_free[k] = 1
                elif partner != k:
                    has_taken[k] = 1
                j += 1
