"""Finds ids in a list of ids."""

from __future__ import annotations

import numpy as np

from ..base.types import Int64Array, frozen


class SortedIds:
    """Positions of ids in an array of any order; of repeated ids the first.

    Attributes
    ----------
    ids : int64 array, (n,), read-only or not
        Increasing.
    is_increasing
        Whether they were given increasing, each only once.
    """

    def __init__(self, ids: Int64Array) -> None:
        ids = np.asarray(ids, np.int64)
        step = np.diff(ids)
        is_sorted = bool((step >= 0).all())
        self.is_increasing: bool = is_sorted and bool((step > 0).all())
        self._order = None if is_sorted else frozen(np.argsort(ids, kind="stable"))
        self.ids = ids if self._order is None else frozen(ids[self._order])

    def positions_of(self, wanted: Int64Array) -> Int64Array:
        """Return where each wanted id was given, -1 where it was not; int64, (n_wanted,)."""
        if len(self.ids) == 0:
            return np.full(len(wanted), -1, np.int64)
        place = np.minimum(np.searchsorted(self.ids, wanted), len(self.ids) - 1)
        is_there = self.ids[place] == wanted
        if self._order is not None:
            place = self._order[place]
        return np.where(is_there, place, -1)
