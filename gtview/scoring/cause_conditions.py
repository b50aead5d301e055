"""What holds of single spikes that may have cost them, and in which units it did."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..base.types import frozen
from ..kernels.collisions import find_nearest
from ..kernels.near_own import mark_near_own
from ..kernels.state_counts import find_places
from .cause_names import CONDITIONS, Cause
from .detection import find_loss_cut
from .neighbours import find_neighbours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..base.types import Int32Array, Int64Array
    from .cause_types import CauseQuery

# A spike in no cluster but by chance, among the numbers of `Cause`; it gets its cause last.
LOST = int(Cause.UNEXPLAINED)


def _bit(cause: Cause) -> int:
    return 1 << CONDITIONS.index(cause)


def mark_own(query: CauseQuery) -> NDArray[np.uint8]:
    """Say which spikes have others of their own cluster beside them; uint8, (n_true,)."""
    own = query.matched if query.own is None else query.own
    window = int(query.rules.own_ms / 1000 * query.sample_rate_hz)
    has_free, has_taken = mark_near_own(
        query.truth.spike_samples,
        query.truth.offsets,
        query.spike_samples,
        query.order,
        query.offsets,
        own,
        query.states.sorted_partners,
        window,
    )
    # A spike that is found has no need of another one that stands for nothing.
    has_free[query.states.true_partners >= 0] = 0
    has_free *= np.uint8(_bit(Cause.MISTIMED))
    has_taken *= np.uint8(_bit(Cause.REFRACTORY))
    has_free |= has_taken
    return has_free


def mark_collisions(
    query: CauseQuery, conditions: NDArray[np.uint8], unknown: dict[Cause, str]
) -> tuple[Int32Array | None, Int32Array | None]:
    """Mark spikes with one of a neighbour beside them; return its unit and its lag."""
    near = query.neighbours or find_neighbours(query.truth)
    if near.is_near is None:
        unknown[Cause.COLLISION] = near.note
        return None, None
    in_time = query.in_time
    window = int(query.rules.collision_ms / 1000 * query.sample_rate_hz)
    places = find_places(in_time.units, in_time.trains.offsets)
    others, lags = find_nearest(in_time.samples, in_time.units, places, near.is_near, window)
    conditions[others >= 0] |= _bit(Cause.COLLISION)
    return frozen(others), frozen(lags)


def mark_low(
    query: CauseQuery,
    fates: NDArray[np.uint8],
    conditions: NDArray[np.uint8],
    unknown: dict[Cause, str],
) -> None:
    """Mark spikes as small as those that their unit loses."""
    factors = query.truth.amplitude_factors
    if factors is None:
        unknown[Cause.LOW_AMPLITUDE] = query.no_sizes
        return
    bit = np.uint8(_bit(Cause.LOW_AMPLITUDE))
    for start, stop in pairwise(query.truth.offsets.tolist()):
        cut = find_loss_cut(factors[start:stop], fates[start:stop] == LOST)
        if cut is not None:
            conditions[start:stop] |= (factors[start:stop] < cut).astype(np.uint8) * bit


def mark_motion(
    query: CauseQuery,
    fates: NDArray[np.uint8],
    conditions: NDArray[np.uint8],
    unknown: dict[Cause, str],
) -> None:
    """Mark spikes at moments when the tissue is where the unit loses spikes."""
    if query.displacement_of is None:
        unknown[Cause.MOTION] = "The ground truth does not tell how the tissue moved."
        return
    bit = np.uint8(_bit(Cause.MOTION))
    for unit, (start, stop) in enumerate(pairwise(query.truth.offsets.tolist())):
        moved = query.displacement_of(unit)
        is_lost = fates[start:stop] == LOST
        # Either way along the probe.
        for side in (moved, -moved):
            cut = find_loss_cut(side, is_lost)
            if cut is not None:
                conditions[start:stop] |= (side < cut).astype(np.uint8) * bit


def count_by_mark(
    conditions: NDArray[np.uint8], fates: NDArray[np.uint8], offsets: Int64Array
) -> Int64Array:
    """Count the spikes of each combination of conditions, (n_units, 32, 2): all, and the lost."""
    n_marks = 1 << len(CONDITIONS)
    counts = np.zeros((len(offsets) - 1, n_marks, 2), np.int64)
    for unit, (start, stop) in enumerate(pairwise(offsets.tolist())):
        marks = conditions[start:stop]
        counts[unit, :, 0] = np.bincount(marks, minlength=n_marks)
        counts[unit, :, 1] = np.bincount(marks[fates[start:stop] == LOST], minlength=n_marks)
    return counts


def count_conditions(by_mark: Int64Array) -> Int64Array:
    """Count the spikes under each condition, (n_units, n_conditions, 2): all, and the lost."""
    marks = np.arange(by_mark.shape[1])
    bits = range(len(CONDITIONS))
    return np.stack([by_mark[:, (marks >> k & 1) == 1].sum(axis=1) for k in bits], axis=1)


def admit(of_condition: Int64Array, of_unit: Int64Array, excess: float) -> NDArray[np.bool_]:
    """Tell which conditions go with loss, bool, (n_units, n_conditions)."""
    under, lost_under = of_condition[:, :, 0], of_condition[:, :, 1]
    others, lost_others = (of_unit[:, None] - of_condition).transpose(2, 0, 1)
    # Written without division: no other spikes, no other rate.
    admitted = (lost_under * others >= excess * lost_others * under) & (lost_under > 0)
    # Only spikes without a partner can be mistimed: there is nothing to compare them with.
    admitted[:, CONDITIONS.index(Cause.MISTIMED)] = True
    return np.asarray(admitted)
