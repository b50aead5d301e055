"""Which true spikes have other spikes of their own group beside them; knows no unit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.types import Int32Array, Int64Array
from ._jit import kernel
from ._parts import run_in_parts
from ._stretches import first_block
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
    true_ones = as_input(true_samples, np.int64)
    starts, groups = as_input(true_offsets, np.int64), as_input(partner_groups, np.int64)
    sorted_ones = (
        as_input(spike_samples, np.int64),
        as_input(order, np.int32),
        as_input(offsets, np.int64),
    )
    partners = as_input(sorted_partners, np.int32)

    def mark(first: int, end: int) -> None:
        some = starts[first : end + 1], *sorted_ones, groups[first:end]
        places = some[0][:-1].copy(), sorted_ones[2][np.maximum(some[-1], 0)]
        _mark_near_own(true_ones, *some, partners, window, *places, has_free, has_taken)

    run_in_parts(mark, starts)
    return has_free, has_taken


def warm_up() -> None:
    """Compile all of this, or load it from the cache."""
    samples, offsets, one = np.zeros(1, np.int64), np.array([0, 1]), np.zeros(1, np.int32)
    mark_near_own(samples, offsets, samples, one, offsets, samples, one, 1)


@kernel
def _mark_near_own(  # noqa: PLR0913 - kernels take arrays, not objects
    true_samples: Any, true_offsets: Any, spike_samples: Any, order: Any, offsets: Any,
    partner_groups: Any, sorted_partners: Any, window: int, place: Any, firsts: Any,
    has_free: Any, has_taken: Any,
) -> None:  # fmt: skip
    end, width = first_block(true_samples, true_offsets)
    n_left = len(place)
    while n_left:
        n_left = 0
        for train in range(len(place)):
            group, last = partner_groups[train], true_offsets[train + 1]
            k, first = place[train], firsts[train]
            while group >= 0 and k < last and true_samples[k] < end:
                first = _mark_spike(
                    true_samples[k], k, spike_samples, order, first, offsets[group + 1],
                    sorted_partners, window, has_free, has_taken,
                )  # fmt: skip
                k += 1
            place[train], firsts[train] = k, first
            n_left += group >= 0 and k < last
        end += width


@kernel
def _mark_spike(  # noqa: PLR0913
    sample: int, k: int, spike_samples: Any, order: Any, first: int, stop: int,
    sorted_partners: Any, window: int, has_free: Any, has_taken: Any,
) -> int:  # fmt: skip
    while first < stop and spike_samples[order[first]] < sample - window:
        first += 1
    j = first
    while j < stop and spike_samples[order[j]] <= sample + window:
        partner = sorted_partners[order[j]]
        if partner < 0:
            has_free[k] = 1
        elif partner != k:
            has_taken[k] = 1
        j += 1
    return first
