"""Fine histograms that can be drawn at any zoom without looking at the values again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..base.types import Float64Array, FloatArray, Int64Array
from .limits import Limits

FINE_BINS = 4096
# Fine bins reach so far beyond the limits at each end, in limits.
_BEYOND = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class FineHistogram:
    """Counts in many narrow bins.

    Attributes
    ----------
    low, high
        Outer edges.
    counts : int64 array, (FINE_BINS,)
        Values outside of the edges are in no bin.
    bin_width
        Width of bins that suits so many values so far apart: narrower ones would show chance.
    """

    low: float
    high: float
    counts: Int64Array
    bin_width: float

    def coarse(self, low: float, high: float, n_bins: int) -> tuple[Float64Array, Float64Array]:
        """Return edges and counts of wider bins between two values.

        A fine bin that an edge cuts counts on both sides, each by its part.

        Returns
        -------
        edges : float64 array, (n_bins + 1,)
        counts : float64 array, (n_bins,)
        """
        edges = np.linspace(low, high, n_bins + 1)
        fine_edges = np.linspace(self.low, self.high, len(self.counts) + 1)
        below = np.concatenate([[0], np.cumsum(self.counts)])
        return edges, np.diff(np.interp(edges, fine_edges, below))


def compute_fine_histogram(values: FloatArray, limits: Limits) -> FineHistogram:
    """Count values in narrow bins around some limits.

    The bin width is Freedman and Diaconis' (Z. Wahrscheinlichkeitstheorie 57, 1981): twice the
    interquartile range over the cube root of the number of values.

    Parameters
    ----------
    values : float array, (n,)
        Finite.
    limits
        low < high.
    """
    span = limits[1] - limits[0]
    low, high = limits[0] - _BEYOND * span, limits[1] + _BEYOND * span
    places = (np.asarray(values) - np.float32(low)) * np.float32(FINE_BINS / (high - low))
    # The first and the last are for what lies outside.
    bins = np.clip(np.floor(places), -1, FINE_BINS).astype(np.int32) + 1
    counts = np.bincount(bins, minlength=FINE_BINS + 2)[1:-1].astype(np.int64)
    return FineHistogram(low, high, counts, _bin_width(counts, (high - low) / FINE_BINS, span))


def _bin_width(counts: Int64Array, fine_width: float, span: float) -> float:
    n = int(counts.sum())
    if n < 2:
        return span / 20
    below = np.cumsum(counts)
    quartiles = np.searchsorted(below, (0.25 * n, 0.75 * n))
    range_ = max(int(quartiles[1] - quartiles[0]), 1) * fine_width
    return float(min(2 * range_ / n ** (1 / 3), span / 10))
