"""Limits of axes that show all points but stray ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..base.types import FloatArray

Limits = tuple[float, float]

# Points that may be left out of account at each end: this share of a group, at least one of ten
# or more; they are if they lie further off than this share of the span of all others.
STRAY_SHARE = 0.001
_FEWEST_WITH_STRAYS = 10
_STRAY_FROM = 0.3
MARGIN = 0.12
# Kept limits may be so much wider than needed before they are replaced ...
_WIDEST = 2.0
# ... and points may lie so far outside of them, as a share of the limits.
_OVERHANG = 0.05


def robust_limits(groups: Sequence[FloatArray]) -> Limits | None:
    """Return limits that hold nearly all points of every group, with a margin.

    Points that lie near the others are all inside. One stray point of a group changes little, and
    a small group counts as much as a large one.

    Parameters
    ----------
    groups : float arrays, of any shape
        NaN and infinite values are left out.

    Returns
    -------
    (low, high) or None
        low < high; None when there is no finite value.
    """
    ends = [end for group in groups if (end := _ends(np.asarray(group).ravel())) is not None]
    if not ends:
        return None
    low, high = min(e[0] for e in ends), max(e[1] for e in ends)
    margin = MARGIN * (high - low) if high > low else abs(low) * MARGIN or 1.0
    return low - margin, high + margin


def _ends(values: FloatArray) -> Limits | None:
    values = values[np.isfinite(values)]
    n = len(values)
    if not n:
        return None
    least, most = float(values.min()), float(values.max())
    if n < _FEWEST_WITH_STRAYS:
        return least, most
    n_stray = max(int(STRAY_SHARE * n), 1)
    parted = np.partition(values, (n_stray, n - 1 - n_stray))
    low, high = float(parted[n_stray]), float(parted[n - 1 - n_stray])
    reach = _STRAY_FROM * (high - low)
    return least if least >= low - reach else low, most if most <= high + reach else high


def with_zero(limits: Limits) -> Limits:
    """Return limits that hold 0 as well."""
    return min(limits[0], 0.0), max(limits[1], 0.0)


def kept_limits(before: Limits | None, wanted: Limits | None) -> Limits | None:
    """Return the limits of before as long as they suit what is shown now.

    They do when nearly all of it is inside, and it fills half of them: so axes stay where
    they are while clusters are browsed, but nothing is hidden, or squeezed into a spot.
    """
    if before is None or wanted is None:
        return before if wanted is None else wanted
    span = before[1] - before[0]
    is_inside = (
        wanted[0] >= before[0] - _OVERHANG * span and wanted[1] <= before[1] + _OVERHANG * span
    )
    return before if is_inside and span <= _WIDEST * (wanted[1] - wanted[0]) else wanted
