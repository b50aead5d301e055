"""What counts as a large share, and what as good: the two numbers behind every category."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base.errors import UsageError

if TYPE_CHECKING:
    from ..base.types import BoolArray, Float64Array, Int64Array

# Overlaps of clusters are kept for shares from here on: no threshold may be lower.
LEAST_SHARE = 0.05
MOST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the categories begin.

    Attributes
    ----------
    large
        A cluster that holds this share of a unit holds a large share of it; 0.05 to 0.5.
    good
        Recall and precision from which a unit is well detected; 0.5 to 1.
    """

    large: float = 0.2
    good: float = 0.8

    def __post_init__(self) -> None:
        if not LEAST_SHARE <= self.large <= MOST_SHARE:
            raise UsageError("A large share must be 0.05 to 0.5.")
        if not MOST_SHARE <= self.good <= 1:
            raise UsageError("Good must be 0.5 to 1.")

    @classmethod
    def tolerating(cls, share: float) -> Thresholds:
        """Return thresholds for one slider: a share that may be lost, 0.05 to 0.5.

        Less than this share lost is good, more than it somewhere else is a problem.
        """
        return cls(large=share, good=round(1 - share, 12))


def reaches(counts: Int64Array, sizes: Int64Array, share: float) -> BoolArray:
    """Tell which counts are at least a share of a size, and not 0.

    `counts` and `sizes` are int64 arrays that broadcast. 0.2 is no binary fraction, and 3 of 15
    must be enough: a count may miss by what rounding costs.
    """
    wanted: Float64Array = np.asarray(sizes, np.float64) * (share * (1 - 1e-12))
    return np.asarray((counts >= wanted) & (np.asarray(counts) > 0))
