"""From which size on a sorter finds units, and from which on it finds the spikes of a unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..base.types import BoolArray, Float64Array, FloatArray

# Values of the spikes of one unit are told apart in so many steps.
_STEPS = 128
_CHANCE = 0.001


def detection_level(sizes: Float64Array, lost_shares: Float64Array) -> float | None:
    """Return the size that parts units that are found from units that are not, best.

    Units below the level should be lost and those above it found: the level is where the shares
    that are otherwise, summed over the units, are fewest. Of equally good ones the lowest.

    Parameters
    ----------
    sizes : float64 array, (n_units,)
        Such as microvolts; units of no finite size are left out.
    lost_shares : float64 array, (n_units,)
        Share of the spikes of each that no cluster holds, 0 to 1.

    Returns
    -------
    float or None
        Between two sizes; None where it is below all of them, or there are none.
    """
    known = np.flatnonzero(np.isfinite(sizes) & (sizes > 0))
    known = known[np.argsort(sizes[known], kind="stable")]
    lost = lost_shares[known]
    # Wrong if the first k units are below the level.
    wrong = np.r_[0, np.cumsum(1 - lost)] + np.r_[np.cumsum(lost[::-1])[::-1], 0]
    k = int(np.argmin(wrong.round(9)))
    if k == 0:
        return None
    ordered = sizes[known]
    above = ordered[k] if k < len(ordered) else 2 * ordered[-1]
    return float(np.sqrt(ordered[k - 1] * above))


def find_loss_cut(values: FloatArray, is_lost: BoolArray) -> float | None:
    """Return the value below which the spikes of one unit tend to be lost.

    The cut where the lost spikes are most ahead: where the share of the lost ones below it exceeds
    that of the others most. That lead is the one-sided statistic of Kolmogorov and Smirnov; it
    must be larger than chance makes in one of 1000 cases, sqrt(-ln(0.001) / 2 * (n + m) / (n * m))
    (Smirnov 1939).

    Parameters
    ----------
    values : float array, (n_spikes,)
        Such as sizes; those that are not finite count as large.
    is_lost : bool array, (n_spikes,)

    Returns
    -------
    float or None
        None where lost spikes are not lower than the others.
    """
    n_lost = int(np.count_nonzero(is_lost))
    n_others = len(values) - n_lost
    finite = values[np.isfinite(values)]
    if not n_lost or not n_others or not len(finite):
        return None
    low, high = float(finite.min()), float(finite.max())
    if not high > low:
        return None
    width = (high - low) / _STEPS
    steps = np.minimum(
        np.nan_to_num((values - low) / width, nan=_STEPS, posinf=_STEPS), _STEPS - 1
    )
    places = np.maximum(steps, 0).astype(np.intp)
    every = np.bincount(places, minlength=_STEPS)
    lost = np.bincount(places[is_lost], minlength=_STEPS)
    lead = np.cumsum(lost) / n_lost - np.cumsum(every - lost) / n_others
    best = int(np.argmax(lead))
    chance = np.sqrt(-np.log(_CHANCE) / 2 * len(values) / (n_lost * n_others))
    return low + (best + 1) * width if lead[best] > chance else None
