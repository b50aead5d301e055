"""Why each true spike that is not found is not: one cause a spike, counted for each unit."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..base.types import frozen
from ..kernels.matching import label_spikes
from ..kernels.partner_labels import values_of_partners
from .cause_conditions import (
    LOST,
    admit,
    count_by_mark,
    count_conditions,
    mark_collisions,
    mark_low,
    mark_motion,
    mark_own,
)
from .cause_names import CAUSE_HELP, CAUSE_NAMES, CONDITIONS, Cause, CauseRules
from .cause_types import CauseQuery, SpikeCauses
from .chance import expect_elsewhere
from .detection import detection_level
from .neighbours import largest_sizes
from .thresholds import reaches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..base.types import Float64Array, Int64Array

__all__ = [
    "CAUSE_HELP",
    "CAUSE_NAMES",
    "CONDITIONS",
    "Cause",
    "CauseQuery",
    "CauseRules",
    "SpikeCauses",
    "compute_causes",
]

# A cluster holds more of a unit than chance would give if by so many standard deviations.
_SIGMAS = 3.0


def compute_causes(query: CauseQuery) -> SpikeCauses:
    """Name one cause of every true spike that is not found.

    The time grows with the number of spikes (and, for collisions, of those within 2 ms of each).
    """
    truth = query.truth
    fates = _find_fates(query)
    unknown: dict[Cause, str] = {}
    conditions = mark_own(query)
    others, lags = mark_collisions(query, conditions, unknown)
    mark_low(query, fates, conditions, unknown)
    mark_motion(query, fates, conditions, unknown)
    by_mark = count_by_mark(conditions, fates, truth.offsets)
    of_condition = count_conditions(by_mark)
    admitted = admit(of_condition, by_mark.sum(axis=1), query.rules.excess)
    lost_shares = by_mark[:, :, 1].sum(axis=1) / np.maximum(truth.unit_sizes, 1)
    level = _find_level(query, lost_shares, unknown)
    names = _name_marks(admitted, of_condition, _rest_causes(query, lost_shares, level))
    causes = fates
    for unit, (start, stop) in enumerate(pairwise(truth.offsets.tolist())):
        lost = causes[start:stop] == LOST
        causes[start:stop][lost] = names[unit][conditions[start:stop][lost]]
    return SpikeCauses(
        unit_ids=truth.unit_ids,
        causes=frozen(causes),
        conditions=frozen(conditions),
        counts=frozen(_count_causes(causes, truth.offsets)),
        condition_counts=frozen(of_condition),
        is_admitted=frozen(admitted),
        collision_units=others,
        collision_lags=lags,
        level_uv=level,
        unknown=unknown,
    )


def _find_fates(query: CauseQuery) -> NDArray[np.uint8]:
    """Return NONE, SPLIT, MERGED or lost for each spike, uint8, (n_true,)."""
    matrix, matched = query.matrix, query.matched
    counts = matrix.counts
    expected = expect_elsewhere(
        matrix, matched, query.states.delta_samples, query.duration_samples
    )
    is_given = counts > expected + _SIGMAS * np.sqrt(expected)
    is_part = reaches(counts, matrix.cluster_sizes[None, :], query.thresholds.large)
    rows = np.flatnonzero(matched >= 0)
    # Another unit is in the cluster, or it stands for another one.
    has_other = is_part.sum(axis=0)[None, :] > is_part
    has_other[:, matched[rows]] = True
    table = np.where(has_other, np.uint8(Cause.MERGED), np.uint8(Cause.SPLIT))
    table[~is_given] = LOST
    table[rows, matched[rows]] = Cause.NONE
    # The last column is that of label -1.
    table = np.c_[table, np.full(len(counts), LOST, np.uint8)]
    labels = label_spikes(query.order, query.offsets, len(query.spike_samples))
    partners, offsets = query.states.true_partners, query.truth.offsets
    return values_of_partners(partners, offsets, labels, table)


def _find_level(
    query: CauseQuery, lost_shares: Float64Array, unknown: dict[Cause, str]
) -> float | None:
    if query.truth.templates is None:
        unknown[Cause.BEYOND_DETECTION] = (
            "The ground truth has no templates: units are beyond detection only where hardly any "
            "of their spikes is found."
        )
        return None
    sizes = largest_sizes(query.truth.templates).astype(np.float64)
    sizes[query.truth.unit_sizes == 0] = np.nan
    return detection_level(sizes, lost_shares)


def _rest_causes(
    query: CauseQuery, lost_shares: Float64Array, level: float | None
) -> NDArray[np.uint8]:
    """Return what is left to say of lost spikes of each unit where no condition holds."""
    is_beyond = 1 - lost_shares < query.thresholds.large
    if level is not None and query.truth.templates is not None:
        is_beyond |= largest_sizes(query.truth.templates) < level
    rest = np.where(is_beyond, np.uint8(Cause.BEYOND_DETECTION), np.uint8(Cause.UNEXPLAINED))
    return np.asarray(rest, np.uint8)


def _name_marks(
    admitted: NDArray[np.bool_], of_condition: Int64Array, rest: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Return the cause of a lost spike by unit and combination of conditions, (n_units, 32)."""
    marks = np.arange(1 << len(CONDITIONS))
    names = np.repeat(rest[:, None], len(marks), axis=1)
    for k in reversed(range(len(CONDITIONS))):
        holds = admitted[:, k, None] & ((marks >> k & 1) == 1)[None, :]
        names[holds] = CONDITIONS[k]
    # Where a unit is displaced it is often smaller, too: the one that costs more is named.
    low, motion = (CONDITIONS.index(c) for c in (Cause.LOW_AMPLITUDE, Cause.MOTION))
    rates = of_condition[:, :, 1] / np.maximum(of_condition[:, :, 0], 1)
    is_moved = admitted[:, motion] & (rates[:, motion] > rates[:, low])
    is_both = is_moved[:, None] & ((marks >> motion & 1) == 1)[None, :]
    names[is_both & (names == Cause.LOW_AMPLITUDE)] = Cause.MOTION
    return names


def _count_causes(causes: NDArray[np.uint8], offsets: Int64Array) -> Int64Array:
    counts = [
        np.bincount(causes[start:stop], minlength=len(Cause))
        for start, stop in pairwise(offsets.tolist())
    ]
    return np.array(counts, np.int64).reshape(len(offsets) - 1, len(Cause))
