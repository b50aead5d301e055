"""What the bars of correlograms mean: counts, rates, or ratios to what is expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base.types import Float64Array, Int64Array

if TYPE_CHECKING:
    from ..analysis.correlograms import Correlograms

UNITS = ("counts", "rate", "ratio")


@dataclass(frozen=True, slots=True, eq=False)
class CellValues:
    """The heights of all bars.

    The selection as one cluster, if it is there, is at row n and column n.

    Attributes
    ----------
    unit
        One of `UNITS`.
    values, expected : float64 arrays, (n, n, n_bins), or (n + 1, n + 1, n_bins)
        Not finite where nothing is known.
    """

    unit: str
    values: Float64Array
    expected: Float64Array

    def text(self, value: float) -> str:
        """Write a value with its unit."""
        if self.unit == "counts":
            return f"{value:,.0f}"
        unit = "Hz" if self.unit == "rate" else "\N{MULTIPLICATION SIGN}"
        return f"{_digits(value)} {unit}"


def _digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 99.5 else f"{value:.3g}"


def counts_of(result: Correlograms, row: int, column: int) -> Int64Array:
    """Return the counts of a pair, or at row n those of the merged train."""
    if result.merged is not None and row == len(result.cluster_ids):
        return result.merged.counts
    return result.counts[row, column]


def expected_of(result: Correlograms, row: int, column: int) -> Float64Array:
    """Return what constant rates would give; as `counts_of`."""
    if result.merged is not None and row == len(result.cluster_ids):
        return result.merged.expected
    return result.expected[row, column]


def exposure_of(result: Correlograms, row: int) -> Float64Array:
    """Return the time that was looked at in each bin, float64, (n_bins,), s.

    It is the width of the bin, once for each spike of the row's cluster.
    """
    if result.merged is not None and row == len(result.cluster_ids):
        return result.bins.widths_s * result.merged.n_spikes
    return result.bins.widths_s * int(result.n_spikes[row])


def make_values(result: Correlograms, unit: str) -> CellValues:
    """Convert counts to what is shown."""
    n, has_merged = len(result.cluster_ids), result.merged is not None
    size = n + has_merged
    counts = np.zeros((size, size, result.bins.n_bins))
    expected = np.full_like(counts, np.nan)
    counts[:n, :n], expected[:n, :n] = result.counts, result.expected
    if result.merged is not None:
        counts[n, n], expected[n, n] = result.merged.counts, result.merged.expected
    if unit == "counts":
        return CellValues(unit, counts, expected)
    with np.errstate(divide="ignore", invalid="ignore"):
        if unit == "ratio":
            return CellValues(unit, counts / expected, expected / expected)
        exposure = np.array([exposure_of(result, row) for row in range(size)])
        exposure = exposure.reshape(size, 1, -1)
        return CellValues("rate", counts / exposure, expected / exposure)
