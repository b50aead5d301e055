"""Where spikes that nobody found would be among amplitudes: by their true size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..scoring.states import SpikeState
from .state_colors import StateColors

if TYPE_CHECKING:
    from ..analysis.spike_values import SpikeValues
    from ..base.types import Float32Array, Int64Array

# Sizes of fewer found spikes do not tell the scale.
LEAST_FOUND = 5


@dataclass(frozen=True, slots=True, eq=False)
class MissedAmplitudes:
    """Missed spikes that have a place.

    Attributes
    ----------
    samples : int64 array, (n,)
        Increasing.
    values : float32 array, (n,)
        In the unit of the amplitudes.
    n_without
        Missed spikes whose true size is not known, or not comparable.
    """

    samples: Int64Array
    values: Float32Array
    n_without: int


def place_missed(states: StateColors, shown: Sequence[SpikeValues]) -> MissedAmplitudes:
    """Give missed spikes the amplitude that found ones of their unit have for their true size.

    The truth tells how large each spike is relative to its template. How large that is in the
    unit of the view is the median ratio over the found spikes of the unit that are shown.
    """
    truth = states.truth.facts.sized_truth
    factors = truth.amplitude_factors
    scales = {} if factors is None else _scales(states, shown, factors)
    samples, values, n_without = [np.empty(0, np.int64)], [np.empty(0, np.float32)], 0
    for unit, at in states.missed():
        scale = scales.get(unit)
        if scale is None or factors is None:
            n_without += len(at)
            continue
        sized = at[np.isfinite(factors[at])]
        n_without += len(at) - len(sized)
        at = sized
        samples.append(truth.spike_samples[at])
        values.append((scale * factors[at]).astype(np.float32))
    joined = np.concatenate(samples)
    order = np.argsort(joined, kind="stable")
    return MissedAmplitudes(joined[order], np.concatenate(values)[order], n_without)


def _scales(
    states: StateColors, shown: Sequence[SpikeValues], factors: np.ndarray
) -> Mapping[int, float]:
    known, offsets = states.truth.states(), states.truth.facts.truth.offsets
    ids = np.concatenate([np.empty(0, np.int32), *(v.spike_ids for v in shown)])
    values = np.concatenate([np.empty(0), *(v.values for v in shown)])
    is_found = known.sorted_states[ids] == SpikeState.FOUND
    partners = known.sorted_partners[ids[is_found]]
    sizes = factors[partners]
    ratios = np.divide(values[is_found], sizes, out=np.full(len(sizes), np.nan), where=sizes > 0)
    units = np.searchsorted(offsets, partners, side="right") - 1
    scales = {}
    for unit in states.units:
        own = ratios[(units == unit) & np.isfinite(ratios)]
        if len(own) >= LEAST_FOUND:
            scales[unit] = float(np.median(own))
    return scales
